"""Drive every line of a crossbar at once for a given time: the building block of coincidence writes."""

from __future__ import annotations

from neurosim.kernels.jit import kernel
from neurosim.kernels.move import hold
from neurosim.kernels.purposes import LINE_WRITE
from neurosim.kernels.signatures import A1, A2, ADVANCES, CHARGES, CONDUCTANCES, f8, i8, u8


@kernel(f8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A2, A1, A1, f8, A1, A1, A2, A1, A2, u8, i8))
def drive_lines(advances, conductances, charges, state, params, noise, g, row_voltage, column_voltage, duration, lowest,
                highest, drive, scratch, cycle, key, event):
    """Hold rows and columns at their voltages [V] for ``duration`` [s]; return the dissipated energy [J].

    Device (r, c) sees ``row_voltage[r] - column_voltage[c]``; devices inside their dead zone only dissipate. Shapes as in
    :func:`neurosim.kernels.program.program_rows`.
    """
    n_rows, n_columns = g.shape
    n = n_rows * n_columns
    time = scratch[:n]
    charge = scratch[n : 2 * n]
    for r in range(n_rows):
        for c in range(n_columns):
            drive[0, r * n_columns + c] = row_voltage[r] - column_voltage[c]
    time[:] = duration
    return hold(advances, conductances, charges, state, params, noise, g.reshape(n), lowest, highest, drive, time, charge,
                cycle, key, LINE_WRITE, event, 0, n)
