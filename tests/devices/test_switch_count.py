"""Finitely many switches against binomial laws: one step, many steps, rest, and the limits N = 1 and N = infinity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from devices.memristor.two_state import MODEL
from devices.memristor.two_state_arrhenius import MODEL as ARRHENIUS
from devices.memristor.two_state_merz import MODEL as MERZ
from devices.memristor.two_state_neel_brown import MODEL as NEEL_BROWN

UP, DOWN = 3.0, 1.0  # 1/s, constant rates
REST = UP / (UP + DOWN)


def params_of(n_switches, devices):
    params = MODEL.default_params(devices)
    for name, value in {"rate_plus": UP, "rate_minus": DOWN, "w_plus": 1e30, "w_minus": 1e30, "saturation": 0.0,
                        "n_switches": n_switches}.items():
        params[MODEL.param_index[name]] = value
    return params


def spread_params():
    """Return parameters of two devices, of infinitely many switches each, with rates of their own."""
    params = params_of(0, 2)
    params[MODEL.param_index["rate_plus"], 1] *= 2.0
    return params


CASES = params_of(0, 2), spread_params(), params_of(1, 2)
advance_alike, advance_mean, advance_single = (MODEL.select(params).advance for params in CASES)


def stepped(n_switches, x, times, devices=20000, seed=1, voltage=0.0):
    """Return the states of many devices after steps of the given lengths [s]."""
    params, rng = params_of(n_switches, devices), np.random.default_rng(seed)
    model = MODEL.select(params)
    state, drive = np.full((1, devices), x), np.full((1, devices), voltage)
    for t in times:
        noise = rng.standard_normal((3, devices))
        model.advance(state, drive, params, noise, np.full(devices, t), 0, devices)
    return state[0]


def law(n, k, t):
    """Return the probabilities of 0 ... n switches ON after ``t`` when k were: two binomials, convolved."""
    moved = -np.expm1(-(UP + DOWN) * t)
    stay = stats.binom.pmf(np.arange(k + 1), k, 1.0 - (1.0 - REST) * moved)
    come = stats.binom.pmf(np.arange(n - k + 1), n - k, REST * moved)
    return np.convolve(stay, come)


def assert_follows(counts, probability):
    """Chi-square test at 1e-6 of integer counts; rare outcomes are pooled into their neighbours."""
    found = np.bincount(counts, minlength=len(probability)).astype(float)
    expected = probability * found.sum()
    group = np.minimum((np.cumsum(expected) / 20.0).astype(int), int(expected.sum() / 20.0) - 1)
    found, expected = np.bincount(group, found), np.bincount(group, expected)
    found, expected = found[expected > 0.0], expected[expected > 0.0]
    assert stats.chisquare(found, expected * found.sum() / expected.sum()).pvalue > 1e-6


@pytest.mark.parametrize("times", [(0.2,), (0.05, 0.15), (0.01,) * 20])
@pytest.mark.parametrize(("n", "k"), [(1, 0), (1, 1), (3, 2), (20, 5), (150, 150)])
def test_law_of_the_count_is_two_binomials_however_the_time_is_split(n, k, times):
    counts = np.rint(n * stepped(n, k / n, times)).astype(int)
    assert_follows(counts, law(n, k, 0.2))


@pytest.mark.parametrize(("n", "k", "t"), [(400, 100, 0.2), (10**4, 0, 3e-3), (10**6, 0, 1e-4), (10**6, 10**6, 1e-4)])
def test_law_of_many_switches_is_binomial_too(n, k, t):
    counts = np.rint(n * stepped(n, k / n, (t,))).astype(int)
    moved = -np.expm1(-(UP + DOWN) * t)
    if k == 0:
        window = stats.binom(n, REST * moved)
    elif k == n:
        counts, window = n - counts, stats.binom(n, (1.0 - REST) * moved)
    else:
        return assert_follows(counts, law(n, k, t))
    return assert_follows(counts, window.pmf(np.arange(counts.max() + 20)))


@pytest.mark.parametrize("n", [1, 2, 30, 1000, 10**6])
def test_variance_at_rest_is_x_times_one_minus_x_over_n(n):
    x = stepped(n, 0.5, (1.0, 3.0, 3.0), devices=40000, seed=2)
    variance = REST * (1.0 - REST) / n
    # Standard errors: sqrt(var / m); of the variance sqrt((kurtosis - 1) / m), kurtosis 3 + (1 - 6 pq) / (n pq).
    excess = (1.0 - 6.0 * REST * (1.0 - REST)) / (n * REST * (1.0 - REST))
    assert abs(x.mean() - REST) < 5.0 * np.sqrt(variance / 40000)
    assert abs(x.var() / variance - 1.0) < 5.0 * np.sqrt((2.0 + excess) / 40000)


def test_variance_after_a_time_does_not_depend_on_the_step():
    for n in (1, 10, 10**5):
        found = [stepped(n, 0.0, (0.1 / k,) * k, devices=30000, seed=3 + k).var() for k in (1, 4, 16)]
        p = REST * -np.expm1(-(UP + DOWN) * 0.1)
        np.testing.assert_allclose(found, p * (1.0 - p) / n, rtol=0.05)


def test_one_switch_is_a_telegraph_with_exponential_dwell_times():
    times = (0.01,) * 400
    params, rng, devices = params_of(1, 3000), np.random.default_rng(5), 3000
    state, drive = np.zeros((1, devices)), np.zeros((1, devices))
    first = np.full(devices, np.inf)
    for k, t in enumerate(times):
        advance_single(state, drive, params, rng.standard_normal((1, devices)), np.full(devices, t), 0, devices)
        assert np.all((state == 0.0) | (state == 1.0))
        first = np.where((state[0] == 1.0) & np.isinf(first), (k + 1) * t, first)
    # A device that went up and down within a step is seen later: 5 sigma of the mean plus UP * DOWN * step / 2 / UP^2.
    assert abs(first.mean() - 1.0 / UP) < 5.0 / UP / np.sqrt(devices) + 0.01


def test_general_and_single_step_have_one_law():
    params, rng, n = params_of(1, 40000), np.random.default_rng(6), 40000
    share = []
    for kernel in (MODEL.advance, advance_single):
        state = np.zeros((1, n))
        kernel(state, np.zeros((1, n)), params, rng.standard_normal((3, n)), np.full(n, 0.1), 0, n)
        share.append(state.mean())
    p = REST * -np.expm1(-0.4)
    np.testing.assert_allclose(share, p, rtol=0.0, atol=5.0 * np.sqrt(p * (1.0 - p) / n))


def test_no_noise_or_infinitely_many_switches_is_the_mean():
    expected = REST + (0.3 - REST) * np.exp(-0.8)
    params, noise = params_of(7, 5), np.zeros((3, 5))
    state = np.full((1, 5), 0.3)
    MODEL.advance(state, np.zeros((1, 5)), params, noise, np.full(5, 0.2), 0, 5)
    np.testing.assert_allclose(state, expected, rtol=1e-15)
    np.testing.assert_allclose(stepped(0, 0.3, (0.2,), devices=5), expected, rtol=1e-15)
    assert np.unique(stepped(7, 0.3, (0.2,))).size == 8


def test_state_between_two_counts_keeps_its_mean():
    x = stepped(4, 0.3, (1e-12,), devices=40000, seed=7)
    assert set(np.unique(x)) == {0.25, 0.5}
    assert abs(x.mean() - 0.3) < 5.0 * 0.25 * np.sqrt(0.2 * 0.8 / 40000)


def test_zero_and_huge_times_and_rates_keep_the_count_in_range():
    for n in (1, 5, 1e6, 1e15):
        for t in (0.0, 1e-300, 1e300):
            x = stepped(n, 1.0, (t,), devices=500, seed=8)
            assert np.all((x >= 0.0) & (x <= 1.0))
    params = params_of(3, 100)
    params[MODEL.param_index["w_plus"]] = 1e-6
    state = np.zeros((1, 100))
    MODEL.advance(state, np.full((1, 100), 100.0), params, np.random.default_rng(9).standard_normal((3, 100)),
                  np.full(100, 1e-9), 0, 100)
    assert np.all(state == 1.0)


def test_no_duration_changes_nothing_whatever_the_state_and_the_numbers():
    x, noise = np.linspace(0.0, 1.0, 7)[None, :], np.random.default_rng(12).standard_normal((3, 7))
    for count in (0, 1, 2, 1000):
        params, state = params_of(count, 7), x.copy()
        MODEL.select(params).advance(state, np.zeros((1, 7)), params, noise, np.zeros(7), 0, 7)
        np.testing.assert_array_equal(state, x)


def test_selection_follows_the_number_of_switches():
    def chosen(params):
        return MODEL.select(params).advance.py_func.__name__

    assert chosen(params_of(0, 3)) == "advance_alike"
    spread = params_of(0, 3)
    spread[MODEL.param_index["g_on"], 1] *= 2.0
    assert chosen(spread) == "advance_alike"
    spread[MODEL.param_index["rate_plus"], 1] *= 2.0
    assert chosen(spread) == "advance_mean"
    assert chosen(params_of(1, 3)) == "advance_single"
    assert MODEL.select(params_of(2, 3)) is MODEL
    mixed = params_of(1, 3)
    mixed[MODEL.param_index["n_switches"], 1] = 0.0
    assert MODEL.select(mixed) is MODEL
    assert MODEL.select(params_of(1, 0)) is MODEL


def test_devices_that_are_alike_step_alike_at_one_voltage_and_at_many():
    rng, n = np.random.default_rng(11), 37
    params = MODEL.default_params(n)
    for drive in (np.full((1, n), 0.25), rng.uniform(-0.3, 0.3, (1, n))):
        ends = []
        for kernel in (advance_mean, advance_alike):
            state = np.linspace(0.0, 1.0, n)[None, :].copy()
            kernel(state, drive, params, np.zeros((0, n)), np.linspace(0.0, 1e-3, n), 0, n)
            ends.append(state)
        np.testing.assert_allclose(ends[0], ends[1], rtol=0.0, atol=1e-15)


def test_expected_charge_is_the_mean_over_paths():
    # 400 short steps of telegraphs at 0.1 V: v dt sum of G, against the closed form that charge gives.
    params, rng, n = params_of(1, 4000), np.random.default_rng(10), 4000
    state, drive, dt = np.zeros((1, n)), np.full((1, n), 0.1), np.full(n, 1e-3)
    expected = np.zeros(n)
    MODEL.charge(state, drive, params, np.full(n, 0.4), expected, 0, n)
    total, g = np.zeros(n), np.zeros(n)
    for _ in range(400):
        MODEL.conductance(state, params, g, 0, n)
        total += 0.05 * dt * g
        advance_single(state, drive, params, rng.standard_normal((1, n)), dt, 0, n)
        MODEL.conductance(state, params, g, 0, n)
        total += 0.05 * dt * g
    assert abs(total.mean() - expected[0]) < 5.0 * total.std() / np.sqrt(n)


def rate_at(model, voltage, x, **values):
    params, out = model.default_params(1), np.zeros((1, 1))
    for name, value in values.items():
        params[model.param_index[name]] = value
    model.rate(np.array([[x]]), np.array([[voltage]]), params, out, 0, 1)
    return out[0, 0]


def test_rate_laws_at_their_limits():
    # Constant: the same at any voltage. Arrhenius and Neel-Brown: never above the attempt rate. Merz: nothing at 0 V.
    constant = {"w_plus": 1e30, "w_minus": 1e30, "saturation": 0.0, "rate_plus": UP, "rate_minus": 0.0}
    assert rate_at(MODEL, -90.0, 0.0, **constant) == rate_at(MODEL, 90.0, 0.0, **constant) == UP
    assert rate_at(ARRHENIUS, 90.0, 0.0) == 1e12
    assert rate_at(NEEL_BROWN, 90.0, 0.0) == 1e9
    assert rate_at(MERZ, 0.0, 0.3) == 0.0
    assert rate_at(MERZ, 1e30, 0.0) == 1e9


def test_arrhenius_rate_follows_temperature():
    # ln(rate) against 1 / T has the slope -E / k; 1 eV over k is 11604.518 K.
    rates = [rate_at(ARRHENIUS, 0.0, 0.0, temperature=t) for t in (300.0, 400.0)]
    np.testing.assert_allclose(np.log(rates[1] / rates[0]), 11604.518 * (1 / 300 - 1 / 400), rtol=1e-7)
