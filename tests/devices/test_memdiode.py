"""Dynamic memdiode: relaxation and rest in closed form, the implicit current against bisection, charge against quadrature."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from devices.memristor.memdiode import MODEL

ROWS = MODEL.param_index


def params_of(n=1, **values):
    params = MODEL.default_params(n)
    for name, value in values.items():
        params[ROWS[name]] = value
    return params


def after(h, voltage, seconds, **values):
    state = np.array([[h]])
    MODEL.advance(state, np.array([[voltage]]), params_of(**values), np.zeros((1, 1)), np.array([seconds]), 0, 1)
    return state[0, 0]


def current_of(h, v, params):
    n = params.shape[1]
    i, slope = np.zeros(n), np.zeros(n)
    MODEL.current(np.full((1, n), h), np.array(np.broadcast_to(v, (1, n)), dtype=float, order="C"), params, i, slope, 0, n)
    return i, slope


@pytest.mark.parametrize(("voltage", "tau", "rtol"), [(1.2, 2.866, 2e-4), (1.3, 0.9423, 6e-5), (1.5, 0.1019, 5e-4)])
def test_state_approaches_rest_exponentially(voltage, tau, rtol):
    rest = after(0.0, voltage, 1e9)
    for share in (0.3, 1.0, 3.0):
        found = -share * tau / np.log((after(0.0, voltage, share * tau) - rest) / -rest)
        np.testing.assert_allclose(found, tau, rtol=rtol)


def test_it_decays_at_zero_volt_to_the_published_rest():
    np.testing.assert_allclose(after(0.5, 0.0, 1e9), 7.3e-5, rtol=1e-2)
    np.testing.assert_allclose((after(0.5, 0.0, 132.0) - 7.3e-5) / (0.5 - 7.3e-5), np.exp(-1.0), rtol=1e-3)


def test_current_solves_its_equation_over_many_decades():
    rng, n = np.random.default_rng(1), 4000
    params = params_of(n)
    for name, low, high in (("i_max", -10, -2), ("r_max", -1, 6), ("alpha_max", -0.3, 1.5)):
        params[ROWS[name]] = 10.0 ** rng.uniform(low, high, n)
    params[ROWS["beta"]] = rng.uniform(0.02, 0.98, n)
    v = 10.0 ** rng.uniform(-6, 1.5, n) * rng.choice([-1, 1], n)
    i, slope = current_of(1.0, v, params)
    for j in range(0, n, 20):
        scale, r, alpha, beta = (params[ROWS[name], j] for name in ("i_max", "r_max", "alpha_max", "beta"))

        def residual(u, scale=scale, r=r, alpha=alpha, beta=beta, v=v[j]):
            return u + r * scale * (np.expm1(beta * alpha * u) - np.expm1((beta - 1.0) * alpha * u)) - v

        u = brentq(residual, *sorted((0.0, v[j])), xtol=1e-300, rtol=1e-15)
        diode = scale * (np.expm1(beta * alpha * u) - np.expm1((beta - 1.0) * alpha * u))
        np.testing.assert_allclose(i[j], diode, rtol=1e-12)
    assert np.all(i * v > 0.0)
    assert np.all(slope > 0.0)


def test_no_series_resistance_is_the_plain_pair_of_diodes():
    params = params_of(3, r_max=0.0, r_min=0.0)
    v = np.array([-1.0, 0.0, 1.3])
    expected = 1.23e-3 * (np.exp(0.308 * 3.8 * v) - np.exp(-0.692 * 3.8 * v))
    np.testing.assert_allclose(current_of(1.0, v, params)[0], expected, rtol=1e-13)


def test_series_resistance_takes_over_at_high_voltage():
    slope = current_of(1.0, 100.0, params_of())[1][0]
    np.testing.assert_allclose(1.0 / slope, 256.0, rtol=0.02)


@pytest.mark.parametrize(("voltage", "start", "seconds"), [(1.3, 0.0, 5.0), (1.5, 0.9, 0.3), (-1.3, 1.0, 1.0),
                                                           (-1.3, 1.0, 0.05), (-1.5, 0.0, 1.0), (1.2, 0.0, 1e6)])
def test_charge_of_a_complete_switching_is_the_current_integrated(voltage, start, seconds):
    params, q = params_of(), np.zeros(1)
    MODEL.charge(np.array([[start]]), np.array([[voltage]]), params, np.array([seconds]), q, 0, 1)
    tau = 1.0 / (np.exp(voltage / 0.0899) / 1.796e6 + np.exp(-voltage / 0.1905) / 132.0)
    edges = [0.0, *(t for t in tau * np.array([0.1, 0.5, 1, 2, 4, 8, 16, 32]) if t < seconds), seconds]
    expected = sum(quad(lambda t: current_of(after(start, voltage, t), voltage, params)[0][0], a, b, epsrel=1e-11)[0]
                   for a, b in itertools.pairwise(edges))
    np.testing.assert_allclose(q[0], expected, rtol=3e-6)


def test_driven_to_a_bound_it_comes_back():
    assert after(0.0, 1.5, 1e9) > 0.999
    assert after(1.0, -1.5, 1e9) < 1e-9
    assert after(1.0, -1.3, 0.5) < 0.6
    assert after(0.0, 1.4, 0.5) > 0.4


def test_extreme_voltages_stay_finite():
    for v in (-1e6, -50.0, 50.0, 1e6):
        for r in (0.0, 256.0, 1e15):
            params = params_of(2, r_max=r, r_min=r)
            i, slope = current_of(0.5, v, params)
            q = np.zeros(2)
            MODEL.charge(np.full((1, 2), 0.3), np.full((1, 2), v), params, np.array([1e-9, 1e9]), q, 0, 2)
            assert np.all(np.isfinite([i, slope, q]))
            assert 0.0 <= after(0.5, v, 1e300) <= 1.0
