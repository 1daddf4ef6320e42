"""Newton on the rest equations of a layered network, with a Schur complement over every second layer.

At rest every neuron obeys V_i = s_i(I_i(V)) with its static response s. The residual r = V - s(I(V)) has the Jacobian
1 - S A, S = diag(ds/dI) and A = dI/dV (couplings, minus springs on the diagonal). Only neighbouring layers couple, so
eliminating the odd (or even) layers is exact and leaves a small dense system (elimination with partial pivoting).
For piecewise-linear responses (hard tanh) this is a semismooth Newton method: it ends exactly once the set of saturated
neurons is right; a damped step is taken when the residual grows.
"""

from __future__ import annotations

import math

import numpy as np

from neurosim.kernels.jit import kernel
from neurosim.kernels.network_system import (
    CURRENT,
    HEADER,
    N_BLOCKS,
    N_GROUPS,
    N_NEURONS,
    PER_BLOCK,
    PER_GROUP,
    SPRING,
    VOLTAGE,
    line_currents,
)
from neurosim.kernels.signatures import A1, A2, ACTIVATIONS, I1, f8, i8, void
from neurosim.kernels.views import matrix_view

CONVERGED, NO_CONVERGENCE, SINGULAR = range(3)


@kernel(i8(A2, A1))
def solve_in_place(matrix, b):
    """Solve ``matrix x = b`` by elimination with partial pivoting; ``b`` becomes x. Return 1 for a singular matrix."""
    n = b.size
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(matrix[i, k]) > abs(matrix[pivot, k]):
                pivot = i
        if not abs(matrix[pivot, k]) > 0.0:
            return 1
        if pivot != k:
            for j in range(k, n):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
            b[k], b[pivot] = b[pivot], b[k]
        for i in range(k + 1, n):
            factor = matrix[i, k] / matrix[k, k]
            if factor != 0.0:
                for j in range(k + 1, n):
                    matrix[i, j] -= factor * matrix[k, j]
                b[i] -= factor * b[k]
    for k in range(n - 1, -1, -1):
        total = b[k]
        for j in range(k + 1, n):
            total -= matrix[k, j] * b[j]
        b[k] = total / matrix[k, k]
    return 0


@kernel(f8(I1, A1, ACTIVATIONS, A1, A1, A1))
def rest_residual(layout, values, activations, voltage, residual, slope):
    """Fill ``residual = V - s(I(V))`` [V] and ``slope = ds/dI`` [ohm]; return the largest residual."""
    n = layout[N_NEURONS]
    v = values[layout[VOLTAGE] : layout[VOLTAGE] + n]
    current = values[layout[CURRENT] : layout[CURRENT] + n]
    v[:] = voltage
    line_currents(layout, values)
    for k in range(layout[N_GROUPS]):
        p = HEADER + PER_GROUP * k
        size, first = layout[p], layout[p + 5]
        activations[k](matrix_view(current, first, 1, size), matrix_view(values, layout[p + 4], layout[p + 2], size),
                       matrix_view(residual, first, 1, size), matrix_view(slope, first, 1, size), 0, size)
    largest = 0.0
    for i in range(n):
        residual[i] = voltage[i] - residual[i]
        if not (abs(residual[i]) <= largest or math.isnan(largest)):
            largest = abs(residual[i])
    return largest


@kernel(void(I1, A1, A2))
def coupling_matrix(layout, values, out):
    """Fill the dense A = dI/dV [S], (n_neurons, n_neurons): the derivative of each arriving current by each voltage."""
    out[:, :] = 0.0
    for i in range(layout[N_NEURONS]):
        out[i, i] = -values[layout[SPRING] + i]
    for b in range(layout[N_BLOCKS]):
        q = HEADER + PER_GROUP * layout[N_GROUPS] + PER_BLOCK * b
        n_s, n_t, first_s, first_t = layout[q], layout[q + 1], layout[q + 2], layout[q + 3]
        for j in range(n_t):
            for i in range(n_s):
                out[first_t + j, first_s + i] = values[layout[q + 4] + j * n_s + i]
                out[first_s + i, first_t + j] = values[layout[q + 5] + j * n_s + i]


@kernel(i8(I1, A1, ACTIVATIONS, A1, A2, I1, f8, i8, A1))
def newton_rest(layout, values, activations, voltage, coupling, keep, tolerance, max_iterations, result):
    """Move ``voltage`` [V] in place to a rest point.

    Parameters
    ----------
    coupling : (n, n)
        Scratch for the couplings.
    keep : (n,)
        1 for neurons of the layers that stay in the Schur complement, 0 for those that are eliminated.
    tolerance : float
        Largest last correction [V].
    result : (2,)
        Filled: iterations, last correction [V].

    Returns
    -------
    int
        CONVERGED, NO_CONVERGENCE or SINGULAR.
    """
    n = layout[N_NEURONS]
    residual, slope, step, trial = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    diagonal = np.empty(n)
    kept = np.flatnonzero(keep)
    gone = np.flatnonzero(keep == 0)
    m = kept.size
    schur, right = np.empty((m, m)), np.empty(m)
    coupling_matrix(layout, values, coupling)
    size = rest_residual(layout, values, activations, voltage, residual, slope)
    correction = math.inf
    for iteration in range(max_iterations):
        for i in range(n):
            diagonal[i] = 1.0 - slope[i] * coupling[i, i]
        for a in range(m):
            i = kept[a]
            total = -residual[i]
            for b in range(m):
                schur[a, b] = 0.0
            schur[a, a] = diagonal[i]
            for e in range(gone.size):
                k = gone[e]
                left = slope[i] * coupling[i, k] / diagonal[k]
                if left != 0.0:
                    total -= left * residual[k]
                    back = left * slope[k]
                    if back != 0.0:
                        for b in range(m):
                            schur[a, b] -= back * coupling[k, kept[b]]
            right[a] = total
        if solve_in_place(schur, right):
            return SINGULAR
        for a in range(m):
            step[kept[a]] = right[a]
        for e in range(gone.size):
            k = gone[e]
            total = -residual[k]
            if slope[k] != 0.0:
                for a in range(m):
                    total += slope[k] * coupling[k, kept[a]] * right[a]
            step[k] = total / diagonal[k]
        correction = 0.0
        for i in range(n):
            if not (abs(step[i]) <= correction or math.isnan(correction)):
                correction = abs(step[i])
        if not math.isfinite(correction):
            return SINGULAR
        damping = 1.0
        for _ in range(12):
            for i in range(n):
                trial[i] = voltage[i] + damping * step[i]
            moved = rest_residual(layout, values, activations, trial, residual, slope)
            if moved <= size or correction <= tolerance:
                break
            damping *= 0.5
        size = moved
        voltage[:] = trial
        result[0] = iteration + 1
        result[1] = correction
        if correction <= tolerance and damping == 1.0:
            return CONVERGED
    return NO_CONVERGENCE
