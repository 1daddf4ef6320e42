"""Noise of behavioural pulse devices: the statistics of their sources, independence of how pulses are grouped."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from devices.memristor import pulse_sources as sources
from devices.memristor.pulse_twins import slow_normal
from neurosim.library import load_device

N = 40_000
PULSE_MODELS = ("pulse_step", "pulse_exponential", "pulse_power", "pulse_piecewise", "pulse_logistic")


def model_of(name):
    return importlib.import_module(f"devices.memristor.{name}").MODEL


def columns(name, values, n=N):
    model = model_of(name)
    params = model.default_params(n)
    for key, value in values.items():
        params[model.param_index[key]] = value
    return (model.select(params) if model.select else model), params


def one_pulse(model, params, x, sign, seed, pulses=1):
    n = params.shape[1]
    rng = np.random.default_rng(seed)
    state = np.vstack([np.full(n, x), np.zeros(n)])
    width = params[model.param_index["width_up" if sign > 0.0 else "width_down"]] * pulses
    model.advance(state, np.full((1, n), 2.0 * sign), params, rng.standard_normal((2, n)), width, 0, n)
    return state


def agrees(values, mean, std):
    """Five standard errors of mean and standard deviation."""
    assert abs(values.mean() - mean) < 5.0 * std / np.sqrt(values.size)
    assert abs(values.std() / std - 1.0) < 5.0 / np.sqrt(2.0 * values.size)


@pytest.mark.parametrize(("law", "w", "mean", "std"), [
    # dw_min 1e-3, 30 % of the step; dw_min 0.01, gamma 0.5 at w = 0.5: step 0.01 (1 - 0.5 0.5) times or plus 30 % of 0.01.
    (sources.linear_step(dw_min=1e-3, dw_min_std=0.3, w_min=-1.0, w_max=1.0), 0.0, 1e-3, 3e-4),
    (sources.linear_step(dw_min=0.01, dw_min_std=0.3, gamma_up=0.5, w_min=-1.0, w_max=1.0), 0.5, 0.0075, 0.00225),
    (sources.linear_step(dw_min=0.01, dw_min_std=0.3, gamma_up=0.5, mult_noise=False, w_min=-1.0, w_max=1.0), 0.5, 0.0075,
     0.003),
])
def test_one_pulse_has_the_spread_of_its_source(law, w, mean, std):
    model, params = columns("pulse_step", law)
    agrees(2.0 * one_pulse(model, params, (w + 1.0) / 2.0, 1.0, seed=1)[0] - 1.0 - w, mean, std)


def test_complex_noise_of_the_phase_change_preset():
    device = load_device("pulse_exponential/pcm")
    params = np.repeat(device.params[:, None], N, axis=1)
    agrees(2.0 * one_pulse(device.model, params, 0.5, 1.0, seed=2)[0] - 1.0, 0.03236, 0.10941)  # w = 1 of 0 to 2


def test_reads_see_the_written_offset_and_the_next_step_does_not():
    device = load_device("pulse_exponential/reram_es")
    params = np.repeat(device.params[:, None], N, axis=1)
    names = device.model.param_index
    params[[names["sigma_relative"], names["sigma_up"], names["sigma_down"]]] = 0.0
    state, g = one_pulse(device.model, params, 0.5, 1.0, seed=3), np.zeros(N)
    assert np.ptp(state[0]) == 0.0
    device.model.conductance(state, params, g, 0, N)
    weight = 2.0 * (g - 25e-6) / 50e-6 - 1.0
    agrees(weight, 2.0 * state[0, 0] - 1.0, 0.10125)  # 75 x 0.00135; measured in its source: 0.1008
    before = state[1].copy()
    device.model.advance(state, np.zeros((1, N)), params, np.ones((2, N)), np.full(N, 1.0), 0, N)
    assert state[1].tobytes() == before.tobytes()  # no pulse, nothing is written anew


@pytest.mark.parametrize("name", PULSE_MODELS)
def test_each_kind_of_cycle_noise_adds_its_spread(name):
    quiet, params = columns(name, {"zero": 0.2})
    x = 0.6
    f = one_pulse(quiet, params[:, :1].copy(), x, 1.0, seed=0)[0, 0] - x
    parts = {"sigma_relative": 0.3 * f, "sigma_up": 0.01, "sigma_weight": 0.02 * (x - 0.2), "sigma_root": 0.05 * np.sqrt(f)}
    settings = {"sigma_relative": 0.3, "sigma_up": 0.01, "sigma_weight": 0.02, "sigma_root": 0.05}
    for key, value in settings.items():
        model, params = columns(name, {"zero": 0.2, key: value})
        agrees(one_pulse(model, params, x, 1.0, seed=4)[0] - x, f, parts[key])
    model, params = columns(name, {"zero": 0.2, **settings})
    agrees(one_pulse(model, params, x, 1.0, seed=5)[0] - x, f, sum(parts.values()))
    model, params = columns(name, {"sigma_down": 0.01})
    assert np.ptp(one_pulse(model, params, x, 1.0, seed=6)[0]) == 0.0
    assert np.ptp(one_pulse(model, params, x, -1.0, seed=6)[0]) > 0.0


def test_later_pulses_of_a_call_draw_independent_normal_numbers():
    z = np.random.default_rng(7).standard_normal(4000)
    rows = np.array([z] + [[slow_normal(value, pulse) for value in z] for pulse in range(1, 9)])
    assert np.all(np.abs(rows.mean(axis=1)) < 5.0 / np.sqrt(z.size))
    assert np.all(np.abs(rows.std(axis=1) - 1.0) < 5.0 / np.sqrt(2.0 * z.size))
    correlation = np.corrcoef(rows) - np.eye(9)
    assert np.all(np.abs(correlation) < 5.0 / np.sqrt(z.size))
    assert slow_normal(0.0, 3) == 0.0


@pytest.mark.parametrize("name", PULSE_MODELS)
def test_law_of_the_noise_does_not_depend_on_how_pulses_are_grouped(name):
    model, params = columns(name, {"sigma_relative": 0.5, "sigma_up": 0.02, "sigma_write": 0.05})
    together = one_pulse(model, params, 0.3, 1.0, seed=8, pulses=12)
    apart, rng = np.vstack([np.full(N, 0.3), np.zeros(N)]), np.random.default_rng(9)
    for _ in range(12):
        model.advance(apart, np.full((1, N), 2.0), params, rng.standard_normal((2, N)), params[2].copy(), 0, N)
    for row in (0, 1):
        spread = apart[row].std()
        assert abs(together[row].mean() - apart[row].mean()) < 5.0 * spread * np.sqrt(2.0 / N)
        assert abs(together[row].std() / spread - 1.0) < 5.0 / np.sqrt(N)


@pytest.mark.parametrize("name", PULSE_MODELS)
def test_device_without_a_step_is_stuck_whatever_its_noise(name):
    model = model_of(name)
    steps = dict.fromkeys(model.handles["rate"].params, 0.0)
    stuck, params = columns(name, {**steps, "sigma_up": 0.3, "sigma_down": 0.3, "sigma_weight": 0.3, "sigma_write": 0.3}, n=50)
    for sign in (1.0, -1.0):
        state = one_pulse(stuck, params, 0.4, sign, seed=10, pulses=5)
        assert np.all(state == [[0.4], [0.0]])
    low, high = np.zeros(50), np.zeros(50)
    stuck.dead_zone(params, low, high, 0, 50)
    assert np.all(low < -1e29)
    assert np.all(high > 1e29)


def test_one_sided_device_does_not_feel_lowering_pulses():
    model, params = columns("pulse_step", {"up_low": 0.02, "down_high": 0.0, "sigma_down": 0.1}, n=3)
    assert np.all(one_pulse(model, params, 0.5, -1.0, seed=11)[0] == 0.5)
    assert np.all(one_pulse(model, params, 0.5, 1.0, seed=11)[0] > 0.5)
