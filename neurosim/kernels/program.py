"""Write a crossbar row by row with pulses, V/2 on every half-selected line, energy from v and i.

Each row has one slot with two parts: first the pulses that raise conductances, then those that lower them. In a part, the
selected row is at half the voltage for the whole part and each addressed column at minus half for its own pulse width, so

* the addressed device sees the full voltage for its width, then one half until the part ends;
* the others of the selected row see one half for the whole part;
* devices of the other rows see one half in the addressed columns, for that column's width.

Every device of the array is integrated with exactly that voltage. Rows whose dead zone contains the half voltage are not
evaluated: by the contract their state could not change. Parts without a pulse apply no voltage and only take time.
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import kernel
from neurosim.kernels.rng import fill_normal
from neurosim.kernels.signatures import A1, A2, ADVANCES, CHARGES, CONDUCTANCES, i8, u8

WRITE_FULL, WRITE_HALF_ROW, WRITE_HALF_COLUMN = 16, 24, 32  # purposes of the noise draws (8 rows each)
P_ENERGY, P_PULSES, P_ROWS, P_WORST = range(4)


@kernel(i8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A2, A2, A1, A1, A1, A2, A1, u8, i8, A1))
def program_rows(advances, conductances, charges, state, params, noise, g, width, amplitude, lowest, highest, drive,
                 scratch, key, event, result):
    """Apply one pulse per requested device; return 0, or 1 with the index of the first non-finite state.

    Parameters
    ----------
    advances, conductances, charges : tables of one kernel
    state, params, noise : device arrays with ``n_rows * n_columns`` instances (row-major)
    g : (n_rows, n_columns)
        Conductances [S], kept up to date.
    width : (n_rows, n_columns)
        Pulse widths [s]; positive raises the conductance, negative lowers it, zero leaves the device alone.
    amplitude : (3,)
        Raising voltage [V] and lowering voltage [V] (signed), duration of one part [s].
    lowest, highest : (n_rows,)
        Dead zone shared by all devices of a row [V].
    drive : (1, n), scratch : (3 n,)
    key, event : noise key, and number of the first event; each of the 2 n_rows parts is one event.
    result : (4,)
        Added: energy [J], pulses, rows written; set: worst index.
    """
    n_rows, n_columns = g.shape
    n = n_rows * n_columns
    duration = scratch[:n]
    charge = scratch[n : 2 * n]
    column_sum = scratch[2 * n : 2 * n + n_columns]
    part = amplitude[2]
    energy = 0.0
    column_sum[:] = 0.0
    for r in range(n_rows):
        for c in range(n_columns):
            column_sum[c] += g[r, c]

    for r in range(n_rows):
        written = False
        for polarity in range(2):
            sign = 1.0 - 2.0 * polarity
            pulses = 0
            for c in range(n_columns):
                if sign * width[r, c] > 0.0:
                    pulses += 1
            if pulses == 0:
                continue
            written = True
            result[P_PULSES] += pulses
            number = event + 2 * r + polarity
            full = amplitude[polarity]
            half = 0.5 * full
            start, stop = r * n_columns, (r + 1) * n_columns

            # Other rows: one half in the addressed columns.
            for c in range(n_columns):
                w = sign * width[r, c]
                if w > 0.0:
                    energy += half * half * w * (column_sum[c] - g[r, c])
            for other in range(n_rows):
                if other == r or (lowest[other] <= half <= highest[other]):
                    continue
                a, b = other * n_columns, (other + 1) * n_columns
                for c in range(n_columns):
                    w = sign * width[r, c]
                    drive[0, a + c] = half if w > 0.0 else 0.0
                    duration[a + c] = max(w, 0.0)
                    energy -= half * half * duration[a + c] * g[other, c]
                    column_sum[c] -= g[other, c]
                fill_normal(noise, key, WRITE_HALF_COLUMN, number, a, b)
                charges[0](state, drive, params, duration, charge, a, b)
                advances[0](state, drive, params, noise, duration, a, b)
                conductances[0](state, params, g.reshape(n), a, b)
                for c in range(n_columns):
                    energy += drive[0, a + c] * charge[a + c]
                    column_sum[c] += g[other, c]

            # Selected row: the full voltage for each width, one half for the rest of the part.
            for c in range(n_columns):
                w = sign * width[r, c]
                drive[0, start + c] = full if w > 0.0 else half
                duration[start + c] = w if w > 0.0 else part
                column_sum[c] -= g[r, c]
            fill_normal(noise, key, WRITE_FULL, number, start, stop)
            charges[0](state, drive, params, duration, charge, start, stop)
            advances[0](state, drive, params, noise, duration, start, stop)
            for c in range(n_columns):
                w = sign * width[r, c]
                energy += drive[0, start + c] * charge[start + c]
                drive[0, start + c] = half if w > 0.0 else 0.0
                duration[start + c] = part - w if w > 0.0 else 0.0
            fill_normal(noise, key, WRITE_HALF_ROW, number, start, stop)
            charges[0](state, drive, params, duration, charge, start, stop)
            advances[0](state, drive, params, noise, duration, start, stop)
            conductances[0](state, params, g.reshape(n), start, stop)
            for c in range(n_columns):
                energy += drive[0, start + c] * charge[start + c]
                column_sum[c] += g[r, c]
                if not math.isfinite(g[r, c]):
                    result[P_WORST] = start + c
                    return 1
        if written:
            result[P_ROWS] += 1
    result[P_ENERGY] += energy
    return 0
