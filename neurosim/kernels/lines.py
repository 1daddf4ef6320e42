"""Drive every line of a crossbar at once for a given time: the building block of coincidence writes."""

from __future__ import annotations

from neurosim.kernels.jit import kernel
from neurosim.kernels.rng import fill_normal
from neurosim.kernels.signatures import A1, A2, ADVANCES, CHARGES, CONDUCTANCES, f8, i8, u8

LINE_WRITE = 80  # purpose of the noise draws


@kernel(f8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A2, A1, A1, f8, A1, A1, A2, A1, u8, i8))
def drive_lines(advances, conductances, charges, state, params, noise, g, row_voltage, column_voltage, duration, lowest,
                highest, drive, scratch, key, event):
    """Hold rows and columns at their voltages [V] for ``duration`` [s]; return the dissipated energy [J].

    Device (r, c) sees ``row_voltage[r] - column_voltage[c]``. Rows whose devices all stay inside their dead zone
    (``lowest``, ``highest``) only dissipate. Shapes as in :func:`neurosim.kernels.program.program_rows`.
    """
    n_rows, n_columns = g.shape
    n = n_rows * n_columns
    time = scratch[:n]
    charge = scratch[n : 2 * n]
    energy = 0.0
    for r in range(n_rows):
        a, b = r * n_columns, (r + 1) * n_columns
        low, high = 0.0, 0.0
        still = 0.0
        for c in range(n_columns):
            v = row_voltage[r] - column_voltage[c]
            drive[0, a + c] = v
            time[a + c] = duration
            low, high = min(low, v), max(high, v)
            still += g[r, c] * v * v
        if lowest[r] <= low and high <= highest[r]:
            energy += still * duration
            continue
        fill_normal(noise, key, LINE_WRITE, event, a, b)
        charges[0](state, drive, params, time, charge, a, b)
        advances[0](state, drive, params, noise, time, a, b)
        conductances[0](state, params, g.reshape(n), a, b)
        for c in range(n_columns):
            energy += drive[0, a + c] * charge[a + c]
    return energy
