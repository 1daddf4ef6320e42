"""Populations begin in their law: traps, 1/f noise and latent draws are stationary from the first read."""

import numpy as np
import pytest
from scipy.stats import expon, kstest

import neurosim as ns
from neurosim.characterise import noise_spectrum
from neurosim.crossbar import CrossbarArray
from neurosim.kernels.rng import fill_normal
from neurosim.modifiers import modify_device
from neurosim.population import build_population

N = 20_000
FOUR = 4.0  # standard errors


def noisy(*modifiers, **overrides):
    return modify_device(ns.load_device("vteam/nominal", **overrides), modifiers)


def waited(population, duration, step):
    """Return the conductances after waiting at zero volts with noise; the population itself moves."""
    n, model = population.size, population.model
    noise = np.empty((len(model.noises), n))
    fill_normal(noise, np.uint64(5), 0, step, 0, n)
    model.advance(population.state, np.zeros((1, n)), population.params, noise, np.full(n, duration), 0, n)
    return population.conductance()


RTN = {"kind": "rtn", "amplitude": 0.2, "capture_time": "3 ms", "emission_time": "1 ms"}
FLICKER = {"kind": "flicker", "amplitude": 1e-3, "frequency_low": "1 mHz", "frequency_high": "10 kHz", "states": 8}


def test_traps_are_full_with_their_stationary_probability_from_the_first_read():
    population = build_population(noisy(RTN), N, seed=1)
    p = 1.0 / 4.0  # tau_e / (tau_c + tau_e)
    error = np.sqrt(p * (1.0 - p) / N)
    g = population.conductance() * 105e3  # x = 0.5: 105 kohm
    assert set(np.unique(np.round(g, 9))) == {0.8, 1.0}
    assert abs(np.mean(g < 0.9) - p) < FOUR * error
    # Variance (a G)^2 p (1 - p), and its standard error from the fourth moment of a two-valued number.
    variance, spread = 0.04 * p * (1 - p), 0.04 * np.sqrt(p * (1 - p) * (1 - 2 * p) ** 2 / N)
    assert abs(np.var(g) - variance) < FOUR * spread
    for step, duration in enumerate((1e-5, 1e-3, 1.0)):
        assert abs(np.var(waited(population, duration, step) * 105e3) - variance) < FOUR * spread


def test_traps_with_spread_times_begin_with_their_own_probabilities():
    population = build_population(noisy(RTN), N, seed=1, spreads={"rtn_capture_time": 1.0})
    capture = population.params[population.model.param_index["rtn_capture_time"]]
    full = population.state[1]
    p = 1e-3 / (capture + 1e-3)
    for some in (capture < 2e-3, capture > 5e-3):
        error = np.sqrt(np.sum(p[some] * (1 - p[some]))) / np.count_nonzero(some)
        assert abs(full[some].mean() - p[some].mean()) < FOUR * error


def test_one_over_f_noise_has_its_whole_variance_at_the_first_read():
    population = build_population(noisy(FLICKER), N, seed=2)
    expected = 8 * 1e-3 * np.log(1e7) / 7  # K sigma^2
    error = FOUR * expected * np.sqrt(2.0 / N)
    assert abs(np.var(np.log(population.conductance())) - expected) < error
    assert abs(population.conductance().mean() * 105e3 - 1.0) < FOUR * np.sqrt(np.expm1(expected) / N)
    for step, duration in enumerate((1e-3, 1e5)):
        assert abs(np.var(np.log(waited(population, duration, step))) - expected) < error


def test_a_start_is_a_pure_function_of_seed_and_index():
    device = noisy(RTN, FLICKER)
    many, few = (build_population(device, n, seed=3).state for n in (N, 100))
    np.testing.assert_array_equal(many[:, :100], few)
    other = build_population(device, N, seed=4).state
    assert np.abs(np.corrcoef(many[3], other[3])[0, 1]) < 5.0 / np.sqrt(N)
    # Another nonideality, put on before or after, leaves the draws as they are.
    more = build_population(noisy({"kind": "drift"}, RTN, {"kind": "levels"}, FLICKER), N, seed=3, stuck_fraction=0.1)
    np.testing.assert_array_equal(more.state[more.model.state_index["rtn_trap"]], many[1])
    np.testing.assert_array_equal(more.state[more.model.state_index["flicker_u8"]], many[9])
    draws = np.corrcoef(many[1:])
    assert np.abs(draws - np.eye(len(draws))).max() < 5.0 / np.sqrt(N)


def test_a_single_device_and_an_asked_start_stay_where_the_card_has_them():
    device = noisy(RTN, FLICKER)
    np.testing.assert_array_equal(device.state, [0.5] + [0.0] * 9)
    np.testing.assert_array_equal(build_population(device, 50, start=False).state[1:], 0.0)
    full = build_population(device.override(rtn_trap=1.0), 50).state
    np.testing.assert_array_equal(full[1], 1.0)
    assert np.ptp(full[2]) > 0.0


def test_forming_an_array_keeps_what_its_devices_began_with():
    spec = ns.Crossbar(device=noisy(RTN, FLICKER))
    array = CrossbarArray(spec, 20, 10, seed=1, name="test")
    before = array.population.state.copy()
    array.form(np.zeros((21, 10)), *spec.nominal_window())
    np.testing.assert_array_equal(array.population.state[1:], before[1:])
    assert 0.1 < before[1].mean() < 0.4
    assert np.ptp(array.g) > 0.1 * array.g.mean()


def test_phase_change_cells_differ_in_drift_before_their_first_write():
    device = ns.load_device("pcm/nandakumar2019")
    population = build_population(device, N, seed=6)
    for name in ("exponent", "read"):
        latent = population.state[device.model.state_index[name]]
        assert abs(latent.mean()) < FOUR / np.sqrt(N)
        assert abs(latent.var() - 1.0) < FOUR * np.sqrt(2.0 / N)
    assert device.state[device.model.state_index["exponent"]] == 0.0


def test_random_switches_have_a_threshold_before_their_first_pulse():
    population = build_population(ns.load_device("stochastic_switch/nominal_weibull"), N, seed=7)
    shape = population.params[population.model.param_index["inverse_shape"], 0]
    threshold = population.state[population.model.state_index["threshold"]]
    assert shape > 0.0
    assert kstest(np.log(2.0) * threshold ** (1.0 / shape), expon.cdf).pvalue > 1e-4


def test_domains_of_a_ferroelectric_film_have_thresholds_of_their_own():
    device = ns.load_device(next(row.name for row in ns.library.list_devices() if row.model == "ferroelectric_domains"))
    state = build_population(device, 5000, seed=8).state
    latent = state[16:]
    np.testing.assert_array_equal(state[:16], np.repeat(device.state[:16, None], 5000, axis=1))
    assert np.abs(latent.mean(axis=1)).max() < 5.0 / np.sqrt(5000)
    assert np.abs(np.corrcoef(latent) - np.eye(16)).max() < 5.0 / np.sqrt(5000)


@pytest.mark.parametrize("card", ["vteam/nominal", "two_state/knowm_sdc"])
def test_devices_without_such_states_begin_as_before(card):
    device = ns.load_device(card)
    assert device.model.start is None
    np.testing.assert_array_equal(build_population(device, 30).state, np.repeat(device.state[:, None], 30, axis=1))


def test_stuck_devices_do_not_forget_what_they_are_stuck_at():
    population = build_population(noisy({"kind": "retention", "time": "1 s", "rest": 0.3}), 200, stuck_fraction=0.5, seed=1)
    before = population.state[0].copy()
    waited(population, 2.0, 0)
    dead = population.stuck != 0
    assert 60 < np.count_nonzero(dead) < 140
    np.testing.assert_array_equal(population.state[0, dead], before[dead])
    np.testing.assert_allclose(population.state[0, ~dead], 0.3 + 0.2 * np.exp(-2.0), rtol=1e-12)  # from the middle


def test_a_noise_spectrum_of_copies_is_stationary():
    # 32 samples over 3 us of a trap with 3 and 1 ms: had it begun empty, one copy in a thousand would have moved.
    found = noise_spectrum(noisy(RTN), sampling=1e7, samples=32, copies=400, segments=1)
    assert 0.5 < found.mean / (0.1 / 105e3) < 0.98
    assert found.deviation / found.mean == pytest.approx(0.2 * np.sqrt(3.0 / 16.0) / 0.95, rel=0.1)
