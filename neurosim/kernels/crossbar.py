"""Products with a differential crossbar of ideal lines: forward, backward, dissipated power.

A crossbar has ``n_rows`` word lines and ``2 n_targets`` bit lines: the plus columns first, then the minus columns. Device
``(row, column)`` has index ``row * 2 n_targets + column``. The signed weight is ``G+ - G-``; every sense line is at virtual
ground. Read noise multiplies the current of each *physical* column (plus and minus apart) in the forward direction and of
each row in the backward direction, and is constant within a phase, so that the phase has a rest point.
"""

from __future__ import annotations

from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import A1, A2, f8, void


@kernel(void(A2, A1, A1))
def column_currents(g, v, current):
    """Fill ``current[c] = sum_r v[r] g[r, c]`` [A]; ``g`` (n_rows, n_columns) [S], ``v`` (n_rows,) [V]."""
    n_rows, n_columns = g.shape
    current[:] = 0.0
    for r in range(n_rows):
        v_r = v[r]
        if v_r != 0.0:
            row = g[r]
            for c in range(n_columns):
                current[c] += v_r * row[c]


@kernel(void(A1, A1, A1))
def add_pair_currents(column, noise, current):
    """Add the noisy differential currents to ``current``; ``column`` and ``noise`` have 2 n entries, ``current`` n."""
    n = current.size
    for j in range(n):
        current[j] += column[j] * (1.0 + noise[j]) - column[n + j] * (1.0 + noise[n + j])


@kernel(void(A2, A1, A1, A2, A2, f8, A1))
def effective_weights(g, noise_forward, noise_backward, forward, backward, v_bias, bias_current):
    """Fill the matrices that a phase sees, both shaped (n_targets, n_sources) [S], and the bias row's current [A].

    The last row of ``g`` is the bias row, driven at ``v_bias``.
    """
    n_targets, n_sources = forward.shape
    for i in range(n_sources):
        back = 1.0 + noise_backward[i]
        for j in range(n_targets):
            plus = g[i, j]
            minus = g[i, n_targets + j]
            forward[j, i] = plus * (1.0 + noise_forward[j]) - minus * (1.0 + noise_forward[n_targets + j])
            backward[j, i] = (plus - minus) * back
    for j in range(n_targets):
        plus = g[n_sources, j] * (1.0 + noise_forward[j])
        minus = g[n_sources, n_targets + j] * (1.0 + noise_forward[n_targets + j])
        bias_current[j] += v_bias * (plus - minus)


@kernel(void(A2, A1, A1), reassociate=True)
def line_conductances(g, row_sum, target_sum):
    """Fill the total conductance of each row and of each column pair [S]: power is ``sum(sum_g v^2)``."""
    n_rows, n_columns = g.shape
    n = n_columns // 2
    target_sum[:] = 0.0
    for r in range(n_rows):
        total = 0.0
        for j in range(n):
            both = g[r, j] + g[r, n + j]
            total += both
            target_sum[j] += both
        row_sum[r] = total


@kernel(void(A1, A1, A1, A1, f8, A2))
def add_outer_difference(v_source_a, v_target_a, v_source_b, v_target_b, scale, out):
    """Add ``scale (a_i a_j - b_i b_j)`` to ``out`` (n_rows, n_targets): the contrast of two phases."""
    n_rows, n = out.shape
    for i in range(n_rows):
        a = scale * v_source_a[i]
        b = scale * v_source_b[i]
        row = out[i]
        for j in range(n):
            row[j] += a * v_target_a[j] - b * v_target_b[j]
