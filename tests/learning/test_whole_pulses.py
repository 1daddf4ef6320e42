"""Programming behavioural devices: whole pulses, contents below one pulse kept, corrupt cells left alone."""

from __future__ import annotations

import numpy as np
import pytest

from neurosim.crossbar import CrossbarArray
from neurosim.crossbar_spec import Crossbar
from neurosim.learning.accumulators import Accumulator
from neurosim.learning.programmers import DevicePulses, WriteVerify
from neurosim.library import load_device


def array(card, **nonidealities):
    return CrossbarArray(Crossbar(device=load_device(card), **nonidealities), 4, 3, seed=1, name="c")


@pytest.mark.parametrize("trains", [False, True])
def test_content_waits_for_a_whole_pulse_and_keeps_the_rest(trains):
    crossbar, programmer = array("pulse_step/soft_bounds"), DevicePulses(trains=trains)
    nominal, accumulator = programmer.nominal(crossbar.spec.device), Accumulator("digital", quantum=0.001)
    before = crossbar.g.copy()
    content = np.zeros((5, 3))
    content[2, 1] = 0.7 * nominal.pulse_step
    assert programmer.write(crossbar, nominal, accumulator, content).pulses == 0
    assert content[2, 1] == 0.7 * nominal.pulse_step
    content[2, 1] = 1.7 * nominal.pulse_step
    report = programmer.write(crossbar, nominal, accumulator, content)
    np.testing.assert_allclose(content[2, 1], 0.7 * nominal.pulse_step, rtol=1e-12)
    change = (crossbar.g - before) / nominal.window
    expected = np.zeros((5, 6))
    expected[2, 1], expected[2, 4] = 0.01, -0.01  # soft bounds, 2 % of the way from the middle
    np.testing.assert_allclose(change, expected, rtol=0.0, atol=1e-12)
    assert report.pulses == 2
    # Each part: one pulse of 0.9 V for 100 ns at about 50 uS; a quarter of the power in the 4 others of its column for as
    # long, and in its row for the whole part, which is two pulses long unless they come one by one.
    row = 5 if trains else 2 * 5 + 1
    assert report.energy == pytest.approx(0.9**2 * 50e-6 * 1e-7 * 2 * (1 + 0.25 * (row + 4)), rel=1e-3)


def test_verified_writes_move_devices_whose_pulse_is_coarse():
    crossbar = array("pulse_step/reram_array_hfo2")
    programmer = WriteVerify(DevicePulses(), budget=3, tolerance=0.05, read_noise=0.0)
    nominal, before = programmer.nominal(crossbar.spec.device), crossbar.g.copy()
    content = np.full((5, 3), 0.3 * nominal.window)
    programmer.write(crossbar, nominal, Accumulator("digital"), content)
    raised = crossbar.g[:, :3] > before[:, :3]
    assert raised.mean() > 0.5


def test_corrupt_cells_are_not_inverted_windows_and_never_change():
    crossbar = array("pulse_step/reram_array_om", sigma_d2d=0.1)
    params, names = crossbar.population.params, crossbar.population.model.param_index
    dead = (params[names["up_low"]] == 0.0).reshape(crossbar.g.shape)
    before = crossbar.g.copy()
    crossbar.program_in_place(np.full(crossbar.g.shape, 3e-7), 0.9, -0.9, 3e-7)
    assert np.all(crossbar.g[dead] == before[dead])
    assert np.any(crossbar.g[~dead] != before[~dead])
