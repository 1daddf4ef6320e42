"""What every scheme for ordinary differential equations takes and gives back.

    status = scheme(systems, grid, edge, y, layout, values, rates, outputs,
                    n_blocks, bounds, scale, rtol, step, max_step, max_steps, record, report)

=============  =====================  ==================================================================================
systems        list of one RHS        dy/dt = f(t, y), see :data:`neurosim.kernels.signatures.RHS`
grid           (n_grid,) increasing   times [s] at which the state is recorded; grid[0] is the start
edge           (n_grid,) integers     1 where f jumps or kinks in t: a step ends exactly there, the next starts anew
y              (n,)                   state, changed in place
layout ...     as RHS                 the problem: integers, floats, rate and output kernels
n_blocks       integer                number of equal, independent subsystems (1: all coupled); component s of subsystem
                                      b is y[s n_blocks + b]; implicit schemes then solve small matrices
bounds         (2, n)                 lowest and highest state (+-inf where free); accepted states are clipped to it
scale          (n,)                   absolute error per component, > 0; adaptive schemes keep error <= scale + rtol |y|
step           float                  first step, 0 to estimate it; fixed-step schemes: the longest step
record         (n_grid, n)            states at the grid times
report         (REPORT_SIZE,)         time, index of the worst component, accepted, rejected, next step, next grid row
=============  =====================  ==================================================================================

Status: OK, NONFINITE (f or the state is not finite; report has time and index), UNDERFLOW (the step fell below the
resolution of t), TOO_MANY (max_steps used; the call may be repeated from report[TIME] with the rest of the grid).

At an edge f has two values. Stages at the end of a step are evaluated just *before* it (:func:`before_end`), the next
step starts at the edge itself, so that a waveform is right-continuous and no stage ever looks across its edge.

Schemes repeat the loop over grid and steps on purpose. One frame that takes the step as a function gives the same bits, but
the references to its arrays are then counted in every step: 65 ns more (28 to 95 ns for Euler on one equation, 508 to 580
for Euler-Maruyama on one magnet; nothing to speak of above some 100 devices).
"""

from __future__ import annotations

import math

import numpy as np
from numba import types

from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.signatures import A1, A2, I1, OUTPUTS, RATES, SYSTEMS, f8, i8

OK, NONFINITE, UNDERFLOW, TOO_MANY = 0, 1, 2, 3
TIME, WORST, ACCEPTED, REJECTED, NEXT_STEP, NEXT_ROW = 0, 1, 2, 3, 4, 5
REPORT_SIZE = 6
LARGEST = 1.7976931348623157e308
EPSILON = 2.220446049250313e-16
SMALLEST_STEP = 1e-200  # [s], far below any device; keeps h > 0 where t = 0

INTEGRATE = i8(SYSTEMS, A1, I1, A1, I1, A1, RATES, OUTPUTS, i8, A2, A1, f8, f8, f8, i8, A2, A1)
INTEGRATE_POINTER = types.FunctionType(INTEGRATE)


@scalar_kernel
def before_end(t, h):
    """Return t + h lowered by four roundings: the left limit at the end of a step, never beyond an edge at t + h."""
    end = t + h
    return end - 4.0 * EPSILON * max(abs(t), abs(end))


@scalar_kernel
def first_nonfinite(x):
    """Return the index of the first component that is not finite, -1 where there is none."""
    for i in range(x.size):
        if not abs(x[i]) <= LARGEST:
            return i
    return -1


@scalar_kernel
def clip_state(y, bounds):
    """Clip y (finite) in place to its bounds and return how many components moved."""
    n_clipped = 0
    for i in range(y.size):
        inside = min(max(y[i], bounds[0, i]), bounds[1, i])
        n_clipped += inside != y[i]
        y[i] = inside
    return n_clipped


@scalar_kernel
def copy_row(y, record, row):
    """Write y into one row of the record."""
    for i in range(y.size):
        record[row, i] = y[i]


@scalar_kernel
def next_edge(grid, edge, row):
    """Return the first row at or after ``row`` on which a step must end: an edge or the end of the grid."""
    while row < grid.size - 1 and edge[row] == 0:
        row += 1
    return row


@scalar_kernel
def error_norm(error, y, y_new, scale, rtol):
    """Return (largest error over tolerance, its index); NaN and infinity give (inf, index).

    The maximum, not the mean square: the accuracy of one device must not depend on how many quiet ones stand beside it.
    """
    worst, index = 0.0, 0
    for i in range(y.size):
        ratio = abs(error[i]) / (scale[i] + rtol * max(abs(y[i]), abs(y_new[i])))
        if not (ratio < LARGEST and abs(y_new[i]) < LARGEST):
            return np.inf, i
        if ratio > worst:
            worst, index = ratio, i
    return worst, index


@scalar_kernel
def guess_step(systems, t, y, f, order, layout, values, rates, outputs, scale, rtol, longest, y_try, f_try):
    """Return a first step from the sizes of y, f and one Euler probe (Hairer, Norsett, Wanner I, section II.4)."""
    d0, d1 = 0.0, 0.0
    for i in range(y.size):
        tolerance = scale[i] + rtol * abs(y[i])
        d0 = max(d0, abs(y[i]) / tolerance)
        d1 = max(d1, abs(f[i]) / tolerance)
    h = 1e-3 * longest if d0 < 1e-5 or d1 < 1e-5 else 0.01 * d0 / d1
    h = min(h, longest)
    for i in range(y.size):
        y_try[i] = y[i] + h * f[i]
    systems[0](before_end(t, h), y_try, layout, values, rates, outputs, f_try)
    d2 = 0.0
    for i in range(y.size):
        d2 = max(d2, abs(f_try[i] - f[i]) / (scale[i] + rtol * abs(y[i])) / h)
    size = max(d1, d2)
    if not size < 1e300:  # an overflow in the probe: start small, the error control will grow it
        return 1e-3 * h
    if size <= 1e-15 / longest:
        return longest
    return min(100.0 * h, (0.01 / size) ** (1.0 / order), longest)


@scalar_kernel
def count_steps(length, step, max_step):
    """Return the number of equal steps, none longer than ``step`` or ``max_step``, that fill an interval."""
    longest = min(step, max_step)
    if not length < 1e15 * longest:
        return -1
    return max(1, math.ceil(length / longest * (1.0 - 1e-12)))
