"""Pulses that take a different number of pieces on each device, in full vectors all the time.

A pulse is stepped piece by piece, many devices side by side in the columns of a scratch array, so that the processor works on
vectors of them. One slow device must not keep its neighbours waiting: whoever needs more than one piece goes to a pool, which
takes its next steps as soon as it holds a block. A device's result does not depend on who shares its block.

Rows of the scratch: first the parameters, then ``HEAD`` rows (state, time left [s], a sum, the device's number), then
whatever the model adds. The model gives two scalar kernels:

    prepare(state, drive, params, duration, s, begin, count)    fill ``count`` columns for the devices from ``begin`` on
    move(s, count)                                              one piece each; a column without time left stays as it is
"""

from __future__ import annotations

import numpy as np

from neurosim.kernels.jit import scalar_kernel

BLOCK = 64  # devices prepared together, and the least number of a step of the pool
WIDTH = 8  # of a vector: the pool is stepped in multiples of it
STATE, LEFT, SUM, NUMBER, HEAD = range(5)  # after the parameters


@scalar_kernel
def copied(s, row, values, count):
    """Copy values into a row of the scratch."""
    for k in range(count):
        s[row, k] = values[k]


@scalar_kernel
def copied_column(target, column, source, k):
    """Copy column k of a scratch into a column of another, or of itself."""
    for row in range(target.shape[0]):
        target[row, column] = source[row, k]


@scalar_kernel
def kept(s, head, k, x, ended, keep):
    """Write what became of the device in column k."""
    j = int(s[head + NUMBER, k])
    x[j] = s[head + STATE, k]
    if keep:
        ended[0, j] = s[head + LEFT, k]
        ended[1, j] = s[head + SUM, k]


@scalar_kernel
def sift(pool, head, waiting, x, ended, keep):
    """Take the devices without time left out of the pool; return how many remain."""
    k = 0
    while k < waiting:
        if pool[head + LEFT, k] > 0.0:
            k += 1
        else:
            kept(pool, head, k, x, ended, keep)
            waiting -= 1
            copied_column(pool, k, pool, waiting)
            pool[head + LEFT, waiting] = 0.0
    return waiting


@scalar_kernel
def run(prepare, move, head, rows, state, drive, params, duration, x, ended, keep, start, stop):
    """Step devices ``start`` to ``stop`` to the end of their pulse.

    Parameters
    ----------
    head : int
        Row of the scratch where ``HEAD`` begins; ``rows`` is the number of its rows.
    x : array, shape (stop - start,)
        States at the end; may be the row of ``state`` itself.
    ended : array, shape (2, stop - start)
        Time left [s] (minus what passed at rest) and the sum at the end, written if ``keep``.
    """
    fresh, pool, waiting = np.empty((rows, BLOCK)), np.zeros((rows, 2 * BLOCK)), 0
    for begin in range(start, stop, BLOCK):
        count = min(BLOCK, stop - begin)
        prepare(state, drive, params, duration, fresh, begin, count)
        for k in range(count):
            fresh[head + SUM, k] = 0.0
            fresh[head + NUMBER, k] = float(begin - start + k)
        move(fresh, count)
        for k in range(count):
            if fresh[head + LEFT, k] > 0.0:
                copied_column(pool, waiting, fresh, k)
                waiting += 1
            else:
                kept(fresh, head, k, x, ended, keep)
        least = BLOCK if begin + BLOCK < stop else 1
        while waiting >= least:
            move(pool, (waiting + WIDTH - 1) // WIDTH * WIDTH)
            waiting = sift(pool, head, waiting, x, ended, keep)
