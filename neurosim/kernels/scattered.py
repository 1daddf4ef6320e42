"""Step devices that are not neighbours: copied side by side into a small batch, stepped together, and copied back.

A kernel call costs as much as several devices, and devices that are stepped together share vector instructions; the columns
of a row-major array lie far apart. Copying costs a few nanoseconds per parameter.
"""

from __future__ import annotations

from neurosim.kernels.jit import kernel
from neurosim.kernels.move import move
from neurosim.kernels.rng import fill_normal
from neurosim.kernels.signatures import A1, A2, ADVANCES, CHARGES, CONDUCTANCES, I1, f8, i8, u8, void

BATCH = 256  # devices
CYCLE_ROWS = 5


@kernel(void(A2, A2, I1, i8))
def gather(source, batch, sites, count):
    """Copy the columns ``sites`` of ``source`` to the first ``count`` columns of ``batch``."""
    for row in range(source.shape[0]):
        for j in range(count):
            batch[row, j] = source[row, sites[j]]


@kernel(void(A2, A2, I1, i8))
def scatter(batch, target, sites, count):
    """Copy the first ``count`` columns of ``batch`` to the columns ``sites`` of ``target``."""
    for row in range(target.shape[0]):
        for j in range(count):
            target[row, sites[j]] = batch[row, j]


@kernel(f8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A1, A2, A2, u8, i8, i8, I1, i8, A2, A1))
def move_scattered(advances, conductances, charges, state, params, noise, g, cycle, batch, key, purpose, event, sites, count,
                   drive, duration):
    """Step the devices ``sites`` (the first ``count``) and their conductances; return the dissipated energy [J].

    ``drive`` (1, BATCH) and ``duration`` (BATCH,) belong to the batch; ``batch`` (rows, BATCH) is scratch with one row for each
    row of ``state``, ``params``, ``noise`` and ``cycle``, and two more. The rest as in :func:`neurosim.kernels.move.move`.
    """
    first, last = 0, state.shape[0]
    a = batch[first:last]
    first, last = last, last + params.shape[0]
    b = batch[first:last]
    first, last = last, last + noise.shape[0]
    z = batch[first:last]
    first, last = last, last + (CYCLE_ROWS if cycle.size > 0 else 0)
    y = batch[first:last]
    conductance, charge = batch[last], batch[last + 1]
    gather(state, a, sites, count)
    gather(params, b, sites, count)
    if cycle.size > 0:
        gather(cycle, y, sites, count)
    if noise.shape[0] > 0:
        for j in range(count):
            fill_normal(noise, key, purpose, event, sites[j], sites[j] + 1)
        gather(noise, z, sites, count)
    for j in range(count):
        conductance[j] = g[sites[j]]
    energy = move(advances, conductances, charges, a, b, z, conductance, drive, duration, charge, y, 0, count)
    scatter(a, state, sites, count)
    for j in range(count):
        g[sites[j]] = conductance[j]
    return energy
