"""Closed-loop writes: reads are averaged, cost energy and time, and a tolerance below their noise is said."""

import numpy as np
import pytest

from neurosim.errors import ParameterError
from neurosim.learning.accumulators import Accumulator
from neurosim.learning.evaluate import evaluate
from neurosim.learning.programmers import DevicePulses, WriteVerify
from neurosim.nominal_write import NominalWrite
from neurosim.summary import conclude

NOISE = 0.01


def array(make_network):
    """Return the 6-5 crossbar at mid window, its nominal write, and a content of zero."""
    crossbar = make_network(sigma=0.0).crossbars[0]
    crossbar.form(np.zeros((crossbar.n_rows, crossbar.n_targets)), *crossbar.spec.nominal_window())
    nominal = NominalWrite.of(crossbar.spec.device, 0.9, 0.02)
    return crossbar, nominal, np.zeros((crossbar.n_rows, crossbar.n_targets))


def drift(make_network, reads, writes=60):
    """Return the changes [S] that pairs of opposite requests leave, zero without noise, and the mean conductance [S]."""
    crossbar, nominal, content = array(make_network)
    programmer = WriteVerify(DevicePulses(), budget=8, tolerance=1e-4, read_noise=NOISE, reads=reads)
    before = crossbar.g.copy()
    for k in range(writes):
        content[:] = (0.01 if k % 2 else -0.01) * nominal.window
        programmer.write(crossbar, nominal, Accumulator(), content)
    return (crossbar.g - before).ravel(), before.mean()


@pytest.mark.parametrize("reads", [100, 2500])
def test_wandering_of_a_device_falls_with_the_root_of_the_reads(make_network, reads):
    moved, g = drift(make_network, reads)
    # Each of 60 writes leaves the errors of its goal and of its last check. One standard error of a variance is sqrt(2 / n).
    expected = 2 * 60 * (NOISE * g) ** 2 / reads
    assert abs(np.mean(moved**2) / expected - 1) < 5 * np.sqrt(2 / moved.size)


def test_reads_cost_v_squared_g_on_the_rows_read_and_time(make_network):
    crossbar, nominal, content = array(make_network)
    content[2, 1] = 0.01 * nominal.window
    before = crossbar.g.copy()
    # The tolerance is wide: one averaged read for the goal, one that finds the device close enough, and no pulse.
    programmer = WriteVerify(DevicePulses(), tolerance=0.5, read_noise=0.0, reads=7, read_time=2e-8)
    report = programmer.write(crossbar, nominal, Accumulator(), content)
    np.testing.assert_array_equal(crossbar.g, before)
    assert (report.pulses, report.rows) == (0, 0)
    np.testing.assert_allclose(report.time, 2 * 7 * 2e-8, rtol=1e-14)
    np.testing.assert_allclose(report.energy, 2 * 7 * 2e-8 * crossbar.spec.v_read**2 * before[2].sum(), rtol=1e-14)


def test_noise_floor_is_the_noise_of_a_mean_at_the_highest_conductance():
    # 1 % of 100 uS over sqrt(25) reads is 0.2 uS of a window of 95 uS.
    floor = WriteVerify(DevicePulses(), read_noise=0.01, reads=25).noise_floor(5e-6, 100e-6)
    np.testing.assert_allclose(floor, 0.2 / 95, rtol=1e-14)


@pytest.mark.parametrize(("reads", "told"), [(32, 0), (8, 1)])
def test_tolerance_below_the_read_noise_is_a_caution(build_tiny, reads, told):
    experiment = build_tiny(learning__programmer="write_verify", learning__verify_reads=reads, training__epochs=1)
    experiment.trainer.fit()
    summary = conclude(experiment, evaluate(experiment.network, experiment.test_voltage, experiment.test_labels), 1.0)
    assert sum("below the noise of 8 averaged reads" in text for text in summary["cautions"]) == told
    assert sum("verify_tolerance" in text for text in summary["cautions"]) == told


@pytest.mark.parametrize("bad", [{"budget": 0}, {"reads": 0}, {"tolerance": 0.0}, {"read_noise": -0.1}, {"read_time": -1.0}])
def test_bad_closed_loop_is_refused(bad):
    with pytest.raises(ParameterError, match="write_verify"):
        WriteVerify(DevicePulses(), **bad)
