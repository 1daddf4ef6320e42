"""Exclusive or is learned in place from every seed with all nonidealities on, and not where devices cannot move."""

from pathlib import Path

import numpy as np
import pytest

from neurosim.config import load_config
from neurosim.experiment import build
from neurosim.learning.evaluate import evaluate

FILE = Path(__file__).parents[2] / "experiments" / "xor.toml"
MARGIN = 0.1  # of the output swing, between the right and the wrong output
MOST_EPOCHS = 200


def margins(experiment):
    """Return right minus wrong output of the four patterns, in swings."""
    labels = experiment.trainer.labels
    outputs = evaluate(experiment.network, experiment.train_voltage, labels).outputs / experiment.network.output_swing()
    return outputs[np.arange(4), labels] - outputs[np.arange(4), 1 - labels]


def first_success(seed, *overrides):
    """Return the number of epochs after which all four patterns are first right with margin, None if never."""
    experiment = build(load_config(FILE, [f"seed={seed}", f"training.epochs={MOST_EPOCHS}", *overrides]))
    found = []

    def look(trainer):
        if margins(experiment).min() > MARGIN:
            found.append(trainer.epoch)

    experiment.trainer.fit(after_epoch=look, stop=lambda: bool(found))
    return found[0] if found else None


@pytest.mark.parametrize("seed", range(10))
def test_all_four_patterns_are_learned_within_200_epochs(seed):
    assert first_success(seed) is not None


@pytest.mark.parametrize("seed", range(3))
def test_experiment_file_ends_with_all_four_patterns_right(seed):
    experiment = build(load_config(FILE, [f"seed={seed}"]))
    assert margins(experiment).min() <= MARGIN
    assert experiment.trainer.fit()
    assert margins(experiment).min() > MARGIN
    assert sum(epoch["unsettled_phases"] for epoch in experiment.trainer.history) == 0


def test_nothing_is_learned_when_every_device_is_stuck():
    experiment = build(load_config(FILE, ["synapse.stuck_fraction=1.0", "training.epochs=5"]))
    before = [crossbar.g.copy() for crossbar in experiment.network.crossbars]
    experiment.trainer.fit()
    for crossbar, g in zip(experiment.network.crossbars, before, strict=True):
        np.testing.assert_array_equal(crossbar.g, g)


def test_nothing_is_learned_at_a_vanishing_rate():
    assert first_success(0, "training.rate=[1e-6,1e-6]", "training.epochs=60") is None
