"""Nonlinear ion drift: the logit in closed form, charge by quadrature, odd powers, bounds, the published current."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from devices.memristor.nonlinear_drift import MODEL
from devices.memristor.windows import slow_window


def columns(n=1, **values):
    params = MODEL.default_params(n)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def pulse(x, v, dt, **values):
    state = np.array([[float(x)]])
    MODEL.advance(state, np.array([[float(v)]]), columns(**values), np.zeros((0, 1)), np.array([float(dt)]), 0, 1)
    return state[0, 0]


def test_logit_moves_uniformly_under_the_parabolic_window():
    # f = 4 x (1 - x): ln(x / (1 - x)) grows by 4 a v^5 t, here by ln 81 at 1.2 V.
    np.testing.assert_allclose(pulse(0.1, 1.2, math.log(81.0) / (4.0 * 1.2**5)), 0.9, rtol=1e-10)
    np.testing.assert_allclose(pulse(0.9, -1.2, math.log(81.0) / (4.0 * 1.2**5)), 0.1, rtol=1e-9)


def test_speed_is_the_odd_power_of_the_voltage():
    out = np.zeros((1, 3))
    MODEL.rate(np.full((1, 3), 0.5), np.array([[2.0, -2.0, 0.1]]), columns(3, m_power=13.0, speed=4.0), out, 0, 3)
    np.testing.assert_allclose(out[0], [4.0 * 2.0**13, -4.0 * 2.0**13, 4.0e-13], rtol=1e-13)


@pytest.mark.parametrize("n_power", [2.0, 4.0, 14.0])
@pytest.mark.parametrize(("code", "p", "v", "start", "end"), [(1, 1.0, 1.2, 0.1, 0.95), (1, 3.0, -1.0, 0.97, 0.2),
                                                             (2, 2.0, 1.0, 0.05, 0.9), (4, 1.5, -1.0, 0.9, 0.3)])
def test_time_and_charge_are_integrals_over_the_place(code, p, v, start, end, n_power):
    def pace(x):
        return 1.0 / (abs(v) ** 5 * slow_window(code, x, v > 0.0, p, 1.0, 1e-6, 0.0, 0.0, 1.0))

    exact = {"epsrel": 1e-12, "epsabs": 0.0, "limit": 500}
    seconds, values = abs(quad(pace, start, end, **exact)[0]), {"window": code, "exponent": p, "n_power": n_power}
    np.testing.assert_allclose(pulse(start, v, seconds, **values), end, rtol=1e-9)
    q = np.zeros(1)
    MODEL.charge(np.array([[start]]), np.array([[v]]), columns(**values), np.array([seconds]), q, 0, 1)
    held = abs(quad(lambda x: x**n_power * pace(x), start, end, **exact)[0])
    expected = 0.9e-6 * math.sinh(2.0 * v) * held + 1e-10 * math.expm1(4.0 * v) * seconds
    np.testing.assert_allclose(q[0], expected, rtol=1e-9)


def test_current_is_tunnelling_plus_junction():
    i, slope = np.zeros(1), np.zeros(1)
    MODEL.current(np.array([[0.5]]), np.array([[1.0]]), columns(), i, slope, 0, 1)
    np.testing.assert_allclose(i[0], 0.25 * 0.9e-6 * math.sinh(2.0) + 1e-10 * math.expm1(4.0), rtol=1e-13)


def test_state_driven_into_a_bound_returns():
    x = 0.5
    for _ in range(10):
        x = pulse(x, 2.0, 10.0)
    assert x == 1.0
    assert pulse(x, -2.0, 10.0) == 0.0
    assert pulse(0.0, 2.0, 10.0) == 1.0
    assert pulse(1.0, -1.0, 1e-6) < 1.0


def test_state_stays_finite_and_bounded_at_any_drive():
    n, rng = 64, np.random.default_rng(2)
    state, params, out, q, i = rng.random((1, n)), columns(n), np.zeros((1, n)), np.zeros(n), np.zeros(n)
    state[0, :2] = 0.0, 1.0
    for scale in (0.0, 1.0, 10.0, 1e6, 1e300):
        v, dt = scale * rng.uniform(-1.0, 1.0, (1, n)), np.ones(n)
        MODEL.rate(state, v, params, out, 0, n)
        MODEL.charge(state, v, params, dt, q, 0, n)
        MODEL.current(state, v, params, i, np.zeros(n), 0, n)
        assert np.all(np.isfinite([out[0], q, i]))
        MODEL.advance(state, v, params, np.zeros((0, n)), dt, 0, n)
        assert np.all((state >= 0.0) & (state <= 1.0))
