"""Laiho's memristor with Biolek's window: the area hyperbolic tangent, charge in closed form, bounds."""

from __future__ import annotations

import math

import numpy as np

from devices.memristor.laiho_biolek import MODEL


def columns(n=1, **values):
    params = MODEL.default_params(n)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def pulse(x, v, dt, **values):
    state = np.array([[float(x)]])
    MODEL.advance(state, np.array([[float(v)]]), columns(**values), np.zeros((0, 1)), np.array([float(dt)]), 0, 1)
    return state[0, 0]


def test_time_is_the_area_hyperbolic_tangent():
    # dx / (1 - x^2) = s dt: s t = atanh(x_1) - atanh(x_0), falling the same in 1 - x.
    seconds = (math.atanh(0.9) - math.atanh(0.1)) / (4.5e-2 * math.sinh(4.5))
    np.testing.assert_allclose(pulse(0.1, 0.5, seconds), 0.9, rtol=1e-10)
    seconds = (math.atanh(0.9) - math.atanh(0.1)) / (0.75 * math.sinh(1.8))
    np.testing.assert_allclose(pulse(0.9, -1.0, seconds), 0.1, rtol=1e-9)


def test_charge_is_the_logarithm():
    # int x dt = int x dx / (s (1 - x^2)) = ln((1 - x_0^2) / (1 - x_1^2)) / (2 s).
    s = 4.5e-2 * math.sinh(4.5)
    seconds, q = (math.atanh(0.9) - math.atanh(0.1)) / s, np.zeros(1)
    MODEL.charge(np.array([[0.1]]), np.array([[0.5]]), columns(), np.array([seconds]), q, 0, 1)
    np.testing.assert_allclose(q[0], 9e-5 * math.sinh(0.75) * math.log(0.99 / 0.19) / (2.0 * s), rtol=1e-10)


def test_state_driven_into_a_bound_returns():
    x = 0.5
    for _ in range(10):
        x = pulse(x, 1.0, 10.0)
    assert x == 1.0
    assert pulse(1.0, -1.0, 1e-6) < 1.0
    assert pulse(1.0, -2.0, 10.0) == 0.0
    assert pulse(0.0, 1.0, 1e-6) > 0.0


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
