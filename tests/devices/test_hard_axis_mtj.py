"""The hard-axis junction: exact hard-tanh, exact step, energy, and how well it follows its magnetisation vector."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from devices.spintronic.hard_axis_fit import fit_tau
from devices.spintronic.hard_axis_llg import vector_state
from devices.spintronic.hard_axis_mtj import LLG, MODEL
from devices.spintronic.llg import GAMMA_0

CARD = Path(__file__).parents[2] / "devices" / "cards" / "hard_axis_mtj" / "nominal.toml"
NOMINAL = {spec.name: spec.default for spec in MODEL.params}


def columns(n, **rows):
    params = MODEL.default_params(n)
    for name, value in rows.items():
        params[MODEL.param_index[name]] = value
    return params


def current_for(h):
    """Return the current that makes H/H_k = h with the default parameters."""
    return np.atleast_2d(np.asarray(h, dtype=float)) * NOMINAL["h_k"] / NOMINAL["c"]


def rate_of(model, state, drive, params):
    out = np.full_like(state, np.nan)
    model.rate(state, drive, params, out, 0, state.shape[1])
    return out


def advanced(state, drive, params, duration):
    n = state.shape[1]
    after = state.copy()
    MODEL.advance(after, drive, params, np.empty((0, n)), np.full(n, duration), 0, n)
    return after


def test_rate_equals_its_slow_twin():
    rng = np.random.default_rng(1)
    params = columns(50, mobility=rng.uniform(0, 1, 50), h_off=rng.normal(0, 300, 50))
    state, drive = rng.uniform(-1.01, 1.01, (1, 50)), current_for(rng.normal(0, 1, 50))
    state[0, :4] = [1.0, -1.0, 1.0, -1.0]
    found = rate_of(MODEL, state, drive, params)
    for k in range(50):
        slow = MODEL.twins["rate"](state[:, k], drive[:, k], dict(zip(NOMINAL, params[:, k], strict=True)))
        np.testing.assert_allclose(found[:, k], slow, rtol=1e-12, atol=0)


def test_rate_stops_only_at_an_exact_bound_pushed_outwards():
    state = np.array([[1.0, 1.0, -1.0, -1.0, 1.0 + 1e-9, -1.0 - 1e-9]])
    found = rate_of(MODEL, state, current_for([2.0, 0.5, -2.0, -0.5, 2.0, -2.0]), columns(6))[0] * NOMINAL["tau"]
    np.testing.assert_allclose(found, [0.0, -0.5, 0.0, 0.5, 1.0, -1.0], rtol=1e-8, atol=0)


def test_linear_advance_is_the_clipped_exponential():
    m0, h, s = np.array([[0.2, -0.5, 0.9, 0.0]]), np.array([0.6, 3.0, -2.0, 0.0]), 0.7
    expected = np.clip(h + (m0 - h) * math.exp(-s), -1, 1)
    found = advanced(m0, current_for(h), columns(4), s * NOMINAL["tau"])
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize(("m0", "h", "s"), [(0.1, 0.8, 0.5), (0.1, 0.8, 6.0), (-0.7, 2.5, 1.0), (0.9, -0.3, 3.0)])
def test_advance_with_mobility_solves_the_separated_equation(m0, h, s):
    def duration(m):
        return quad(lambda x: 1.0 / ((1.0 - x * x) * (h - x)), m0, m, epsabs=1e-13, epsrel=1e-12)[0]

    bound = min(max(h, -1.0), 1.0)
    far = m0 + (bound - m0) * (1 - 1e-7)
    expected = brentq(lambda m: duration(m) - s, m0, far, xtol=1e-13) if duration(far) > s else bound
    found = advanced(np.array([[m0]]), current_for([h]), columns(1, mobility=1.0), s * NOMINAL["tau"])
    np.testing.assert_allclose(found, expected, rtol=MODEL.advance_tolerance, atol=0)


@pytest.mark.parametrize("mobility", [0.0, 0.4, 1.0])
def test_advance_equals_the_integrated_rate(mobility):
    h = np.array([-0.9, -0.2, 0.0, 0.5, 0.95])
    params, drive, start = columns(5, mobility=mobility), current_for(h), np.array([[0.3, 0.9, -0.4, -0.8, 0.1]])
    run = solve_ivp(lambda t, y: rate_of(MODEL, y.reshape(1, -1).copy(), drive, params)[0], (0, 2e-9), start[0],
                    rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(advanced(start, drive, params, 2e-9)[0], run.y[:, -1], rtol=1e-7, atol=1e-9)


def test_advance_composes_and_zero_duration_changes_nothing():
    params, drive, start = columns(3, mobility=[0.0, 0.5, 1.0]), current_for([0.4, 0.4, 0.4]), np.full((1, 3), -0.2)
    np.testing.assert_allclose(advanced(start, drive, params, 0.0), start, rtol=1e-15, atol=0)
    twice = advanced(advanced(start, drive, params, 3e-10), drive, params, 5e-10)
    np.testing.assert_allclose(twice, advanced(start, drive, params, 8e-10), rtol=1e-7, atol=0)


def test_saturated_states_are_absorbing_with_full_mobility_only():
    found = advanced(np.ones((1, 2)), current_for([0.0, 0.0]), columns(2, mobility=[0.0, 1.0]), 1e-9)[0]
    np.testing.assert_allclose(found, [math.exp(-1e-9 / NOMINAL["tau"]), 1.0], rtol=1e-14, atol=0)


def test_rest_is_the_activation_and_its_slope_vanishes_in_saturation():
    h = np.array([-1.7, -0.5, 0.0, 0.3, 0.999, 1.2])
    params, drive = columns(6, h_off=100.0), current_for(h)
    v, slope, state = np.empty((1, 6)), np.empty((1, 6)), advanced(np.zeros((1, 6)), drive, params, 1e-6)
    MODEL.activation(drive, params, v, slope, 0, 6)
    out = np.empty((1, 6))
    MODEL.output(state, params, out, 0, 6)
    np.testing.assert_allclose(v, out, rtol=1e-13, atol=0)
    np.testing.assert_allclose(v[0], 0.05 * np.clip(h + 100.0 / 2e3, -1, 1), rtol=1e-13, atol=0)
    inside = np.abs(h + 0.05) < 1
    np.testing.assert_allclose(slope[0], np.where(inside, 0.05 * NOMINAL["c"] / 2e3, 0.0), rtol=1e-13, atol=0)


def test_derivative_of_the_potential_is_the_current_that_holds_the_output():
    params, v = columns(3, h_off=[0.0, 200.0, -300.0]), np.array([[0.01, -0.03, 0.04]])
    high, low, step = np.empty(3), np.empty(3), 1e-4  # quadratic: the central difference is exact
    MODEL.potential(v + step, params, high, 0, 3)
    MODEL.potential(v - step, params, low, 0, 3)
    held = (np.array([2e3, 2e3, 2e3]) * v[0] / 0.05 - params[MODEL.param_index["h_off"]]) / NOMINAL["c"]
    np.testing.assert_allclose((high - low) / (2 * step), held, rtol=1e-10, atol=0)
    back, slope = np.empty((1, 3)), np.empty((1, 3))
    MODEL.activation(held.reshape(1, 3), params, back, slope, 0, 3)
    np.testing.assert_allclose(back, v, rtol=1e-13, atol=0)


def test_motion_is_a_gradient_flow_of_the_potential():
    rng = np.random.default_rng(3)
    params = columns(20, c=NOMINAL["c"] * rng.uniform(0.5, 2, 20), v_r=rng.uniform(0.01, 0.1, 20),
                     h_k=rng.uniform(1e3, 3e3, 20), mobility=rng.choice([0.0, 1.0], 20))
    drive, m = current_for(rng.normal(0, 0.5, 20)), rng.uniform(-0.99, 0.99, (1, 20))
    v_r, w = params[MODEL.param_index["v_r"]], np.empty((2, 20))
    for row, shift in enumerate((-1e-4, 1e-4)):
        MODEL.potential((m + shift) * v_r, params, w[row], 0, 20)
    force = -(w[1] - w[0]) / 2e-4 + drive[0] * v_r
    assert np.all(force * rate_of(MODEL, m, drive, params)[0] >= 0.0)


def test_kernels_touch_only_the_active_columns():
    state, out = np.zeros((1, 4)), np.full((1, 4), np.nan)
    MODEL.rate(state, current_for(np.ones(4)), columns(4), out, 1, 3)
    assert np.isnan(out[0, [0, 3]]).all()
    assert np.isfinite(out[0, 1:3]).all()


def test_llg_rate_equals_its_slow_twin_and_stays_on_the_sphere():
    rng = np.random.default_rng(5)
    state = rng.normal(size=(3, 30))
    state[:, :20] /= np.linalg.norm(state[:, :20], axis=0)
    params, drive = columns(30, alpha=rng.uniform(0.01, 0.5, 30)), current_for(rng.normal(0, 1, 30))
    found = rate_of(LLG, state, drive, params)
    for k in range(30):
        slow = LLG.twins["rate"](state[:, k], drive[:, k], dict(zip(NOMINAL, params[:, k], strict=True)))
        np.testing.assert_allclose(found[:, k], slow, rtol=1e-9, atol=1e-9 * np.abs(slow).max())
    along = np.sum(state * found, axis=0)[:20]
    assert np.all(np.abs(along) < 1e-13 * GAMMA_0 * NOMINAL["m_s"])


def test_llg_rests_at_the_clipped_field_on_the_unit_sphere():
    h = np.array([-1.5, -0.75, 0.25, 0.5, 0.9, 1.3])
    params, drive = columns(6), current_for(h)
    run = solve_ivp(lambda t, y: rate_of(LLG, y.reshape(3, 6).copy(), drive, params).ravel(), (0, 6e-8),
                    vector_state(np.zeros(6), params).ravel(), method="LSODA", rtol=1e-10, atol=1e-13)
    m = run.y[:, -1].reshape(3, 6)
    np.testing.assert_allclose(m[0], np.clip(h, -1, 1), rtol=1e-9, atol=0)
    np.testing.assert_allclose(np.linalg.norm(m, axis=0), 1.0, rtol=1e-11, atol=0)


def test_vector_state_stays_the_tilt_away_from_the_absorbing_hard_axis():
    params = columns(2, tilt=0.01)
    m = vector_state(np.array([1.0, 0.3]), params)
    np.testing.assert_allclose(m[1], [math.sin(0.01), math.sqrt(1 - 0.09)], rtol=1e-9, atol=0)
    moving = rate_of(LLG, m, current_for([0.0, 0.3]), params)[1]
    assert moving[0] > 0.0
    absorbed = rate_of(LLG, np.array([[1.0], [0.0], [0.0]]), current_for([0.0]), columns(1))
    assert np.all(absorbed == 0.0)


@pytest.mark.parametrize(("mobility", "levels", "largest", "rms"), [
    (0.0, (0.5, -0.3, 0.9, -0.9, 0.2, 0.7, 0.0), 0.23, 0.042),
    (1.0, (0.5, -0.3, 0.9, -0.9, 0.2, 0.7, 0.0), 0.066, 0.011),
    (0.0, (0.5, -0.5, 0.5), 0.055, 0.0115),
    (1.0, (0.5, -0.5, 0.5), 0.037, 0.0085),
])
def test_one_state_form_follows_the_llg_form_as_well_as_documented(mobility, levels, largest, rms):
    fit = fit_tau(NOMINAL, mobility, levels)
    assert fit.largest_error < largest
    assert fit.rms_error < rms


def test_card_tau_is_the_one_that_fits_the_llg_form():
    values = tomllib.loads(CARD.read_text())["params"]
    assert values["mobility"]["value"] == 0.0
    np.testing.assert_allclose(fit_tau(NOMINAL, 0.0).tau, values["tau"]["value"] * 1e-9, rtol=2e-3, atol=0)


@pytest.mark.parametrize(("alpha", "rtol"), [(0.2, 0.03), (0.5, 0.005)])
def test_fitted_tau_tends_to_the_overdamped_limit(alpha, rtol):
    fit = fit_tau(NOMINAL | {"alpha": alpha}, 1.0)
    np.testing.assert_allclose(fit.tau, alpha / (GAMMA_0 * NOMINAL["h_k"]), rtol=rtol, atol=0)


def test_both_forms_take_the_same_parameters():
    assert set(MODEL.forms) == {"one_state", "llg"}
    assert all(form.params == MODEL.params for form in MODEL.forms.values())
