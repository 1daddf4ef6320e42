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
= pair of pulses), so that n pulses in one call have the law of n calls. A call counts at most ``MOST_PULSES``; by then every
device here rests or fluctuates about its rest. The charge of a pulse is the mean of G before and after it,
v (G_0 + G_1) / 2 width; n pulses share the time of their call.

This file has the parameters and the loops, :mod:`devices.memristor.pulse_twins` the slow twins. A shape gives
``step(up, x, shape, k)``, which returns (f, whether this direction is felt) and reads the rows ``shape`` at device k. Loops
come as quiet and noisy, and with pulse and noise parameters per device or the same for all (``same``): literals that the
compiler folds.
"""

from __future__ import annotations

import math

import numpy as np

from neurosim.device import Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.bits import bits_of_float, float_of_bits
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.rng import philox
from neurosim.kernels.signatures import CONDUCTANCE, CURRENT
from neurosim.kernels.vmath import log_normal_range, sincos2pi

(G_MIN, G_MAX, WIDTH_UP, WIDTH_DOWN, V_UP, V_DOWN, ZERO, SIGMA_RELATIVE, SIGMA_UP, SIGMA_DOWN, SIGMA_WEIGHT, SIGMA_ROOT,
 SIGMA_WRITE) = range(13)
SHAPE = 13  # first row of the parameters of a shape
SIGMAS = slice(SIGMA_RELATIVE, SIGMA_WRITE + 1)
SAME = [WIDTH_UP, WIDTH_DOWN, V_UP, V_DOWN, *range(ZERO, SIGMA_WRITE + 1)]
STUCK_DRIVE = 1e30  # V: the threshold that `dead_zone` reports for a direction that is not felt
MOST_PULSES = 2**20
TILE = 64  # devices that do their later pulses together
LOWEST, HIGHEST = -1.0, 1.0  # bounds of the written offset: one window
LOW_WORD, HALF_WORD, DROPPED = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(12)
ONE, BELOW_ONE = np.uint64(0x3FF0000000000000), 1.0 - 2.0**-53

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
def pulse_normals(z, pair):
    """Return the standard normal numbers of pulses 2 pair - 1 and 2 pair of a call, derived from the call's own; 0 stays 0."""
    bits = np.uint64(bits_of_float(z))
    c0, c1, c2, c3 = philox(np.uint64(pair), np.uint64(0), np.uint64(0), np.uint64(0), bits & LOW_WORD, bits >> HALF_WORD)
    u = float_of_bits(np.int64((((c0 << HALF_WORD) | c1) >> DROPPED) | ONE)) - BELOW_ONE
    w = float_of_bits(np.int64((((c2 << HALF_WORD) | c3) >> DROPPED) | ONE)) - BELOW_ONE
    sine, cosine = sincos2pi(w)
    radius = 0.0 if z == 0.0 else math.sqrt(-2.0 * log_normal_range(u))
    return radius * cosine, radius * sine


@scalar_kernel
def noise_size(up, f, distance, relative, sigma_up, sigma_down, weight, root):
    """Return S of (1)."""
    size = abs(f)
    return relative * size + (sigma_up if up else sigma_down) + weight * abs(distance) + root * math.sqrt(size)


@scalar_kernel
def later_pulses_tile(step, shape, state, drive, params, noise, duration, scratch, start, stop):
    """Do the second and all further pulses of a few neighbouring devices; ``scratch`` has three rows of TILE numbers."""
    x, v, z, dt = state[0, start:stop], drive[0, start:stop], noise[0, start:stop], duration[start:stop]
    w_up, w_down = params[WIDTH_UP, start:stop], params[WIDTH_DOWN, start:stop]
    v_up, v_down, zero = params[V_UP, start:stop], params[V_DOWN, start:stop], params[ZERO, start:stop]
    relative, weight, root = (params[SIGMA_RELATIVE, start:stop], params[SIGMA_WEIGHT, start:stop],
                              params[SIGMA_ROOT, start:stop])
    s_up, s_down = params[SIGMA_UP, start:stop], params[SIGMA_DOWN, start:stop]
    count, odd, even = scratch[0], scratch[1], scratch[2]
    loud, most = 0, 0.0
    for k in range(stop - start):
        up = v[k] > 0.0
        beyond = (v[k] > v_up[k]) | (v[k] < v_down[k])
        count[k] = math.floor(dt[k] / (w_up[k] if up else w_down[k]) + 0.5) if beyond else 0.0
        sigma = relative[k] + weight[k] + root[k] + s_up[k] + s_down[k]
        loud += 1 if (z[k] != 0.0) & (sigma > 0.0) else 0
        odd[k] = 0.0
        even[k] = 0.0
    for k in range(stop - start):
        most = count[k] if count[k] > most else most
    pulse, busy = 1, 1
    while busy > 0 and pulse < most and pulse < MOST_PULSES:
        busy = 0
        if loud > 0:
            for k in range(stop - start):
                first, second = pulse_normals(z[k], (pulse + 1) // 2)
                odd[k] = first
                even[k] = second
        for second in range(2):
            normal = even if second else odd
            for k in range(stop - start):
                up = v[k] > 0.0
                f, felt = step(up, x[k], shape, k)
                kick = normal[k] * noise_size(up, f, x[k] - zero[k], relative[k], s_up[k], s_down[k], weight[k], root[k])
                y = within(x[k] + (f if up else -f) + kick, 0.0, 1.0)
                moved = felt & (count[k] > pulse + second)
                busy += 1 if moved & ((y != x[k]) | (kick != 0.0)) else 0  # a device at rest without noise stays there
                x[k] = y if moved else x[k]
        pulse += 2


@scalar_kernel
def later_pulses_loop(step, rows, state, drive, params, noise, duration, start, stop):
    """Do the second and all further pulses of a call, in tiles: each takes as many sweeps as its busiest device needs."""
    scratch = np.empty((3, TILE))
    for first in range(start, stop, TILE):
        last = min(first + TILE, stop)
        later_pulses_tile(step, rows(params, first, last), state, drive, params, noise, duration, scratch, first, last)


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
            y += z[k] * noise_size(up, f, x[k] - (zero_0 if same else zero[k]), relative_0 if same else relative[k],
                                   s_up_0 if same else s_up[k], s_down_0 if same else s_down[k],
                                   weight_0 if same else weight[k], root_0 if same else root[k])
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
def charge_loop(step, shape, state, drive, params, duration, out, start, stop):
    """Write the charge [C] of a call: each pulse carries the mean of the currents before and after it."""
    x, offset, v, dt, q = (state[0, start:stop], state[1, start:stop], drive[0, start:stop], duration[start:stop],
                           out[start:stop])
    w_up, w_down = params[WIDTH_UP, start:stop], params[WIDTH_DOWN, start:stop]
    v_up, v_down, s_write = params[V_UP, start:stop], params[V_DOWN, start:stop], params[SIGMA_WRITE, start:stop]
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    for k in range(stop - start):
        up = v[k] > 0.0
        span = max(0.0, g_max[k] - g_min[k])
        g = max(0.0, g_min[k] + span * (x[k] + offset[k]))
        f, felt = step(up, x[k], shape, k)
        count = math.floor(dt[k] / (w_up[k] if up else w_down[k]) + 0.5)
        if count > 0.0 and felt and ((v[k] > v_up[k]) | (v[k] < v_down[k])):
            count = min(count, float(MOST_PULSES))
            left = 0.0 if s_write[k] > 0.0 else offset[k]
            hidden, total, done = x[k], 0.0, 0.0
            while done < count:
                f, felt = step(up, hidden, shape, k)
                y = within(hidden + (f if up else -f), 0.0, 1.0)
                after = max(0.0, g_min[k] + span * (y + left))
                total += 0.5 * (g + after)
                done += 1.0
                if y == hidden and done < count:
                    total += (count - done) * after
                    done = count
                hidden, g = y, after
            g = total / count
        q[k] = v[k] * dt[k] * g


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
