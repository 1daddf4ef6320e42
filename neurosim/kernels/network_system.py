"""The network as one system of ordinary differential equations: every neuron state, and the dissipated energy.

Neighbouring layers of one device model form a group, evaluated by one call. ``y`` holds the states of all groups (each a
C-ordered (n_state, n) block) and, last, the energy [J] that the crossbars have dissipated. The right-hand side reads
everything else from two flat arrays that the network owns:

``layout`` (integers): the header, then six integers per group (size, n_state, n_param, first state, first param, first
neuron) and six per block, the crossbar between two neuron layers (sources, targets, first source, first target, forward
matrix, backward matrix). ``values`` (floats) holds, at those offsets, parameters, matrices and one entry per neuron of:
fixed current (inputs, biases, constant nudge) [A], spring conductance [S] and spring target [V], total line conductance [S],
then scratch for output voltages [V] and currents [A].

Reductions are vectorised (``reassociate``): their order is fixed per processor type.
"""

from __future__ import annotations

from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import A1, I1, RHS, f8
from neurosim.kernels.views import matrix_view

# Positions of the header entries of ``layout``.
N_GROUPS, N_BLOCKS, N_NEURONS, N_STATES, FIXED, SPRING, TARGET, LINE, VOLTAGE, CURRENT, POWER = range(11)
HEADER = 11
PER_GROUP = 6
PER_BLOCK = 6
TILE = 5  # targets of a block that share one pass over the source lines


@kernel(f8(I1, A1), reassociate=True)
def line_currents(layout, values):
    """Fill the current [A] that arrives at every neuron from the output voltages in ``values``; return the power [W]."""
    n_neurons = layout[N_NEURONS]
    voltage = values[layout[VOLTAGE] : layout[VOLTAGE] + n_neurons]
    current = values[layout[CURRENT] : layout[CURRENT] + n_neurons]
    fixed = values[layout[FIXED] : layout[FIXED] + n_neurons]
    spring = values[layout[SPRING] : layout[SPRING] + n_neurons]
    target = values[layout[TARGET] : layout[TARGET] + n_neurons]
    line = values[layout[LINE] : layout[LINE] + n_neurons]
    power = values[layout[POWER]]
    for i in range(n_neurons):
        current[i] = fixed[i] + spring[i] * (target[i] - voltage[i])
        power += line[i] * voltage[i] * voltage[i]

    for b in range(layout[N_BLOCKS]):
        q = HEADER + PER_GROUP * layout[N_GROUPS] + PER_BLOCK * b
        n_s, n_t = layout[q], layout[q + 1]
        v_s = matrix_view(values, layout[VOLTAGE] + layout[q + 2], 1, n_s)[0]
        v_t = matrix_view(values, layout[VOLTAGE] + layout[q + 3], 1, n_t)[0]
        i_s = matrix_view(values, layout[CURRENT] + layout[q + 2], 1, n_s)[0]
        i_t = matrix_view(values, layout[CURRENT] + layout[q + 3], 1, n_t)[0]
        forward = matrix_view(values, layout[q + 4], n_t, n_s)
        backward = matrix_view(values, layout[q + 5], n_t, n_s)
        tiled = n_t - n_t % TILE
        for j in range(0, tiled, TILE):
            f0, f1, f2, f3, f4 = forward[j], forward[j + 1], forward[j + 2], forward[j + 3], forward[j + 4]
            b0, b1, b2, b3, b4 = backward[j], backward[j + 1], backward[j + 2], backward[j + 3], backward[j + 4]
            v0, v1, v2, v3, v4 = v_t[j], v_t[j + 1], v_t[j + 2], v_t[j + 3], v_t[j + 4]
            t0, t1, t2, t3, t4 = 0.0, 0.0, 0.0, 0.0, 0.0
            for i in range(n_s):
                v = v_s[i]
                t0 += f0[i] * v
                t1 += f1[i] * v
                t2 += f2[i] * v
                t3 += f3[i] * v
                t4 += f4[i] * v
            for i in range(n_s):
                i_s[i] += b0[i] * v0 + b1[i] * v1 + b2[i] * v2 + b3[i] * v3 + b4[i] * v4
            i_t[j] += t0
            i_t[j + 1] += t1
            i_t[j + 2] += t2
            i_t[j + 3] += t3
            i_t[j + 4] += t4
        for j in range(tiled, n_t):
            f, g, v_j, total = forward[j], backward[j], v_t[j], 0.0
            for i in range(n_s):
                total += f[i] * v_s[i]
            for i in range(n_s):
                i_s[i] += g[i] * v_j
            i_t[j] += total
    return power


@kernel(RHS, reassociate=True)
def network_rhs(t, y, layout, values, rates, outputs, out):
    """Fill ``out`` with the time derivative of every neuron state and the dissipated power [W]."""
    n_groups = layout[N_GROUPS]
    for k in range(n_groups):
        p = HEADER + PER_GROUP * k
        n, n_state, n_param = layout[p], layout[p + 1], layout[p + 2]
        state = matrix_view(y, layout[p + 3], n_state, n)
        params = matrix_view(values, layout[p + 4], n_param, n)
        outputs[k](state, params, matrix_view(values, layout[VOLTAGE] + layout[p + 5], 1, n), 0, n)

    power = line_currents(layout, values)

    for k in range(n_groups):
        p = HEADER + PER_GROUP * k
        n, n_state, n_param = layout[p], layout[p + 1], layout[p + 2]
        state = matrix_view(y, layout[p + 3], n_state, n)
        change = matrix_view(out, layout[p + 3], n_state, n)
        params = matrix_view(values, layout[p + 4], n_param, n)
        rates[k](state, matrix_view(values, layout[CURRENT] + layout[p + 5], 1, n), params, change, 0, n)
    out[layout[N_STATES]] = power
