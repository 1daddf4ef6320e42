"""Heun's method, order 2: a full Euler predictor, then the mean of the two slopes.

    y* = y + h f(t, y),    y_new = y + h/2 (f(t, y) + f(t + h, y*))

For noise that multiplies the state use ``heun_stratonovich``; this scheme is for ordinary equations.

Reference: K. Heun, Z. Math. Phys. 45, 23 (1900); E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential
Equations I, 2nd ed., Springer 1993, section II.1, doi:10.1007/978-3-540-78862-1.
"""

from __future__ import annotations

import numpy as np

from neurosim.kernels.jit import kernel
from neurosim.kernels.steppers.problem import (
    ACCEPTED,
    INTEGRATE,
    NEXT_ROW,
    NEXT_STEP,
    NONFINITE,
    OK,
    TIME,
    TOO_MANY,
    UNDERFLOW,
    WORST,
    before_end,
    clip_state,
    copy_row,
    count_steps,
    first_nonfinite,
)

NAME, ORDER, STRONG_ORDER, CALCULUS, ADAPTIVE = "heun", 2, None, "ode", False


@kernel(INTEGRATE)
def heun(systems, grid, edge, y, layout, values, rates, outputs, n_blocks, bounds, scale, rtol, step, max_step,
         max_steps, record, report):
    """Integrate with equal steps between grid times; see :mod:`neurosim.kernels.steppers.problem` for the arguments."""
    rhs = systems[0]
    n = y.size
    k = np.empty((3, n))
    report[:] = 0.0
    copy_row(y, record, 0)
    for row in range(1, grid.size):
        count = count_steps(grid[row] - grid[row - 1], step, max_step)
        report[NEXT_ROW], report[NEXT_STEP] = row, step
        if count < 0:
            report[TIME] = grid[row - 1]
            return UNDERFLOW
        h = (grid[row] - grid[row - 1]) / count
        for j in range(count):
            t = grid[row - 1] + j * h
            report[TIME] = t
            if report[ACCEPTED] >= max_steps:
                return TOO_MANY
            rhs(t, y, layout, values, rates, outputs, k[0])
            for i in range(n):
                k[2, i] = y[i] + h * k[0, i]
            rhs(before_end(t, h), k[2], layout, values, rates, outputs, k[1])
            for i in range(n):
                y[i] += 0.5 * h * (k[0, i] + k[1, i])
            report[WORST] = first_nonfinite(y)
            if report[WORST] >= 0:
                return NONFINITE
            clip_state(y, bounds)
            report[ACCEPTED] += 1.0
        copy_row(y, record, row)
    report[TIME], report[NEXT_ROW] = grid[grid.size - 1], grid.size
    return OK
