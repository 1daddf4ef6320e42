"""The network as one system of ordinary differential equations: every neuron state, and the dissipated energy.

``y`` holds the states of all neuron layers (each layer a C-ordered (n_state, n) block) and, last, the energy [J] that the
crossbars have dissipated. The right-hand side reads everything else from two flat arrays that the network owns:

``layout`` (integers): ``[n_layers, n_blocks, n_neurons, n_states, offsets...]`` then six integers per layer
(size, n_state, n_param, first state, first param, first neuron) and four per block (source layer, target layer, forward
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
N_LAYERS, N_BLOCKS, N_NEURONS, N_STATES, FIXED, SPRING, TARGET, LINE, VOLTAGE, CURRENT, POWER = range(11)
HEADER = 11
PER_LAYER = 6
PER_BLOCK = 4


@kernel(f8(I1, A1), reassociate=True)
def line_currents(layout, values):
    """Fill the current [A] that arrives at every neuron from the output voltages in ``values``; return the power [W]."""
    n_layers = layout[N_LAYERS]
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

    blocks = HEADER + PER_LAYER * n_layers
    for b in range(layout[N_BLOCKS]):
        q = blocks + PER_BLOCK * b
        source = HEADER + PER_LAYER * layout[q]
        sink = HEADER + PER_LAYER * layout[q + 1]
        n_s, n_t = layout[source], layout[sink]
        forward = matrix_view(values, layout[q + 2], n_t, n_s)
        backward = matrix_view(values, layout[q + 3], n_t, n_s)
        v_s = matrix_view(values, layout[VOLTAGE] + layout[source + 5], 1, n_s)
        v_t = matrix_view(values, layout[VOLTAGE] + layout[sink + 5], 1, n_t)
        i_s = matrix_view(values, layout[CURRENT] + layout[source + 5], 1, n_s)
        i_t = matrix_view(values, layout[CURRENT] + layout[sink + 5], 1, n_t)
        for j in range(n_t):
            v_j = v_t[0, j]
            total = 0.0
            for i in range(n_s):
                total += forward[j, i] * v_s[0, i]
            for i in range(n_s):
                i_s[0, i] += backward[j, i] * v_j
            i_t[0, j] += total
    return power


@kernel(RHS, reassociate=True)
def network_rhs(t, y, layout, values, rates, outputs, out):
    """Fill ``out`` with the time derivative of every neuron state and the dissipated power [W]."""
    n_layers = layout[N_LAYERS]
    n_states = layout[N_STATES]
    for k in range(n_layers):
        p = HEADER + PER_LAYER * k
        n, n_state, n_param = layout[p], layout[p + 1], layout[p + 2]
        state = matrix_view(y, layout[p + 3], n_state, n)
        params = matrix_view(values, layout[p + 4], n_param, n)
        outputs[k](state, params, matrix_view(values, layout[VOLTAGE] + layout[p + 5], 1, n), 0, n)

    power = line_currents(layout, values)

    for k in range(n_layers):
        p = HEADER + PER_LAYER * k
        n, n_state, n_param = layout[p], layout[p + 1], layout[p + 2]
        state = matrix_view(y, layout[p + 3], n_state, n)
        change = matrix_view(out, layout[p + 3], n_state, n)
        params = matrix_view(values, layout[p + 4], n_param, n)
        rates[k](state, matrix_view(values, layout[CURRENT] + layout[p + 5], 1, n), params, change, 0, n)
    out[n_states] = power
