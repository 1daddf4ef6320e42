"""Write a crossbar row by row with pulses, V/2 on every half-selected line, energy from v and i.

Each row has one slot with two parts: first the pulses that raise conductances, then those that lower them. In a part, the
selected row is at half the voltage for the whole part and each addressed column at minus half for its own pulse width, so

* the addressed device sees the full voltage for its width, then one half until the part ends;
* the others of the selected row see one half for the whole part;
* devices of the other rows see one half in the addressed columns, for that column's width.

Every device of the array is integrated with exactly that voltage, except where its dead zone contains the voltage: by the
contract its state cannot change, and it only dissipates. Devices that move are evaluated together: neighbours of the selected
row as they lie, those of the other rows in batches. Parts without a pulse apply no voltage and only take time.
"""

from __future__ import annotations

import math

import numpy as np

from neurosim.kernels.jit import kernel
from neurosim.kernels.move import hold
from neurosim.kernels.purposes import WRITE_FULL, WRITE_HALF_COLUMN, WRITE_HALF_ROW
from neurosim.kernels.scattered import BATCH, CYCLE_ROWS, move_scattered
from neurosim.kernels.signatures import A1, A2, ADVANCES, CHARGES, CONDUCTANCES, I1, f8, i8, u8

P_ENERGY, P_PULSES, P_ROWS, P_WORST = range(4)


@kernel(i8(A1, A1, I1, i8))
def add_back(column_sum, g, sites, count):
    """Add the conductances of devices that have been stepped to their column's sum; return 0, the number left to step."""
    for j in range(count):
        column_sum[sites[j] % column_sum.size] += g[sites[j]]
    return 0


@kernel(f8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A2, A2, f8, i8, f8, A1, A1, A1, A2, A2, I1, u8, i8))
def disturb(advances, conductances, charges, state, params, noise, g, width, sign, selected, half, lowest, highest, column_sum,
            cycle, batch, sites, key, event):
    """Step the devices of the other rows that ``half`` [V] moves; return their energy [J] beyond half^2 t G_before."""
    n_rows, n_columns = g.shape
    flat = g.reshape(n_rows * n_columns)
    drive, duration = np.full((1, BATCH), half), np.empty(BATCH)
    energy = 0.0
    count = 0
    for c in range(n_columns):
        w = sign * width[selected, c]
        if w > 0.0:
            for r in range(n_rows):
                k = r * n_columns + c
                if r != selected and not lowest[k] <= half <= highest[k]:
                    sites[count], duration[count] = k, w
                    column_sum[c] -= flat[k]
                    energy -= half * half * w * flat[k]
                    count += 1
                    if count == BATCH:
                        energy += move_scattered(advances, conductances, charges, state, params, noise, flat, cycle, batch, key,
                                                 WRITE_HALF_COLUMN, event, sites, count, drive, duration)
                        count = add_back(column_sum, flat, sites, count)
    if count > 0:
        energy += move_scattered(advances, conductances, charges, state, params, noise, flat, cycle, batch, key,
                                 WRITE_HALF_COLUMN, event, sites, count, drive, duration)
        add_back(column_sum, flat, sites, count)
    return energy


@kernel(i8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A2, A2, A1, A1, A1, A2, A1, A2, u8, i8, A1))
def program_rows(advances, conductances, charges, state, params, noise, g, width, amplitude, lowest, highest, drive,
                 scratch, cycle, key, event, result):
    """Apply one pulse per requested device; return 0, or 1 with the index of the first non-finite conductance.

    Parameters
    ----------
    advances, conductances, charges : tables of one kernel (``charges`` may be empty)
    state, params, noise : device arrays with ``n_rows * n_columns`` instances (row-major)
    g : (n_rows, n_columns)
        Conductances [S], kept up to date.
    width : (n_rows, n_columns)
        Pulse widths [s]; positive raises the conductance, negative lowers it, zero leaves the device alone.
    amplitude : (3,)
        Raising voltage [V] and lowering voltage [V] (signed), duration of one part [s].
    lowest, highest : (n,)
        Dead zone of each device [V].
    drive : (1, n), scratch : (3 n,), cycle : see :func:`move_run`
    key, event : noise key, and number of the first event; each of the 2 n_rows parts is one event.
    result : (4,)
        Added: energy [J], pulses, rows written; set: worst index.
    """
    n_rows, n_columns = g.shape
    n = n_rows * n_columns
    flat = g.reshape(n)
    duration = scratch[:n]
    charge = scratch[n : 2 * n]
    column_sum = scratch[2 * n : 2 * n + n_columns]
    batch = np.empty((2 + state.shape[0] + params.shape[0] + noise.shape[0] + CYCLE_ROWS, BATCH))
    sites = np.empty(BATCH, np.int64)
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
            start = r * n_columns

            # Other rows: one half in the addressed columns. All dissipate; those that would move are taken out and stepped.
            for c in range(n_columns):
                w = sign * width[r, c]
                if w > 0.0:
                    energy += half * half * w * (column_sum[c] - g[r, c])
            energy += disturb(advances, conductances, charges, state, params, noise, g, width, sign, r, half, lowest, highest,
                              column_sum, cycle, batch, sites, key, number)

            # Selected row: the full voltage for each width, one half for the rest of the part.
            for c in range(n_columns):
                w = sign * width[r, c]
                drive[0, start + c] = full if w > 0.0 else half
                duration[start + c] = w if w > 0.0 else part
                column_sum[c] -= g[r, c]
            energy += hold(advances, conductances, charges, state, params, noise, flat, lowest, highest, drive, duration,
                           charge, cycle, key, WRITE_FULL, number, start, start + n_columns)
            for c in range(n_columns):
                w = sign * width[r, c]
                drive[0, start + c] = half
                duration[start + c] = part - w if w > 0.0 else 0.0
            energy += hold(advances, conductances, charges, state, params, noise, flat, lowest, highest, drive, duration,
                           charge, cycle, key, WRITE_HALF_ROW, number, start, start + n_columns)
            for c in range(n_columns):
                column_sum[c] += g[r, c]
            if not math.isfinite(energy):
                for k in range(n):
                    if not math.isfinite(flat[k]):
                        result[P_WORST] = k
                        break
                return 1
        if written:
            result[P_ROWS] += 1
    result[P_ENERGY] += energy
    return 0
