"""Multilevel spin-orbit synapse: the thermal factor, a simulation of single magnets as the oracle, write noise, history."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import norm

from devices.spintronic.sot_law import slow_share
from devices.spintronic.sot_multilevel import MODEL

NOMINAL = {spec.name: spec.default for spec in MODEL.params}


def columns(n=1, **rows):
    params = MODEL.default_params(n)
    for name, value in rows.items():
        params[MODEL.param_index[name]] = value
    return params


def pulsed(z, through, seconds, params, noise=0.0):
    """Return z after one pulse of a current [A] in the strip."""
    n = params.shape[1]
    state = np.zeros((1, n)) + z
    v = np.zeros((1, n)) + np.copysign(0.25 + 1e3 * np.abs(through), through)
    MODEL.advance(state, v, params, np.zeros((1, n)) + noise, np.full(n, float(seconds)), 0, n)
    return state[0]


def shares(z):
    return np.array([slow_share(value) for value in np.atleast_1d(z)])


@pytest.mark.parametrize("seconds", [1e-8, 1e-6, 1e-3, 1.0])
def test_front_stands_where_the_thermal_factor_says(seconds):
    # I_k (1 - ln(K nu t) / Delta) = I for a front that began far below; K = exp(0.5772) makes the mean number right.
    through = 0.8e-3
    expected = (through / (1 - (math.log(1e9 * seconds) + 0.5772156649015329) / 60) / 1e-3 - 1) / 0.1
    assert abs(expected) < 3
    np.testing.assert_allclose(pulsed(-3.0, through, seconds, columns()), expected, rtol=1e-6, atol=0)


def magnets(params, generator, count, pulses):
    """Return the share of magnets that are up after pulses (current, seconds), each magnet on its own: the oracle."""
    z = ndtri(norm.cdf(-3) + (norm.cdf(3) - norm.cdf(-3)) * generator.random(count))
    up = np.zeros(count, dtype=bool)
    found = []
    for through, seconds in pulses:
        threshold = 1e-3 * (1 + 0.1 * z) if through > 0 else 1e-3 * (1 - 0.1 * z)
        attempts = 1e9 * seconds * np.exp(-60 * (1 - abs(through) / threshold))
        switched = generator.random(count) < -np.expm1(-attempts)
        up = np.where(switched, through > 0, up)
        found.append(up.mean())
    return np.array(found)


def test_mean_of_pulse_trains_is_that_of_single_magnets():
    pulses = [(0.8e-3, 1e-7), (0.85e-3, 1e-7), (0.85e-3, 1e-6), (-0.8e-3, 1e-7), (-0.85e-3, 1e-7), (0.83e-3, 1e-6)]
    count = 400_000
    expected = magnets(columns(), np.random.default_rng(1), count, pulses)
    z, found = np.array([-3.0]), []
    for through, seconds in pulses:
        z = pulsed(z, through, seconds, columns())
        found.append(slow_share(z[0]))
    # Sampling 5 sqrt(0.25 / 4e5) = 0.004; beyond it the front is sharp: second order in its width, here 0.15 in z.
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.012)


def test_write_noise_has_the_spread_of_single_magnets():
    through, seconds, count, repeats = 0.85e-3, 1e-6, 64, 20_000
    generator = np.random.default_rng(2)
    # The thresholds of one device are the same at each write: quantiles, not draws.
    z = ndtri(norm.cdf(-3) + (norm.cdf(3) - norm.cdf(-3)) * (np.arange(count) + 0.5) / count)
    attempts = 1e3 * np.exp(-60 * (1 - through / (1e-3 * (1 + 0.1 * z))))
    up = generator.random((repeats, count)) < -np.expm1(-attempts)
    expected = up.mean(axis=1).std()
    ends = pulsed(-3.0, through, seconds, columns(repeats, hysterons=64.0), generator.standard_normal(repeats))
    np.testing.assert_allclose(shares(ends[:4000]).std(), expected, rtol=0.12, atol=0)  # leading order in the width, 0.15
    quiet = pulsed(-3.0, through, seconds, columns(repeats, hysterons=0.0), generator.standard_normal(repeats))
    assert np.ptp(quiet) == 0.0


def test_write_noise_does_not_depend_on_how_a_pulse_is_split():
    n, generator = 40_000, np.random.default_rng(3)
    params = columns(n, hysterons=256.0)
    whole = pulsed(-3.0, 0.85e-3, 1e-6, params, generator.standard_normal(n))
    parts = np.full(n, -3.0)
    for _ in range(8):
        parts = pulsed(parts, 0.85e-3, 1.25e-7, params, generator.standard_normal(n))
    np.testing.assert_allclose(parts.std(), whole.std(), rtol=0.05, atol=0)  # linear order; 5 s.e. = 0.025
    assert abs(parts.mean() - whole.mean()) < 0.3 * whole.std()


def test_repeated_pulses_act_less_and_less_and_the_first_one_back_acts_most():
    z, steps = np.zeros(1), []
    for _ in range(5):
        after = pulsed(z, 0.93e-3, 1e-7, columns())
        steps.append(after[0] - z[0])
        z = after
    assert np.all(np.diff(steps) < 0.0)
    back = [pulsed(z, -0.95e-3, seconds, columns())[0] for seconds in (1e-8, 1e-7)]
    assert z[0] > back[0] > back[1]


def test_long_time_at_high_current_switches_everything_and_back():
    top = pulsed(np.array([0.0, -3.0]), 1.9e-3, 1.0, columns(2))
    np.testing.assert_array_equal(top, 3.0)
    np.testing.assert_array_equal(pulsed(top, -1.9e-3, 1.0, columns(2)), -3.0)
    g = np.empty(2)
    MODEL.conductance(np.array([[3.0, -3.0]]), columns(2), g, 0, 2)
    np.testing.assert_allclose(g, [1e-4, 4e-5], rtol=1e-13, atol=0)


def test_nothing_moves_without_current_in_the_strip_or_attempts():
    z, v = np.array([[0.3, 0.3, 0.3]]), np.array([[0.25, -0.2, 1.5]])
    params = columns(3, attempt=[1e9, 1e9, 0.0])
    state = z.copy()
    MODEL.advance(state, v, params, np.ones((1, 3)), np.full(3, 1e6), 0, 3)
    assert state.tobytes() == z.tobytes()


def test_extreme_drives_stay_finite():
    params = columns(4, stability=300.0, spread=0.3)
    state = np.array([[-3.0, 3.0, 0.0, -1.0]])
    v = np.array([[1e3, -1e3, 0.25 + 1e-12, 50.0]])
    q, dz = np.empty(4), np.empty((1, 4))
    MODEL.charge(state, v, params, np.full(4, 1e3), q, 0, 4)
    MODEL.rate(state, v, params, dz, 0, 4)
    MODEL.advance(state, v, params, np.ones((1, 4)), np.full(4, 1e3), 0, 4)
    for found in (q, dz, state):
        assert np.all(np.isfinite(found))
    assert np.all(np.abs(state) <= 3.0)
