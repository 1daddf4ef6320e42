"""Thermal threshold switches, NbO2 and VO2: static curves, oscillators, minor loops, any duration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices.memristor import mott_nbo2, thermal_vo2

NBO2, VO2 = mott_nbo2.MODEL, thermal_vo2.MODEL
NBO2_LAW = {spec.name: spec.default for spec in NBO2.params}
VO2_LAW = {spec.name: spec.default for spec in VO2.params}


def pulse(model, state, v, dt):
    state = np.array(state, dtype=float).reshape(-1, 1)
    model.advance(state, np.array([[float(v)]]), model.default_params(1), np.zeros((0, 1)), np.array([float(dt)]), 0, 1)
    return state[:, 0]


def static_voltage(u):
    loss = 2.0 * math.pi * 20e-9 * 1.5 * 784.0 / math.log(1.0 / u)
    return math.sqrt(loss / mott_nbo2.slow_conductance([u], NBO2_LAW)[0])


def test_nbo2_has_the_published_negative_resistance():
    u = np.exp(np.linspace(np.log(1e-4), np.log(0.95), 20_001))
    v = np.array([static_voltage(x) for x in u])
    turns = np.flatnonzero(np.diff(v[:-1]) * np.diff(v[1:]) < 0.0) + 1
    current = [v[k] * mott_nbo2.slow_conductance([u[k]], NBO2_LAW)[0] for k in turns]
    np.testing.assert_allclose(v[turns], [1.445, 0.744], rtol=1e-3)
    np.testing.assert_allclose(current, [35.3e-6, 381e-6], rtol=5e-3)
    for x in (0.02, 0.8):  # rest points of the kernel
        out = np.zeros((1, 1))
        NBO2.rate(np.array([[x]]), np.array([[static_voltage(x)]]), NBO2.default_params(1), out, 0, 1)
        assert abs(out[0, 0]) < 1e-3


def test_nbo2_heat_is_the_derivative_of_the_enthalpy():
    def enthalpy(u):
        return 2.6e6 * 784.0 * (u**2 - 1.0) / (2.0 * math.log(u)) + 1.6e8 * u**2

    for u in (0.05, 0.4, 0.9):
        f = mott_nbo2.slow_rate([u], [1.2], NBO2_LAW)[0]
        power = 1.44 * mott_nbo2.slow_conductance([u], NBO2_LAW)[0] - 2.0 * math.pi * 20e-9 * 1.5 * 784.0 / math.log(1.0 / u)
        slope = (enthalpy(u * (1.0 + 1e-5)) - enthalpy(u * (1.0 - 1e-5))) / (2e-5 * u)
        np.testing.assert_allclose(power / f, math.pi * 20e-9 * 30e-9**2 * slope, rtol=1e-7)


@pytest.mark.parametrize(("u", "v", "dt"), [(0.02, 1.5, 5e-9), (0.5, 1.2, 1e-9), (0.6, 0.0, 1e-10), (1e-3, 3.0, 1e-10)])
def test_nbo2_step_is_its_rate_integrated(u, v, dt):
    solution = solve_ivp(lambda _, z: [mott_nbo2.slow_rate([math.exp(z[0])], [v], NBO2_LAW)[0] / math.exp(z[0])], (0.0, dt),
                         [math.log(u)], method="Radau", rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(pulse(NBO2, [u], v, dt)[0], math.exp(solution.y[0, -1]), rtol=1e-6)


def test_nbo2_switches_beyond_the_peak_and_holds_down_to_the_valley():
    assert pulse(NBO2, [1e-3], 1.43, 1.0)[0] < 0.055
    assert pulse(NBO2, [1e-3], 1.46, 1.0)[0] > 0.9
    assert pulse(NBO2, [0.9], 0.76, 1.0)[0] > 0.6
    assert pulse(NBO2, [0.9], 0.73, 1.0)[0] < 0.02
    assert pulse(NBO2, [0.9], 0.0, 1e-6)[0] == mott_nbo2.LOWEST
    np.testing.assert_allclose(pulse(NBO2, [mott_nbo2.LOWEST], 1.6, 1.0), pulse(NBO2, [0.9], -1.6, 1.0), rtol=1e-6)


def test_nbo2_relaxation_oscillator_has_its_period():
    # 1.8 V through 4.2 kohm on 23 pF, the device behind 2.7 kohm and 50 ohm: 197.7 ns, 1.283 to 1.552 V.
    state, v, dt, g = np.array([[0.01]]), 1.3, 25e-12, np.zeros(1)
    params, drive, duration = NBO2.default_params(1), np.zeros((1, 1)), np.array([dt])
    trace = []
    for _ in range(40_000):
        NBO2.conductance(state, params, g, 0, 1)
        series = 1.0 / (2750.0 + 1.0 / g[0])
        total = series + 1.0 / 4200.0
        rest = 1.8 / 4200.0 / total
        v = rest + (v - rest) * math.exp(-dt * total / 23e-12)
        drive[0, 0] = v * series / g[0]
        NBO2.advance(state, drive, params, np.zeros((0, 1)), duration, 0, 1)
        trace.append(v)
    trace = np.array(trace[15_000:])
    rises = np.flatnonzero((trace[:-1] < 1.4) & (trace[1:] >= 1.4))
    np.testing.assert_allclose(np.mean(np.diff(rises)) * dt, 197.7e-9, rtol=5e-3)
    np.testing.assert_allclose([trace.min(), trace.max()], [1.283, 1.552], rtol=2e-3)


def test_vo2_neuristor_spikes_in_its_window_at_the_published_frequencies():
    supply = np.array([9.96, 10.5, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0])
    n, dt, steps = supply.size, 2e-9, 15_000
    params, state, v = VO2.default_params(n), VO2.initial_state(n), np.zeros(n)
    drive, duration, g, trace = np.zeros((1, n)), np.full(n, dt), np.zeros(n), np.empty((steps, n))
    for k in range(steps):
        VO2.conductance(state, params, g, 0, n)
        total = g + 1.0 / 12e3
        rest = supply / 12e3 / total
        v = rest + (v - rest) * np.exp(-dt * total / 145.34619293e-12)
        drive[0] = v
        VO2.advance(state, drive, params, np.zeros((0, n)), duration, 0, n)
        trace[k] = v
    trace = trace[steps // 3:]
    assert np.all(np.ptp(trace[:, [0, -1]], axis=0) < 0.2)
    for column, frequency in zip(range(1, 7), (244e3, 277e3, 329e3, 372e3, 415e3, 489e3), strict=True):
        spikes = trace[:, column]
        middle = 0.5 * (spikes.max() + spikes.min())
        rises = np.flatnonzero((spikes[:-1] < middle) & (spikes[1:] >= middle))
        np.testing.assert_allclose(1.0 / (np.mean(np.diff(rises)) * dt), frequency, rtol=5e-3)


def conductance(state):
    g = np.zeros(1)
    VO2.conductance(np.array(state, dtype=float).reshape(-1, 1), VO2.default_params(1), g, 0, 1)
    return g[0]


def test_vo2_conductance_is_continuous_where_the_temperature_turns_round():
    state = pulse(VO2, [325.0, 1.0, 325.0, 0.0], 8.0, 60e-9)
    assert state[1] == 1.0
    for v, branch in ((0.0, -1.0), (12.0, 1.0), (0.0, -1.0), (12.0, 1.0)):
        turned = pulse(VO2, state, v, 1e-18)
        assert turned[1] == branch
        np.testing.assert_allclose(conductance(turned), conductance(state), rtol=1e-7)
        state = pulse(VO2, turned, v, 20e-9)
    assert abs(state[3]) <= VO2_LAW["width"]


def test_vo2_cools_to_its_substrate_with_the_thermal_time_constant():
    tau = VO2_LAW["capacity_th"] / VO2_LAW["conductance_th"]
    np.testing.assert_allclose(tau, 241.4e-9, rtol=1e-4)
    np.testing.assert_allclose(pulse(VO2, [365.0, -1.0, 365.0, 0.0], 0.0, tau)[0], 325.0 + 40.0 / math.e, rtol=1e-7)


@pytest.mark.parametrize(("v", "dt"), [(8.0, 200e-9), (5.0, 50e-9), (2.0, 1e-6)])
def test_vo2_step_is_its_rate_integrated_on_one_branch(v, dt):
    start = [325.0, 1.0, 325.0, 0.0]
    solution = solve_ivp(lambda _, y: thermal_vo2.slow_rate([y[0], *start[1:]], [v], VO2_LAW)[:1], (0.0, dt), start[:1],
                         method="Radau", rtol=1e-11, atol=1e-9)
    np.testing.assert_allclose(pulse(VO2, start, v, dt)[0], solution.y[0, -1], rtol=1e-6)


@pytest.mark.parametrize("model", [NBO2, VO2], ids=["nbo2", "vo2"])
def test_any_duration_and_voltage_is_safe(model):
    start = model.initial_state(1)[:, 0]
    low, high = (np.array([getattr(spec, side) for spec in model.states]) for side in ("low", "high"))
    for v in (0.0, 1e-300, 0.5, -1.5, 5.0, 1e3, -1e300):
        for seconds in (0.0, 1e-30, 1e-10, 1.0, 1e300):
            end = pulse(model, start, v, seconds)
            assert np.all((end >= low) & (end <= high))
            if seconds == 0.0:
                assert np.array_equal(end, start)
