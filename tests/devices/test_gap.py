"""The filament gap against published numbers, quadrature of its law, and the claims of its docstring."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad, simpson, solve_ivp

from devices.memristor.gap import MODEL, advance_cubic_quiet, slow_rate
from devices.memristor.gap_parameters import slow_current
from devices.memristor.gap_thermal import slow_rate as slow_thermal_rate
from neurosim.library import load_device
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE


def columns(n, card="stanford", **values):
    params = np.repeat(np.array(load_device(f"gap/{card}").params)[:, None], n, axis=1)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def pulse(params, x, v, dt, z=0.0, model=MODEL):
    n = params.shape[1]
    state = np.zeros((1, n)) + x
    model.advance(state, np.zeros((1, n)) + v, params, np.zeros((1, n)) + z, np.zeros(n) + dt, 0, n)
    return state[0]


def named(params):
    return {spec.name: float(value) for spec, value in zip(MODEL.params, params[:, 0], strict=True)}


def published_speed(gap, v, *, v_0=10.0, e_a=0.6, gamma_0=16.0, beta=0.8, alpha=3.0, a_0=0.25e-9, t_ox=12e-9, r_th=2.1e3,
                    i_0=1e-3, g_0=0.25e-9, v_s=0.25, t_0=298.0, f_min=1.4e9):
    """The law as Jiang et al. print it."""
    gamma = gamma_0 - beta * (gap / 1e-9) ** alpha
    if gamma * abs(v) / t_ox < f_min:
        return 0.0
    thermal = BOLTZMANN * (t_0 + abs(v * i_0 * np.exp(-gap / g_0) * np.sinh(v / v_s)) * r_th) / ELEMENTARY_CHARGE
    return -v_0 * np.exp(-e_a / thermal) * np.sinh(gamma * a_0 * v / (t_ox * thermal))


@pytest.mark.parametrize("v", [1.2, 1.7, -1.2, -1.7, 0.6])
def test_rate_is_the_published_law(v):
    for x in (0.05, 0.4, 0.9):
        out = np.zeros((1, 1))
        MODEL.rate(np.array([[x]]), np.array([[v]]), columns(1), out, 0, 1)
        np.testing.assert_allclose(out[0, 0] * 1.5e-9, published_speed(0.2e-9 + 1.5e-9 * x, v), rtol=1e-11)


@pytest.mark.parametrize(("v", "seconds"), [(1.4, 476e-9), (1.5, 163e-9), (1.6, 56.0e-9), (1.8, 6.79e-9)])
def test_gap_closes_in_the_published_law_s_time(v, seconds):
    exact, _ = quad(lambda gap: -1.0 / published_speed(gap, v), 0.2e-9, 1.7e-9, epsabs=0.0, epsrel=1e-12, limit=500)
    np.testing.assert_allclose(exact, seconds, rtol=2e-3)  # printed with three digits
    before, after = (pulse(columns(1), 1.0, v, exact * (1.0 + s * 1e-8))[0] for s in (-1, 1))
    assert before > 0.0
    assert after == 0.0


@pytest.mark.parametrize("card", ["stanford", "sky130", "hfo2_granada"])
def test_any_duration_gives_the_quadrature_of_the_slowness(card):
    rng, params = np.random.default_rng(1), columns(1, card)
    law = named(params)
    for _ in range(20):
        start, end = np.sort(rng.uniform(0.02, 0.98, 2))
        v = rng.uniform(1.45, 1.9) * rng.choice([-1.0, 1.0])
        start, end = (start, end) if v < 0.0 else (end, start)
        pace = slow_rate([start], [v], law)[0], slow_rate([end], [v], law)[0]
        if 0.0 in pace:
            continue  # at rest at the start, or before the end
        seconds, _ = quad(lambda x, v=v: 1.0 / slow_rate([x], [v], law)[0], start, end, epsabs=0.0, epsrel=1e-12, limit=500)
        for model in (MODEL, MODEL.select(params)):
            # In a runaway the end is steep in the time: 1e-9 of the range or 1e-12 of the time.
            atol = 1e-9 + 1e-12 * seconds * abs(pace[1])
            np.testing.assert_allclose(pulse(params, start, v, seconds, model=model), end, rtol=0.0, atol=atol)


def test_short_and_endless_pulses_are_safe():
    params, n = columns(300), 300
    rng = np.random.default_rng(2)
    x = rng.random(n)
    for seconds in (0.0, 1e-30, 1e-10, 1.0, 1e9, 1e300):
        for v in (1e4, -1e4, 3.0, -3.0, 1.1, 0.0, 1e-300):
            y = pulse(params, x, v, seconds)
            assert np.all((y >= 0.0) & (y <= 1.0))
            q = np.zeros(n)
            MODEL.charge(x[None, :].copy(), np.full((1, n), v), params, np.full(n, seconds), q, 0, n)
            assert not np.any(np.isnan(q))
    # Ambient of 1 K, a vanishing range, no resistance to heat: finite.
    odd = columns(3, ambient=np.array([1.0, 298.0, 298.0]), gap_max=np.array([1.7e-9, 0.2e-9, 1.7e-9]),
                  r_thermal=np.array([2e3, 2e3, 0.0]))
    assert np.all(np.isfinite(pulse(odd, 0.5, 1e300, 1.0)))


def test_opening_gap_comes_to_rest_where_the_enhanced_field_falls_to_the_threshold():
    v = -1.2
    end = pulse(columns(1), 0.1, v, 1e9)[0]
    gap = 0.2 + 1.5 * end
    np.testing.assert_allclose(16.0 - 0.8 * gap**3, 1.4e9 * 12e-9 / 1.2, rtol=1e-12)
    assert pulse(columns(1), end, v, 1e9)[0] == end
    assert pulse(columns(1), end, 1.4, 1e-3)[0] == 0.0  # and is not locked there


def test_state_does_not_lock_at_its_bounds():
    assert pulse(columns(1), 0.5, 1.8, 1.0)[0] == 0.0
    assert pulse(columns(1), 0.5, -2.0, 1.0)[0] == 1.0
    assert 0.0 < pulse(columns(1), 0.0, -1.6, 1e-10)[0] < 1.0
    assert 0.0 < pulse(columns(1), 1.0, 1.6, 1e-8)[0] < 1.0


def test_threshold_is_1050_mv_closed_and_1392_mv_open():
    low, high = np.zeros(1), np.zeros(1)
    MODEL.dead_zone(columns(1), low, high, 0, 1)
    np.testing.assert_allclose([-low[0], high[0]], 1.050, rtol=1e-3)
    for x, v in ((0.0, 1.0505), (1.0, 1.392)):
        rates = np.zeros((2, 1))
        for row, size in enumerate((0.999 * v, 1.001 * v)):
            MODEL.rate(np.array([[x]]), np.array([[-size if x == 0.0 else size]]), columns(1), rates[row:row + 1], 0, 1)
        assert rates[0, 0] == 0.0
        assert rates[1, 0] != 0.0


def test_cell_without_threshold_has_no_dead_zone_and_drifts_at_rest():
    low, high, out = np.zeros(1), np.zeros(1), np.zeros((1, 1))
    MODEL.dead_zone(columns(1, "sky130"), low, high, 0, 1)
    assert low[0] > high[0]
    MODEL.rate(np.array([[0.5]]), np.zeros((1, 1)), columns(1, "sky130"), out, 0, 1)
    np.testing.assert_allclose(out[0, 0] * 1.6e-9, 3.6e-25, rtol=5e-3)
    assert MODEL.select(columns(2, "sky130")).advance is advance_cubic_quiet


@pytest.mark.parametrize(("card", "x", "ohm"), [("stanford", 0.0, 541.82), ("stanford", 1.0, 218586.0),
                                                ("sky130", 0.0, 9.983e3), ("sky130", 1.0, 3.351e6)])
def test_resistance_at_a_tenth_of_a_volt(card, x, ohm):
    i, slope = np.zeros(1), np.zeros(1)
    MODEL.current(np.array([[x]]), np.array([[0.1]]), columns(1, card), i, slope, 0, 1)
    np.testing.assert_allclose(0.1 / i[0], ohm, rtol=2e-4)


def test_power_other_than_three_is_integrated_too():
    params = columns(1, alpha=2.4, beta=1.1)
    seconds, _ = quad(lambda x: 1.0 / slow_rate([x], [1.5], named(params))[0], 0.9, 0.2, epsabs=0.0, epsrel=1e-12, limit=500)
    np.testing.assert_allclose(pulse(params, 0.9, 1.5, seconds), 0.2, rtol=0.0, atol=1e-9)
    assert MODEL.select(params) is MODEL


def test_variance_of_the_diffusion_does_not_depend_on_the_number_of_steps():
    # 1.05 V at the closed end: the field is above the threshold, the motion negligible, the temperature constant.
    n, sigma, total = 20_000, 50.0, 1e-6
    params = columns(n, sigma_x=sigma, velocity=1e-9)
    rng, hot = np.random.default_rng(3), 298.0 + 2.1e3 * 1.3 * 1e-3 * np.exp(-0.95 / 0.25) * np.sinh(1.3 / 0.25)
    expected = sigma * np.sqrt(total) / (1.0 + np.exp((450.0 - hot) / 500.0))
    for steps in (1, 4, 16):
        x = np.full(n, 0.5)
        for _ in range(steps):
            x = pulse(params, x, 1.3, total / steps, z=rng.standard_normal(n))
        assert abs(x.std() / expected - 1.0) < 5.0 / np.sqrt(2.0 * n) + 2e-3  # heat changes a little as x spreads
    assert np.all(pulse(params, 0.5, 0.9, 1.0, z=3.0) == 0.5)  # at rest there is no diffusion


@pytest.mark.parametrize("name", ["g_max", "g_min", "rate", "threshold_up", "threshold_down"])
def test_every_handle_changes_what_it_names(name):
    def outcome(factor):
        params = columns(1, r_thermal=0.0)
        for target in MODEL.handles[name].params:
            params[MODEL.param_index[target]] *= factor ** MODEL.handles[name].power
        g, low, high, out = np.zeros((2, 1)), np.zeros(1), np.zeros(1), np.zeros((1, 1))
        for row, x in enumerate((0.0, 1.0)):
            MODEL.conductance(np.array([[x]]), params, g[row], 0, 1)
        MODEL.dead_zone(params, low, high, 0, 1)
        MODEL.rate(np.array([[0.3]]), np.array([[1.6]]), params, out, 0, 1)
        return {"g_max": g[0, 0], "g_min": g[1, 0], "rate": out[0, 0], "threshold_up": high[0], "threshold_down": low[0]}

    before, after = outcome(1.0), outcome(1.1)
    for key in before:
        np.testing.assert_allclose(after[key] / before[key], 1.1 if key == name else 1.0, rtol=1e-12)


THERMAL = MODEL.forms["thermal"]


def thermal_pulse(x, v, dt, temperature=300.0, card="sky130"):
    state = np.array([[float(x)], [temperature]])
    THERMAL.advance(state, np.array([[float(v)]]), columns(1, card), np.zeros((0, 1)), np.array([float(dt)]), 0, 1)
    return state[:, 0]


@pytest.mark.parametrize(("v", "seconds"), [(1.4, 2.14), (1.6, 30.7e-3), (1.8, 433e-6), (2.0, 6.00e-6)])
def test_sky130_closes_in_its_published_time_with_heat_as_a_state(v, seconds):
    assert thermal_pulse(1.0, v, 0.995 * seconds)[0] > 0.0
    assert thermal_pulse(1.0, v, 1.005 * seconds)[0] == 0.0


def test_last_part_of_the_closing_is_colder_than_equilibrium():
    early, late = 2.13, 2.15
    for _ in range(60):
        middle = 0.5 * (early + late)
        early, late = (middle, late) if thermal_pulse(1.0, 1.4, middle)[0] > 0.0 else (early, middle)
    temperature = thermal_pulse(1.0, 1.4, late)[1]
    np.testing.assert_allclose(temperature, 727.0, rtol=5e-3)  # 859 K in equilibrium at the closed gap
    np.testing.assert_allclose(thermal_pulse(0.0, 1.4, 1e-6)[1], 859.36, rtol=1e-4)


@pytest.mark.parametrize("v", [1.7, -1.6, 0.3, 0.0])
def test_thermal_form_is_its_rate_integrated(v):
    law, x, dt = named(columns(1, "sky130")), 0.55, 0.6e-9
    solution = solve_ivp(lambda _, y: slow_thermal_rate(y, [v], law), (0.0, dt), [x, 310.0], method="Radau", rtol=1e-9,
                         atol=[1e-11, 1e-7])
    end = thermal_pulse(x, v, dt, 310.0)
    assert 0.02 < end[0] < 0.98
    np.testing.assert_allclose(end, solution.y[:, -1], rtol=1e-5)
    out = np.zeros((2, 1))
    THERMAL.rate(np.array([[x], [310.0]]), np.array([[v]]), columns(1, "sky130"), out, 0, 1)
    np.testing.assert_allclose(out[:, 0], slow_thermal_rate([x, 310.0], [v], law), rtol=1e-11)
    q, states = np.zeros(1), [thermal_pulse(x, v, t, 310.0)[0] for t in np.linspace(0.0, dt, 201)]
    THERMAL.charge(np.array([[x], [310.0]]), np.array([[v]]), columns(1, "sky130"), np.array([dt]), q, 0, 1)
    currents = [slow_current([y], [v], law)[0] for y in states]
    np.testing.assert_allclose(q[0], simpson(currents, dx=dt / 200), rtol=1e-5, atol=1e-40)


def test_thermal_form_takes_any_duration_and_voltage():
    for v in (0.0, 0.1, 1.5, -1.5, 3.0, -3.0, 1e4, -1e4, 1e300):
        for seconds in (0.0, 1e-13, 1.0, 1e9, 1e300):
            x, temperature = thermal_pulse(0.5, v, seconds)
            assert 0.0 <= x <= 1.0
            assert 300.0 <= temperature < np.inf
    assert thermal_pulse(0.5, 0.0, 1e-9, 800.0)[1] == pytest.approx(300.0 + 500.0 * np.exp(-1.0 / 0.23), rel=1e-6)
