"""Sampled phases: the law of a network of telegraphs is Boltzmann's, whatever the step, by enumeration of all states."""

import itertools
import math

import numpy as np
import pytest

from neurosim.crossbar_spec import Crossbar
from neurosim.errors import ParameterError
from neurosim.library import load_device
from neurosim.network import Inputs, Network, Neurons, SettleOptions

INPUT = np.array([0.01, -0.02, 0.015])
QUIET = {"sigma_d2d": 0.0, "sigma_rate": 0.0, "sigma_threshold": 0.0, "read_noise": 0.0, "stuck_fraction": 0.0}
I_C, V_R, DELTA = 8e-6, 0.05, 2.0


def build(sizes, *, form, mode, step=1e-9, time=1e-5, seed=3):
    neuron = load_device("smtj/nominal", form=form, delta=DELTA, tau_0="0.1 ns", i_c=I_C)
    synapse = Crossbar(device=load_device("vteam/nominal"), v_read=0.2, **QUIET)
    layers = [Inputs(sizes[0]), *(Neurons(size, neuron) for size in sizes[1:])]
    network = Network(layers, synapse, seed=seed,
                      options=SettleOptions(mode=mode, sample_step=step, sample_time=time, burn_in=1e-7))
    low, high = synapse.nominal_window()
    rng = np.random.default_rng(seed)
    for k, array in enumerate(network.crossbars):
        weights = rng.uniform(-0.9, 0.9, (array.n_rows, array.n_targets)) * (high - low)
        weights[-1] *= 0.1 if k else 0.05
        array.form(weights, low, high)
    return network


def sampled(network, phases):
    """Return voltages and pair products of several phases, in units of v_r, shapes (phases, ...)."""
    voltages, pairs = [], []
    for _ in range(phases):
        network.present(INPUT)
        network.reset()
        network.begin_phase()
        rest = network.settle()
        assert rest.status == "settled"
        voltages.append(rest.voltage / V_R)
        pairs.append(np.concatenate([block.ravel() for block in rest.pairs]) / V_R**2)
    return np.array(voltages), np.array(pairs)


def boltzmann(network):
    """Return mean states and mean products of all coupled pairs by enumeration of the states."""
    fixed = network.engine.fixed
    weights = [crossbar.weights()[:-1] for crossbar in network.crossbars[1:]]
    total, mean, products = 0.0, 0.0, 0.0
    for state in itertools.product((-1.0, 1.0), repeat=network.n_neurons):
        s = np.array(state)
        layers = [s[where] for where in network.slices]
        power = fixed @ s + V_R * sum(a @ w @ b for a, w, b in zip(layers[:-1], weights, layers[1:], strict=True))
        weight = math.exp(DELTA / I_C * power)
        total += weight
        mean = mean + weight * s
        products = products + weight * np.concatenate(
            [np.outer(b, a).ravel() for a, b in itertools.pairwise(layers)])
    return mean / total, products / total


@pytest.mark.parametrize(("step", "time"), [(3e-10, 6e-6), (2e-9, 3e-5), (1e-7, 2e-4)])
def test_a_network_of_telegraphs_has_the_law_of_boltzmann_whatever_the_step(step, time):
    network = build((3, 4, 3, 2), form="telegraph", mode="sampled", step=step, time=time)
    voltage, pairs = sampled(network, 12)
    mean, products = boltzmann(network)
    assert np.abs(mean).max() < 0.95  # not frozen
    assert np.abs(products - np.concatenate([np.outer(mean[4:7], mean[:4]).ravel(),
                                             np.outer(mean[7:], mean[4:7]).ravel()])).max() > 0.02  # correlated
    for found, expected in ((voltage, mean), (pairs, products)):
        error = found.std(axis=0, ddof=1) / math.sqrt(len(found))
        assert np.abs((found.mean(axis=0) - expected) / error).max() < 6.0  # 12 samples: Student's t with 11 degrees


def test_a_sampled_phase_repeats_bit_for_bit_and_the_next_one_differs():
    first, second = (sampled(build((3, 4, 2), form="telegraph", mode="sampled", time=1e-7), 2)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.any(first[0] != first[1])


def test_mean_fields_sampled_without_noise_end_where_the_circuit_settles():
    network = build((3, 4, 2), form="mean_field", mode="sampled", step=1e-8, time=1e-8)
    for _ in range(100):
        network.present(INPUT)
        network.begin_phase()
        sampled_end = network.settle().voltage
    circuit = build((3, 4, 2), form="mean_field", mode="transient")
    circuit.present(INPUT)
    circuit.begin_phase()
    np.testing.assert_allclose(sampled_end, circuit.settle().voltage, atol=3e-6 * V_R)


@pytest.mark.parametrize("bad", [{"sample_step": 0.0}, {"sample_time": 1e-10}, {"burn_in": -1.0}])
def test_a_nonsense_sampling_is_refused(bad):
    with pytest.raises(ParameterError, match=r"sample_step.*sample_time.*burn_in"):
        SettleOptions(mode="sampled", **bad)


def test_neurons_without_a_step_are_refused_when_the_network_is_built():
    layers = [Inputs(2), Neurons(2, load_device("hard_axis_mtj/nominal", form="llg"))]
    with pytest.raises(ParameterError, match='no "advance"'):
        Network(layers, Crossbar(device=load_device("vteam/nominal")), seed=0, options=SettleOptions(mode="sampled"))
