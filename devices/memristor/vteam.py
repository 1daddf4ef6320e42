"""VTEAM: a memristor that moves only above a voltage threshold, and then with a power of the overdrive.

State x in [0, 1]; x = 1 is OFF (high resistance). Rates are normalised: k of the paper divided by the thickness D.

    dx/dt = k_off (v / v_off - 1)^alpha_off   for v > v_off > 0,
            k_on  (v / v_on  - 1)^alpha_on    for v < v_on < 0   (k_on < 0),
            0                                 else, exactly                                            (1)
    R = r_on + (r_off - r_on) x,   i = v / R                                                           (2)

Window: rectangular and one-sided. At a bound only outward motion stops, so the state cannot lock there. A voltage above
v_off raises the resistance: ``increase_sign`` is -1.

At frozen voltage (1) is a constant rate, so ``advance`` is exact for any duration. It then adds cycle-to-cycle noise,
one normal number z per device and pulse, only where the pulse moves the device:

    x <- clip(x + s + z sqrt((sigma_step s)^2 + sigma_range^2)),   s = rate * duration                 (3)

(3) is a statement per pulse, not per time: it has a meaning only when one call is one pulse.

The law for one device stands in :mod:`devices.memristor.vteam_law`; here are the loops over populations.

References
----------
S. Kvatinsky et al., IEEE Trans. Circuits Syst. II 62, 786 (2015), doi:10.1109/TCSII.2015.2433536 (the law and (2)).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from devices.memristor.vteam_law import (
    ALPHA_OFF,
    ALPHA_ON,
    K_OFF,
    K_ON,
    R_OFF,
    R_ON,
    SIGMA_RANGE,
    SIGMA_STEP,
    V_OFF,
    V_ON,
    binary_digits,
    clipped,
    free_rate,
    integer_rate,
    noisy,
)
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE
from neurosim.kernels.vmath import log1p

STUCK_DRIVE = 1e30  # V: the threshold that `dead_zone` reports for a device that never moves
MAX_INTEGER_ALPHA = 8


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero where the state is at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    k_off, k_on, a_off, a_on = (params[K_OFF, start:stop], params[K_ON, start:stop],
                                params[ALPHA_OFF, start:stop], params[ALPHA_ON, start:stop])
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    for j in range(stop - start):
        f, moved = free_rate(v[j], k_off[j], k_on[j], a_off[j], a_on[j], v_off[j], v_on[j])
        outward = (x[j] >= 1.0 and f > 0.0) or (x[j] <= 0.0 and f < 0.0)
        dx[j] = 0.0 if outward or not moved else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage: exact, then noise (3)."""
    x, v, z, dt = state[0, start:stop], drive[0, start:stop], noise[0, start:stop], duration[start:stop]
    k_off, k_on, a_off, a_on = (params[K_OFF, start:stop], params[K_ON, start:stop],
                                params[ALPHA_OFF, start:stop], params[ALPHA_ON, start:stop])
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    sigma_step, sigma_range = params[SIGMA_STEP, start:stop], params[SIGMA_RANGE, start:stop]
    for j in range(stop - start):
        f, moved = free_rate(v[j], k_off[j], k_on[j], a_off[j], a_on[j], v_off[j], v_on[j])
        step = f * dt[j]
        y = noisy(x[j], step, z[j], sigma_step[j], sigma_range[j])
        x[j] = y if moved and step != 0.0 else x[j]


@kernel(ADVANCE)
def advance_quiet(state, drive, params, noise, duration, start, stop):
    """Step x like ``advance`` where every sigma is zero: the noise array is not read."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    k_off, k_on, a_off, a_on = (params[K_OFF, start:stop], params[K_ON, start:stop],
                                params[ALPHA_OFF, start:stop], params[ALPHA_ON, start:stop])
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    for j in range(stop - start):
        f, moved = free_rate(v[j], k_off[j], k_on[j], a_off[j], a_on[j], v_off[j], v_on[j])
        y = clipped(x[j] + f * dt[j])  # first y, then the choice: a clip under a condition is 8 % slower
        x[j] = y if moved else x[j]


@kernel(ADVANCE)
def advance_integer(state, drive, params, noise, duration, start, stop):
    """Step x like ``advance`` where both alphas are integers up to 8, the same for all instances."""
    x, v, z, dt = state[0, start:stop], drive[0, start:stop], noise[0, start:stop], duration[start:stop]
    k_off, k_on = params[K_OFF, start:stop], params[K_ON, start:stop]
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    sigma_step, sigma_range = params[SIGMA_STEP, start:stop], params[SIGMA_RANGE, start:stop]
    if stop <= start:
        return
    digits = binary_digits(params[ALPHA_OFF, start]), binary_digits(params[ALPHA_ON, start])
    for j in range(stop - start):
        f, moved = integer_rate(v[j], k_off[j], k_on[j], digits, v_off[j], v_on[j])
        step = f * dt[j]
        y = noisy(x[j], step, z[j], sigma_step[j], sigma_range[j])
        x[j] = y if moved and step != 0.0 else x[j]


@kernel(ADVANCE)
def advance_integer_quiet(state, drive, params, noise, duration, start, stop):
    """Step x like ``advance_integer`` where every sigma is zero: the noise array is not read."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    k_off, k_on = params[K_OFF, start:stop], params[K_ON, start:stop]
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    if stop <= start:
        return
    digits = binary_digits(params[ALPHA_OFF, start]), binary_digits(params[ALPHA_ON, start])
    for j in range(stop - start):
        f, moved = integer_rate(v[j], k_off[j], k_on[j], digits, v_off[j], v_on[j])
        y = clipped(x[j] + f * dt[j])
        x[j] = y if moved else x[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = v / R [A] and di/dv = 1 / R [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / (r_on[j] + (r_off[j] - r_on[j]) * x[j])
        i[j] = v[j] * g[j]


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G = 1 / R [S]."""
    x, g = state[0, start:stop], out[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / (r_on[j] + (r_off[j] - r_on[j]) * x[j])


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage, exact for the quiet law.

    R moves linearly until the bound: q = v (t ln(R_1/R_0) / (R_1 - R_0) + (duration - t) / R_1), written with
    log1p(d) / d, d = R_1/R_0 - 1, so that nothing cancels when R hardly moves.
    """
    x, v, dt, q = state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    k_off, k_on, a_off, a_on = (params[K_OFF, start:stop], params[K_ON, start:stop],
                                params[ALPHA_OFF, start:stop], params[ALPHA_ON, start:stop])
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    for j in range(stop - start):
        f, moved = free_rate(v[j], k_off[j], k_on[j], a_off[j], a_on[j], v_off[j], v_on[j])
        f = f if moved else 0.0
        time = dt[j]
        room = (1.0 if f > 0.0 else 0.0) - x[j]
        free = f * time
        hits = abs(free) > abs(room)
        t = room / (f if hits else 1.0) if hits else time
        r_0 = r_on[j] + (r_off[j] - r_on[j]) * x[j]
        d = (r_off[j] - r_on[j]) * (room if hits else free) / r_0
        mean = 1.0 if d == 0.0 else log1p(d) / (1.0 if d == 0.0 else d)
        q[j] = v[j] / r_0 * (t * mean + (time - t) / (1.0 + d))


@kernel(DEAD_ZONE)
def dead_zone(params, lowest, highest, start, stop):
    """Write the voltages [V] between which nothing moves: the thresholds, -+1e30 V where the rate is zero (stuck)."""
    low, high = lowest[start:stop], highest[start:stop]
    k_off, k_on = params[K_OFF, start:stop], params[K_ON, start:stop]
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    for j in range(stop - start):
        low[j] = -STUCK_DRIVE if k_on[j] == 0.0 else v_on[j]
        high[j] = STUCK_DRIVE if k_off[j] == 0.0 else v_off[j]


def slow_free_rate(v: float, params: Mapping[str, float]) -> float:
    """Return dx/dt [1/s] of (1) for one device, without the window."""
    if v > params["v_off"]:
        return params["k_off"] * (v / params["v_off"] - 1.0) ** params["alpha_off"]
    if v < params["v_on"]:
        return params["k_on"] * (v / params["v_on"] - 1.0) ** params["alpha_on"]
    return 0.0


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    x, f = state[0], slow_free_rate(drive[0], params)
    return [0.0 if (x >= 1.0 and f > 0.0) or (x <= 0.0 and f < 0.0) else f]


def slow_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                 duration: float) -> list[float]:
    """Return [x] of one device after ``duration`` in plain Python."""
    step = slow_free_rate(drive[0], params) * duration
    if step == 0.0:
        return [state[0]]
    sigma = math.hypot(params["sigma_step"] * step, params["sigma_range"])
    return [min(1.0, max(0.0, state[0] + step + noise[0] * sigma))]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [1.0 / (params["r_on"] + (params["r_off"] - params["r_on"]) * state[0])]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


def slow_dead_zone(params: Mapping[str, float]) -> list[float]:
    """Return [lowest, highest] of one device in plain Python."""
    return [params["v_on"] if params["k_on"] else -STUCK_DRIVE, params["v_off"] if params["k_off"] else STUCK_DRIVE]


def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest exact ``advance`` for this parameter array (select again when it changes)."""
    alphas = params[[ALPHA_OFF, ALPHA_ON]]
    same = params.shape[1] > 0 and bool(np.all(alphas == alphas[:, :1]))
    integer = same and bool(np.all((alphas[:, 0] == np.round(alphas[:, 0])) & (alphas[:, 0] <= MAX_INTEGER_ALPHA)))
    quiet = not np.any(params[[SIGMA_STEP, SIGMA_RANGE]])
    chosen = {(False, False): advance, (False, True): advance_quiet,
              (True, False): advance_integer, (True, True): advance_integer_quiet}[integer, quiet]
    return MODEL if chosen is advance else dataclasses.replace(MODEL, advance=chosen)


MODEL = DeviceModel(
    name="vteam",
    params=(
        ParamSpec("r_on", "ohm", 1e4, 1e-3, 1e15, "resistance at x = 0", "R_on"),
        ParamSpec("r_off", "ohm", 2e5, 1e-3, 1e15, "resistance at x = 1", "R_off"),
        ParamSpec("k_off", "1/s", 1.25e5, 0.0, 1e30, "rate towards OFF at twice the threshold", "k_off / D"),
        ParamSpec("k_on", "1/s", -1.25e5, -1e30, 0.0, "rate towards ON at twice the threshold", "k_on / D"),
        ParamSpec("alpha_off", "", 3.0, 0.0, 50.0, "exponent of the overdrive towards OFF", "alpha_off"),
        ParamSpec("alpha_on", "", 3.0, 0.0, 50.0, "exponent of the overdrive towards ON", "alpha_on"),
        ParamSpec("v_off", "V", 0.5, 1e-6, 1e3, "threshold of motion towards OFF", "v_off"),
        ParamSpec("v_on", "V", -0.5, -1e3, -1e-6, "threshold of motion towards ON", "v_on"),
        ParamSpec("sigma_step", "", 0.0, 0.0, 10.0, "cycle-to-cycle spread of a step over the step", "sigma_s"),
        ParamSpec("sigma_range", "", 0.0, 0.0, 1.0, "cycle-to-cycle spread of a step over the range", "sigma_r"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "position of the boundary: 0 is ON (low resistance), 1 is OFF"),),
    drives=(SignalSpec("v", "V", "voltage across the device; above v_off it raises the resistance"),),
    noises=("write",),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    dead_zone=dead_zone,
    handles={
        "g_max": Handle(("r_on",), -1.0),
        "g_min": Handle(("r_off",), -1.0),
        "rate": Handle(("k_off", "k_on")),
        "threshold_up": Handle(("v_on",)),
        "threshold_down": Handle(("v_off",)),
    },
    increase_sign=-1,
    twins={"rate": slow_rate, "advance": slow_advance, "conductance": slow_conductance, "current": slow_current,
           "dead_zone": slow_dead_zone},
    select=select,
    reference="10.1109/TCSII.2015.2433536",
    doc="Threshold memristor: nothing below a voltage threshold, a power of the overdrive above it, linear resistance.",
)
