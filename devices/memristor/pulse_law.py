"""What all behavioural pulse devices share: whole pulses, thresholds, write noise, a conductance that is linear in the state.

A behavioural device knows no volts and seconds; its maker counted pulses. Here a pulse has a width and a threshold: a
voltage above ``v_up`` (below ``v_down``) that is held for a time t is n = floor(t / width + 1/2) raising (lowering) pulses,
the nearest whole number. One pulse moves the hidden state x in [0, 1] by the step f of the shape (each shape has its file):

    x <- clip(x +- f(x) + z S),   S = sigma_relative |f| + sigma_up|down + sigma_weight |x - zero| + sigma_root sqrt|f|  (1)
    y <- sigma_write z'                                                                                                  (2)
    G = max(0, g_min + max(0, g_max - g_min) (x + y)),   i = G v                                                       (3)

y is what every pulse writes anew beside the hidden state (write noise): the next step starts from x, a read sees x + y.
A spread that puts g_max below g_min leaves a device whose conductance does not change.
``zero`` is the state that stands for the weight zero of simulators that count in weights. All steps and sigmas are fractions
of the device's own window. A shape without a step in one direction does not feel pulses of that direction.

A model with ``pulse`` in its contract is such a map. ``rate`` is the quiet step over the width; ``advance`` does n steps, each
with its own noise: the first uses the normal number z of the call, later ones numbers derived from its bits (Philox, counter
= four pulses), so that n pulses in one call have the law of n calls. A call counts at most ``MOST_PULSES``; by then every
device here rests or fluctuates about its rest. The charge of a pulse is the mean of G before and after it,
v (G_0 + G_1) / 2 width; n pulses share the time of their call.

This file has the parameters and the loops, :mod:`devices.memristor.pulse_later` that of the later pulses of a call,
:mod:`devices.memristor.pulse_twins` the slow twins. A shape gives
``step(up, x, shape, k)``, which returns (f, whether this direction is felt) and reads the rows ``shape`` at device k. Loops
come as quiet and noisy, and with pulse and noise parameters per device or the same for all (``same``): literals that the
compiler folds.
"""

from __future__ import annotations

import math

import numpy as np

from neurosim.device import Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import CONDUCTANCE, CURRENT

(G_MIN, G_MAX, WIDTH_UP, WIDTH_DOWN, V_UP, V_DOWN, ZERO, SIGMA_RELATIVE, SIGMA_UP, SIGMA_DOWN, SIGMA_WEIGHT, SIGMA_ROOT,
 SIGMA_WRITE) = range(13)
SHAPE = 13  # first row of the parameters of a shape
SIGMAS = slice(SIGMA_RELATIVE, SIGMA_WRITE + 1)
SAME = [WIDTH_UP, WIDTH_DOWN, V_UP, V_DOWN, *range(ZERO, SIGMA_WRITE + 1)]
STUCK_DRIVE = 1e30  # V: the threshold that `dead_zone` reports for a direction that is not felt
MOST_PULSES = 2**20
TILE = 64  # devices whose pulses are done together
LOWEST, HIGHEST = -1.0, 1.0  # bounds of the written offset: one window

COMMON = (
    ParamSpec("g_min", "S", 25e-6, 0.0, 1e3, "conductance of the lowest state", "G_min"),
    ParamSpec("g_max", "S", 75e-6, 1e-15, 1e3, "conductance of the highest state", "G_max"),
    ParamSpec("width_up", "s", 1e-7, 1e-15, 1e6, "width of one raising pulse", "t_+"),
    ParamSpec("width_down", "s", 1e-7, 1e-15, 1e6, "width of one lowering pulse", "t_-"),
    ParamSpec("v_up", "V", 0.5, 1e-6, 1e3, "voltage above which a pulse raises", "V_+"),
    ParamSpec("v_down", "V", -0.5, -1e3, -1e-6, "voltage below which a pulse lowers", "V_-"),
    ParamSpec("zero", "", 0.5, 0.0, 1.0, "state that stands for the weight zero", "x_0"),
    ParamSpec("sigma_relative", "", 0.0, 0.0, 1e3, "cycle noise of a pulse over its step", "sigma_m"),
    ParamSpec("sigma_up", "", 0.0, 0.0, 1e2, "additive cycle noise of a raising pulse over the window", "sigma_+"),
    ParamSpec("sigma_down", "", 0.0, 0.0, 1e2, "additive cycle noise of a lowering pulse over the window", "sigma_-"),
    ParamSpec("sigma_weight", "", 0.0, 0.0, 1e2, "cycle noise of a pulse over the distance from zero", "sigma_w"),
    ParamSpec("sigma_root", "", 0.0, 0.0, 1e2, "cycle noise of a pulse over the root of its step", "sigma_r"),
    ParamSpec("sigma_write", "", 0.0, 0.0, 1e2, "spread of the written offset over the window", "sigma_v"),
)
STATES = (
    StateSpec("x", "", 0.0, 1.0, 0.5, "hidden state: 0 is the lowest, 1 the highest conductance"),
    StateSpec("offset", "", LOWEST, HIGHEST, 0.0, "what the last pulse wrote beside the hidden state, over the window"),
)
DRIVES = (SignalSpec("v", "V", "voltage across the device; above v_up it raises the conductance"),)
NOISES = ("cycle", "write")
PULSE = ("width_up", "width_down")


def handles(*steps: str) -> dict[str, Handle]:
    """Return the nonideality handles of a shape whose step scales with the parameters named."""
    return {"g_max": Handle(("g_max",)), "g_min": Handle(("g_min",)), "rate": Handle(steps),
            "threshold_up": Handle(("v_up",)), "threshold_down": Handle(("v_down",))}


def is_quiet(params: np.ndarray) -> bool:
    """Tell whether no device of a parameter array has any noise."""
    return not np.any(params[SIGMAS])


def is_same(params: np.ndarray) -> bool:
    """Tell whether all devices have the same pulse and noise parameters."""
    return params.shape[1] > 0 and bool(np.all(params[SAME] == params[SAME, :1]))


@scalar_kernel
def within(y, low, high):
    """Return y within [low, high]."""
    y = high if y > high else y
    return low if y < low else y


@scalar_kernel
def noise_size(f, distance, relative, added, weight, root, rooted):
    """Return S of (1); ``added`` is the sigma of the direction, without ``rooted`` the last term is left out."""
    size = abs(f)
    spread = relative * size + added + weight * abs(distance)
    return spread + root * math.sqrt(size) if rooted else spread


@scalar_kernel
def pulses_of(v, dt, w_up, w_down, v_up, v_down):
    """Return the number of pulses of a call."""
    whole = math.floor(dt / (w_up if v > 0.0 else w_down) + 0.5)
    return (MOST_PULSES if whole > MOST_PULSES else whole) if (v > v_up) | (v < v_down) else 0.0


@scalar_kernel
def advance_loop(step, shape, rest, state, drive, params, noise, duration, start, stop, quiet, same):
    """Do the pulses of a call: (1) and (2). ``rest`` is the shape's kernel for the second and all further ones."""
    x, offset = state[0, start:stop], state[1, start:stop]
    v, z, z_write, dt = drive[0, start:stop], noise[0, start:stop], noise[1, start:stop], duration[start:stop]
    w_up, w_down = params[WIDTH_UP, start:stop], params[WIDTH_DOWN, start:stop]
    v_up, v_down, zero = params[V_UP, start:stop], params[V_DOWN, start:stop], params[ZERO, start:stop]
    relative, weight, root = (params[SIGMA_RELATIVE, start:stop], params[SIGMA_WEIGHT, start:stop],
                              params[SIGMA_ROOT, start:stop])
    s_up, s_down, s_write = params[SIGMA_UP, start:stop], params[SIGMA_DOWN, start:stop], params[SIGMA_WRITE, start:stop]
    if stop <= start:
        return
    w_up_0, w_down_0, v_up_0, v_down_0, zero_0 = w_up[0], w_down[0], v_up[0], v_down[0], zero[0]
    relative_0, weight_0, root_0, s_up_0, s_down_0, s_write_0 = relative[0], weight[0], root[0], s_up[0], s_down[0], s_write[0]
    many = 0
    for k in range(stop - start):
        up = v[k] > 0.0
        wide = (w_up_0 if same else w_up[k]) if up else (w_down_0 if same else w_down[k])
        beyond = (v[k] > (v_up_0 if same else v_up[k])) | (v[k] < (v_down_0 if same else v_down[k]))
        f, felt = step(up, x[k], shape, k)
        moved = beyond & felt & (dt[k] >= 0.5 * wide)
        y = x[k] + (f if up else -f)
        if not quiet:
            s_added = (s_up_0 if same else s_up[k]) if up else (s_down_0 if same else s_down[k])
            y += z[k] * noise_size(f, x[k] - (zero_0 if same else zero[k]), relative_0 if same else relative[k], s_added,
                                   weight_0 if same else weight[k], root_0 if same else root[k], True)
            spread = s_write_0 if same else s_write[k]
            written = within(spread * z_write[k], LOWEST, HIGHEST)
            offset[k] = written if moved & (spread > 0.0) else offset[k]
        y = within(y, 0.0, 1.0)
        x[k] = y if moved else x[k]
        many += 1 if moved & (dt[k] >= 1.5 * wide) else 0
    if many > 0:
        rest(state, drive, params, noise, duration, start, stop)


@scalar_kernel
def rate_loop(step, shape, state, drive, params, out, start, stop):
    """Write the quiet step over the width [1/s], zero where nothing moves."""
    x, v, dx, rest = state[0, start:stop], drive[0, start:stop], out[0, start:stop], out[1, start:stop]
    w_up, w_down = params[WIDTH_UP, start:stop], params[WIDTH_DOWN, start:stop]
    v_up, v_down = params[V_UP, start:stop], params[V_DOWN, start:stop]
    for k in range(stop - start):
        up = v[k] > 0.0
        beyond = (v[k] > v_up[k]) | (v[k] < v_down[k])
        f, felt = step(up, x[k], shape, k)
        change = (within(x[k] + (f if up else -f), 0.0, 1.0) - x[k]) / (w_up[k] if up else w_down[k])
        dx[k] = change if beyond & felt else 0.0
        rest[k] = 0.0


@scalar_kernel
def conductance_of(y, low, high):
    """Return G of (3) for x + y."""
    g = low + (high - low if high > low else 0.0) * y
    return g if g > 0.0 else 0.0


@scalar_kernel
def charge_sweep(step, shape, v, low, high, left, count, hidden, g, total, pulse, n):
    """Add one pulse to the sums of conductances of a tile; return how many devices still move."""
    busy = 0
    for k in range(n):
        up = v[k] > 0.0
        f, felt = step(up, hidden[k], shape, k)
        y = within(hidden[k] + (f if up else -f), 0.0, 1.0)
        on = pulse < count[k]
        moved = felt & on
        after = conductance_of(y + left[k], low[k], high[k]) if moved else g[k]
        total[k] += 0.5 * (g[k] + after) if on else 0.0
        busy += 1 if moved & (y != hidden[k]) else 0
        g[k] = after
        hidden[k] = y if moved else hidden[k]
    return busy


@scalar_kernel
def charge_loop(step, rows, state, drive, params, duration, out, start, stop):
    """Write the charge [C] of a call: each pulse carries the mean of the currents before and after it."""
    scratch = np.empty((5, TILE))
    count, hidden, g, total, left = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    for first in range(start, stop, TILE):
        last = min(first + TILE, stop)
        x, offset, v, dt = state[0, first:last], state[1, first:last], drive[0, first:last], duration[first:last]
        w_up, w_down = params[WIDTH_UP, first:last], params[WIDTH_DOWN, first:last]
        v_up, v_down, s_write = params[V_UP, first:last], params[V_DOWN, first:last], params[SIGMA_WRITE, first:last]
        low, high, q = params[G_MIN, first:last], params[G_MAX, first:last], out[first:last]
        n, pulse, most, busy = last - first, 0.0, 0.0, 1
        for k in range(n):
            count[k] = pulses_of(v[k], dt[k], w_up[k], w_down[k], v_up[k], v_down[k])
            hidden[k] = x[k]
            left[k] = 0.0 if s_write[k] > 0.0 else offset[k]  # what the first pulse leaves of the written offset
            g[k] = conductance_of(x[k] + offset[k], low[k], high[k])
            total[k] = 0.0
        for k in range(n):
            most = count[k] if count[k] > most else most
        while busy > 0 and pulse < most:
            busy = charge_sweep(step, rows(params, first, last), v, low, high, left, count, hidden, g, total, pulse, n)
            pulse += 1.0
        for k in range(n):
            rest = count[k] - pulse if count[k] > pulse else 0.0  # pulses after all have come to rest
            mean = (total[k] + rest * g[k]) / (count[k] if count[k] > 0.0 else 1.0)
            q[k] = v[k] * dt[k] * (mean if count[k] > 0.0 else g[k])


@scalar_kernel
def dead_zone_loop(step, shape, params, lowest, highest, start, stop):
    """Write the thresholds [V], -+1e30 V for a direction that is not felt."""
    low, high = lowest[start:stop], highest[start:stop]
    v_up, v_down = params[V_UP, start:stop], params[V_DOWN, start:stop]
    for k in range(stop - start):
        _, felt_up = step(True, 0.5, shape, k)
        _, felt_down = step(False, 0.5, shape, k)
        low[k] = v_down[k] if felt_down else -STUCK_DRIVE
        high[k] = v_up[k] if felt_up else STUCK_DRIVE


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S] of (3)."""
    x, offset, g = state[0, start:stop], state[1, start:stop], out[start:stop]
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    for k in range(stop - start):
        span = g_max[k] - g_min[k]
        value = g_min[k] + (span if span > 0.0 else 0.0) * (x[k] + offset[k])
        g[k] = value if value > 0.0 else 0.0


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = G v [A] and di/dv = G [S]."""
    x, offset, v, i, g = (state[0, start:stop], state[1, start:stop], drive[0, start:stop], current[start:stop],
                          slope[start:stop])
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    for k in range(stop - start):
        span = g_max[k] - g_min[k]
        value = g_min[k] + (span if span > 0.0 else 0.0) * (x[k] + offset[k])
        g[k] = value if value > 0.0 else 0.0
        i[k] = v[k] * g[k]
