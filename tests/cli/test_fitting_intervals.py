"""Intervals contain the truth, and a value that the data do not identify has none."""


import numpy as np
import pytest
from fit_data import NOISE, TRUE, iv_record, one_amplitude, pulse_data, pulse_record

from neurosim.characterise import iv_sweep
from neurosim.fitting import Measurement, fit_device
from neurosim.library import load_device
from neurosim.waveform import Triangle


def test_what_the_data_never_touch_is_not_identified():
    data = pulse_data(load_device("vteam/nominal", **TRUE))
    only_up = data["voltage"] <= 0.0
    stop = int(np.argmin(only_up))  # the first 30 pulses all lower the resistance: nothing is said about k_off, v_off
    part = Measurement("pulses", "simulated", {name: column[:stop] for name, column in data.columns.items()})
    result = fit_device(load_device("vteam/nominal"), part, ["k_on", "k_off"])
    values = {value.name: value for value in result.values}
    assert values["k_on"].identified
    assert not values["k_off"].identified
    assert "do not depend" in values["k_off"].why
    assert values["k_off"].value == load_device("vteam/nominal").value("k_off")  # what was assumed, not where a search ended


def unmoved_by(volts, seed, noise=NOISE):
    """Return pulses that raise, then pulses below a threshold of 1.5 V that do nothing."""
    device = load_device("vteam/nominal", x=0.9, v_off=1.5)
    kind, columns = pulse_record(device, (-0.9, 1e-7, 15), (volts, 1e-7, 15))
    ripple = 1 + noise * np.random.default_rng(seed).standard_normal(30)
    return Measurement(kind, "chip", columns | {"conductance": columns["conductance"] * ripple})


@pytest.mark.parametrize(("volts", "noise"), [(0.6, NOISE), (0.9, NOISE), (1.2, NOISE), (0.6, 0.0), (1.2, 0.0)])
def test_a_threshold_that_the_data_never_reach_has_no_interval(volts, noise):
    # The noise has a best threshold somewhere below the largest voltage, but any above it does as well.
    for seed in range(3):
        result = fit_device(load_device("vteam/nominal"), unmoved_by(volts, seed, noise), ["k_on", "v_off"])
        values = {value.name: value for value in result.values}
        assert not values["v_off"].identified
        assert values["v_off"].high == np.inf
        assert values["v_off"].value < 1.1 * volts  # as near to the card's 0.5 V as the data allow
        assert values["k_on"].identified


def test_an_end_of_the_window_that_one_noisy_row_sets_has_no_interval():
    # The largest conductance is no end: the state can be stretched, with the end of the window and the rates following.
    kind, columns = pulse_record(load_device("vteam/nominal", **TRUE), (-0.75, 6e-8, 10), (-1.15, 9e-8, 10), (1.0, 5e-7, 10),
                                 (-1.3, 1e-7, 10))
    for seed in range(3):
        ripple = 1 + NOISE * np.random.default_rng(seed).standard_normal(40)
        data = Measurement(kind, "chip", columns | {"conductance": columns["conductance"] * ripple})
        values = {value.name: value for value in fit_device(load_device("vteam/nominal"), data).values}
        assert not values["r_on"].identified
        assert values["r_on"].low == -np.inf


@pytest.mark.parametrize("noise", [0.0, NOISE])
def test_one_amplitude_fixes_no_threshold_and_says_so_without_an_interval(noise):
    result = fit_device(load_device("vteam/nominal"), one_amplitude(0, noise))
    values = {value.name: value for value in result.values}
    truth = load_device("vteam/nominal", **TRUE)
    for value in result.values:
        if value.identified:
            assert value.low - 2 * (value.high - value.low) < truth.value(value.name) < 3 * value.high - 2 * value.low, value
        else:
            assert (value.low, value.high) == (-np.inf, np.inf)
    assert not any(values[name].identified for name in ("r_on", "v_off", "k_off", "alpha_off", "v_on", "k_on", "alpha_on"))


def test_two_values_of_which_only_one_combination_is_seen_are_not_identified():
    # A loop that ends fully ON says nothing about the OFF resistance apart from the mobility that goes with it.
    true = load_device("linear_ion_drift/biolek2009", r_on=150.0, r_off=12e3, mobility=1.5e-14, x=0.3)
    loop = iv_sweep(true, Triangle(1.0, period=1.0, cycles=2), steps=800)
    noise = 1 + 0.01 * np.random.default_rng(4).standard_normal(loop.current.size)
    columns = {"time": loop.time, "voltage": loop.voltage, "current": loop.current * noise}
    data = Measurement("iv", "film", {name: values[::4] for name, values in columns.items()})
    result = fit_device(load_device("linear_ion_drift/biolek2009"), data, ["r_on", "r_off", "mobility"])
    values = {value.name: value for value in result.values}
    assert result.deviation < 0.02
    assert values["r_on"].identified
    assert values["r_on"].value == pytest.approx(150.0, rel=0.02)
    assert not values["r_off"].identified
    assert not values["mobility"].identified


FAMILIES = {
    "two_state_merz/nominal": ({"g_on": 2e-5, "v_plus": 13.0, "v_minus": -17.0}, pulse_record,
                               ((1.5, 2e-6, 15), (-1.5, 3e-6, 15), (2.2, 2e-7, 10), (-2.2, 4e-7, 10), (1.2, 5e-5, 10),
                                (-1.2, 4e-4, 10))),
    "yakopcic/oblea_sine": ({"speed_p": 3000.0, "v_p": 0.2, "scale_p": 0.2, "scale_n": 0.15}, iv_record, (0.45, 0.02)),
    "wox/chang2011": ({"growth": 0.03, "eta": 3.5, "decay": 0.8, "gamma": 6e-6}, iv_record, (1.2, 4.0)),
    "memdiode/aguirre_rram": ({"i_max": 2e-3, "v_set": 0.1, "v_reset": 0.17}, iv_record, (1.3, 2.0)),
    "pershin/biolek2013": ({"beta": 2e13, "v_off": 4.2, "v_on": -4.9, "r_off": 8e3}, iv_record, (6.0, 2e-8)),
    "pulse_step/soft_bounds": ({"up_low": 0.03, "down_high": 0.015, "g_max": 9e-5}, pulse_record,
                               ((0.9, 1e-7, 60), (-0.9, 1e-7, 60))),
}
REPEATS = 20


@pytest.mark.slow
@pytest.mark.parametrize("card", FAMILIES)
def test_intervals_contain_the_truth_as_often_as_they_say(card):
    truth, record, arguments = FAMILIES[card]
    kind, clean = record(load_device(card, **truth), *arguments)
    measured = "current" if kind == "iv" else "conductance"
    y, inside = clean[measured], []
    spread = 0.01 * y if kind == "pulses" else 0.5 * np.hypot(0.02 * y, 0.002 * np.abs(y).max())  # that of the residuals
    for seed in range(REPEATS):
        noisy = y + spread * np.random.default_rng(100 + seed).standard_normal(y.size)
        result = fit_device(load_device(card), Measurement(kind, card, clean | {measured: noisy}), list(truth))
        assert result.deviation == pytest.approx(0.01, rel=0.3)
        values = [value for value in result.values if value.name in truth]
        assert all(value.identified for value in values)
        inside.append([value.low <= truth[value.name] <= value.high for value in values])
    # 95 % of 20: fewer than 15 has a probability of 3e-4 for each value.
    assert np.all(np.sum(inside, axis=0) >= 15)
