"""Johnson and shot noise of the lines in a network: variances from Nyquist and Schottky, summed over the devices of a line."""

import numpy as np
import pytest

from neurosim.crossbar_spec import Crossbar
from neurosim.errors import ParameterError
from neurosim.library import load_device
from neurosim.modifiers import modify_device
from neurosim.network import Inputs, Network, Neurons

BOLTZMANN, CHARGE, KELVIN = 1.380649e-23, 1.602176634e-19, 300.0
READ_TIME, PHASES = 2e-9, 4000


@pytest.fixture
def network():
    synapse = modify_device(load_device("vteam/nominal"), [{"kind": "johnson_shot"}])
    crossbar = Crossbar(device=synapse, v_read=0.2, read_time=READ_TIME)
    layers = [Inputs(3), *(Neurons(n, load_device("hard_axis_mtj/nominal")) for n in (4, 2))]
    built = Network(layers, crossbar, seed=5)
    for k, array in enumerate(built.crossbars):
        low, high = crossbar.nominal_window()
        weights = np.random.default_rng(k).uniform(-1, 1, (array.n_rows, array.n_targets)) * (high - low)
        array.form(weights, low, high)
    return built


def fixed_currents(network, voltage):
    """Return the fixed currents of many phases [A], shape (PHASES, n_neurons), neurons at rest at 0 V."""
    network.present(voltage)
    found = []
    for _ in range(PHASES):
        network.reset()
        network.begin_phase()
        found.append(network.engine.fixed.copy())
    return np.array(found)


def spectrum(v, g):
    """Return the one-sided spectrum [A^2/Hz] of ohmic devices: 4 k T g for v = 0, 2 q g |v| for large |v|."""
    u = CHARGE * v / (2 * BOLTZMANN * KELVIN)
    return 4 * BOLTZMANN * KELVIN * g * np.where(u == 0.0, 1.0, u / np.tanh(np.where(u == 0.0, 1.0, u)))


def test_noise_of_a_line_is_the_sum_over_its_devices_each_at_its_voltage(network):
    inputs = np.array([0.2, 0.0, -0.1])
    found = fixed_currents(network, inputs)
    first, second = network.crossbars
    rows = np.append(inputs, network.synapse.v_read)[:, None]
    into_hidden = spectrum(rows, first.g).sum(axis=0).reshape(2, 4).sum(axis=0)  # plus and minus line
    into_hidden = into_hidden + spectrum(0.0, second.g[:-1]).sum(axis=1)  # backwards, outputs at 0 V
    rows = np.array([0, 0, 0, 0, network.synapse.v_read])[:, None]
    into_output = spectrum(rows, second.g).sum(axis=0).reshape(2, 2).sum(axis=0)
    sigma = np.sqrt(np.concatenate([into_hidden, into_output]) / (2 * READ_TIME))
    np.testing.assert_allclose(found.std(axis=0), sigma, rtol=5 / np.sqrt(2 * PHASES))
    correlation = np.corrcoef(found.T) - np.eye(6)
    assert np.abs(correlation).max() < 5 / np.sqrt(PHASES)


def test_quiet_reads_have_none(network):
    network.present(np.zeros(3))
    network.begin_phase(quiet=True)
    first = network.engine.fixed.copy()
    network.begin_phase(quiet=True)
    np.testing.assert_array_equal(network.engine.fixed, first)


def test_devices_without_white_noise_draw_none():
    layers = [Inputs(2), Neurons(2, load_device("hard_axis_mtj/nominal"))]
    network = Network(layers, Crossbar(device=load_device("vteam/nominal")), seed=0)
    assert network.crossbars[0].line_noise is None


def test_a_read_time_of_zero_is_refused():
    with pytest.raises(ParameterError, match=r"read_time = 0 s must be > 0"):
        Crossbar(device=load_device("vteam/nominal"), read_time=0.0)
