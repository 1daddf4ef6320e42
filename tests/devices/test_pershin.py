"""The threshold memristor of Pershin and Di Ventra: the published sine in closed form, thresholds, bounds, charge."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices.memristor.pershin import MODEL, STUCK_DRIVE, smallest_resistance

PAPER = {"r_on": 1e3, "r_off": 1e4, "alpha": 0.0, "beta": 1e13, "v_off": 4.6, "v_on": -4.6}


def columns(n=1, **values):
    params = MODEL.default_params(n)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def pulse(x, v, dt, **values):
    state = np.array([[float(x)]])
    MODEL.advance(state, np.array([[float(v)]]), columns(**values), np.zeros((0, 1)), np.array([float(dt)]), 0, 1)
    return state[0, 0]


def rate(x, v, **values):
    out = np.zeros((1, 1))
    MODEL.rate(np.array([[float(x)]]), np.array([[float(v)]]), columns(**values), out, 0, 1)
    return out[0, 0]


def test_sine_of_the_paper_reaches_its_smallest_resistance():
    # R_off - (beta V_t / 2 pi f) [2 sqrt(u^2 - 1) - pi + 2 asin(1 / u)], u = 5 / 4.6: 3181.871 ohm at 5 V and 50 MHz.
    np.testing.assert_allclose(smallest_resistance(PAPER, 5.0, 50e6), 3181.871, rtol=2e-7)
    first, last = (np.array([1.0, -1.0]) * np.arcsin(4.6 / 5.0) + [0.0, np.pi]) / (2.0 * np.pi * 50e6)
    solution = solve_ivp(lambda t, x: [rate(x[0], -5.0 * np.sin(2.0 * np.pi * 50e6 * t))], (first, last), [1.0],
                         rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(1e3 + 9e3 * solution.y[0, -1], 3181.871, rtol=2e-7)


def test_speed_beyond_the_threshold_is_beta_times_the_overvoltage():
    # 0.4 V beyond: 4e12 ohm/s over a range of 9 kohm.
    np.testing.assert_allclose(rate(0.5, 5.0), 4e12 / 9e3, rtol=1e-12)
    np.testing.assert_allclose(rate(0.5, -5.0), -4e12 / 9e3, rtol=1e-12)
    np.testing.assert_allclose(pulse(0.1, 5.0, 1e-9), 0.1 + 4e3 / 9e3, rtol=1e-12)


def test_alpha_moves_below_the_threshold_and_joins_it_continuously():
    values = {"alpha": 1e12}
    np.testing.assert_allclose(rate(0.5, 2.0, **values), 2e12 / 9e3, rtol=1e-12)
    np.testing.assert_allclose(rate(0.5, 4.6 * (1.0 + 1e-12), **values), rate(0.5, 4.6, **values), rtol=1e-10)
    np.testing.assert_allclose(rate(0.5, -5.0, **values), -(4.6e12 + 4e12) / 9e3, rtol=1e-12)


def test_nothing_moves_between_the_thresholds():
    for v in (4.6, -4.6, 1.0, 0.0):
        assert pulse(0.4, v, 1e9) == 0.4
    low, high = np.zeros(1), np.zeros(1)
    for values, expected in (({}, (-4.6, 4.6)), ({"beta": 0.0}, (-STUCK_DRIVE, STUCK_DRIVE)), ({"alpha": 1.0}, (0.0, 0.0))):
        MODEL.dead_zone(columns(**values), low, high, 0, 1)
        assert (low[0], high[0]) == expected


def test_charge_is_the_log_mean_until_the_bound_and_ohms_law_after_it():
    q = np.zeros(1)
    MODEL.charge(np.array([[0.0]]), np.array([[5.0]]), columns(), np.array([5e-9]), q, 0, 1)
    up = 9e3 / 4e12
    np.testing.assert_allclose(q[0], 5.0 * (up * np.log(10.0) / 9e3 + (5e-9 - up) / 1e4), rtol=1e-12)


@pytest.mark.parametrize("scale", [1.0, 1e6, 1e300])
def test_state_stays_bounded_and_does_not_lock(scale):
    n, rng = 100, np.random.default_rng(1)
    state, params, q = rng.random((1, n)), columns(n, alpha=1e9), np.zeros(n)
    for _ in range(20):
        v = 10.0 * scale * rng.uniform(-1.0, 1.0, (1, n))
        MODEL.advance(state, v, params, np.zeros((0, n)), np.full(n, 1e-9), 0, n)
        assert np.all((state >= 0.0) & (state <= 1.0))
        MODEL.charge(state, v, params, np.full(n, 1e-9), q, 0, n)
        assert np.all(np.isfinite(q))
    assert pulse(1.0, -5.0, 1e-12) < 1.0
    assert pulse(0.0, 5.0, 1e-12) > 0.0
