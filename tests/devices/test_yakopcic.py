"""Yakopcic's memristor: plateau speeds in closed form, the tail by scipy, thresholds, bounds, sinh current."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import exp1

from devices.memristor.yakopcic import MODEL, STUCK_DRIVE, slow_rate


def columns(n=1, **values):
    params = MODEL.default_params(n)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def pulse(x, v, dt, **values):
    state = np.array([[float(x)]])
    MODEL.advance(state, np.array([[float(v)]]), columns(**values), np.zeros((0, 1)), np.array([float(dt)]), 0, 1)
    return state[0, 0]


def charge(x, v, dt, **values):
    q = np.zeros(1)
    MODEL.charge(np.array([[float(x)]]), np.array([[float(v)]]), columns(**values), np.array([float(dt)]), q, 0, 1)
    return q[0]


@pytest.mark.parametrize(("v", "speed"), [(0.20, 191.6), (0.25, 442.1), (0.30, 705.4)])
def test_plateau_speed_is_the_difference_of_exponentials(v, speed):
    # 4000 / s (e^v - e^0.16), four printed digits.
    np.testing.assert_allclose((pulse(0.1, v, 1e-4) - 0.1) / 1e-4, speed, rtol=3e-4)
    np.testing.assert_allclose(pulse(0.1, v, 1e-4) - 0.1, 0.4 * (math.exp(v) - math.exp(0.16)), rtol=1e-12)


def test_tail_is_the_exponential_integral():
    # dt = de / (g F): t = (c / g) e^(alpha c) (E1(alpha e_1) - E1(alpha e_0)) with c = 0.7, alpha = 1.
    c, g = 0.7, 4000.0 * (math.exp(0.3) - math.exp(0.16))
    e_0, e_1 = 0.6, 0.05
    seconds = c / g * math.exp(c) * (exp1(e_1) - exp1(e_0))
    np.testing.assert_allclose(pulse(1.0 - e_0, 0.3, seconds), 1.0 - e_1, rtol=1e-10)


@pytest.mark.parametrize(("v", "start", "end"), [(0.3, 0.05, 0.2), (0.3, 0.05, 0.95), (0.3, 0.5, 0.999), (-0.3, 0.95, 0.6),
                                                 (-0.3, 0.95, 0.02), (-0.3, 0.3, 1e-4)])
def test_time_and_charge_are_integrals_over_the_place(v, start, end):
    p = {spec.name: spec.default for spec in MODEL.params}

    def pace(x):
        return 1.0 / abs(slow_rate([x], [v], p)[0])

    edges = [edge for edge in (p["x_p"], 1.0 - p["x_n"]) if min(start, end) < edge < max(start, end)]
    exact = {"epsrel": 1e-12, "epsabs": 0.0, "limit": 500, "points": edges or None}
    seconds = abs(quad(pace, start, end, **exact)[0])
    np.testing.assert_allclose(pulse(start, v, seconds), end, rtol=1e-9)
    q = p["scale_p"] * math.sinh(p["curve"] * v) * abs(quad(lambda x: x * pace(x), start, end, **exact)[0])
    np.testing.assert_allclose(charge(start, v, seconds), q, rtol=1e-9)


def test_nothing_moves_between_the_thresholds_and_stuck_devices_never():
    for v in (0.16, -0.15, 0.1, 0.0):
        assert pulse(0.4, v, 1e9) == 0.4
    low, high = np.zeros(1), np.zeros(1)
    MODEL.dead_zone(columns(speed_p=0.0, speed_n=0.0), low, high, 0, 1)
    assert (low[0], high[0]) == (-STUCK_DRIVE, STUCK_DRIVE)
    assert pulse(0.4, 5.0, 1e9, speed_p=0.0, speed_n=0.0) == 0.4


def test_state_driven_into_a_bound_returns():
    on, off = 0.5, 0.5
    for _ in range(10):
        on, off = pulse(on, 0.45, 1.0), pulse(off, -0.45, 1.0)
    assert on > 0.999
    assert off < 1e-3
    np.testing.assert_allclose(on - pulse(on, -0.3, 1e-5), 0.04 * (math.exp(0.3) - math.exp(0.15)), rtol=1e-9)
    np.testing.assert_allclose(pulse(0.0, 0.3, 1e-5), 0.04 * (math.exp(0.3) - math.exp(0.16)), rtol=1e-12)


def test_current_is_the_published_sinh_on_both_sides():
    x, v = np.full((1, 2), 0.5), np.array([[2.0, -2.0]])
    i, slope = np.zeros(2), np.zeros(2)
    MODEL.current(x, v, columns(2, scale_p=3.7e-7, scale_n=4.35e-7, curve=0.7), i, slope, 0, 2)
    np.testing.assert_allclose(i, [0.5 * 3.7e-7 * math.sinh(1.4), -0.5 * 4.35e-7 * math.sinh(1.4)], rtol=1e-14)
    np.testing.assert_allclose(slope, [0.35 * 3.7e-7 * math.cosh(1.4), 0.35 * 4.35e-7 * math.cosh(1.4)], rtol=1e-14)


def test_state_stays_finite_and_bounded_at_any_drive():
    n, rng = 300, np.random.default_rng(2)
    state, params, q, out = rng.random((1, n)), columns(n), np.zeros(n), np.zeros((1, n))
    state[0, :2] = 0.0, 1.0
    for scale in (0.0, 0.3, 5.0, 600.0, 1e4, 1e300):
        v = scale * rng.uniform(-1.0, 1.0, (1, n))
        MODEL.rate(state, v, params, out, 0, n)
        assert np.all(np.isfinite(out))
        MODEL.advance(state, v, params, np.zeros((0, n)), rng.uniform(0.0, 1.0, n), 0, n)
        assert np.all((state >= 0.0) & (state <= 1.0))
        MODEL.charge(state, v, params, np.ones(n), q, 0, n)
        assert np.all(np.isfinite(q))


@pytest.mark.slow
def test_a_million_random_steps_stay_within_bounds():
    n, rng = 10_000, np.random.default_rng(3)
    state, params = rng.random((1, n)), columns(n)
    for _ in range(100):
        MODEL.advance(state, rng.uniform(-0.5, 0.5, (1, n)), params, np.zeros((0, n)), rng.uniform(0.0, 1e-2, n), 0, n)
        assert np.all((state >= 0.0) & (state <= 1.0))


@pytest.mark.parametrize("name", ["g_max", "rate", "threshold_up", "threshold_down"])
def test_every_handle_changes_what_it_names(name):
    def outcome(factor):
        values = {spec.name: spec.default for spec in MODEL.params}
        for target in MODEL.handles[name].params:
            values[target] *= factor ** MODEL.handles[name].power
        g = np.zeros(1)
        MODEL.conductance(np.array([[1.0]]), columns(**values), g, 0, 1)
        return {"g_max": g[0], "up": pulse(0.1, 0.3, 1e-4, **values) - 0.1, "down": 0.9 - pulse(0.9, -0.3, 1e-4, **values)}

    before, after = outcome(1.0), outcome(1.1)
    changed = {key for key in before if abs(after[key] / before[key] - 1.0) > 1e-3}
    assert changed == {"g_max": {"g_max"}, "rate": {"up", "down"}, "threshold_up": {"up"}, "threshold_down": {"down"}}[name]
