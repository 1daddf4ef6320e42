"""Explicit Euler, order 1: y_new = y + h f(t, y). The simplest oracle; use a higher order for results.

Reference: L. Euler, Institutionum calculi integralis I (1768), section 650; E. Hairer, S. P. Norsett, G. Wanner,
Solving Ordinary Differential Equations I, 2nd ed., Springer 1993, section I.7, doi:10.1007/978-3-540-78862-1.
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
    clip_state,
    copy_row,
    count_steps,
    first_nonfinite,
)

NAME, ORDER, STRONG_ORDER, CALCULUS, ADAPTIVE = "euler", 1, None, "ode", False


@kernel(INTEGRATE)
def euler(systems, grid, edge, y, layout, values, rates, outputs, n_blocks, bounds, scale, rtol, step, max_step,
          max_steps, record, report):
    """Integrate with equal steps between grid times; see :mod:`neurosim.kernels.steppers.problem` for the arguments."""
    rhs = systems[0]
    n = y.size
    k = np.empty((1, n))
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
                y[i] += h * k[0, i]
            report[WORST] = first_nonfinite(y)
            if report[WORST] >= 0:
                return NONFINITE
            clip_state(y, bounds)
            report[ACCEPTED] += 1.0
        copy_row(y, record, row)
    report[TIME], report[NEXT_ROW] = grid[grid.size - 1], grid.size
    return OK
