"""TEAM: a memristor with a threshold of the current, fitted to the tunnel-barrier device of Pickett.

State x in [0, 1], the place between x_on and x_off; x = 0 is ON (low resistance). With the current i = v / R(x):

    dx/dt = k_off (i / i_off - 1)^alpha_off f_off   for i > i_off > 0,
            k_on  (i / i_on  - 1)^alpha_on  f_on    for i < i_on < 0   (k_on < 0),
            0                                       else, exactly                                      (1)
    f_off = exp(-exp((x - a_off) / w)),   f_on = exp(-exp((a_on - x) / w))                             (2)
    R = r_on + (r_off - r_on) x  (curved = 0)   or   r_on (r_off / r_on)^x  (curved = 1)               (3)

k is the published speed over x_off - x_on. a_off = 1000 and a_on = -1000 give f = 1, the rectangular window. At a bound
only outward motion stops; f never is zero for a state that turns round, so nothing locks. Fits span 19 decades
(4e-33 nm/s and an exponent of 25): (1) is worked out as exp(log k + alpha log(i / i_th - 1) - exp(..)).

At frozen voltage (1) is an integral over the place, evaluated and inverted to about 1e-11 for any duration by
:mod:`devices.memristor.flow`. The threshold in volts depends on the state; ``dead_zone`` gives the voltages at which no
state moves, i_on and i_off times the smallest resistance.

References
----------
S. Kvatinsky et al., IEEE Trans. Circuits Syst. I 60, 211 (2013), doi:10.1109/TCSI.2012.2215714 (law, fits).
M. D. Pickett et al., J. Appl. Phys. 106, 074508 (2009), doi:10.1063/1.3236506 (the device).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numba import types

from devices.memristor import flow as f
from devices.memristor.flow import flow
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import A1, A2, ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE, i8
from neurosim.kernels.vmath import exp, log

(R_ON, R_OFF, K_OFF, K_ON, ALPHA_OFF, ALPHA_ON, I_OFF, I_ON, A_OFF, A_ON, WIDTH, CURVED) = range(12)
STUCK_DRIVE = 1e30  # V: the threshold that `dead_zone` reports for a device that never moves
FASTEST = 690.0     # log of the largest rate [1/s] that `rate` reports


@scalar_kernel
def resistance(x, r_on, r_off, curved):
    """Return R(x) [ohm] of (3)."""
    return r_on * exp(x * log(r_off / r_on)) if curved > 0.5 else r_on + (r_off - r_on) * x


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero where the state is at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    r_on, r_off, curved = params[R_ON, start:stop], params[R_OFF, start:stop], params[CURVED, start:stop]
    k_off, k_on, alpha_off, alpha_on = (params[K_OFF, start:stop], params[K_ON, start:stop],
                                        params[ALPHA_OFF, start:stop], params[ALPHA_ON, start:stop])
    i_off, i_on = params[I_OFF, start:stop], params[I_ON, start:stop]
    a_off, a_on, width = params[A_OFF, start:stop], params[A_ON, start:stop], params[WIDTH, start:stop]
    for j in range(stop - start):
        up = v[j] > 0.0
        k, alpha = k_off[j] if up else -k_on[j], alpha_off[j] if up else alpha_on[j]
        over = v[j] / (resistance(x[j], r_on[j], r_off[j], curved[j]) * (i_off[j] if up else i_on[j])) - 1.0
        moved = over > 0.0 and k > 0.0
        wall = exp((x[j] - a_off[j] if up else a_on[j] - x[j]) / width[j])
        exponent = log(k if moved else 1.0) + alpha * log(over if moved else 1.0) - wall
        speed = exp(exponent if exponent < FASTEST else FASTEST)
        outward = x[j] >= 1.0 if up else x[j] <= 0.0
        dx[j] = 0.0 if outward or not moved else (speed if up else -speed)


@kernel(types.void(A2, A2, A2, A1, A2, i8, i8))
def prepare(state, drive, params, duration, work, begin, n):
    """Write the law of ``n`` devices into the rows of ``work``."""
    x, v, dt = state[0, begin:begin + n], drive[0, begin:begin + n], duration[begin:begin + n]
    r_on, r_off, curved = params[R_ON, begin:begin + n], params[R_OFF, begin:begin + n], params[CURVED, begin:begin + n]
    k_off, k_on, alpha_off, alpha_on = (params[K_OFF, begin:begin + n], params[K_ON, begin:begin + n],
                                        params[ALPHA_OFF, begin:begin + n], params[ALPHA_ON, begin:begin + n])
    i_off, i_on = params[I_OFF, begin:begin + n], params[I_ON, begin:begin + n]
    a_off, a_on, width = params[A_OFF, begin:begin + n], params[A_ON, begin:begin + n], params[WIDTH, begin:begin + n]
    for j in range(n):
        up = v[j] > 0.0
        k, i_th = k_off[j] if up else -k_on[j], i_off[j] if up else i_on[j]
        moves = k > 0.0 and v[j] / (resistance(x[j], r_on[j], r_off[j], curved[j]) * i_th) > 1.0
        span, sign = log(r_off[j] / r_on[j]), 1.0 if up else -1.0
        work[f.AHEAD, j], work[f.BEHIND, j] = 1.0 - x[j] if up else x[j], x[j] if up else 1.0 - x[j]
        work[f.LEFT, j], work[f.HELD, j] = dt[j] if moves else 0.0, 0.0 if moves else dt[j]
        work[f.R_0, j] = log(r_on[j]) + span * x[j] if curved[j] > 0.5 else r_on[j] + (r_off[j] - r_on[j]) * x[j]
        work[f.R_1, j] = sign * (span if curved[j] > 0.5 else r_off[j] - r_on[j])
        work[f.POWER, j], work[f.CURVED, j] = -1.0, curved[j]
        work[f.DRIVE_A, j], work[f.DRIVE_B, j] = v[j] / i_th, 1.0
        work[f.ALPHA, j], work[f.SCALE, j] = alpha_off[j] if up else alpha_on[j], log(k if moves else 1.0)
        work[f.CENTRE, j], work[f.WIDTH, j] = 1.0 - a_off[j] if up else a_on[j], width[j]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage."""
    work = np.zeros((f.ROWS, f.TILE))
    for begin in range(start, stop, f.TILE):
        n = min(f.TILE, stop - begin)
        x, v = state[0, begin:begin + n], drive[0, begin:begin + n]
        prepare(state, drive, params, duration, work, begin, n)
        flow(work, f.BARRIER, 0, n)
        for j in range(n):
            y = x[j] + (work[f.MOVED, j] if v[j] > 0.0 else -work[f.MOVED, j])
            y = 1.0 if y > 1.0 else y
            x[j] = 0.0 if y < 0.0 else y


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G = 1 / R [S]."""
    x, g = state[0, start:stop], out[start:stop]
    r_on, r_off, curved = params[R_ON, start:stop], params[R_OFF, start:stop], params[CURVED, start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / resistance(x[j], r_on[j], r_off[j], curved[j])


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = v / R [A] and di/dv = 1 / R [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    r_on, r_off, curved = params[R_ON, start:stop], params[R_OFF, start:stop], params[CURVED, start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / resistance(x[j], r_on[j], r_off[j], curved[j])
        i[j] = v[j] * g[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage."""
    work = np.zeros((f.ROWS, f.TILE))
    for begin in range(start, stop, f.TILE):
        n = min(f.TILE, stop - begin)
        v, q = drive[0, begin:begin + n], out[begin:begin + n]
        prepare(state, drive, params, duration, work, begin, n)
        flow(work, f.BARRIER, 1, n)
        for j in range(n):
            q[j] = v[j] * work[f.CHARGE, j]


@kernel(DEAD_ZONE)
def dead_zone(params, lowest, highest, start, stop):
    """Write the voltages [V] between which no state moves, -+1e30 V where the rate is zero (stuck)."""
    low, high = lowest[start:stop], highest[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    k_off, k_on = params[K_OFF, start:stop], params[K_ON, start:stop]
    i_off, i_on = params[I_OFF, start:stop], params[I_ON, start:stop]
    for j in range(stop - start):
        least = min(r_on[j], r_off[j]) * (1.0 - 1e-15)  # R(x) is rounded
        low[j] = -STUCK_DRIVE if k_on[j] == 0.0 else i_on[j] * least
        high[j] = STUCK_DRIVE if k_off[j] == 0.0 else i_off[j] * least


def slow_resistance(x: float, p: Mapping[str, float]) -> float:
    """Return R(x) [ohm] of one device."""
    return p["r_on"] * (p["r_off"] / p["r_on"]) ** x if p["curved"] > 0.5 else p["r_on"] * (1.0 - x) + p["r_off"] * x


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    p, x, i = params, state[0], drive[0] / slow_resistance(state[0], params)
    if i > p["i_off"] and x < 1.0:
        return [p["k_off"] * (i / p["i_off"] - 1.0) ** p["alpha_off"] * math.exp(-math.exp((x - p["a_off"]) / p["width"]))]
    if i < p["i_on"] and x > 0.0:
        return [p["k_on"] * (i / p["i_on"] - 1.0) ** p["alpha_on"] * math.exp(-math.exp((p["a_on"] - x) / p["width"]))]
    return [0.0]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [1.0 / slow_resistance(state[0], params)]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] / slow_resistance(state[0], params)]


def slow_dead_zone(params: Mapping[str, float]) -> list[float]:
    """Return [lowest, highest] of one device in plain Python."""
    least = min(params["r_on"], params["r_off"])
    return [params["i_on"] * least if params["k_on"] else -STUCK_DRIVE,
            params["i_off"] * least if params["k_off"] else STUCK_DRIVE]


MODEL = DeviceModel(
    name="team",
    params=(
        ParamSpec("r_on", "ohm", 1e4, 1e-3, 1e15, "resistance at x = 0", "R_on"),
        ParamSpec("r_off", "ohm", 2e4, 1e-3, 1e15, "resistance at x = 1", "R_off"),
        ParamSpec("k_off", "1/s", 10.0, 0.0, 1e30, "rate towards OFF at twice the threshold", "k_off / (x_off - x_on)"),
        ParamSpec("k_on", "1/s", -10.0, -1e30, 0.0, "rate towards ON at twice the threshold", "k_on / (x_off - x_on)"),
        ParamSpec("alpha_off", "", 3.0, 0.0, 50.0, "exponent of the overdrive towards OFF", "alpha_off"),
        ParamSpec("alpha_on", "", 3.0, 0.0, 50.0, "exponent of the overdrive towards ON", "alpha_on"),
        ParamSpec("i_off", "A", 1e-6, 1e-15, 1e3, "threshold of motion towards OFF", "i_off"),
        ParamSpec("i_on", "A", -1e-6, -1e3, -1e-15, "threshold of motion towards ON", "i_on"),
        ParamSpec("a_off", "", 1.0, -1e3, 1e3, "place where motion towards OFF has slowed down by e", "a_off"),
        ParamSpec("a_on", "", 0.0, -1e3, 1e3, "place where motion towards ON has slowed down by e", "a_on"),
        ParamSpec("width", "", 0.2, 1e-4, 1e3, "distance over which motion dies", "w_c / (x_off - x_on)"),
        ParamSpec("curved", "", 0.0, 0.0, 1.0, "0: R linear in x, 1: log R linear in x (rounded)"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "place between x_on and x_off: 0 is ON (low resistance), 1 is OFF"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the resistance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    dead_zone=dead_zone,
    exact_advance=False,
    advance_tolerance=1e-9,
    handles={
        "g_max": Handle(("r_on",), -1.0),
        "g_min": Handle(("r_off",), -1.0),
        "rate": Handle(("k_off", "k_on")),
        "threshold_up": Handle(("i_on",)),
        "threshold_down": Handle(("i_off",)),
    },
    increase_sign=-1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current, "dead_zone": slow_dead_zone},
    reference="10.1109/TCSI.2012.2215714",
    doc="Current-threshold memristor: nothing below a current, a high power of the overdrive above it.",
)
