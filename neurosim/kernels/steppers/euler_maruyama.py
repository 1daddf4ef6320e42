"""Euler-Maruyama for Ito equations: strong order 1/2 for multiplicative and 1 for additive noise, weak order 1.

    x_new = x + a(x, t) h + sum_r b_r(x, t) dW_r,   dW_r = sqrt(h) N(0, 1)

On a Stratonovich equation it converges to another law (precessing magnetisation heats up): such devices are refused.

Reference: P. E. Kloeden, E. Platen, Numerical Solution of Stochastic Differential Equations, Springer 1992, 10.2,
doi:10.1007/978-3-662-12616-5.
"""

from __future__ import annotations

import numpy as np

from neurosim.kernels.jit import kernel
from neurosim.kernels.steppers.population_system import N_NOISE, N_PARAM, N_STATE, PARAMS, N, fill_drive, view
from neurosim.kernels.steppers.problem import (
    ACCEPTED,
    NEXT_ROW,
    NEXT_STEP,
    NONFINITE,
    OK,
    REJECTED,
    TIME,
    TOO_MANY,
    UNDERFLOW,
    WORST,
    clip_state,
    copy_row,
    count_steps,
    first_nonfinite,
)
from neurosim.kernels.steppers.stochastic import INTEGRATE_NOISE, add_noise, brownian_increment

NAME, ORDER, STRONG_ORDER, CALCULUS, ADAPTIVE = "euler_maruyama", 1, 0.5, "ito", False
STRONG_ORDER_ADDITIVE = 1.0  # Kloeden & Platen, section 10.2


@kernel(INTEGRATE_NOISE)
def euler_maruyama(rates, diffusions, draw, grid, y, layout, values, bounds, step, n_fine, key, purpose, first_step,
                   max_steps, record, report):
    """Integrate over the grid; see :mod:`neurosim.kernels.steppers.stochastic` for the arguments."""
    rate, diffusion = rates[0], diffusions[0]
    n_state, n, n_noise = layout[N_STATE], layout[N], layout[N_NOISE]
    x, params = y.reshape((n_state, n)), view(values, layout[PARAMS], layout[N_PARAM], n)
    drift, spread = np.empty((n_state, n)), np.empty((n_state * n_noise, n))
    normal, increment = np.empty((n_noise, n)), np.empty((n_noise, n))
    number = first_step
    report[:] = 0.0
    copy_row(y, record, 0)
    for row in range(1, grid.size):
        count = count_steps(grid[row] - grid[row - 1], step, np.inf)
        report[NEXT_ROW], report[NEXT_STEP] = row, number
        if count < 0:
            report[TIME] = grid[row - 1]
            return UNDERFLOW
        h = (grid[row] - grid[row - 1]) / count
        for j in range(count):
            t = grid[row - 1] + j * h
            report[TIME], report[NEXT_STEP] = t, number
            if report[ACCEPTED] >= max_steps:
                return TOO_MANY
            brownian_increment(draw, key, purpose, number, n_fine, h, normal, increment)
            drive = fill_drive(t, layout, values)
            rate(x, drive, params, drift, 0, n)
            diffusion(x, drive, params, spread, 0, n)
            for s in range(n_state):
                for i in range(n):
                    x[s, i] += h * drift[s, i]
            add_noise(increment, spread, 1.0, x)
            report[WORST] = first_nonfinite(y)
            if report[WORST] >= 0:
                return NONFINITE
            report[REJECTED] += clip_state(y, bounds)
            report[ACCEPTED] += 1.0
            number += n_fine
        copy_row(y, record, row)
    report[TIME], report[NEXT_ROW], report[NEXT_STEP] = grid[grid.size - 1], grid.size, number
    return OK
