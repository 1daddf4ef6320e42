"""Steps of a device whose inner voltage, temperature or rest changes while it moves: sub-steps with error control.

A modifier gives one kernel of the signature ``STEP`` that moves devices by a second-order rule, with its inner ``advance`` at
a frozen inner drive: exact where nothing changes. Between voltages where nothing is written no sub-step is needed at all
(``zone``). A sub-step of length h is taken as one, two and three such steps; with the results X_1, X_2, X_3

    X = X_1 / 12 - 4 X_2 / 3 + 9 X_3 / 4                                                                (1)

is of fourth order, and its difference from (4 X_2 - X_1) / 3, of third, stays below ``LOCAL`` of the scale of every state.
The error of a whole step, measured against an adaptive integration of ``rate``, is below ``catalogue.STEP_TOLERANCE``. The
charge is the trapezoid over the same points, combined by (1) (:mod:`neurosim.modifiers.stepped_charge`).

Most devices of an array see half the voltage and hardly move. The first step of such a device, one midpoint step over the whole
time, leaves the state M that it predicts for the middle. Had the rate been constant, X_1 - X_0 were 2 (M - X_0), so

    b = |X_1 - X_0 - 2 (M - X_0)|                                                                       (2)

is what all changes of the rate make together, of voltage and of state. A share b / |X_1 - X_0| is of first order in h and the
error of X_1 is that share squared of the motion or less: where it is below ``LOCAL``, X_1 stands.

Devices are stepped side by side in lanes, each with steps of its own length: one that is done makes room for the next. Its
result does not depend on who shares its block.

Noise. Sub-steps choose their lengths without noise, so a draw does not change them. Rows of write noise (``write`` of models
with ``sigma_step``) are a statement about a whole pulse: the displacement that they make in one inner step over the whole
time, at the mean inner drive, is added at the end. All other rows are laws in time: each sub-step has normals of its own, the
first those of the call, later ones from a counter keyed by the bits of those (zero stays zero), so that their law does not
depend on the number of sub-steps.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from neurosim.device import DeviceModel, Kernel
from neurosim.kernels.bits import bits_of_float
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.rng import LOW, philox
from neurosim.kernels.signatures import A1, A2, ADVANCE, DEAD_ZONE, i8, void
from neurosim.kernels.vmath import log_normal_range, sincos2pi
from neurosim.modifiers.columns import carry, copy_lanes

# All arrays (rows, lanes): state, moved; drive (1 row) and time (SCRATCH rows) written, inner voltage and, in the first row,
# inner duration of the step, the other rows are scratch; params; noise; the same without noise; work, the state at the start,
# left at the state predicted for the middle. Voltage at the terminals [V] and duration [s] (lanes,); start, stop of the lanes.
STEP = void(A2, A2, A2, A2, A2, A2, A2, A1, A1, i8, i8)
SCRATCH = 8
BLOCK = 64  # lanes of a block; a scratch has room for those that wait and those that come
LOCAL = 3e-8  # of the scale of a state (of the charge of the sub-step): difference of third and fourth order
DOUBT = 1e-3  # share of the difference of second order that counts as an error in any case
# How far a state may go in one sub-step, and in one that ends at a bound, in units of its scale: a sub-step that is far too
# long sees only what is left when everything has happened, and agrees with itself.
FARTHEST, LANDING = 0.1, 2e-4
HARDLY = 1e-3  # in units of the scale: how far a state may go in a step without sub-steps
SHORTEST = 1e-10  # of the whole step
MOST = 20_000  # trials, then the rest is one sub-step: bounded in any case
TWO_53, HALF = 2.0**-53, 0.5
ELEVEN, THIRTY_TWO = np.uint64(11), np.uint64(32)


@scalar_kernel
def derived_normal(z, count, row):
    """Return a normal number for sub-step ``count`` from the normal number of the call; zero stays zero."""
    bits = np.uint64(bits_of_float(z))
    c0, c1, c2, c3 = philox(np.uint64(count), np.uint64(row), np.uint64(0), np.uint64(0), bits & LOW, bits >> THIRTY_TWO)
    u = (np.float64(((c0 << THIRTY_TWO) | c1) >> ELEVEN) + HALF) * TWO_53
    w = (np.float64(((c2 << THIRTY_TWO) | c3) >> ELEVEN) + HALF) * TWO_53
    _, cosine = sincos2pi(w)
    return z if count == 0 or z == 0.0 else math.sqrt(-2.0 * log_normal_range(u)) * cosine


@scalar_kernel
def length_factor(error):
    """Return by what the next sub-step may be longer."""
    if not error > 0.0:
        return 5.0 if error == 0.0 else 0.2
    return min(5.0, max(0.2, 0.9 * math.sqrt(math.sqrt(LOCAL / error))))


@scalar_kernel
def combined(one, two, three):
    """Return (1), written so that equal numbers give that number, and its error: the distance from the third order.

    Two orders may agree by chance on a step that is far too long, so a share of the distance of two and three steps counts.
    """
    better = three + (1.25 * (three - two) - (two - one) / 12.0)
    return better, max(abs(better - two - (two - one) / 3.0), DOUBT * abs(three - two))


@scalar_kernel
def judged(error, before, after, scale, low, high):
    """Return an error in units of the scale, ``LOCAL`` at least where a state went as far as it may."""
    far = (after - before) / scale / (LANDING if after <= low or after >= high else FARTHEST)
    return max(error / scale, LOCAL * far * far * far * far)


@scalar_kernel
def reach(before, predicted, k, scales, lows, highs):
    """Return ``LOCAL`` or more where the first half of a step went as far as a state may, though the whole may come back."""
    error = 0.0
    for row in range(before.shape[0]):
        error = max(error, judged(0.0, before[row, k], predicted[row, k], scales[row], lows[row], highs[row]))
    return error


@scalar_kernel
def hardly_moves(before, middle, after, k, scales):
    """Return whether one step is enough for lane ``k``: its error by (2) is below ``LOCAL``."""
    enough = True
    for row in range(before.shape[0]):
        moved, half, scale = after[row, k] - before[row, k], middle[row, k] - before[row, k], scales[row]
        bend = abs(moved - 2.0 * half)
        share = bend / max(abs(moved), 1e-300)
        small = abs(moved) <= HARDLY * scale and abs(half) <= HARDLY * scale and bend * min(1.0, share) <= LOCAL * scale
        enough = enough and small
    return enough


@scalar_kernel
def step_in_parts(step, parts, x, d, t, p, quiet, work, v, h, part, count):
    """Make ``parts`` equal steps; ``part`` is scratch."""
    for j in range(count):
        part[j] = h[j] / parts
    for _ in range(parts):
        step(x, d, t, p, quiet, quiet, work, v, part, 0, count)


def row_facts(model: DeviceModel) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...], tuple[int, ...]]:
    """Return scales and bounds of the states and, for each noise, whether it is write noise; never empty tuples."""
    own = "sigma_step" in model.param_index
    return (tuple(spec.scale for spec in model.states) or (1.0,), tuple(spec.low for spec in model.states) or (0.0,),
            tuple(spec.high for spec in model.states) or (0.0,),
            tuple(int(own and name == "write") for name in model.noises) or (0,))


@kernel(DEAD_ZONE)
def nowhere(params, lowest, highest, start, stop):
    """Write an empty interval of voltages."""
    lowest[start:stop], highest[start:stop] = math.inf, -math.inf


@functools.cache
def stepped_advance(step: Kernel, inner: Kernel, shape: tuple[int, int, int], scales: tuple[float, ...],
                    lows: tuple[float, ...], highs: tuple[float, ...], writes: tuple[int, ...],
                    zone: Kernel | None = None, rest: Kernel | None = None, *, direct: bool = False) -> Kernel:
    """Return an ``advance`` kernel in sub-steps of ``step``; ``shape`` is the number of states, params and noises.

    Where the terminal voltage is within ``zone`` (a ``dead_zone`` kernel), ``rest`` (an ``advance`` kernel) is exact and does
    the whole step at once; ``inner`` where it is left out. ``direct``: a step is its last call of ``inner`` and no more, so
    that one with noise follows from the drive and time that it leaves; only then can one step be enough.
    """
    zone, rest = zone or nowhere, rest or inner
    n_state, n_param, n_noise = shape
    p_row, own_row, kick_row = 2 * n_state, 2 * n_state + n_param, 2 * n_state + n_param + n_noise
    fact_row = kick_row + n_noise
    kept = fact_row + 9  # rows that follow a device from lane to lane

    @kernel(ADVANCE)
    def advance(state, drive, params, noise, duration, start, stop):
        """Step every device over ``duration`` [s] at frozen terminal voltage, in sub-steps of its own."""
        wide = min(2 * BLOCK, stop - start)
        lanes, x = np.zeros((kept + 3, wide)), np.empty((5 * n_state, wide))
        s, begin, p, own, kick = (lanes[:n_state], lanes[n_state:p_row], lanes[p_row:own_row], lanes[own_row:kick_row],
                                  lanes[kick_row:fact_row])
        v, h, total, done, mean_drive, inner_time, trials, number, site = (
            lanes[fact_row], lanes[fact_row + 1], lanes[fact_row + 2], lanes[fact_row + 3], lanes[fact_row + 4],
            lanes[fact_row + 5], lanes[fact_row + 6], lanes[fact_row + 7], lanes[fact_row + 8])
        used, elapsed, error = lanes[kept], lanes[kept + 1], lanes[kept + 2]
        one, two, three, work, noisy = (x[:n_state], x[n_state:2 * n_state], x[2 * n_state:3 * n_state],
                                        x[3 * n_state:4 * n_state], x[4 * n_state:])
        d, t, part = np.empty((1, wide)), np.empty((SCRATCH, wide)), np.empty(wide)
        z, quiet = np.zeros((n_noise + 1, wide)), np.zeros((n_noise + 1, wide))
        lowest, highest = np.empty(stop), np.empty(stop)
        zone(params, lowest, highest, start, stop)
        k, waiting = start, 0
        while k < stop or waiting > 0:
            last, random = waiting, False
            while k < stop and last < waiting + BLOCK:
                if lowest[k] <= drive[0, k] <= highest[k]:
                    after = k + 1
                    while after < stop and lowest[after] <= drive[0, after] <= highest[after]:
                        after += 1
                    rest(state, drive, params, noise, duration, k, after)
                    k = after
                    continue
                if duration[k] > 0.0:
                    carry(state, k, s, last)
                    carry(state, k, begin, last)
                    carry(params, k, p, last)
                    carry(noise, k, own, last)
                    for row in range(n_noise):
                        random = random or own[row, last] != 0.0
                        kick[row, last] = own[row, last] if writes[row] else 0.0
                    v[last], h[last], total[last], site[last] = drive[0, k], duration[k], duration[k], float(k)
                    done[last], mean_drive[last], inner_time[last], trials[last], number[last] = 0.0, 0.0, 0.0, 0.0, 0.0
                    last += 1
                k += 1
            if direct and last > waiting:
                copy_lanes(s, one, waiting, last)
                copy_lanes(s, work, waiting, last)
                step(one, d, t, p, quiet, quiet, work, v, h, waiting, last)
                if random:
                    copy_lanes(s, noisy, waiting, last)
                    inner(noisy, d, p, own, t[0], waiting, last)
                first = waiting
                for j in range(first, last):
                    if hardly_moves(s, work, one, j, scales):
                        for row in range(n_state):
                            state[row, int(site[j])] = noisy[row, j] if random else one[row, j]
                    else:
                        carry(lanes, j, lanes[:kept], waiting)
                        waiting += 1
            else:
                waiting = last
            while waiting >= (BLOCK if k < stop else 1):
                for j in range(waiting):
                    trials[j] += 1.0
                    left = total[j] - done[j]
                    h[j] = left if trials[j] >= MOST or h[j] > left else h[j]
                copy_lanes(s, one, 0, waiting)
                copy_lanes(s, work, 0, waiting)
                step(one, d, t, p, quiet, quiet, work, v, h, 0, waiting)
                for j in range(waiting):
                    used[j], elapsed[j] = d[0, j], t[0, j]
                    error[j] = reach(s, work, j, scales, lows, highs)
                copy_lanes(s, two, 0, waiting)
                step_in_parts(step, 2, two, d, t, p, quiet, work, v, h, part, waiting)
                copy_lanes(s, three, 0, waiting)
                step_in_parts(step, 3, three, d, t, p, quiet, work, v, h, part, waiting)
                drawn, kicked = False, False
                for j in range(waiting):
                    for row in range(n_state):
                        y, e = combined(one[row, j], two[row, j], three[row, j])
                        e = judged(e, s[row, j], y, scales[row], lows[row], highs[row])
                        error[j] = e if not e <= error[j] else error[j]
                        two[row, j] = y
                    accepted = error[j] <= LOCAL or trials[j] >= MOST or h[j] <= SHORTEST * total[j]
                    for row in range(n_noise):
                        z[row, j] = derived_normal(own[row, j], int(number[j]), row) if accepted and not writes[row] else 0.0
                        drawn = drawn or z[row, j] != 0.0
                if drawn:
                    copy_lanes(s, noisy, 0, waiting)
                    step(noisy, d, t, p, z, quiet, work, v, h, 0, waiting)
                for j in range(waiting):
                    if error[j] <= LOCAL or trials[j] >= MOST or h[j] <= SHORTEST * total[j]:
                        for row in range(n_state):
                            y = two[row, j] + (noisy[row, j] - one[row, j]) if drawn else two[row, j]
                            s[row, j] = min(highs[row], max(lows[row], y))
                        done[j] = total[j] if h[j] >= total[j] - done[j] else done[j] + h[j]
                        mean_drive[j] += used[j] * (h[j] / total[j])
                        inner_time[j] += elapsed[j]
                        number[j] += 1.0
                        for row in range(n_noise):
                            kicked = kicked or (done[j] >= total[j] and kick[row, j] != 0.0)
                    h[j] *= length_factor(error[j])
                if kicked:
                    for j in range(waiting):
                        d[0, j], t[0, j] = mean_drive[j], inner_time[j]
                    copy_lanes(begin, one, 0, waiting)
                    inner(one, d, p, kick, t[0], 0, waiting)
                    copy_lanes(begin, two, 0, waiting)
                    inner(two, d, p, quiet, t[0], 0, waiting)
                for j in range(waiting - 1, -1, -1):
                    if done[j] >= total[j]:
                        for row in range(n_state):
                            y = s[row, j] + (one[row, j] - two[row, j]) if kicked else s[row, j]
                            state[row, int(site[j])] = min(highs[row], max(lows[row], y))
                        waiting -= 1
                        carry(lanes, waiting, lanes[:kept], j)
                        for row in range(n_state):
                            one[row, j], two[row, j] = one[row, waiting], two[row, waiting]

    return advance
