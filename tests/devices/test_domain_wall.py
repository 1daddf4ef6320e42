"""Domain wall: Walker's law, spin torque, depinning, hard edges, energy, and how the one-state neuron follows the wall."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices.spintronic import domain_wall_scales as scales
from devices.spintronic.domain_wall import MODEL, WALL
from devices.spintronic.llg import GAMMA_0

NOMINAL = {spec.name: spec.default for spec in MODEL.params}
LONG = {"length": 1.0, "h_leak": 0.0, "gain": 1.0}  # a free wall: q is far from the ends, I = u / stt


def columns(n=1, **rows):
    params = MODEL.default_params(n)
    for name, value in rows.items():
        params[MODEL.param_index[name]] = value
    return params


def wall_motion(seconds, params, current=0.0, start=(0.0, 0.0), rtol=1e-10):
    """Return the solution (x, phi) of the (q, phi) form at frozen current, as a function of time."""
    drive, out = np.full((1, 1), current), np.empty((2, 1))

    def law(_, y):
        WALL.rate(np.ascontiguousarray(y.reshape(2, 1)), drive, params, out, 0, 1)
        return out[:, 0].copy()

    run = solve_ivp(law, (0.0, seconds), start, method="DOP853", rtol=rtol, atol=1e-13, dense_output=True)
    assert run.success
    return run.sol


def steady_speed(params, current=0.0, settled=1.5e-6):
    """Return dq/dt [m/s] once phi rests."""
    end, out = wall_motion(settled, params, current)(settled), np.empty((2, 1))
    WALL.rate(np.ascontiguousarray(end.reshape(2, 1)), np.full((1, 1), current), params, out, 0, 1)
    assert abs(out[1, 0]) < 1.0  # of 1e8/s
    return 0.5 * params[MODEL.param_index["length"], 0] * out[0, 0]


@pytest.mark.parametrize(("share", "speed"), [(0.5, 22.1276), (0.9, 39.8297), (0.99, 43.8127)])
def test_wall_below_walker_has_the_mobility_of_its_damping(share, speed):
    # Schryer and Walker: v = gamma_0 Delta H / alpha below H_W = alpha H_K / 2 = 400 A/m
    found = steady_speed(columns(h_off=share * 400.0, **LONG))
    np.testing.assert_allclose(found, GAMMA_0 * 1e-8 * share * 400.0 / 0.02, rtol=1e-9, atol=0)
    np.testing.assert_allclose(found, speed, rtol=2e-6, atol=0)


@pytest.mark.parametrize(("share", "speed"), [(2.0, 11.889), (5.0, 4.557), (20.0, 1.461)])
def test_mean_speed_above_walker_is_that_of_the_turning_wall(share, speed):
    params = columns(h_off=share * 400.0, **LONG)
    np.testing.assert_allclose(scales.mean_velocity(NOMINAL, share * 400.0), speed, rtol=5e-4, atol=0)
    # Over whole half turns, where phi has gained multiples of pi, the mean has no end effects.
    turns = 12
    per_turn = math.pi * (1 + 0.02**2) / (GAMMA_0 * 400.0 * math.sqrt(share**2 - 1))
    motion = wall_motion(1.2 * turns * per_turn, params)
    times = np.linspace(0.0, 1.2 * turns * per_turn, 200_001)
    x, phi = motion(times)
    first, last = np.interp([math.pi, turns * math.pi], phi, times)
    found = 0.5 * (np.interp(last, times, x) - np.interp(first, times, x)) / (last - first)
    np.testing.assert_allclose(found, scales.mean_velocity(NOMINAL, share * 400.0), rtol=1e-3, atol=0)


@pytest.mark.parametrize("beta", [0.01, 0.02, 0.04])
@pytest.mark.parametrize("u", [3.0, -8.0])
def test_spin_torque_alone_moves_the_wall_by_beta_over_alpha(beta, u):
    found = steady_speed(columns(beta=beta, **LONG), u / NOMINAL["stt"])
    np.testing.assert_allclose(found, beta / 0.02 * u, rtol=1e-9, atol=0)
    np.testing.assert_allclose(scales.mean_velocity(NOMINAL | {"beta": beta}, 0.0, u), beta / 0.02 * u, rtol=1e-14, atol=0)


@pytest.mark.parametrize(("beta", "u", "field"), [(0.0, 80.0, 0.0), (0.06, 60.0, 0.0), (0.1, -30.0, 2500.0),
                                                  (0.02, 40.0, -900.0)])
def test_mean_speed_beyond_the_threshold_of_spin_torque(beta, u, field):
    values = NOMINAL | {"beta": beta}
    params = columns(beta=beta, h_off=field, **LONG)
    end = 400e-9
    x, phi = wall_motion(end, params, u / NOMINAL["stt"], rtol=1e-9)(np.linspace(0, end, 400_001))
    turned = np.floor(np.abs(phi) / math.pi)
    marks = np.flatnonzero(np.diff(turned) > 0)
    assert marks.size > 10
    first, last = marks[1], marks[-1]
    found = 0.5 * (x[last] - x[first]) / (end * (last - first) / 400_000)
    np.testing.assert_allclose(found, scales.mean_velocity(values, field, u), rtol=3e-3, atol=0)


def test_mean_speed_does_not_jump_at_the_walker_field():
    below, above = (scales.mean_velocity(NOMINAL, 400.0 * share) for share in (1 - 1e-12, 1 + 1e-12))
    np.testing.assert_allclose(above, below, rtol=1e-4, atol=0)  # a square root: sqrt(2e-12) = 1.4e-6
    np.testing.assert_allclose(below, scales.walker_velocity(NOMINAL), rtol=1e-9, atol=0)


@pytest.mark.parametrize(("h_pin", "beta", "threshold"), [
    (150.0, 0.04, GAMMA_0 * 1e-8 * 150.0 / 0.04),     # extrinsic: beta u / (gamma_0 Delta) = H_p
    (1e4, 0.04, GAMMA_0 * 1e-8 * 4e4 / 2),            # intrinsic: u = gamma_0 Delta H_K / 2
    (150.0, 0.0, GAMMA_0 * 1e-8 * 4e4 / 2),
])
def test_pinned_wall_rests_up_to_its_threshold_and_moves_above(h_pin, beta, threshold):
    values = NOMINAL | {"h_pin": h_pin, "beta": beta, "gain": 1.0}
    np.testing.assert_allclose(scales.pinning_velocity(values), threshold, rtol=1e-12, atol=0)
    params = columns(h_pin=h_pin, beta=beta, alpha=0.5, **LONG)  # the threshold does not depend on the damping
    for share, moves in ((0.97, False), (1.03, True)):
        # The current rises slowly, as a measurement of the threshold does: a step would throw the wall over.
        out, end = np.empty((2, 1)), 1.5e-6

        def law(t, y, share=share, out=out):
            current = np.full((1, 1), share * threshold / NOMINAL["stt"] * min(1.0, t / 200e-9))
            WALL.rate(np.ascontiguousarray(y.reshape(2, 1)), current, params, out, 0, 1)
            return out[:, 0].copy()

        run = solve_ivp(law, (0.0, end), (0.0, 0.0), method="LSODA", rtol=1e-8, atol=1e-12)
        assert run.success
        assert (0.5 * run.y[0, -1] > NOMINAL["pin_period"]) == moves


def test_wall_rate_equals_its_slow_twin():
    rng = np.random.default_rng(1)
    params = columns(60, **{name: NOMINAL[name] * rng.uniform(0.5, 2.0, 60) for name in NOMINAL if NOMINAL[name]})
    params[MODEL.param_index["h_pin"]] = rng.uniform(0, 500, 60)
    params[MODEL.param_index["c"]] = rng.uniform(0, 1e7, 60)
    state, drive = np.stack([rng.uniform(-1, 1, 60), rng.uniform(-9, 9, 60)]), rng.normal(0, 2e-5, (1, 60))
    out = np.empty((2, 60))
    state[0, :20] = np.sign(state[0, :20])
    WALL.rate(state, drive, params, out, 0, 60)
    for k in range(60):
        slow = scales.slow_wall_rate(state[:, k], drive[:, k], dict(zip(NOMINAL, params[:, k], strict=True)))
        np.testing.assert_allclose(out[:, k], slow, rtol=1e-9, atol=1e-13 * 1e10)
    assert np.any(out[0] == 0.0)


def test_wall_energy_falls_as_its_damping_says():
    # With F = -dE/dq and G = dE/dphi: dE/dt = -alpha gamma_0 / (1 + alpha^2) (Delta F^2 + G^2 / Delta) for a drive by field
    rng, n = np.random.default_rng(2), 50
    params = columns(n, stt=0.0, c=1e7, h_pin=300.0, h_off=50.0)
    state = np.stack([rng.uniform(-0.9, 0.9, n), rng.uniform(-4, 4, n)])
    out, drive = np.empty((2, n)), np.zeros((1, n))
    WALL.rate(state, drive, params, out, 0, n)
    unit = 0.05 / (1e7 * NOMINAL["gain"])  # W per A/m: V_r / C

    def energy(shift, row):
        moved, w = state.copy(), np.empty(n)
        moved[row] += shift
        WALL.energy(moved, params, w, 0, n)
        return w / unit

    gradient = np.stack([(energy(1e-5, row) - energy(-1e-5, row)) / 2e-5 for row in (0, 1)])
    force, twist = -gradient[0], 1e-7 * gradient[1]  # L/2 = 1e-7 m; energies per unit of L/2
    expected = -0.02 * GAMMA_0 / (1 + 0.02**2) * (1e-8 * force**2 + twist**2 / 1e-8) / 1e-7
    found = np.sum(gradient * out, axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max())


def test_least_energy_over_the_angle_is_the_potential():
    n = 9
    params, x = columns(n, h_off=30.0), np.linspace(-1, 1, n)
    w, p = np.empty(n), np.empty(n)
    WALL.energy(np.stack([x, np.zeros(n)]), params, w, 0, n)
    WALL.potential(0.05 * x[None], params, p, 0, n)
    np.testing.assert_allclose(w, p, rtol=1e-14, atol=0)


def test_hard_edge_holds_the_wall_and_lets_it_go():
    params = columns(1)
    out = np.empty((2, 1))
    WALL.rate(np.array([[1.0], [0.3]]), np.full((1, 1), 4e-5), params, out, 0, 1)
    twist, drift = 0.5 * GAMMA_0 * 4e4 * math.sin(0.6), 1e5 * NOMINAL["gain"] * 4e-5 / 1e-8
    np.testing.assert_allclose(out[:, 0], [0.0, -(twist + drift) / 0.02], rtol=1e-12, atol=0)
    WALL.rate(np.array([[1.0], [0.0]]), np.full((1, 1), -4e-5), params, out, 0, 1)
    assert out[0, 0] < 0.0


@pytest.mark.parametrize("h_leak", [0.0, 1e-9, 200.0])
def test_one_state_step_is_exact_with_and_without_leak(h_leak):
    # dx/dt = k (push - H_e x), k = 2 gamma_0 Delta / (alpha L)
    k, push, seconds = 2 * GAMMA_0 * 1e-8 / (0.02 * 2e-7), 40.0, 1e-9
    params, state = columns(h_leak=h_leak, h_off=push), np.array([[0.1]])
    MODEL.advance(state, np.zeros((1, 1)), params, np.empty((0, 1)), np.array([seconds]), 0, 1)
    expected = 0.1 + k * push * seconds if h_leak < 1.0 else 0.2 + (0.1 - 0.2) * math.exp(-k * h_leak * seconds)
    np.testing.assert_allclose(state[0, 0], expected, rtol=1e-12 if h_leak != 1e-9 else 1e-9, atol=0)


def test_both_forms_rest_at_the_same_position_below_walker():
    for current in (-6e-6, -1e-6, 0.0, 3e-6, 8e-6):
        v, slope = np.empty((1, 1)), np.empty((1, 1))
        MODEL.activation(np.full((1, 1), current), columns(), v, slope, 0, 1)
        x, _ = wall_motion(400e-9, columns(), current)(400e-9)
        np.testing.assert_allclose(0.05 * x, v[0, 0], rtol=1e-6, atol=1e-15)


def test_track_without_leak_or_response_gives_finite_numbers():
    params = columns(3, h_leak=[0.0, 0.0, 200.0], stt=[1e5, 1e5, 0.0], c=0.0)
    v, slope, w = np.empty((1, 3)), np.empty((1, 3)), np.empty(3)
    MODEL.activation(np.array([[1e-6, 0.0, 1e-6]]), params, v, slope, 0, 3)
    MODEL.potential(v, params, w, 0, 3)
    np.testing.assert_array_equal(v[0], [0.05, 0.0, 0.0])
    assert np.all(np.isfinite(slope))
    assert np.all(np.isfinite(w))


def test_spin_torque_velocity_of_a_film():
    # g = 2: u = mu_B P J / (e M_s); P = 0.5, J = 1e12 A/m^2, M_s = 1e6 A/m
    np.testing.assert_allclose(scales.stt_per_ampere(0.5, 1e6, 1e-16) * 1e-16 * 1e12, 28.94, rtol=1e-3, atol=0)
