"""LU factors of small dense matrices with partial pivoting, many independent ones at once, without BLAS.

``matrix (n_blocks, m, m)`` holds one matrix per independent subsystem, ``pivot (n_blocks, m)`` the row exchanges.
Own code because a BLAS changes bits with its thread count, and because the matrices are small.

Reference: G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., Johns Hopkins 2013, section 3.4.
"""

from __future__ import annotations

from neurosim.kernels.jit import scalar_kernel


@scalar_kernel
def factorise(matrix, pivot):
    """Replace each matrix by its LU factors in place; False when one is singular or not finite."""
    n_blocks, m = pivot.shape
    for b in range(n_blocks):
        a = matrix[b]
        for j in range(m):
            best, size = j, abs(a[j, j])
            for i in range(j + 1, m):
                if abs(a[i, j]) > size:
                    best, size = i, abs(a[i, j])
            pivot[b, j] = best
            if not (0.0 < size < 1e300):
                return False
            if best != j:
                for k in range(m):
                    a[j, k], a[best, k] = a[best, k], a[j, k]
            inverse = 1.0 / a[j, j]
            for i in range(j + 1, m):
                factor = a[i, j] * inverse
                a[i, j] = factor
                if factor != 0.0:
                    for k in range(j + 1, m):
                        a[i, k] -= factor * a[j, k]
    return True


@scalar_kernel
def solve(matrix, pivot, x):
    """Solve in place; component s of block b is ``x[s * n_blocks + b]``."""
    n_blocks, m = pivot.shape
    for b in range(n_blocks):
        a = matrix[b]
        for j in range(m):  # all exchanges first: the factors were exchanged over whole rows
            p = pivot[b, j] * n_blocks + b
            q = j * n_blocks + b
            x[q], x[p] = x[p], x[q]
        for i in range(1, m):
            total = x[i * n_blocks + b]
            for k in range(i):
                total -= a[i, k] * x[k * n_blocks + b]
            x[i * n_blocks + b] = total
        for i in range(m - 1, -1, -1):
            total = x[i * n_blocks + b]
            for k in range(i + 1, m):
                total -= a[i, k] * x[k * n_blocks + b]
            x[i * n_blocks + b] = total / a[i, i]
