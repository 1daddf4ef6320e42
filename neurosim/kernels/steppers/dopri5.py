"""Dormand-Prince 5(4): the adaptive workhorse for smooth, non-stiff problems, with PI control and dense output.

With k_s = f(t + c_s h, y + h sum_j a_sj k_j), s = 1..7, the new state is y + h sum_s b_s k_s (order 5), the error is
h sum_s e_s k_s (against the embedded order 4), and k_7 = f(t + h, y_new) is the k_1 of the next step. Between steps the
continuous extension of order 4 gives the state at record times for free.

Step control: h_new = h min(10, max(0.2, 0.9 err^-0.17 err_old^0.04)), no growth after a rejection (PI, Gustafsson).

References
----------
J. R. Dormand, P. J. Prince, J. Comput. Appl. Math. 6, 19 (1980), doi:10.1016/0771-050X(80)90013-3 (coefficients).
E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed., Springer 1993, II.4-II.6
(first step, PI control, dense output), doi:10.1007/978-3-540-78862-1.
"""

from __future__ import annotations

import numpy as np

from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.steppers.problem import (
    ACCEPTED,
    EPSILON,
    INTEGRATE,
    NEXT_ROW,
    NEXT_STEP,
    NONFINITE,
    OK,
    REJECTED,
    SMALLEST_STEP,
    TIME,
    TOO_MANY,
    UNDERFLOW,
    WORST,
    before_end,
    clip_state,
    copy_row,
    error_norm,
    first_nonfinite,
    guess_step,
    next_edge,
)

NAME, ORDER, STRONG_ORDER, CALCULUS, ADAPTIVE = "dopri5", 5, None, "ode", True
DENSE_ORDER = 4
N_STAGE = 7
SAFETY, LOWEST_FACTOR, HIGHEST_FACTOR = 0.9, 0.2, 10.0
ALPHA, BETA = 0.17, 0.04  # exponents of the PI controller; ALPHA = 1/5 - 0.75 BETA


@scalar_kernel
def dopri5_stages(systems, t, y, h, layout, values, rates, outputs, k, y_new, error):
    """Take one trial step of length h from (t, y); ``k[0]`` must hold f(t, y) on entry.

    Parameters
    ----------
    systems, layout, values, rates, outputs
        The problem, as in :mod:`neurosim.kernels.steppers.problem`.
    t, h : float
        Start and length of the step [s]. Stages at t + h are evaluated just before it.
    y : ndarray, shape (n,)
        State at t, not changed.
    k : ndarray, shape (7, n)
        Stages; ``k[6]`` becomes f(t + h, y_new): copy it to ``k[0]`` when the step is accepted.
    y_new, error : ndarray, shape (n,)
        Results: the state at t + h (order 5) and the estimate of its local error.
    """
    rhs = systems[0]
    n = y.size
    end = before_end(t, h)
    k1, k2, k3, k4, k5, k6, k7 = k[0], k[1], k[2], k[3], k[4], k[5], k[6]
    for i in range(n):
        y_new[i] = y[i] + h * (0.2 * k1[i])
    rhs(t + 0.2 * h, y_new, layout, values, rates, outputs, k2)
    for i in range(n):
        y_new[i] = y[i] + h * (3.0 / 40.0 * k1[i] + 9.0 / 40.0 * k2[i])
    rhs(t + 0.3 * h, y_new, layout, values, rates, outputs, k3)
    for i in range(n):
        y_new[i] = y[i] + h * (44.0 / 45.0 * k1[i] - 56.0 / 15.0 * k2[i] + 32.0 / 9.0 * k3[i])
    rhs(t + 0.8 * h, y_new, layout, values, rates, outputs, k4)
    for i in range(n):
        y_new[i] = y[i] + h * (19372.0 / 6561.0 * k1[i] - 25360.0 / 2187.0 * k2[i] + 64448.0 / 6561.0 * k3[i]
                               - 212.0 / 729.0 * k4[i])
    rhs(t + 8.0 / 9.0 * h, y_new, layout, values, rates, outputs, k5)
    for i in range(n):
        y_new[i] = y[i] + h * (9017.0 / 3168.0 * k1[i] - 355.0 / 33.0 * k2[i] + 46732.0 / 5247.0 * k3[i]
                               + 49.0 / 176.0 * k4[i] - 5103.0 / 18656.0 * k5[i])
    rhs(end, y_new, layout, values, rates, outputs, k6)
    for i in range(n):
        y_new[i] = y[i] + h * (35.0 / 384.0 * k1[i] + 500.0 / 1113.0 * k3[i] + 125.0 / 192.0 * k4[i]
                               - 2187.0 / 6784.0 * k5[i] + 11.0 / 84.0 * k6[i])
    rhs(end, y_new, layout, values, rates, outputs, k7)
    for i in range(n):
        error[i] = h * (71.0 / 57600.0 * k1[i] - 71.0 / 16695.0 * k3[i] + 71.0 / 1920.0 * k4[i]
                        - 17253.0 / 339200.0 * k5[i] + 22.0 / 525.0 * k6[i] - 1.0 / 40.0 * k7[i])


@scalar_kernel
def dopri5_dense(theta, h, y, y_new, k, out):
    """Write the state at t + theta h, 0 <= theta <= 1, of an accepted step (continuous extension of order 4)."""
    k1, k3, k4, k5, k6, k7 = k[0], k[2], k[3], k[4], k[5], k[6]
    rest = 1.0 - theta
    for i in range(y.size):
        change = y_new[i] - y[i]
        start = h * k1[i] - change
        end = change - h * k7[i] - start
        bend = h * (-12715105075.0 / 11282082432.0 * k1[i] + 87487479700.0 / 32700410799.0 * k3[i]
                    - 10690763975.0 / 1880347072.0 * k4[i] + 701980252875.0 / 199316789632.0 * k5[i]
                    - 1453857185.0 / 822651844.0 * k6[i] + 69997945.0 / 29380423.0 * k7[i])
        out[i] = y[i] + theta * (change + rest * (start + theta * (end + rest * bend)))


@scalar_kernel
def pi_factor(error, previous_error, alpha, beta):
    """Return the step factor of the PI controller after an accepted step; ``error`` is 1 at the tolerance."""
    factor = SAFETY * max(error, 1e-10) ** -alpha * max(previous_error, 1e-4) ** beta
    return min(HIGHEST_FACTOR, max(LOWEST_FACTOR, factor))


@kernel(INTEGRATE)
def dopri5(systems, grid, edge, y, layout, values, rates, outputs, n_blocks, bounds, scale, rtol, step, max_step,
           max_steps, record, report):
    """Integrate over the grid with error control; see :mod:`neurosim.kernels.steppers.problem` for the arguments."""
    rhs = systems[0]
    n = y.size
    k = np.empty((N_STAGE, n))
    y_new, error = np.empty(n), np.empty(n)
    t, row = grid[0], 1
    report[:] = 0.0
    copy_row(y, record, 0)
    h, fresh, rejected, overflowed, previous_error = step, True, False, False, 1e-4
    target = next_edge(grid, edge, min(row, grid.size - 1))
    while row < grid.size:
        report[TIME], report[NEXT_STEP], report[NEXT_ROW] = t, h, row
        if report[ACCEPTED] + report[REJECTED] >= max_steps:
            return TOO_MANY
        left = grid[target] - t
        if fresh:  # at the start, after an edge and after a clip: k_7 of the last step is not f here
            rhs(t, y, layout, values, rates, outputs, k[0])
            bad = first_nonfinite(k[0])
            if bad >= 0:
                report[WORST] = bad
                return NONFINITE
            if h <= 0.0:
                h = guess_step(systems, t, y, k[0], ORDER, layout, values, rates, outputs, scale, rtol,
                               min(left, max_step), y_new, k[1])
            fresh = False
        h = min(h, max_step)
        landing = 1.01 * h >= left
        if landing:
            h = left
        elif 2.0 * h > left:  # two equal steps instead of a long one and a sliver
            h = 0.5 * left
        if not landing and h <= max(16.0 * EPSILON * abs(t), SMALLEST_STEP):
            return NONFINITE if overflowed else UNDERFLOW
        dopri5_stages(systems, t, y, h, layout, values, rates, outputs, k, y_new, error)
        size, worst = error_norm(error, y, y_new, scale, rtol)
        report[WORST] = worst
        if size > 1.0:
            report[REJECTED] += 1.0
            rejected, overflowed = True, not size < 1e300
            h *= 0.1 if overflowed else max(LOWEST_FACTOR, SAFETY * size**-ALPHA)
            continue
        report[ACCEPTED] += 1.0
        t_new = grid[target] if landing else t + h
        while row < target and grid[row] <= t_new:
            dopri5_dense((grid[row] - t) / h, h, y, y_new, k, record[row])
            clip_state(record[row], bounds)
            row += 1
        fresh = clip_state(y_new, bounds) > 0
        for i in range(n):
            y[i] = y_new[i]
            k[0, i] = k[6, i]
        t = t_new
        factor = pi_factor(size, previous_error, ALPHA, BETA)
        h *= min(factor, 1.0) if rejected else factor
        rejected, overflowed, previous_error = False, False, max(size, 1e-4)
        if landing:
            copy_row(y, record, target)
            row = target + 1
            target = next_edge(grid, edge, min(row, grid.size - 1))
            fresh, h = True, 0.0
    report[TIME], report[NEXT_STEP], report[NEXT_ROW] = t, h, row
    return OK
