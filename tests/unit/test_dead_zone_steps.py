"""Steps of a simulation end where a waveform crosses the threshold of a device, against closed forms."""

import math

import numpy as np
import pytest

import neurosim as ns
from neurosim.population import build_population
from neurosim.simulation import dead_zone
from neurosim.simulation.dead_zone import dead_zone_crossings
from neurosim.simulation.problem import build_problem, drive_waveforms

K, V_TH = 125e3, 0.5  # vteam/nominal: 1/s and V, both polarities alike, alpha = 3


def crossings(wave, end, device="vteam/nominal"):
    model, waves = drive_waveforms(ns.load_device(device), wave)
    return dead_zone_crossings(build_problem(ns.load_device(device), model, waves, end), end)


def ramp_gain(top, slope):
    """Return what x gains between v_th and ``top`` [V] on a ramp of ``slope`` [V/s]: k v_th (v / v_th - 1)^4 / (4 s)."""
    return K * V_TH * (top / V_TH - 1.0) ** 4 / (4.0 * slope)


def test_a_slow_triangle_moves_the_state_by_the_closed_form_and_not_below_threshold():
    top, period = 0.6, 20e-6
    trace = ns.simulate(ns.load_device("vteam/nominal"), ns.Triangle(top, period=period, negative=0.0)).raise_for_status()
    v, x, slope = trace["v"][:, 0], trace["x"][:, 0], top / (period / 4.0)
    rising = trace.time <= period / 4.0
    assert np.all(x[rising & (v <= V_TH)] == x[0])
    above = rising & (v > V_TH)
    gained = [ramp_gain(volts, slope) for volts in v[above]]
    # an error of rtol (1e-6 of the scale 1) per step is allowed; the gain at the top is 2e-4
    np.testing.assert_allclose(x[above] - x[0], gained, rtol=0, atol=1e-7)
    assert x[-1] - x[0] == pytest.approx(2.0 * ramp_gain(top, slope), abs=1e-7)


def test_the_default_tolerance_agrees_with_a_fine_one_after_a_whole_loop():
    device, wave = ns.load_device("vteam/nominal"), ns.Triangle("1.2 V", period="20 us")
    coarse, fine = (ns.simulate(device, wave, rtol=rtol).final_state[0, 0] for rtol in (1e-6, 1e-11))
    assert coarse == pytest.approx(fine, abs=1e-7)


def test_crossings_of_a_sine_are_its_arcsines():
    times, longest = crossings(ns.Sine("0.8 V", "1 kHz", cycles=2), 2e-3)
    angle = math.asin(V_TH / 0.8) / (2.0 * math.pi)
    one = np.array([angle, 0.5 - angle, 0.5 + angle, 1.0 - angle])
    np.testing.assert_allclose(times, 1e-3 * np.concatenate([one, 1.0 + one]), rtol=1e-12)
    assert longest == math.inf


def test_a_peak_at_the_threshold_and_a_level_below_it_have_no_crossing():
    assert crossings(ns.Triangle(V_TH, period=1e-6), 1e-6)[0].size == 0
    assert crossings(ns.Pulse("0.4 V", "1 us", rise="1 ns"), 1e-6)[0].size == 0
    assert crossings(ns.Sine("0.4 V", "1 MHz", cycles=1), 1e-6)[0].size == 0


def test_a_model_without_dead_zone_has_no_crossing():
    assert crossings(ns.Triangle("0.4 V", period=1.0), 1.0, "linear_ion_drift/biolek2009")[0].size == 0


def test_a_long_sine_gets_a_step_limit_instead_of_a_list(monkeypatch):
    monkeypatch.setattr(dead_zone, "MOST_VALUES", 100)
    times, longest = crossings(ns.Sine("0.8 V", "1 kHz", cycles=1000), 1.0)
    assert times.size == 0
    assert longest == pytest.approx(1e-3 / dead_zone.STEPS_PER_PERIOD, rel=1e-12)


def test_every_threshold_of_a_small_population_is_an_edge():
    population = build_population(ns.load_device("vteam/nominal"), 3, spreads={"threshold_down": 0.05}, seed=1)
    v_off = population.params[population.model.param_index["v_off"]]
    assert np.unique(v_off).size == 3
    wave = ns.Triangle("1 V", period=4.0, negative=0.0)
    model, waves = drive_waveforms(population, wave)
    times, _ = dead_zone_crossings(build_problem(population, model, waves, 4.0), 4.0)
    np.testing.assert_allclose(times, np.sort(np.concatenate([v_off, 2.0 - v_off])), rtol=1e-12)
