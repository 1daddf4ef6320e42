"""Trains written at once are those written slot by slot: states, energy, counts, law of the noise, and recorded parts."""

import numpy as np
import pytest

import neurosim.learning.outer_product as module
from neurosim.crossbar import CrossbarArray
from neurosim.crossbar_spec import Crossbar
from neurosim.learning.coincidence_trains import writes_by_count
from neurosim.learning.outer_product import OuterProduct
from neurosim.library import load_device
from neurosim.nominal_write import NominalWrite

ROWS, TARGETS = 24, 12
RNG = np.random.default_rng(5)
SOURCES, AIMS = RNG.uniform(-0.2, 0.2, (2, ROWS)), RNG.uniform(-0.2, 0.2, (2, TARGETS))


def write(at_once, monkeypatch, *, quiet, seed=0, record=False, card="pulse_step/gokmen_vlasov"):
    monkeypatch.setattr(module, "writes_by_count", lambda *_: at_once)
    crossbar = CrossbarArray(Crossbar(device=load_device(card)), ROWS - 1, TARGETS, seed=seed, name="crossbar0")
    if quiet:
        rows = [row for name, row in crossbar.population.model.param_index.items() if name.startswith("sigma_")]
        crossbar.population.params[rows] = 0.0
    nominal = NominalWrite.of(crossbar.spec.device, None, 0.02)
    crossbar.trace = [] if record else None
    programmer = OuterProduct(bits=31)
    coefficient = 31 * nominal.pulse_step / 0.04
    report = programmer.write_outer(crossbar, nominal, tuple(zip(SOURCES, AIMS, strict=True)), coefficient)
    return crossbar, nominal, report


def test_quiet_devices_end_as_slot_by_slot(monkeypatch):
    (one, nominal, fast), (other, _, slow) = (write(each, monkeypatch, quiet=True) for each in (True, False))
    assert writes_by_count(one, nominal)
    np.testing.assert_allclose(one.population.state, other.population.state, rtol=0, atol=1e-13)
    assert np.ptp(one.population.state[0]) > 0.005
    assert (fast.pulses, fast.rows, fast.clipped) == (slow.pulses, slow.rows, slow.clipped)
    np.testing.assert_allclose(fast.time, slow.time, rtol=1e-12)
    # Half-selected devices at the mean of their conductances: steps of 4e-4 of the middle, at most 31 of them.
    np.testing.assert_allclose(fast.energy, slow.energy, rtol=2e-4)


def test_noise_has_the_law_of_slot_by_slot(monkeypatch):
    changes = {each: np.array([write(each, monkeypatch, quiet=False, seed=seed)[0].population.state[0] - 0.5
                               for seed in range(12)]).ravel() for each in (True, False)}
    spread = changes[False].std()
    assert abs(changes[True].mean() - changes[False].mean()) < 5 * spread * np.sqrt(2 / changes[True].size)
    assert abs(changes[True].std() / spread - 1) < 5 / np.sqrt(changes[True].size)


@pytest.mark.parametrize("card", ["pulse_step/gokmen_vlasov"])
def test_recording_changes_no_bit_and_parts_add_up(monkeypatch, card):
    plain, _, report = write(True, monkeypatch, quiet=False, card=card)
    recorded, _, again = write(True, monkeypatch, quiet=False, record=True, card=card)
    np.testing.assert_array_equal(plain.population.state, recorded.population.state)
    parts = recorded.trace
    np.testing.assert_array_equal(parts[-1].state, recorded.population.state)
    assert len(parts) == report.rows == again.rows
    np.testing.assert_allclose([sum(part.energy for part in parts), again.energy], report.energy, rtol=1e-12)
    np.testing.assert_allclose(sum(part.duration for part in parts), report.time, rtol=1e-12)
    assert sum(int(part.rows.sum()) * np.count_nonzero(part.width) for part in parts) == report.pulses == again.pulses
    # A part moves only the devices at its crossings.
    states = [part.state[0].reshape(ROWS, 2 * TARGETS) for part in parts]
    moved = states[1] != states[0]
    assert moved.any()
    assert not np.any(moved & ~np.multiply.outer(parts[1].rows, parts[1].width > 0))


def test_devices_that_half_a_voltage_would_move_are_written_slot_by_slot():
    crossbar = CrossbarArray(Crossbar(device=load_device("pulse_step/gokmen_vlasov")), 3, 2, seed=0, name="crossbar0")
    nominal = NominalWrite.of(crossbar.spec.device, 1.1, 0.02)
    assert not writes_by_count(crossbar, nominal)
