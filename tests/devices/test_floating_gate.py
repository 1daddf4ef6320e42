"""Floating gate: Fowler-Nordheim tunnelling against a stiff integrator, and the logarithm of time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices.memristor.floating_gate import MODEL
from neurosim.library import load_device

YEAR = 3.15e7


def after(x, v, seconds, **values):
    params = load_device("floating_gate/lenzlinger1969").override(**values).params[:, None].copy()
    state = np.array([[float(x)]])
    MODEL.advance(state, np.array([[float(v)]]), params, np.zeros((0, 1)), np.array([float(seconds)]), 0, 1)
    return state[0, 0]


@pytest.mark.parametrize(("x", "v"), [(0.1, 12.0), (0.9, -12.0), (0.2, 14.0), (0.5, 10.0)])
@pytest.mark.parametrize("seconds", [1e-6, 1e-4, 1e-3])
def test_step_is_the_tunnel_law_integrated(x, v, seconds):
    def law(_, threshold):
        field = 0.6 * (v - threshold) / 8e-9
        return np.sign(field) * 3.33e4 * field**2 * np.exp(-2.5e10 / abs(field)) * 8e-9 / 0.6

    solution = solve_ivp(law, (0.0, seconds), [-2.0 + 4.0 * x], method="Radau", rtol=1e-11, atol=1e-12)
    expected = np.clip((solution.y[0, -1] + 2.0) / 4.0, 0.0, 1.0)
    np.testing.assert_allclose(after(x, v, seconds), expected, rtol=1e-8)


def test_threshold_moves_by_equal_steps_in_equal_decades_of_time():
    # b / E grows by ln 10 a decade, once the time is long against that of the first volts (0.16 ms).
    levels = np.array([-2.0 + 4.0 * after(0.0, 11.0, t) for t in (1e-2, 1e-1, 1.0)])
    fields = 0.6 * (11.0 - levels) / 8e-9
    np.testing.assert_allclose(np.diff(2.5e10 / fields), np.log(10.0), rtol=0.02)


def test_retention_is_years_and_follows_the_same_law():
    assert abs(after(0.9, 0.0, 10.0 * YEAR) - 0.9) < 1e-9
    assert after(0.9, 1.5, YEAR) == after(0.9, 0.0, YEAR)
    thin = after(0.9, 0.0, 10.0 * YEAR, thickness="1.5 nm")
    assert 0.5 < thin < 0.89


def test_programming_and_erasing_return_from_the_bounds():
    assert after(0.0, 15.0, 1.0) == 1.0
    assert after(1.0, -15.0, 1.0) == 0.0
    assert after(1.0, -12.0, 1e-3) < 0.9
    assert after(0.0, 12.0, 1e-3) > 0.1
    assert after(0.3, 15.0, 1.0, rate=0.0) == 0.3


@pytest.mark.parametrize("v", [0.0, 1e300, -1e6, 1e3])
@pytest.mark.parametrize("seconds", [0.0, 1e-300, 1e300])
def test_extremes_stay_bounded(v, seconds):
    for x in (0.0, 0.5, 1.0):
        assert 0.0 <= after(x, v, seconds) <= 1.0


def test_charge_of_a_leaky_read_is_the_current_integrated():
    device = load_device("floating_gate/lenzlinger1969").override(thickness="1.5 nm")
    params, q = device.params[:, None].copy(), np.zeros(1)
    MODEL.charge(np.array([[0.9]]), np.array([[0.5]]), params, np.array([YEAR]), q, 0, 1)
    t = np.geomspace(1e-6, YEAR, 4001)
    x = np.array([after(0.9, 0.5, s, thickness="1.5 nm") for s in t])
    g = 1e-5 - (1e-5 - 1e-8) * x
    expected = 0.5 * (np.trapezoid(g * t, np.log(t)) + g[0] * t[0])
    np.testing.assert_allclose(q[0], expected, rtol=1e-5)
