"""Coupling norm in closed form, and what it decides: a pair of neurons above one has two rest points, below it has one.

Two neurons with V = V_r clip(s I / V_r, -1, 1), coupled by one conductance w both ways, in units of V_r:
m_1 = clip(b + k m_2), m_2 = clip(k m_1), k = s w. For k < 1 the rest point is unique. For k > 1 the upper one
(1, 1) exists for b > -(k - 1/k), the lower one for b < k - 1/k: from (b - k, -1), m_2 leaves -1 when k (b - k) > -1.
"""

import numpy as np
import pytest

from neurosim.coupling import coupling_norm
from neurosim.crossbar_spec import Crossbar
from neurosim.learning.evaluate import count_multistable
from neurosim.library import load_device
from neurosim.network import Inputs, Network, Neurons
from neurosim.rest import SettleOptions

MIDDLE = 5e-5  # S
V_R, V_READ = 0.05, 0.2
SLOPE = V_R * 2.1052631578947368e8 / 2e3  # ohm: V_r c / H_k of hard_axis_mtj/nominal


def network_of(*sizes, sigma=0.0, gain=1.0, mode="transient", seed=1):
    neuron = load_device("hard_axis_mtj/nominal")
    neuron = neuron.override(c=gain * neuron.value("c"))
    layers = [Inputs(1), *(Neurons(n, neuron, sigma_stiffness=sigma, sigma_gain=sigma) for n in sizes)]
    network = Network(layers, Crossbar(device=load_device("vteam/nominal")), seed=seed, options=SettleOptions(mode=mode))
    for crossbar in network.crossbars:
        assign(crossbar, np.zeros((crossbar.n_rows, crossbar.n_targets)))
    return network


def assign(crossbar, weights):
    """Set the signed weights [S], shape (n_rows, n_targets), bias row last."""
    crossbar.assign(np.concatenate([MIDDLE + 0.5 * weights, MIDDLE - 0.5 * weights], axis=1))


def couple(network, block, weights, bias=0.0):
    """Set the weights between two neuron layers [S], shape (n_sources, n_targets), and their bias row."""
    assign(network.crossbars[block], np.vstack([weights, np.full((1, np.shape(weights)[1]), bias)]))


def slopes(network):
    """Return V_r c / H_k of every neuron [ohm], layer by layer, from the instances' parameters."""
    return [np.prod([population.params[population.model.param_index[name]] ** power
                     for name, power in (("v_r", 1), ("c", 1), ("h_k", -1))], axis=0) for population in network.neurons]


def test_norm_of_a_block_with_one_target_is_the_root_of_the_sum_of_squares():
    network = network_of(7, 1, sigma=0.2)
    w = np.random.default_rng(0).uniform(-5e-5, 5e-5, (7, 1))
    couple(network, 1, w)
    hidden, output = slopes(network)
    np.testing.assert_allclose(coupling_norm(network), np.sqrt(output[0] * np.sum(hidden * w[:, 0] ** 2)), rtol=1e-12)


def test_norm_of_a_block_with_one_source_is_the_root_of_the_sum_of_squares():
    network = network_of(1, 6, sigma=0.2)
    w = np.random.default_rng(1).uniform(-5e-5, 5e-5, (1, 6))
    couple(network, 1, w)
    hidden, output = slopes(network)
    np.testing.assert_allclose(coupling_norm(network), np.sqrt(hidden[0] * np.sum(output * w[0] ** 2)), rtol=1e-12)


def test_norm_of_two_by_two_neurons_is_their_largest_singular_value():
    network = network_of(2, 2, sigma=0.2)
    w = np.array([[3e-5, -1e-5], [2e-5, 4e-5]])
    couple(network, 1, w)
    hidden, output = slopes(network)
    a = np.sqrt(hidden)[:, None] * w * np.sqrt(output)
    total, area = np.sum(a**2), a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]  # s_1^2 + s_2^2 and s_1 s_2
    np.testing.assert_allclose(coupling_norm(network), np.sqrt(0.5 * (total + np.sqrt(total**2 - 4 * area**2))), rtol=1e-12)


def test_norm_of_a_chain_of_three_neurons_is_the_root_of_both_couplings_squared():
    # [[0, a, 0], [a, 0, b], [0, b, 0]] has the eigenvalues 0 and +-sqrt(a^2 + b^2): more than either block alone.
    network = network_of(1, 1, 1, sigma=0.2)
    couple(network, 1, [[4e-5]])
    couple(network, 2, [[-3e-5]])
    first, second, third = (float(s[0]) for s in slopes(network))
    expected = np.sqrt(first * second * 4e-5**2 + second * third * 3e-5**2)
    np.testing.assert_allclose(coupling_norm(network), expected, rtol=1e-12)


def test_norm_is_slope_times_weight_and_grows_with_the_gain():
    for gain in (1.0, 2.0):
        network = network_of(1, 1, gain=gain)
        couple(network, 1, [[6e-5]])
        np.testing.assert_allclose(coupling_norm(network), gain * SLOPE * 6e-5, rtol=1e-9)


def test_inputs_and_biases_are_no_coupling():
    network = network_of(3)
    assign(network.crossbars[0], np.full((2, 3), 5e-5))
    assert coupling_norm(network) == 0.0
    network = network_of(3, 2)
    assign(network.crossbars[0], np.full((2, 3), 5e-5))
    couple(network, 1, np.zeros((3, 2)), bias=5e-5)
    assert coupling_norm(network) == 0.0


def pair(k, *, gain=3.0, mode="transient"):
    """Return two coupled neurons with s w = k, and the input conductance [S] and slope that make b of an input voltage."""
    network = network_of(1, 1, gain=gain, mode=mode)
    couple(network, 1, [[k / (gain * SLOPE)]])
    w_input = 2e-5
    assign(network.crossbars[0], np.array([[w_input], [0.0]]))
    return network, V_R / (gain * SLOPE * w_input)  # volts at the input for b = 1


@pytest.mark.parametrize("k", [0.5, 0.9, 1.1, 1.4])
def test_two_neurons_are_bistable_exactly_where_their_coupling_norm_is_above_one(k):
    network, _ = pair(k)
    np.testing.assert_allclose(coupling_norm(network), k, rtol=1e-9)
    assert count_multistable(network, np.zeros((5, 1))) == (5 if k > 1 else 0)


@pytest.mark.parametrize("k", [1.2, 1.4])
def test_samples_count_as_multistable_within_the_closed_range_of_their_input(k):
    network, volt = pair(k)
    edge = k - 1 / k
    b = edge * np.array([-1.5, -1.05, -0.95, -0.4, 0.0, 0.4, 0.95, 1.05, 1.5])
    assert np.abs(b * volt).max() <= V_READ
    for share, voltage in zip(b / edge, b * volt, strict=True):
        assert count_multistable(network, np.array([[voltage]])) == (abs(share) < 1)
    assert count_multistable(network, b[:, None] * volt) == 5


def test_rest_points_of_the_bistable_pair_are_where_the_algebra_puts_them():
    k, b = 1.4, 0.3
    network, volt = pair(k)
    network.present(np.array([b * volt]))
    network.begin_phase(quiet=True)
    for start, expected in ((0.9, (1.0, 1.0)), (-0.9, (b - k, -1.0))):
        network.reset()
        network.start_from(start)
        np.testing.assert_allclose(network.settle().raise_for_status().voltage, V_R * np.clip(expected, -1, 1), rtol=1e-5)


@pytest.mark.parametrize("mode", ["transient", "equilibrium"])
def test_a_large_monostable_network_counts_none(mode):
    network = network_of(8, 4, sigma=0.1, mode=mode)
    rng = np.random.default_rng(2)
    w = rng.uniform(-1, 1, (8, 4))
    couple(network, 1, w)
    couple(network, 1, 0.9 * w / coupling_norm(network))
    np.testing.assert_allclose(coupling_norm(network), 0.9, rtol=1e-9)
    assert count_multistable(network, rng.uniform(-V_READ, V_READ, (10, 1))) == 0
