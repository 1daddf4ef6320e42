"""Bipolar threshold memristor of Pershin and Di Ventra: the resistance itself moves, linearly in the overvoltage.

State x in [0, 1] with R = r_on + (r_off - r_on) x; x = 0 is ON (low resistance). A positive voltage raises R:

    dR/dt = alpha v                              for v_on <= v <= v_off  (v_on < 0 < v_off),
            beta (v - v_off) + alpha v_off       for v > v_off,
            beta (v - v_on)  + alpha v_on        for v < v_on                                            (1)

The published law has v_off = -v_on = V_t. At a bound only outward motion stops, so nothing locks. At frozen voltage (1) is
a constant: ``advance`` is exact for any duration, and so is the charge, q = (v / dR/dt) log(R_1 / R_0) up to the bound.
With alpha = 0 nothing moves between the thresholds.

References
----------
Y. V. Pershin, S. La Fontaine, M. Di Ventra, Phys. Rev. E 80, 021926 (2009), doi:10.1103/PhysRevE.80.021926 (the law).
D. Biolek, M. Di Ventra, Y. V. Pershin, Radioengineering 22, 945 (2013) (SPICE model, parameter set).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE
from neurosim.kernels.vmath import log1p

R_ON, R_OFF, ALPHA, BETA, V_OFF, V_ON = range(6)
STUCK_DRIVE = 1e30  # V: the threshold that `dead_zone` reports for a device that never moves
FASTEST = 1e300     # 1/s: keeps products of an overflowing rate finite


@scalar_kernel
def free_rate(v, span, alpha, beta, v_off, v_on):
    """Return dx/dt [1/s] of (1), without the bounds."""
    inside = v_off if v > v_off else (v_on if v < v_on else v)
    found = (alpha * inside + beta * (v - inside)) / span
    found = found if found < FASTEST else FASTEST
    return found if found > -FASTEST else -FASTEST


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero where the state is at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    r_on, r_off, alpha, beta = (params[R_ON, start:stop], params[R_OFF, start:stop], params[ALPHA, start:stop],
                                params[BETA, start:stop])
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    for j in range(stop - start):
        f = free_rate(v[j], r_off[j] - r_on[j], alpha[j], beta[j], v_off[j], v_on[j])
        outward = (x[j] >= 1.0 and f > 0.0) or (x[j] <= 0.0 and f < 0.0)
        dx[j] = 0.0 if outward else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage: exact for any duration."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    r_on, r_off, alpha, beta = (params[R_ON, start:stop], params[R_OFF, start:stop], params[ALPHA, start:stop],
                                params[BETA, start:stop])
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    for j in range(stop - start):
        f = free_rate(v[j], r_off[j] - r_on[j], alpha[j], beta[j], v_off[j], v_on[j])
        y = x[j] + f * dt[j]
        y = 1.0 if y > 1.0 else y
        y = 0.0 if y < 0.0 else y
        x[j] = y if f != 0.0 else x[j]


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G = 1 / R [S]."""
    x, g = state[0, start:stop], out[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / (r_on[j] + (r_off[j] - r_on[j]) * x[j])


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = v / R [A] and di/dv = 1 / R [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / (r_on[j] + (r_off[j] - r_on[j]) * x[j])
        i[j] = v[j] * g[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage, exact: the mean of 1 / R while R moves linearly, then Ohm's law."""
    x, v, dt, q = state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    r_on, r_off, alpha, beta = (params[R_ON, start:stop], params[R_OFF, start:stop], params[ALPHA, start:stop],
                                params[BETA, start:stop])
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    for j in range(stop - start):
        span = r_off[j] - r_on[j]
        f = free_rate(v[j], span, alpha[j], beta[j], v_off[j], v_on[j])
        room = (1.0 if f > 0.0 else 0.0) - x[j]
        hits = abs(f * dt[j]) > abs(room)
        time = room / (f if hits else 1.0) if hits else dt[j]
        r_0 = r_on[j] + span * x[j]
        change = span * (room if hits else f * dt[j]) / r_0
        mean = 1.0 if change == 0.0 else log1p(change) / (1.0 if change == 0.0 else change)
        q[j] = v[j] / r_0 * (time * mean + (dt[j] - time) / (1.0 + change))


@kernel(DEAD_ZONE)
def dead_zone(params, lowest, highest, start, stop):
    """Write the voltages [V] between which nothing moves: the thresholds, zero with alpha, -+1e30 V where it is stuck."""
    low, high = lowest[start:stop], highest[start:stop]
    alpha, beta = params[ALPHA, start:stop], params[BETA, start:stop]
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    for j in range(stop - start):
        low[j] = 0.0 if alpha[j] != 0.0 else (-STUCK_DRIVE if beta[j] == 0.0 else v_on[j])
        high[j] = 0.0 if alpha[j] != 0.0 else (STUCK_DRIVE if beta[j] == 0.0 else v_off[j])


def slow_speed(v: float, p: Mapping[str, float]) -> float:
    """Return dR/dt [ohm/s] of (1) for one device, without the bounds."""
    if v > p["v_off"]:
        return p["beta"] * (v - p["v_off"]) + p["alpha"] * p["v_off"]
    if v < p["v_on"]:
        return p["beta"] * (v - p["v_on"]) + p["alpha"] * p["v_on"]
    return p["alpha"] * v


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    x, f = state[0], slow_speed(drive[0], params) / (params["r_off"] - params["r_on"])
    return [0.0 if (x >= 1.0 and f > 0.0) or (x <= 0.0 and f < 0.0) else f]


def slow_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                 duration: float) -> list[float]:
    """Return [x] of one device after ``duration`` in plain Python."""
    step = slow_speed(drive[0], params) * duration / (params["r_off"] - params["r_on"])
    return [min(1.0, max(0.0, state[0] + step))]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [1.0 / (params["r_on"] * (1.0 - state[0]) + params["r_off"] * state[0])]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


def slow_dead_zone(params: Mapping[str, float]) -> list[float]:
    """Return [lowest, highest] of one device in plain Python."""
    if params["alpha"]:
        return [0.0, 0.0]
    return [params["v_on"], params["v_off"]] if params["beta"] else [-STUCK_DRIVE, STUCK_DRIVE]


def smallest_resistance(params: Mapping[str, float], amplitude: float, frequency: float) -> float:
    """Return R_min [ohm] under a sine from R = r_off with alpha = 0, if the ON bound is not reached: the integral of (1)."""
    u = amplitude / -params["v_on"]
    lobe = 2.0 * math.sqrt(u * u - 1.0) - math.pi + 2.0 * math.asin(1.0 / u)
    return params["r_off"] + params["beta"] * params["v_on"] / (2.0 * math.pi * frequency) * lobe


MODEL = DeviceModel(
    name="pershin",
    params=(
        ParamSpec("r_on", "ohm", 1e3, 1e-3, 1e15, "resistance at x = 0", "R_on"),
        ParamSpec("r_off", "ohm", 1e4, 1e-3, 1e15, "resistance at x = 1", "R_off"),
        ParamSpec("alpha", "ohm/V/s", 0.0, 0.0, 1e30, "speed between the thresholds", "alpha"),
        ParamSpec("beta", "ohm/V/s", 1e13, 0.0, 1e30, "speed beyond a threshold", "beta"),
        ParamSpec("v_off", "V", 4.6, 1e-6, 1e3, "threshold of motion towards OFF", "V_t"),
        ParamSpec("v_on", "V", -4.6, -1e3, -1e-6, "threshold of motion towards ON", "-V_t"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 1.0, "place of the resistance in its range: 0 is ON, 1 is OFF"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the resistance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    dead_zone=dead_zone,
    handles={
        "g_max": Handle(("r_on",), -1.0),
        "g_min": Handle(("r_off",), -1.0),
        "rate": Handle(("alpha", "beta")),
        "threshold_up": Handle(("v_on",)),
        "threshold_down": Handle(("v_off",)),
    },
    increase_sign=-1,
    twins={"rate": slow_rate, "advance": slow_advance, "conductance": slow_conductance, "current": slow_current,
           "dead_zone": slow_dead_zone},
    reference="10.1103/PhysRevE.80.021926",
    doc="Bipolar threshold memristor: the resistance moves linearly in the voltage beyond a threshold; exact.",
)
