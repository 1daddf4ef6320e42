"""A phase that does not settle is an event with place, time and remedy; nothing that is not finite is reported as a result."""

import dataclasses
import json

import numpy as np
import pytest

from neurosim.errors import DivergedError
from neurosim.learning.evaluate import decide, evaluate
from neurosim.learning.failures import MOST_KEPT, checked, describe
from neurosim.summary import conclude, refuse_not_finite, unfinished

SHORT = {"t_max": "0.1 ns"}


def test_unsettled_phases_are_events_with_phase_element_time_and_distance(build_tiny):
    trainer = build_tiny(settle=SHORT).trainer
    trainer.learn(7)
    events = trainer.totals.failures
    assert [event["phase"] for event in events] == ["free", "nudged+", "nudged-"]
    for event in events:
        assert event["sample"] == 7
        assert event["status"] == "not_settled"
        assert event["worst"].startswith("neuron ")
        assert event["time_second"] == pytest.approx(1e-10, rel=1e-12)
        assert "settle.t_max" in event["remedy"]


def test_one_sided_estimator_names_its_own_phase(build_tiny):
    trainer = build_tiny(settle=SHORT, learning__estimator="negative").trainer
    trainer.learn(0)
    assert [event["phase"] for event in trainer.totals.failures] == ["free", "nudged-"]


def test_events_are_bounded_and_the_count_is_not(build_tiny):
    experiment = build_tiny(settle=SHORT, training__epochs=1)
    experiment.trainer.fit()
    epoch = experiment.trainer.history[0]
    assert epoch["unsettled_phases"] == 36
    assert len(epoch["failures"]) == MOST_KEPT
    assert json.loads(json.dumps(epoch, allow_nan=False)) == epoch


def without_checks(network):
    """Let NaN reach the engine, as a fault inside would; ``present`` itself refuses it."""
    def present(voltage):
        network.input_voltage[:-1] = voltage
        network.crossbars[0].fill_column_currents(network.input_voltage, network._input_columns)

    network.present = present


def test_a_sample_that_diverges_is_counted_writes_nothing_and_leaves_no_nan(build_tiny):
    experiment = build_tiny(training__epochs=1)
    trainer = experiment.trainer
    trainer.inputs = np.array(trainer.inputs)
    trainer.inputs[3, 0] = np.nan
    without_checks(trainer.network)
    assert trainer.fit()
    epoch = trainer.history[0]
    assert epoch["unsettled_phases"] == 3
    assert {event["sample"] for event in epoch["failures"]} == {3}
    assert {event["status"] for event in epoch["failures"]} == {"diverged"}
    for crossbar in trainer.network.crossbars:
        assert np.isfinite(crossbar.g).all()
    refuse_not_finite({key: value for key, value in epoch.items() if key != "failures"})


def test_diverged_test_sample_is_wrong_whatever_its_label(build_tiny):
    experiment = build_tiny()
    without_checks(experiment.network)
    voltage = np.full((2, 2), np.nan)
    result = evaluate(experiment.network, voltage, np.array([0, 1]))
    assert (result.accuracy, result.unsettled, result.energy) == (0.0, 2, 0.0)
    np.testing.assert_array_equal(result.predictions, [-1, -1])
    assert describe(result.failures[0]).startswith("test sample 0, free phase: diverged after ")
    np.testing.assert_array_equal(decide(np.array([[0.1, 0.2], [np.nan, 1.0]])), [1, -1])


def test_a_rest_that_is_not_finite_is_never_settled(build_tiny):
    network = build_tiny().network
    network.begin_phase()
    rest = network.settle()
    assert checked(rest) is rest
    bad = dataclasses.replace(rest, voltage=rest.voltage * np.nan)
    assert checked(bad).status == "diverged"
    assert checked(dataclasses.replace(rest, energy=np.inf)).status == "diverged"


def test_summary_tells_the_first_failure_in_one_line(build_tiny):
    experiment = build_tiny(settle=SHORT, training__epochs=1)
    stopped = unfinished("interrupted", experiment)
    assert (stopped["status"], stopped["first_unsettled_phase"]) == ("interrupted", None)
    experiment.trainer.fit()
    summary = conclude(experiment, evaluate(experiment.network, experiment.test_voltage, experiment.test_labels), 1.0)
    first = summary["first_unsettled_phase"]
    assert first == {"epoch": 0, **experiment.trainer.history[0]["failures"][0]}
    line = describe(first)
    assert line.startswith(f"epoch 1, sample {first['sample']}, free phase: not settled after 100 ps")
    assert "\n" not in line


def test_a_summary_with_nan_is_refused_by_name():
    with pytest.raises(DivergedError, match=r"energy\.free is nan"):
        refuse_not_finite({"status": "ok", "energy": {"free": float("nan")}})
