"""A population of devices under waveforms, as one system for the steppers.

``y`` is the state array (n_state, n) flattened, so that state s of device b is component s n + b. ``layout`` holds
``[n_state, n, n_drive, n_param, n_noise, params, drive]``, the last two being offsets into ``values``; then for each
drive the offset and the number of segments of its waveform table.

A waveform table has one row per segment, ``start, value, slope, amplitude, frequency, phase`` in SI units:

    w(t) = value + slope s + amplitude sin(2 pi frequency s + phase),   s = t - start of the segment that holds t

Segments are closed at their start: a waveform is right-continuous.
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import A1, A2, I1, RHS, f8, void

N_STATE, N, N_DRIVE, N_PARAM, N_NOISE, PARAMS, DRIVE, HEADER = 0, 1, 2, 3, 4, 5, 6, 7
START, VALUE, SLOPE, AMPLITUDE, FREQUENCY, PHASE = 0, 1, 2, 3, 4, 5
N_COLUMN = 6


@scalar_kernel
def waveform_value(t, table):
    """Return the value at time t [s] of a waveform table, shape (n_segment, 6), in SI units."""
    low, high = 0, table.shape[0]
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle, START] <= t:
            low = middle
        else:
            high = middle
    s = t - table[low, START]
    value = table[low, VALUE] + table[low, SLOPE] * s
    if table[low, AMPLITUDE] != 0.0:
        value += table[low, AMPLITUDE] * math.sin(2.0 * math.pi * table[low, FREQUENCY] * s + table[low, PHASE])
    return value


@kernel(void(A1, A2, A1))
def sample_waveform(times, table, out):
    """Write the waveform at each time."""
    for i in range(times.size):
        out[i] = waveform_value(times[i], table)


@scalar_kernel
def view(values, offset, rows, columns):
    """Return a part of ``values`` as a matrix."""
    return values[offset : offset + rows * columns].reshape((rows, columns))


@scalar_kernel
def fill_drive(t, layout, values):
    """Write the drive of every device at time t into its place in ``values`` and return it, shape (n_drive, n)."""
    n, n_drive = layout[N], layout[N_DRIVE]
    drive = view(values, layout[DRIVE], n_drive, n)
    for d in range(n_drive):
        table = view(values, layout[HEADER + 2 * d], layout[HEADER + 2 * d + 1], N_COLUMN)
        level = waveform_value(t, table)
        for i in range(n):
            drive[d, i] = level
    return drive


@kernel(RHS)
def population_rhs(t, y, layout, values, rates, outputs, out):
    """Write dx/dt of every device at its waveforms' values."""
    n_state, n = layout[N_STATE], layout[N]
    drive = fill_drive(t, layout, values)
    params = view(values, layout[PARAMS], layout[N_PARAM], n)
    rates[0](y.reshape((n_state, n)), drive, params, out.reshape((n_state, n)), 0, n)


@kernel(void(f8, I1, A1))
def set_drive(t, layout, values):
    """Write the drive at time t into ``values`` (for reading currents outside the integration)."""
    fill_drive(t, layout, values)
