"""Noise put around a device: spectra, variances that do not depend on the time step, white noise at terminals and nodes."""

import importlib

import numpy as np
import pytest
from scipy.optimize import curve_fit

from devices import LIBRARY
from neurosim.kernels.rng import fill_normal
from neurosim.modifiers import modify
from neurosim.modifiers.johnson_shot import node_noise
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE


def base(name):
    module, attribute = LIBRARY[name].split(":")
    return getattr(importlib.import_module(module), attribute)


class Population:
    """Equal devices at one voltage, stepped with their own normals."""

    def __init__(self, model, n, voltage=0.0, seed=1):
        self.model, self.n, self.step, self.key = model, n, 0, np.uint64(seed)
        self.params, self.state = model.default_params(n), model.initial_state(n)
        self.drive, self.noise = np.full((1, n), voltage), np.zeros((max(1, len(model.noises)), n))
        self.g = np.empty(n)

    def wait(self, duration):
        fill_normal(self.noise, self.key, 0, self.step, 0, self.n)
        self.model.advance(self.state, self.drive, self.params, self.noise, np.full(self.n, duration), 0, self.n)
        self.step += 1

    def conductance(self):
        self.model.conductance(self.state, self.params, self.g, 0, self.n)
        return self.g.copy()

    def record(self, steps, duration):
        trace = np.empty((steps, self.n))
        for k in range(steps):
            self.wait(duration)
            trace[k] = self.conductance()
        return trace


RTN = {"amplitude": 0.1, "capture_time": "2 ms", "emission_time": "1 ms"}
FLICKER = {"amplitude": 1e-4, "frequency_low": "1 mHz", "frequency_high": "100 kHz", "states": 17}


def periodogram(trace, dt):
    """Return frequencies and the one-sided spectrum averaged over devices (Hann window, so that ends do not leak)."""
    window = np.hanning(len(trace))[:, None]
    spectrum = np.abs(np.fft.rfft((trace - trace.mean()) * window, axis=0)) ** 2 * (2.0 * dt / np.sum(window**2))
    return np.fft.rfftfreq(len(trace), dt)[1:-1], spectrum.mean(axis=1)[1:-1]


def test_telegraph_noise_has_variance_corner_and_slope_of_its_lorentzian():
    # tau_c = 2 ms, tau_e = 1 ms: p (1 - p) = 2/9 of (a G)^2, corner (1/tau_c + 1/tau_e) / 2 pi = 238.73 Hz, slope -2 above.
    devices = Population(modify(base("resistor"), "rtn", **RTN), 1000)
    devices.wait(1.0)
    trace = devices.record(4096, 1e-5) / (0.1 / devices.params[0, 0])
    assert np.var(trace) == pytest.approx(2.0 / 9.0, rel=0.01)  # 1000 x 41 ms over a correlation time of 2/3 ms: 0.4 %
    f, spectrum = periodogram(trace, 1e-5)
    band = (f > 100.0) & (f < 5e3)

    def sampled(f, level, corner):
        # Lorentzian seen at times dt apart: x^2 -> (sin(pi f dt) / pi dt)^2, else the tail folds back by 1 %.
        return np.log(level / (1.0 + (np.sin(np.pi * f * 1e-5) / (np.pi * 1e-5) / corner) ** 2))

    (level, corner), _ = curve_fit(sampled, f[band], np.log(spectrum[band]), p0=(1e-3, 200.0))
    assert corner == pytest.approx(238.73, rel=0.02)
    assert level == pytest.approx(4.0 / (3e-3 * 1500.0**2), rel=0.04)  # 4 / ((tau_c + tau_e) L^2); the window blunts it by 1 %
    high = (f > 2e3) & (f < 5e3)
    slope = np.polyfit(np.log(f[high]), np.log(spectrum[high]), 1)[0]
    assert slope == pytest.approx(-2.0, abs=0.05)


@pytest.mark.parametrize("parts", [1, 4, 16])
def test_telegraph_occupancy_after_a_time_does_not_depend_on_the_step(parts):
    devices = Population(modify(base("resistor"), "rtn", **RTN), 40_000, seed=parts)
    for _ in range(parts):
        devices.wait(0.7e-3 / parts)
    # From empty: p (1 - exp(-L t)) with p = 1/3, L = 1500 1/s.
    expected = (1.0 - np.exp(-1500.0 * 0.7e-3)) / 3.0
    assert abs(devices.state[-1].mean() - expected) < 5.0 * np.sqrt(expected * (1.0 - expected) / 40_000)


def test_telegraph_amplitude_grows_with_the_resistance_and_never_exceeds_the_conductance():
    model = modify(base("two_state"), "rtn", amplitude=0.1, exponent=1.0, reference_conductance="1 mS")
    state, g = np.array([np.linspace(0.0, 1.0, 5), np.ones(5)]), np.empty(5)
    params = model.default_params(5)
    params[model.param_index["g_off"]] = 5e-5
    model.conductance(state, params, g, 0, 5)
    clean = 5e-5 + (1.6e-3 - 5e-5) * state[0]
    np.testing.assert_allclose(g, clean * (1.0 - np.minimum(1.0, 0.1 * 1e-3 / clean)), rtol=1e-13, atol=1e-18)
    assert g[0] == 0.0


def test_two_traps_are_two_modifiers():
    model = modify(modify(base("resistor"), "rtn", amplitude=0.1), "rtn", amplitude=0.2)
    assert [spec.name for spec in model.states] == ["rtn_trap", "rtn2_trap"]
    g = np.empty(4)
    model.conductance(np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]]), model.default_params(4), g, 0, 4)
    np.testing.assert_allclose(g / g[0], [1.0, 0.9, 0.8, 0.72], rtol=1e-14)


def measured_relaxations(model, dt):
    """Return decay and kick of every 1/f state in one step, and how strongly each moves ln G, all read off the kernels."""
    n = len(model.states)
    params, drive, duration = model.default_params(n), np.zeros((1, n)), np.full(n, dt)
    decay, kick = np.eye(n), np.zeros((n, n))
    model.advance(decay, drive, params, np.zeros((n, n)), duration, 0, n)
    model.advance(kick, drive, params, np.eye(n), duration, 0, n)
    up, down = np.empty(n), np.empty(n)
    model.conductance(1e-3 * np.eye(n), params, up, 0, n)
    model.conductance(-1e-3 * np.eye(n), params, down, 0, n)
    return np.diag(decay), np.diag(kick), np.log(up / down) / 2e-3


def flicker_spectrum(model, f):
    """Return the one-sided spectrum of ln G from what the kernels do in one step, Lorentzian by Lorentzian."""
    total = np.zeros_like(f)
    for k in range(len(model.states)):
        dt = 10.0 ** (-3.0 - k / 2.0)
        for _ in range(60):  # a step near the time constant of this state, so that its decay can be read off
            decay, kick, weight = (row[k] for row in measured_relaxations(model, dt))
            if 0.1 < decay < 0.9:
                break
            dt *= 3.0 if decay >= 0.9 else 1.0 / 3.0
        tau, variance = -dt / np.log(decay), weight**2 * kick**2 / (1.0 - decay**2)
        total += 4.0 * variance * tau / (1.0 + (2.0 * np.pi * f * tau) ** 2)
    return total


@pytest.mark.parametrize(("states", "ripple"), [(9, 0.5), (17, 0.1)])
def test_flicker_spectrum_falls_with_slope_one_over_five_decades(states, ripple):
    model = modify(base("resistor"), "flicker", **{**FLICKER, "states": states})
    f = np.logspace(-1.5, 3.5, 401)
    spectrum = flicker_spectrum(model, f)
    slope = np.polyfit(np.log(f), np.log(spectrum), 1)[0]
    assert slope == pytest.approx(-1.0, abs=0.02)
    decibel = 10.0 * np.log10(spectrum * f / 1e-4)
    inner = (f > 0.3) & (f < 300.0)  # a decade and a half from the corners
    assert np.ptp(decibel[inner]) < ripple + 0.15
    assert abs(decibel[inner].mean()) < 0.15


def test_flicker_increments_grow_as_their_law_over_five_decades_of_waiting():
    model = modify(base("resistor"), "flicker", **FLICKER)
    devices = Population(model, 20_000)
    devices.wait(1e6)
    variance = 1e-4 * np.log(1e8) / 16.0
    rates = 2.0 * np.pi * 1e5 * (1e-8) ** (np.arange(17) / 16.0)
    for wait in (1e-5, 1e-3, 1e-1, 1.0):
        before = np.log(devices.conductance())
        devices.wait(wait)
        moved = np.log(devices.conductance()) - before
        expected = np.sum(2.0 * variance * -np.expm1(-rates * wait))
        assert np.var(moved) == pytest.approx(expected, rel=5.0 * np.sqrt(2.0 / 20_000))


@pytest.mark.parametrize("parts", [1, 4, 16])
def test_flicker_variance_after_a_time_does_not_depend_on_the_step(parts):
    devices = Population(modify(base("resistor"), "flicker", **FLICKER), 20_000, seed=10 + parts)
    for _ in range(parts):
        devices.wait(0.01 / parts)
    rates = 2.0 * np.pi * 1e5 * (1e-8) ** (np.arange(17) / 16.0)
    expected = 1e-4 * np.log(1e8) / 16.0 * np.sum(-np.expm1(-2.0 * rates * 0.01))
    assert np.var(np.log(devices.conductance())) == pytest.approx(expected, rel=5.0 * np.sqrt(2.0 / 20_000))


def current_noise(model, voltage, time, **params):
    p, out = model.default_params(1), np.empty(1)
    for name, value in params.items():
        p[model.param_index[name]] = value
    model.current_noise(model.initial_state(1), np.array([[voltage]]), p, np.array([time]), out, 0, 1)
    return out[0]


def test_johnson_noise_of_ten_kilohm_is_29_nanoampere_in_a_nanosecond():
    model = modify(base("resistor"), "johnson_shot", shot_factor=0.0)
    found = current_noise(model, 0.3, 1e-9, resistance=1e4)
    assert found == pytest.approx(28.8e-9, rel=2e-3)
    assert found * np.sqrt(2e-9) == pytest.approx(1.287e-12, rel=1e-3)  # A / sqrt(Hz), one-sided
    assert current_noise(model, 0.0, 4e-9, resistance=1e4) == pytest.approx(found / 2.0, rel=1e-12)


def test_shot_noise_of_a_microampere_is_13_nanoampere_in_a_nanosecond():
    model = modify(base("resistor"), "johnson_shot")
    found = current_noise(model, 10.0, 1e-9, resistance=1e7)
    assert found == pytest.approx(12.7e-9, rel=5e-3)
    assert found * np.sqrt(2e-9) == pytest.approx(0.566e-12, rel=1e-3)


def test_thermal_and_shot_noise_are_one_law():
    model = modify(base("resistor"), "johnson_shot", temperature="77 K")
    for v in (-0.2, 1e-12, 1e-6, 0.003, 0.05):
        g, u = 1.0 / model.default_params()[0, 0], ELEMENTARY_CHARGE * abs(v) / (2.0 * BOLTZMANN * 77.0)
        expected = 2.0 * ELEMENTARY_CHARGE * g * abs(v) / np.tanh(u)  # S = 2 q i coth(q v / 2 k T)
        assert current_noise(model, v, 0.5) == pytest.approx(np.sqrt(expected), rel=1e-9)


def test_current_noise_is_that_of_the_terminals_wherever_it_is_put_on():
    inside = modify(modify(base("vteam"), "johnson_shot"), "series_resistance", resistance="5 kohm")
    outside = modify(modify(base("vteam"), "series_resistance", resistance="5 kohm"), "johnson_shot")
    for v in (0.0, 0.1, -0.4):
        assert current_noise(inside, v, 1e-8) == current_noise(outside, v, 1e-8)
    total = 1.0 / (105e3 + 5e3)
    assert current_noise(inside, 0.0, 1e-8) == pytest.approx(np.sqrt(2.0 * BOLTZMANN * 300.0 * total / 1e-8), rel=1e-12)


@pytest.mark.parametrize(("capacitance", "volts"), [(1e-15, 2.035e-3), (1e-12, 64.4e-6)])
def test_thermal_noise_of_a_node_is_kt_over_c_for_any_resistance_and_step(capacitance, volts):
    for resistance in (1e3, 1e6, 1e9):
        for share in (1e-4, 0.3, 50.0):
            decay, kick = node_noise(1.0 / resistance, capacitance, 300.0, share * resistance * capacitance)
            rest = kick / np.sqrt((1.0 - decay) * (1.0 + decay))  # variance at which v <- decay v + kick z rests
            assert rest == pytest.approx(np.sqrt(BOLTZMANN * 300.0 / capacitance), rel=1e-9)
            assert rest == pytest.approx(volts, rel=1e-3)


def test_noise_on_a_node_by_steps_has_the_variance_of_the_law():
    rng, v = np.random.default_rng(3), np.zeros(40_000)
    decay, kick = node_noise(1e-4, 1e-13, 300.0, 2e-10)
    for _ in range(60):
        v = decay * v + kick * rng.standard_normal(v.size)
    assert np.var(v) == pytest.approx(BOLTZMANN * 300.0 / 1e-13, rel=5.0 * np.sqrt(2.0 / 40_000))


@pytest.mark.parametrize("pieces", [1, 3])
def test_sub_steps_draw_noise_of_their_own_and_keep_its_law(pieces):
    # A trap inside a loaded device that needs dozens of sub-steps: its occupancy is that of the law.
    model = modify(modify(base("vteam"), "rtn", amplitude=0.3, capture_time="2 us", emission_time="1 us"),
                   "series_resistance", resistance="5 kohm")
    devices = Population(model, 20_000, voltage=-1.3, seed=20 + pieces)
    for _ in range(pieces):
        devices.wait(1e-6 / pieces)
    expected = (1.0 - np.exp(-1.5)) / 3.0
    assert abs(devices.state[1].mean() - expected) < 5.0 * np.sqrt(expected * (1.0 - expected) / 20_000)
    assert set(np.unique(devices.state[1])) == {0.0, 1.0}
    assert np.std(devices.state[0]) > 1e-4  # the trap changes the load, and so the motion


def test_write_noise_of_a_pulse_does_not_depend_on_sub_steps():
    model = modify(base("vteam"), "series_resistance", resistance=0.0)
    inner = base("vteam")
    params, n = model.default_params(500), 500
    params[model.param_index["sigma_step"]], params[model.param_index["sigma_range"]] = 0.2, 0.01
    noise, duration = np.random.default_rng(4).standard_normal((1, n)), np.full(n, 2e-7)
    one, two, drive = model.initial_state(n), model.initial_state(n), np.full((1, n), 1.1)
    model.advance(one, drive, params, noise, duration, 0, n)
    inner.advance(two, drive, np.ascontiguousarray(params[:-1]), noise, duration, 0, n)
    assert np.std(two[0]) > 0.01
    np.testing.assert_allclose(one, two, rtol=1e-12)
