"""The macrospin's kernels against their slow twins, its steps against its rate, its junction, its cards."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices.spintronic.demagnetisation import elliptic_cylinder
from devices.spintronic.macrospin import CURRENT_LAW, MODEL, PLAIN_LAW, VOLTAGE_DRIVEN, heun_steps, rk4_steps
from devices.spintronic.macrospin_scales import critical_current, energy, perpendicular_field, thermal_stability
from devices.spintronic.macrospin_steps import largest_step
from neurosim.card import Device
from neurosim.card_file import parse_card
from neurosim.errors import ParameterError
from neurosim.kernels.rng import fill_normal
from neurosim.library import load_device
from neurosim.simulation.simulate import simulate
from neurosim.units import MU_0
from neurosim.waveform import Constant, Pulse, Sine

N = 40
NAMES = [spec.name for spec in MODEL.params]


@pytest.fixture
def population():
    """Random devices, states and drives: every parameter differs, so that every term counts."""
    rng = np.random.default_rng(7)
    params = MODEL.default_params(N)
    for name, low, high in (("m_s", 5e5, 1.3e6), ("h_k", -2e5, 4e5), ("alpha", 0.005, 0.5), ("n_x", 0, 0.2),
                            ("n_y", 0, 0.3), ("n_z", 0.5, 0.9), ("eta", 0.2, 0.8), ("field_like_ratio", -1, 1),
                            ("temperature", 0, 400), ("r_p", 1e3, 2e4), ("tmr", 0.2, 2), ("v_half", 0.2, 1),
                            ("asymmetry", 0.7, 2), ("h_k2", -1e5, 1e5), ("vcma", -2e-13, 2e-13), ("barrier", 1e-9, 2e-9),
                            ("thickness", 1e-9, 3e-9), ("j_1", -2e-4, 2e-4), ("j_2", -1e-4, 1e-4), ("theta_sh", -0.4, 0.4),
                            ("sot_field_like", -1, 1), ("line_area", 5e-16, 2e-15)):
        params[NAMES.index(name)] = rng.uniform(low, high, N)
    for vector in "ups":
        for axis in "xyz":
            params[NAMES.index(f"{vector}_{axis}")] = rng.uniform(-1, 1, N)
    state = rng.normal(size=(3, N))
    state /= np.linalg.norm(state, axis=0)
    drive = np.concatenate([rng.normal(0, 1e5, (3, N)), rng.normal(0, 5e-5, (1, N)), rng.normal(0, 1e-4, (1, N))])
    return params, state, drive


def plainly(params):
    """Return the same devices without what only the full law has."""
    params = params.copy()
    for name, value in (("h_k2", 0.0), ("vcma", 0.0), ("asymmetry", 1.0)):
        params[NAMES.index(name)] = value
    return params


def heun_step(*arguments):
    CURRENT_LAW.heun_step(*arguments)


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
    params, drive = MODEL.default_params(n), np.zeros((5, n))
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


FILM = ("shape", "length_x", "length_y", "k_i", "k_u", "k_2", "ra")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FILM])
def test_every_parameter_of_the_motion_changes_the_step(population, name):
    params, state, drive = population
    noise, changed = np.random.default_rng(13).standard_normal((3, N)), params.copy()
    row = NAMES.index(name)
    changed[row] = params[row] * 1.01 + (0.01 if MODEL.params[row].unit == "" else 0.0)
    params[NAMES.index("temperature")] += 1.0
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
    drive = np.zeros((5, 2))
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


# The full law and the forms


def test_plain_and_full_law_agree_where_both_hold(population):
    params, state, drive = population
    params = plainly(params)
    assert MODEL.select(params).rate is PLAIN_LAW.rate
    assert MODEL.select(population[0]).rate is CURRENT_LAW.rate
    one, two, noise = np.empty((3, N)), np.empty((3, N)), np.random.default_rng(15).standard_normal((3, N))
    PLAIN_LAW.rate(state, drive, params, one, 0, N)
    CURRENT_LAW.rate(state, drive, params, two, 0, N)
    np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-12 * np.abs(two).max())
    for step in ("heun_step", "advance"):
        one, two = state.copy(), state.copy()
        getattr(PLAIN_LAW, step)(one, drive, params, noise, np.full(N, 1e-13), 0, N)
        getattr(CURRENT_LAW, step)(two, drive, params, noise, np.full(N, 1e-13), 0, N)
        np.testing.assert_allclose(one, two, rtol=0, atol=1e-13)


def test_voltage_form_equals_its_slow_twin_and_the_current_form_at_its_current(population):
    params, state, drive = population
    by_voltage, found, i, slope = drive.copy(), np.empty((3, N)), np.empty(N), np.empty(N)
    by_voltage[3] = np.random.default_rng(16).normal(0, 0.5, N)
    VOLTAGE_DRIVEN.rate(state, by_voltage, params, found, 0, N)
    VOLTAGE_DRIVEN.current(state, by_voltage, params, i, slope, 0, N)
    for k in range(N):
        slow = np.array(VOLTAGE_DRIVEN.twins["rate"](state[:, k], by_voltage[:, k], values(params, k)))
        np.testing.assert_allclose(found[:, k], slow, rtol=1e-9, atol=1e-12 * np.abs(slow).max())
        twin = VOLTAGE_DRIVEN.twins["current"](state[:, k], by_voltage[:, k], values(params, k))
        np.testing.assert_allclose(i[k], twin, rtol=1e-12, atol=0)
    by_current = by_voltage.copy()
    by_current[3] = i
    np.testing.assert_allclose(rate_of(state, by_current, params), found, rtol=1e-9, atol=1e-11 * np.abs(found).max())
    above, below, unused = np.empty(N), np.empty(N), np.empty(N)
    VOLTAGE_DRIVEN.current(state, by_voltage + 1e-5, params, above, unused, 0, N)
    VOLTAGE_DRIVEN.current(state, by_voltage - 1e-5, params, below, unused, 0, N)
    np.testing.assert_allclose((above - below) / 2e-5, slope, rtol=1e-7, atol=0)


def test_torque_of_a_voltage_does_not_depend_on_the_angle_with_the_asymmetry_of_a_tunnel_junction():
    # G = G_90 (1 + P^2 cos) and Lambda^2 = 1 + TMR = (1 + P^2)/(1 - P^2): I L(cos) = V G_90 (1 + P^2) at every angle
    angles = np.linspace(0.1, 3.0, 12)
    params, state = MODEL.default_params(12), np.array([np.sin(angles), 0 * angles, np.cos(angles)])
    for name, value in (("tmr", 1.5), ("asymmetry", 2.5**0.5), ("h_k", 0.0), ("alpha", 1e-9)):
        params[NAMES.index(name)] = value
    drive, found = np.zeros((5, 12)), np.empty((3, 12))
    drive[3] = 0.1
    VOLTAGE_DRIVEN.rate(state, drive, params, found, 0, 12)
    expected = np.full(12, found[2, 0] / np.sin(angles[0]) ** 2)
    np.testing.assert_allclose(np.linalg.norm(found, axis=0) / np.sin(angles), expected, rtol=1e-7, atol=0)


def test_magnetoresistance_droops_to_a_half_at_v_half_and_parallel_stays_flat():
    params, drive = MODEL.default_params(3), np.zeros((5, 3))
    params[NAMES.index("v_half")], params[NAMES.index("tmr")] = 0.4, 1.2
    drive[3] = [1e-9, 0.4, 0.8]
    for m_z, expected in ((1.0, [1.0, 1.0, 1.0]), (-1.0, [2.2, 1.6, 1 + 1.2 / 5])):
        state, i, slope = np.array([[0.0] * 3, [0.0] * 3, [m_z] * 3]), np.empty(3), np.empty(3)
        VOLTAGE_DRIVEN.current(state, drive, params, i, slope, 0, 3)
        np.testing.assert_allclose(drive[3] / i / 6e3, expected, rtol=1e-12, atol=0)


def test_many_steps_in_one_call_are_the_same_steps_one_by_one():
    n, rng = 300, np.random.default_rng(17)  # three tiles
    params, drive = MODEL.default_params(n), np.zeros((5, n))
    params[NAMES.index("h_k")] = rng.uniform(1e5, 3e5, n)
    start = rng.normal(size=(3, n))
    start /= np.linalg.norm(start, axis=0)
    noise, one, two, part = np.empty((3, n)), start.copy(), start.copy(), start.copy()
    for step in range(7, 27):
        fill_normal(noise, np.uint64(5), 0, step, 0, n)
        PLAIN_LAW.heun_step(one, drive, params, noise, np.full(n, 1e-12), 0, n)
    heun_steps(two, drive, params, np.uint64(5), 7, 1e-12, 20, 0, n)
    np.testing.assert_allclose(two, one, rtol=0, atol=1e-13)
    heun_steps(part, drive, params, np.uint64(5), 7, 1e-12, 12, 3, n)
    heun_steps(part, drive, params, np.uint64(5), 19, 1e-12, 8, 3, n)
    np.testing.assert_allclose(part[:, 3:], one[:, 3:], rtol=0, atol=1e-13)
    np.testing.assert_array_equal(part[:, :3], start[:, :3])
    one, two = start.copy(), start.copy()
    rk4_steps(one, drive, params, 1e-13, 50, 0, n)
    PLAIN_LAW.advance(two, drive, params, np.zeros((3, n)), np.full(n, 5e-12), 0, n)
    np.testing.assert_allclose(two, one, rtol=0, atol=1e-6)


def test_spin_orbit_torque_pulls_towards_the_spin_of_the_line():
    params, state, drive = MODEL.default_params(2), np.array([[0.0] * 2, [0.0] * 2, [1.0] * 2]), np.zeros((5, 2))
    params[NAMES.index("theta_sh")], params[NAMES.index("h_k")] = 0.1, 0.0
    drive[4] = [1e-4, -1e-4]
    found = rate_of(state, drive, params)
    strength = 1.054571817e-34 * 0.1 * 1e11 / (2 * 1.602176634e-19 * MU_0 * 1e6 * 1e-9)  # hbar theta J/(2 e mu_0 M_s t)
    np.testing.assert_allclose(found[1], np.array([1, -1]) * 2.212761e5 * strength / (1 + 1e-4), rtol=1e-6, atol=0)


def test_bilinear_coupling_is_a_field_and_biquadratic_coupling_an_anisotropy_along_the_reference():
    params, state, drive = MODEL.default_params(1), np.array([[0.6], [0.0], [0.8]]), np.zeros((5, 1))
    params[NAMES.index("j_1")], params[NAMES.index("j_2")], params[NAMES.index("p_x")] = 1e-4, 2e-4, 1.0
    coupled, layer = rate_of(state, drive, params), MU_0 * 1e6 * 1e-9
    params[NAMES.index("j_1")] = params[NAMES.index("j_2")] = 0.0
    unit = np.array([1.0, 0.0, 1.0]) / 2**0.5
    drive[:3, 0] = (1e-4 + 4e-4 * (state[:, 0] @ unit)) / layer * unit
    np.testing.assert_allclose(coupled, rate_of(state, drive, params), rtol=1e-10, atol=1e-12 * np.abs(coupled).max())


# From film to parameters


FILM_CARD = """
schema = 1
model = "macrospin"
[source]
title = "a film"
authors = "nobody"
year = 2026
[params]
"""


def film(**numbers):
    units = {spec.name: spec.unit for spec in MODEL.params}
    lines = [f'{name} = {{ value = {value!r}, unit = "{units[name]}", origin = "assumed" }}' for name, value in numbers.items()]
    return Device.build(parse_card((FILM_CARD + "\n".join(lines)).encode(), "film.toml"), MODEL)


def test_film_numbers_give_the_parameters_of_the_law():
    device = film(shape=3.0, length_x=40e-9, length_y=40e-9, thickness=1.3e-9, m_s=1.58 / MU_0, k_i=1.3e-3, alpha=0.027,
                  ra=18e-12, tmr=1.24)
    area = np.pi / 4 * 40e-9**2
    expected = {"volume": area * 1.3e-9, "n_z": 0.9317, "r_p": 18e-12 / area, "h_k": 2 * 1.3e-3 / (1.3e-9 * 1.58),
                "eta": (1.24 / 3.24) ** 0.5}
    for name, value in expected.items():
        np.testing.assert_allclose(device.value(name), value, rtol=5e-5, atol=0)
    numbers = dict(zip(NAMES, np.ravel(device.params), strict=True))
    np.testing.assert_allclose(thermal_stability(numbers), 42.8, rtol=3e-3, atol=0)
    np.testing.assert_allclose(critical_current(numbers), 46.9e-6, rtol=3e-3, atol=0)


def test_override_of_a_film_number_changes_what_follows_from_it_and_only_that():
    device = film(shape=1.0, length_x=40e-9, length_y=40e-9, thickness=1.3e-9, h_k=3e5)
    wider = device.override(length_x="80 nm", length_y=60e-9)
    np.testing.assert_allclose(wider.value("volume"), 3 * device.value("volume"), rtol=1e-12, atol=0)
    factors = [wider.value(f"n_{axis}") for axis in "xyz"]
    np.testing.assert_allclose(factors, elliptic_cylinder(80e-9, 60e-9, 1.3e-9), rtol=1e-12)
    assert wider.value("h_k") == 3e5
    fixed = device.override(volume=1e-24).override(length_x="80 nm")
    assert fixed.value("volume") == 1e-24
    again = Device.build(parse_card(wider.to_toml().encode(), "again.toml"), MODEL)
    np.testing.assert_array_equal(again.params, wider.params)
    np.testing.assert_array_equal(again.override(length_x=40e-9, length_y=40e-9).params, device.params)


@pytest.mark.parametrize(("numbers", "match"), [
    ({"p_z": 0.0}, "length 0"), ({"u_z": 0.0}, "length 0"), ({"ra": 1e-11}, "shape"), ({"shape": 0.5}, "shape"),
    ({"volume": 0.0}, "volume"), ({"volume": -1e-24}, "volume"), ({"alpha": 0.0}, "alpha"), ({"alpha": -0.1}, "alpha"),
    ({"temperature": -1.0}, "temperature"), ({"length_x": 0.0, "shape": 1.0}, "length_x"), ({"line_area": 0.0}, "line_area"),
    ({"thickness": 0.0}, "thickness"), ({"m_s": 0.0}, "m_s")])
def test_impossible_films_are_refused(numbers, match):
    with pytest.raises(ParameterError, match=match):
        film(**numbers)
    with pytest.raises(ParameterError, match=match):
        load_device("macrospin/ikeda2010").override(**numbers, **({"shape": 0.0} if numbers.keys() == {"ra"} else {}))


# Which schemes and steps are accepted


PILLAR = "macrospin/ikeda2010"
WAVES = {"h_z": Constant(1e4, unit="A/m"), "i": Pulse("20 uA", "0.2 ns", unit="A")}


@pytest.mark.parametrize(("scheme", "step", "match"), [
    ("euler", 1e-14, "Euler"), ("dopri5", None, "adapts its step.*heun_stratonovich.*temperature=0"),
    ("rodas4", None, "adapts its step"), ("rk4", 1e-13, "leaves the thermal field out"),
    ("heun", 1e-13, "leaves the thermal field out"), ("euler_maruyama", 1e-14, "stratonovich"),
    ("heun_stratonovich", 1e-10, "largest safe step is")])
def test_schemes_and_steps_that_would_give_another_law_are_refused(scheme, step, match):
    with pytest.raises(ParameterError, match=match):
        simulate(load_device(PILLAR), WAVES, "0.2 ns", scheme=scheme, step=step, seed=1)


def test_the_safe_step_that_the_message_states_is_accepted_and_the_next_larger_is_not():
    device = load_device(PILLAR)
    with pytest.raises(ParameterError) as refused:
        simulate(device, WAVES, "0.2 ns", scheme="heun_stratonovich", step="100 ps", seed=1)
    safe = re.search(r"safe step is (.*) ps", str(refused.value)).group(1)
    simulate(device, WAVES, "0.2 ns", scheme="heun_stratonovich", step=f"{safe} ps", seed=1).raise_for_status()
    with pytest.raises(ParameterError, match="precession limit"):
        simulate(device, WAVES, "0.2 ns", scheme="heun_stratonovich", step=f"{1.1 * float(safe)} ps", seed=1)
    simulate(device.override(temperature=0), WAVES, "0.2 ns", scheme="dopri5").raise_for_status()
    with pytest.raises(ParameterError, match="explicit Euler"):
        simulate(device.override(temperature=0), WAVES, "0.2 ns", scheme="euler", step="10 fs")


def test_common_step_of_one_picosecond_is_safe_for_the_pillar_at_room_temperature():
    params = np.asarray(load_device(PILLAR).params, dtype=float)[:, None]
    assert 1e-12 < largest_step("heun_stratonovich", params, np.zeros(5)) < largest_step("rk4", params, np.zeros(5)) < 3e-11


def test_voltage_form_runs_and_reports_its_current():
    device = load_device(PILLAR).override(form="voltage", temperature=0)
    trace = simulate(device, {"v": Constant("-0.4 V")}, "0.2 ns", scheme="dopri5")
    trace.raise_for_status()
    assert np.all(trace.current < 0)
    assert trace["energy"][-1] > 0


def test_simulation_by_own_steps_is_the_stochastic_scheme_on_the_same_noise_but_for_its_hold_on_the_norm():
    device = load_device(PILLAR).override(alpha=0.2)
    model = device.model.select(np.asarray(device.params)[:, None])
    generic = replace(device, model=replace(model, noise_steps=None, select=None))
    waves = {"h_x": Sine("20 kA/m", frequency="3 GHz", unit="A/m"), "i": Pulse("20 uA", "20 ps", delay="5 ps", unit="A")}
    times = np.linspace(0, 4e-11, 9)
    gaps = []
    for step in ("0.4 ps", "0.1 ps"):
        own, other = (simulate(who, waves, "40 ps", scheme="heun_stratonovich", step=step, seed=4, record=times)
                      for who in (device, generic))
        own.raise_for_status()
        assert own.stats["steps"] == other.stats["steps"]
        np.testing.assert_allclose(sum(own[name] ** 2 for name in ("m_x", "m_y", "m_z")), 1.0, rtol=1e-12, atol=0)
        gaps.append(max(np.abs(own[name] - other[name]).max() for name in ("m_x", "m_y", "m_z")))
    assert gaps[1] < gaps[0] < 1e-2
    assert np.abs(own["m_x"] - own["m_x"][0]).max() > 0.05


def test_own_steps_do_not_depend_on_what_is_recorded_and_stop_at_the_limit():
    device, quiet = load_device(PILLAR), {"h_x": Constant(2e4, unit="A/m")}
    options = {"scheme": "heun_stratonovich", "step": "1 ps", "seed": 5}
    few, many = (simulate(device, quiet, "64 ps", record=count, **options) for count in (2, 9))
    np.testing.assert_allclose(few["m_x"][-1], many["m_x"][-1], rtol=1e-9, atol=0)
    other = simulate(device, quiet, "64 ps", record=2, scheme="heun_stratonovich", step="1 ps", seed=6)
    assert other["m_x"][-1] != few["m_x"][-1]
    assert not simulate(device, quiet, "64 ps", max_steps=20, **options).ok
