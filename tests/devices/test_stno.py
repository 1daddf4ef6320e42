"""The spin-torque oscillator: power, return, noise and linewidth of its laws; exact step, energy, learning gradient."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from devices.spintronic import stno_scales as scales
from devices.spintronic.stno import COMPLEX, MODEL
from neurosim.errors import ParameterError
from neurosim.population import build_population
from neurosim.simulation.simulate import simulate
from neurosim.waveform import Constant

NOMINAL = {spec.name: spec.default for spec in MODEL.params}


def columns(n, **rows):
    params = MODEL.default_params(n)
    for name, value in rows.items():
        params[MODEL.param_index[name]] = value
    return params


def named(params, k):
    return dict(zip(NOMINAL, params[:, k], strict=True))


def at(zeta, params):
    """Return the currents, shape (1, n), that make the overdrive zeta."""
    i_th, i_b, gain = (params[MODEL.param_index[name]] for name in ("i_threshold", "i_bias", "gain"))
    return np.atleast_2d((np.asarray(zeta, dtype=float) * i_th - i_b) / gain)


def rate_of(p, drive, params, model=MODEL):
    out = np.full_like(p, np.nan)
    model.rate(np.ascontiguousarray(p), drive, params, out, 0, p.shape[1])
    return out


def advanced(p, drive, params, duration):
    n, after = p.shape[1], p.copy()
    MODEL.advance(after, drive, params, np.empty((0, n)), np.full(n, duration), 0, n)
    return after


def activation(drive, params):
    v, slope = np.empty_like(drive), np.empty_like(drive)
    MODEL.activation(drive, params, v, slope, 0, drive.shape[1])
    return v[0], slope[0]


def potential(v, params):
    w = np.empty(v.size)
    MODEL.potential(np.ascontiguousarray(v).reshape(1, -1), params, w, 0, v.size)
    return w


def spread(n, seed, eta=(1e-6, 0.3)):
    """Return random parameters of every kind, vortex-like ones among them."""
    rng = np.random.default_rng(seed)
    return columns(n, q=rng.uniform(0, 5, n), torque_saturation=rng.choice([0.0, 1e-3, 0.5, 1.0], n),
                   v_r=rng.uniform(0.01, 1, n), noise_power=np.exp(rng.uniform(*np.log(eta), n)), gain=rng.uniform(0.3, 3, n),
                   i_threshold=rng.uniform(5e-6, 2e-5, n), i_bias=rng.uniform(-1e-5, 3e-5, n)), rng


# Statics


@pytest.mark.parametrize(("q", "zeta", "expected"), [
    (2, 1.2, 0.0625), (2, 1.5, 1 / 7), (2, 2, 0.25), (2, 3, 0.4), (2, 4, 0.5), (0.5, 3, 2 / 3.5), (10, 1.01, 0.01 / 11.01)])
def test_noiseless_power_is_the_excess_over_threshold(q, zeta, expected):
    params = columns(1, q=q, noise_power=0.0, v_r=1.0)
    np.testing.assert_allclose(activation(at(zeta, params), params)[0], expected, rtol=1e-14, atol=0)
    np.testing.assert_allclose(advanced(np.array([[0.3]]), at(zeta, params), params, 1e-5), expected, rtol=1e-13, atol=0)


def test_rest_power_solves_the_rate_equation_with_noise_on_both_sides_of_threshold():
    params, rng = spread(400, 1)
    zeta = np.concatenate([rng.uniform(-20, 20, 200), rng.uniform(0.9, 1.1, 200)])
    p = activation(at(zeta, params), params)[0] / params[MODEL.param_index["v_r"]]
    free = p < 1.0
    assert free.sum() > 300
    q, kappa, eta, gamma = (params[MODEL.param_index[name]] for name in
                            ("q", "torque_saturation", "noise_power", "damping_rate"))
    terms = gamma * (np.abs(zeta) * p * (1 + kappa * p) + (1 + q * p) * (p + eta))  # rounding is relative to the largest term
    assert np.all(np.abs(rate_of(p[None], at(zeta, params), params)[0])[free] <= 1e-14 * terms[free])
    assert np.all(rate_of(p[None], at(zeta, params), params)[0][~free] == 0.0)


def test_slope_of_the_activation_is_its_derivative_over_sixty_decades_of_current():
    zeta = np.array([-1e30, -5.0, 0.0, 0.9, 1.0, 1.1, 5.0, 1e4, 1e30])
    params = columns(zeta.size, v_r=1.0)
    v, slope = activation(at(zeta, params), params)
    q, eta, i_th = 2.0, 1e-4, 1e-5
    s = np.sqrt((zeta - 1 + eta * q) ** 2 + 4 * eta * (q + zeta))
    far = np.abs(zeta) > 1e3
    left = np.where(far & (zeta > 0), (1 + q) * (1 - eta) / np.where(far, zeta, 1), 1 - v)  # 1 - p of a strong drive
    np.testing.assert_allclose(slope[~far], (v * left / s / i_th)[~far], rtol=1e-10, atol=0)
    np.testing.assert_allclose(slope[-2:], (v * left / s / i_th)[-2:] * [1, v[-1] < 1], rtol=1e-3, atol=0)
    assert v[0] < 1e-30
    assert v[-1] <= 1.0


# Dynamics


@pytest.mark.parametrize("zeta", [1.3, 2.0, 3.7])
def test_perturbed_power_returns_at_twice_the_damping_times_the_excess(zeta):
    gamma = 2 * math.pi * 5e7
    params = columns(1, damping_rate=gamma, noise_power=0.0)
    p_0, time = (zeta - 1) / (zeta + 2), 1e-9
    kicked = advanced(np.array([[p_0 * (1 + 1e-6)]]), at(zeta, params), params, time)
    rate = -math.log((kicked[0, 0] / p_0 - 1) / 1e-6) / time
    np.testing.assert_allclose(rate, 2 * gamma * (zeta - 1), rtol=1e-5, atol=0)
    if zeta == 2.0:
        np.testing.assert_allclose(rate, 6.2832e8, rtol=1e-4, atol=0)
        np.testing.assert_allclose(scales.return_rate(named(params, 0), at(zeta, params)[0, 0]), 6.2832e8, rtol=1e-5, atol=0)


@pytest.mark.parametrize("eta", [0.0, 1e-6, 1e-2, 0.4])
@pytest.mark.parametrize("kappa", [0.0, 0.5, 1.0])
def test_advance_is_the_exact_solution(eta, kappa):
    zeta = np.array([-3.0, -2.0, 0.2, 1.0, 1.0 + 1e-9, 1.5, 4.0])
    params = columns(zeta.size, noise_power=eta, torque_saturation=kappa)
    drive, start = at(zeta, params), np.array([[0.9, 0.1, 1e-8, 0.5, 0.5, 0.02, 0.3]])
    run = solve_ivp(lambda _, y: rate_of(np.clip(y, 1e-300, 1 - 1e-16)[None], drive, params)[0], (0, 4e-9), start[0],
                    method="DOP853", rtol=1e-12, atol=1e-18)
    expected = np.clip(run.y[:, -1], 0, 1)
    np.testing.assert_allclose(advanced(start, drive, params, 4e-9)[0], expected, rtol=1e-9, atol=1e-15)


def test_advance_is_exact_at_the_degenerate_threshold_and_for_any_duration():
    params = columns(4, noise_power=0.0)
    drive, start = at(np.array([1.0, 1.0, 2.0, 0.5]), params), np.array([[0.5, 0.0, 0.0, 0.5]])
    time = 1e-8
    found = advanced(start, drive, params, time)[0]
    np.testing.assert_allclose(found[0], 0.5 / (1 + 2 * 3e8 * 3 * 0.5 * time), rtol=1e-14, atol=0)  # algebraic decay
    assert found[1] == found[2] == 0.0  # no power and no noise
    forever = advanced(start, drive, params, 1e9)[0]
    assert forever[3] == 0.0
    np.testing.assert_allclose(advanced(np.full((1, 4), 1e-12), drive, columns(4), 1e9)[0],
                               activation(drive, columns(4))[0] / 0.05, rtol=1e-13, atol=0)


def test_noise_power_seeds_the_oscillation_from_zero():
    params = columns(1)
    early = advanced(np.zeros((1, 1)), at(2.0, params), params, 1e-12)[0, 0]
    np.testing.assert_allclose(early, 2 * 3e8 * 1e-4 * 1e-12, rtol=1e-2, atol=0)
    assert advanced(np.zeros((1, 1)), at(2.0, params), params, 1e-7)[0, 0] > 0.25


# Energy


def test_potential_is_the_integral_of_the_current_that_holds_the_output():
    params, rng = spread(24, 4)
    v_r = params[MODEL.param_index["v_r"]]
    ends = np.sort(rng.uniform(0.01, 0.99, (2, 24)), axis=0)
    change = potential(ends[1] * v_r, params) - potential(ends[0] * v_r, params)
    for k in range(24):
        values = named(params, k)

        def holding(p, values=values):
            zeta = (1 + values["q"] * p) * (1 - values["noise_power"] / p) / (1 - values["torque_saturation"] * p)
            return (zeta * values["i_threshold"] - values["i_bias"]) / values["gain"]

        expected = values["v_r"] * quad(holding, *ends[:, k], epsabs=0, epsrel=1e-12)[0]
        largest = values["v_r"] * abs(holding(ends[0, k])) + values["v_r"] * abs(holding(ends[1, k]))
        np.testing.assert_allclose(change[k], expected, rtol=0, atol=1e-12 * largest)
        back, _ = activation(np.full((1, 24), holding(ends[0, k])), params)
        np.testing.assert_allclose(back[k], ends[0, k] * values["v_r"], rtol=1e-9, atol=0)


def test_motion_is_the_gradient_of_the_potential_with_positive_mobility_and_noise_included():
    # dV/dt = -M dL/dV with M = 2 Gamma_G V_r p (1 - kappa p) g / I_th and dL/dV = dU/dV - I
    params, rng = spread(300, 5)
    gamma, kappa, gain, i_th, v_r = (params[MODEL.param_index[name]] for name in
                                     ("damping_rate", "torque_saturation", "gain", "i_threshold", "v_r"))
    p, drive = rng.uniform(0.02, 0.98, 300), at(rng.uniform(-5, 8, 300), params)
    step = 1e-5 * p
    slope = (potential((p + step) * v_r, params) - potential((p - step) * v_r, params)) / (2 * step * v_r)
    mobility = 2 * gamma * v_r * p * (1 - kappa * p) * gain / i_th
    found = v_r * rate_of(p[None], drive, params)[0]
    # Central differences: (step / p)^2 = 1e-10 of the curvature; rounding 1e-16 / 1e-5.
    assert np.all(np.abs(found + mobility * (slope - drive[0])) <= 1e-7 * mobility * (np.abs(slope) + np.abs(drive[0])))


def test_potential_has_no_jump_where_its_logarithm_becomes_a_series():
    kappa, p = np.array([0.0, 1e-12, 1e-6, 0.0099999, 0.0100001, 0.011]), 0.999999
    params = columns(6, torque_saturation=kappa, noise_power=0.1)
    x = kappa * p
    exact = [sum(value**k / (k + 2) for k in range(30)) for value in x]
    grown = p + (2 + kappa) * p * (p * np.array(exact) - 0.1 * (1 + x * np.array(exact))) - 0.1 * math.log(p)
    np.testing.assert_allclose(potential(np.full(6, 0.05 * p), params), 0.05 * (1e-5 * grown - 1.5e-5 * p), rtol=1e-12, atol=0)


def network(n, seed, scale=0.35, low=1.2, high=2.5):
    """Return symmetric couplings and biases in units of zeta, and parameters: p feeds zeta_i = b_i + sum W_ij p_j."""
    rng = np.random.default_rng(seed)
    coupling = rng.normal(0, scale, (n, n))
    coupling = coupling + coupling.T
    np.fill_diagonal(coupling, 0)
    return coupling, rng.uniform(low, high, n), columns(n, v_r=1.0)


def lyapunov(p, coupling, bias, params):
    free = params.copy()
    free[MODEL.param_index["i_bias"]] = 0.0
    return potential(p, free).sum() / 1e-5 - 0.5 * p @ coupling @ p - bias @ p


def test_coupled_oscillators_never_raise_their_lyapunov_function():
    for seed in range(5):
        coupling, bias, params = network(8, seed)
        run = solve_ivp(lambda _, p, w=coupling, b=bias, q=params: rate_of(p[None], at(b + w @ p, q), q)[0], (0, 1e-7),
                        np.random.default_rng(seed).uniform(0.01, 0.9, 8), rtol=1e-10, atol=1e-13,
                        t_eval=np.linspace(0, 1e-7, 300))
        energies = np.array([lyapunov(p, coupling, bias, params) for p in run.y.T])
        assert energies[0] - energies[-1] > 0.01
        assert np.all(np.diff(energies) <= 1e-9)  # of order one; the trajectory is known to 1e-10


def rest(coupling, bias, params, beta, target, start):
    """Return the rest powers by Newton on the static responses, nudged by the current -beta (p - target) at the outputs."""
    p, outputs = start.copy(), target.size
    for _ in range(60):
        nudge = np.zeros_like(p)
        nudge[-outputs:] = -beta * (p[-outputs:] - target)
        s, slope = activation(at(bias + coupling @ p + nudge, params), params)
        jacobian = coupling.copy()
        jacobian[-outputs:, -outputs:] -= beta * np.eye(outputs)
        change = np.linalg.solve(np.eye(p.size) - 1e-5 * slope[:, None] * jacobian, s - p)
        p = np.clip(p + change, 1e-9, 1)
        if np.abs(change).max() < 1e-15:
            break
    assert np.abs(change).max() < 1e-13
    return p


@pytest.mark.parametrize("seed", [11, 12, 13, 14])
def test_contrast_of_two_nudged_phases_is_the_gradient_of_the_cost(seed):
    # Above threshold; beside it the error is still of second order in beta, but larger.
    coupling, bias, params = network(8, seed, 0.25, 2.0, 3.0)
    target = np.array([0.1, 0.4])
    settled = solve_ivp(lambda _, p: rate_of(p[None], at(bias + coupling @ p, params), params)[0], (0, 1e-6), np.full(8, 0.1),
                        method="LSODA", rtol=1e-12, atol=1e-14).y[:, -1]
    free = rest(coupling, bias, params, 0.0, target, settled)
    np.testing.assert_allclose(settled, free, rtol=1e-8, atol=0)

    def cost(w):
        return 0.5 * np.sum((rest(w, bias, params, 0.0, target, free)[-2:] - target) ** 2)

    pairs = [(i, j) for i in range(8) for j in range(i)]
    exact, step = [], 1e-4
    for i, j in pairs:
        moved = [coupling.copy() for _ in range(4)]
        for w, shift in zip(moved, (2, 1, -1, -2), strict=True):
            w[i, j] += shift * step
            w[j, i] += shift * step
        two, one, minus_one, minus_two = (cost(w) for w in moved)
        exact.append((8 * (one - minus_one) - (two - minus_two)) / (12 * step))
    errors = []
    for beta in (0.1, 0.01):
        plus, minus = (rest(coupling, bias, params, sign * beta, target, free) for sign in (1, -1))
        estimate = np.array([-(plus[i] * plus[j] - minus[i] * minus[j]) / (2 * beta) for i, j in pairs])
        errors.append(np.linalg.norm(estimate - exact) / np.linalg.norm(exact))
    assert errors[1] <= 1e-5
    np.testing.assert_allclose(errors[0] / errors[1], 100, rtol=0.2, atol=0)  # second order in beta


# Complex amplitude


def noisy_run(state, drive, params, dt, steps, rng, every=0):
    """Step an ensemble by Stratonovich Heun in place; return x + i y of every ``every``-th step."""
    n, kept = state.shape[1], []
    slope, other, spread, later = np.empty((2, n)), np.empty((2, n)), np.empty((4, n)), np.empty((4, n))
    for step in range(1, steps + 1):
        kick = rng.standard_normal((2, n)) * math.sqrt(dt)
        COMPLEX.rate(state, drive, params, slope, 0, n)
        COMPLEX.diffusion(state, drive, params, spread, 0, n)
        guess = state + slope * dt + spread[[0, 3]] * kick
        COMPLEX.rate(guess, drive, params, other, 0, n)
        COMPLEX.diffusion(guess, drive, params, later, 0, n)
        state += 0.5 * (slope + other) * dt + 0.5 * (spread[[0, 3]] + later[[0, 3]]) * kick
        if every and step % every == 0:
            kept.append(state[0] + 1j * state[1])
    return np.array(kept)


def test_power_of_the_complex_form_obeys_the_power_law_without_noise():
    params, rng = spread(50, 6)
    params[MODEL.param_index["noise_power"]] = 0.0
    state, drive = rng.uniform(-0.6, 0.6, (2, 50)), at(rng.uniform(-1, 3, 50), params)  # p < 1
    found = 2 * np.sum(state * rate_of(state, drive, params, COMPLEX), axis=0)
    np.testing.assert_allclose(found, rate_of(np.sum(state**2, axis=0)[None], drive, params)[0], rtol=1e-9,
                               atol=1e-12 * 3e8)  # differences of terms of order Gamma_G


def test_complex_kernels_equal_their_slow_twins():
    params, rng = spread(30, 7)
    state, drive = rng.uniform(-1, 1, (2, 30)), at(rng.uniform(-1, 3, 30), params)
    found, noise, v = rate_of(state, drive, params, COMPLEX), np.empty((4, 30)), np.empty((1, 30))
    COMPLEX.diffusion(state, drive, params, noise, 0, 30)
    COMPLEX.output(state, params, v, 0, 30)
    for k in range(30):
        args = state[:, k], drive[:, k], named(params, k)
        np.testing.assert_allclose(found[:, k], COMPLEX.twins["rate"](*args), rtol=1e-12, atol=1e-12 * 1e10)
        np.testing.assert_allclose(noise[:, k], COMPLEX.twins["diffusion"](*args), rtol=1e-13, atol=0)
        np.testing.assert_allclose(v[:, k], COMPLEX.twins["output"](args[0], args[2]), rtol=1e-13, atol=0)


def test_reversed_current_damps_every_amplitude():
    params = columns(20, noise_power=0.0)
    state = np.stack([np.linspace(0.1, 9.0, 20), np.zeros(20)])
    radial = rate_of(state, at(np.full(20, -8.0), params), params, COMPLEX)[0]
    assert np.all(radial < 0.0)


def test_simulated_oscillation_has_the_shifted_frequency():
    params = NOMINAL | {"noise_power": 0.0}
    trace = simulate(COMPLEX, Constant("0 A", unit="A"), "40 ns", scheme="dopri5", rtol=1e-9, record=40001).raise_for_status()
    x = np.asarray(trace["x"])[:, 0]
    up = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))[40:]
    times = (up - x[up] / (x[up + 1] - x[up])) * 1e-12
    found = (len(times) - 1) / (times[-1] - times[0])
    np.testing.assert_allclose(found, scales.oscillation_frequency(params), rtol=2e-4, atol=0)  # still approaching p_0


def density_oracle(zeta, q, kappa, eta):
    """Mean of exp(-Phi/eta)/sqrt(1 + Q p) by a fine grid, with dPhi/dp integrated numerically."""
    p = np.linspace(0, 1, 400_001)
    slope = 1 - zeta * (1 - kappa * p) / (1 + q * p)
    phi = np.concatenate([[0], np.cumsum(0.5 * (slope[1:] + slope[:-1])) * p[1]])
    weight = np.exp(-(phi - phi.min()) / eta) / np.sqrt(1 + q * p)
    return np.trapezoid(p * weight) / np.trapezoid(weight)


@pytest.mark.parametrize(("zeta", "q", "kappa", "eta"), [
    (0.5, 2, 1, 1e-3), (1, 2, 1, 1e-3), (2, 2, 1, 1e-3),
    (-1, 0.5, 1, 1e-2), (1.2, 5, 0, 1e-4), (-3, 2, 1, 5e-2), (2, 1, 0.5, 1e-2), (1.01, 0, 1, 1e-3)])
def test_mean_power_is_the_mean_of_the_stationary_density(zeta, q, kappa, eta):
    values = NOMINAL | {"i_bias": zeta * 1e-5, "q": q, "torque_saturation": kappa, "noise_power": eta}
    np.testing.assert_allclose(scales.mean_power(values), density_oracle(zeta, q, kappa, eta), rtol=2e-4, atol=0)


def test_noise_keeps_the_mean_power_of_the_stratonovich_law():
    zetas, each, eta, gamma = (0.5, 1.0, 2.0), 3000, 1e-3, 3e8
    expected = np.array([scales.mean_power(NOMINAL | {"i_bias": z * 1e-5, "noise_power": eta}) for z in zetas])
    np.testing.assert_allclose(expected, [1.9731e-3, 1.48310e-2, 2.50250e-1], rtol=1e-4, atol=0)
    n = each * len(zetas)
    params = columns(n, noise_power=eta, i_bias=np.repeat(zetas, each) * 1e-5, frequency=0.0, frequency_shift=0.0)
    rng, drive = np.random.default_rng(31), np.zeros((1, n))
    state = rng.standard_normal((2, n))
    state *= np.sqrt(np.repeat(expected, each) / np.sum(state**2, axis=0))
    noisy_run(state, drive, params, 0.02 / gamma, 800, rng)
    power = np.abs(noisy_run(state, drive, params, 0.02 / gamma, 1600, rng, every=100)) ** 2
    for k in range(len(zetas)):
        members = power[:, k * each:(k + 1) * each].mean(axis=0)
        error = members.std(ddof=1) / math.sqrt(each)
        assert abs(members.mean() - expected[k]) < 5 * error
        assert error < 0.008 * expected[k]


def test_phase_diffuses_with_the_linewidth_law():
    nus, each, zeta, eta, gamma, lag = (0.0, 2.0, 4.0), 4000, 2.0, 2e-4, 2 * math.pi * 5e7, 40e-9
    shift = np.array(nus) * gamma * 4 / (2 * math.pi)
    widths = [scales.linewidth(NOMINAL | {"damping_rate": gamma, "noise_power": eta, "i_bias": 2e-5, "frequency_shift": f})
              for f in shift]
    np.testing.assert_allclose(widths, [60e3, 300e3, 1020e3], rtol=1e-9, atol=0)
    n = each * len(nus)
    # The frame turns with the mean oscillation, so that the step need not follow it.
    params = columns(n, damping_rate=gamma, noise_power=eta, i_bias=zeta * 1e-5, frequency=0.0,
                     frequency_shift=np.repeat(shift, each))
    rng, drive, state = np.random.default_rng(32), np.zeros((1, n)), np.zeros((2, n))
    state[0] = 0.5
    noisy_run(state, drive, params, 2e-11, 300, rng)
    start = [state[0] + 1j * state[1]]
    path = np.concatenate([start, noisy_run(state, drive, params, 2e-11, round(lag / 2e-11), rng, every=10)])
    turned = np.sum(np.angle(path[1:] / path[:-1]), axis=0)
    back = 2 * gamma * (zeta - 1)
    for k, nu in enumerate(nus):
        variance = turned[k * each:(k + 1) * each].var(ddof=1)
        seen = 1 + nu**2 * (1 - (1 - math.exp(-back * lag)) / (back * lag))  # of 1 + nu^2, at this lag
        width = variance / (2 * math.pi * lag) * (1 + nu**2) / seen
        assert abs(width / widths[k] - 1) < 5 * math.sqrt(2 / each)


# Vortex and radiated power


def test_vortex_orbit_is_the_same_oscillator():
    for b_1 in (0.0, -3e8, -5e8):
        a_0, a_1, b_0, i = -2e6, 5e8, -4e6, 9e-3
        values = NOMINAL | scales.vortex_parameters(a_0, a_1, b_0, b_1) | {"noise_power": 0.0, "i_bias": i}
        params = np.array([[values[name]] for name in NOMINAL])
        a, b = a_0 + a_1 * i, b_0 + b_1 * i
        s = 0.3
        np.testing.assert_allclose(rate_of(np.array([[s * s]]), np.zeros((1, 1)), params)[0, 0], 2 * s * (a * s + b * s**3),
                                   rtol=1e-12, atol=0)
        np.testing.assert_allclose(scales.rest_power(values), -a / b, rtol=1e-13, atol=0)
    with pytest.raises(ParameterError, match="a_0"):
        scales.vortex_parameters(1.0, 1.0, -1.0)


def test_constant_vortex_damping_is_a_rectifier_that_ends_at_the_edge_of_the_dot():
    params = columns(5, torque_saturation=0.0, q=2.0, noise_power=0.0, v_r=1.0)
    zeta = np.array([0.5, 1.0, 2.0, 2.9, 5.0])
    np.testing.assert_allclose(activation(at(zeta, params), params)[0], [0, 0, 0.5, 0.95, 1.0], rtol=1e-14, atol=0)
    assert activation(at(zeta, params), params)[1][-1] == 0.0
    assert rate_of(np.ones((1, 5)), at(zeta, params), params)[0, -1] == 0.0


def test_radiated_power_is_clipped_between_one_and_four_thresholds():
    values = NOMINAL | {"noise_power": 0.0}
    found = [scales.microwave_power(values, z * 1e-5 - 1.5e-5, 1e3, 1.25) for z in (0.5, 2.0, 4.0, 7.0)]
    expected = [0.0, 1.25e3 * 4e-10 * 0.25, 1.25e3 * 16e-10 * 0.5, 1.25e3 * 16e-10 * 0.5]
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=0)


def test_spread_of_threshold_and_gain_act_on_their_parameters():
    from neurosim.library import load_device

    population = build_population(load_device("stno/ross2023"), 50, seed=1, role="n", spreads={"stiffness": 0.1, "gain": 0.1})
    for name in ("i_threshold", "gain"):
        assert np.unique(population.params[MODEL.param_index[name]]).size == 50
