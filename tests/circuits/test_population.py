"""Populations: log-normal spread with median one and the stated width behind each option, and stuck devices."""

import numpy as np
import pytest
from scipy.stats import kstest

from neurosim.config import parse_config
from neurosim.crossbar import CrossbarArray
from neurosim.crossbar_spec import Crossbar
from neurosim.experiment import build_network
from neurosim.library import load_device
from neurosim.network import Inputs, Network, Neurons
from neurosim.population import build_population

N = 20000
FIVE_SIGMA = 5.7e-7  # two-sided probability of five standard deviations
SPREADS = {"sigma_d2d": 0.04, "sigma_rate": 0.3, "sigma_threshold": 0.06}
# Parameters that an option spreads: g_max = 1 / r_on and g_min = 1 / r_off.
SPREAD_BY = {"sigma_d2d": ("r_on", "r_off"), "sigma_rate": ("k_on", "k_off"), "sigma_threshold": ("v_on", "v_off")}
STUCK_CARDS = ("vteam/nominal", "linear_ion_drift/biolek2009", "two_state/knowm_sdc", "ion_gate/tang2018")


def populate(seed=0, role="crossbar0", n=N, **nonidealities):
    return Crossbar(device=load_device("vteam/nominal"), **nonidealities).populate(n, seed=seed, role=role)


def log_factor(population, name):
    """Return the logarithm of a parameter over its value on the card, shape (n,)."""
    return np.log(population.params[population.model.param_index[name]] / load_device("vteam/nominal").value(name))


def assert_normal(x, sigma):
    """Assert a normal distribution with mean zero and standard deviation ``sigma``, within five standard errors."""
    assert abs(x.mean()) <= 5 * sigma / np.sqrt(x.size)
    assert abs(x.std() / sigma - 1) <= 5 / np.sqrt(2 * x.size)
    assert kstest(x / sigma, "norm").pvalue > FIVE_SIGMA


def assert_independent(*columns):
    """Assert that no two columns correlate, within five standard errors."""
    correlation = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(correlation).max() <= 5 / np.sqrt(columns[0].size)


@pytest.mark.parametrize("option", SPREADS)
def test_spread_is_log_normal_with_median_one_and_the_stated_width(option):
    population = populate(**{option: SPREADS[option]})
    for name in SPREAD_BY[option]:
        assert_normal(log_factor(population, name), SPREADS[option])


@pytest.mark.parametrize("option", SPREADS)
def test_a_spread_touches_its_own_parameters_only(option):
    population = populate(**{option: SPREADS[option]})
    for name in set(population.model.param_index) - set(SPREAD_BY[option]):
        np.testing.assert_array_equal(population.params[population.model.param_index[name]],
                                      load_device("vteam/nominal").value(name))


def test_spread_of_the_window_is_the_spread_of_the_measured_conductances():
    population = populate(sigma_d2d=0.04)
    ends = []
    for x, nominal in ((0.0, 1e-4), (1.0, 5e-6)):  # 1 / (10 kohm) and 1 / (200 kohm)
        population.state[0] = x
        ends.append(np.log(population.conductance() / nominal))
        assert_normal(ends[-1], 0.04)
    assert_independent(*ends)


def test_the_two_thresholds_the_two_ends_of_the_window_and_the_rate_are_independent():
    population = populate(**SPREADS)
    assert_independent(*(log_factor(population, name) for name in ("v_on", "v_off", "r_on", "r_off", "k_on")))


def test_both_polarities_of_one_device_share_their_rate_factor():
    population = populate(sigma_rate=0.3)
    np.testing.assert_allclose(log_factor(population, "k_on"), log_factor(population, "k_off"), rtol=1e-12)


def test_two_arrays_and_two_seeds_share_no_draw():
    assert_independent(*(log_factor(populate(seed, role, sigma_d2d=0.04), "r_on")
                         for seed, role in ((0, "crossbar0"), (0, "crossbar1"), (1, "crossbar0"))))


def test_adding_a_nonideality_never_changes_the_draws_of_the_others():
    everything = populate(**SPREADS, stuck_fraction=0.2)
    works = everything.stuck == 0
    for option, sigma in SPREADS.items():
        alone = populate(**{option: sigma})
        for name in SPREAD_BY[option]:
            row = alone.model.param_index[name]
            np.testing.assert_array_equal(everything.params[row, works], alone.params[row, works])
    np.testing.assert_array_equal(populate(stuck_fraction=0.2).stuck, everything.stuck)


@pytest.mark.parametrize("fraction", [0.02, 0.3, 1.0])
def test_stuck_devices_have_their_share_half_on_half_off(fraction):
    stuck = populate(stuck_fraction=fraction).stuck
    on, off = np.count_nonzero(stuck > 0), np.count_nonzero(stuck < 0)
    assert abs(on + off - fraction * N) <= 5 * np.sqrt(N * fraction * (1 - fraction))
    assert abs(on - off) <= 5 * np.sqrt(on + off)  # on is binomial(on + off, 1/2)
    assert set(np.unique(stuck)) <= {-1, 0, 1}


def test_stuck_devices_sit_at_the_ends_of_their_own_window():
    population = populate(stuck_fraction=0.4, sigma_d2d=0.1)
    r_on, r_off = (population.params[population.model.param_index[name]] for name in ("r_on", "r_off"))
    g = population.conductance()
    for which, r in ((1, r_on), (-1, r_off)):
        np.testing.assert_allclose(g[population.stuck == which], 1 / r[population.stuck == which], rtol=1e-14)
    np.testing.assert_array_equal(population.state[0, population.stuck == 0], 0.5)


@pytest.mark.parametrize("card", STUCK_CARDS)
def test_stuck_devices_have_no_rate_at_any_voltage(card):
    population = build_population(load_device(card), 200, stuck_fraction=0.5, seed=1)
    out = np.empty_like(population.state)
    dead = population.stuck != 0
    moved = np.zeros(population.size, dtype=bool)
    for voltage in (-2.0, -0.1, 0.1, 2.0):
        for state in (population.state, population.state * 0.5):
            population.model.rate(np.ascontiguousarray(state), np.full((1, 200), voltage), population.params, out, 0, 200)
            assert not out[0, dead].any()
            moved |= out[0] != 0.0
    assert moved[~dead].all()


@pytest.mark.parametrize("card", STUCK_CARDS[:3])
def test_stuck_devices_keep_their_bits_through_forming_and_noisy_pulses(card):
    spec = Crossbar(device=load_device(card), v_read=0.01, stuck_fraction=0.3, sigma_c2c=0.2, sigma_c2c_range=0.01)
    crossbar = CrossbarArray(spec, 19, 10, seed=4, name="crossbar0")
    dead, before = crossbar.population.stuck != 0, crossbar.population.state.copy()
    assert 60 < np.count_nonzero(dead) < 180
    low, high = spec.nominal_window()
    sign = spec.device.model.increase_sign
    rng = np.random.default_rng(0)
    crossbar.form(0.2 * (high - low) * rng.uniform(-1, 1, (20, 10)), low, high)
    for _ in range(3):
        crossbar.program_in_place(1e-6 * rng.uniform(-1, 1, (20, 20)), sign * 0.9, -sign * 0.9, 1e-6)
        crossbar.drive_lines_in_place(np.full(20, 0.45), np.full(20, -0.45), 1e-6)
    np.testing.assert_array_equal(crossbar.population.state[:, dead], before[:, dead])
    assert np.all(crossbar.population.state[0, ~dead] != before[0, ~dead])


@pytest.mark.parametrize(("option", "name", "power"), [("sigma_stiffness", "h_k", -1), ("sigma_gain", "c", 1)])
def test_spread_of_neurons_is_log_normal_and_reaches_their_response(option, name, power):
    neuron = load_device("hard_axis_mtj/nominal")
    layers = [Inputs(1), Neurons(N, neuron, **{option: 0.08}), Neurons(1, neuron)]
    network = Network(layers, Crossbar(device=load_device("vteam/nominal")), seed=5)
    population = network.neurons[0]
    factor = np.log(population.params[population.model.param_index[name]] / neuron.value(name))
    assert_normal(factor, 0.08)
    other = "c" if name == "h_k" else "h_k"
    np.testing.assert_array_equal(population.params[population.model.param_index[other]], neuron.value(other))
    # dV/dI = V_r c / H_k = 0.05 V * 2.105e8 / m / (2000 A/m), as the engine's own copy of the parameters gives it.
    nominal = 0.05 * neuron.value("c") / 2e3
    np.testing.assert_allclose(network.neuron_slopes()[:N], nominal * np.exp(power * factor), rtol=1e-12)


def test_stiffness_gain_and_layers_are_drawn_independently():
    neuron = load_device("hard_axis_mtj/nominal")
    layers = [Inputs(1), *(Neurons(500, neuron, sigma_stiffness=0.1, sigma_gain=0.1) for _ in range(2))]
    network = Network(layers, Crossbar(device=load_device("vteam/nominal")), seed=5)
    rows = [population.model.param_index[name] for population in network.neurons[:1] for name in ("h_k", "c")]
    assert_independent(*(np.log(population.params[row]) for population in network.neurons for row in rows))


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_configured_spreads_reach_devices_and_neurons_times_the_nonideality_scale(scale):
    synapse = {"sigma_d2d": "4 %", "sigma_rate": "30 %", "sigma_threshold": "6 %", "stuck_fraction": "10 %"}
    config = parse_config({"nonideality_scale": scale, "network": {"hidden": [2000]}, "synapse": synapse,
                           "neuron": {"sigma_stiffness": "8 %", "sigma_gain": "12 %"}})
    network = build_network(config, 4, 1)
    devices, neurons = network.crossbars[0].population, network.neurons[0]
    dead = np.count_nonzero(devices.stuck)
    share = 0.1 * scale
    assert abs(dead - share * devices.size) <= 5 * np.sqrt(devices.size * share * (1 - share))
    for option, sigma in SPREADS.items():
        for name in SPREAD_BY[option]:
            works = devices.stuck == 0
            value = np.abs(devices.params[devices.model.param_index[name], works])
            assert_normal(np.log(value / abs(load_device("vteam/nominal").value(name))), scale * sigma)
    for name, sigma in (("h_k", 0.08), ("c", 0.12)):
        value = neurons.params[neurons.model.param_index[name]]
        assert_normal(np.log(value / load_device("hard_axis_mtj/nominal").value(name)), scale * sigma)
