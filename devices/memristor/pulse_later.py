"""The second and all further pulses of a call to a behavioural pulse device, with normal numbers of their own.

A call brings one normal number z for each device. Its later pulses take numbers that its bits key: Philox4x32-10 with the
counter of four pulses gives 128 bits, each half of them a Box-Muller pair, 40 bits for the length and 24 for the direction
(the length ends at 7.5, where 2^-41 of the law is missing; directions are 4e-7 apart).

The state after m pulses of a call does not depend on how many follow.

References
----------
J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC'11, https://doi.org/10.1145/2063384.2063405.
"""

from __future__ import annotations

import math

import numpy as np

from devices.memristor.pulse_law import (
    SIGMA_DOWN,
    SIGMA_RELATIVE,
    SIGMA_ROOT,
    SIGMA_UP,
    SIGMA_WEIGHT,
    TILE,
    V_DOWN,
    V_UP,
    WIDTH_DOWN,
    WIDTH_UP,
    ZERO,
    noise_size,
    pulses_of,
    within,
)
from neurosim.kernels.bits import bits_of_float, float_of_bits
from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.rng import philox
from neurosim.kernels.vmath import log_normal_range, sincos2pi

LOW_WORD, HALF_WORD, DROPPED = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(12)
ONE = np.uint64(0x3FF0000000000000)  # bits of 1.0: with a mantissa, a number in [1, 2)
LENGTH, TURN, TURN_MASK = np.uint64(24), np.uint64(28), np.uint64(0xFFFFFF)
BELOW_ONE_LENGTH, BELOW_ONE_TURN = 1.0 - 2.0**-41, 1.0 - 2.0**-25


@scalar_kernel
def normal_pair(word):
    """Return two standard normal numbers from 64 random bits: 40 for their length, 24 for their direction."""
    u = float_of_bits(np.int64(((word >> LENGTH) << DROPPED) | ONE)) - BELOW_ONE_LENGTH
    w = float_of_bits(np.int64(((word & TURN_MASK) << TURN) | ONE)) - BELOW_ONE_TURN
    sine, cosine = sincos2pi(w)
    radius = math.sqrt(-2.0 * log_normal_range(u))
    return radius * cosine, radius * sine


@scalar_kernel
def pulse_normals(z, four):
    """Return the standard normal numbers of four pulses, 4 four - 3 to 4 four, of a call, derived from the call's own."""
    bits = np.uint64(bits_of_float(z))
    c0, c1, c2, c3 = philox(np.uint64(four), np.uint64(0), np.uint64(0), np.uint64(0), bits & LOW_WORD, bits >> HALF_WORD)
    a, b = normal_pair((c0 << HALF_WORD) | c1)
    c, d = normal_pair((c2 << HALF_WORD) | c3)
    return a, b, c, d


@scalar_kernel
def sweep(step, shape, x, sign, left, zero, relative, added, weight, root, normal, n, rooted):
    """Do one pulse of the devices that have any left; return how many are not at rest."""
    busy = 0
    for k in range(n):
        f, felt = step(sign[k] > 0.0, x[k], shape, k)
        kick = normal[k] * noise_size(f, x[k] - zero[k], relative[k], added[k], weight[k], root[k], rooted)
        y = within(x[k] + sign[k] * f + kick, 0.0, 1.0)
        moved = felt & (left[k] > 0.0)
        busy += 1 if moved & ((y != x[k]) | (kick != 0.0)) else 0  # a device at rest without noise stays there
        x[k] = y if moved else x[k]
        left[k] -= 1.0
    return busy


@scalar_kernel
def later_pulses_tile(step, shape, state, drive, params, noise, duration, scratch, start, stop):
    """Do the second and all further pulses of a few neighbouring devices; ``scratch`` has rows of TILE numbers."""
    x, v, z, dt = state[0, start:stop], drive[0, start:stop], noise[0, start:stop], duration[start:stop]
    w_up, w_down = params[WIDTH_UP, start:stop], params[WIDTH_DOWN, start:stop]
    v_up, v_down, zero = params[V_UP, start:stop], params[V_DOWN, start:stop], params[ZERO, start:stop]
    relative, weight, root = (params[SIGMA_RELATIVE, start:stop], params[SIGMA_WEIGHT, start:stop],
                              params[SIGMA_ROOT, start:stop])
    s_up, s_down = params[SIGMA_UP, start:stop], params[SIGMA_DOWN, start:stop]
    left, sign, added = scratch[4], scratch[5], scratch[6]
    n, loud, rooted, most = stop - start, 0, 0, 0.0
    for k in range(n):
        up = v[k] > 0.0
        left[k] = pulses_of(v[k], dt[k], w_up[k], w_down[k], v_up[k], v_down[k]) - 1.0  # the first one is done
        sign[k] = 1.0 if up else -1.0
        added[k] = s_up[k] if up else s_down[k]
        loud += 1 if (z[k] != 0.0) & (relative[k] + weight[k] + root[k] + added[k] > 0.0) else 0
        rooted += 1 if root[k] > 0.0 else 0
    for k in range(n):
        most = left[k] if left[k] > most else most
    pulse, busy = 0, 1
    if loud == 0:
        scratch[:4] = 0.0
    while busy > 0 and pulse < most:
        if loud > 0:
            for k in range(n):
                a, b, c, d = pulse_normals(z[k], pulse // 4 + 1)
                quiet = z[k] == 0.0
                scratch[0, k] = 0.0 if quiet else a
                scratch[1, k] = 0.0 if quiet else b
                scratch[2, k] = 0.0 if quiet else c
                scratch[3, k] = 0.0 if quiet else d
        for turn in range(4):
            if busy > 0 and pulse < most:
                if rooted > 0:
                    busy = sweep(step, shape, x, sign, left, zero, relative, added, weight, root, scratch[turn], n, True)
                else:
                    busy = sweep(step, shape, x, sign, left, zero, relative, added, weight, root, scratch[turn], n, False)
                pulse += 1


@scalar_kernel
def later_pulses_loop(step, rows, state, drive, params, noise, duration, start, stop):
    """Do the second and all further pulses of a call, in tiles: each takes as many sweeps as its busiest device needs."""
    scratch = np.empty((7, TILE))
    for first in range(start, stop, TILE):
        last = min(first + TILE, stop)
        later_pulses_tile(step, rows(params, first, last), state, drive, params, noise, duration, scratch, first, last)
