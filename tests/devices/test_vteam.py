"""VTEAM against its closed forms: switching times, charge by hand, thresholds, noise, variants."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from devices.memristor.vteam import MODEL, STUCK_DRIVE, advance_integer, advance_integer_quiet, advance_quiet
from neurosim.library import load_device

TECHNION = {"r_on": 50.0, "r_off": 1e3, "k_off": 5e-4 / 3e-9, "k_on": -10.0 / 3e-9, "alpha_off": 1.0, "alpha_on": 3.0,
            "v_off": 0.02, "v_on": -0.2}


def columns(n, **values):
    params = MODEL.default_params(n)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def pulse(params, x, v, dt, z=0.0, model=MODEL):
    n = params.shape[1]
    state = np.full((1, n), x)
    model.advance(state, np.full((1, n), v), params, np.zeros((1, n)) + z, np.full(n, dt), 0, n)
    return state[0]


@pytest.mark.parametrize(("v", "seconds"), [(1.0, 122.449e-9), (0.3, 428.571e-9), (-0.5, 88.889e-12), (-1.0, 4.6875e-12)])
def test_switching_time_is_thickness_over_speed(v, seconds):
    start = 0.0 if v > 0.0 else 1.0
    half = pulse(columns(1, **TECHNION), start, v, 0.5 * seconds)[0]
    np.testing.assert_allclose(half, 0.5, rtol=5e-6)  # the times are printed with six digits
    assert pulse(columns(1, **TECHNION), start, v, 1.0001 * seconds)[0] == 1.0 - start


def test_state_below_threshold_keeps_its_bits_for_a_year():
    rng = np.random.default_rng(1)
    n = 500
    params = columns(n, v_off=rng.uniform(0.1, 2.0, n), v_on=-rng.uniform(0.1, 2.0, n), sigma_range=0.1, sigma_step=0.1)
    x = rng.random((1, n))
    for drive in (params[MODEL.param_index["v_off"]], params[MODEL.param_index["v_on"]], np.zeros(n)):
        state = x.copy()
        MODEL.advance(state, drive[None, :].copy(), params, rng.standard_normal((1, n)), np.full(n, 3e7), 0, n)
        assert state.tobytes() == x.tobytes()


def test_state_does_not_lock_at_its_bounds():
    params = columns(1)
    assert pulse(params, 0.5, 1.5, 10e-6)[0] == 1.0
    np.testing.assert_allclose(pulse(params, 1.0, -1.5, 0.25e-6), 0.75, rtol=1e-12)
    assert pulse(params, 0.5, -1.5, 10e-6)[0] == 0.0
    np.testing.assert_allclose(pulse(params, 0.0, 1.5, 0.25e-6), 0.25, rtol=1e-12)


def test_positive_voltage_lowers_the_conductance():
    g, params = np.zeros(1), columns(1)
    MODEL.conductance(np.array([[0.0]]), params, g, 0, 1)
    np.testing.assert_allclose(g, 1e-4, rtol=1e-15)
    MODEL.conductance(np.array([pulse(params, 0.0, 1.5, 1e-6)]), params, g, 0, 1)
    np.testing.assert_allclose(g, 5e-6, rtol=1e-12)
    assert MODEL.increase_sign == -1


def test_charge_is_the_log_mean_until_the_bound_and_ohms_law_after_it():
    # From x = 0 at 1.5 V: R sweeps 10 to 200 kohm in 1 us, then stays.
    q = np.zeros(1)
    MODEL.charge(np.array([[0.0]]), np.array([[1.5]]), columns(1), np.array([3e-6]), q, 0, 1)
    expected = 1.5 * (1e-6 * np.log(20.0) / 190e3 + 2e-6 / 200e3)
    np.testing.assert_allclose(q[0], expected, rtol=1e-12)


def test_charge_at_a_bound_is_ohms_law():
    q = np.zeros(1)
    MODEL.charge(np.array([[1.0]]), np.array([[1.5]]), columns(1), np.array([1e-6]), q, 0, 1)
    np.testing.assert_allclose(q[0], 1.5 * 1e-6 / 200e3, rtol=1e-14)


def test_stuck_device_has_no_end_to_its_dead_zone():
    low, high = np.zeros(1), np.zeros(1)
    MODEL.dead_zone(columns(1, k_on=0.0, k_off=0.0), low, high, 0, 1)
    assert (low[0], high[0]) == (-STUCK_DRIVE, STUCK_DRIVE)
    assert pulse(columns(1, k_on=0.0, k_off=0.0, sigma_range=0.5), 0.3, 1.9, 1.0, z=2.0)[0] == 0.3


@pytest.mark.parametrize(("sigma_step", "sigma_range"), [(0.3, 0.0), (0.0, 0.02), (0.3, 0.02)])
def test_one_pulse_has_the_stated_spread(sigma_step, sigma_range):
    n = 40_000
    z = np.random.default_rng(7).standard_normal(n)
    x = pulse(columns(n, sigma_step=sigma_step, sigma_range=sigma_range), 0.5, 1.5, 0.05e-6, z=z)
    sigma = np.hypot(sigma_step * 0.05, sigma_range)
    assert abs(x.mean() - 0.55) < 5.0 * sigma / np.sqrt(n)
    assert abs(x.std() / sigma - 1.0) < 5.0 / np.sqrt(2.0 * n)


def test_share_of_devices_clipped_at_the_bound_is_gaussian():
    n = 40_000
    z = np.random.default_rng(8).standard_normal(n)
    x = pulse(columns(n, sigma_range=0.1), 0.85, 1.5, 0.05e-6, z=z)  # mean 0.9, one sigma below the bound
    share = ndtr(-1.0)
    assert abs(np.mean(x == 1.0) - share) < 5.0 * np.sqrt(share * (1.0 - share) / n)


def test_select_takes_the_fast_variant_only_where_it_is_the_same_law():
    assert MODEL.select(columns(3)).advance is advance_integer_quiet
    assert MODEL.select(columns(3, sigma_step=0.1)).advance is advance_integer
    assert MODEL.select(columns(3, alpha_on=2.5)).advance is advance_quiet
    assert MODEL.select(columns(2, alpha_on=np.array([2.0, 3.0]))).advance is advance_quiet
    assert MODEL.select(columns(2, alpha_on=9.0)).advance is advance_quiet
    assert MODEL.select(columns(2, alpha_on=2.5, sigma_range=0.1)) is MODEL


@pytest.mark.parametrize("alpha", range(9))
def test_integer_power_is_the_power(alpha):
    params = columns(2, alpha_off=float(alpha), alpha_on=float(8 - alpha))
    for v in (0.6, 1.3, -0.7, -1.4):
        fast = pulse(params, 0.5, v, 1e-8, model=MODEL.select(params))
        np.testing.assert_allclose(fast - 0.5, pulse(params, 0.5, v, 1e-8) - 0.5, rtol=0.0, atol=2e-16 * 4)


@pytest.mark.parametrize("name", ["g_max", "g_min", "rate", "threshold_up", "threshold_down"])
def test_every_handle_changes_what_it_names(name):
    def outcome(factor):
        params = columns(1)
        for target in MODEL.handles[name].params:
            params[MODEL.param_index[target]] *= factor ** MODEL.handles[name].power
        g = np.zeros((2, 1))
        for row, x in enumerate((1.0, 0.0)):
            MODEL.conductance(np.array([[x]]), params, g[row], 0, 1)
        up = 0.5 - pulse(params, 0.5, -1.5, 1e-7)[0]
        down = pulse(params, 0.5, 1.5, 1e-7)[0] - 0.5
        return {"g_max": g[1, 0], "g_min": g[0, 0], "rate": up + down, "threshold_up": up, "threshold_down": down}

    before, after = outcome(1.0), outcome(1.1)
    ratio = {key: after[key] / before[key] for key in before}
    expected = dict.fromkeys(before, 1.0)
    expected[name] = 1.1 if "threshold" not in name else ((1.5 / 0.55 - 1.0) / 2.0) ** 3
    if "threshold" in name:
        expected["rate"] = 0.5 * (1.0 + expected[name])
    if name == "rate":
        expected |= {"threshold_up": 1.1, "threshold_down": 1.1}
    for key, value in expected.items():
        np.testing.assert_allclose(ratio[key], value, rtol=1e-9, err_msg=key)


def test_values_without_a_table_of_the_paper_are_not_called_published():
    card = load_device("vteam/technion").card
    assert {value.origin for value in card.params.values()} == {"assumed"}
    assert "MemTorch" in card.source.note
