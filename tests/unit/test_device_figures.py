"""Figures of devices: every line is named and seen, titles fit, and axes cover what happens."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt

from neurosim.characterise import noise_spectrum, pulse_response, read_disturb, retention
from neurosim.characterise.one_pulse import one_pulse
from neurosim.library import load_device
from neurosim.modifiers import modify_device
from neurosim.plot import device as plot
from neurosim.plot import device_random as random
from neurosim.plot.axes import LONGEST_TITLE, entitle, legend_above, log_ticks
from neurosim.plot.device_drive import ALIKE, noise_sampling, response_drive
from neurosim.plot.device_neuron import step_response, telegraph
from neurosim.plot.device_response import one_pulse as one_pulse_figure


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def title_of(ax):
    return ax.get_title(loc="left") or ax.get_title()


def test_a_long_title_takes_two_lines():
    ax = plt.subplots()[1]
    entitle(ax, "stochastic_switch/jo2009_ag_silicon", "retention and read disturb")
    assert max(map(len, title_of(ax).splitlines())) <= LONGEST_TITLE
    entitle(ax, "vteam/nominal", "one pulse")
    assert title_of(ax) == "vteam/nominal: one pulse"


def test_a_legend_is_read_line_by_line():
    ax = plt.subplots()[1]
    for name in "abcde":
        ax.plot([0, 1], label=name)
    legend_above(ax, 2)
    assert legend_of(ax) == ["a", "c", "e", "b", "d"]  # matplotlib fills columns: a c e, then b d
    ax.figure.canvas.draw()
    tops = {text.get_text(): text.get_window_extent().y0 for text in ax.get_legend().get_texts()}
    assert tops["a"] == pytest.approx(tops["b"], abs=2.0)
    assert tops["a"] > tops["c"] > tops["e"]


def test_retention_names_starts_and_voltages():
    device = load_device("two_state/knowm_sdc")
    ax = plot.retention(retention(device), disturb=read_disturb(device))
    assert set(legend_of(ax)) == {"from 10 % of the window", "50 %", "90 %", "left alone", "at +100 mV", "at −100 mV"}


@pytest.mark.parametrize(("voltage", "column"), [(3.0, 0), (-3.0, 1)])
def test_the_share_that_holds_its_state_is_the_closed_law(voltage, column):
    device, copies = load_device("stochastic_switch/gaba2013_ag_silicon"), 2000
    times = 2.85e5 * np.exp(-3.0 / 0.156) * np.array([0.3, 1.0, 2.0])  # numbers of the card
    expected = np.exp(-np.array([0.3, 1.0, 2.0]))
    found = random.held_share(device, voltage, times, copies=copies)
    assert np.all(np.abs(found[:, column] - expected) < 5.0 * np.sqrt(expected * (1.0 - expected) / copies))
    assert np.all(found[:, 1 - column] == 1.0)  # the other polarity moves the other state only
    assert np.all(random.held_share(device, 0.0, times, copies=50) == 1.0)


def test_binary_devices_are_drawn_as_a_share():
    ax = random.hold(load_device("stochastic_switch/gaba2013_ag_silicon"))
    assert "% of the devices" in ax.get_ylabel()
    assert set(legend_of(ax)) == {"put to OFF", "put to ON", "left alone", "at +100 mV", "at −100 mV"}


def test_a_train_names_both_directions_before_the_noise():
    device = load_device("pulse_step/epiram")
    width = device.value("width_up")
    train = pulse_response(device, n_up=3, n_down=3)
    ax = plot.pulses(train, whole=[width, device.value("width_down")], noisy=pulse_response(device, n_up=3, n_down=3, copies=2))
    names = [name.split(":")[0] for name in legend_of(ax)]
    assert names == ["up", "2 single devices, with noise", "down"]  # columns: up and the noise below it, down
    assert ax.get_xlabel() == "pulse number"
    steps = pulse_response(device, (train.v_raise, -train.v_lower), (3.0 * train.width_up, 3.0 * train.width_down), 3, 3)
    assert plot.pulses(steps, whole=[width, device.value("width_down")]).get_xlabel() == "step number"


def test_sampling_of_telegraph_noise_follows_its_dwell_times():
    device = modify_device(load_device("vteam/nominal"), [{"kind": "rtn", "capture_time": "2 ms", "emission_time": "1 ms"}])
    wait = 1.0 / noise_sampling(device)
    tau = 1.0 / (1.0 / 2e-3 + 1.0 / 1e-3)  # correlation exp(-wait / tau); times half a decade apart are tried
    assert np.exp(-wait / tau) >= ALIKE > np.exp(-wait * 10.0**0.5 / tau)


def test_a_spectrum_ends_below_half_the_sampling_rate():
    device = modify_device(load_device("vteam/nominal"), [{"kind": "rtn"}])
    for samples in (1024, 1000):
        found = noise_spectrum(device, sampling=1e4, samples=samples, copies=2)
        assert found.frequency[-1] < 5e3
        assert found.frequency[0] > 0.0


def test_a_fast_neuron_fills_its_axis():
    ax = step_response(load_device("smtj/nominal"))
    curves = np.array([line.get_ydata() for line in ax.get_lines()])
    moving = np.flatnonzero((np.abs(curves - curves[:, -1:]) > 0.02 * np.ptp(curves)).any(axis=0))
    assert moving[-1] > 0.3 * curves.shape[1]


def test_a_telegraph_is_drawn_at_three_drives():
    figure = telegraph(load_device("smtj/nominal")).figure
    assert len(figure.axes) == 3
    for ax in figure.axes:
        np.testing.assert_allclose(np.abs(ax.get_lines()[0].get_ydata()[1:]), 50.0, rtol=1e-12)  # mV, of the card


@pytest.mark.parametrize("ends", [(16.0, 935.0), (1.1, 90.0), (30.0, 80.0)])
def test_a_logarithmic_axis_below_two_decades_has_numbers_between_the_decades(ends):
    ax = plt.subplots()[1]
    ax.plot([0.0, 1.0], ends)
    ax.set_yscale("log")
    log_ticks(ax.yaxis)
    ax.figure.canvas.draw()
    low, high = ax.get_ylim()
    told = [tick for kind in ("major", "minor") for tick, label in zip(
        ax.yaxis.get_ticklocs(minor=kind == "minor"), ax.get_yticklabels(which=kind), strict=True) if label.get_text()]
    assert sum(low <= tick <= high for tick in told) >= 3


@pytest.mark.parametrize(("name", "hidden"), [("mott_nbo2/biolek2013", True), ("diffusive/nominal", False)])
def test_curves_of_single_pulses_get_thinner_where_they_would_hide_each_other(name, hidden):
    device = load_device(name)
    ax = one_pulse_figure(one_pulse(device, *response_drive(device)))
    curves = [line for line in ax.get_lines() if line.get_label()[0] != "_"]
    widths = [line.get_linewidth() for line in curves]
    assert len(curves) == 4
    assert (np.all(np.diff(widths) < 0.0)) == hidden
    assert hidden or len(set(widths)) == 1
