"""Steps of a device whose inner voltage, temperature or rest changes while it moves: sub-steps with error control.

A modifier gives one kernel of the signature ``STEP`` that moves one device by a second-order rule, with its inner ``advance``
at a frozen inner drive: exact where nothing changes. Between voltages where nothing is written no sub-step is needed at all
(``zone``). A sub-step of length h is taken as one, two and three such steps; with
the results X_1, X_2, X_3

    X = X_1 / 12 - 4 X_2 / 3 + 9 X_3 / 4                                                                (1)

is of fourth order, and its difference from (4 X_2 - X_1) / 3, of third, stays below ``LOCAL`` of the scale of every state.
The error of a whole step, measured against an adaptive integration of ``rate``, is below ``catalogue.STEP_TOLERANCE``. The
charge is the trapezoid over the same points, combined by (1).

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
from neurosim.kernels.signatures import A1, A2, ADVANCE, CHARGE, DEAD_ZONE, f8, void
from neurosim.kernels.vmath import log_normal_range, sincos2pi
from neurosim.modifiers.columns import copy, put, take

# state (rows, 1) moved; drive (1, 1) and time (3,) written: inner voltage, and inner duration of the step, the other two are
# scratch; params; noise; the same without noise; work, the state at the start, left at the state predicted for the middle;
# voltage at the terminals [V]; duration [s].
STEP = void(A2, A2, A1, A2, A2, A2, A2, f8, f8)
LOCAL = 3e-8  # of the scale of a state (of the charge of the sub-step): difference of third and fourth order
DOUBT = 1e-3  # share of the difference of second order that counts as an error in any case
# How far a state may go in one sub-step, and in one that ends at a bound, in units of its scale: a sub-step that is far too
# long sees only what is left when everything has happened, and agrees with itself.
FARTHEST, LANDING = 0.1, 2e-4
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
def reach(before, predicted, scales, lows, highs):
    """Return ``LOCAL`` or more where the first half of a step went as far as a state may, though the whole may come back."""
    error = 0.0
    for row in range(before.shape[0]):
        error = max(error, judged(0.0, before[row, 0], predicted[row, 0], scales[row], lows[row], highs[row]))
    return error


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
                    zone: Kernel | None = None, rest: Kernel | None = None) -> Kernel:
    """Return an ``advance`` kernel in sub-steps of ``step``; ``shape`` is the number of states, params and noises.

    Where the terminal voltage is within ``zone`` (a ``dead_zone`` kernel), ``rest`` (an ``advance`` kernel) is exact and does
    the whole step at once; ``inner`` where it is left out.
    """
    zone, rest = zone or nowhere, rest or inner
    n_state, n_param, n_noise = shape

    @kernel(ADVANCE)
    def advance(state, drive, params, noise, duration, start, stop):
        """Step every device over ``duration`` [s] at frozen terminal voltage, in sub-steps of its own."""
        s, one, two, three, work = (np.empty((n_state, 1)), np.empty((n_state, 1)), np.empty((n_state, 1)),
                                    np.empty((n_state, 1)), np.empty((n_state, 1)))
        noisy, begin, p = np.empty((n_state, 1)), np.empty((n_state, 1)), np.empty((n_param, 1))
        d, t, lowest, highest = np.empty((1, 1)), np.empty(3), np.empty(stop), np.empty(stop)
        z, kick, quiet = np.zeros((n_noise + 1, 1)), np.zeros((n_noise + 1, 1)), np.zeros((n_noise + 1, 1))
        zone(params, lowest, highest, start, stop)
        after = start
        for k in range(start, stop):
            total, v = duration[k], drive[0, k]
            if k < after:
                continue
            if lowest[k] <= v <= highest[k]:
                after = k + 1
                while after < stop and lowest[after] <= drive[0, after] <= highest[after]:
                    after += 1
                rest(state, drive, params, noise, duration, k, after)
                continue
            take(state, k, s)
            take(params, k, p)
            copy(s, begin)
            drawn, kicked = False, False
            for row in range(n_noise):
                x = noise[row, k]
                kick[row, 0] = x if writes[row] else 0.0
                drawn = drawn or (x != 0.0 and not writes[row])
                kicked = kicked or (x != 0.0 and writes[row] == 1)
            done, h, count, trials, mean_drive, inner_time = 0.0, total, 0, 0, 0.0, 0.0
            while done < total:
                trials += 1
                forced = trials >= MOST
                h = total - done if forced or h > total - done else h
                copy(s, one)
                copy(s, work)
                step(one, d, t, p, quiet, quiet, work, v, h)
                used, elapsed = d[0, 0], t[0]
                error = reach(s, work, scales, lows, highs)
                copy(s, two)
                for _ in range(2):
                    step(two, d, t, p, quiet, quiet, work, v, h / 2.0)
                copy(s, three)
                for _ in range(3):
                    step(three, d, t, p, quiet, quiet, work, v, h / 3.0)
                for row in range(n_state):
                    y, e = combined(one[row, 0], two[row, 0], three[row, 0])
                    e = judged(e, s[row, 0], y, scales[row], lows[row], highs[row])
                    error = e if not e <= error else error
                if error <= LOCAL or forced or h <= SHORTEST * total:
                    if drawn:
                        for row in range(n_noise):
                            z[row, 0] = 0.0 if writes[row] else derived_normal(noise[row, k], count, row)
                        copy(s, noisy)
                        step(noisy, d, t, p, z, quiet, work, v, h)
                    for row in range(n_state):
                        y, _ = combined(one[row, 0], two[row, 0], three[row, 0])
                        y = y + (noisy[row, 0] - one[row, 0]) if drawn else y
                        s[row, 0] = min(highs[row], max(lows[row], y))
                    done = total if h >= total - done else done + h
                    mean_drive += used * (h / total)
                    inner_time += elapsed
                    count += 1
                h *= length_factor(error)
            if kicked and total > 0.0:
                d[0, 0], t[0] = mean_drive, inner_time
                copy(begin, one)
                inner(one, d, p, kick, t, 0, 1)
                copy(begin, two)
                inner(two, d, p, quiet, t, 0, 1)
                for row in range(n_state):
                    s[row, 0] = min(highs[row], max(lows[row], s[row, 0] + (one[row, 0] - two[row, 0])))
            put(s, k, state)

    return advance


@functools.cache
def stepped_charge(step: Kernel, current: Kernel, shape: tuple[int, int, int], scales: tuple[float, ...],
                   lows: tuple[float, ...], highs: tuple[float, ...], zone: Kernel | None = None) -> Kernel:
    """Return a ``charge`` kernel: the terminal current over the same sub-steps, relative error below ``STEP_TOLERANCE``.

    Where the terminal voltage is within ``zone``, the current does not change.
    """
    n_state, n_param, n_noise = shape
    zone = zone or nowhere

    @kernel(CHARGE)
    def charge(state, drive, params, duration, out, start, stop):
        """Write the integral of i dt [C] at frozen terminal voltage, without noise."""
        s, x, work, ends = np.empty((n_state, 1)), np.empty((n_state, 1)), np.empty((n_state, 1)), np.empty((3, n_state))
        p, d, t, terminal = np.empty((n_param, 1)), np.empty((1, 1)), np.empty(3), np.empty((1, 1))
        i, slope, quiet, charges = np.empty(1), np.empty(1), np.zeros((n_noise + 1, 1)), np.empty(3)
        lowest, highest = np.empty(stop), np.empty(stop)
        zone(params, lowest, highest, start, stop)
        for k in range(start, stop):
            total, v = duration[k], drive[0, k]
            take(state, k, s)
            take(params, k, p)
            terminal[0, 0] = v
            if lowest[k] <= v <= highest[k]:
                current(s, terminal, p, i, slope, 0, 1)
                out[k] = i[0] * total
                continue
            q, done, h, trials = 0.0, 0.0, total, 0
            while done < total:
                trials += 1
                forced = trials >= MOST
                h = total - done if forced or h > total - done else h
                current(s, terminal, p, i, slope, 0, 1)
                before = i[0]
                error = 0.0
                for parts in range(1, 4):
                    copy(s, x)
                    copy(s, work)
                    flow = 0.5 * before
                    for part in range(parts):
                        step(x, d, t, p, quiet, quiet, work, v, h / parts)
                        error = reach(s, work, scales, lows, highs) if parts == 1 else error
                        current(x, terminal, p, i, slope, 0, 1)
                        flow += i[0] if part < parts - 1 else 0.5 * i[0]
                    charges[parts - 1] = flow / parts
                    for row in range(n_state):
                        ends[parts - 1, row] = x[row, 0]
                mean, e = combined(charges[0], charges[1], charges[2])
                e /= max(abs(mean), 1e-300)
                error = e if not e <= error else error
                for row in range(n_state):
                    y, e = combined(ends[0, row], ends[1, row], ends[2, row])
                    x[row, 0] = min(highs[row], max(lows[row], y))
                    e = judged(e, s[row, 0], y, scales[row], lows[row], highs[row])
                    error = e if not e <= error else error
                if error <= LOCAL or forced or h <= SHORTEST * total:
                    q += mean * h
                    copy(x, s)
                    done = total if h >= total - done else done + h
                h *= length_factor(error)
            out[k] = q

    return charge
