"""Laws of modifiers that are not noise: load, selectors, waiting, temperature, faults, levels, wear."""

import importlib
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from devices import LIBRARY
from neurosim.library import load_device
from neurosim.modifiers import modify
from neurosim.modifiers.arrhenius import EV_PER_KELVIN
from neurosim.units import CONDUCTANCE_QUANTUM

YEAR = 3.156e7


def base(name):
    module, attribute = LIBRARY[name].split(":")
    return getattr(importlib.import_module(module), attribute)


def params_of(model, n=1, **values):
    params = model.default_params(n)
    for name, value in values.items():
        params[model.param_index[name]] = value
    return params


def advanced(model, state, voltage, duration, params, noise=None):
    n = params.shape[1]
    moved = np.array(state, dtype=float).reshape(len(model.states), n)
    quiet = np.zeros((max(1, len(model.noises)), n)) if noise is None else noise
    model.advance(moved, np.broadcast_to(np.asarray(voltage, dtype=float), (1, n)).copy(), params, quiet,
                  np.broadcast_to(np.asarray(duration, dtype=float), n).copy(), 0, n)
    return moved


def conductance(model, state, params):
    out = np.empty(params.shape[1])
    model.conductance(np.array(state, dtype=float).reshape(len(model.states), -1), params, out, 0, out.size)
    return out


def current(model, state, voltage, params):
    n = params.shape[1]
    i, g = np.empty(n), np.empty(n)
    model.current(np.array(state, dtype=float).reshape(len(model.states), n), np.full((1, n), voltage), params, i, g, 0, n)
    return i, g


# -- an element in series ------------------------------------------------------------------------------------------------
def test_loaded_memristor_moves_as_an_independent_integration_of_divider_and_threshold():
    # dx/dt = k (u / v_th - 1)^3, u = v R / (R + R_s): written out here, integrated by scipy.
    model = modify(base("vteam"), "series_resistance", resistance="20 kohm")
    params = params_of(model)
    for v, x_0, t in ((-1.5, 0.9, 2e-6), (1.4, 0.05, 1e-6), (-0.9, 0.5, 5e-6)):
        def law(_, x, v=v):
            r = 1e4 + 1.9e5 * x[0]
            u = v * r / (r + 2e4)
            return [1.25e5 * (u / 0.5 - 1.0) ** 3 if u > 0.5 else -1.25e5 * (-u / 0.5 - 1.0) ** 3 if u < -0.5 else 0.0]

        expected = solve_ivp(law, (0.0, t), [x_0], rtol=1e-11, atol=1e-13, max_step=t / 200).y[0, -1]
        assert 0.01 < expected < 0.99
        assert abs(advanced(model, [[x_0]], v, t, params)[0, 0] - expected) < 1e-6


@pytest.mark.parametrize("ohms", [100.0, 10e3])
def test_loaded_gap_at_half_the_voltage_and_at_full_moves_as_an_adaptive_integration(ohms):
    # 0.56 V: moves of 1e-11 in one step; 0.9 V: both sides of the rule that one step is enough; 1.12 V: sub-steps.
    device = load_device("gap/sky130")
    model = modify(device.model, "series_resistance", resistance=ohms)
    params = np.vstack([np.reshape(device.params, (-1, 1)), [[ohms]]])
    places, volts, times = np.meshgrid([0.02, 0.4, 0.8], [0.56, 0.9, 1.12, -1.0], [1e-6, 1e-4], indexing="ij")
    n = places.size
    moved = advanced(model, places.reshape(1, n), volts.reshape(1, n), times.ravel(), np.repeat(params, n, axis=1))
    values = dict(zip(model.param_index, params[:, 0], strict=True))
    for k, (x_0, v, t) in enumerate(zip(places.flat, volts.flat, times.flat, strict=True)):
        def law(_, x, x_0=x_0, v=v, t=t):
            return [t * model.twins["rate"]([min(1.0, max(0.0, x_0 + x[0]))], [v], values)[0]]

        motion = solve_ivp(law, (0.0, 1.0), [0.0], method="Radau", rtol=1e-8, atol=1e-13).y[0, -1]
        assert abs(moved[0, k] - min(1.0, max(0.0, x_0 + motion))) < 1e-6
        if 1e-9 < abs(motion) < 1e-4:
            assert moved[0, k] - x_0 == pytest.approx(motion, rel=1e-5)


def test_what_becomes_of_a_loaded_device_does_not_depend_on_the_devices_beside_it():
    model = modify(base("vteam"), "series_resistance", resistance="20 kohm")
    generator = np.random.Generator(np.random.Philox(7))
    n = 300
    x, v, t = generator.random(n), generator.uniform(-2.0, 2.0, n), 10.0 ** generator.uniform(-9.0, -5.0, n)
    params, noise = params_of(model, n), np.zeros((max(1, len(model.noises)), n))
    together = advanced(model, [x], v.reshape(1, n), t, params, noise)
    charges = np.empty(n)
    model.charge(np.array([x]), v.reshape(1, n), params, t, charges, 0, n)
    for k in (0, 63, 64, 130, 299):
        alone, charge = np.array([x]), np.empty(n)
        model.advance(alone, v.reshape(1, n), params, noise, t, k, k + 1)
        model.charge(np.array([x]), v.reshape(1, n), params, t, charge, k, k + 1)
        assert alone[0, k] == pytest.approx(together[0, k], rel=1e-13)
        assert charge[k] == pytest.approx(charges[k], rel=1e-13)


def test_set_stops_where_the_load_leaves_the_threshold_voltage():
    # v R / (R + R_s) = v_on at rest: R = R_s v_on / (v - v_on) = 20 kohm x 0.5 / 0.7 = 14.29 kohm.
    model = modify(base("vteam"), "series_resistance", resistance="20 kohm")
    end = advanced(model, [[1.0]], -1.2, 10.0, params_of(model))[0, 0]
    assert 1e4 + 1.9e5 * end == pytest.approx(2e4 * 0.5 / 0.7, rel=2e-3)  # it gets there as 1 / sqrt(t)


@pytest.mark.parametrize(("law", "drop"), [
    ("exponential", lambda i: 0.04 * math.asinh(i / 2e-6)),
    ("diode", lambda i: 0.04 * math.log1p(i / 2e-6) if i > -2e-6 else -math.inf),
    ("transistor", lambda i: 0.04 * math.atanh(i / 2e-6) if abs(i) < 2e-6 else math.copysign(math.inf, i)),
])
def test_current_through_a_selector_is_the_root_that_scipy_finds(law, drop):
    inner = base("messaris")
    model = modify(inner, "selector", law=law, current="2 uA", voltage="40 mV")
    params, inner_params = params_of(model), inner.default_params()
    for v in (-0.9, -0.02, 1e-4, 0.05, 0.3, 1.1):
        def missing(u, v=v):
            excess = u + drop(current(inner, [[0.3]], u, inner_params)[0][0]) - v
            return max(-1e3, min(1e3, excess))

        u = brentq(missing, min(v, 0.0), max(v, 0.0), xtol=1e-18, rtol=1e-14)
        expected = current(inner, [[0.3]], u, inner_params)[0][0]
        assert current(model, [[0.3]], v, params)[0][0] == pytest.approx(expected, rel=1e-9)


def test_a_transistor_limits_the_current_and_a_diode_lets_none_back():
    limited = modify(base("vteam"), "selector", law="transistor", current="5 uA", voltage="0.1 V")
    assert current(limited, [[0.0]], 5.0, params_of(limited))[0][0] == pytest.approx(5e-6, rel=1e-3)
    assert current(limited, [[0.0]], 5.0, params_of(limited))[0][0] <= 5e-6 * (1.0 + 1e-12)
    blocked = modify(base("vteam"), "selector", law="diode", current="1 pA", voltage="26 mV")
    assert current(blocked, [[0.0]], -2.0, params_of(blocked))[0][0] == pytest.approx(-1e-12, rel=1e-6)
    assert advanced(blocked, [[0.5]], -2.0, 1e3, params_of(blocked))[0, 0] == 0.5
    assert advanced(blocked, [[0.5]], 2.0, 1e3, params_of(blocked))[0, 0] == 1.0


def test_energy_of_a_loaded_pulse_is_the_integral_of_its_current():
    model = modify(base("vteam"), "series_resistance", resistance="20 kohm")
    params, q = params_of(model), np.empty(1)
    model.charge(np.array([[0.9]]), np.array([[-1.5]]), params, np.array([2e-6]), q, 0, 1)

    def law(_, y):
        r = 1e4 + 1.9e5 * y[0]
        u = -1.5 * r / (r + 2e4)
        return [-1.25e5 * (-u / 0.5 - 1.0) ** 3 if u < -0.5 else 0.0, -1.5e6 / (r + 2e4)]  # microcoulomb

    expected = solve_ivp(law, (0.0, 2e-6), [0.9, 0.0], rtol=1e-11, atol=1e-14, max_step=1e-8).y[1, -1]
    assert q[0] == pytest.approx(1e-6 * expected, rel=1e-6)


def test_many_sub_steps_of_a_runaway_stay_finite_and_bounded():
    model = modify(base("two_state"), "series_resistance", resistance="10 ohm")
    for v in (50.0, -50.0, 1e3):
        moved = advanced(model, [[0.5]], v, 1.0, params_of(model))
        assert np.isfinite(moved).all()
        assert 0.0 <= moved[0, 0] <= 1.0


# -- waiting -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("seconds", "share"), [(60.0, 0.9330), (3600.0, 0.7711), (86400.0, 0.6580), (3.15e7, 0.4899)])
def test_drift_of_phase_change_material_after_a_minute_an_hour_a_day_a_year(seconds, share):
    model = modify(base("vteam"), "drift", nu=0.05, time="20 s")
    params = params_of(model)
    fresh = conductance(model, model.initial_state(), params)
    aged = advanced(model, model.initial_state(), 0.0, seconds, params)
    assert conductance(model, aged, params)[0] / fresh[0] == pytest.approx(share, abs=5e-5)
    for _ in range(7):  # the same in seven unequal steps
        seconds *= 0.5
    steps = model.initial_state()
    for k in (0, 0, 1, 2, 3, 4, 5, 6):
        steps = advanced(model, steps, 0.0, seconds * 2.0**k, params)
    np.testing.assert_allclose(steps, aged, rtol=1e-12)


def test_a_write_renews_the_drift_in_proportion_to_its_length():
    model = modify(base("vteam"), "drift", nu=0.05, time="20 s", v_write="0.7 V", renew_time="1 us")
    params = params_of(model)
    old = advanced(model, model.initial_state(), 0.0, 1e5, params)
    for v, t, left in ((0.9, 1e-6, math.exp(-1.0)), (0.6, 1e-6, 1.0), (0.9, 1e-4, 0.0)):
        age = 20.0 * math.expm1(advanced(model, old, v, t, params)[1, 0])
        assert age == pytest.approx(1e5 * left, rel=1e-9, abs=1.01e-6)


@pytest.mark.parametrize("beta", [1.0, 0.5, 2.0])
def test_retention_is_a_stretched_exponential_of_the_time_since_the_write_in_any_steps(beta):
    model = modify(base("vteam"), "retention", time=YEAR, exponent=beta, rest=0.25)
    params = params_of(model)
    for years in (1e-6, 0.1, 1.0, 3.0):
        expected = 0.25 + (0.9 - 0.25) * math.exp(-(years**beta))
        whole = advanced(model, [[0.9], [0.0]], 0.0, years * YEAR, params)
        assert whole[0, 0] == pytest.approx(expected, rel=1e-9)
        halves = advanced(model, advanced(model, [[0.9], [0.0]], 0.0, 0.3 * years * YEAR, params), 0.0, 0.7 * years * YEAR,
                          params)
        assert halves[0, 0] == pytest.approx(expected, rel=1e-9)


def test_retention_is_slower_at_a_lower_temperature_by_its_arrhenius_factor():
    hot = modify(modify(base("vteam"), "retention", time="1 h"), "temperature", ambient="400 K", reference="400 K",
                 activation_energy="1.1 eV")
    params = params_of(hot, 2)
    params[hot.param_index["temperature_ambient"]] = 400.0, 358.15
    longer = math.exp(1.1 / EV_PER_KELVIN * (1.0 / 358.15 - 1.0 / 400.0))
    assert longer > 40.0
    state = advanced(hot, np.array([[0.8, 0.8], [0.0, 0.0]]), 0.0, [3600.0, 3600.0 * longer], params)
    np.testing.assert_allclose(state[0], 0.8 / math.e, rtol=1e-9)


@pytest.mark.parametrize(("name", "kinds"), [("vteam", ["rtn"]), ("vteam", ["retention"]), ("pcm", []),
                                             ("vteam", ["drift", "series_resistance"]),
                                             ("vteam", ["series_resistance", "retention"])])
def test_between_its_rest_voltages_a_device_moves_as_at_zero(name, kinds):
    model = base(name)
    for kind in kinds:
        model = modify(model, kind)
    params, low, high = params_of(model, 6), np.empty(6), np.empty(6)
    noise = np.random.default_rng(3).standard_normal((max(1, len(model.noises)), 6))
    model.rest_zone(params, low, high, 0, 6)
    assert np.all((low < 0.0) & (high > 0.0))
    state = np.repeat(model.initial_state(), 6, axis=1)
    still = advanced(model, state, 0.0, 1e-2, params, noise)
    for volts in (low, high, 0.3 * high):
        assert advanced(model, state, volts, 1e-2, params, noise).tobytes() == still.tobytes()
    assert advanced(model, state, 1.5 * high, 1e-2, params, noise).tobytes() != still.tobytes()


# -- temperature ---------------------------------------------------------------------------------------------------------
def test_switching_time_against_inverse_temperature_has_the_slope_of_the_barrier():
    model = modify(base("vteam"), "temperature", activation_energy="0.6 eV", reference="300 K")
    kelvin = np.linspace(250.0, 450.0, 9)
    params = params_of(model, 9, temperature_ambient=kelvin)
    rate = np.empty((1, 9))
    model.rate(np.full((1, 9), 0.5), np.full((1, 9), 0.9), params, rate, 0, 9)
    slope = np.polyfit(1.0 / (EV_PER_KELVIN * kelvin), np.log(rate[0]), 1)[0]
    assert slope == pytest.approx(-0.6, rel=1e-9)
    at_reference = params_of(model, 1)
    np.testing.assert_array_equal(advanced(model, [[0.5]], 0.9, 1e-7, at_reference),
                                  advanced(base("vteam"), [[0.5]], 0.9, 1e-7, base("vteam").default_params()))


def test_metallic_and_hopping_conduction_at_a_temperature():
    model = modify(base("two_state"), "temperature", resistance_coefficient=1e-3, conduction_energy="0.1 eV")
    params = params_of(model, 2, temperature_ambient=np.array([300.0, 400.0]))
    g = conductance(model, np.full((1, 2), 0.5), params)
    assert g[1] / g[0] == pytest.approx(math.exp(0.1 / EV_PER_KELVIN * (1 / 300 - 1 / 400)) / 1.1, rel=1e-12)


def test_a_resistor_warms_and_cools_exponentially_to_its_power():
    model = modify(base("resistor"), "self_heating", thermal_resistance="1e5 K/W", thermal_time="2 ns")
    params = params_of(model, resistance=1e3)
    for t in (1e-10, 2e-9, 1e-7):
        rise = advanced(model, [[0.0]], 0.5, t, params)[0, 0]
        assert rise == pytest.approx(1e5 * 0.25e-3 * -math.expm1(-t / 2e-9), rel=1e-6)
    assert advanced(model, [[25.0]], 0.0, 2e-9, params)[0, 0] == pytest.approx(25.0 / math.e, rel=1e-6)


def test_a_half_selected_device_warms_to_its_power_and_does_not_move():
    # At 0.4 V nothing moves: R_th v^2 G (1 - exp(-t / tau)) with G = 1 / 105 kohm, and the charge is v G t.
    model = modify(base("vteam"), "self_heating", thermal_resistance="1e7 K/W", thermal_time="2 ns")
    params, q = params_of(model), np.empty(1)
    for t in (1e-10, 2e-9, 1e-6):
        x, rise = advanced(model, [[0.5], [0.0]], 0.4, t, params)[:, 0]
        assert x == 0.5
        assert rise == pytest.approx(1e7 * 0.16 / 105e3 * -math.expm1(-t / 2e-9), rel=1e-12)
        model.charge(np.array([[0.5], [0.0]]), np.array([[0.4]]), params, np.array([t]), q, 0, 1)
        assert q[0] == pytest.approx(0.4 / 105e3 * t, rel=1e-12)
    warm = params_of(model, self_heating_resistance_coefficient=1e-3)  # now the power falls as it warms: 1 / (1 + alpha h)
    held = advanced(model, [[0.5], [0.0]], 0.4, 1e-6, warm)[1, 0]
    assert held * (1.0 + 1e-3 * held) == pytest.approx(1e7 * 0.16 / 105e3, rel=1e-6)


def test_self_heated_switching_is_the_coupled_integration_of_heat_and_state():
    model = modify(base("vteam"), "self_heating", thermal_resistance="1e6 K/W", thermal_time="20 ns",
                   activation_energy="0.3 eV")
    params = params_of(model)

    def law(_, y):
        x = max(0.0, y[0])
        g = 1.0 / (1e4 + 1.9e5 * x)
        faster = math.exp(-0.3 / EV_PER_KELVIN * (1.0 / (300.0 + y[1]) - 1.0 / 300.0))
        return [-1.25e5 * (1.0 / 0.5 - 1.0) ** 3 * faster if y[0] > 0.0 else 0.0, (1e6 * g - y[1]) / 20e-9]

    for t in (2e-8, 1e-6, 4e-6):
        expected = solve_ivp(law, (0.0, t), [0.8, 0.0], rtol=1e-11, atol=1e-12, max_step=2e-9).y[:, -1].clip(0.0)
        moved = advanced(model, [[0.8], [0.0]], -1.0, t, params)[:, 0]
        assert abs(moved[0] - expected[0]) < 1e-6
        assert abs(moved[1] - expected[1]) < 1e-4


def test_thermal_runaway_ends():
    model = modify(base("vteam"), "self_heating", thermal_resistance="1e9 K/W", activation_energy="1 eV")
    moved = advanced(model, [[0.5], [0.0]], -2.0, 1.0, params_of(model))
    assert moved[0, 0] == 0.0
    assert 4000.0 < moved[1, 0] <= 5000.0


# -- faults, levels, wear ------------------------------------------------------------------------------------------------
def test_stuck_devices_hold_their_bound_and_unformed_ones_hardly_conduct():
    model = modify(base("vteam"), "stuck", unformed_conductance="2 nS")
    params = params_of(model, 4, stuck_fault=np.array([0.0, 1.0, -1.0, 2.0]))
    start = np.full((1, 4), 0.5)
    np.testing.assert_allclose(conductance(model, start, params), [1 / 105e3, 1e-4, 5e-6, 2e-9], rtol=1e-12)
    moved = advanced(model, start, 1.0, 1e-6, params, noise=np.ones((1, 4)))
    assert moved[0, 0] > 0.6
    np.testing.assert_array_equal(moved[0, 1:], 0.5)
    np.testing.assert_allclose(current(model, start, 0.2, params)[0], 0.2 * np.array([1 / 105e3, 1e-4, 5e-6, 2e-9]), rtol=1e-12)
    low, high = np.empty(4), np.empty(4)
    model.dead_zone(params, low, high, 0, 4)
    assert high[0] == 0.5
    assert np.all(high[1:] > 1e6)


def test_on_is_the_bound_of_high_conductance_in_models_of_either_direction():
    for name, on in (("vteam", 1e-4), ("two_state", 1.6e-3)):
        model = modify(base(name), "stuck")
        params = params_of(model, stuck_fault=1.0)
        assert conductance(model, model.initial_state(), params)[0] == pytest.approx(on, rel=1e-12)


def test_a_population_has_the_asked_fractions_of_faults():
    model = modify(base("vteam"), "stuck", on_fraction="1 %", off_fraction="2 %", unformed_fraction="5 %")
    params = model.populate(model.default_params(100_000), lambda line: np.random.default_rng(5))
    fault = params[model.param_index["stuck_fault"]]
    for code, fraction in ((1.0, 0.01), (-1.0, 0.02), (2.0, 0.05), (0.0, 0.92)):
        assert abs(np.mean(fault == code) - fraction) < 5.0 * np.sqrt(fraction * (1 - fraction) / 1e5)


@pytest.mark.parametrize("count", [2, 3, 16, 255])
def test_a_full_sweep_of_the_state_shows_exactly_n_levels_equally_spaced(count):
    model = modify(base("vteam"), "levels", count=count)
    params = params_of(model, 200_000)
    seen = np.unique(np.round(conductance(model, np.linspace(0.0, 1.0, 200_000)[None, :], params), 15))
    np.testing.assert_allclose(seen, np.linspace(5e-6, 1e-4, count), rtol=1e-9)


def test_conductance_quanta_of_a_filament():
    model = modify(base("two_state"), "levels", count=21, low=0.0, high=20 * CONDUCTANCE_QUANTUM)
    g = conductance(model, np.linspace(0.0, 1.0, 1000)[None, :], params_of(model, 1000)) / CONDUCTANCE_QUANTUM
    np.testing.assert_allclose(g, np.round(g), atol=1e-9)
    assert set(np.round(g)) == set(range(7, 21))  # 0.533 mS is 6.9 quanta, 1.6 mS is 20.65, clipped to 20


def test_pulses_below_a_level_add_up():
    model = modify(base("vteam"), "levels", count=5)
    params, state = params_of(model), np.array([[0.5]])
    first = conductance(model, state, params)
    moved = advanced(model, state, 0.9, 1e-8, params)
    assert conductance(model, moved, params)[0] == pytest.approx(first[0], rel=1e-14)
    assert moved[0, 0] > 0.5
    for _ in range(1000):
        moved = advanced(model, moved, -0.9, 1e-8, params)
    assert conductance(model, moved, params)[0] > 2.0 * first[0]


def test_a_window_closes_with_the_logarithm_of_the_cycles():
    model = modify(base("vteam"), "endurance", onset=1e6, slope=0.25, fail_conductance="20 uS")
    cycles = np.array([0.0, 1e5, 1e6, 1e7, 1e8, 1e12])
    params = params_of(model, 6)
    on = conductance(model, np.array([np.zeros(6), cycles]), params)
    off = conductance(model, np.array([np.ones(6), cycles]), params)
    lost = 10.0 ** -(0.25 * np.array([0.0, 0.0, 0.0, 1.0, 2.0, 6.0]))
    np.testing.assert_allclose(on, np.maximum(20e-6, 1e-4 * lost), rtol=1e-12)
    np.testing.assert_allclose(off, np.minimum(20e-6, 5e-6 / lost), rtol=1e-12)


def test_cycles_are_counted_by_the_way_of_the_state():
    model = modify(base("vteam"), "endurance")
    params, state = params_of(model), np.array([[0.0], [0.0]])
    for v in (1.5, -1.5) * 3:
        state = advanced(model, state, v, 1.0, params)
    assert state[1, 0] == 3.0
    half = advanced(model, state, 0.9, 0.25 / (1.25e5 * 0.8**3), params)
    assert half[1, 0] - 3.0 == pytest.approx(0.125, rel=1e-9)


def test_worn_out_ends_at_the_middle_of_the_window_unless_it_is_said():
    model = modify(base("vteam"), "endurance")
    assert model.default_params()[model.param_index["endurance_fail_conductance"], 0] == pytest.approx(math.sqrt(5e-6 * 1e-4))
