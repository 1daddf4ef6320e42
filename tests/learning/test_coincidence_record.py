"""A recorded coincidence write shows what the lines applied: states, energy, time and voltages explain each other."""

import numpy as np
import pytest

from neurosim.learning.sequence import record_sequence


@pytest.fixture
def recorded(build_tiny):
    """Return trainer and sequence of one recorded sample written by coincidences, without any noise."""
    trainer = build_tiny(learning__programmer="outer_product", learning__accumulator={"kind": "none"},
                         nonideality_scale=0.0).trainer
    return trainer, record_sequence(trainer, 2)


def test_recorded_coincidences_explain_states_energy_and_time(recorded):
    trainer, sequence = recorded
    for k, (crossbar, report) in enumerate(zip(trainer.network.crossbars, sequence.reports, strict=True)):
        parts = [part for part in sequence.parts if part.crossbar == crossbar.name]
        assert len(parts) == report.rows > 0
        np.testing.assert_array_equal(parts[-1].state, crossbar.population.state)
        np.testing.assert_allclose(sum(part.energy for part in parts), report.energy, rtol=1e-12)
        np.testing.assert_allclose(sum(part.duration for part in parts), report.time, rtol=1e-12)
        assert sum(int(part.rows.sum()) * np.count_nonzero(part.width) for part in parts) == report.pulses
        assert np.any(sequence.first_states[k] != parts[-1].state)


def test_recorded_voltages_of_a_coincidence_move_the_traced_devices(recorded):
    _, sequence = recorded
    arrays = sequence.arrays()
    voltage, state, device = (arrays[f"program_{name}"] for name in ("device_voltage", "state", "device"))
    np.testing.assert_array_equal(voltage[-1], 0.0)
    voltage, duration = voltage[:-1], np.diff(arrays["program_edge"])[:, None]  # all pulses of a part end with it
    np.testing.assert_allclose(arrays["program_edge"][1:], arrays["program_time"], rtol=1e-12)
    before = np.vstack([arrays["program_before"], state[:-1]])
    np.testing.assert_array_equal(before[0], sequence.first_states[0][0, device])
    # VTEAM, thresholds +-0.5 V: dx/dt = +-1.25e5 (|v| / 0.5 - 1)^3 / s; half-selected devices (0.45 V) stay.
    step = np.sign(voltage) * 1.25e5 * np.maximum(np.abs(voltage) / 0.5 - 1, 0.0)**3 * duration
    assert np.count_nonzero(step) > 4
    np.testing.assert_allclose(state, before + step, rtol=1e-9)
