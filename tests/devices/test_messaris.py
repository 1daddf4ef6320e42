"""The data-driven oxide memristor against its closed solution and an implicit integrator."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices.memristor.messaris import MODEL

DUT2 = {"r_p0": 16719.0, "r_n0": 29304.83, "r_n1": 23692.77, "t_n": 0.31645}


def params_of(**values):
    params = MODEL.default_params(1)
    for name, value in (DUT2 | values).items():
        params[MODEL.param_index[name]] = value
    return params


def resistance_after(params, r, v, dt):
    r_min, r_max = params[0, 0], params[1, 0]
    state = np.array([[(r - r_min) / (r_max - r_min)]])
    MODEL.advance(state, np.array([[v]]), params, np.zeros((0, 1)), np.array([dt]), 0, 1)
    return r_min + (r_max - r_min) * state[0, 0]


@pytest.mark.parametrize(("v", "start", "end"), [(0.7, 12_600.0, 13_042.256965), (-0.6, 16_000.0, 15_973.581856)])
def test_one_millisecond_pulse_gives_the_closed_solution(v, start, end):
    np.testing.assert_allclose(resistance_after(params_of(), start, v, 1e-3), end, rtol=1e-10)


@pytest.mark.parametrize("v", [0.9, -0.55])
def test_step_is_the_law_integrated_by_an_implicit_method(v):
    p = params_of()
    side = {k: p[MODEL.param_index[k], 0] for k in MODEL.param_index}

    def law(_, r):
        if v > 0.0:
            return side["a_p"] * np.expm1(side["t_p"] * v) * np.expm1(side["k_p"] * (side["r_p0"] - r))
        end = side["r_n0"] + side["r_n1"] * v
        return side["a_n"] * np.expm1(-side["t_n"] * v) * np.expm1(side["k_n"] * (r - end))

    start = 10_500.0 if v > 0.0 else 16_900.0
    solution = solve_ivp(law, (0.0, 1e-3), [start], method="Radau", rtol=1e-10, atol=1e-8)
    np.testing.assert_allclose(resistance_after(p, start, v, 1e-3), solution.y[0, -1], rtol=1e-9)


def test_long_pulse_ends_at_the_end_point_of_its_voltage():
    np.testing.assert_allclose(resistance_after(params_of(), 12_000.0, 0.7, 1e6), 16_719.0, rtol=1e-12)
    np.testing.assert_allclose(resistance_after(params_of(), 16_900.0, -0.6, 1e9), 29304.83 - 0.6 * 23692.77, rtol=1e-12)


def test_device_beyond_its_end_point_does_not_move():
    p = params_of()
    assert resistance_after(p, 16_900.0, 0.7, 1.0) == 1e4 + 7e3 * ((16_900.0 - 1e4) / 7e3)
    assert resistance_after(p, 12_000.0, -0.1, 1.0) == 1e4 + 7e3 * ((12_000.0 - 1e4) / 7e3)


def test_small_step_keeps_its_relative_precision():
    # A femtosecond: the step is the rate times the duration, to first order in 1e-9.
    p, out = params_of(), np.zeros((1, 1))
    MODEL.rate(np.array([[0.0]]), np.array([[0.7]]), p, out, 0, 1)
    state = np.array([[0.0]])
    MODEL.advance(state, np.array([[0.7]]), p, np.zeros((0, 1)), np.array([1e-15]), 0, 1)
    np.testing.assert_allclose(state[0, 0], out[0, 0] * 1e-15, rtol=1e-8)


def test_read_disturb_is_as_large_as_the_law_says():
    # dR/dt at +0.1 V: 743.47 (e^0.651 - 1)(e^(5.11e-4 (16719 - R)) - 1) by hand.
    out = np.zeros((1, 1))
    for r, expected in ((10_000.0, 2.0e4), (14_000.0, 2.1e3)):
        MODEL.rate(np.array([[(r - 1e4) / 7e3]]), np.array([[0.1]]), params_of(), out, 0, 1)
        np.testing.assert_allclose(out[0, 0] * 7e3, expected, rtol=0.05)  # two digits printed
