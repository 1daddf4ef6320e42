"""Equilibrium propagation with fluctuating neurons: gradients from sampled mean products, against enumeration of all states."""

import itertools
import math

import numpy as np
import pytest

from neurosim.crossbar_spec import Crossbar
from neurosim.learning.estimators import EqProp
from neurosim.library import load_device
from neurosim.network import Inputs, Network, Neurons, SettleOptions

HIDDEN, OUTPUT = 7, 3  # ten spins
I_C, V_R, DELTA = 8e-6, 0.05, 2.0
TARGET = np.array([0.5, -0.5, -0.5]) * V_R
INPUT = np.array([0.015, -0.02, 0.01])
STATES = np.array(list(itertools.product((-1.0, 1.0), repeat=HIDDEN + OUTPUT)))


@pytest.fixture(scope="module")
def network():
    neuron = load_device("smtj/nominal", form="telegraph", delta=DELTA, tau_0="0.1 ns", i_c=I_C)
    synapse = Crossbar(device=load_device("vteam/nominal"), v_read=0.2)
    options = SettleOptions(mode="sampled", sample_step=2e-8, sample_time=2e-3, burn_in=1e-6)
    built = Network([Inputs(3), Neurons(HIDDEN, neuron), Neurons(OUTPUT, neuron)], synapse, seed=2, options=options)
    low, high = synapse.nominal_window()
    rng = np.random.default_rng(4)
    for array in built.crossbars:
        weights = rng.uniform(-0.8, 0.8, (array.n_rows, array.n_targets)) * (high - low)
        weights[-1] *= 0.05
        array.form(weights, low, high)
    built.present(INPUT)
    built.begin_phase()
    built.own_fields = built.engine.fixed.copy()
    return built


def averages(fields, weights):
    """Return mean voltages [V] and mean products [V^2] (HIDDEN, OUTPUT) of the Boltzmann law, by enumeration."""
    hidden, output = STATES[:, :HIDDEN], STATES[:, HIDDEN:]
    power = STATES @ fields + V_R * np.einsum("si,ij,sj->s", hidden, weights, output)
    weight = np.exp(DELTA / I_C * (power - power.max()))
    weight /= weight.sum()
    return V_R * weight @ STATES, V_R**2 * np.einsum("s,si,sj->ij", weight, hidden, output)


def exact_gradient(fields, weights):
    """Return dC/dW of C = sum (<V> - V*)^2 / 2 by central differences of the enumerated means."""
    gradient, step = np.empty_like(weights), 1e-4 * np.abs(weights).max()
    for index in np.ndindex(*weights.shape):
        costs = []
        for sign in (1, -1):
            moved = weights.copy()
            moved[index] += sign * step
            costs.append(0.5 * np.sum((averages(fields, moved)[0][HIDDEN:] - TARGET) ** 2))
        gradient[index] = (costs[0] - costs[1]) / (2 * step)
    return gradient


def nudged(network, weights, beta):
    """Return the enumerated mean products of the phase nudged by ``beta``."""
    free = averages(network.own_fields, weights)[0][HIDDEN:]
    fields = network.own_fields.copy()
    fields[HIDDEN:] += beta * network.g0 * (TARGET - free)
    return averages(fields, weights)[1]


def test_bias_of_the_contrast_is_of_second_order_in_beta_for_both_signs_and_of_first_order_for_one(network):
    weights = network.crossbars[1].weights()[:-1]
    exact = -network.g0 * exact_gradient(network.own_fields, weights)
    free = averages(network.own_fields, weights)[1]

    def error(beta, centered):
        plus = nudged(network, weights, beta)
        found = (plus - nudged(network, weights, -beta)) / (2 * beta) if centered else (plus - free) / beta
        return np.linalg.norm(found - exact) / np.linalg.norm(exact)

    assert error(0.02, True) < 1e-3
    assert error(0.08, True) / error(0.04, True) == pytest.approx(4.0, rel=0.02)
    assert error(0.02, False) / error(0.01, False) == pytest.approx(2.0, rel=0.05)


def test_sampled_contrast_is_the_enumerated_one(network):
    weights, beta, repeats = network.crossbars[1].weights()[:-1], 0.5, 8
    found = []
    for _ in range(repeats):
        phases = EqProp("centered", beta).run(network, TARGET)
        assert phases.settled
        found.append(phases.scale * (phases.ends[0].pairs[0] - phases.ends[1].pairs[0]).T)
    expected = (nudged(network, weights, beta) - nudged(network, weights, -beta)) / (2 * beta)
    error = np.std(found, axis=0, ddof=1) / math.sqrt(repeats)
    gap = np.mean(found, axis=0) - expected
    assert np.abs(gap / error).max() < 8.0  # 8 repeats: Student's t with 7 degrees of freedom
    assert np.sum(gap * expected) / np.sum(expected**2) == pytest.approx(0.0, abs=0.1)
