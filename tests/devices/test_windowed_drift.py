"""Windowed drift against published window values, closed forms of the flux, scipy, and the fingerprints of a memristor."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from devices.memristor.windowed_drift import MODEL
from devices.memristor.windows import BIOLEK, JOGLEKAR, KVATINSKY, PRODROMAKIS, ZHA, slow_window

CODES = (JOGLEKAR, BIOLEK, PRODROMAKIS, ZHA, KVATINSKY)
Q_D, R_ON, R_OFF = 1e-4, 100.0, 16e3


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


def rate(x, v, **values):
    out = np.zeros((1, 1))
    MODEL.rate(np.array([[float(x)]]), np.array([[float(v)]]), columns(**values), out, 0, 1)
    return out[0, 0]


def window(x, v=1.0, **values):
    """The window that the rate has, by division with the free rate."""
    return rate(x, v, **values) * Q_D * (R_OFF + (R_ON - R_OFF) * x) / v


def wall(x):
    return np.exp(-np.exp(x))


@pytest.mark.parametrize(("values", "v", "places", "expected"), [
    ({"window": JOGLEKAR}, 1.0, (0.25, 0.5, 0.75), (0.75, 1.0, 0.75)),
    ({"window": JOGLEKAR, "exponent": 3.0}, -1.0, (0.25, 0.5), (1.0 - 0.5**6, 1.0)),
    ({"window": PRODROMAKIS}, 1.0, (0.25, 0.5, 0.75), (0.1875, 0.25, 0.1875)),
    ({"window": PRODROMAKIS, "exponent": 2.0, "height": 3.0}, 1.0, (0.5,), (3.0 * (1.0 - 0.75**2),)),
    ({"window": BIOLEK}, 1.0, (0.0, 0.5), (1.0, 0.75)),
    ({"window": BIOLEK}, -1.0, (0.25, 1.0), (1.0 - 0.75**2, 1.0)),
    ({"window": ZHA}, 1.0, (0.0, 0.5), (0.25, 0.25 * 0.75)),
    ({"window": ZHA, "height": 4.0}, -1.0, (0.5, 1.0), (0.75, 1.0)),
    ({"window": KVATINSKY}, 1.0, (0.0, 0.9, 0.95), (wall(-10.0), wall(-1.0), wall(-0.5))),
    ({"window": KVATINSKY}, -1.0, (1.0, 0.1), (wall(-10.0), wall(-1.0))),
])
def test_window_has_its_published_values(values, v, places, expected):
    edge = 1e-6
    found = [window(x, v, edge=edge, **values) for x in places]
    np.testing.assert_allclose(found, expected, rtol=4.0 * edge)  # at x = 0 and 1 the clip moves f by less than 4 edge


@pytest.mark.parametrize("code", [JOGLEKAR, PRODROMAKIS])
def test_symmetric_windows_vanish_at_both_bounds_but_for_the_edge(code):
    for x, v in ((0.0, 1.0), (1.0, -1.0), (1.0 - 1e-12, 1.0), (1e-12, -1.0)):
        assert 0.0 < window(x, v, window=code, edge=1e-6) < 5e-6


def test_joglekar_time_is_the_closed_form():
    # dt = Q_D M / (4 v x (1 - x)) dx: Q_D (r_off ln x - r_on ln(1 - x)) / (4 v), here from 0.1 to 0.9.
    seconds = Q_D * (R_OFF + R_ON) * np.log(9.0) / 4.0
    np.testing.assert_allclose(pulse(0.1, 1.0, seconds), 0.9, rtol=1e-10)
    # ... and the charge on the way is Q_D int dx / f = Q_D ln(81) / 4.
    np.testing.assert_allclose(charge(0.1, 1.0, seconds), Q_D * np.log(81.0) / 4.0, rtol=1e-10)


@pytest.mark.parametrize("depth", [1e-6, 1e-9])
def test_leaving_a_bound_takes_the_logarithm_of_the_depth(depth):
    # 4 r t = ln((1 - e) / e) from e to the middle, with r = v / (Q_D M) and M = r_off = r_on, that is 1e6 / s here.
    values = {"r_off": R_ON, "edge": 1e-9}
    seconds = np.log((1.0 - depth) / depth) / (4.0 / (Q_D * R_ON))
    np.testing.assert_allclose(pulse(depth, 1.0, seconds, **values), 0.5, rtol=1e-9)


def test_biolek_time_is_the_area_hyperbolic_tangent():
    rate_free = 1.0 / (Q_D * R_ON)
    seconds = (np.arctanh(0.9) - np.arctanh(0.1)) / rate_free
    np.testing.assert_allclose(pulse(0.1, 1.0, seconds, r_off=R_ON, window=BIOLEK), 0.9, rtol=1e-10)
    np.testing.assert_allclose(pulse(0.9, -1.0, seconds, r_off=R_ON, window=BIOLEK), 0.1, rtol=1e-9)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("p", [1.0, 2.0, 10.0])
def test_flux_and_charge_are_the_integrals_over_the_place(code, p):
    for start, end in ((0.02, 0.97), (0.9, 0.3)):
        v = 1.0 if end > start else -1.0

        def f(x, rising=end > start):
            return slow_window(code, x, rising, p, 1.0, 1e-6, 1.0, 0.0, 0.1)

        exact = {"epsrel": 1e-12, "epsabs": 0.0, "limit": 500}
        flux = Q_D * abs(quad(lambda x: (R_OFF + (R_ON - R_OFF) * x) / f(x), start, end, **exact)[0])
        q = Q_D * quad(lambda x: 1.0 / f(x), start, end, **exact)[0]
        np.testing.assert_allclose(pulse(start, v, flux, window=code, exponent=p), end, rtol=1e-9)
        np.testing.assert_allclose(charge(start, v, flux, window=code, exponent=p), q, rtol=1e-9)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("p", [1.0, 7.0])
def test_state_driven_into_a_bound_returns(code, p):
    x = 0.5
    for _ in range(10):
        x = pulse(x, 2.0, 20.0, window=code, exponent=p)
    assert x > 0.9
    # From the very edge: 1/4p ln(1/edge) crossing times at most, with M = r_on to r_off below 1.6 s V each.
    assert pulse(x, -2.0, 20.0, window=code, exponent=p) < 0.1
    x = pulse(0.0, 2.0, 1.0e-3, window=code, exponent=p)
    assert x > 0.0


@pytest.mark.parametrize("code", CODES)
def test_state_stays_finite_and_bounded_at_any_drive(code):
    n = 50
    rng, params = np.random.default_rng(2), columns(50, window=code, exponent=3.0)
    state = rng.random((1, n))
    state[0, :2] = 0.0, 1.0
    for scale in (0.0, 1e-12, 1.0, 1e6, 1e300):
        MODEL.advance(state, scale * rng.uniform(-1.0, 1.0, (1, n)), params, np.zeros((0, n)), np.full(n, 1.0), 0, n)
        assert np.all((state >= 0.0) & (state <= 1.0))


@pytest.mark.slow
@pytest.mark.parametrize("code", CODES)
def test_a_million_random_steps_stay_within_bounds(code):
    n = 4000
    rng, params = np.random.default_rng(3), columns(n, window=code, exponent=2.0)
    state = rng.random((1, n))
    for _ in range(250):
        MODEL.advance(state, rng.uniform(-2.0, 2.0, (1, n)), params, np.zeros((0, n)), rng.uniform(0.0, 0.2, n), 0, n)
        assert np.all((state >= 0.0) & (state <= 1.0))


def test_charge_is_a_function_of_flux_where_the_window_has_no_direction():
    # Joglekar over ten periods of random pulses that return: q and x come back with the flux.
    rng = np.random.default_rng(4)
    x, q = 0.3, 0.0
    for _ in range(10):
        v, dt = rng.uniform(0.3, 1.0), rng.uniform(0.05, 0.2)
        middle = pulse(x, v, dt)
        q += charge(x, v, dt) + charge(middle, -v, dt)
        x = pulse(middle, -v, dt)
    np.testing.assert_allclose(x, 0.3, rtol=1e-9)
    assert abs(q) < 1e-9 * Q_D


def test_devices_with_different_windows_share_an_array():
    codes = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 1.0])
    state, n = np.full((1, 7), 0.4), 7
    v = np.array([[1.0, -1.0, 1.0, 1.0, 1.0, -1.0, 0.0]])
    MODEL.advance(state, v, columns(7, window=codes), np.zeros((0, n)), np.full(n, 0.1), 0, n)
    alone = [pulse(0.4, v[0, j], 0.1, window=codes[j]) for j in range(7)]
    np.testing.assert_array_equal(state[0], alone)
    assert state[0, 6] == 0.4
