"""Stochastic Heun for Stratonovich equations: strong order 1 for commutative noise (1/2 otherwise), weak order 1.

    x* = x + a h + b dW,   x_new = x + (a + a*) h / 2 + (b + b*) dW / 2,   a*, b* at (x*, t + h)

The default for magnetisation: physical, coloured noise in the limit of short memory is Stratonovich.

References
----------
W. Ruemelin, Numerical treatment of stochastic differential equations, SIAM J. Numer. Anal. 19, 604 (1982) (convergence).
J. L. Garcia-Palacios, F. J. Lazaro, Phys. Rev. B 58, 14937 (1998), doi:10.1103/PhysRevB.58.14937 (magnetisation).
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
    before_end,
    clip_state,
    copy_row,
    count_steps,
    first_nonfinite,
)
from neurosim.kernels.steppers.stochastic import INTEGRATE_NOISE, add_noise, brownian_increment

NAME, ORDER, STRONG_ORDER, CALCULUS, ADAPTIVE = "heun_stratonovich", 2, 1.0, "stratonovich", False
STRONG_ORDER_ADDITIVE = 1.0  # the deterministic order is 2


@kernel(INTEGRATE_NOISE)
def heun_stratonovich(rates, diffusions, draw, grid, y, layout, values, bounds, step, n_fine, key, purpose, first_step,
                      max_steps, record, report):
    """Integrate over the grid; see :mod:`neurosim.kernels.steppers.stochastic` for the arguments."""
    rate, diffusion = rates[0], diffusions[0]
    n_state, n, n_noise = layout[N_STATE], layout[N], layout[N_NOISE]
    x, params = y.reshape((n_state, n)), view(values, layout[PARAMS], layout[N_PARAM], n)
    drift, spread, guess = np.empty((n_state, n)), np.empty((n_state * n_noise, n)), np.empty((n_state, n))
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
                    guess[s, i] = x[s, i] + h * drift[s, i]
                    x[s, i] += 0.5 * h * drift[s, i]
            add_noise(increment, spread, 1.0, guess)
            add_noise(increment, spread, 0.5, x)
            drive = fill_drive(before_end(t, h), layout, values)
            rate(guess, drive, params, drift, 0, n)
            diffusion(guess, drive, params, spread, 0, n)
            for s in range(n_state):
                for i in range(n):
                    x[s, i] += 0.5 * h * drift[s, i]
            add_noise(increment, spread, 0.5, x)
            report[WORST] = first_nonfinite(y)
            if report[WORST] >= 0:
                return NONFINITE
            report[REJECTED] += clip_state(y, bounds)
            report[ACCEPTED] += 1.0
            number += n_fine
        copy_row(y, record, row)
    report[TIME], report[NEXT_ROW], report[NEXT_STEP] = grid[grid.size - 1], grid.size, number
    return OK
