"""Domain-wall synapse: pinning, mean velocity against the wall it averages, creep, energy of a write, use in a crossbar."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from devices.spintronic import domain_wall_synapse_twins as twins
from devices.spintronic.domain_wall_synapse import MODEL

NOMINAL = {spec.name: spec.default for spec in MODEL.params}


def columns(n=1, **rows):
    params = MODEL.default_params(n)
    for name, value in rows.items():
        params[MODEL.param_index[name]] = value
    return params


def rates(v, **rows):
    """Return dx/dt [1/s] mid-track at each voltage [V]."""
    v, params = np.atleast_2d(np.asarray(v, dtype=float)), columns(np.size(v), **rows)
    out = np.empty_like(v)
    MODEL.rate(np.full_like(v, 0.5), v, params, out, 0, v.size)
    return out[0]


def test_wall_is_pinned_up_to_its_current_and_then_follows_the_averaged_law():
    # threshold 0.25 V + 2 kohm 100 uA = 0.45 V
    np.testing.assert_array_equal(rates([0.0, 0.2, 0.44, 0.45, -0.45, -0.1]), 0.0)
    v = np.array([0.5, 0.81, -0.6, 1.4])
    through = (np.abs(v) - 0.25) / 2e3
    np.testing.assert_allclose(rates(v), np.sign(v) * 1.5e4 * np.sqrt(through**2 - 1e-8) / 1e-6, rtol=1e-12, atol=0)


@pytest.mark.parametrize("share", [1.05, 1.5, 4.0])
def test_velocity_is_the_mean_over_a_sinusoidal_potential(share):
    # dq/dt = mu (I - I_p sin(2 pi q / p)): the time for one period is the integral of dq over the velocity.
    def seconds_per_metre(phase):
        return 1.0 / (NOMINAL["mobility"] * 1e-4 * (share - math.sin(2 * math.pi * phase)))

    mean = 1.0 / quad(seconds_per_metre, 0, 1, epsabs=0, epsrel=1e-11, limit=400)[0]
    voltage = 0.25 + 2e3 * share * 1e-4
    np.testing.assert_allclose(rates([voltage])[0] * 1e-6, mean, rtol=1e-9, atol=0)


def test_far_above_pinning_the_mobility_is_that_of_spin_torque():
    from devices.spintronic import domain_wall_scales as scales
    from devices.spintronic.domain_wall import MODEL as WALL

    values = {spec.name: spec.default for spec in WALL.params} | {"beta": 0.05}
    mobility = twins.flow_mobility(values["alpha"], values["beta"], values["stt"])
    np.testing.assert_allclose(mobility * 1e-5, scales.mean_velocity(values, 0.0, values["stt"] * 1e-5), rtol=1e-12, atol=0)


def test_creep_is_forward_less_backward_hopping_and_has_no_jump_at_the_threshold():
    held = np.array([0.01, 0.3, 0.7, 1.0])
    v = 0.25 + 0.2 * held
    expected = 50.0 * (np.exp(-12 * (1 - held)) - np.exp(-12 * (1 + held))) / 1e-6
    np.testing.assert_allclose(rates(v, creep_velocity=50.0, stability=12.0), expected, rtol=1e-9, atol=0)
    np.testing.assert_allclose(rates(-v, creep_velocity=50.0, stability=12.0), -expected, rtol=1e-9, atol=0)
    np.testing.assert_allclose(rates([0.45 + 1e-15], creep_velocity=50.0, stability=12.0), expected[-1], rtol=1e-4, atol=0)
    np.testing.assert_array_equal(rates([0.2, -0.25], creep_velocity=50.0, stability=12.0), 0.0)  # no current in the strip


def test_creep_slows_by_its_barrier():
    fast, slow = (rates([0.35], creep_velocity=1.0, stability=k)[0] for k in (10.0, 30.0))
    # At half the pinning current the barrier is half: exp(-5) against exp(-15); backward hops are exp(-10) of them.
    np.testing.assert_allclose(slow / fast, math.exp(-10.0) / (1 - math.exp(-10.0)), rtol=1e-9, atol=0)


def test_wall_stops_at_the_ends_and_leaves_them():
    params, state = columns(4), np.array([[0.9, 0.1, 1.0, 0.0]])
    MODEL.advance(state, np.array([[0.9, -0.9, 0.9, -0.9]]), params, np.empty((0, 4)), np.full(4, 1e-3), 0, 4)
    np.testing.assert_array_equal(state[0], [1.0, 0.0, 1.0, 0.0])
    MODEL.advance(state, np.array([[-0.81, 0.81, -0.81, 0.81]]), params, np.empty((0, 4)), np.full(4, 254.906359e-10), 0, 4)
    np.testing.assert_allclose(state[0], [0.9, 0.1, 0.9, 0.1], rtol=1e-7, atol=0)


def test_charge_is_that_of_junction_and_strip_by_hand():
    # 0.81 V for 300 ns from x = 0.5: half the track in 127.45 ns, then at its end.
    q, cross = np.empty(1), 254.906359e-9
    MODEL.charge(np.array([[0.5]]), np.array([[0.81]]), columns(), np.array([300e-9]), q, 0, 1)
    moving = 0.5 * cross
    expected = 0.81 * (40e-6 * 300e-9 + 60e-6 * (0.75 * moving + (300e-9 - moving))) + 0.56 / 2e3 * 300e-9
    np.testing.assert_allclose(q[0], expected, rtol=1e-8, atol=0)


def test_read_below_the_selector_sees_the_junction_alone():
    i, slope, g = np.empty(3), np.empty(3), np.empty(3)
    state, params = np.array([[0.0, 0.5, 1.0]]), columns(3)
    MODEL.current(state, np.full((1, 3), 0.2), params, i, slope, 0, 3)
    MODEL.conductance(state, params, g, 0, 3)
    np.testing.assert_allclose(g, [40e-6, 70e-6, 100e-6], rtol=1e-14, atol=0)
    np.testing.assert_allclose(i, 0.2 * g, rtol=1e-14, atol=0)
    np.testing.assert_allclose(slope, g, rtol=1e-14, atol=0)


def test_stuck_wall_reports_that_nothing_moves_it():
    low, high = np.empty(3), np.empty(3)
    params = columns(3, mobility=[1.5e4, 0.0, 1.5e4], creep_velocity=[0.0, 0.0, 1.0], i_down=2e-4)
    MODEL.dead_zone(params, low, high, 0, 3)
    np.testing.assert_allclose(high, [0.45, 1e30, 0.25], rtol=1e-14, atol=0)
    np.testing.assert_allclose(low, [-0.65, -1e30, -0.25], rtol=1e-14, atol=0)


def test_pinned_wall_of_the_neuron_moves_at_the_mean_velocity_of_the_synapse():
    # The (q, phi) wall with beta, strongly damped so that phi follows: mean velocity (beta/alpha) (u/I) sqrt(I^2 - I_p^2).
    from devices.spintronic.domain_wall import MODEL as NEURON
    from devices.spintronic.domain_wall import WALL
    from devices.spintronic.llg import GAMMA_0

    params = NEURON.default_params(1)
    for name, value in {"length": 1.0, "h_leak": 0.0, "gain": 1.0, "h_pin": 100.0, "alpha": 0.5, "beta": 0.5,
                        "pin_period": 3e-7}.items():
        params[NEURON.param_index[name]] = value
    pinning = GAMMA_0 * 1e-8 * 100.0 / 0.5 / 1e5
    current, out = np.full((1, 1), 2.0 * pinning), np.empty((2, 1))

    def law(_, y):
        WALL.rate(np.ascontiguousarray(y.reshape(2, 1)), current, params, out, 0, 1)
        return out[:, 0].copy()

    expected = twins.flow_mobility(0.5, 0.5, 1e5) * pinning * math.sqrt(3.0)
    end = 20 * 3e-7 / expected
    run = solve_ivp(law, (0.0, end), (0.0, 0.0), method="LSODA", rtol=1e-9, atol=1e-13, t_eval=np.linspace(0, end, 40_001))
    q = 0.5 * run.y[0]
    first, last = np.interp([2 * 3e-7, 18 * 3e-7], q, run.t)
    np.testing.assert_allclose(16 * 3e-7 / (last - first), expected, rtol=1e-2, atol=0)
