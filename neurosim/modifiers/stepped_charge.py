"""Charge of a device in sub-steps: the current at the terminals over the same steps (:mod:`neurosim.modifiers.substeps`).

The trapezoid over one, two and three steps is combined by (1) there, its relative error stays below ``STEP_TOLERANCE``. Where
one step is enough, Simpson's rule over start, predicted middle and end stands if the second difference of the current is below
``BEND`` of it: a third of that is the most that an error of the middle can do.
"""

from __future__ import annotations

import functools

import numpy as np

from neurosim.device import Kernel
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import CHARGE
from neurosim.modifiers.columns import carry, copy_lanes
from neurosim.modifiers.substeps import (
    BLOCK,
    LOCAL,
    MOST,
    SCRATCH,
    SHORTEST,
    combined,
    hardly_moves,
    judged,
    length_factor,
    nowhere,
    reach,
)

BEND = 1e-6


@functools.cache
def stepped_charge(step: Kernel, current: Kernel, shape: tuple[int, int, int], scales: tuple[float, ...],
                   lows: tuple[float, ...], highs: tuple[float, ...], zone: Kernel | None = None, *,
                   direct: bool = False) -> Kernel:
    """Return a ``charge`` kernel: the terminal current over the same sub-steps, relative error below ``STEP_TOLERANCE``.

    Where the terminal voltage is within ``zone``, the current does not change. ``direct`` as in ``stepped_advance``.
    """
    n_state, n_param, n_noise = shape
    zone = zone or nowhere
    fact_row = n_state + n_param
    kept = fact_row + 7

    @kernel(CHARGE)
    def charge(state, drive, params, duration, out, start, stop):
        """Write the integral of i dt [C] at frozen terminal voltage, without noise."""
        wide = min(2 * BLOCK, stop - start)
        lanes, ends = np.zeros((kept + 3, wide)), np.empty((5 * n_state, wide))
        s, p, terminal = lanes[:n_state], lanes[n_state:fact_row], lanes[fact_row:fact_row + 1]
        v, h, total, done, trials, site, q = (lanes[fact_row], lanes[fact_row + 1], lanes[fact_row + 2], lanes[fact_row + 3],
                                              lanes[fact_row + 4], lanes[fact_row + 5], lanes[fact_row + 6])
        error, flow, part = lanes[kept], lanes[kept + 1], lanes[kept + 2]
        x, work = ends[3 * n_state:4 * n_state], ends[4 * n_state:]
        d, t, quiet = np.empty((1, wide)), np.empty((SCRATCH, wide)), np.zeros((n_noise + 1, wide))
        flows, slope = np.empty((4, wide)), np.empty(wide)
        before, middle, after, charges = flows[0], flows[1], flows[2], np.empty((3, wide))
        lowest, highest = np.empty(stop), np.empty(stop)
        zone(params, lowest, highest, start, stop)
        k, waiting = start, 0
        while k < stop or waiting > 0:
            last = waiting
            while k < stop and last < waiting + BLOCK:
                out[k] = 0.0
                if duration[k] > 0.0:
                    carry(state, k, s, last)
                    carry(params, k, p, last)
                    v[last], h[last], total[last], site[last] = drive[0, k], duration[k], duration[k], float(k)
                    done[last], trials[last], q[last] = 0.0, 0.0, 0.0
                    last += 1
                k += 1
            first = waiting
            current(s, terminal, p, before, slope, first, last)
            if direct and last > first:
                copy_lanes(s, x, first, last)
                copy_lanes(s, work, first, last)
                step(x, d, t, p, quiet, quiet, work, v, h, first, last)
                current(work, terminal, p, middle, slope, first, last)
                current(x, terminal, p, after, slope, first, last)
            for j in range(first, last):
                site_j = int(site[j])
                if lowest[site_j] <= v[j] <= highest[site_j]:
                    out[site_j] = before[j] * total[j]
                    continue
                if direct and hardly_moves(s, work, x, j, scales):
                    if abs(before[j] - 2.0 * middle[j] + after[j]) <= BEND * abs(middle[j]):
                        out[site_j] = (before[j] + 4.0 * middle[j] + after[j]) / 6.0 * total[j]
                        continue
                carry(lanes, j, lanes[:kept], waiting)
                waiting += 1
            while waiting >= (BLOCK if k < stop else 1):
                for j in range(waiting):
                    trials[j] += 1.0
                    left = total[j] - done[j]
                    h[j] = left if trials[j] >= MOST or h[j] > left else h[j]
                current(s, terminal, p, before, slope, 0, waiting)
                for parts in range(1, 4):
                    copy_lanes(s, x, 0, waiting)
                    copy_lanes(s, work, 0, waiting)
                    for j in range(waiting):
                        flow[j] = 0.5 * before[j]
                        part[j] = h[j] / parts
                    for number in range(parts):
                        step(x, d, t, p, quiet, quiet, work, v, part, 0, waiting)
                        current(x, terminal, p, after, slope, 0, waiting)
                        for j in range(waiting):
                            flow[j] += after[j] if number < parts - 1 else 0.5 * after[j]
                    for j in range(waiting):
                        charges[parts - 1, j] = flow[j] / parts
                        error[j] = reach(s, work, j, scales, lows, highs) if parts == 1 else error[j]
                        for row in range(n_state):
                            ends[(parts - 1) * n_state + row, j] = x[row, j]
                for j in range(waiting):
                    mean, e = combined(charges[0, j], charges[1, j], charges[2, j])
                    e /= max(abs(mean), 1e-300)
                    error[j] = e if not e <= error[j] else error[j]
                    for row in range(n_state):
                        y, e = combined(ends[row, j], ends[n_state + row, j], ends[2 * n_state + row, j])
                        x[row, j] = min(highs[row], max(lows[row], y))
                        e = judged(e, s[row, j], y, scales[row], lows[row], highs[row])
                        error[j] = e if not e <= error[j] else error[j]
                    if error[j] <= LOCAL or trials[j] >= MOST or h[j] <= SHORTEST * total[j]:
                        q[j] += mean * h[j]
                        done[j] = total[j] if h[j] >= total[j] - done[j] else done[j] + h[j]
                        for row in range(n_state):
                            s[row, j] = x[row, j]
                    h[j] *= length_factor(error[j])
                for j in range(waiting - 1, -1, -1):
                    if done[j] >= total[j]:
                        out[int(site[j])] = q[j]
                        waiting -= 1
                        carry(lanes, waiting, lanes[:kept], j)

    return charge
