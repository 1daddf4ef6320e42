"""Columns of a population copied into scratch arrays, on which inner kernels are called: one device, or a block of lanes."""

from __future__ import annotations

from neurosim.kernels.jit import scalar_kernel


@scalar_kernel
def take(source, k, out):
    """Copy column k of ``source`` (rows, n) to ``out`` (rows, 1)."""
    for row in range(out.shape[0]):
        out[row, 0] = source[row, k]


@scalar_kernel
def carry(source, k, out, to):
    """Copy column k of ``source`` to column ``to`` of ``out``, as many rows as ``out`` has."""
    for row in range(out.shape[0]):
        out[row, to] = source[row, k]


@scalar_kernel
def copy_lanes(source, out, start, stop):
    """Copy columns ``start`` to ``stop`` of ``source`` to the same columns of ``out``."""
    for row in range(out.shape[0]):
        a, b = source[row, start:stop], out[row, start:stop]
        for j in range(stop - start):
            b[j] = a[j]


@scalar_kernel
def copy_block(source, begin, out, count):
    """Copy ``count`` columns of ``source`` from ``begin`` on to the first columns of ``out``."""
    for row in range(out.shape[0]):
        a, b = source[row, begin:begin + count], out[row, :count]
        for j in range(count):
            b[j] = a[j]
