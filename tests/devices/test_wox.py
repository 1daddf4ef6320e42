"""Volatile tungsten oxide memristor: decay, drift, bounds and charge in closed form."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from devices.memristor.wox import MODEL


def params_of(**values):
    params = MODEL.default_params(1)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def after(x, voltage, seconds, **values):
    state = np.array([[x]])
    MODEL.advance(state, np.array([[voltage]]), params_of(**values), np.zeros((1, 1)), np.array([seconds]), 0, 1)
    return state[0, 0]


def test_it_forgets_exponentially():
    for t in (0.1, 2.0, 10.0):
        np.testing.assert_allclose(after(0.8, 0.0, t), 0.8 * np.exp(-0.45 * t), rtol=1e-14)


def test_it_rests_where_drift_and_diffusion_balance():
    np.testing.assert_allclose(after(0.9, 0.5, 1e6), 0.018 * np.sinh(2.0) / 0.45, rtol=1e-14)


def test_without_decay_it_moves_at_constant_speed():
    np.testing.assert_allclose(after(0.1, 0.5, 3.0, decay=0.0), 0.1 + 3.0 * 0.018 * np.sinh(2.0), rtol=1e-14)


def test_bounds_hold_and_do_not_lock():
    assert after(0.3, 2.0, 1e6) == 1.0
    assert after(0.3, -2.0, 1e6) == 0.0
    assert after(1.0, -1.0, 0.1) < 1.0
    assert after(0.0, 1.0, 0.1) > 0.0
    for v in (-1e9, 1e9):
        for t in (0.0, 1e-300, 1e300):
            assert 0.0 <= after(0.5, v, t) <= 1.0


@pytest.mark.parametrize("decay", [0.0, 1e-9, 0.45, 30.0])
@pytest.mark.parametrize(("voltage", "start", "seconds"), [(1.2, 0.0, 5.0), (-0.8, 0.7, 20.0), (0.0, 0.9, 3.0),
                                                           (0.4, 0.2, 1e-9), (0.6, 0.0, 100.0)])
def test_charge_is_the_current_integrated_also_across_a_bound(voltage, start, seconds, decay):
    params, q, i, g = params_of(decay=decay), np.zeros(1), np.zeros(1), np.zeros(1)
    MODEL.charge(np.array([[start]]), np.array([[voltage]]), params, np.array([seconds]), q, 0, 1)

    def current(t):
        MODEL.current(np.array([[after(start, voltage, t, decay=decay)]]), np.array([[voltage]]), params, i, g, 0, 1)
        return i[0]

    push = 0.018 * np.sinh(4.0 * voltage)
    f, corners = push - decay * start, [0.0, seconds]
    room = (f > 0.0) - start
    if f != 0.0 and decay * room / f < 1.0:  # it meets a bound
        corners.append(min(seconds, -np.log1p(-decay * room / f) / decay if decay else room / f))
    corners += [t for t in np.array([1.0, 3.0, 10.0]) / max(decay, 1e-3) if t < seconds]
    corners.sort()
    expected = sum(quad(current, a, b, epsrel=1e-12, epsabs=0.0)[0] for a, b in itertools.pairwise(corners)
                   if b > a)
    np.testing.assert_allclose(q[0], expected, rtol=1e-11, atol=1e-30)


def test_charge_of_a_long_rest_is_none():
    # x = 0 is approached for ever, also where rounding would let it arrive.
    n = 50
    state, params, q = np.linspace(0.0, 1.0, n)[None, :].copy(), MODEL.default_params(n), np.zeros(n)
    for seconds in (1.0, 1e3, 1e6):
        MODEL.charge(state, np.zeros((1, n)), params, np.full(n, seconds), q, 0, n)
        assert not np.any(q)
