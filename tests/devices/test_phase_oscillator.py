"""Phase oscillators: the homodyne neuron and its energy, what lag and detuning break, and the Kuramoto network beside it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import root

from devices.spintronic.phase_network import coupling_gradient, kuramoto_energy, kuramoto_rate
from devices.spintronic.phase_oscillator import MODEL, PHASE

NOMINAL = {spec.name: spec.default for spec in MODEL.params}
FULL = 1e-5  # the current that saturates a default neuron, 2 |K_s| / k


def columns(n, **rows):
    params = MODEL.default_params(n)
    for name, value in rows.items():
        params[MODEL.param_index[name]] = value
    return params


def rate_of(model, state, drive, params):
    out = np.full_like(state, np.nan)
    model.rate(np.ascontiguousarray(state), np.ascontiguousarray(drive), params, out, 0, state.shape[1])
    return out[0]


def output_of(model, state, params):
    out = np.empty_like(state)
    model.output(np.ascontiguousarray(state), params, out, 0, state.shape[1])
    return out[0]


def activation(drive, params):
    v, slope = np.empty_like(drive), np.empty_like(drive)
    MODEL.activation(drive, params, v, slope, 0, drive.shape[1])
    return v[0], slope[0]


def potential(v, params):
    w = np.empty(v.size)
    MODEL.potential(np.ascontiguousarray(v).reshape(1, -1), params, w, 0, v.size)
    return w


def spread(n, seed):
    rng = np.random.default_rng(seed)
    return columns(n, coupling=rng.uniform(1e13, 4e13, n), injection=rng.uniform(-2e8, 2e8, n), v_r=rng.uniform(0.01, 0.1, n),
                   lag=rng.uniform(-0.5, 0.5, n), detuning=rng.uniform(-1e7, 1e7, n), phase_noise=rng.uniform(0, 1e6, n)), rng


# One neuron


def test_phase_kernels_equal_their_slow_twins():
    params, rng = spread(40, 1)
    state, drive, strength = rng.uniform(-20, 20, (1, 40)), rng.normal(0, FULL, (1, 40)), np.empty((1, 40))
    PHASE.diffusion(state, drive, params, strength, 0, 40)
    found, volts = rate_of(PHASE, state, drive, params), output_of(PHASE, state, params)
    for k in range(40):
        values = dict(zip(NOMINAL, params[:, k], strict=True))
        args = state[:, k], drive[:, k], values
        np.testing.assert_allclose(found[k], PHASE.twins["rate"](*args)[0], rtol=0, atol=1e-13 * 1e9)  # of terms of 1e9
        np.testing.assert_allclose(volts[k], PHASE.twins["output"](args[0], values)[0], rtol=0, atol=1e-14 * 0.1)
        np.testing.assert_allclose(strength[0, k], PHASE.twins["diffusion"](*args)[0], rtol=1e-14, atol=0)


def test_ideal_phase_form_is_the_homodyne_form_in_the_cosine():
    params, rng = spread(60, 2)
    for name in ("lag", "detuning"):
        params[MODEL.param_index[name]] = 0.0
    phi, drive = rng.uniform(-math.pi, math.pi, (1, 60)), rng.normal(0, FULL, (1, 60))
    found = rate_of(MODEL, np.cos(phi), drive, params)
    np.testing.assert_allclose(found, -np.sin(phi[0]) * rate_of(PHASE, phi, drive, params), rtol=0, atol=1e-6)  # of 1e9
    np.testing.assert_allclose(output_of(MODEL, np.cos(phi), params), output_of(PHASE, phi, params), rtol=0, atol=1e-16)


def settled(model, start, drive, params, seconds=2e-6):
    run = solve_ivp(lambda _, y: rate_of(model, y.reshape(1, -1), drive, params), (0, seconds), np.ravel(start),
                    method="LSODA", rtol=1e-11, atol=1e-13)
    return run.y[:, -1].reshape(1, -1)


@pytest.mark.parametrize("injection", [-1e8, 0.0, 1e8])
def test_advance_is_the_exact_solution(injection):
    h = np.array([-30.0, -1.0, -0.7, 0.0, 1e-9, 0.4, 1.0, 1.0 + 1e-9, 5.0])
    for m in (-0.9999, -0.3, 0.0, 0.6):
        params, drive, start = columns(9, injection=injection), FULL * h[None], np.full((1, 9), m)
        for seconds in (1e-12, 3e-9, 4e-8):
            found = start.copy()
            MODEL.advance(found, drive, params, np.empty((0, 9)), np.full(9, seconds), 0, 9)
            run = solve_ivp(lambda _, u, d=drive, p=params: d[0] * 2e13 + 2 * p[1] * np.tanh(u), (0, seconds),
                            np.arctanh(start[0]), method="DOP853", rtol=1e-12, atol=1e-13)
            np.testing.assert_allclose(found[0], np.tanh(run.y[:, -1]), rtol=0, atol=1e-10)
            assert np.all(np.abs(found) < 1.0)


def test_advance_leaves_absorbing_ends_alone_and_comes_back_from_saturation():
    params, state = columns(3), np.array([[1.0, -1.0, 0.5]])
    MODEL.advance(state, np.full((1, 3), 3 * FULL), params, np.empty((0, 3)), np.full(3, 1.0), 0, 3)
    np.testing.assert_array_equal(state[0, :2], [1.0, -1.0])
    assert 0.0 < 1.0 - state[0, 2] < 1e-15
    MODEL.advance(state, np.full((1, 3), -3 * FULL), params, np.empty((0, 3)), np.full(3, 1e-6), 0, 3)
    assert state[0, 2] < -0.999
    state = np.array([[1 - 1e-15, -1 + 1e-15, 1 - 1e-15]])
    MODEL.advance(state, FULL * np.array([[0.1, 0.4, -0.999]]), params, np.empty((0, 3)), np.full(3, 1e-3), 0, 3)
    np.testing.assert_allclose(state[0], [0.1, 0.4, -0.999], rtol=1e-12, atol=0)


def test_negative_injection_makes_a_hard_tanh():
    h = np.array([-1.5, -0.9, -0.2, 0.0, 0.5, 0.95, 1.2])
    params, drive = columns(7), FULL * h[None]
    v, slope = activation(drive, params)
    np.testing.assert_allclose(v, 0.05 * np.clip(h, -1, 1), rtol=1e-14, atol=0)
    np.testing.assert_allclose(slope, np.where(np.abs(h) < 1, 0.05 / FULL, 0), rtol=1e-14, atol=0)
    for model, start in ((MODEL, np.full((1, 7), 0.1)), (PHASE, np.full((1, 7), 1.4)), (PHASE, np.full((1, 7), -1.4))):
        rest = output_of(model, settled(model, start, drive, params), params)
        np.testing.assert_allclose(rest, v, rtol=0, atol=1e-9)


def test_positive_injection_is_binary_and_remembers_its_sign_up_to_twice_the_injection():
    params = columns(4, injection=1e8)
    drive = FULL * np.array([[-0.9, -1.1, 0.9, 1.1]])
    up = output_of(MODEL, settled(MODEL, np.full((1, 4), 0.999), drive, params), params)
    np.testing.assert_allclose(up, 0.05 * np.array([1, -1, 1, 1]), rtol=1e-6, atol=0)
    v, slope = activation(drive, params)
    np.testing.assert_array_equal(v, 0.05 * np.array([-1, -1, 1, 1]))
    assert not np.any(slope)


def test_motion_is_the_gradient_of_the_potential():
    params, rng = spread(50, 3)
    coupling, v_r = params[MODEL.param_index["coupling"]], params[MODEL.param_index["v_r"]]
    m, drive, step = rng.uniform(-0.99, 0.99, (1, 50)), rng.normal(0, FULL, (1, 50)), 1e-3
    slope = (potential((m[0] + step) * v_r, params) - potential((m[0] - step) * v_r, params)) / (2 * step * v_r)
    expected = -coupling * v_r * (1 - m[0] ** 2) * (slope - drive[0])
    found = v_r * rate_of(MODEL, m, drive, params)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11 * np.abs(expected).max())


# Networks of homodyne neurons


def coupled(n, seed, strength=0.5):
    """Return symmetric couplings [A/V] with spectral norm ``strength`` of the neurons' stiffness, and bias currents [A]."""
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(n, n))
    w = w + w.T
    np.fill_diagonal(w, 0)
    w *= strength * (FULL / 0.05) / np.linalg.norm(w, 2)
    return w, 0.25 * FULL * rng.uniform(-1, 1, n)


def phase_flow(phi, w, bias, params):
    v = 0.05 * np.cos(phi)
    return rate_of(PHASE, phi[None], (w @ v + bias)[None], params)


def phase_rest(w, bias, params, start):
    found = root(lambda phi: phase_flow(phi, w, bias, params) / 1e8, start, method="hybr", tol=1e-14)
    assert np.abs(phase_flow(found.x, w, bias, params)).max() < 1e-3  # of 1e8
    return found.x


def estimate_and_gradient(lag, detuning, beta=0.01, seed=5):
    """Return the centered contrast of phase neurons and the cost gradient by differences, for every pair."""
    n, outputs, target = 7, 2, 0.05 * np.array([0.3, -0.2])
    w, bias = coupled(n, seed)
    shifts = detuning * np.random.default_rng(8).uniform(-1, 1, n)
    params = columns(n, lag=lag, detuning=shifts)
    start = np.full(n, 0.5 * math.pi)
    settle = solve_ivp(lambda _, phi: phase_flow(phi, w, bias, params), (0, 1e-6), start, rtol=1e-9, atol=1e-11)
    free = phase_rest(w, bias, params, settle.y[:, -1])
    pairs = [(i, j) for i in range(n) for j in range(i)]

    def cost(moved):
        return 0.5 * np.sum((0.05 * np.cos(phase_rest(moved, bias, params, free)[-outputs:]) - target) ** 2)

    exact, step = [], 1e-3 * FULL / 0.05
    for i, j in pairs:
        values = []
        for shift in (2, 1, -1, -2):
            moved = w.copy()
            moved[i, j] += shift * step
            moved[j, i] += shift * step
            values.append(cost(moved))
        exact.append((8 * (values[1] - values[2]) - (values[0] - values[3])) / (12 * step))
    volts, g_0 = [], FULL / 0.05
    for sign in (1, -1):
        nudged = bias.copy()  # a constant current, made of the free state
        nudged[-outputs:] += sign * beta * g_0 * (target - 0.05 * np.cos(free[-outputs:]))
        volts.append(0.05 * np.cos(phase_rest(w, nudged, params, free)))
    plus, minus = volts
    estimate = np.array([-(plus[i] * plus[j] - minus[i] * minus[j]) / (2 * beta * g_0) for i, j in pairs])
    return estimate, np.array(exact)


def relative_error(pair):
    return np.linalg.norm(pair[0] - pair[1]) / np.linalg.norm(pair[1])


def test_contrast_of_ideal_phase_neurons_is_the_gradient_of_the_cost():
    for seed in (5, 6, 7):
        assert relative_error(estimate_and_gradient(0.0, 0.0, seed=seed)) <= 1e-6  # piecewise linear: exact up to differences


def test_locked_detuning_and_phase_lag_keep_the_gradient_of_homodyne_neurons():
    # One voltage out, one current in: the holding current is a function of the voltage, whatever the lag.
    for lag, detuning in ((0.0, 3e6), (0.3, 0.0), (0.2, 3e6)):
        errors = [relative_error(estimate_and_gradient(lag, detuning, beta)) for beta in (0.1, 0.025)]
        assert errors[1] <= 1e-4
        np.testing.assert_allclose(errors[0] / errors[1], 16, rtol=0.3, atol=0)  # second order in beta


def test_potential_of_a_lagged_neuron_is_the_integral_of_its_holding_current():
    params, rng = spread(60, 11)
    phi = rng.uniform(0.6, math.pi - 0.6, 60)  # where sin(phi) sin(phi + lag) > 0
    coupling, injection, v_r, lag, detuning = params[:5]
    v, step, ends = v_r * np.cos(phi), 1e-5 * v_r, []
    for sign in (1, -1):
        w = np.empty(60)
        PHASE.potential((v + sign * step)[None], params, w, 0, 60)
        ends.append(w)
    holding = (2 * math.pi * detuning - injection * np.sin(2 * phi)) / (coupling * np.sin(phi + lag))
    np.testing.assert_allclose((ends[0] - ends[1]) / (2 * step), holding, rtol=0, atol=1e-8 * np.abs(holding).max())
    np.testing.assert_allclose(rate_of(PHASE, phi[None], holding[None], params), 0.0, rtol=0, atol=1e-6)  # of 1e8
    ideal = params.copy()
    ideal[3:5] = 0.0
    PHASE.potential(v[None], ideal, ends[0], 0, 60)
    np.testing.assert_allclose(ends[0] - potential(v, ideal), 0.5 * v_r * injection / coupling, rtol=0,
                               atol=1e-12 * np.abs(ends[0]).max())  # equal but for a constant


def test_activation_of_a_lagged_neuron_is_where_its_phase_comes_to_rest_from_quadrature():
    rng = np.random.default_rng(12)
    params = columns(40, lag=rng.uniform(-0.4, 0.4, 40), detuning=rng.uniform(-8e6, 8e6, 40),
                     injection=rng.uniform(-2e8, -5e7, 40))
    drive = rng.normal(0, FULL, (1, 40))
    v, slope, above, below, unused = (np.empty((1, 40)) for _ in range(5))
    PHASE.activation(drive, params, v, slope, 0, 40)
    rest = output_of(PHASE, settled(PHASE, np.full((1, 40), 0.5 * math.pi), drive, params, 3e-6), params)
    np.testing.assert_allclose(v[0], rest, rtol=0, atol=1e-8)
    PHASE.activation(drive + 1e-5 * FULL, params, above, unused, 0, 40)
    PHASE.activation(drive - 1e-5 * FULL, params, below, unused, 0, 40)
    smooth = np.abs(above - below)[0] < 1e-5  # no fold within the step
    assert smooth.sum() > 35
    np.testing.assert_allclose(slope[0, smooth], ((above - below)[0] / (2e-5 * FULL))[smooth], rtol=1e-3, atol=1e-3 * 5e3)


def test_lagged_phase_slips_to_the_other_branch_where_it_is_pulled_into_alignment():
    params, start = columns(2, lag=0.2), np.full((1, 2), 0.5 * math.pi)
    slipped = settled(PHASE, start, FULL * np.array([[1.5, -1.5]]), params)
    assert slipped[0, 0] < -0.2  # I > 0 aligns: beyond -lag
    assert 0.0 < slipped[0, 1] < math.pi  # I < 0 stops before pi - lag
    back = settled(PHASE, slipped, np.zeros((1, 2)), params)
    np.testing.assert_allclose(back[0], [-0.5 * math.pi, 0.5 * math.pi], rtol=1e-9, atol=0)


def test_unlocked_neuron_has_no_rest_voltage():
    params = columns(2, detuning=[2e7, 0.0])
    v, slope = np.empty((1, 2)), np.empty((1, 2))
    PHASE.activation(np.zeros((1, 2)), params, v, slope, 0, 2)
    np.testing.assert_allclose(v[0], [0.0, 0.0], rtol=0, atol=1e-16)
    np.testing.assert_allclose(slope[0], [0.0, 0.05 / FULL], rtol=1e-12, atol=0)


def test_energy_of_coupled_homodyne_neurons_never_rises():
    for seed in range(4):
        w, bias = coupled(8, seed, strength=1.5)
        params = columns(8)
        run = solve_ivp(lambda _, m, w=w, b=bias, p=params: rate_of(MODEL, m[None], (w @ (0.05 * m) + b)[None], p), (0, 2e-7),
                        np.random.default_rng(seed).uniform(-0.9, 0.9, 8), rtol=1e-10, atol=1e-13)
        v = 0.05 * run.y.T
        energies = np.array([potential(x, params).sum() - 0.5 * x @ w @ x - bias @ x for x in v]) / (FULL * 0.05)
        assert energies[0] - energies[-1] > 0.01
        assert np.all(np.diff(energies) <= 1e-9)


def test_unlocked_oscillator_drifts_at_the_beat_frequency():
    # dphi/dt = w - k I sin phi drifts at sqrt(w^2 - (k I)^2) (Adler)
    w, pull = 2 * math.pi * 5e7, 2e8
    params, drive = columns(1, injection=0.0, detuning=5e7), np.array([[pull / 2e13]])
    beat = math.sqrt(w**2 - pull**2)
    run = solve_ivp(lambda _, y: rate_of(PHASE, y[None], drive, params), (0, 20 * math.pi / beat), [0.3], rtol=1e-10,
                    atol=1e-10)
    np.testing.assert_allclose(run.y[0, -1] - 0.3, 20 * math.pi, rtol=1e-7, atol=0)


# Pairwise coupled phases (Kuramoto)


def pairwise(n, seed):
    rng = np.random.default_rng(seed)
    k = rng.normal(0, 0.4, (n, n))
    k = k + k.T
    np.fill_diagonal(k, 0)
    return k, rng.normal(0, 1.0, n), rng


def test_pairwise_flow_is_the_gradient_of_its_energy():
    k, field, rng = pairwise(6, 1)
    phi, injection, detuning = rng.uniform(-3, 3, 6), rng.uniform(0, 1, 6), rng.normal(0, 0.3, 6)

    def energy(x):
        return kuramoto_energy(x, k, injection, field=field, detuning=detuning)

    slope = np.array([(energy(phi + 1e-5 * e) - energy(phi - 1e-5 * e)) / 2e-5 for e in np.eye(6)])
    np.testing.assert_allclose(kuramoto_rate(phi, k, injection, field=field, detuning=detuning), -slope, rtol=0, atol=1e-9)
    step = np.zeros((6, 6))
    step[1, 4] = step[4, 1] = 1e-5
    change = (kuramoto_energy(phi, k + step) - kuramoto_energy(phi, k - step)) / 2e-5
    np.testing.assert_allclose(change, coupling_gradient(phi)[1, 4], rtol=1e-9, atol=0)


@pytest.mark.parametrize(("lag", "rises"), [(0.0, False), (0.3, True)])
def test_pairwise_energy_never_rises_without_lag_and_rises_with_it(lag, rises):
    largest = 0.0
    for seed in range(3):
        k, field, rng = pairwise(8, seed)
        run = solve_ivp(lambda _, x, k=k, b=field: kuramoto_rate(x, k, 0.2, field=b, lag=lag), (0, 15),
                        rng.uniform(-math.pi, math.pi, 8), rtol=1e-9, atol=1e-11)
        energies = np.array([kuramoto_energy(x, k, 0.2, field=field) for x in run.y.T])
        largest = max(largest, np.diff(energies).max())
    assert (largest > 1e-8) == rises


def pairwise_estimate(lag, betas):
    """Return the relative errors and angles of the centered contrast of Kuramoto phases against the cost's gradient."""
    n, outputs, injection = 6, 2, 0.3
    target = np.array([0.2, 0.7])
    k, field, _ = pairwise(n, 3)

    def flow(x, k, beta):
        force = kuramoto_rate(x, k, injection, field=field, lag=lag)
        out = x[-outputs:]
        force[-outputs:] += beta * (np.cos(out) - target) * np.sin(out)  # -d/dphi of (cos phi - target)^2 / 2
        return force

    def rest(k, beta, start):
        found = root(flow, start, args=(k, beta), tol=1e-13)
        assert np.abs(flow(found.x, k, beta)).max() < 1e-10
        return found.x

    free = rest(k, 0.0, solve_ivp(lambda _, x: flow(x, k, 0.0), (0, 100), np.full(n, 1.0), rtol=1e-8, atol=1e-10).y[:, -1])

    def cost(k):
        return 0.5 * np.sum((np.cos(rest(k, 0.0, free)[-outputs:]) - target) ** 2)

    pairs, exact, step = [(i, j) for i in range(n) for j in range(i)], [], 1e-3
    for i, j in pairs:
        values = []
        for shift in (2, 1, -1, -2):
            moved = k.copy()
            moved[i, j] += shift * step
            moved[j, i] += shift * step
            values.append(cost(moved))
        exact.append((8 * (values[1] - values[2]) - (values[0] - values[3])) / (12 * step))
    exact, errors, angles = np.array(exact), [], []
    for beta in betas:
        plus, minus = (coupling_gradient(rest(k, sign * beta, free)) for sign in (1, -1))
        estimate = np.array([(plus[i, j] - minus[i, j]) / (2 * beta) for i, j in pairs])
        errors.append(relative_error((estimate, exact)))
        angles.append(math.acos(min(1.0, estimate @ exact / math.sqrt((estimate @ estimate) * (exact @ exact)))))
    return errors, angles


def test_contrast_of_pairwise_phases_is_the_gradient_of_the_cost():
    errors, _ = pairwise_estimate(0.0, (0.1, 0.01))
    assert errors[1] <= 1e-4
    np.testing.assert_allclose(errors[0] / errors[1], 100, rtol=0.3, atol=0)


def test_phase_lag_turns_the_learning_gradient_of_pairwise_phases_away():
    angles = [pairwise_estimate(lag, (0.01,))[1][0] for lag in (0.0, 0.03, 0.1)]
    assert angles[0] < 1e-4
    assert np.all(np.diff(angles) > 0.01)
