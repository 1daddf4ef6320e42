"""Write a crossbar row by row with pulses, V/2 on every half-selected line, energy from v and i.

Each row has one slot with two parts: first the pulses that raise conductances, then those that lower them. In a part, the
selected row is at half the voltage for the whole part and each addressed column at minus half for its own pulse width, so

* the addressed device sees the full voltage for its width, then one half until the part ends;
* the others of the selected row see one half for the whole part;
* devices of the other rows see one half in the addressed columns, for that column's width.

Every device of the array is integrated with exactly that voltage, except where its dead zone contains the voltage: by the
contract its state cannot change, and it only dissipates. Devices that move are evaluated in runs of neighbouring columns.
Parts without a pulse apply no voltage and only take time.

Two things are optional in a device model and then done here. Without ``charge`` the energy of a pulse is the trapezoid
v^2 t (G_before + G_after) / 2. Without cycle-to-cycle noise of its own, a device that a pulse has moved by s is displaced by
z sqrt((sigma_step s)^2 + (sigma_range range)^2), z normal, within its bounds (first state; one number per device and pulse).
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import kernel
from neurosim.kernels.rng import fill_normal
from neurosim.kernels.signatures import A1, A2, ADVANCES, CHARGES, CONDUCTANCES, f8, i8, u8, void

WRITE_FULL, WRITE_HALF_ROW, WRITE_HALF_COLUMN = 16, 24, 32  # purposes of the noise draws (8 rows each)
P_ENERGY, P_PULSES, P_ROWS, P_WORST = range(4)


@kernel(void(A2, A2, A2, i8, i8))
def displace(state, noise, cycle, start, stop):
    """Add cycle-to-cycle noise to the first state of the devices that have moved; the last row of ``noise`` is the number."""
    row = noise.shape[0] - 1
    for k in range(start, stop):
        step = state[0, k] - cycle[4, k]
        if step != 0.0:
            sigma = math.sqrt(cycle[0, k] * cycle[0, k] * step * step + cycle[1, k] * cycle[1, k])
            state[0, k] = min(cycle[3, k], max(cycle[2, k], state[0, k] + sigma * noise[row, k]))


@kernel(f8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A1, A2, A1, A1, A2, u8, i8, i8, i8, i8))
def move_run(advances, conductances, charges, state, params, noise, g, drive, duration, charge, cycle, key, purpose, event,
             start, stop):
    """Step devices ``start`` to ``stop`` and their conductances; return the dissipated energy [J], NaN if one went wrong.

    ``cycle`` (5, n): sigma_step, sigma_range times the range, lowest and highest first state, scratch; (5, 0) for models with
    noise of their own.
    """
    fill_normal(noise, key, purpose, event, start, stop)
    if len(charges) > 0:
        charges[0](state, drive, params, duration, charge, start, stop)
    else:
        for k in range(start, stop):
            charge[k] = 0.5 * g[k] * drive[0, k] * duration[k]
    noisy = cycle.shape[1] > 0
    if noisy:
        cycle[4, start:stop] = state[0, start:stop]
    advances[0](state, drive, params, noise, duration, start, stop)
    if noisy:
        displace(state, noise, cycle, start, stop)
    conductances[0](state, params, g, start, stop)
    if len(charges) == 0:
        for k in range(start, stop):
            charge[k] += 0.5 * g[k] * drive[0, k] * duration[k]
    energy = 0.0
    for k in range(start, stop):
        energy += drive[0, k] * charge[k]
        if not math.isfinite(g[k]):
            energy = math.nan
    return energy


@kernel(f8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A1, A1, A1, A2, A1, A1, A2, u8, i8, i8, i8, i8))
def hold(advances, conductances, charges, state, params, noise, g, lowest, highest, drive, duration, charge, cycle, key,
         purpose, event, start, stop):
    """Apply ``drive`` [V] for ``duration`` [s] to devices ``start`` to ``stop``; return the dissipated energy [J]."""
    energy = 0.0
    k = start
    while k < stop:
        v = drive[0, k]
        if duration[k] == 0.0 or lowest[k] <= v <= highest[k]:
            energy += v * v * g[k] * duration[k]
            k += 1
            continue
        end = k + 1
        while end < stop and duration[end] > 0.0 and not (lowest[end] <= drive[0, end] <= highest[end]):
            end += 1
        energy += move_run(advances, conductances, charges, state, params, noise, g, drive, duration, charge, cycle, key,
                           purpose, event, k, end)
        k = end
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
                    for other in range(n_rows):
                        k = other * n_columns + c
                        if lowest[k] <= half <= highest[k] or other == r:
                            continue
                        drive[0, k] = half
                        duration[k] = w
                        energy -= half * half * w * g[other, c]
                        column_sum[c] -= g[other, c]
                        energy += move_run(advances, conductances, charges, state, params, noise, flat, drive, duration,
                                           charge, cycle, key, WRITE_HALF_COLUMN, number, k, k + 1)
                        column_sum[c] += g[other, c]

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
