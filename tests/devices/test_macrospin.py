"""The macrospin's kernels against their slow twins, its steps against its rate, its junction, its cards."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices.spintronic.macrospin import MODEL, heun_step
from devices.spintronic.macrospin_scales import critical_current, energy, perpendicular_field, thermal_stability
from neurosim.library import load_device
from neurosim.units import MU_0

N = 40
NAMES = [spec.name for spec in MODEL.params]


@pytest.fixture
def population():
    """Random devices, states and drives: every parameter differs, so that every term counts."""
    rng = np.random.default_rng(7)
    params = MODEL.default_params(N)
    for name, low, high in (("m_s", 5e5, 1.3e6), ("h_k", -2e5, 4e5), ("alpha", 0.005, 0.5), ("n_x", 0, 0.2),
                            ("n_y", 0, 0.3), ("n_z", 0.5, 0.9), ("eta", 0.2, 0.8), ("field_like_ratio", -1, 1),
                            ("temperature", 0, 400), ("r_p", 1e3, 2e4), ("tmr", 0.2, 2)):
        params[NAMES.index(name)] = rng.uniform(low, high, N)
    for vector in "up":
        for axis in "xyz":
            params[NAMES.index(f"{vector}_{axis}")] = rng.uniform(-1, 1, N)
    state = rng.normal(size=(3, N))
    state /= np.linalg.norm(state, axis=0)
    drive = np.concatenate([rng.normal(0, 1e5, (3, N)), rng.normal(0, 5e-5, (1, N))])
    return params, state, drive


def values(params, k):
    return dict(zip(NAMES, params[:, k], strict=True))


def quiet():
    return np.zeros((3, N))


def rate_of(state, drive, params):
    out = np.full(state.shape, np.nan)
    MODEL.rate(np.ascontiguousarray(state), drive, params, out, 0, state.shape[1])
    return out


def test_rate_equals_the_printed_equation_term_by_term(population):
    params, state, drive = population
    state[:, ::2] *= 1.01  # off the sphere too
    found = rate_of(state, drive, params)
    for k in range(N):
        slow = np.array(MODEL.twins["rate"](state[:, k], drive[:, k], values(params, k)))
        np.testing.assert_allclose(found[:, k], slow, rtol=1e-9, atol=1e-12 * np.abs(slow).max())


def test_diffusion_equals_its_slow_twin(population):
    params, state, drive = population
    found = np.full((9, N), np.nan)
    MODEL.diffusion(state, drive, params, found, 0, N)
    for k in range(N):
        slow = np.array(MODEL.twins["diffusion"](state[:, k], drive[:, k], values(params, k)))
        np.testing.assert_allclose(found[:, k], slow, rtol=1e-9, atol=1e-12 * np.abs(slow).max())


def test_rate_and_noise_are_tangent_to_the_sphere(population):
    params, state, drive = population
    noise = np.empty((9, N))
    MODEL.diffusion(state, drive, params, noise, 0, N)
    motion = np.concatenate([rate_of(state, drive, params)[:, None], noise.reshape(3, 3, N)], axis=1)
    along = np.einsum("in,ijn->jn", state, motion)
    assert np.all(np.abs(along) <= 1e-13 * np.linalg.norm(motion, axis=0))


@pytest.mark.parametrize("duration", [1e-13, 2e-11, 2e-10])
def test_quiet_advance_equals_the_integrated_rate(population, duration):
    params, state, drive = population
    run = solve_ivp(lambda t, y: rate_of(y.reshape(3, N), drive, params).ravel(), (0, duration), state.ravel(),
                    method="DOP853", rtol=1e-11, atol=1e-13)
    after = state.copy()
    MODEL.advance(after, drive, params, quiet(), np.full(N, duration), 0, N)
    np.testing.assert_allclose(after, run.y[:, -1].reshape(3, N), rtol=0, atol=MODEL.advance_tolerance)  # |m| = 1


def test_advance_renormalises_and_zero_duration_changes_nothing(population):
    params, state, drive = population
    after = state.copy()
    MODEL.advance(after, drive, params, quiet(), np.zeros(N), 0, N)
    np.testing.assert_allclose(after, state, rtol=1e-14, atol=0)
    MODEL.advance(after, drive, params, quiet(), np.full(N, 1e-9), 0, N)
    np.testing.assert_allclose(np.linalg.norm(after, axis=0), 1.0, rtol=4e-16, atol=0)


def test_heun_step_is_heun_of_rate_and_diffusion_then_renormalised(population):
    params, state, drive = population
    dt, noise = 5e-14, np.random.default_rng(11).standard_normal((3, N))

    def increment(m):
        spread = np.empty((9, N))
        MODEL.diffusion(m, drive, params, spread, 0, N)
        return rate_of(m, drive, params) * dt + np.einsum("ijn,jn->in", spread.reshape(3, 3, N), noise) * np.sqrt(dt)

    first = increment(state)
    expected = state + 0.5 * (first + increment(state + first))
    expected /= np.linalg.norm(expected, axis=0)
    after = state.copy()
    heun_step(after, drive, params, noise, np.full(N, dt), 0, N)
    np.testing.assert_allclose(after, expected, rtol=0, atol=1e-10)  # rate's hold on |m| moves only the predictor


def test_a_scheme_that_never_renormalises_stays_on_the_sphere():
    n, dt, rng = 200, 1e-12, np.random.default_rng(14)  # omega dt = 0.0885: alone, |m|^2 would grow by 4 % in 2000 steps
    params, drive = MODEL.default_params(n), np.zeros((4, n))
    params[NAMES.index("h_k")] = 4e5
    state, spread = rng.normal(size=(3, n)), np.empty((9, n))
    state /= np.linalg.norm(state, axis=0)

    def increment(m, noise):
        MODEL.diffusion(m, drive, params, spread, 0, n)
        return rate_of(m, drive, params) * dt + np.einsum("ijn,jn->in", spread.reshape(3, 3, n), noise) * np.sqrt(dt)

    for _ in range(2000):
        noise = rng.standard_normal((3, n))
        first = increment(state, noise)
        state = state + 0.5 * (first + increment(state + first, noise))
    assert np.abs(np.linalg.norm(state, axis=0) - 1.0).max() < 1e-3


def test_thermal_advance_and_heun_step_agree_for_short_steps(population):
    params, state, drive = population
    noise = np.random.default_rng(12).standard_normal((3, N))
    first, second = state.copy(), state.copy()
    MODEL.advance(first, drive, params, noise, np.full(N, 1e-15), 0, N)
    heun_step(second, drive, params, noise, np.full(N, 1e-15), 0, N)
    assert np.abs(first - state).max() > 1e-4  # the noise acts
    np.testing.assert_allclose(first, second, rtol=0, atol=1e-7)  # third order in a rotation of about 1e-3


def test_zero_temperature_ignores_the_noise(population):
    params, state, drive = population
    params[NAMES.index("temperature")] = 0.0
    first, second = state.copy(), state.copy()
    heun_step(first, drive, params, np.ones((3, N)), np.full(N, 1e-13), 0, N)
    heun_step(second, drive, params, quiet(), np.full(N, 1e-13), 0, N)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("r_p", "tmr")])
def test_every_parameter_of_the_motion_changes_the_step(population, name):
    params, state, drive = population
    noise, changed = np.random.default_rng(13).standard_normal((3, N)), params.copy()
    row = NAMES.index(name)
    changed[row] = params[row] * 1.01 + (0.01 if MODEL.params[row].unit == "" else 0.0)
    first, second = state.copy(), state.copy()
    heun_step(first, drive, params, noise, np.full(N, 1e-12), 0, N)
    heun_step(second, drive, changed, noise, np.full(N, 1e-12), 0, N)
    assert np.all(np.any(first != second, axis=0))


def test_parallel_is_the_high_conductance_and_the_cosine_is_linear():
    params = MODEL.default_params(3)
    state = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, -1.0]])
    g, projection = np.empty(3), np.empty((1, 3))
    MODEL.conductance(state, params, g, 0, 3)
    MODEL.output(state, params, projection, 0, 3)
    np.testing.assert_allclose(1 / g, [6e3, 8e3, 12e3], rtol=1e-14, atol=0)  # TMR 100 %: 4/3 r_p across, not 3/2
    np.testing.assert_array_equal(projection, [[1.0, 0.0, -1.0]])


def test_conductance_equals_its_slow_twin(population):
    params, state, _ = population
    g = np.empty(N)
    MODEL.conductance(state, params, g, 0, N)
    slow = [MODEL.twins["conductance"](state[:, k], values(params, k)) for k in range(N)]
    np.testing.assert_allclose(g, slow, rtol=1e-12, atol=0)


def test_positive_current_pulls_towards_the_polariser():
    params, state = MODEL.default_params(2), np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    params[NAMES.index("h_k")] = 0.0
    drive = np.zeros((4, 2))
    drive[3] = [1e-5, -1e-5]
    assert np.all(np.sign(rate_of(state, drive, params)[2]) == [1.0, -1.0])


def test_kernels_touch_only_the_active_columns(population):
    params, state, drive = population
    after = state.copy()
    MODEL.advance(after, drive, params, quiet(), np.full(N, 1e-12), 5, 9)
    moved = np.any(after != state, axis=0)
    np.testing.assert_array_equal(np.flatnonzero(moved), [5, 6, 7, 8])


@pytest.mark.parametrize(("card", "field", "stability", "current"), [
    ("macrospin/ikeda2010", 0.173, 42.8, 46.9e-6),       # the paper says 43 and 49 uA
    ("macrospin/mram_framework", 0.291, 82.9, 27.8e-6),
])
def test_cards_give_the_derived_numbers_of_their_source(card, field, stability, current):
    device = load_device(card)
    assert device.model.name == "macrospin"
    numbers = dict(zip(NAMES, np.ravel(device.params), strict=True))
    np.testing.assert_allclose(MU_0 * perpendicular_field(numbers), field, rtol=5e-3, atol=0)
    np.testing.assert_allclose(thermal_stability(numbers), stability, rtol=3e-3, atol=0)
    np.testing.assert_allclose(critical_current(numbers), current, rtol=3e-3, atol=0)


def test_energy_barrier_of_a_card_is_its_thermal_stability():
    numbers = dict(zip(NAMES, np.ravel(load_device("macrospin/ikeda2010").params), strict=True))
    barrier = energy([1, 0, 0], [0, 0, 0], numbers) - energy([0, 0, 1], [0, 0, 0], numbers)
    np.testing.assert_allclose(barrier / (1.380649e-23 * 300), thermal_stability(numbers), rtol=1e-12, atol=0)
