"""Device mode: learning changes device states by pulses and nothing else, and open-loop programmers never see an instance."""

import numpy as np
import pytest

from neurosim.learning.accumulators import Accumulator
from neurosim.learning.programmers import DevicePulses, WriteVerify
from neurosim.learning.sequence import record_sequence
from neurosim.nominal_write import NominalWrite

PROGRAMMERS = ("device", "pulse_step", "write_verify", "ideal", "outer_product")


def settings(programmer):
    """Return the changes of the tiny configuration that a programmer needs."""
    changes = {"learning__programmer": programmer}
    if programmer == "outer_product":
        changes["learning__accumulator"] = {"kind": "none"}
    return changes


def frozen_arrays(trainer):
    """Return copies of every array that learning must leave alone, by name."""
    network = trainer.network
    arrays = {"inputs": trainer.inputs, "labels": trainer.labels, "targets": trainer.targets, "layout": network.engine.layout,
              "start": network.engine.start, "scale": network.engine.scale, "saturation": network.saturation}
    for k, population in enumerate(network.neurons):
        arrays[f"neuron params {k}"], arrays[f"neuron state {k}"] = population.params, population.state
    arrays.update({f"engine params {k}": group.params for k, group in enumerate(network.engine.groups)})
    for k, crossbar in enumerate(network.crossbars):
        arrays[f"device params {k}"], arrays[f"stuck {k}"] = crossbar.population.params, crossbar.population.stuck
        arrays[f"dead low {k}"], arrays[f"dead high {k}"] = crossbar._dead_low, crossbar._dead_high
    return {name: np.array(array) for name, array in arrays.items()}


@pytest.mark.parametrize("programmer", ["device", "pulse_step", "write_verify", "outer_product"])
def test_learning_changes_device_states_and_nothing_else(build_tiny, programmer):
    trainer = build_tiny(**settings(programmer)).trainer
    before = frozen_arrays(trainer)
    states = [crossbar.population.state.copy() for crossbar in trainer.network.crossbars]
    for sample in range(6):
        trainer.learn(sample)
    after = frozen_arrays(trainer)
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(array, after[name], err_msg=name)
    assert any(np.any(state != crossbar.population.state)
               for state, crossbar in zip(states, trainer.network.crossbars, strict=True))
    for crossbar in trainer.network.crossbars:
        np.testing.assert_array_equal(crossbar.g.ravel(), crossbar.population.conductance())


def test_no_attribute_of_network_or_trainer_is_replaced_while_learning(build_tiny):
    trainer = build_tiny().trainer
    _ = trainer.network.saturation, trainer.network.g0  # cached on first use
    counters = {"phase", "_begun", "totals", "last_deposit_gap", "events"}
    owners = [trainer, trainer.network, *trainer.network.crossbars, *(c.population for c in trainer.network.crossbars)]
    before = [{key: id(value) for key, value in vars(owner).items() if key not in counters} for owner in owners]
    for sample in range(3):
        trainer.learn(sample)
    after = [{key: id(value) for key, value in vars(owner).items() if key not in counters} for owner in owners]
    assert before == after


def test_ideal_assigns_conductances_and_leaves_states_alone(build_tiny):
    trainer = build_tiny(**settings("ideal"), synapse={"stuck_fraction": 0.2}).trainer
    states = [crossbar.population.state.copy() for crossbar in trainer.network.crossbars]
    g = [crossbar.g.copy() for crossbar in trainer.network.crossbars]
    for sample in range(6):
        trainer.learn(sample)
    for crossbar, state, old in zip(trainer.network.crossbars, states, g, strict=True):
        np.testing.assert_array_equal(crossbar.population.state, state)
        moved = (crossbar.g != old).ravel()
        assert moved.any()
        assert not moved[crossbar.population.stuck != 0].any()
        low, high = crossbar.spec.nominal_window()
        assert low <= crossbar.g.ravel()[moved].min()
        assert crossbar.g.ravel()[moved].max() <= high


@pytest.mark.parametrize("trains", [False, True])
def test_open_loop_widths_do_not_depend_on_any_instance(make_network, trains):
    network = make_network(synapse={"sigma_d2d": 0.2, "sigma_threshold": 0.05, "sigma_rate": 0.3})
    crossbar = network.crossbars[0]
    nominal = NominalWrite.of(crossbar.spec.device, 0.9, 0.02)
    content = np.random.default_rng(0).normal(0, 0.01 * nominal.window, (crossbar.n_rows, crossbar.n_targets))
    applied = []

    def pretend(width, v_raise, v_lower, part):
        applied.append((np.array(width), v_raise, v_lower, part))
        return np.zeros(3)

    crossbar.program_in_place = pretend
    programmer = DevicePulses(trains=trains)
    programmer.write(crossbar, nominal, Accumulator(), content.copy())
    first, applied = list(applied), []
    rng = np.random.default_rng(1)
    crossbar.population.state[:] = rng.random(crossbar.population.state.shape)
    crossbar.population.params *= rng.uniform(0.5, 2.0, crossbar.population.params.shape)
    crossbar.population.stuck[:] = 1
    crossbar.refresh()
    programmer.write(crossbar, nominal, Accumulator(), content.copy())
    assert len(first) == len(applied) > 0
    for a, b in zip(first, applied, strict=True):
        np.testing.assert_array_equal(a[0], b[0])
        assert a[1:] == b[1:]


def test_write_verify_does_see_the_instances(make_network):
    # One device is slow by a third: the open loop undershoots by a third, the closed loop does not.
    errors = []
    for closed in (False, True):
        crossbar = make_network(sigma=0.0).crossbars[1]
        crossbar.form(np.zeros((crossbar.n_rows, crossbar.n_targets)), *crossbar.spec.nominal_window())
        nominal = NominalWrite.of(crossbar.spec.device, 0.9, 0.02)
        for name in ("k_on", "k_off"):
            crossbar.population.params[crossbar.population.model.param_index[name]] *= 2 / 3
        content = np.zeros((crossbar.n_rows, crossbar.n_targets))
        content[0, 0] = 0.02 * nominal.window
        before = crossbar.weights()[0, 0]
        pulses = DevicePulses(levels=1000)
        programmer = WriteVerify(pulses, 8, 1e-4, 0.0) if closed else pulses
        programmer.write(crossbar, nominal, Accumulator(), content)
        errors.append((crossbar.weights()[0, 0] - before) / (0.04 * nominal.window) - 1)
    assert abs(errors[0] + 1 / 3) <= 0.01
    assert abs(errors[1]) <= 0.01


@pytest.mark.parametrize("programmer", PROGRAMMERS)
def test_recording_a_sequence_gives_the_same_bits(build_tiny, programmer):
    plain, recorded = (build_tiny(**settings(programmer)).trainer for _ in range(2))
    for sample in range(4):
        plain.learn(sample)
        sequence = record_sequence(recorded, sample)
        assert np.all(np.diff(sequence.time) >= 0)
        assert set(np.unique(sequence.phase)) == {0, 1, 2}
    for a, b in zip(plain.network.crossbars, recorded.network.crossbars, strict=True):
        np.testing.assert_array_equal(a.population.state, b.population.state)
        np.testing.assert_array_equal(a.g, b.g)
    for a, b in zip(plain.contents, recorded.contents, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(plain.network.y, recorded.network.y)


def test_recorded_pulses_explain_every_change_of_state(build_tiny):
    trainer = build_tiny().trainer
    total = 0
    for sample in range(4):
        sequence = record_sequence(trainer, sample)
        for k, crossbar in enumerate(trainer.network.crossbars):
            parts = [part for part in sequence.parts if part.crossbar == crossbar.name]
            total += len(parts)
            last = parts[-1].state if parts else sequence.first_states[k]
            np.testing.assert_array_equal(last, crossbar.population.state)
    assert total > 0


def test_unsettled_phases_write_nothing_and_are_counted(build_tiny):
    trainer = build_tiny(settle={"t_max": 1e-10}).trainer
    before = [crossbar.population.state.copy() for crossbar in trainer.network.crossbars]
    trainer.learn(0)
    assert trainer.totals.unsettled_phases == 3
    for crossbar, state in zip(trainer.network.crossbars, before, strict=True):
        np.testing.assert_array_equal(crossbar.population.state, state)
    assert trainer.totals.pulses == 0
