"""RODAS4: adaptive Rosenbrock method of order 4(3) for stiff problems, L-stable, without Newton iterations.

With J = df/dy, f_t = df/dt at the start of the step, gamma = 1/4 and six stages u_s that share one LU factorisation:

    (1/(gamma h) - J) u_s = f(t + c_s h, y + sum_{j<s} a_sj u_j) + sum_{j<s} (C_sj / h) u_j + d_s h f_t
    y_new = y + sum_j a_5j u_j + u_5 + u_6,    error = u_6,    dense output of order 3

J and f_t are finite differences (one-sided, inside the step, because f may jump at its start): J with increments of
sqrt(eps) times the typical size max(|y|, scale/rtol), f_t of second order. Their error, 1e-8 of J, limits the useful
tolerance to rtol >= 1e-10. Uncoupled devices (``n_blocks``) cost n_state evaluations and small matrices.

Reference: E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, 2nd ed., Springer 1996, section IV.7
(method RODAS, coefficients and dense output of its program), doi:10.1007/978-3-642-05221-7.
"""

from __future__ import annotations

import numpy as np

from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.steppers.dense_lu import factorise, solve
from neurosim.kernels.steppers.dopri5 import LOWEST_FACTOR, SAFETY, pi_factor
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

NAME, ORDER, STRONG_ORDER, CALCULUS, ADAPTIVE = "rodas4", 4, None, "ode", True
DENSE_ORDER = 3
N_STAGE = 6
ALPHA, BETA = 0.22, 0.04  # exponents of the PI controller, ALPHA = 1/4 - 0.75 BETA
GAMMA = 0.25
A21 = 1.544
A31, A32 = 0.9466785280815826, 0.2557011698983284
A41, A42, A43 = 3.314825187068521, 2.896124015972201, 0.9986419139977817
A51, A52, A53, A54 = 1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950
C21 = -5.6688
C31, C32 = -2.430093356833875, -0.2063599157091915
C41, C42, C43 = -0.1073529058151375, -9.594562251023355, -20.47028614809616
C51, C52, C53, C54 = 7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160
C61, C62, C63, C64, C65 = (8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136,
                           -6.058818238834054)
TIME2, TIME3, TIME4 = 0.386, 0.21, 0.63
D1, D2, D3, D4 = 0.25, -0.1043, 0.1035, -0.0362
H21, H22, H23, H24, H25 = (10.12623508344586, -7.487995877610167, -34.80091861555747, -7.992771707568823,
                           1.025137723295662)
H31, H32, H33, H34, H35 = (-0.6762803392801253, 6.087714651680015, 16.43084320892478, 24.76722511418386,
                           -6.594389125716872)
ROOT_EPSILON, CUBE_ROOT_EPSILON = EPSILON**0.5, EPSILON ** (1.0 / 3.0)


@scalar_kernel
def jacobian(systems, t, y, f, layout, values, rates, outputs, bounds, scale, rtol, out, y_try, f_try, increment):
    """Write df/dy of each independent block into ``out (n_blocks, m, m)`` by one-sided differences."""
    n_blocks, m = out.shape[0], out.shape[1]
    for i in range(y.size):
        y_try[i] = y[i]
    for column in range(m):
        first = column * n_blocks
        for i in range(first, first + n_blocks):
            size = ROOT_EPSILON * max(abs(y[i]), scale[i] / max(rtol, 1e-12))
            y_try[i] = y[i] + size if y[i] + size <= bounds[1, i] else y[i] - size
            increment[i] = y_try[i] - y[i]  # as rounded
        systems[0](t, y_try, layout, values, rates, outputs, f_try)
        for row in range(m):
            for b in range(n_blocks):
                i = row * n_blocks + b
                out[b, row, column] = (f_try[i] - f[i]) / increment[first + b]
        for i in range(first, first + n_blocks):
            y_try[i] = y[i]


@scalar_kernel
def time_derivative(systems, t, h, y, f, layout, values, rates, outputs, out, f_try):
    """Write df/dt at the start of a step, of second order and without looking before t."""
    for i in range(y.size):
        out[i] = 0.0
    probe = max(CUBE_ROOT_EPSILON * h, 64.0 * EPSILON * abs(t))
    if probe > 0.25 * h:
        return
    d1 = (t + probe) - t
    d2 = (t + 2.0 * probe) - t
    systems[0](t + d1, y, layout, values, rates, outputs, f_try)
    for i in range(y.size):
        out[i] = (f_try[i] - f[i]) * d2 / (d1 * (d2 - d1))
    systems[0](t + d2, y, layout, values, rates, outputs, f_try)
    for i in range(y.size):
        out[i] -= (f_try[i] - f[i]) * d1 / (d2 * (d2 - d1))


@scalar_kernel
def rodas4_stages(systems, t, y, h, layout, values, rates, outputs, matrix, pivot, f, f_t, u, y_new, f_try):
    """Take one trial step: fill the stages ``u (6, n)`` and ``y_new``, given the LU factors and ``f`` = f(t, y)."""
    rhs = systems[0]
    n = y.size
    end = before_end(t, h)
    u1, u2, u3, u4, u5, u6 = u[0], u[1], u[2], u[3], u[4], u[5]
    for i in range(n):
        u1[i] = f[i] + h * D1 * f_t[i]
    solve(matrix, pivot, u1)
    for i in range(n):
        y_new[i] = y[i] + A21 * u1[i]
    rhs(t + TIME2 * h, y_new, layout, values, rates, outputs, f_try)
    for i in range(n):
        u2[i] = f_try[i] + C21 * u1[i] / h + h * D2 * f_t[i]
    solve(matrix, pivot, u2)
    for i in range(n):
        y_new[i] = y[i] + A31 * u1[i] + A32 * u2[i]
    rhs(t + TIME3 * h, y_new, layout, values, rates, outputs, f_try)
    for i in range(n):
        u3[i] = f_try[i] + (C31 * u1[i] + C32 * u2[i]) / h + h * D3 * f_t[i]
    solve(matrix, pivot, u3)
    for i in range(n):
        y_new[i] = y[i] + A41 * u1[i] + A42 * u2[i] + A43 * u3[i]
    rhs(t + TIME4 * h, y_new, layout, values, rates, outputs, f_try)
    for i in range(n):
        u4[i] = f_try[i] + (C41 * u1[i] + C42 * u2[i] + C43 * u3[i]) / h + h * D4 * f_t[i]
    solve(matrix, pivot, u4)
    for i in range(n):
        y_new[i] = y[i] + A51 * u1[i] + A52 * u2[i] + A53 * u3[i] + A54 * u4[i]
    rhs(end, y_new, layout, values, rates, outputs, f_try)
    for i in range(n):
        u5[i] = f_try[i] + (C51 * u1[i] + C52 * u2[i] + C53 * u3[i] + C54 * u4[i]) / h
    solve(matrix, pivot, u5)
    for i in range(n):
        y_new[i] += u5[i]
    rhs(end, y_new, layout, values, rates, outputs, f_try)
    for i in range(n):
        u6[i] = f_try[i] + (C61 * u1[i] + C62 * u2[i] + C63 * u3[i] + C64 * u4[i] + C65 * u5[i]) / h
    solve(matrix, pivot, u6)
    for i in range(n):
        y_new[i] += u6[i]


@scalar_kernel
def rodas4_dense(theta, y, y_new, u, out):
    """Write the state at t + theta h, 0 <= theta <= 1, of an accepted step (order 3)."""
    rest = 1.0 - theta
    for i in range(y.size):
        bend = H21 * u[0, i] + H22 * u[1, i] + H23 * u[2, i] + H24 * u[3, i] + H25 * u[4, i]
        twist = H31 * u[0, i] + H32 * u[1, i] + H33 * u[2, i] + H34 * u[3, i] + H35 * u[4, i]
        out[i] = rest * y[i] + theta * (y_new[i] + rest * (bend + theta * twist))


@kernel(INTEGRATE)
def rodas4(systems, grid, edge, y, layout, values, rates, outputs, n_blocks, bounds, scale, rtol, step, max_step,
           max_steps, record, report):
    """Integrate over the grid with error control; see :mod:`neurosim.kernels.steppers.problem` for the arguments."""
    n = y.size
    m = n // n_blocks
    u, derivative, matrix = np.empty((N_STAGE, n)), np.empty((n_blocks, m, m)), np.empty((n_blocks, m, m))
    pivot = np.empty((n_blocks, m), dtype=np.int64)
    f, f_t, f_try, y_new, increment = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    t, row = grid[0], 1
    report[:] = 0.0
    copy_row(y, record, 0)
    h, stale, rejected, overflowed, previous_error = step, True, False, False, 1e-4
    target = next_edge(grid, edge, min(row, grid.size - 1))
    while row < grid.size:
        report[TIME], report[NEXT_STEP], report[NEXT_ROW] = t, h, row
        if report[ACCEPTED] + report[REJECTED] >= max_steps:
            return TOO_MANY
        left = grid[target] - t
        if stale:
            systems[0](t, y, layout, values, rates, outputs, f)
            bad = first_nonfinite(f)
            if bad >= 0:
                report[WORST] = bad
                return NONFINITE
            if h <= 0.0:
                h = guess_step(systems, t, y, f, ORDER, layout, values, rates, outputs, scale, rtol,
                               min(left, max_step), y_new, f_try)
        h = min(h, max_step)
        landing = 1.01 * h >= left
        if landing:
            h = left
        elif 2.0 * h > left:
            h = 0.5 * left
        if not landing and h <= max(16.0 * EPSILON * abs(t), SMALLEST_STEP):
            return NONFINITE if overflowed else UNDERFLOW
        if stale:
            jacobian(systems, t, y, f, layout, values, rates, outputs, bounds, scale, rtol, derivative, y_new, f_try,
                     increment)
            time_derivative(systems, t, h, y, f, layout, values, rates, outputs, f_t, f_try)
            stale = False
        for b in range(n_blocks):
            for i in range(m):
                for j in range(m):
                    matrix[b, i, j] = -derivative[b, i, j]
                matrix[b, i, i] += 1.0 / (GAMMA * h)
        size, worst = np.inf, max(0, first_nonfinite(f_t))  # the solve spreads a NaN over its whole block
        if worst == 0 and factorise(matrix, pivot):
            rodas4_stages(systems, t, y, h, layout, values, rates, outputs, matrix, pivot, f, f_t, u, y_new, f_try)
            size, worst = error_norm(u[5], y, y_new, scale, rtol)
        report[WORST] = worst
        if size > 1.0:
            report[REJECTED] += 1.0
            rejected, overflowed = True, not size < 1e300
            h *= 0.1 if overflowed else max(LOWEST_FACTOR, SAFETY * size**-ALPHA)
            continue
        report[ACCEPTED] += 1.0
        t_new = grid[target] if landing else t + h
        while row < target and grid[row] <= t_new:
            rodas4_dense((grid[row] - t) / h, y, y_new, u, record[row])
            clip_state(record[row], bounds)
            row += 1
        clip_state(y_new, bounds)
        for i in range(n):
            y[i] = y_new[i]
        t = t_new
        factor = pi_factor(size, previous_error, ALPHA, BETA)
        h *= min(factor, 1.0) if rejected else factor
        rejected, overflowed, stale, previous_error = False, False, True, max(size, 1e-4)
        if landing:
            copy_row(y, record, target)
            row = target + 1
            target = next_edge(grid, edge, min(row, grid.size - 1))
            h = 0.0
    report[TIME], report[NEXT_STEP], report[NEXT_ROW] = t, h, row
    return OK
