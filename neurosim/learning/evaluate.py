"""Test a trained network: free phases only, with its read noise; count unsettled and multistable samples."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neurosim.learning.failures import MOST_KEPT, Failure, checked, failure, finite
from neurosim.network import Network

NEARLY = 0.95  # of the state bounds; exactly on a bound some neurons are held for ever
SAME_OUTPUT = 0.02  # outputs of two start states closer than this fraction of the swing are the same rest point


@dataclass(frozen=True)
class Evaluation:
    """What the free phases of a data set gave.

    Attributes
    ----------
    accuracy : float
        Fraction of correct argmax decisions, unsettled samples included as they ended; diverged ones count as wrong.
    outputs : ndarray, shape (n_samples, n_outputs)
        Output voltages [V]; NaN where the phase diverged.
    unsettled : int
        Samples whose free phase did not come to rest.
    energy, time : float
        Mean dissipated energy [J] and settle time [s] per sample.
    failures : list of dict
        The first samples that did not settle, see :func:`neurosim.learning.failures.failure`.
    """

    accuracy: float
    outputs: np.ndarray
    labels: np.ndarray
    unsettled: int
    energy: float
    time: float
    failures: list[Failure] = field(default_factory=list)

    @property
    def predictions(self) -> np.ndarray:
        """Decided classes, shape (n_samples,); -1 where the outputs are not finite."""
        return decide(self.outputs)


def decide(outputs: np.ndarray) -> np.ndarray:
    """Return the class of the highest output voltage of each row, -1 where a row is not finite."""
    return np.where(np.isfinite(outputs).all(axis=1), np.argmax(outputs, axis=1), -1)


def evaluate(network: Network, voltage: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Run one free phase per row of ``voltage`` [V] (n_samples, n_inputs) and compare with ``labels``."""
    outputs = np.empty((len(labels), network.layers[-1].size))
    unsettled, energy, time = 0, 0.0, 0.0
    failures: list[Failure] = []
    for sample, row in enumerate(voltage):
        network.present(row)
        network.reset()
        network.begin_phase()
        rest = checked(network.settle())
        outputs[sample] = np.nan if rest.status == "diverged" else rest.voltage[network.slices[-1]]
        if rest.status != "settled":
            unsettled += 1
            if len(failures) < MOST_KEPT:
                failures.append(failure(rest, sample, "free"))
        energy += finite(rest.energy)
        time += rest.time
    n = max(len(labels), 1)
    accuracy = float(np.mean(decide(outputs) == labels)) if len(labels) else 0.0
    return Evaluation(accuracy, outputs, labels, unsettled, energy / n, time / n, failures)


def count_multistable(network: Network, voltage: np.ndarray) -> int | None:
    """Return how many samples reach another rest point from another start state (both nearly saturated ends, quiet reads).

    None where neurons have more than one state: no start state of theirs is known to be nearly saturated; and where phases
    are sampled: a fluctuating network has no rest points.
    """
    if not network.one_state or network.options.mode == "sampled":
        return None
    many = 0
    for row in voltage:
        ends = []
        network.present(row)
        network.begin_phase(quiet=True)
        for start in (0.0, NEARLY, -NEARLY):
            network.reset()
            if start:
                network.start_from(start)
            ends.append(network.settle().voltage[network.slices[-1]])
        many += bool(max(np.abs(ends[0] - end).max() for end in ends[1:]) > SAME_OUTPUT * network.output_swing())
    return many
