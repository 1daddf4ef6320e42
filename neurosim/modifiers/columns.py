"""One device out of a population: its column as arrays of one column, on which inner kernels are called with 0, 1."""

from __future__ import annotations

from neurosim.kernels.jit import scalar_kernel


@scalar_kernel
def take(source, k, out):
    """Copy column k of ``source`` (rows, n) to ``out`` (rows, 1)."""
    for row in range(out.shape[0]):
        out[row, 0] = source[row, k]


@scalar_kernel
def put(source, k, out):
    """Copy ``source`` (rows, 1) to column k of ``out`` (rows, n)."""
    for row in range(source.shape[0]):
        out[row, k] = source[row, 0]


@scalar_kernel
def copy(source, out):
    """Copy ``source`` (rows, 1) to ``out`` (rows, 1)."""
    for row in range(out.shape[0]):
        out[row, 0] = source[row, 0]
