"""A network of fluctuating neurons, sampled: layers of even and odd number step in turn, averages are kept.

Neurons of one layer are not coupled to each other, only to the two layers beside. With the others frozen, each moves by its
own ``advance``; where that obeys detailed balance for a frozen current (telegraph, p-bit), the turn leaves the Boltzmann law
of the whole network unchanged, whatever the step: no synchronous-update bias. The step only sets how well the path in time
is followed, and how many steps one independent sample takes.
"""

from __future__ import annotations

import numpy as np

from neurosim.kernels.jit import kernel
from neurosim.kernels.network_system import (
    CURRENT,
    FIXED,
    HEADER,
    LINE,
    N_BLOCKS,
    N_GROUPS,
    N_NEURONS,
    PER_BLOCK,
    PER_GROUP,
    POWER,
    SPRING,
    TARGET,
    TILE,
    VOLTAGE,
)
from neurosim.kernels.purposes import ROWS
from neurosim.kernels.rng import fill_normal
from neurosim.kernels.signatures import A1, A2, ADVANCES, I1, I2, OUTPUTS, f8, i8, u8, void
from neurosim.kernels.views import matrix_view

GROUP, COLUMN, SIZE, NEURON = range(4)  # entries of a row of ``layers``
KEPT = 4  # steps whose products are added at once, so that the sums are read and written once for all of them


@kernel(void(I1, A1, I2, i8), reassociate=True)
def arriving(layout, values, layers, parity):
    """Fill the currents [A] that arrive at the layers of one parity."""
    for number in range(parity, layers.shape[0], 2):
        first, size = layers[number, NEURON], layers[number, SIZE]
        current = matrix_view(values, layout[CURRENT] + first, 1, size)[0]
        voltage = matrix_view(values, layout[VOLTAGE] + first, 1, size)[0]
        fixed = matrix_view(values, layout[FIXED] + first, 1, size)[0]
        spring = matrix_view(values, layout[SPRING] + first, 1, size)[0]
        target = matrix_view(values, layout[TARGET] + first, 1, size)[0]
        for i in range(size):
            current[i] = fixed[i] + spring[i] * (target[i] - voltage[i])
    for b in range(layout[N_BLOCKS]):
        q = HEADER + PER_GROUP * layout[N_GROUPS] + PER_BLOCK * b
        n_s, n_t = layout[q], layout[q + 1]
        if b % 2 == parity:
            v = matrix_view(values, layout[VOLTAGE] + layout[q + 3], 1, n_t)[0]
            current = matrix_view(values, layout[CURRENT] + layout[q + 2], 1, n_s)[0]
            backward = matrix_view(values, layout[q + 5], n_t, n_s)
            tiled = n_t - n_t % TILE
            for j in range(0, tiled, TILE):
                r0, r1, r2, r3, r4 = backward[j], backward[j + 1], backward[j + 2], backward[j + 3], backward[j + 4]
                v0, v1, v2, v3, v4 = v[j], v[j + 1], v[j + 2], v[j + 3], v[j + 4]
                for i in range(n_s):
                    current[i] += r0[i] * v0 + r1[i] * v1 + r2[i] * v2 + r3[i] * v3 + r4[i] * v4
            for j in range(tiled, n_t):
                row, drive = backward[j], v[j]
                for i in range(n_s):
                    current[i] += row[i] * drive
        else:
            v = matrix_view(values, layout[VOLTAGE] + layout[q + 2], 1, n_s)[0]
            current = matrix_view(values, layout[CURRENT] + layout[q + 3], 1, n_t)[0]
            forward = matrix_view(values, layout[q + 4], n_t, n_s)
            tiled = n_t - n_t % TILE
            for j in range(0, tiled, TILE):
                r0, r1, r2, r3, r4 = forward[j], forward[j + 1], forward[j + 2], forward[j + 3], forward[j + 4]
                t0, t1, t2, t3, t4 = 0.0, 0.0, 0.0, 0.0, 0.0
                for i in range(n_s):
                    drive = v[i]
                    t0 += r0[i] * drive
                    t1 += r1[i] * drive
                    t2 += r2[i] * drive
                    t3 += r3[i] * drive
                    t4 += r4[i] * drive
                current[j] += t0
                current[j + 1] += t1
                current[j + 2] += t2
                current[j + 3] += t3
                current[j + 4] += t4
            for j in range(tiled, n_t):
                row, total = forward[j], 0.0
                for i in range(n_s):
                    total += row[i] * v[i]
                current[j] += total


@kernel(void(OUTPUTS, I1, A1, I2, A1, i8))
def emit(outputs, layout, values, layers, y, number):
    """Fill the output voltages [V] of one layer from its states."""
    group, column, size = layers[number, GROUP], layers[number, COLUMN], layers[number, SIZE]
    p = HEADER + PER_GROUP * group
    n, n_state, n_param = layout[p], layout[p + 1], layout[p + 2]
    state, params = matrix_view(y, layout[p + 3], n_state, n), matrix_view(values, layout[p + 4], n_param, n)
    outputs[group](state, params, matrix_view(values, layout[VOLTAGE] + layout[p + 5], 1, n), column, column + size)


@kernel(void(I1, A2, i8, A1, A1))
def add_pairs(layout, kept, count, mean, pairs):
    """Add the first ``count`` rows of ``kept`` (KEPT, n_neurons) to ``mean``, their products along couplings to ``pairs``.

    Rows beyond ``count`` must be zero.
    """
    for k in range(count):
        for i in range(layout[N_NEURONS]):
            mean[i] += kept[k, i]
    a, b, c, d = kept[0], kept[1], kept[2], kept[3]
    offset = 0
    for block in range(layout[N_BLOCKS]):
        q = HEADER + PER_GROUP * layout[N_GROUPS] + PER_BLOCK * block
        n_s, n_t, source, target = layout[q], layout[q + 1], layout[q + 2], layout[q + 3]
        end = source + n_s
        a_s, b_s, c_s, d_s = a[source:end], b[source:end], c[source:end], d[source:end]
        sums = matrix_view(pairs, offset, n_t, n_s)
        for j in range(n_t):
            row, a_j, b_j, c_j, d_j = sums[j], a[target + j], b[target + j], c[target + j], d[target + j]
            for i in range(n_s):
                row[i] += a_j * a_s[i] + b_j * b_s[i] + c_j * c_s[i] + d_j * d_s[i]
        offset += n_t * n_s


@kernel(f8(ADVANCES, OUTPUTS, I1, A1, I2, A1, A2, A1, u8, i8, i8, i8, A1, A1), reassociate=True)
def sample(advances, outputs, layout, values, layers, y, noise, duration, key, event, burn_in, steps, mean, pairs):
    """Run ``burn_in`` plus ``steps`` steps; fill the averages of the latter and return the mean power of the lines [W].

    Parameters
    ----------
    layers : (n_layers, 4)
        Group, first column in it, size and first neuron of every layer.
    y : (n_states + 1,)
        States; changed.
    noise, duration : (n_noise, n), (n,)
        Scratch for the largest group, and the step [s] of every device.
    key, event : noise key, and number of the first step
    mean : (n_neurons,), pairs : (sum of n_t n_s over the blocks,)
        Mean output voltages [V]; mean products [V^2] of the two ends of every coupling, target-major.
    """
    n_neurons, n_layers = layout[N_NEURONS], layers.shape[0]
    line = matrix_view(values, layout[LINE], 1, n_neurons)[0]
    voltage = matrix_view(values, layout[VOLTAGE], 1, n_neurons)[0]
    kept = np.zeros((KEPT, n_neurons))
    mean[:] = 0.0
    pairs[:] = 0.0
    power, count = 0.0, 0
    for number in range(n_layers):
        emit(outputs, layout, values, layers, y, number)
    for step in range(burn_in + steps):
        for parity in range(2):
            arriving(layout, values, layers, parity)
            for number in range(parity, n_layers, 2):
                group, column, size = layers[number, GROUP], layers[number, COLUMN], layers[number, SIZE]
                p = HEADER + PER_GROUP * group
                n, n_state, n_param = layout[p], layout[p + 1], layout[p + 2]
                state, params = matrix_view(y, layout[p + 3], n_state, n), matrix_view(values, layout[p + 4], n_param, n)
                drive = matrix_view(values, layout[CURRENT] + layout[p + 5], 1, n)
                fill_normal(noise, key, ROWS * group, event + step, column, column + size)
                advances[group](state, drive, params, noise, duration, column, column + size)
                emit(outputs, layout, values, layers, y, number)
        if step >= burn_in:
            for i in range(n_neurons):
                kept[count, i] = voltage[i]
                power += line[i] * voltage[i] * voltage[i]
            count += 1
            if count == KEPT:
                add_pairs(layout, kept, count, mean, pairs)
                count = 0
    kept[count:] = 0.0
    add_pairs(layout, kept, count, mean, pairs)
    for i in range(n_neurons):
        mean[i] /= steps
    for i in range(pairs.size):
        pairs[i] /= steps
    return values[layout[POWER]] + power / steps
