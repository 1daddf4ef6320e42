"""Behavioural pulse devices against the numbers of the simulators that they come from: no number here is from our code."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from devices.memristor import pulse_sources as sources
from devices.memristor.pulse_label import LARGEST, curvature, label_of
from devices.memristor.pulse_step import symmetry_weight
from neurosim.errors import ParameterError
from neurosim.library import load_device

BOUNDS = {"w_min": -0.6, "w_max": 0.6}
TRAIN = [1.0] * 200 + [-1.0] * 200
SEEN = (10, 100, 200, 210, 300, 400)
# aihwkit 1.2.0, all spreads and noise off, start at w = 0, 200 pulses up and 200 down: w after 10, 100, ... pulses.
FROZEN = {
    "pulse_exponential/reram_es": (0.014791, 0.146008, 0.288680, 0.258949, 0.039296, -0.147556),
    "pulse_step/capacitor": (0.049944, 0.493863, 0.975530, 0.923150, 0.457579, -0.047583),
    "pulse_step/ecram": (0.019982, 0.198065, 0.392272, 0.367589, 0.158577, -0.048079),
    "pulse_exponential/pcm": (0.924401, 2.0, 2.0, 0.0, 0.0, 0.0),
    "pulse_step/reram_array_om": (0.631052, 0.999953, 1.0, -0.262103, -0.999907, -1.0),
}
SETTINGS = {
    "pulse_step": (sources.soft_bounds(dw_min=0.01, **BOUNDS), (0.092824, 0.488255, 0.579188, 0.396760, -0.380386, -0.559099)),
    "pulse_piecewise": (sources.piecewise_step(dw_min=0.01, nodes_up=[1.5, 1.0, 0.5], nodes_down=[0.5, 0.8, 1.5], **BOUNDS),
                        (0.096332, 0.6, 0.6, 0.457635, -0.332247, -0.6)),
    "pulse_exponential": (sources.exponential_step(dw_min=1e-3, a=0.244, b=0.2425, A_up=0.00081, A_down=0.36833,
                                                   gamma_up=12.44625, gamma_down=12.78785, **BOUNDS),
                          (0.009831, 0.097860, 0.194361, 0.184422, 0.095148, -0.003534)),
}
WINDOWS = {"pulse_step/ecram": (-0.8276, 1.1724), "pulse_exponential/pcm": (0.0, 2.0)}


def model_of(name):
    return importlib.import_module(f"devices.memristor.{name}").MODEL


def columns(name, values, n=1):
    model = model_of(name)
    params = model.default_params(n)
    for key, value in values.items():
        params[model.param_index[key]] = value
    return model, params


def pulsed(model, params, x, voltages, noise=None):
    """Return the hidden state after each pulse, shape (pulses, n)."""
    n = params.shape[1]
    state, trace = np.vstack([np.full(n, x), np.zeros(n)]), []
    for k, sign in enumerate(voltages):
        z = np.zeros((2, n)) if noise is None else np.ascontiguousarray(noise[k])
        width = params[model.param_index["width_up" if sign > 0.0 else "width_down"]].copy()
        model.advance(state, np.full((1, n), 5.0 * sign), params, z, width, 0, n)
        trace.append(state.copy())
    return np.array(trace)


def weights(trace, low, high):
    return low + (high - low) * np.array([trace[k - 1, 0, 0] for k in SEEN])


@pytest.mark.parametrize("card", FROZEN)
def test_preset_card_follows_the_frozen_trace(card):
    device = load_device(card)
    low, high = WINDOWS.get(card, (-1.0, 1.0))
    trace = pulsed(device.model, device.params[:, None].copy(), -low / (high - low), TRAIN)
    np.testing.assert_allclose(weights(trace, low, high), FROZEN[card], rtol=0.0, atol=1e-6)


@pytest.mark.parametrize("name", SETTINGS)
def test_converted_settings_follow_the_frozen_trace(name):
    values, expected = SETTINGS[name]
    model, params = columns(name, values)
    np.testing.assert_allclose(weights(pulsed(model, params, 0.5, TRAIN), -0.6, 0.6), expected, rtol=0.0, atol=1e-6)


@pytest.mark.parametrize(("label", "a_norm"), [
    (0.5, 2.51988), (1.0, 1.25165), (1.46, 0.84868), (1.75, 0.70208), (1.94, 0.62925), (2.4, 0.49918), (3.68, 0.30064),
    (4.88, 0.20030), (6.76, 0.10025), (9.0, 0.02281)])
def test_label_has_the_tabulated_curve(label, a_norm):
    # The last printed digit of the table: 2.2e-5 relative, half of 1e-5 for its smallest entries.
    np.testing.assert_allclose(1.0 / curvature(label), a_norm, rtol=2.2e-5, atol=0.5e-5)
    assert curvature(-label) == -curvature(label)


def test_label_is_the_largest_distance_from_the_diagonal():
    p = np.linspace(0.0, 1.0, 200_001)
    for label in (0.3, 2.4, 6.76):
        c = float(curvature(label))
        rise = np.expm1(-c * p) / np.expm1(-c) - p
        np.testing.assert_allclose(rise.max() / np.sqrt(2.0), 0.07 * label, rtol=1e-8)
    np.testing.assert_allclose(label_of(curvature(np.array([0.0, 1e-6, -3.0, 9.9]))), [0.0, 1e-6, -3.0, 9.9], rtol=1e-8)
    np.testing.assert_allclose(1.0 / curvature(0.01), 1.26269 / 0.01, rtol=1e-4)  # limit of small labels


def test_label_beyond_any_saturating_curve_is_refused():
    with pytest.raises(ParameterError, match=r"10\.1"):
        curvature(LARGEST * 1.001)
    with pytest.raises(ParameterError):
        curvature(np.nan)


def test_ag_asi_card_has_the_conductances_of_its_simulator():
    device = load_device("pulse_step/ag_asi")
    params = device.params[:, None].copy()
    for start, sign, pulses, nanosiemens in ((0.0, 1.0, 10, 10.7090), (0.0, 1.0, 50, 29.4151), (1.0, -1.0, 10, 24.4602),
                                             (1.0, -1.0, 50, 5.7706)):
        state, g = pulsed(device.model, params, start, [sign] * pulses)[-1], np.zeros(1)
        device.model.conductance(state, params, g, 0, 1)
        np.testing.assert_allclose(g[0], 1e-9 * nanosiemens, rtol=1e-5)


@pytest.mark.parametrize(("label_up", "label_down", "pulses"), [
    (2.4, -4.88, 100), (1.75, 1.46, 32), (0.04, -0.63, 128), (0.0, 0.0, 64)])
def test_labelled_curve_is_its_closed_form_and_crosses_in_its_pulses(label_up, label_down, pulses):
    model, params = columns("pulse_step", sources.labelled_curve(label_up=label_up, label_down=label_down, pulses_up=pulses,
                                                                 pulses_down=pulses))
    n = np.arange(1, pulses + 1)
    for sign, c in ((1.0, float(curvature(label_up))), (-1.0, float(curvature(-label_down)))):
        moved = np.expm1(-c * n / pulses) / np.expm1(-c) if c else n / pulses
        trace = pulsed(model, params, 0.0 if sign > 0.0 else 1.0, [sign] * pulses)[:, 0, 0]
        np.testing.assert_allclose(trace if sign > 0.0 else 1.0 - trace, moved, rtol=0.0, atol=1e-12)


def test_labels_of_one_sign_run_the_same_curve_back():
    model, params = columns("pulse_step", sources.labelled_curve(label_up=2.0, label_down=2.0, pulses_up=50, pulses_down=50))
    trace = pulsed(model, params, 0.0, [1.0] * 50 + [-1.0] * 50)[:, 0, 0]
    np.testing.assert_allclose(trace[:49], trace[50:99][::-1], rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("alpha", [0.5, 2.0, 8.0])
def test_alpha_is_the_inverse_of_a_norm(alpha):
    by_alpha = sources.alpha_curve(alpha=alpha, request=0.02)
    label = float(label_of(alpha))
    by_label = sources.labelled_curve(label_up=label, label_down=-label, pulses_up=50, pulses_down=50)
    for key in ("up_low", "up_high", "down_low", "down_high"):
        np.testing.assert_allclose(by_alpha[key], by_label[key], rtol=1e-9)
    # One request of 0.3 of a window from -0.2 to 1.3, written as the update that asks for it.
    window, low, w = 1.5, -0.2, 0.45
    w_0 = window / -np.expm1(-alpha)
    values = sources.alpha_curve(alpha=alpha, request=0.3)
    model, params = columns("pulse_step", values)
    x = (w - low) / window
    up = w + (w_0 + low - w) * -np.expm1(-alpha * 0.3)
    down = w + (low + window - w_0 - w) * -np.expm1(-alpha * 0.3)
    for sign, expected in ((1.0, up), (-1.0, down)):
        moved = low + window * pulsed(model, params, x, [sign])[0, 0, 0]
        np.testing.assert_allclose(moved, np.clip(expected, low, low + window), rtol=1e-12)


@pytest.mark.parametrize("alpha", [0.1, 2.0, 8.0])
def test_symmetric_alpha_is_the_published_update(alpha):
    model, params = columns("pulse_logistic", sources.symmetric_alpha_curve(alpha=alpha, request=0.02))
    a, b = (np.exp(alpha) + 1.0) / np.expm1(alpha), -1.0 / np.expm1(alpha)
    for sign in (1.0, -1.0):
        for x in (0.05, 0.4, 0.9):
            expected = b + a / (1.0 + np.exp(-2.0 * alpha * 0.02 * sign) * (a / (x - b) - 1.0))
            np.testing.assert_allclose(pulsed(model, params, x, [sign])[0, 0, 0], expected, rtol=1e-12)
    there_and_back = pulsed(model, params, 0.3, [1.0, -1.0])[-1, 0, 0]
    np.testing.assert_allclose(there_and_back, 0.3, rtol=1e-13)
    np.testing.assert_allclose(pulsed(model, params, 0.0, [1.0] * 50)[-1, 0, 0], 1.0, rtol=1e-12)


def test_pmax_window_is_crossed_as_documented():
    law = {"p_max": 1000, "alpha": 5e-4, "range_min": -1.0, "range_max": 1.0}
    model, params = columns("pulse_step", sources.soft_bounds_pmax(**law))
    reach = 2.0 / -np.expm1(-0.5)
    np.testing.assert_allclose(-1.0 + 2.0 * pulsed(model, params, 0.0, [1.0])[-1, 0, 0], -1.0 + 5e-4 * reach, rtol=1e-12)
    up, down = pulsed(model, params, 0.0, [1.0] * 1000)[:, 0, 0], pulsed(model, params, 1.0, [-1.0] * 1000)[:, 0, 0]
    assert up[997] < 1.0 <= up[999]  # (1 - alpha)^p against exp(-alpha p): a quarter of a pulse early in 1000
    np.testing.assert_allclose(down, 1.0 - up, rtol=0.0, atol=1e-12)


def test_power_step_is_its_formula():
    values = sources.power_step(gamma=1.7, gamma_up_down=-0.4, dw_min=0.01, up_down=0.3, w_min=-0.5, w_max=1.5)
    model, params = columns("pulse_power", values)
    w, up, down = 0.2, 0.01, 0.007
    x = (w + 0.5) / 2.0
    raised, lowered = (pulsed(model, params, x, [sign])[0, 0, 0] for sign in (1.0, -1.0))
    np.testing.assert_allclose(2.0 * (raised - x), up * (1.3 / 2.0) ** (1.7 * 0.6), rtol=1e-11)
    np.testing.assert_allclose(2.0 * (x - lowered), down * (0.7 / 2.0) ** 1.7, rtol=1e-11)


def test_soft_bounds_approach_their_bounds_geometrically():
    model, params = columns("pulse_step", {"up_low": 0.03, "down_high": 0.05})
    trace = pulsed(model, params, 0.2, [1.0] * 40 + [-1.0] * 40)[:, 0, 0]
    np.testing.assert_allclose(1.0 - trace[:40], 0.8 * 0.97 ** np.arange(1, 41), rtol=1e-12)
    np.testing.assert_allclose(trace[40:], trace[39] * 0.95 ** np.arange(1, 41), rtol=1e-12)


def test_alternating_pulses_lead_to_the_symmetry_point():
    # (u_up - u_down) / (u_up / b_max - u_down / b_min) of soft bounds; the mean of the two-cycle is there to first order.
    up, down, low, high = 2e-3, 1.4e-3, -0.7, 1.1
    values = sources.soft_bounds(dw_min=up, up_down=0.3, w_min=low, w_max=high)
    model, params = columns("pulse_step", values)
    trace = low + (high - low) * pulsed(model, params, 0.5, [1.0, -1.0] * 6000)[-2:, 0, 0]
    point = (up - down) / (up / high - down / low)
    np.testing.assert_allclose(trace.mean(), point, rtol=5e-3)
    named = {spec.name: float(params[row, 0]) for row, spec in enumerate(model.params)}
    np.testing.assert_allclose(symmetry_weight(named) * (high - low), point, rtol=1e-12)


def test_reram_es_rests_where_its_simulator_found_it():
    device = load_device("pulse_exponential/reram_es")
    trace = pulsed(device.model, device.params[:, None].copy(), 0.5, [1.0, -1.0] * 3000)[-2:, 0, 0]
    # aihwkit, mean of two pulses: which of the two ends came last is worth half a step, 8e-4.
    np.testing.assert_allclose((2.0 * trace - 1.0).mean(), -0.2165, rtol=0.0, atol=8e-4)
