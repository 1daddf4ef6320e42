"""Read noise: each physical column and each row has its own relative deviation, constant within a phase, new in each."""

import numpy as np
import pytest

from neurosim.crossbar_spec import Crossbar
from neurosim.kernels.network_system import line_currents
from neurosim.library import load_device
from neurosim.network import Inputs, Network, Neurons

NOISE, PHASES = 0.03, 4000
SIZES = (3, 4, 6)
RNG = np.random.default_rng(11)
INPUT, VOLTAGE = RNG.uniform(-0.2, 0.2, SIZES[0]), RNG.uniform(-0.05, 0.05, SIZES[1] + SIZES[2])


def network_with(*halves, read_noise=NOISE):
    """Return a network whose pairs carry current in the given column halves only: 0 plus, 1 minus."""
    neuron = load_device("hard_axis_mtj/nominal")
    network = Network([Inputs(SIZES[0]), *(Neurons(n, neuron) for n in SIZES[1:])],
                      Crossbar(device=load_device("vteam/nominal"), read_noise=read_noise), seed=2)
    for k, crossbar in enumerate(network.crossbars):
        g = np.random.default_rng(k).uniform(1e-5, 1e-4, crossbar.g.shape)
        for half in {0, 1} - set(halves):
            g[:, half * crossbar.n_targets : (half + 1) * crossbar.n_targets] = 0.0
        crossbar.assign(g)
    network.present(INPUT)
    return network


def arriving(network, voltage):
    """Return the current that arrives at every neuron [A] in the present phase, with the neurons held at ``voltage`` [V]."""
    network.engine.voltage[:] = voltage
    line_currents(network.engine.layout, network.engine.values)
    return network.engine.current.copy()


def parts(network):
    """Return the three products [A] of the present phase: into the hidden layer, into the outputs, and back."""
    hidden = slice(0, SIZES[1])
    nothing, both, back = np.zeros_like(VOLTAGE), VOLTAGE.copy(), VOLTAGE.copy()
    both[SIZES[1] :] = 0.0  # hidden neurons drive, outputs rest
    back[hidden] = 0.0
    into_hidden = arriving(network, nothing)[hidden]
    return into_hidden, arriving(network, both)[SIZES[1] :], arriving(network, back)[hidden] - into_hidden


def quiet(network):
    network.begin_phase(quiet=True)
    return parts(network)


def phases(network, n=PHASES):
    """Return the relative deviation of each product in ``n`` phases, shapes (n, lines)."""
    silent, found = quiet(network), []
    for _ in range(n):
        network.begin_phase()
        found.append(parts(network))
    return [np.array(product) / reference - 1 for product, reference in zip(zip(*found, strict=True), silent, strict=True)]


@pytest.fixture(scope="module")
def noise():
    """Return the relative deviations of plus columns, minus columns and rows of both crossbars, same phases in all."""
    plus, minus = phases(network_with(0)), phases(network_with(1))
    return {"hidden plus": plus[0], "hidden minus": minus[0], "output plus": plus[1], "output minus": minus[1],
            "rows": plus[2], "rows of minus": minus[2]}


def test_quiet_products_are_the_products_with_the_conductances():
    network = network_with(0, 1)
    into_hidden, into_output, back = quiet(network)
    first, second = (crossbar.weights() for crossbar in network.crossbars)
    np.testing.assert_allclose(into_hidden, np.append(INPUT, 0.2) @ first, rtol=1e-12)
    np.testing.assert_allclose(into_output, np.append(VOLTAGE[: SIZES[1]], 0.2) @ second, rtol=1e-12)
    np.testing.assert_allclose(back, second[:-1] @ VOLTAGE[SIZES[1] :], rtol=1e-11)


@pytest.mark.parametrize("line", ["hidden plus", "hidden minus", "output plus", "output minus", "rows", "rows of minus"])
def test_deviation_of_every_column_and_row_current_is_read_noise(noise, line):
    z = noise[line] / NOISE
    assert np.abs(z.mean(axis=0)).max() <= 5 / np.sqrt(PHASES)
    assert np.abs(z.std(axis=0) - 1).max() <= 5 / np.sqrt(2 * PHASES)


def test_plus_and_minus_columns_and_both_directions_have_independent_noise(noise):
    lines = np.concatenate([noise[name] for name in ("hidden plus", "hidden minus", "output plus", "output minus", "rows")],
                           axis=1)
    correlation = np.corrcoef(lines.T) - np.eye(lines.shape[1])
    assert np.abs(correlation).max() <= 5 / np.sqrt(PHASES)


def test_a_row_is_sensed_as_one_line_so_its_noise_is_common_to_both_columns_of_a_pair(noise):
    np.testing.assert_allclose(noise["rows"], noise["rows of minus"], rtol=0, atol=1e-13)  # currents rounded to 1e-16 or so


@pytest.mark.parametrize("line", ["hidden plus", "output minus", "rows"])
def test_phases_are_independent(noise, line):
    z = noise[line]
    for lag in (1, 2, 3):  # free and nudged phases of one sample
        both = np.corrcoef(z[:-lag].T, z[lag:].T)[: z.shape[1], z.shape[1] :]
        assert np.abs(both).max() <= 5 / np.sqrt(PHASES - lag)


def test_noise_of_a_differential_current_is_that_of_both_columns_in_quadrature():
    network = network_with(0, 1)
    silent = quiet(network)
    deviation = [a * b for a, b in zip(phases(network), silent, strict=True)]
    first, second = (crossbar.g for crossbar in network.crossbars)
    inputs, sources = np.append(INPUT, 0.2), np.append(VOLTAGE[: SIZES[1]], 0.2)
    for current, columns, n in ((deviation[0], inputs @ first, SIZES[1]), (deviation[1], sources @ second, SIZES[2])):
        expected = NOISE * np.hypot(columns[:n], columns[n:])
        assert np.abs(current.std(axis=0) / expected - 1).max() <= 5 / np.sqrt(2 * PHASES)
    assert np.abs(deviation[2].std(axis=0) / (NOISE * np.abs(silent[2])) - 1).max() <= 5 / np.sqrt(2 * PHASES)


@pytest.mark.parametrize("half", [0, 1])
def test_noise_is_one_factor_per_line_whatever_the_voltages(half):
    # Same factor for the bias row alone, for other voltages and at every evaluation of the phase.
    network = network_with(half)
    rng = np.random.default_rng(3)
    trials = [np.zeros_like(VOLTAGE), VOLTAGE, rng.uniform(0.0, 0.05, VOLTAGE.size), VOLTAGE]
    network.begin_phase(quiet=True)
    silent = [arriving(network, v) for v in trials]
    network.begin_phase()
    loud = [arriving(network, v) for v in trials]
    outputs = slice(SIZES[1], None)
    factors = np.array([a[outputs] / b[outputs] for a, b in zip(loud, silent, strict=True)])
    np.testing.assert_allclose(factors, np.repeat(factors[:1], len(trials), axis=0), rtol=1e-12)
    assert np.abs(factors - 1).max() > 0.1 * NOISE


def test_settling_does_not_redraw_the_noise_of_its_phase():
    network = network_with(0, 1)
    network.begin_phase()
    before = [network.engine.fixed.copy(), *(matrix.copy() for pair in network.engine.matrices for matrix in pair)]
    network.reset()
    network.settle().raise_for_status()
    after = [network.engine.fixed, *(matrix for pair in network.engine.matrices for matrix in pair)]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)


def test_without_read_noise_every_phase_is_quiet():
    network = network_with(0, 1, read_noise=0.0)
    silent = quiet(network)
    for _ in range(3):
        network.begin_phase()
        for a, b in zip(parts(network), silent, strict=True):
            np.testing.assert_array_equal(a, b)
