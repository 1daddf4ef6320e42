"""The trainer: for each sample free and nudged phases, then pulses on the devices. Nothing else changes between samples.

Requested change of a coupling (Delta G+ = -Delta G-), with the learning rate eta = rate g0^2 / V_ref^2 [S^2/V^2]:

    Delta G = (eta / (2 beta g0)) [(V_i V_j)_(+beta) - (V_i V_j)_(-beta)]      (centered; one-sided: 1/beta)

``rate`` is a pure number per crossbar, g0 the output neurons' dI/dV and V_ref their full output swing. The order of samples is
keyed by (seed, epoch), every noise draw by (seed, device, event): a run that is continued from a checkpoint has the same bits
as one that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from neurosim.coupling import coupling_norm
from neurosim.errors import ParameterError
from neurosim.kernels.crossbar import add_outer_difference
from neurosim.kernels.rng import stream_key
from neurosim.learning.accumulators import Accumulator
from neurosim.learning.estimators import PHASE_NAMES, SIGNS, EqProp, Phases
from neurosim.learning.failures import MOST_KEPT, Failure, failure, finite
from neurosim.learning.outer_product import OuterProduct
from neurosim.learning.programmers import DevicePulses, Ideal, WriteReport, WriteVerify
from neurosim.network import Network
from neurosim.population import bias_power

NORM_EVERY = 100  # samples between two measurements of the coupling norm


@dataclass
class Totals:
    """Sums over the samples of one epoch: what the run's table reports; and its first phases that did not settle."""

    samples: int = 0
    correct: int = 0
    unsettled_phases: int = 0
    phases: int = 0
    kinks: int = 0
    free_energy: float = 0.0
    nudge_energy: float = 0.0
    program_energy: float = 0.0
    bias_energy: float = 0.0
    settle_time: float = 0.0
    program_time: float = 0.0
    pulses: int = 0
    rows: int = 0
    clipped: int = 0
    saturated: int = 0
    largest_norm: float = 0.0
    norm_checks: int = 0
    unstable_springs: int = 0
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class Schedule:
    """Learning rates over the epochs: constant, or a cosine from 1 down to ``final``."""

    kind: str = "cosine"
    final: float = 0.05

    def factor(self, epoch: int, epochs: int) -> float:
        """Return the multiplier of an epoch."""
        if self.kind == "constant":
            return 1.0
        share = epoch / max(epochs - 1, 1)
        return self.final + (1 - self.final) * 0.5 * (1 + np.cos(np.pi * share))


@dataclass
class Trainer:
    """Train a network in place on clamped voltages and target voltages.

    Parameters
    ----------
    network : Network
    estimator : EqProp
    programmer : DevicePulses, WriteVerify, OuterProduct or Ideal
    accumulator : Accumulator
    inputs : ndarray, shape (n_samples, n_inputs)
        Input voltages [V].
    labels : ndarray of int, shape (n_samples,)
    targets : ndarray, shape (n_classes, n_outputs)
        Target output voltages [V] of each class.
    rates : sequence of float
        One learning rate per crossbar.
    epochs : int
    reset_time : float
        Time [s] that putting the neurons into their reset state takes.
    """

    network: Network
    estimator: EqProp
    programmer: DevicePulses | WriteVerify | OuterProduct | Ideal
    accumulator: Accumulator
    inputs: np.ndarray
    labels: np.ndarray
    targets: np.ndarray
    rates: Sequence[float]
    epochs: int
    schedule: Schedule = field(default_factory=Schedule)
    reset_time: float = 1e-8
    epoch: int = 0
    position: int = 0
    totals: Totals = field(default_factory=Totals)
    history: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        network = self.network
        if len(self.rates) != len(network.crossbars):
            raise ParameterError(f"training rate: {len(self.rates)} given for {len(network.crossbars)} crossbars.")
        if self.inputs.shape[1] != network.layers[0].size:
            raise ParameterError(f"the data has {self.inputs.shape[1]} inputs, the network {network.layers[0].size} lines.")
        self.estimator.check(network)
        if isinstance(self.programmer, OuterProduct) and self.accumulator.kind != "none":
            raise ParameterError('programmer = "outer_product" writes every sample as line coincidences: it has no place for a '
                                 'per-synapse accumulator. Set learning.accumulator.kind = "none".')
        self.nominal = self.programmer.nominal(network.synapse.device)
        self.contents = [np.zeros((c.n_rows, c.n_targets)) for c in network.crossbars]
        self.keys = [np.uint64(stream_key(network.seed, "accumulator", 0, c.name)) for c in network.crossbars]
        self._requests = [np.zeros_like(content) for content in self.contents]
        self._unit = network.g0 / network.output_swing() ** 2
        self._bias_power = sum(bias_power(population) for population in network.neurons)
        self.last_deposit_gap = 0.0

    def order(self) -> np.ndarray:
        """Return this epoch's order of samples."""
        key = stream_key(self.network.seed, "training", 0, f"order/{self.epoch}")
        return np.random.Generator(np.random.Philox(key=key)).permutation(len(self.labels))

    def fit(self, *, stop: Callable[[], bool] = lambda: False, learn: Callable[[int, float], object] | None = None,
            after_sample: Callable[[Trainer], None] | None = None,
            after_epoch: Callable[[Trainer], None] | None = None) -> bool:
        """Run until all epochs are done (True) or ``stop`` says so between two samples (False).

        ``learn`` replaces :meth:`learn`, for example to record a sample in full.
        """
        learn = learn or self.learn
        while self.epoch < self.epochs:
            order = self.order()
            factor = self.schedule.factor(self.epoch, self.epochs)
            while self.position < len(order):
                if stop():
                    return False
                learn(int(order[self.position]), factor)
                self.position += 1
                if after_sample:
                    after_sample(self)
            self.history.append({"epoch": self.epoch, **asdict(self.totals)})
            self.epoch, self.position, self.totals = self.epoch + 1, 0, Totals()
            if after_epoch:
                after_epoch(self)
        return True

    def learn(self, sample: int, factor: float = 1.0, *, record: int = 0) -> tuple[Phases, list[WriteReport]]:
        """Run all phases of one sample and write its update; return what happened."""
        network = self.network
        network.present(self.inputs[sample])
        phases = self.estimator.run(network, self.targets[self.labels[sample]], record=record)
        reports = self.write(phases, factor)
        self._count(phases, reports, sample)
        return phases, reports

    def write(self, phases: Phases, factor: float) -> list[WriteReport]:
        """Turn the contrast of two phases into requests, accumulate them, and emit pulses; unsettled phases write nothing."""
        network = self.network
        if not phases.settled:
            return [WriteReport() for _ in network.crossbars]
        a, b, scale = phases.contrast
        reports = []
        for k, crossbar in enumerate(network.crossbars):
            source_a, target_a = network.line_voltages(k, a)
            source_b, target_b = network.line_voltages(k, b)
            coefficient = self.rates[k] * factor * self._unit * scale
            if isinstance(self.programmer, OuterProduct):
                reports.append(self.programmer.write_outer(crossbar, self.nominal, ((source_a, target_a), (source_b, target_b)),
                                                           coefficient))
                continue
            request = self._requests[k]
            request[:] = 0.0
            add_outer_difference(source_a, target_a, source_b, target_b, coefficient, request)
            if k and phases.ends[0].pairs:  # both ends fluctuate: the mean of the product, not the product of the means
                request[:-1] = coefficient * (phases.ends[0].pairs[k - 1] - phases.ends[1].pairs[k - 1]).T
            full = self.accumulator.add_in_place(self.contents[k], request, self.nominal.window, self.last_deposit_gap,
                                                 self.keys[k], network.phase)
            report = self.programmer.write(crossbar, self.nominal, self.accumulator, self.contents[k])
            reports.append(report if not full else report + WriteReport(saturated=full))
        return reports

    def _count(self, phases: Phases, reports: list[WriteReport], sample: int) -> None:
        totals, network = self.totals, self.network
        output = phases.free.voltage[network.slices[-1]]
        settle_time = self.reset_time + sum(rest.time for rest in phases.rests)
        write = sum(reports, WriteReport())
        gap = settle_time + write.time
        for crossbar in network.crossbars:
            crossbar.wait(gap)
        self.last_deposit_gap = gap if phases.settled else self.last_deposit_gap + gap
        totals.correct += int(phases.free.status != "diverged" and np.argmax(output) == self.labels[sample])
        totals.phases += len(phases.rests)
        if not phases.settled:
            self._count_failures(phases, sample)
        if network.options.mode != "sampled":  # an average at the bound is a neuron that did not flip, not a saturated one
            totals.kinks += network.changed_saturation(phases.contrast[0], phases.contrast[1])
        totals.free_energy += finite(phases.free.energy)
        totals.nudge_energy += sum(finite(rest.energy) for rest in phases.rests[1:])
        totals.program_energy += write.energy
        totals.bias_energy += self._bias_power * (settle_time + write.time)
        totals.settle_time += settle_time
        totals.program_time += write.time
        totals.pulses += write.pulses
        totals.rows += write.rows
        totals.clipped += write.clipped
        totals.saturated += write.saturated
        if totals.samples % NORM_EVERY == 0:
            norm = coupling_norm(network)
            totals.largest_norm = max(totals.largest_norm, norm)
            totals.norm_checks += 1
            totals.unstable_springs += self.estimator.beta >= self.estimator.stable_beta(network, norm)
        totals.samples += 1

    def _count_failures(self, phases: Phases, sample: int) -> None:
        totals = self.totals
        for sign, rest in zip((0, *SIGNS[self.estimator.kind]), phases.rests, strict=True):
            if rest.status != "settled":
                totals.unsettled_phases += 1
                if len(totals.failures) < MOST_KEPT:
                    totals.failures.append(failure(rest, sample, PHASE_NAMES[sign]))
