"""Unequal forward and backward gain: the angle between estimate and gradient, in closed form and to first order.

One hidden and one output neuron with slopes s_1, s_2 and one coupling, w forward and w (1 + e) backward, outside saturation:
V_1 = s_1 (I_1 + w (1 + e) V_2), V_2 = s_2 (I_2 + w V_1). A nudge at the output moves V_1 by a (1 + e) for each volt of V_2,
a = s_1 w, so the estimate is along

    (x a (1 + e), v_read a (1 + e), V_1 + a (1 + e) V_2, v_read)     for input weight, bias 1, coupling, bias 2,

while the cost changes with a parameter through V_2 alone: along (x a, v_read a, V_1 + a (1 + e) V_2, v_read). With
A = a hypot(x, v_read) and B = hypot(V_1 + a (1 + e) V_2, v_read) the angle is atan(A (1 + e) / B) - atan(A / B).
"""

import numpy as np
import pytest
from ep_oracle import TARGET, flat, usable

from neurosim.crossbar_spec import Crossbar
from neurosim.learning.adjoint import contrast_gradient
from neurosim.learning.estimators import EqProp
from neurosim.library import load_device
from neurosim.network import Inputs, Network, Neurons
from neurosim.rest import SettleOptions

X, V_READ, MIDDLE = 0.15, 0.2, 5e-5
W_INPUT, BIAS_1, W, BIAS_2 = 1.2e-5, -0.3e-5, 5e-5, 0.8e-5  # S
MISMATCH = [-0.3, -0.05, 0.01, 0.1, 0.5]


def mismatched(network, mismatch):
    """Let every phase of ``network`` see backward products times 1 + mismatch."""
    begin = type(network).begin_phase

    def unequal(*, quiet=False):
        begin(network, quiet=quiet)
        for _, backward in network.engine.matrices:
            backward *= 1 + mismatch

    network.begin_phase = unequal
    return network


def pair():
    """Return a 1-1-1 network with known weights, and the slopes of its neurons [ohm] from their parameters."""
    neuron = load_device("hard_axis_mtj/nominal")
    layers = [Inputs(1), *(Neurons(1, neuron, sigma_stiffness=0.1, sigma_gain=0.1) for _ in range(2))]
    network = Network(layers, Crossbar(device=load_device("vteam/nominal")), seed=9, options=SettleOptions(mode="equilibrium"))
    for crossbar, weights in zip(network.crossbars, ((W_INPUT, BIAS_1), (W, BIAS_2)), strict=True):
        w = np.array(weights)[:, None]
        crossbar.assign(np.hstack([MIDDLE + 0.5 * w, MIDDLE - 0.5 * w]))
    slopes = []
    for population in network.neurons:
        v_r, c, h_k = (population.params[population.model.param_index[name], 0] for name in ("v_r", "c", "h_k"))
        slopes.append(v_r * c / h_k)
    return network, slopes


def rest_of(slopes, e, w_input=W_INPUT, bias_1=BIAS_1, w=W, bias_2=BIAS_2):
    """Return V_1 and V_2 [V] of the pair: two linear equations."""
    s_1, s_2 = slopes
    i_1, i_2 = w_input * X + bias_1 * V_READ, bias_2 * V_READ
    matrix = np.array([[1.0, -s_1 * w * (1 + e)], [-s_2 * w, 1.0]])
    return np.linalg.solve(matrix, [s_1 * i_1, s_2 * i_2])


def estimate(network, x, target):
    network.present(x)
    phases = EqProp("centered", 1e-2).run(network, target)
    rests = [rest.raise_for_status().voltage for rest in phases.rests]
    assert not any(network.changed_saturation(rests[0], rest) for rest in rests[1:])
    return flat(contrast_gradient(network, phases.contrast)), rests[0]


def degrees(a, b):
    """Return the angle between two vectors, exact for small ones."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b)))


@pytest.mark.parametrize("e", [0.0, *MISMATCH])
def test_rest_and_estimate_of_two_neurons_are_those_of_the_two_equations(e):
    network, slopes = pair()
    found, rest = estimate(mismatched(network, e), np.array([X]), np.array([0.02]))
    v_1, v_2 = rest_of(slopes, e)
    np.testing.assert_allclose(rest, [v_1, v_2], rtol=1e-11)
    a = slopes[0] * W * (1 + e)
    direction = np.array([X * a, V_READ * a, v_1 + a * v_2, V_READ])
    np.testing.assert_allclose(found / found[-1], direction / direction[-1], rtol=1e-8)


def true_gradient(slopes, e):
    """Return dC/dw of all four weights up to a factor, by central differences of V_2 in closed form."""
    weights = {"w_input": W_INPUT, "bias_1": BIAS_1, "w": W, "bias_2": BIAS_2}
    found = []
    for name, value in weights.items():
        ends = [rest_of(slopes, e, **{**weights, name: value + sign * 1e-10})[1] for sign in (1, -1)]
        found.append((ends[0] - ends[1]) / 2e-10)
    return np.array(found)


@pytest.mark.parametrize("e", MISMATCH)
def test_angle_of_two_neurons_is_the_closed_form(e):
    network, slopes = pair()
    found, (v_1, v_2) = estimate(mismatched(network, e), np.array([X]), np.array([0.02]))
    a = slopes[0] * W
    across, along = a * np.hypot(X, V_READ), np.hypot(v_1 + a * (1 + e) * v_2, V_READ)
    expected = np.degrees(abs(np.arctan(across * (1 + e) / along) - np.arctan(across / along)))
    exact = np.array([X * a, V_READ * a, v_1 + a * (1 + e) * v_2, V_READ]) * np.sign(found[-1])
    np.testing.assert_allclose(degrees(found, exact), expected, rtol=1e-6)
    gradient = true_gradient(slopes, e) * np.sign(v_2 - 0.02)
    np.testing.assert_allclose(degrees(found, gradient), expected, rtol=1e-4)


def angles(network, x, mismatches):
    """Return the angle [degrees] of the estimate at each mismatch to the true gradient of that circuit, by linear response."""
    found = []
    for e in mismatches:
        vector, rest = estimate(mismatched(network, e), x, TARGET)
        found.append(degrees(vector, loss_gradient(network, x, rest, e)))
    return np.array(found)


def loss_gradient(network, x, rest, e):
    """Return dC/dW of all crossbars, flat, for backward products times 1 + e: dense algebra on the conductances."""
    second = network.crossbars[1].weights()
    hidden, output = network.slices
    slope = np.where(np.abs(rest) < network.saturation, network.neuron_slopes(), 0.0)
    n, coupling = network.n_neurons, np.zeros((network.n_neurons, network.n_neurons))
    coupling[output, hidden] = second[:-1].T
    coupling[hidden, output] = second[:-1] * (1 + e)
    pull = np.zeros(n)
    pull[output] = rest[output] - TARGET
    current = np.linalg.solve((np.eye(n) - slope[:, None] * coupling).T, pull) * slope  # dC per ampere into each neuron
    v = [np.append(x, V_READ), np.append(rest[hidden], V_READ)]
    into = [np.outer(v[0], current[hidden]), np.outer(v[1], current[output])]
    into[1][:-1] += (1 + e) * np.outer(current[hidden], rest[output])
    return flat(into)


def test_equal_gains_give_the_gradient_and_unequal_ones_an_angle_of_first_order(make_network):
    network = make_network(gain=(1.0, 0.5))
    for x in usable(network, 1e-2):
        assert angles(network, x, [0.0])[0] <= 1e-5
        mismatches = 0.08 * 2.0 ** -np.arange(6)
        found = angles(network, x, mismatches)
        assert abs(np.polyfit(np.log(mismatches), np.log(found), 1)[0] - 1) <= 0.05
        # Both signs agree to first order; what is left is of second order in the mismatch.
        backwards = angles(network, x, -mismatches)
        assert np.all(np.abs(found / backwards - 1) <= 4 * mismatches)
