"""Pulse voltages and slopes that follow from a card alone."""

import numpy as np
import pytest

from neurosim.errors import ParameterError
from neurosim.experiment import with_current_gain
from neurosim.library import load_device
from neurosim.nominal_write import LONGEST_PULSE, NominalWrite


def test_a_device_with_thresholds_is_written_at_nine_tenths_of_them_on_half_selected_devices():
    nominal = NominalWrite.of(load_device("vteam/nominal"), None, 0.02)  # thresholds +-0.5 V, positive lowers G
    assert (nominal.v_raise, nominal.v_lower) == (-0.9, 0.9)
    uneven = load_device("vteam/nominal", v_off="0.4 V", v_on="-0.7 V")
    nominal = NominalWrite.of(uneven, None, 0.02)
    np.testing.assert_allclose((nominal.v_raise, nominal.v_lower), (-1.26, 0.72), rtol=1e-15)


def test_a_given_amplitude_is_used_for_both_polarities():
    nominal = NominalWrite.of(load_device("vteam/nominal"), 0.8, 0.02)
    assert (nominal.v_raise, nominal.v_lower) == (-0.8, 0.8)


def test_slopes_are_those_of_the_law_in_the_middle_of_the_window():
    # G = 1/R, R = r_on + (r_off - r_on) x: dG/dt = -G^2 (r_off - r_on) dx/dt with dx/dt = +-1.25e5 (0.9/0.5 - 1)^3 / s.
    nominal = NominalWrite.of(load_device("vteam/nominal"), 0.9, 0.02)
    middle = 0.5 * (1e-4 + 5e-6)
    slope = 1.0 / (middle**2 * 1.9e5 * 1.25e5 * 0.8**3)
    np.testing.assert_allclose((nominal.raise_slope, nominal.lower_slope), (slope, slope), rtol=2e-3)


def test_without_a_threshold_the_longest_pulse_takes_a_microsecond():
    card = load_device("two_state/memdiode_rram")  # exponential rates, here made a million times faster
    fast = card.override(rate_plus=1e6 * card.value("rate_plus"), rate_minus=1e6 * card.value("rate_minus"))
    nominal = NominalWrite.of(fast, None, 0.02)
    longest = 0.02 * nominal.window * np.array([nominal.raise_slope, nominal.lower_slope])
    np.testing.assert_allclose(longest, LONGEST_PULSE, rtol=0.1)  # the voltage is rounded to three digits
    assert nominal.v_lower < 0 < nominal.v_raise


def test_where_rates_saturate_the_pulse_stays_below_the_plateau():
    nominal = NominalWrite.of(load_device("two_state/knowm_sdc"), None, 0.02)  # Fermi rates, at most 1 / tau = 1e4 / s
    assert 0.1 < nominal.v_raise < 0.6
    assert -0.6 < nominal.v_lower < -0.1


def test_a_pulse_below_threshold_is_refused():
    with pytest.raises(ParameterError, match="does not move"):
        NominalWrite.of(load_device("vteam/nominal"), 0.4, 0.02)


def test_matched_current_gain_gives_half_the_saturation_current_across_the_window():
    neuron = load_device("hard_axis_mtj/nominal")
    window = (1e-6, 3e-6)
    matched = with_current_gain(neuron, "matched", window)
    # Field of v_r times the window over h_k.
    assert matched.value("c") * matched.value("v_r") * (window[1] - window[0]) / matched.value("h_k") == pytest.approx(0.5)
    assert with_current_gain(neuron, 3.0, window).value("c") == pytest.approx(3.0 * neuron.value("c"))


def test_a_device_that_counts_pulses_is_written_in_whole_pulses():
    card = load_device("pulse_step/soft_bounds", width_up="50 ns")  # mid-window a pulse is 1 % of it, lowering takes 100 ns
    nominal = NominalWrite.of(card, None, 0.02)
    assert (nominal.v_raise, nominal.v_lower) == (0.9, -0.9)
    np.testing.assert_allclose(nominal.pulse_step, 0.01 * nominal.window, rtol=1e-12)
    level, levels, raise_slope, lower_slope = nominal.levels(0.02, 64)  # 64 levels of 0.03 % are too fine: two of one pulse
    assert levels == 2
    np.testing.assert_allclose([level * raise_slope, level * lower_slope], [50e-9, 100e-9], rtol=1e-12)
    level, levels, raise_slope, _ = nominal.levels(0.25, 8)  # 3.1 % are four pulses, 6 of those 25 %
    assert levels == 6
    np.testing.assert_allclose([level, level * raise_slope], [0.04 * nominal.window, 200e-9], rtol=1e-12)


def test_a_pulse_coarser_than_the_longest_step_is_still_one_pulse():
    nominal = NominalWrite.of(load_device("pulse_step/reram_array_hfo2"), None, 0.02)
    level, levels, raise_slope, _ = nominal.levels(0.02, 64)
    assert levels == 1
    np.testing.assert_allclose([level / nominal.window, level * raise_slope], [0.2311, 1e-7], rtol=1e-9)
    vteam = NominalWrite.of(load_device("vteam/nominal"), None, 0.02)
    assert vteam.levels(0.02, 64) == (0.02 * vteam.window / 64, 64, vteam.raise_slope, vteam.lower_slope)


@pytest.mark.parametrize(("name", "says"), [
    ("messaris/taox_tiox", "no voltage from 0 to -7 V .* raises the conductance"),
    ("memdiode/dmm_a2", "no voltage from 0 to -1.5 V .* lowers the conductance"),
    ("diffusive/nominal", "no voltage from 0 to -0.6 V .* lowers the conductance"),  # it forgets by itself: no pulse does that
    ("team/pickett_b", "no voltage from 0 to 3 V .* lowers the conductance"),  # in half an hour
])
def test_a_card_that_no_voltage_moves_both_ways_is_refused_in_these_words(name, says):
    with pytest.raises(ParameterError, match=says):
        NominalWrite.of(load_device(name), None, 0.02)


@pytest.mark.parametrize("card", ["pcm/nandakumar2018", "pcm/hermes2023"])
def test_a_device_whose_reset_forgets_where_it_was_is_refused(card):
    # A RESET pulse leaves the cell at a level that follows from its voltage: from below it, "lowering" raises.
    with pytest.raises(ParameterError, match=r"should (lower|raise) the conductance.*changes it by .*one-sided"):
        NominalWrite.of(load_device(card), None, 0.02)
