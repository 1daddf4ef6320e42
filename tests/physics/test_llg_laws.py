"""Magnetisation dynamics against closed forms: precession, resonance, switching, thermal equilibrium.

Thermal tests use seeded ensembles of independent moments; each asserts within five standard errors, computed from
the ensemble itself, of a number from statistical mechanics.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from devices.spintronic.demagnetisation import prism
from devices.spintronic.llg import BROWN, GAMMA_0
from devices.spintronic.macrospin import MODEL, VOLTAGE_DRIVEN, heun_steps
from devices.spintronic.macrospin_scales import critical_current, damping_power, effective_field, energy
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE, HBAR, MU_0

NAMES = [spec.name for spec in MODEL.params]


def columns(n=1, **rows):
    params = MODEL.default_params(n)
    for name, value in rows.items():
        params[NAMES.index(name)] = value
    return params


def tilted(angles, axis=2):
    """Return unit vectors at the given angles to an axis, shape (3, n)."""
    angles = np.atleast_1d(np.asarray(angles, dtype=float))
    state = np.zeros((3, angles.size))
    state[axis], state[(axis + 1) % 3] = np.cos(angles), np.sin(angles)
    return state


def drive_of(n=1, h=(0.0, 0.0, 0.0), i=0.0):
    return np.repeat(np.array([[*h, i, 0.0]]).T, n, axis=1).astype(float)


def advance(state, drive, params, duration):
    n = state.shape[1]
    MODEL.select(params).advance(state, drive, params, np.zeros((3, n)), np.full(n, duration), 0, n)


def trajectory(state, drive, params, dt, steps):
    """Return the states after 0, 1, ... steps, shape (steps + 1, 3, n)."""
    path = [state.copy()]
    for _ in range(steps):
        advance(state, drive, params, dt)
        path.append(state.copy())
    return np.array(path)


def frequency(signal, dt):
    """Return the frequency [Hz] from the first to the last upward zero crossing, interpolated linearly."""
    up = np.flatnonzero((signal[:-1] < 0) & (signal[1:] >= 0))
    times = (up - signal[up] / (signal[up + 1] - signal[up])) * dt
    return (len(times) - 1) / (times[-1] - times[0])


def thermal_run(state, drive, params, dt, steps, rng, every=0):
    """Step an ensemble at temperature in place; return m_z of every ``every``-th step, shape (samples, n)."""
    n, key, samples, block = state.shape[1], np.uint64(rng.integers(2**63)), [], every or steps
    for first in range(0, steps, block):
        heun_steps(state, drive, params, key, first, dt, min(block, steps - first), 0, n)
        samples.append(state[2].copy())
    return np.array(samples if every else [])


def isotropic(n, rng):
    state = rng.standard_normal((3, n))
    return np.ascontiguousarray(state / np.linalg.norm(state, axis=0))


def within_five_standard_errors(per_member, expected, bias=0.0):
    error = np.std(per_member, ddof=1) / math.sqrt(per_member.size)
    assert abs(np.mean(per_member) - expected) < 5 * error + bias
    return error


# Precession and damping


def test_damped_precession_follows_the_closed_form():
    alpha, h, theta = 0.01, 1e5, math.radians(30)
    params, drive, state = columns(alpha=alpha, h_k=0.0), drive_of(h=(0, 0, h)), tilted(theta)
    gamma = GAMMA_0 / (1 + alpha**2)
    for time in (1e-10, 1e-9, 5e-9):
        now = state.copy()
        advance(now, drive, params, time)
        polar = 2 * math.atan(math.tan(theta / 2) * math.exp(-alpha * gamma * h * time))
        turn = gamma * h * time  # right-handed about the field: m starts along +x
        expected = [[math.sin(polar) * math.cos(turn)], [math.sin(polar) * math.sin(turn)], [math.cos(polar)]]
        np.testing.assert_allclose(now, expected, rtol=0, atol=1e-7 * max(turn, 1.0))  # 1e-7 per radian


def test_larmor_frequency_and_decay_have_the_published_values():
    # gamma_0 H / (2 pi (1 + alpha^2)) and tan(theta/2) exp(-...) with CODATA constants
    params, drive, state = columns(alpha=0.01, h_k=0.0), drive_of(h=(0, 0, 1e5)), tilted(math.radians(30))
    path = trajectory(state, drive, params, 1e-12, 5000)[:, :, 0]
    np.testing.assert_allclose(path[1000, 2], 0.9118194, rtol=1e-7, atol=0)
    np.testing.assert_allclose(frequency(path[:, 0], 1e-12), 3.521367e9, rtol=2e-6, atol=0)


def test_heun_is_second_order_and_runge_kutta_beats_it():
    params, drive = columns(alpha=0.05, h_k=0.0, temperature=0.0), drive_of(h=(0, 0, 1e5))
    exact = tilted(0.7)
    advance(exact, drive, params, 1.6e-10)
    errors = []
    for steps in (40, 80, 160, 320):
        state = tilted(0.7)
        thermal_run(state, drive, params, 1.6e-10 / steps, steps, np.random.default_rng(0))
        errors.append(np.abs(state - exact).max())
    slopes = np.diff(np.log2(errors))
    np.testing.assert_allclose(slopes, -2.0, rtol=0, atol=0.2)


def test_energy_falls_at_the_rate_of_the_damping_law():
    rng = np.random.default_rng(4)
    for _ in range(20):
        m, h = rng.standard_normal(3), rng.normal(0, 1e5, 3)
        m /= np.linalg.norm(m)
        values = {spec.name: spec.default for spec in MODEL.params}
        values |= {"alpha": 0.03, "n_x": 0.1, "n_y": 0.2, "n_z": 0.7, "u_x": 0.6, "u_z": 0.8}
        params, out = np.array([[values[name]] for name in NAMES]), np.empty((3, 1))
        MODEL.rate(m.reshape(3, 1).copy(), drive_of(h=h), params, out, 0, 1)
        moment, field = MU_0 * values["m_s"] * values["volume"], effective_field(m, h, values)
        law = -0.03 * GAMMA_0 / (1 + 0.03**2) * moment * np.sum(np.cross(m, field) ** 2)
        np.testing.assert_allclose(-moment * field @ out[:, 0], law, rtol=1e-10, atol=0)
        step = 1e-6 * np.cross(m, field) / np.linalg.norm(field)  # -moment * field is the gradient of the energy
        slope = (energy(m + step, h, values) - energy(m - step, h, values)) / 2
        np.testing.assert_allclose(slope, -moment * field @ step, rtol=0, atol=1e-9 * moment * 1e5 * 1e-3)


def test_energy_of_all_terms_falls_at_the_rate_of_the_damping_law_and_its_slope_is_the_field():
    rng, worst = np.random.default_rng(8), []
    for _ in range(20):
        values = {spec.name: spec.default for spec in MODEL.params} | {"alpha": 0.03, "n_x": 0.1, "n_y": 0.2, "n_z": 0.7}
        values |= {name: float(x) for name, x in zip(
            ("u_x", "u_y", "u_z", "p_x", "p_y", "p_z"), rng.uniform(-1, 1, 6), strict=True)}
        values |= {"h_k2": rng.normal(0, 1e5), "j_1": rng.normal(0, 1e-4), "j_2": rng.normal(0, 1e-4), "vcma": 1e-13}
        values["eta"] = 0.0
        m, h, v = rng.standard_normal(3), rng.normal(0, 1e5, 3), rng.normal(0, 0.5)
        m /= np.linalg.norm(m)
        params, out = np.array([[values[name]] for name in NAMES]), np.empty((3, 1))
        VOLTAGE_DRIVEN.rate(m.reshape(3, 1).copy(), drive_of(h=h, i=v), params, out, 0, 1)  # the fourth drive is the voltage
        moment, field = MU_0 * values["m_s"] * values["volume"], effective_field(m, h, values, v)
        np.testing.assert_allclose(-moment * field @ out[:, 0], damping_power(m, h, values, v), rtol=1e-9, atol=0)
        step = 1e-5 * np.cross(m, field) / np.linalg.norm(field)
        slope = (energy(m + step, h, values, v) - energy(m - step, h, values, v)) / 2
        worst.append(abs(slope + moment * field @ step) / (moment * np.linalg.norm(field) * 1e-5))
    assert max(worst) < 1e-8  # third derivatives times (1e-5)^2, and rounding of the difference


@pytest.mark.parametrize("alpha", [0.0, 0.02])
def test_energy_is_conserved_without_damping_and_never_rises_with_it(alpha):
    values = {spec.name: spec.default for spec in MODEL.params} | {"alpha": alpha, "n_z": 0.9, "n_y": 0.08, "n_x": 0.02}
    params, h = np.array([[values[name]] for name in NAMES]), (3e4, 1e4, -5e4)
    path = trajectory(tilted(0.8), drive_of(h=h), params, 2e-12, 2500)[:, :, 0]
    e = np.array([energy(m, h, values) for m in path])
    scale = np.ptp([energy(m, h, values) for m in np.eye(3)])
    if alpha == 0.0:
        np.testing.assert_allclose(e, e[0], rtol=0, atol=2e-6 * scale)  # 2000 rad at 1e-9 a radian
    else:
        assert np.all(np.diff(e) <= 1e-12 * scale)
        assert e[-1] < e[0] - 0.1 * scale


# Statics and resonance


def test_hard_axis_magnetisation_is_the_clipped_field():
    h = np.array([0.25, 0.5, 0.75, 0.9, 1.1, -0.6])
    params, state = columns(6, alpha=0.5, h_k=2e5), tilted(np.full(6, 0.1))
    drive = drive_of(6)
    drive[0] = h * 2e5
    advance(state, drive, params, 2e-8)
    np.testing.assert_allclose(state[0], np.clip(h, -1, 1), rtol=1e-9, atol=0)


@pytest.mark.parametrize("degrees", [5, 15, 30, 45, 70])
def test_switching_field_lies_on_the_stoner_wohlfarth_astroid(degrees):
    psi = math.radians(degrees)
    h_switch = (math.cos(psi) ** (2 / 3) + math.sin(psi) ** (2 / 3)) ** -1.5
    params, state = columns(alpha=1.0, h_k=1e5), tilted(0.01)
    for share in (*np.linspace(0, 0.99, 34), 1.01):  # a slow ramp: a sudden field switches ballistically below it
        h, hold = share * h_switch * 1e5, 2e-9 if share < 1 else 2e-8  # the vanished minimum is left slowly
        advance(state, drive_of(h=(h * math.sin(psi), 0, -h * math.cos(psi))), params, hold)
        assert (state[2, 0] > 0) == (share < 1)


def test_small_prism_reverses_at_the_coercive_field_of_the_second_standard_problem():
    # 5 : 1 : 0.1, field along [111], single-domain limit: H_c / M_s = 0.057069478 (value used by the mumax+ tests)
    n, m_s = 41, 1e6
    targets = np.linspace(0.05687, 0.05727, n)
    n_x, n_y, n_z = prism(5.0, 1.0, 0.1)
    params, state = columns(n, alpha=2.0, h_k=0.0, m_s=m_s, n_x=n_x, n_y=n_y, n_z=n_z), tilted(np.zeros(n), axis=0)
    for share in (*np.linspace(0.0, 0.99, 34), 1.0):
        drive = np.zeros((5, n))
        drive[:3] = -share * targets * m_s / math.sqrt(3)
        advance(state, drive, params, 2e-8 if share == 1.0 else 2e-10)
    reversed_at = targets[state.sum(axis=0) < 0]
    np.testing.assert_allclose(reversed_at.min(), 0.057069478, rtol=0, atol=2e-5)  # two columns of the grid
    assert np.all(np.diff(state.sum(axis=0) < 0) >= 0)


def test_second_order_anisotropy_gives_an_easy_cone():
    # E = K_1 sin^2 + K_2 sin^4 with K_1 < 0 < K_2 has its minimum at sin^2 = -K_1/(2 K_2) = -h_k/h_k2
    params, state = columns(alpha=0.5, h_k=-1e5, h_k2=2.5e5), tilted(0.05)
    advance(state, drive_of(), params, 2e-8)
    np.testing.assert_allclose(1 - state[2, 0] ** 2, 0.4, rtol=1e-7, atol=0)


def test_field_like_torque_shifts_the_rest_point_like_a_field_along_the_reference():
    b, h_k, alpha = 0.4, 2e5, 0.3
    values = {spec.name: spec.default for spec in MODEL.params} | {"eta": 1e-3}
    a_d = 0.05 * h_k
    i = a_d * 2 * ELEMENTARY_CHARGE * MU_0 * values["m_s"] * values["volume"] / (HBAR * values["eta"])
    state = tilted(0.01)
    advance(state, drive_of(i=i), columns(alpha=alpha, h_k=h_k, eta=1e-3, p_z=0.0, p_x=1.0, field_like_ratio=b), 2e-8)
    m = state[:, 0]  # at rest m x (H + a_f p) + a_d m x (m x p) = 0
    torque = np.cross(m, [b * a_d, 0, h_k * m[2]]) + a_d * np.cross(m, np.cross(m, [1, 0, 0]))
    assert np.linalg.norm(torque) < 1e-9 * a_d
    assert abs(m[0]) > 0.01


def test_ferromagnetic_resonance_has_the_kittel_frequency():
    h, h_k, m_s, dt = 5e4, 2e4, 1e6, 1e-12
    in_plane = columns(alpha=1e-4, h_k=h_k, m_s=m_s, u_x=1, u_z=0, n_z=1.0)
    path = trajectory(tilted(0.005, axis=0), drive_of(h=(h, 0, 0)), in_plane, dt, 4000)
    expected = GAMMA_0 / (2 * math.pi) * math.sqrt((h + h_k) * (h + h_k + m_s))
    np.testing.assert_allclose(expected, 9.63819e9, rtol=1e-6, atol=0)
    np.testing.assert_allclose(frequency(path[:, 1, 0], dt), expected, rtol=5e-5, atol=0)  # (angle^2) / 2 shift
    perpendicular = columns(alpha=1e-4, h_k=h_k)
    path = trajectory(tilted(0.005), drive_of(h=(0, 0, h)), perpendicular, dt, 4000)
    np.testing.assert_allclose(frequency(path[:, 0, 0], dt), GAMMA_0 * (h + h_k) / (2 * math.pi), rtol=5e-5, atol=0)


# Spin torque


@pytest.mark.parametrize("overdrive", [0.9, 0.98, 1.02, 1.1])
def test_perpendicular_moment_loses_stability_at_the_critical_current(overdrive):
    alpha, h_k = 0.02, 3e5
    values = {spec.name: spec.default for spec in MODEL.params} | {"alpha": alpha, "h_k": h_k}
    i = -overdrive * critical_current(values)
    tau = (1 + alpha**2) / (alpha * GAMMA_0 * h_k)
    state = tilted(1e-4)
    advance(state, drive_of(i=i), columns(alpha=alpha, h_k=h_k), 10 * tau)
    growth = math.log(math.hypot(state[0, 0], state[1, 0]) / 1e-4) / 10  # (i - 1) t / tau of linear stability
    np.testing.assert_allclose(growth, overdrive - 1, rtol=1e-3, atol=0)


def test_in_plane_moment_loses_stability_at_alpha_times_h_k_plus_half_m_s():
    alpha, h_k, m_s, volume, eta = 0.02, 2e4, 8e5, 2e-24, 0.6
    critical = alpha * (h_k + m_s / 2) * 2 * ELEMENTARY_CHARGE * MU_0 * m_s * volume / (HBAR * eta)
    rows = {"alpha": alpha, "h_k": h_k, "m_s": m_s, "volume": volume, "eta": eta, "n_z": 1.0, "u_x": 1, "u_z": 0,
            "p_x": 1, "p_z": 0}
    for overdrive in (0.95, 1.05):
        path = trajectory(tilted(1e-4, axis=0), drive_of(i=-overdrive * critical), columns(**rows), 2e-12, 4000)
        size = np.hypot(path[:, 1, 0], path[:, 2, 0])
        grown = np.log(size[3500:].max() / size[500:1000].max())
        rate = (overdrive - 1) * alpha * GAMMA_0 / (1 + alpha**2) * (h_k + m_s / 2)
        np.testing.assert_allclose(grown, rate * 3000 * 2e-12, rtol=0.1, atol=0)  # windows hold many periods


def test_damping_like_torque_of_a_collinear_polariser_equals_a_field_over_alpha():
    # At rest along the axis both shift the linear stability by the same amount: a_d = alpha H.
    alpha, h_k, a_d = 0.05, 2e5, 1e3
    values = {spec.name: spec.default for spec in MODEL.params} | {"alpha": alpha, "h_k": h_k}
    i = a_d / (alpha * h_k) * critical_current(values)
    params, times, sizes = columns(alpha=alpha, h_k=h_k), 2e-9, []
    for drive in (drive_of(i=i), drive_of(h=(0, 0, a_d / alpha))):
        state = tilted(1e-3)
        advance(state, drive, params, times)
        sizes.append(math.hypot(state[0, 0], state[1, 0]))
    np.testing.assert_allclose(sizes[0], sizes[1], rtol=1e-4, atol=0)


# Thermal equilibrium


def test_free_moment_loses_memory_by_rotational_diffusion_whatever_the_time_step():
    # <m(t) m(0)> = exp(-2 D t), 2 D = strength^2 gamma_0^2 / (1 + alpha^2): exact, and only for Stratonovich
    alpha, m_s, volume, temperature = 0.1, 8e5, 1e-25, 300.0
    decay = BROWN * alpha * temperature / (m_s * volume) * GAMMA_0**2 / (1 + alpha**2)
    params, n = columns(4000, alpha=alpha, h_k=0.0, m_s=m_s, volume=volume, temperature=temperature), 4000
    for steps in (25, 100, 400):
        state = tilted(np.zeros(n))
        thermal_run(state, drive_of(n), params, 0.5 / decay / steps, steps, np.random.default_rng(steps))
        within_five_standard_errors(state[2], math.exp(-0.5))


@pytest.mark.parametrize("dt", [0.25e-12, 0.5e-12, 1e-12])
def test_thermal_cone_does_not_depend_on_the_time_step(dt):
    n, h, m_s, volume, xi = 2000, 1e5, 1e6, None, 20.0
    volume = xi * BOLTZMANN * 300 / (MU_0 * m_s * h)
    params = columns(n, alpha=0.2, h_k=0.0, m_s=m_s, volume=volume)
    state, rng = tilted(np.full(n, 0.2)), np.random.default_rng(21)
    thermal_run(state, drive_of(n, h=(0, 0, h)), params, dt, round(1.5e-9 / dt), rng)
    within_five_standard_errors(1 - state[2], 1 - 1 / math.tanh(xi) + 1 / xi)


def test_moment_in_a_field_has_the_langevin_mean():
    n, h = 2000, 1e5
    params = columns(n, alpha=0.1, h_k=0.0, m_s=1 / MU_0, volume=5.65e-26)
    xi = 5.65e-26 * h / (BOLTZMANN * 300)
    expected = 1 / math.tanh(xi) - 1 / xi
    np.testing.assert_allclose(expected, 0.4070, rtol=1e-3, atol=0)
    rng = np.random.default_rng(22)
    state, drive = isotropic(n, rng), drive_of(n, h=(0, 0, h))
    thermal_run(state, drive, params, 1e-12, 2000, rng)
    samples = thermal_run(state, drive, params, 1e-12, 3000, rng, every=100)
    assert within_five_standard_errors(samples.mean(axis=0), expected) < 0.01


def test_uniaxial_moment_has_the_boltzmann_second_moment_at_low_damping():
    # omega dt = 0.0885 at alpha = 0.01: a scheme whose drift is explicit Euler gives 0.22 here
    n, h_k, m_s, sigma = 2000, 4e5, 1e6, 2.731
    volume = 2 * sigma * BOLTZMANN * 300 / (MU_0 * m_s * h_k)
    params = columns(n, alpha=0.01, h_k=h_k, m_s=m_s, volume=volume)
    expected = (quad(lambda x: x * x * math.exp(sigma * x * x), 0, 1)[0]
                / quad(lambda x: math.exp(sigma * x * x), 0, 1)[0])
    np.testing.assert_allclose(expected, 0.6021, rtol=1e-3, atol=0)
    rng = np.random.default_rng(23)
    state = isotropic(n, rng)
    thermal_run(state, drive_of(n), params, 1e-12, 6000, rng)
    samples = thermal_run(state, drive_of(n), params, 1e-12, 6000, rng, every=200) ** 2
    assert within_five_standard_errors(samples.mean(axis=0), expected) < 0.005


def test_explicit_euler_drift_would_invert_the_same_population():
    n, h_k, m_s, dt = 500, 4e5, 1e6, 1e-12
    volume = 2 * 2.731 * BOLTZMANN * 300 / (MU_0 * m_s * h_k)
    params, rng = columns(n, alpha=0.01, h_k=h_k, m_s=m_s, volume=volume), np.random.default_rng(24)
    state, drive, slope, spread = isotropic(n, rng), drive_of(n), np.empty((3, n)), np.empty((9, n))
    for _ in range(3000):
        MODEL.rate(state, drive, params, slope, 0, n)
        MODEL.diffusion(state, drive, params, spread, 0, n)
        noise = np.einsum("ijn,jn->in", spread.reshape(3, 3, n), rng.standard_normal((3, n)))
        state += slope * dt + noise * math.sqrt(dt)
        state /= np.linalg.norm(state, axis=0)
    assert np.mean(state[2] ** 2) < 0.40


def test_spin_torque_tilts_the_boltzmann_law_like_a_field():
    # E = -K V (m_z^2 + 2 (I / I_c0) m_z)
    n, sigma, i, h_k, m_s = 1000, 4.0, 0.25, 1.5e5, 1e6
    volume = 2 * sigma * BOLTZMANN * 300 / (MU_0 * m_s * h_k)
    values = {spec.name: spec.default for spec in MODEL.params}
    values |= {"alpha": 0.1, "h_k": h_k, "m_s": m_s, "volume": volume}
    params = np.repeat(np.array([[values[name]] for name in NAMES]), n, axis=1)

    def weight(x):
        return math.exp(sigma * (x * x + 2 * i * x))

    expected = quad(lambda x: x * weight(x), -1, 1)[0] / quad(weight, -1, 1)[0]
    np.testing.assert_allclose(expected, 0.8128, rtol=1e-3, atol=0)
    rng = np.random.default_rng(25)
    state, drive = isotropic(n, rng), drive_of(n, i=i * critical_current(values))
    thermal_run(state, drive, params, 2e-12, 40000, rng)  # 80 ns, several escape times
    samples = thermal_run(state, drive, params, 2e-12, 10000, rng, every=500)
    assert within_five_standard_errors(samples.mean(axis=0), expected) < 0.02


def test_write_error_rate_follows_the_analytic_formula_within_a_factor():
    # W. H. Butler et al., IEEE Trans. Magn. 48, 4684 (2012), doi:10.1109/TMAG.2012.2209122: small-angle, too high
    n, delta, alpha, h_k, m_s, overdrive = 3000, 40.0, 0.02, 3e5, 1e6, 2.0
    volume = 2 * delta * BOLTZMANN * 300 / (MU_0 * m_s * h_k)
    values = {spec.name: spec.default for spec in MODEL.params}
    values |= {"alpha": alpha, "h_k": h_k, "m_s": m_s, "volume": volume}
    params = np.repeat(np.array([[values[name]] for name in NAMES]), n, axis=1)
    rng = np.random.default_rng(26)
    state = tilted(np.full(n, math.sqrt(1 / delta)))
    thermal_run(state, drive_of(n), params, 1e-12, 3000, rng)
    drive = drive_of(n, i=-overdrive * critical_current(values))
    m_z = thermal_run(state, drive, params, 1e-12, 2500, rng, every=500)
    tau = (1 + alpha**2) / (alpha * GAMMA_0 * h_k)
    for row, time in ((2, 1.5e-9), (3, 2e-9), (4, 2.5e-9)):
        growth = overdrive * math.exp(2 * (overdrive - 1) * time / tau) - 1
        formula = 1 - math.exp(-math.pi**2 * (overdrive - 1) * delta / (4 * growth))
        assert 0.4 < np.mean(m_z[row] > 0) / formula < 1.1


@pytest.mark.slow
@pytest.mark.parametrize(("overdrive", "time", "expected", "error"), [
    (2.0, 1.5e-9, 0.455, 0.013), (2.0, 2e-9, 0.137, 0.009), (2.0, 2.5e-9, 0.033, 0.005), (3.0, 1e-9, 0.255, 0.011)])
def test_write_error_rates_are_those_of_an_independent_simulation(overdrive, time, expected, error):
    # 1500 runs of another program, Heun; Delta = 40, alpha = 0.02, H_k = 3e5, from thermal equilibrium
    n, delta, alpha, h_k, m_s = 12000, 40.0, 0.02, 3e5, 1e6
    volume = 2 * delta * BOLTZMANN * 300 / (MU_0 * m_s * h_k)
    values = {spec.name: spec.default for spec in MODEL.params}
    values |= {"alpha": alpha, "h_k": h_k, "m_s": m_s, "volume": volume}
    params = np.repeat(np.array([[values[name]] for name in NAMES]), n, axis=1)
    rng = np.random.default_rng(27)
    state = tilted(np.full(n, math.sqrt(1 / delta)))
    thermal_run(state, drive_of(n), params, 1e-12, 6000, rng)
    m_z = thermal_run(state, drive_of(n, i=-overdrive * critical_current(values)), params, 1e-12, round(time / 1e-12), rng,
                      every=round(time / 1e-12))[0]
    found = np.mean(m_z > 0)
    assert abs(found - expected) < 5 * math.hypot(error, math.sqrt(found * (1 - found) / n))


@pytest.mark.slow
@pytest.mark.parametrize(("alpha", "dt"), [(0.01, 1e-12), (0.01, 2e-13), (0.03, 1e-12), (0.1, 1e-12)])
def test_uniaxial_second_moment_is_that_of_boltzmann_at_every_damping_and_step(alpha, dt):
    n, h_k, m_s, sigma = 4000, 4e5, 1e6, 2.731
    volume = 2 * sigma * BOLTZMANN * 300 / (MU_0 * m_s * h_k)
    params, rng = columns(n, alpha=alpha, h_k=h_k, m_s=m_s, volume=volume), np.random.default_rng(29)
    state = isotropic(n, rng)
    steps = round(1.2e-8 * 0.01 / alpha / dt) + 500
    thermal_run(state, drive_of(n), params, dt, steps, rng)
    samples = thermal_run(state, drive_of(n), params, dt, steps, rng, every=steps // 30) ** 2
    # Heun's spiral weakens the damping by (omega dt)^3/(8 alpha) <= 0.9 %, as if T rose so much; d<m_z^2>/d sigma = 0.1
    assert within_five_standard_errors(samples.mean(axis=0), 0.6021, bias=0.009 * sigma * 0.1) < 0.004
