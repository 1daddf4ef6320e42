"""JART VCM v1b: the implicit law against published and independent numbers, the tables against the implicit law."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from devices.memristor.jart_oracle import PUBLISHED, contact_voltage, solutions, solve
from devices.memristor.jart_table import LENGTH, RADIUS
from devices.memristor.jart_vcm import CURRENT_TABLE, MODEL, SPEED_TABLE, advance_nominal, slow_lookup


def law(v, n, radius=RADIUS, length=LENGTH):
    """Current [A], speed of ln N without F_lim [1/s], contact voltage [V], temperature [K]."""
    out = np.zeros(3)
    temperature = solve(v, n, radius, length, PUBLISHED, out)
    return (*out, temperature)


def columns(n, **values):
    params = MODEL.default_params(n)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def pulse(params, x, v, dt, model=MODEL):
    n = params.shape[1]
    state = np.zeros((1, n)) + x
    model.advance(state, np.zeros((1, n)) + v, params, np.zeros((0, n)), np.zeros(n) + dt, 0, n)
    return state[0]


def place(n, n_min=0.008, n_max=20.0):
    return math.log(n / n_min) / math.log(n_max / n_min)


@pytest.mark.parametrize(("v", "n", "ohm"), [(-0.2, 0.008, 104.7e3), (0.2, 0.008, 65.6e3), (-0.2, 20.0, 1589.0),
                                             (0.2, 20.0, 1619.0)])
def test_resistances_of_the_implicit_law(v, n, ohm):
    np.testing.assert_allclose(v / law(v, n)[0], ohm, rtol=1e-3)


TIMES = [(-0.5, 0.973), (-0.6, 17.3e-3), (-0.7, 365e-6), (-0.8, 10.1e-6), (-0.9, 392e-9), (-1.0, 22.1e-9), (-1.2, 0.258e-9),
         (0.6, 1081.0), (0.8, 1.32), (1.0, 6.38e-3), (1.3, 20.0e-6)]


@pytest.mark.parametrize(("v", "seconds"), TIMES)
def test_switching_times(v, seconds):
    start, end = (0.008, 10.0) if v < 0.0 else (19.9, 0.1)

    def slowness(y):
        speed = law(v, math.exp(y))[1]
        return 1.0 / (speed * (1.0 - (math.exp(y) / 20.0) ** 10 if v < 0.0 else 1.0 - (0.008 / math.exp(y)) ** 10))

    exact = abs(quad(slowness, math.log(start), math.log(end), epsabs=0.0, epsrel=1e-4, limit=200)[0])
    np.testing.assert_allclose(exact, seconds, rtol=6e-3)  # printed with two or three digits
    for model in (MODEL, MODEL.select(columns(1))):
        before, after = (pulse(columns(1), place(start), v, exact * (1.0 + s * 1e-3), model)[0] for s in (-1, 1))
        assert min(before, after) < place(end) < max(before, after)


def test_tables_follow_the_physical_branch():
    rng, errors = np.random.default_rng(1), []
    for _ in range(400):
        v, n = rng.choice([-1.0, 1.0]) * 10 ** rng.uniform(-2.0, 0.19), math.exp(rng.uniform(math.log(0.004), math.log(22.0)))
        current, speed, _, _ = law(v, n)
        errors.append((slow_lookup(CURRENT_TABLE, math.log(n), v, RADIUS, LENGTH) - math.log(current / v),
                       slow_lookup(SPEED_TABLE, math.log(n), v, RADIUS, LENGTH) - math.log(speed / abs(v))))
    errors = np.abs(errors)
    assert np.all(errors < 2e-3)
    assert np.all(np.median(errors, axis=0) < 1e-5)


def test_spread_of_radius_and_length_is_followed():
    rng, errors = np.random.default_rng(2), []
    for _ in range(300):
        v, n = rng.choice([-1.0, 1.0]) * 10 ** rng.uniform(-2.0, 0.19), math.exp(rng.uniform(math.log(0.004), math.log(22.0)))
        radius, length = RADIUS * rng.uniform(0.9, 1.1), LENGTH * rng.uniform(0.9, 1.1)
        current, speed, _, _ = law(v, n, radius, length)
        errors.append((slow_lookup(CURRENT_TABLE, math.log(n), v, radius, length) - math.log(current / v),
                       slow_lookup(SPEED_TABLE, math.log(n), v, radius, length) - math.log(speed / abs(v))))
    errors = np.abs(errors)
    assert np.all(errors < [1e-2, 3e-2])
    assert np.all(np.median(errors, axis=0) < 1e-3)


def test_reset_has_three_solutions_and_the_table_takes_the_one_with_the_smallest_contact_voltage():
    assert solutions(0.4, 0.3, RADIUS, LENGTH, PUBLISHED, 4000) == 3
    assert solutions(-0.4, 0.3, RADIUS, LENGTH, PUBLISHED, 4000) == 1
    # Connected with 0 V: the share of the contact changes smoothly as the voltage grows.
    shares = [contact_voltage(v, 0.3, RADIUS, LENGTH, PUBLISHED) / v for v in np.linspace(1e-3, 1.5, 1500)]
    assert np.max(np.abs(np.diff(shares))) < 2e-3
    assert shares[399] < 0.05


def test_conduction_is_passive_and_continuous_through_zero():
    i, slope = np.zeros(5), np.zeros(5)
    MODEL.current(np.full((1, 5), 0.4), np.array([[-1e-9, 0.0, 1e-9, -0.3, 0.3]]), columns(5), i, slope, 0, 5)
    assert i[0] < 0.0 == i[1] < i[2]
    assert i[3] < 0.0 < i[4]
    assert np.all(slope > 0.0)


def test_any_duration_and_voltage_is_safe_and_nothing_locks():
    n = 200
    rng, params = np.random.default_rng(3), columns(200, radius=RADIUS * np.linspace(0.9, 1.1, 200))
    x = rng.random(n)
    x[:2] = 0.0, 1.0
    for seconds in (0.0, 1e-30, 1e-10, 1.0, 1e9, 1e300):
        for v in (1e300, -1e4, 3.0, -1.5, 0.5, -0.1, 1e-300, 0.0):
            y, q = pulse(params, x, v, seconds), np.zeros(n)
            assert np.all((y >= 0.0) & (y <= 1.0))
            MODEL.charge(x[None, :].copy(), np.full((1, n), v), params, np.full(n, seconds), q, 0, n)
            assert not np.any(np.isnan(q))
    assert np.array_equal(pulse(params, x, 0.0, 1e9), x)
    assert np.array_equal(pulse(params, x, 1.0, 0.0), x)
    for _ in range(10):
        assert pulse(columns(1), 0.5, -1.0, 1.0)[0] > 1.0 - 1e-12
    assert pulse(columns(1), 1.0, 1.3, 10e-6)[0] < 0.97
    assert pulse(columns(1), 0.0, -0.9, 0.3e-6)[0] > 0.02


def test_approach_to_a_bound_is_exponential_with_ten_times_the_speed():
    d = np.array([1.0 - pulse(columns(1), 0.999, -0.6, t)[0] for t in (0.0, 1e-5, 2e-5)]) * math.log(2500.0)
    rates = -np.diff(np.log(np.expm1(10.0 * d))) / 1e-5
    speed = law(-0.6, 20.0 * math.exp(-d[1]))[1]
    np.testing.assert_allclose(rates, 10.0 * speed, rtol=5e-3)


def test_select_takes_the_short_table_only_at_nominal_size():
    assert MODEL.select(columns(3)).advance is advance_nominal
    assert MODEL.select(columns(3, radius=44e-9)) is MODEL
    assert MODEL.select(columns(3, length=0.41e-9)) is MODEL
    assert pulse(columns(1, rate_scale=0.0), 0.4, -1.0, 1.0)[0] == 0.4
