"""Populations of behavioural pulse devices: the means and spreads of their sources, corrupt cells, references, labels."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from devices import CARDS
from devices.memristor import pulse_sources as sources
from devices.memristor.pulse_label import label_of
from neurosim.library import load_device
from neurosim.population import build_population

N = 40_000
PULSE_MODELS = ("pulse_step", "pulse_exponential", "pulse_power", "pulse_piecewise", "pulse_logistic")


def model_of(name):
    return importlib.import_module(f"devices.memristor.{name}").MODEL


def agrees(values, mean, std):
    """Five standard errors of mean and standard deviation."""
    assert abs(values.mean() - mean) < 5.0 * std / np.sqrt(values.size)
    assert abs(values.std() / std - 1.0) < 5.0 / np.sqrt(2.0 * values.size)


def population_of(law, n=N, name="pulse_step", card="pulse_step/soft_bounds", seed=1):
    device = load_device(card)
    population = build_population(device.override(**law), n, seed=seed, role="test")
    model = model_of(name)
    return {spec.name: population.params[row] for row, spec in enumerate(model.params)}


def own_weights(p, zero=0.5, g_min=25e-6, g_max=75e-6, window=2.0):
    """Return bounds and steps at weight zero in weights, from conductances and steps over each device's own window."""
    unit = (g_max - g_min) / window
    g_zero = g_min + (g_max - g_min) * zero
    low, high = (p["g_min"] - g_zero) / unit, (p["g_max"] - g_zero) / unit
    up, down = (high - low) * (p["up_low"] + (p["up_high"] - p["up_low"]) * p["zero"]), (high - low) * (
        p["down_low"] + (p["down_high"] - p["down_low"]) * p["zero"])
    return low, high, up, down


def test_populations_have_the_means_and_spreads_of_their_source():
    law = sources.soft_bounds(dw_min=0.01, up_down=0.26, dw_min_dtod=0.2, up_down_dtod=0.05, w_max_dtod=0.1, w_min_dtod=0.2,
                              dw_min_std=0.3, write_noise_std=5.0, w_min=-1.0, w_max=1.0)
    p = population_of(law)
    low, high, up, down = own_weights(p)
    agrees(high, 1.0, 0.1)
    agrees(low, -1.0, 0.2)
    agrees(up, 0.01, 0.01 * np.hypot(0.2, 0.05))
    agrees(down, 0.0074, 0.01 * np.hypot(0.2, 0.05))  # up_down only lowers one direction; the spread is that of dw_min
    correlation = (0.2**2 - 0.05**2) / (0.2**2 + 0.05**2)
    assert abs(np.corrcoef(up, down)[0, 1] - correlation) < 5.0 * (1.0 - correlation**2) / np.sqrt(N)
    assert abs(np.corrcoef(low, high)[0, 1]) < 5.0 / np.sqrt(N)
    np.testing.assert_allclose(p["up_high"], 0.0, atol=1e-17)  # soft bounds: each at its own bound
    np.testing.assert_allclose(p["sigma_up"] * (high - low), 0.3 * up, rtol=1e-9)
    np.testing.assert_allclose(p["sigma_write"] * (high - low), 0.05, rtol=1e-9)


def test_log_normal_gain_has_median_one():
    p = population_of(sources.soft_bounds(dw_min=0.0949, dw_min_dtod=0.7829, dw_min_dtod_log_normal=True, w_min=-1.0,
                                          w_max=1.0))
    up = np.log(own_weights(p)[2] / 0.0949)
    agrees(up, 0.0, 0.7829)


def test_crossed_bounds_are_swapped_and_keep_zero_inside():
    p = population_of(sources.soft_bounds(dw_min=0.01, w_max_dtod=1.5, w_min_dtod=0.1, w_min=-1.0, w_max=1.0))
    low, high, _, _ = own_weights(p)
    assert np.all(low <= 0.0)
    assert np.all(high >= 0.0)
    rng = np.random.default_rng(12)
    b_max, b_min = 1.0 + 1.5 * rng.standard_normal(N), -1.0 + 0.1 * rng.standard_normal(N)
    expected = np.abs(np.where(b_min > b_max, b_min, b_max))
    assert abs(high.mean() - expected.mean()) < 5.0 * expected.std() * np.sqrt(2.0 / N)


def test_slope_is_counted_from_the_nominal_bound_where_the_source_says_so():
    common = {"dw_min": 0.002, "gamma_up": 0.4, "gamma_down": 0.7, "w_max_dtod": 0.05, "w_min_dtod": 0.05, "w_min": -1.0,
              "w_max": 1.0}
    for mean_bound in (True, False):
        p = population_of(sources.linear_step(mean_bound_reference=mean_bound, **common))
        _, high, up, _ = own_weights(p)
        fall = 0.4 * (high if mean_bound else 1.0)
        np.testing.assert_allclose(p["up_high"] / (up / (own_weights(p)[1] - own_weights(p)[0])), 1.0 - fall, rtol=1e-9)
    p = population_of(sources.linear_step(gamma_up_dtod=0.05, gamma_down_dtod=0.0, **common | {"w_max_dtod": 0.0}))
    low, high, up, _ = own_weights(p)
    agrees(1.0 - p["up_high"] * (high - low) / up, 0.4, 0.05)


def test_corrupt_cells_are_pinned_within_their_bounds():
    law = sources.soft_bounds(dw_min=0.01, w_min=-1.0, w_max=1.0, corrupt_devices_prob=0.1348)
    p = population_of(law)
    dead = (p["up_low"] == 0.0) & (p["down_high"] == 0.0)
    share = 0.1348
    assert abs(dead.mean() - share) < 5.0 * np.sqrt(share * (1.0 - share) / N)
    g = p["g_min"][dead]
    assert np.all(p["g_max"][dead] == g)
    agrees((g - 25e-6) / 50e-6, 0.5, 1.0 / np.sqrt(12.0))
    near = population_of(law | {"corrupt_range": 0.1})
    dead = near["up_low"] == 0.0
    assert np.all(np.abs(near["g_min"][dead] - 50e-6) <= 5e-6 * (1.0 + 1e-12))


def test_reads_subtract_the_symmetry_point_of_each_device():
    law = sources.soft_bounds(dw_min=0.01, up_down_dtod=0.2, w_max_dtod=0.2, w_min_dtod=0.2, w_min=-1.0, w_max=1.0,
                              subtract_symmetry_point=True)
    p = population_of(law)
    slope = p["up_high"] - p["up_low"] - p["down_high"] + p["down_low"]
    at_rest = (p["down_low"] - p["up_low"]) / slope
    np.testing.assert_allclose(p["g_min"] + (p["g_max"] - p["g_min"]) * at_rest, 50e-6, rtol=1e-9)
    spread = population_of(law | {"spread_reference": 0.025})
    g = spread["g_min"] + (spread["g_max"] - spread["g_min"]) * at_rest
    agrees((g - 50e-6) / 25e-6, 0.0, 0.05)


def test_label_spread_is_in_units_of_the_label():
    law = sources.labelled_curve(label_up=2.4, label_down=-3.0, pulses_up=97, pulses_down=100, sigma_d2d=0.2)
    p = population_of(law)
    agrees(label_of(np.log(p["up_low"] / p["up_high"])), 2.4, 0.2)
    agrees(label_of(np.log(p["down_low"] / p["down_high"])), -3.0, 0.2)
    # Every device still crosses its window in the same number of pulses.
    c, step = np.log(p["up_low"] / p["up_high"]), p["up_low"] - p["up_high"]
    np.testing.assert_allclose(c / -np.log1p(-step), 97.0, rtol=1e-9)


def test_exponential_step_keeps_its_place_when_bounds_move():
    raw = {"a": -0.5, "b": -0.5, "A_up": -1.18445, "A_down": -0.081404, "gamma_up": 5.0, "gamma_down": 5.0}
    law = sources.exponential_step(dw_min=0.00135, w_max_dtod=0.2, w_min_dtod=0.2, w_min=-1.0, w_max=1.0, **raw)
    p = population_of(law, n=200, name="pulse_exponential", card="pulse_exponential/nominal")
    low, high = (p["g_min"] - 50e-6) / 25e-6, (p["g_max"] - 50e-6) / 25e-6
    window, w = high - low, 0.37 * (high - low) + low
    z = 2.0 * raw["a"] * w / window + raw["b"]
    for way, sign in (("up", 1.0), ("down", -1.0)):
        expected = 0.00135 * np.maximum(1.0 - raw[f"A_{way}"] * np.exp(sign * raw[f"gamma_{way}"] * z), 0.0)
        found = window * p[f"step_{way}"] * np.maximum(1.0 - p[f"shape_{way}"] * np.exp(p[f"growth_{way}"] * 0.37), 0.0)
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_power_exponents_are_spread_like_steps():
    law = sources.power_step(gamma=1.5, gamma_up_down=-0.4, gamma_dtod=0.1, gamma_up_down_dtod=0.05, dw_min=0.01, w_min=-1.0,
                             w_max=1.0)
    p = population_of(law, name="pulse_power", card="pulse_power/nominal")
    agrees(p["gamma_up"], 1.5 * 0.6, 1.5 * np.hypot(0.1, 0.05))
    agrees(p["gamma_down"], 1.5, 1.5 * np.hypot(0.1, 0.05))


@pytest.mark.parametrize("name", PULSE_MODELS)
def test_one_spread_leaves_the_draws_of_the_others_alone(name):
    card = {"pulse_step": "soft_bounds", "pulse_logistic": "alpha"}.get(name, "nominal")
    alone = population_of({"spread_max": 0.1}, n=100, name=name, card=f"{name}/{card}")
    both = population_of({"spread_max": 0.1, "spread_step": 0.2}, n=100, name=name, card=f"{name}/{card}")
    assert alone["g_max"].tobytes() == both["g_max"].tobytes()
    step = model_of(name).handles["rate"].params[0]
    assert np.any(alone[step] != both[step])
    none = population_of({}, n=5, name=name, card=f"{name}/{card}")
    assert all(np.ptp(row) == 0.0 for row in none.values())


@pytest.mark.parametrize("card", sorted(f"{path.parent.name}/{path.stem}" for path in CARDS.glob("pulse_*/*.toml")))
def test_a_million_random_pulses_stay_within_the_bounds(card):
    n, rng = 20_000, np.random.default_rng(3)
    population = build_population(load_device(card), n, seed=2, role="bounds")
    state, params, model, g = population.state, population.params, population.model, np.zeros(n)
    width = max(params[model.param_index[name], 0] for name in model.pulse)
    start = state.copy()
    for _ in range(50):
        drive = 10.0 * rng.choice((-1.0, 1.0), (1, n))
        model.advance(state, drive, params, rng.standard_normal((2, n)), np.full(n, width), 0, n)
        assert np.all((state[0] >= 0.0) & (state[0] <= 1.0))
        assert np.all(np.abs(state[1]) <= 1.0)
    model.conductance(state, params, g, 0, n)
    assert np.all((g >= 0.0) & np.isfinite(g))
    assert np.mean(state[0] != start[0]) > 0.8
