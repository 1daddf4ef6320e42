"""Charge-trap cells against the printed tables of their statistics, the moments of their noise, and log time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.polynomial.polynomial import polyval

from devices.memristor.charge_trap import MODEL
from neurosim.library import load_device

N, DAY = 40_000, 86_400.0
# Day: state error A and B [nA], then the change of the mean current at 200, 400, 800 and 1200 nA from the printed polynomials.
DAYS = {0: (19.88665, 176.3115), 1: (25.59102, 186.85544), 2: (28.72753, 193.56834), 3: (31.04318, 198.90332),
        4: (33.76214, 204.77023), 5: (34.57909, 207.34309)}
FIFTH_DAY = (1.15294, 1.03149e-2, -6.05199e-5, 1.76086e-8, -6.46690e-9, 3.39044e-11, -7.53872e-14, 8.98185e-17, -6.00346e-20,
             2.12615e-23, -3.11099e-27)
FIRST_DAY = (6.83650e-1, 6.51250e-3, -4.03163e-4, 3.37944e-6, -1.87435e-8, 5.88902e-11, -1.07685e-13, 1.17751e-16, -7.60016e-20,
             2.67255e-23, -3.94954e-27)


def params_of(n=1, **values):
    return np.repeat(load_device("charge_trap/agrawal2022").override(**values).params[:, None], n, axis=1)


def at(nanoampere, days=0.0, **states):
    """Return states of cells written to a current at 0.1 V, and their age."""
    nanoampere = np.atleast_1d(nanoampere)
    state = MODEL.initial_state(len(nanoampere))
    state[0] = nanoampere / 1600.0
    state[1] = math.log1p(days * DAY / 6795.0)
    for name, value in states.items():
        state[MODEL.state_index[name]] = value
    return state


def current(state, params):
    """Return currents [nA] at 0.1 V."""
    i = np.zeros(state.shape[1])
    MODEL.current(state, np.full((1, len(i)), 0.1), params, i, np.zeros(len(i)), 0, len(i))
    return 1e9 * i


def step(state, params, v, seconds, rng=None):
    n = state.shape[1]
    noise = np.zeros((2, n)) if rng is None else rng.standard_normal((2, n))
    MODEL.advance(state, np.full((1, n), v), params, noise, np.full(n, seconds), 0, n)
    return state


@pytest.mark.parametrize("day", list(DAYS))
def test_state_error_is_that_of_the_population(day):
    i, (a, b) = np.linspace(20.0, 1400.0, 60), DAYS[day]
    params = params_of(len(i), loss=0.0)
    error = current(at(i, day, error=1.0), params) - current(at(i, day), params)
    np.testing.assert_allclose(error, a * (1.0 - np.exp(-i / b)), rtol=1e-5 if day == 0 else 0.025)


@pytest.mark.parametrize(("day", "polynomial"), [(1, FIRST_DAY), (5, FIFTH_DAY)])
def test_mean_loss_is_that_of_the_population(day, polynomial):
    i = np.linspace(20.0, 1400.0, 60)
    change = current(at(i, day), params_of(len(i))) - i
    assert np.max(np.abs(change - polyval(i, polynomial))) < 4.0
    assert np.sqrt(np.mean((change - polyval(i, polynomial)) ** 2)) < 2.0


def test_read_noise_by_state_and_from_read_to_read():
    i, rng = np.array([50.0, 500.0, 1500.0]), np.random.default_rng(1)
    sigma = 12.58037 * (1.0 - np.exp(-i / 215.36557))
    np.testing.assert_allclose(current(at(i, read=1.0), params_of(3)) - i, sigma, rtol=1e-5, atol=5e-4)  # g_min: 1.6e-4 nA
    state, params = at(np.full(N, 500.0)), params_of(N)
    first = current(step(state, params, 0.0, 1e-4, rng), params)
    second = current(step(state, params, 0.0, 1e-4, rng), params)
    assert abs(first.std() - sigma[1]) < 5.0 * sigma[1] / math.sqrt(2 * N)
    assert abs(np.corrcoef(first, second)[0, 1]) < 5.0 / math.sqrt(N)


@pytest.mark.parametrize("pieces", [1, 4])
def test_write_renews_error_and_age_in_proportion(pieces):
    rng, params = np.random.default_rng(2), params_of(N)
    state = at(np.full(N, 800.0), 1.0, error=3.0)
    age = 6795.0 * math.expm1(state[1, 0])
    for _ in range(pieces):
        step(state, params, -10.0, math.log(2.0) / 1e4 / pieces, rng)  # one half of the way to erased
    np.testing.assert_allclose(state[0], 0.75, rtol=1e-12)
    np.testing.assert_allclose(6795.0 * np.expm1(state[1]), 0.5 * age, rtol=1e-6)
    sigma = math.sqrt(0.75)
    assert abs(state[2].mean() - 1.5) < 5.0 * sigma / math.sqrt(N)
    assert abs(state[2].std() - sigma) < 5.0 * sigma / math.sqrt(2 * N)


def test_within_the_thresholds_only_age_and_read_noise_move():
    rng, params = np.random.default_rng(3), params_of(7)
    state = at(np.linspace(0.0, 1600.0, 7), error=0.5)
    before = state.copy()
    for v in (4.9, -4.9, 0.0):
        step(state, params, v, 1.0, rng)
    assert state[[0, 2]].tobytes() == before[[0, 2]].tobytes()
    assert np.all(state[1] > before[1])


def test_charge_of_a_day_is_the_current_integrated():
    params, q = params_of(4), np.zeros(4)
    state = at([100.0, 250.0, 700.0, 1500.0], error=[1.0, -2.0, 0.5, 3.0])
    MODEL.charge(state, np.full((1, 4), 0.1), params, np.full(4, DAY), q, 0, 4)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    u = 0.5 * math.log1p(DAY / 6795.0) * (1.0 + nodes)
    expected = np.zeros(4)
    for place, weight in zip(u, weights, strict=True):
        state[1] = place
        expected += 0.5 * math.log1p(DAY / 6795.0) * weight * math.exp(place) * 6795.0 * current(state, params) * 1e-9
    np.testing.assert_allclose(q, expected, rtol=1e-9)


def test_no_lock_and_extremes_stay_finite():
    rng, params = np.random.default_rng(4), params_of(20)
    state = at(np.linspace(0.0, 1600.0, 20))
    for _ in range(10):
        step(state, params, 10.0, 1.0, rng)
    assert np.all(step(state.copy(), params, -10.0, 1e-4, rng)[0] > 0.6)
    q = np.zeros(20)
    for v in (0.0, 1e4, -1e4, 1e300):
        for seconds in (0.0, 1e-300, 1e-15, 1e6, 1e300):
            step(state, params, v, seconds, rng)
            assert np.all(np.isfinite(state))
            assert np.all((state[0] >= 0.0) & (state[0] <= 1.0))
            assert np.all(np.isfinite(current(state, params)))
            MODEL.charge(state, np.full((1, 20), v), params, np.full(20, min(seconds, 1e12)), q, 0, 20)
            assert not np.any(np.isnan(q))
