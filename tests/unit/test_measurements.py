"""Switching times, retention, noise, symmetry and figures of merit against closed forms of the cards' laws."""

import numpy as np
import pytest

from neurosim.characterise import (
    iv_sweep,
    noise_spectrum,
    nonlinearity_label,
    pulse_metrics,
    pulse_response,
    read_disturb,
    retention,
    switching_probability,
    switching_time,
    symmetry_point,
)
from neurosim.errors import ParameterError
from neurosim.library import load_device
from neurosim.population import build_population
from neurosim.simulation.simulate import simulate
from neurosim.waveform import Pulse, Sine, Triangle

# vteam/nominal: R = 10 k + 190 k x ohm, dx/dt = +-1.25e5 (|v| / 0.5 V - 1)^3 / s; positive voltages lower G.
R_ON, R_SPAN, G_LOW, G_HIGH = 10e3, 190e3, 5e-6, 1e-4
# Constant rates up and down of a two-state device: x relaxes to up / (up + down) as exp(-(up + down) t).
UP, DOWN = 3e3, 1e3


def constant_rates(**values):
    return load_device("two_state/knowm_sdc", rate_plus=UP, rate_minus=DOWN, w_plus=1e30, w_minus=1e30, saturation=0.0,
                       **values)


def x_at(share):
    return (1 / (G_LOW + share * (G_HIGH - G_LOW)) - R_ON) / R_SPAN


def test_switching_time_is_the_distance_over_the_rate():
    voltage = np.array([0.8, 1.2, 1.5, -0.8, -1.5])
    result = switching_time(load_device("vteam/nominal"), voltage, start=0.1, stop=0.9)
    expected = (x_at(0.1) - x_at(0.9)) / (1.25e5 * (np.abs(voltage) / 0.5 - 1) ** 3)
    np.testing.assert_allclose(result.seconds, expected, rtol=1e-9)


def test_below_the_threshold_a_device_never_switches():
    assert np.isinf(switching_time(load_device("vteam/nominal"), [0.5, -0.4]).seconds).all()


@pytest.mark.parametrize(("start", "stop"), [(0.9, 0.1), (-0.1, 0.5), (0.5, 1.1), (0.5, 0.5)])
def test_switching_between_unordered_shares_is_refused(start, stop):
    with pytest.raises(ParameterError, match="start"):
        switching_time(load_device("vteam/nominal"), [1.0], start=start, stop=stop)


def test_poisson_switching_probability_is_exponential_in_the_width():
    device = load_device("stochastic_switch/gaba2013_ag_silicon")
    tau = 2.85e5 * np.exp(-3.0 / 0.156)
    widths = tau * np.array([0.3, 1.0, 2.0])
    result = switching_probability(device, 3.0, widths, copies=4000, seed=5)
    expected = 1 - np.exp(-widths / tau)
    assert np.all(np.abs(result.probability - expected) <= 4 * np.sqrt(expected * (1 - expected) / 4000))


def test_first_switching_of_fresh_copies_has_the_law_of_the_domains():
    # Eight domains, each with the Weibull law 1 - exp(-(t / tau)^2); six or more of them are up.
    device = load_device("ferroelectric_domains/hzo_deng2020")
    volts, width = 1.3, 1e-4
    tau = 3.5725e-6 * np.exp((np.array([device.value(f"field_{k}") for k in range(1, 9)]) / (volts / device.value("thickness")))
                             ** 3.2975)
    up = np.zeros(9)
    up[0] = 1.0
    for p in -np.expm1(-((width / tau) ** 2.0)):
        up[1:] = up[1:] * (1.0 - p) + up[:-1] * p
        up[0] *= 1.0 - p
    expected = up[6:].sum()
    found = switching_probability(device, volts, width, copies=4000, threshold=5.5 / 8.0, seed=3).probability[0]
    assert abs(found - expected) <= 4 * np.sqrt(expected * (1 - expected) / 4000)


def test_retention_of_two_state_switches_is_exponential():
    device = constant_rates()
    times = np.logspace(-6, -2, 9)
    held = retention(device, times, start=(0.0, 0.3, 1.0))
    x = UP / (UP + DOWN) + (np.array([0.0, 0.3, 1.0]) - UP / (UP + DOWN)) * np.exp(-(UP + DOWN) * times[:, None])
    g_on, g_off = device.value("g_on"), device.value("g_off")
    np.testing.assert_allclose(held.conductance[1:], g_off + (g_on - g_off) * x, rtol=1e-9)
    np.testing.assert_allclose(held.change[1:], x - np.array([0.0, 0.3, 1.0]), rtol=0, atol=1e-9)


def test_a_threshold_device_keeps_its_bits_under_reads():
    for held in read_disturb(load_device("vteam/nominal"), "0.2 V"):
        assert abs(held.voltage) == 0.2
        np.testing.assert_array_equal(held.conductance, np.broadcast_to(held.conductance[0], held.conductance.shape))


@pytest.mark.parametrize("times", [[1.0, 0.5], [np.nan], [-1.0, 1.0], []])
def test_retention_at_bad_times_is_refused(times):
    with pytest.raises(ParameterError, match="times"):
        retention(load_device("vteam/nominal"), times)


def test_alternating_pulses_end_at_the_fixed_point_of_both_maps():
    # x -> r + (x - r) e for either pulse; the fixed point after the lowering one, and the mean with the raised one.
    device = load_device("two_state/knowm_sdc")
    volts, width, tau, w = 0.3, 1e-4, 1e-4, 0.0257
    (r_u, e_u), (r_d, e_d) = ((up / (up + down), np.exp(-(up + down) * width)) for up, down in (
        (1 / tau / (1 + np.exp(-(s * volts - device.value("v_plus")) / device.value("w_plus"))),
         1 / tau / (1 + np.exp((s * volts - device.value("v_minus")) / device.value("w_minus")))) for s in (1, -1)))
    assert w == pytest.approx(device.value("w_plus"), rel=0.05)
    lowered = (r_d * (1 - e_d) + e_d * r_u * (1 - e_u)) / (1 - e_u * e_d)
    raised = r_u + (lowered - r_u) * e_u
    g_on, g_off = device.value("g_on"), device.value("g_off")
    found = symmetry_point(device, volts, width, pairs=100)
    assert found.settled
    assert found.point == pytest.approx(g_off + (g_on - g_off) * 0.5 * (lowered + raised), rel=1e-9)


def test_telegraph_noise_has_its_lorentzian_spectrum():
    device = constant_rates(n_switches=1.0)
    result = noise_spectrum(device, "0.1 V", sampling=1e5, samples=1 << 13, copies=64, seed=2)
    step = 0.1 * (device.value("g_on") - device.value("g_off"))
    rate = UP + DOWN
    expected = 4 * step**2 * (UP * DOWN / rate) / (rate**2 + (2 * np.pi * result.frequency) ** 2)  # one-sided
    low = result.frequency < 5e3  # far below the sampling frequency: no aliases
    ratio = np.mean(result.density[low] / expected[low])
    assert abs(ratio - 1) < 0.1
    assert result.deviation == pytest.approx(step * np.sqrt(UP * DOWN) / rate, rel=0.05)


def test_noise_of_a_quiet_model_is_refused():
    with pytest.raises(ParameterError, match="no noise"):
        noise_spectrum(load_device("linear_ion_drift/biolek2009"))


def test_pulses_of_any_shape_move_the_state_by_the_integral_of_the_law():
    device = load_device("vteam/nominal")
    shape = Pulse("-1.5 V", "100 ns"), Pulse("1.5 V", "100 ns")
    train = pulse_response(device, n_up=2, n_down=1, shape=shape)
    x = np.array([0.5, 0.4, 0.3, 0.4])
    np.testing.assert_allclose(train.conductance, 1 / (R_ON + R_SPAN * x), rtol=1e-9)


def test_pulses_follow_from_the_card_when_nothing_is_given():
    train = pulse_response(load_device("vteam/nominal"), n_up=1, n_down=1)
    assert (train.v_raise, train.v_lower) == (-0.9, 0.9)
    middle = 0.5 * (G_LOW + G_HIGH)
    width = 0.02 * (G_HIGH - G_LOW) / (middle**2 * R_SPAN * 1.25e5 * 0.8**3)
    np.testing.assert_allclose((train.width_up, train.width_down), width, rtol=2e-3)


@pytest.mark.parametrize(("label", "a"), [(2.4, 0.49918), (4.88, 0.20030), (1.0, 1.25165)])
def test_nonlinearity_label_is_that_of_the_exponential_curve(label, a):
    # G = (1 - exp(-p / A)) / (1 - exp(-1 / A)) has the label that belongs to A.
    p = np.linspace(0, 1, 2001)
    up = (1 - np.exp(-p / a)) / (1 - np.exp(-1 / a))
    assert nonlinearity_label(up) == pytest.approx(label, abs=2e-3)
    assert nonlinearity_label(1 - up) == pytest.approx(-label, abs=2e-3)
    assert nonlinearity_label(p) == 0.0


def test_metrics_of_equal_steps():
    device = load_device("vteam/nominal")
    train = pulse_response(device, "1.5 V", "10 ns", 100, 100, start=0.0)
    metrics = pulse_metrics(train)
    assert metrics.on_off == pytest.approx(20.0, rel=1e-6)
    assert metrics.asymmetry < 1e-9  # the same states on the way back
    assert metrics.sigma_c2c == metrics.sigma_d2d == 0.0
    # R falls linearly from 200 k to 10 k: 95 % of the range of G at R = 1 / (5 uS + 0.95 * 95 uS).
    assert metrics.pulses_to_95 == int(np.ceil((1 - x_at(0.95)) * 100))


def test_spread_of_copies_and_of_steps_is_measured():
    device = load_device("vteam/nominal", sigma_step=0.2)
    noisy = pulse_metrics(pulse_response(device, "1.5 V", "10 ns", 20, 20, noisy=True, copies=400, seed=1))
    assert noisy.sigma_c2c > 0.0
    population = build_population(load_device("vteam/nominal"), 400, spreads={"rate": 0.2}, seed=3)
    spread = pulse_metrics(pulse_response(load_device("vteam/nominal"), "1.5 V", "10 ns", 5, 5, population=population))
    assert 0.1 < spread.sigma_d2d < 0.4


def test_a_train_that_moves_nothing_has_no_metrics():
    with pytest.raises(ParameterError, match="does not change"):
        pulse_metrics(pulse_response(load_device("vteam/nominal"), "0.4 V", "10 ns", 5, 5))


VTEAM = "vteam/nominal"


@pytest.mark.parametrize(("measure", "said"), [
    (lambda d: switching_time(d, []), "voltages: an empty list"),
    (lambda d: switching_time(d, ["1 s"]), "voltages"),
    (lambda d: switching_time(d, [np.nan]), "voltages"),
    (lambda d: switching_time(d, ["3 V"], strict=True), "leave the range of the card"),
    (lambda d: switching_probability(d, 1.0, ["-1 ns"]), "widths"),
    (lambda d: switching_probability(d, "inf V", ["1 ns"]), "voltage"),
    (lambda d: switching_probability(d, 1.0, ["1 ns"], copies=0), "copies = 0"),
    (lambda d: switching_probability(d, 1.0, ["1 ns"], threshold=1.5), "1.5 of the conductance window"),
    (lambda d: retention(d, ["1 V"]), "times"),
    (lambda d: retention(d, [1.0], start=[]), "start: an empty list"),
    (lambda d: retention(d, [1.0], start=[-0.1]), "fraction from 0 to 1"),
    (lambda d: read_disturb(d, "1 V"), "v_read_max"),
    (lambda d: pulse_response(d, copies=0), "copies = 0"),
    (lambda d: pulse_response(d, "-1 V"), "amplitude"),
    (lambda d: pulse_response(d, "1 V", "-1 ns"), "width"),
    (lambda d: pulse_response(d, start=2.0), "fraction from 0 to 1"),
    (lambda d: pulse_response(d, n_up=-1), "n_up"),
    (lambda d: symmetry_point(d, pairs=0), "pairs = 0"),
    (lambda d: noise_spectrum(load_device("two_state/nugent2014_aist", n_switches=10.0), sampling=-1.0), "sampling"),
])
def test_a_measurement_that_cannot_be_says_what_is_allowed(measure, said):
    with pytest.raises(ParameterError, match=said):
        measure(load_device(VTEAM))


def test_text_with_units_is_the_same_as_numbers():
    device = load_device(VTEAM)
    text, numbers = (switching_time(device, volts).seconds for volts in (["800 mV", "-1.2 V"], [0.8, -1.2]))
    np.testing.assert_array_equal(text, numbers)
    np.testing.assert_array_equal(retention(device, ["1 ms", "2 s"], voltage="0.1 V").time, [0.0, 1e-3, 2.0])


@pytest.mark.parametrize("measure", [
    lambda d: switching_time(d, [5.0]).seconds, lambda d: retention(d, [1.0], voltage="5 V").conductance,
    lambda d: pulse_response(d, "5 V", "1 ns", 1, 1).conductance,
    lambda d: pulse_response(d, n_up=1, n_down=1, shape=(Pulse("-5 V", "1 ns"), Pulse("5 V", "1 ns"))).conductance,
    lambda d: iv_sweep(d, Triangle("5 V", period="1 us"), steps=10).current,
    lambda d: simulate(d, Sine("5 V", frequency="1 MHz", cycles=1))["x"],
])
def test_a_voltage_beyond_the_card_is_warned_of(measure):
    with pytest.warns(UserWarning, match="leave the range of the card"):
        assert np.all(np.isfinite(measure(load_device(VTEAM))))


def test_strict_simulation_refuses_a_voltage_beyond_the_card():
    with pytest.raises(ParameterError, match="5 V leave the range of the card"):
        simulate(load_device(VTEAM), Pulse("5 V", "1 us"), strict=True)
