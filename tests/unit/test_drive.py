"""Voltages and times of lists and figures: what a laboratory has, whatever the law of a card extrapolates to."""

import numpy as np
import pytest

from neurosim.characterise.drive import FASTEST, LEAST, drive_of, half_drive, limits, reads_write
from neurosim.characterise.neuron import neuron_range
from neurosim.library import load_device
from neurosim.plot.device_drive import FASTEST as FASTEST_LOOP
from neurosim.plot.device_drive import loop_drive


@pytest.mark.parametrize("name", ["messaris/taox", "vteam/technion", "team/pickett_a", "two_state/knowm_sdc"])
def test_pulse_voltages_are_a_part_of_the_card_s_range(name):
    device = load_device(name)
    low, high = limits(device)
    volts, times = drive_of(device)
    assert np.all(np.isfinite(times))
    for voltage in volts:
        assert LEAST * (1 - 1e-12) <= abs(voltage) / (high if voltage > 0.0 else -low) <= 1.0


def test_single_pulses_last_a_nanosecond_at_least():
    volts, widths = half_drive(load_device("team/pickett_a_window"))
    assert widths[1] >= FASTEST * (1 - 1e-12)
    assert np.isnan(volts[0])


def test_a_device_that_every_read_writes_is_told():
    assert "440 nV" in reads_write(load_device("messaris/taox"))
    assert reads_write(load_device("vteam/nominal")) == ""


def test_a_loop_takes_as_long_as_a_generator_needs():
    assert loop_drive(load_device("gap/hfo2_granada")).period >= FASTEST_LOOP


def test_a_neuron_s_range_is_that_of_its_law():
    hard, soft = neuron_range(load_device("hard_axis_mtj/nominal")), load_device("smtj/nominal")
    assert (hard.low, hard.high) == pytest.approx((-0.05, 0.05), rel=1e-12)  # v_r of the card
    tanh = neuron_range(soft)
    reach = np.tanh(soft.value("delta") * 2.0 * tanh.drive / soft.value("i_c"))  # (3) of the model at twice the drive
    assert tanh.high == pytest.approx(soft.value("v_r") * reach, rel=1e-9)
