"""Electro-thermal phase-change memory: temperatures, times and phases of the paper's two pulses, and stiff integration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices.memristor.pcm_thermal import MODEL

CELSIUS, TAU, ALPHA, BETA = 273.15, 0.4e-9, 2e7, 1e8


def params_of(**values):
    params = MODEL.default_params(1)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def after(c, celsius, v, seconds, params=None):
    state, params = np.array([[c], [celsius + CELSIUS]]), params_of() if params is None else params
    MODEL.advance(state, np.array([[v]]), params, np.zeros((0, 1)), np.array([seconds]), 0, 1)
    return state[0, 0], state[1, 0] - CELSIUS


def pulse(c, v, width, edge, pieces=400):
    """Return the phase after a pulse of total length ``width`` with linear edges, from room temperature."""
    celsius, steps = 20.0, (np.arange(pieces) + 0.5) / pieces
    ramp = [(v * s, edge / pieces) for s in steps]
    for level, seconds in [*ramp, (v, width - 2.0 * edge), *ramp[::-1], (0.0, 1e-7)]:
        c, celsius = after(c, celsius, level, seconds)
    return c


def test_set_pulse_crystallises_at_340_degrees():
    c, hot = after(0.0, 20.0, 4.0, 300e-9)
    np.testing.assert_allclose(hot, 340.0, rtol=1e-12)
    np.testing.assert_allclose(1.0 - c, np.exp(-ALPHA * (300e-9 - TAU * np.log(320.0 / 140.0))), rtol=1e-9)
    # The printed 0.99745 belongs to a pulse with edges of about 1 ns.
    np.testing.assert_allclose(pulse(0.0, 4.0, 300e-9, 1e-9), 0.99745, rtol=0.0, atol=1e-5)


def test_reset_pulse_melts_at_740_degrees_and_quenching_leaves_one_percent_crystalline():
    c, hot = after(1.0, 20.0, 6.0, 100e-9)
    np.testing.assert_allclose(hot, 740.0, rtol=1e-12)
    np.testing.assert_allclose(c, np.exp(-BETA * (100e-9 - TAU * np.log(720.0 / 140.0))), rtol=1e-9)
    quenched, cold = after(c, hot, 0.0, 1e-6)
    np.testing.assert_allclose(cold, 20.0, rtol=1e-9)
    expected = 1.0 - (1.0 - c * np.exp(-BETA * TAU * np.log(720.0 / 580.0))) * np.exp(-ALPHA * TAU * np.log(580.0 / 180.0))
    np.testing.assert_allclose(quenched, expected, rtol=1e-6)
    # With edges of about 1 ns, as printed: 0.0118.
    np.testing.assert_allclose(pulse(1.0, 6.0, 100e-9, 1e-9), 0.0118, rtol=0.05)


def test_resistances_are_those_of_the_phases():
    g = np.zeros(2)
    MODEL.conductance(np.array([[1.0, 0.0], [300.0, 300.0]]), MODEL.default_params(2), g, 0, 2)
    np.testing.assert_allclose(1.0 / g, [1e4, 1e6], rtol=1e-12)


@pytest.mark.parametrize(("v", "v_t"), [(2.0, 1.8), (4.0, 4.0), (5.0, 5.0), (5.6, 5.5), (3.5, 3.4)])
def test_slow_switching_on_is_integrated_like_a_stiff_solver_does(v, v_t):
    # v near v_t: the resistance follows the phase, the heat follows the resistance.
    params = params_of(v_t=v_t, v_0=0.2)
    state, seconds, out = np.array([0.1, 900.0]), 40e-9, np.zeros((2, 1))

    def law(_, y):
        MODEL.rate(y.reshape(2, 1).copy(), np.array([[v]]), params, out, 0, 1)
        return out[:, 0].copy()

    solution = solve_ivp(law, (0.0, seconds), state, method="DOP853", rtol=1e-10, atol=1e-10)
    c, celsius = after(state[0], state[1] - CELSIUS, v, seconds, params)
    np.testing.assert_allclose(c, solution.y[0, -1], rtol=0.0, atol=2e-6)
    np.testing.assert_allclose(celsius + CELSIUS, solution.y[1, -1], rtol=1e-6)


def test_cell_that_chatters_at_the_melting_point_ends_and_stays_bounded():
    # Crystalline it is hotter than T_m, amorphous colder: the phase settles where T_end is T_m.
    params = params_of(v_t=7.0, v_0=0.2, r_off=2e4)
    c, celsius = after(1.0, 20.0, 6.0, 1e-6, params)
    assert 0.0 < c < 1.0
    np.testing.assert_allclose(celsius, 600.0, atol=20.0)
    r = 36.0 / (5e-6 * 580.0)
    np.testing.assert_allclose(1e4 + (1.0 - c) * 1e4 / (1.0 + np.exp(-5.0)), r, rtol=0.02)


@pytest.mark.parametrize("v", [0.0, 0.3, 4.0, 50.0, 1e3, 1e200])
def test_a_year_costs_one_step_and_keeps_the_state_bounded(v):
    for c, celsius in ((0.0, 20.0), (1.0, 20.0), (0.5, 1500.0)):
        end = after(c, celsius, v, 3e7)
        assert 0.0 <= end[0] <= 1.0
        assert 0.0 <= end[1] + CELSIUS <= 1e4


def test_reads_neither_heat_nor_move_the_cell():
    c, celsius = after(0.4, 20.0, 1.0, 1.0)
    assert c == 0.4
    assert celsius < 40.0 + 1e-9


def test_state_does_not_lock_at_its_bounds():
    assert after(1.0, 20.0, 6.0, 20e-9)[0] < 0.2
    assert after(0.0, 20.0, 4.0, 100e-9)[0] > 0.8
