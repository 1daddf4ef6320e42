"""JART VCM v1b from cycle to cycle: the deterministic special case, the walk, the lines, cut and interrupted pulses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from devices.memristor import jart_vcm
from devices.memristor.jart_cycles import MODEL
from devices.memristor.jart_oracle import PUBLISHED, solve

N = 2000
HULL = math.log(5500.0)


def start(n=1, **values):
    state = MODEL.initial_state(n)
    for name, value in values.items():
        state[MODEL.state_index[name]] = value
    return state


def pulse(state, v, seconds, rng=None, params=None):
    n = state.shape[1]
    noise = np.zeros((4, n)) if rng is None else rng.standard_normal((4, n))
    MODEL.advance(state, np.full((1, n), v), MODEL.default_params(n) if params is None else params, noise,
                  np.full(n, seconds), 0, n)
    return state


def vacancies(state):
    return 0.004 * np.exp(HULL * state[0])


@pytest.mark.parametrize(("v", "seconds", "n"), [(-0.7, 3e-4, 0.02), (-1.0, 2e-8, 0.1), (0.8, 0.5, 10.0), (1.3, 1e-5, 19.0)])
def test_without_steps_it_is_the_deterministic_model(v, seconds, n):
    state = pulse(start(x=math.log(n / 0.004) / HULL), v, seconds)
    other = np.array([[math.log(n / 0.008) / math.log(2500.0)]])
    params, drive = jart_vcm.MODEL.default_params(1), np.array([[v]])
    jart_vcm.MODEL.advance(other, drive, params, np.zeros((0, 1)), np.array([seconds]), 0, 1)
    np.testing.assert_allclose(math.log(vacancies(state)[0] / 0.008), other[0, 0] * math.log(2500.0), rtol=0.0, atol=1e-6)


def test_each_reversal_is_one_step_of_the_walk():
    rng = np.random.default_rng(1)
    state = pulse(start(N, n_min=0.5), 0.5, 1e-9, rng)
    # q -> q (1 + 0.02 z): the place moves by 0.02 q / span, at n_min 0.127, n_max 20, 45 nm, 0.4 nm.
    for row, q, span in ((1, 0.127, 0.246), (2, 20.0, 4.0), (3, 45.0, 9.0), (4, 0.4, 0.08)):
        sigma = 0.02 * q / span
        assert abs(state[row].mean() - 0.5) < 5.0 * sigma / math.sqrt(N)
        np.testing.assert_allclose(state[row].std(), sigma, rtol=5.0 / math.sqrt(2 * N))
    again = pulse(state.copy(), 0.7, 1e-9, rng)
    assert np.array_equal(again[1:5], state[1:5])  # the same half-cycle
    assert np.all(pulse(state.copy(), -0.5, 1e-9, rng)[1:5] != state[1:5])


def test_weak_voltages_and_no_time_are_no_reversal():
    rng, state = np.random.default_rng(2), pulse(start(5), 0.5, 1e-9)
    for v, seconds in ((-1e-5, 1e-9), (0.0, 1.0), (-0.5, 0.0)):
        assert np.array_equal(pulse(state.copy(), v, seconds, rng)[1:5], state[1:5])


def test_walk_stays_in_its_ranges_and_fills_them():
    rng, params, state = np.random.default_rng(3), MODEL.default_params(N), start(N)
    params[MODEL.param_index["rate_scale"]] = 0.0
    for cycle in range(400):
        pulse(state, 0.3 if cycle % 2 else -0.3, 1e-9, rng, params)
        assert np.all((state[1:5] >= 0.0) & (state[1:5] <= 1.0))
    assert np.array_equal(state[0], start(N)[0])
    # A reflected walk with steps in proportion to the number is somewhat more often at its lower end: 10 % range, near uniform.
    for row in (2, 3, 4):
        np.testing.assert_allclose(np.histogram(state[row], bins=4, range=(0.0, 1.0))[0] / N, 0.25, atol=0.06)


@pytest.mark.parametrize(("v", "seconds", "x"), [(-0.6, 1e-5, 0.9), (0.9, 1e-2, 0.98)])
def test_radius_and_length_go_along_a_line_in_the_vacancies(v, seconds, x):
    state = pulse(start(1, x=x, radius=0.1, radius_goal=0.9, length=0.8, length_goal=0.3), v, seconds)
    bound = 20.0 if v < 0.0 else 0.008
    left = (vacancies(state)[0] - bound) / (vacancies(start(x=x))[0] - bound)
    assert 0.1 < left < 0.995
    np.testing.assert_allclose(state[5:7, 0], [0.9 - 0.8 * left, 0.3 + 0.5 * left], rtol=1e-12)


@pytest.mark.parametrize(("v", "first", "last"), [(-0.7, 0.02, 10.0), (1.0, 19.0, 0.2)])
def test_switching_time_is_that_of_the_implicit_law_along_the_line(v, first, last):
    out, bound = np.zeros(3), 20.0 if v < 0.0 else 0.008

    def slowness(y):
        n = math.exp(y)
        part = (n - bound) / (first - bound)
        solve(v, n, 45e-9 * (1.08 - 0.16 * part), 0.4e-9 * (0.94 + 0.12 * part), PUBLISHED, out)
        return 1.0 / (out[1] * (1.0 - (n / 20.0) ** 10 if v < 0.0 else 1.0 - (0.008 / n) ** 10))

    seconds = abs(quad(slowness, math.log(first), math.log(last), epsabs=0.0, epsrel=1e-3, limit=100)[0])
    places = {"radius": 0.1, "radius_goal": 0.9, "length": 0.8, "length_goal": 0.2, "x": math.log(first / 0.004) / HULL}
    early, late = (vacancies(pulse(start(**places), v, seconds * share))[0] for share in (0.98, 1.02))
    assert min(early, late) < last < max(early, late)


@pytest.mark.parametrize("v", [-0.8, 0.9])
def test_cutting_or_interrupting_a_pulse_changes_nothing(v):
    rng = np.random.default_rng(4)
    first = start(200, x=rng.random(200), radius=rng.random(200), length=rng.random(200), side=-np.sign(v))
    whole = pulse(first.copy(), v, 1e-5, np.random.default_rng(5))
    parts, other = pulse(first.copy(), v, 2e-6, np.random.default_rng(5)), np.random.default_rng(6)
    for seconds in (1e-7, 5e-6, 2.9e-6):
        pulse(parts, 0.0, 1.0, other)
        pulse(parts, v, seconds, other)  # its numbers are not used
    np.testing.assert_allclose(parts, whole, rtol=0.0, atol=1e-7)
    assert np.array_equal(parts[1:5], whole[1:5])


def test_cycles_scatter_and_extremes_stay_finite():
    rng, state = np.random.default_rng(7), start(100)
    ends = []
    for _ in range(5):
        pulse(state, -0.9, 1e-5, rng)
        ends.append(vacancies(state))
        pulse(state, 1.2, 1e-4, rng)
    assert np.all((np.array(ends) > 15.0) & (np.array(ends) < 22.0))
    assert np.all(np.std(ends, axis=0) > 0.0)
    q, params = np.zeros(100), MODEL.default_params(100)
    state[0] = rng.random(100)
    state[0, :2] = 0.0, 1.0
    for v in (1e300, 1e4, -1e4, 1e-300, 0.0):
        for seconds in (0.0, 1e-300, 1e-15, 1e6, 1e300):
            moved = pulse(state.copy(), v, seconds, rng)
            assert np.all((moved >= [[0.0]] * 7 + [[-1.0]]) & (moved <= 1.0))
            MODEL.charge(state.copy(), np.full((1, 100), v), params, np.full(100, seconds), q, 0, 100)
            assert not np.any(np.isnan(q))
