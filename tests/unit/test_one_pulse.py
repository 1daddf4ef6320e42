"""Single pulses: probabilities against their closed law, the kinds of devices, and the figures that each kind gets."""

import numpy as np
import pytest

from neurosim.characterise.one_pulse import is_binary, is_volatile, one_pulse, responding_widths, window_states
from neurosim.errors import ParameterError
from neurosim.library import load_device


def test_poisson_switching_probability_is_the_closed_law():
    device = load_device("stochastic_switch/gaba2013_ag_silicon")
    tau = 2.85e5 * np.exp(-3.0 / 0.156)  # numbers of the card
    copies = 4000
    found = one_pulse(device, [3.0, -3.0], tau * np.array([0.3, 1.0, 2.0]), copies=copies)
    expected = 1.0 - np.exp(-np.array([0.3, 1.0, 2.0]))
    error = np.sqrt(expected * (1.0 - expected) / copies)
    assert np.all(np.abs(found.moved[:, 0] - expected) < 4.0 * error)
    assert found.before[0] == pytest.approx(found.low, rel=1e-12)
    assert found.before[1] == pytest.approx(found.high, rel=1e-12)


@pytest.mark.parametrize(("name", "binary", "volatile"), [
    ("stochastic_switch/nominal_weibull", True, False), ("two_state_neel_brown/nominal", True, False),
    ("two_state_merz/nominal", False, False), ("mott_nbo2/biolek2013", False, True), ("diffusive/nominal", False, True),
    ("pcm_thermal/biolek2013", False, False)])
def test_kinds_of_devices_are_told_apart(name, binary, volatile):
    device = load_device(name)
    assert (is_binary(device), is_volatile(device)) == (binary, volatile)


def test_window_of_many_states_is_that_of_all_of_them():
    device = load_device("ferroelectric_domains/hzo_deng2020")
    states = window_states(device)
    assert np.all(states[:8, 0] == 0.0)
    assert np.all(states[:8, 1] == 1.0)
    result = one_pulse(device, [2.5], [1.0])
    assert (result.low, result.high) == pytest.approx((0.1e-6, 10e-6), rel=1e-12)
    assert result.moved[0, 0] == pytest.approx(1.0, rel=1e-12)


def test_widths_begin_where_a_pulse_moves_the_device():
    device = load_device("two_state_merz/nominal")
    widths = responding_widths(device, [2.0], count=3)
    np.testing.assert_allclose(widths[1:] / widths[:-1], 10.0, rtol=1e-12)
    moved = one_pulse(device, [2.0], [widths[0] / 10.0, widths[0]]).moved[:, 0]
    assert moved[0] < 0.5 <= moved[1]


def test_bad_pulses_are_refused():
    device = load_device("two_state_merz/nominal")
    for volts, widths, copies in (([np.nan], [1.0], 1), ([1.0], [0.0], 1), ([1.0], [1.0], 0)):
        with pytest.raises(ParameterError, match="one_pulse"):
            one_pulse(device, volts, widths, copies=copies)


@pytest.mark.parametrize(("name", "kinds"), [
    ("vteam/nominal", {"iv", "pulses", "switching", "retention"}), ("pulse_step/reram_sb", {"pulses", "step", "retention"}),
    ("stochastic_switch/nominal_weibull", {"iv", "probability", "retention"}), ("diode/nominal", {"iv"}),
    ("mott_nbo2/biolek2013", {"iv", "response"}), ("hard_axis_mtj/nominal", {"activation", "step"}),
    ("smtj/nominal", {"activation", "step", "telegraph"})])
def test_each_kind_of_device_gets_the_figures_that_say_something(name, kinds, tmp_path, capsys):
    pytest.importorskip("matplotlib").use("Agg")
    from neurosim.plot.device_page import draw_device

    stem = name.replace("/", "-") + "-"
    assert {path.stem.removeprefix(stem) for path in draw_device(load_device(name), tmp_path)} == kinds
    told = capsys.readouterr().out
    if "iv" in kinds and "pulses" in kinds:
        assert "no noise figure: a read has no noise on this card" in told
