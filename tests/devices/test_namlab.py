"""NaMLab's analog memristor against a stiff integrator, its resting walls, and its asymmetric current."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices.memristor.namlab import HIGHEST, LOWEST, MODEL, slow_conductance_at, slow_rate

DEFAULTS = {spec.name: spec.default for spec in MODEL.params}


def pulse(x, v, dt):
    state = np.array([[float(x)]])
    MODEL.advance(state, np.array([[float(v)]]), MODEL.default_params(1), np.zeros((0, 1)), np.array([float(dt)]), 0, 1)
    return state[0, 0]


@pytest.mark.parametrize(("x", "v", "seconds"), [(0.15, 2.0, 0.1), (0.15, 2.5, 10.0), (0.284, 0.0, 100.0), (0.2, -2.0, 1.0),
                                                 (0.28, 3.5, 0.01), (0.1, 0.0, 1000.0), (0.25, -1.0, 1e4)])
def test_state_and_charge_are_those_of_a_stiff_integrator(x, v, seconds):
    def law(_, y):
        return [slow_rate([y[0]], [v], DEFAULTS)[0], v * slow_conductance_at(y[0], v, DEFAULTS)]

    solution = solve_ivp(law, (0.0, seconds), [x, 0.0], method="Radau", rtol=1e-10, atol=1e-13)
    assert abs(pulse(x, v, seconds) - solution.y[0, -1]) < 1e-9
    q = np.zeros(1)
    MODEL.charge(np.array([[x]]), np.array([[v]]), MODEL.default_params(1), np.array([seconds]), q, 0, 1)
    np.testing.assert_allclose(q[0], solution.y[1, -1], rtol=1e-7)


def test_state_between_the_walls_keeps_its_bits_at_rest_for_a_year():
    for x in (0.15, 0.2, 0.23):
        assert pulse(x, 0.0, 3e7) == x


def test_upper_wall_pushes_back_at_rest():
    # At x_off and 0 V: c_1 (e^-1 - 1) = -1.862e-4 / s, and the wall is a few thousandths wide.
    np.testing.assert_allclose((pulse(0.284, 0.0, 1e-3) - 0.284) / 1e-3, 2.9457e-4 * (math.exp(-1.0) - 1.0), rtol=1e-3)
    assert 0.27 < pulse(0.284, 0.0, 1e4) < 0.283


def test_current_is_the_published_one():
    i, slope = np.zeros(2), np.zeros(2)
    MODEL.current(np.full((1, 2), 0.2), np.array([[2.0, -2.0]]), MODEL.default_params(2), i, slope, 0, 2)
    rise, fall = 2.6831 * math.sqrt(10.0), 9.3348 * math.sqrt(2.0)
    expected = [0.4 * (4.7447e-8 * math.exp(rise) + 1.1253e-8 * math.exp(-fall)),
                -0.4 * (4.7447e-8 * math.exp(-rise) + 1.1253e-8 * math.exp(fall))]
    np.testing.assert_allclose(i, expected, rtol=1e-12)


def test_state_driven_into_a_bound_returns():
    high = pulse(0.15, 20.0, 1.0)
    assert high == HIGHEST
    assert pulse(high, -2.0, 1.0) < 0.28
    low = pulse(0.15, -10.0, 1.0)
    assert low == LOWEST
    assert pulse(low, 3.0, 1.0) > 0.11


def test_state_stays_finite_and_bounded_at_any_drive():
    n, rng = 64, np.random.default_rng(2)
    state, params = rng.uniform(LOWEST, HIGHEST, (1, n)), MODEL.default_params(n)
    out, q, i = np.zeros((1, n)), np.zeros(n), np.zeros(n)
    for scale in (0.0, 1.0, 10.0, 1e4, 1e300):
        v, dt = scale * rng.uniform(-1.0, 1.0, (1, n)), np.ones(n)
        MODEL.rate(state, v, params, out, 0, n)
        MODEL.charge(state, v, params, dt, q, 0, n)
        MODEL.current(state, v, params, i, np.zeros(n), 0, n)
        if scale < 1e100:  # beyond, v G itself has no finite value
            assert np.all(np.isfinite([out[0], q, i]))
        MODEL.advance(state, v, params, np.zeros((0, n)), dt, 0, n)
        assert np.all((state >= LOWEST) & (state <= HIGHEST))
