"""Simulation of populations under waveforms, against closed forms and scipy."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from neurosim.device import DeviceModel, ParamSpec, SignalSpec, StateSpec
from neurosim.errors import DivergedError, NotSettledError, ParameterError
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import CONDUCTANCE, DIFFUSION, RATE
from neurosim.simulation.simulate import simulate
from neurosim.trace import Status
from neurosim.waveform import Constant, Pulse, PulseTrain, Sine, Triangle


@kernel(RATE)
def relax(state, drive, params, out, start, stop):
    """dx/dt = (v - x) / tau."""
    x, v, dx, tau = state[0, start:stop], drive[0, start:stop], out[0, start:stop], params[0, start:stop]
    for i in range(stop - start):
        dx[i] = (v[i] - x[i]) / tau[i]


@kernel(RATE)
def drift(state, drive, params, out, start, stop):
    """dx/dt = v / tau, without any bound of its own."""
    v, dx, tau = drive[0, start:stop], out[0, start:stop], params[0, start:stop]
    for i in range(stop - start):
        dx[i] = v[i] / tau[i]


@kernel(RATE)
def run_away(state, drive, params, out, start, stop):
    """dx/dt = x^2 / tau."""
    x, dx, tau = state[0, start:stop], out[0, start:stop], params[0, start:stop]
    for i in range(stop - start):
        dx[i] = x[i] * x[i] / tau[i]


@kernel(RATE)
def van_der_pol(state, drive, params, out, start, stop):
    """Stiff for small tau: x' = u, u' = ((1 - x^2) u - x) / tau."""
    x, u, tau = state[0, start:stop], state[1, start:stop], params[0, start:stop]
    dx, du = out[0, start:stop], out[1, start:stop]
    for i in range(stop - start):
        dx[i] = u[i]
        du[i] = ((1.0 - x[i] * x[i]) * u[i] - x[i]) / tau[i]


@kernel(CONDUCTANCE)
def one_plus_state(state, params, out, start, stop):
    """G = 1 mS (1 + x)."""
    x, g = state[0, start:stop], out[start:stop]
    for i in range(stop - start):
        g[i] = 1e-3 * (1.0 + x[i])


@kernel(DIFFUSION)
def thermal(state, drive, params, out, start, stop):
    """sqrt(2 / tau) sigma with sigma = 0.1."""
    b, tau = out[0, start:stop], params[0, start:stop]
    for i in range(stop - start):
        b[i] = 0.1 * math.sqrt(2.0 / tau[i])


def model_of(rate, *, n_state=1, low=-math.inf, high=math.inf, initial=0.0, diffusion=None, calculus=""):
    return DeviceModel(
        name="test_device", params=(ParamSpec("tau", "s", 1e-6, 0.0, 1.0, "time constant"),),
        states=tuple(StateSpec(name, "", low, high, initial, "state") for name in "xu"[:n_state]),
        drives=(SignalSpec("voltage", "V", "applied voltage"),), rate=rate, conductance=one_plus_state,
        noises=("thermal",) if diffusion else (), diffusion=diffusion, calculus=calculus)


RELAX = model_of(relax)


def population(model, tau, state):
    tau = np.atleast_1d(np.asarray(tau, dtype=float))
    return SimpleNamespace(model=model, params=tau[None, :].copy(), state=np.array(state, dtype=float).reshape(-1, tau.size))


def relaxation(t, tau, width):
    """Step response to a 1 V pulse of the given width."""
    return np.where(t < width, 1 - np.exp(-t / tau), (1 - np.exp(-width / tau)) * np.exp(-(t - width) / tau))


@pytest.mark.parametrize(("scheme", "tolerance"), [
    # fixed steps: e^-1 (h/tau)^p / (p + 1)! at h/tau = 1/60 is 3.1e-3, 1.7e-5, 2.4e-10 for p = 1, 2, 4
    ("auto", 1e-7), ("dopri5", 1e-7), ("rodas4", 1e-6), ("rk4", 1e-9), ("heun", 2e-5), ("euler", 4e-3)])
def test_every_scheme_gives_the_pulse_response_of_a_relaxation(scheme, tolerance):
    tau = np.array([0.3e-6, 1e-6, 4e-6])
    step = None if scheme in ("auto", "dopri5", "rodas4") else "5 ns"
    trace = simulate(population(RELAX, tau, np.zeros(3)), Pulse("1 V", "1.37 us"), "5 us", scheme=scheme, step=step,
                     rtol=1e-8).raise_for_status()
    expected = relaxation(trace.time[:, None], tau, 1.37e-6)
    assert trace["x"].shape == (trace.time.size, 3)
    np.testing.assert_allclose(trace["x"], expected, rtol=0, atol=tolerance)
    assert 1.37e-6 in trace.time


def test_a_trace_tells_what_was_recorded():
    trace = simulate(population(RELAX, 1e-6, [0.0]), Pulse("1 V", "1 us"))
    assert list(trace) == ["voltage", "x", "current", "energy"]
    assert "x" in trace
    assert 0 not in trace
    with pytest.raises(ParameterError, match="nothing called"):
        trace["conductance"]


@pytest.mark.parametrize("record", [None, 2, 7, [1e-6, 2e-6, 3e-6]])
def test_energy_is_the_integral_of_v_times_i(record):
    tau, width = 1e-6, 1.37e-6
    trace = simulate(population(RELAX, tau, [0.0]), Pulse("1 V", width), "3 us", record=record, rtol=1e-9)
    # v i = 1 mS (1 + x) V^2 during the pulse only
    closed = 1e-3 * (2 * width - tau * (1 - math.exp(-width / tau)))
    assert trace["energy"][-1, 0] == pytest.approx(closed, rel=1e-7)
    assert trace.stats["energy_error"] < 1e-3 * closed


def test_energy_of_a_sine_agrees_with_quadrature():
    trace = simulate(population(RELAX, 1e-6, [0.0]), Sine("1 V", "400 kHz"), "10 us", rtol=1e-9)
    w, tau = 2 * math.pi * 4e5, 1e-6

    def power(t):
        x = (math.sin(w * t) - w * tau * (math.cos(w * t) - math.exp(-t / tau))) / (1 + (w * tau) ** 2)
        return 1e-3 * (1 + x) * math.sin(w * t) ** 2

    assert trace["energy"][-1, 0] == pytest.approx(quad(power, 0, 1e-5, limit=200, epsrel=1e-11)[0], rel=1e-7)
    np.testing.assert_allclose(trace["current"], 1e-3 * (1 + trace["x"]) * trace["voltage"], rtol=1e-13, atol=0)


def test_states_stop_at_their_bounds_and_leave_them_again():
    model = model_of(drift, low=0.0, high=1.0)
    trace = simulate(population(model, 1e-6, [0.5]), Triangle("1 V", "8 us"), rtol=1e-8).raise_for_status()
    assert trace["x"].max() == 1.0
    assert trace["x"].min() == 0.0
    # from 1.0 the negative half takes off 2 V us / 1 us = 2: full again after the quarter, at the bound
    assert trace["x"][-1, 0] == 0.0


def test_stiff_devices_agree_with_radau():
    # relaxation oscillator with tau = 1e-3 s against a unit of 1 s, handled block by block
    model = model_of(van_der_pol, n_state=2, initial=1.5)
    start = [[2.0, 1.5], [0.0, 0.0]]
    times = np.linspace(0, 2, 21)
    trace = simulate(population(model, [1e-3, 2e-3], start), Constant(0.0), 2.0, scheme="rodas4", record=times,
                     rtol=1e-7).raise_for_status()
    for k, tau in enumerate((1e-3, 2e-3)):
        exact = solve_ivp(lambda t, y, tau=tau: [y[1], ((1 - y[0] ** 2) * y[1] - y[0]) / tau], (0, 2),
                          [start[0][k], 0.0], "Radau", times, rtol=1e-8, atol=1e-10).y
        np.testing.assert_allclose(trace["x"][:, k], exact[0], rtol=0, atol=1e-4)


def test_auto_hands_a_stiff_run_to_rodas4():
    trace = simulate(population(RELAX, 1e-9, [0.3]), Sine("1 V", "1 Hz"), 0.3, rtol=1e-6).raise_for_status()
    assert trace.stats["scheme"] == "dopri5, then rodas4"
    assert trace.stats["steps"] < 25_000
    assert trace["x"][-1, 0] == pytest.approx(math.sin(2 * math.pi * 0.3), abs=2e-6)


def test_a_resumed_run_equals_one_without_slices(monkeypatch):
    from neurosim.simulation import integrate as module

    whole = simulate(population(RELAX, 1e-6, [0.0]), PulseTrain("1 V", "1 us", period="2 us", count=20), rtol=1e-8)
    monkeypatch.setattr(module, "SLICE_VALUES", 1)
    sliced = simulate(population(RELAX, 1e-6, [0.0]), PulseTrain("1 V", "1 us", period="2 us", count=20), rtol=1e-8)
    np.testing.assert_array_equal(sliced.time, whole.time)
    np.testing.assert_allclose(sliced["x"], whole["x"], rtol=0, atol=1e-7)  # other step sequence, same tolerance
    np.testing.assert_allclose(sliced["energy"][-1], whole["energy"][-1], rtol=1e-6, atol=0)


def test_nan_is_a_status_and_names_the_device():
    devices = population(RELAX, [1e-6, math.nan, 1e-6], np.zeros(3))
    trace = simulate(devices, Pulse("1 V", "1 us"))
    assert trace.status is Status.DIVERGED
    assert trace.time.tolist() == [0.0]
    with pytest.raises(DivergedError, match=r"device 1, state \"x\".*halve the step"):
        trace.raise_for_status()


def test_a_run_away_is_never_ok_and_keeps_what_came_before():
    trace = simulate(population(model_of(run_away), 1e-6, [1.0]), Constant(0.0), "2 us", record=21)
    assert trace.status in (Status.STEP_UNDERFLOW, Status.DIVERGED)
    assert 1 <= trace.time.size <= 11
    np.testing.assert_allclose(trace["x"][:5, 0], 1 / (1 - trace.time[:5] / 1e-6), rtol=1e-4)


def test_the_limit_on_steps_is_reported():
    trace = simulate(population(RELAX, 1e-9, [0.0]), Constant(1.0), "1 ms", scheme="dopri5", max_steps=50)
    assert trace.status is Status.TOO_MANY_STEPS
    with pytest.raises(NotSettledError, match="rodas4"):
        trace.raise_for_status()


def test_the_population_is_not_changed_and_the_trace_cannot_be():
    devices = population(RELAX, [1e-6, 2e-6], [0.1, 0.2])
    trace = simulate(devices, Pulse("1 V", "1 us"))
    assert devices.state.tolist() == [[0.1, 0.2]]
    assert trace.final_state.shape == (1, 2)
    with pytest.raises(ValueError, match="read-only"):
        trace["x"][0, 0] = 1.0
    with pytest.raises(ParameterError, match="voltage"):
        trace["voltag"]


NOISY = {"ito": ("euler_maruyama", model_of(relax, diffusion=thermal, calculus="ito")),
         "stratonovich": ("heun_stratonovich", model_of(relax, diffusion=thermal, calculus="stratonovich"))}


@pytest.mark.parametrize("calculus", NOISY)
def test_thermal_noise_has_its_variance_whatever_the_step(calculus):
    n, (scheme, model) = 4000, NOISY[calculus]
    for step in ("50 ns", "25 ns"):
        trace = simulate(population(model, np.full(n, 1e-6), np.zeros(n)), Constant(0.0), "8 us", step=step, seed=3,
                         record=2)
        assert trace.stats["scheme"] == scheme
        # sigma = 0.1; Euler-Maruyama has the bias 1 / (1 - h / 2 tau), Heun h^2 (Kloeden & Platen)
        bias = 1 / (1 - float(step.split()[0]) * 1e-3 / 2) if calculus == "ito" else 1.0
        assert abs(trace["x"][-1].var() / (0.01 * bias) - 1) < 5 * math.sqrt(2 / n)


@kernel(RATE)
def nothing_moves(state, drive, params, out, start, stop):
    """No state at all."""


@kernel(CONDUCTANCE)
def fixed(state, params, out, start, stop):
    """G = 1 mS."""
    for i in range(start, stop):
        out[i] = 1e-3


def test_a_device_without_state_has_current_and_energy():
    model = DeviceModel(name="resistor", params=(), states=(), drives=RELAX.drives, rate=nothing_moves, conductance=fixed)
    devices = SimpleNamespace(model=model, params=np.empty((0, 2)), state=np.empty((0, 2)))
    trace = simulate(devices, Triangle("1 V", "4 us")).raise_for_status()
    np.testing.assert_allclose(trace["energy"][-1], 1e-3 * 4e-6 / 3, rtol=1e-12, atol=0)


def test_the_seed_and_the_replica_decide_the_noise():
    model = NOISY["stratonovich"][1]
    devices = population(model, np.full(8, 1e-6), np.zeros(8))
    runs = [simulate(devices, Constant(0.0), "1 us", step="50 ns", seed=seed, replica=replica)["x"][-1]
            for seed, replica in ((1, 0), (1, 0), (2, 0), (1, 1))]
    assert np.array_equal(runs[0], runs[1])
    assert not np.any(runs[0] == runs[2])
    assert not np.any(runs[0] == runs[3])


def test_slices_do_not_change_a_noisy_path(monkeypatch):
    from neurosim.simulation import integrate as module

    devices = population(NOISY["ito"][1], np.full(8, 1e-6), np.zeros(8))
    whole = simulate(devices, Constant(0.0), "1 us", step="1 ns", seed=1)
    monkeypatch.setattr(module, "SLICE_VALUES", 1)
    assert np.array_equal(simulate(devices, Constant(0.0), "1 us", step="1 ns", seed=1)["x"], whole["x"])


@pytest.mark.parametrize(("calculus", "scheme"), [("ito", "heun_stratonovich"), ("stratonovich", "euler_maruyama")])
def test_a_scheme_of_the_other_calculus_is_refused(calculus, scheme):
    with pytest.raises(ParameterError, match=f'declared in the "{calculus}" calculus.*Use scheme'):
        simulate(NOISY[calculus][1], Constant(0.0), "1 us", scheme=scheme, step="1 ns", seed=1)


@pytest.mark.parametrize(("arguments", "words"), [
    ({"scheme": "dopri"}, "Did you mean"),
    ({"scheme": "heun_stratonovich"}, "diffusion"),
    ({"scheme": "rk4"}, "fixed step"),
    ({"duration": "-1 s"}, "duration"),
    ({"duration": "1 V"}, "unit"),
    ({"record": 1}, "at least 2"),
    ({"record": [0.0, 2e-6, 1e-6]}, "increasing"),
    ({"record": [0.0, 5.0]}, "must lie in"),
    ({"rtol": 0.5}, "rtol"),
    ({"max_step": 0.0}, "max_step"),
    ({"waveform": {"volts": Constant(1.0)}}, "voltage"),
    ({"waveform": Constant(1.0, unit="A")}, "unit"),
    ({"duration": None, "waveform": Constant(1.0)}, "no end"),
])
def test_wrong_arguments_are_refused(arguments, words):
    given = {"waveform": Pulse("1 V", "1 us"), "duration": "1 us", **arguments}
    with pytest.raises(ParameterError, match=words):
        simulate(RELAX, given.pop("waveform"), given.pop("duration"), **given)


def test_a_noisy_run_needs_a_step_and_a_seed():
    model = NOISY["ito"][1]
    with pytest.raises(ParameterError, match="step"):
        simulate(model, Constant(0.0), "1 us", seed=1)
    with pytest.raises(ParameterError, match="seed"):
        simulate(model, Constant(0.0), "1 us", step="1 ns")


def test_importing_simulate_does_not_import_numba():
    import subprocess
    import sys

    code = "import sys, neurosim.simulation.simulate; assert 'numba' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
