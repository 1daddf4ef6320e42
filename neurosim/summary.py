"""What a run reports at its end: plain numbers, the first failure, and one sentence for everything not to be overlooked."""

from __future__ import annotations

import math
from typing import Any

from neurosim.coupling import coupling_norm
from neurosim.crossbar_spec import moved_by
from neurosim.errors import DivergedError
from neurosim.experiment import Experiment
from neurosim.learning.evaluate import Evaluation, count_multistable, evaluate
from neurosim.learning.failures import Failure
from neurosim.learning.programmers import WriteVerify
from neurosim.learning.trainer import Trainer
from neurosim.read_disturb import ADIABATIC, LASTING, TYPICAL_PHASE, read_adiabaticity, typical_read_drift

MOST_CLIPPED, LONGEST_STEP = 0.10, 0.02  # fractions of the pulses, of the conductance window


def conclude(experiment: Experiment, test: Evaluation, wall_seconds: float) -> dict[str, Any]:
    """Return the summary of a run (plain numbers) from its history, its test and a last pass over the training data."""
    trainer, network = experiment.trainer, experiment.network
    train = evaluate(network, experiment.train_voltage, trainer.labels)
    history = trainer.history
    samples = sum(int(epoch["samples"]) for epoch in history)

    def mean(key: str) -> float:
        return float(sum(epoch[key] for epoch in history) / max(samples, 1))

    energy = {"free": mean("free_energy"), "nudge": mean("nudge_energy"), "program": mean("program_energy"),
              "neuron_bias": mean("bias_energy")}
    reads = mean("settle_time") if experiment.config.settle.mode != "equilibrium" else TYPICAL_PHASE  # s per sample
    summary = {
        "status": "ok", "test_accuracy": test.accuracy, "train_accuracy": train.accuracy, "test_samples": len(test.labels),
        "energy_per_sample_joule": {**energy, "total": sum(energy.values())},
        "time_per_sample_second": {"settle": mean("settle_time"), "program": mean("program_time")},
        "wall_seconds": wall_seconds, "samples": samples, "epochs": len(history),
        "unsettled_phases": int(sum(epoch["unsettled_phases"] for epoch in history)), "phases":
            int(sum(epoch["phases"] for epoch in history)),
        "first_unsettled_phase": first_failure(trainer) or (test.failures[0] if test.failures else None),
        "unsettled_test_samples": test.unsettled,
        "multistable_test_samples": count_multistable(network, experiment.test_voltage),
        "largest_coupling_norm": float(max((epoch["largest_norm"] for epoch in history), default=0.0)),
        "final_coupling_norm": coupling_norm(network), "pulses_per_sample": mean("pulses"),
        "clipped_pulses": int(sum(epoch["clipped"] for epoch in history)),
        "saturated_accumulators": int(sum(epoch["saturated"] for epoch in history)),
        "samples_changing_saturation": mean("kinks"), "clipped_test_inputs": experiment.clipped_inputs,
        "clipped_first_weights": experiment.clipped_weights,
        "programmer": trainer.programmer.name, "nonideality_scale": experiment.config.nonideality_scale,
        "seed": experiment.config.seed, "warnings": list(experiment.warnings),
        "unstable_spring_checks": int(sum(epoch.get("unstable_springs", 0) for epoch in history)),
        "norm_checks": int(sum(epoch.get("norm_checks", 0) for epoch in history)),
        "read_adiabaticity": read_adiabaticity(network, reads),
        "read_drift_of_job": {"fastest": read_adiabaticity(network, samples * reads),
                              "typical": typical_read_drift(network, samples * reads)},
    }
    refuse_not_finite(summary)
    return {**summary, "cautions": cautions(summary, experiment)}


def unfinished(status: str, experiment: Experiment) -> dict[str, Any]:
    """Return the summary of a run that stopped before its end."""
    trainer = experiment.trainer
    epochs = [*trainer.history, vars(trainer.totals)]
    return {"status": status, "samples": sum(int(epoch["samples"]) for epoch in epochs), "epochs": len(trainer.history),
            "unsettled_phases": sum(int(epoch["unsettled_phases"]) for epoch in epochs),
            "first_unsettled_phase": first_failure(trainer), "warnings": list(experiment.warnings)}


def first_failure(trainer: Trainer) -> Failure | None:
    """Return the first phase of the run that did not settle, None where all did."""
    epochs = [*trainer.history, {"epoch": trainer.epoch, "failures": trainer.totals.failures}]
    return next(({"epoch": epoch["epoch"], **event} for epoch in epochs for event in epoch.get("failures", ())), None)


def refuse_not_finite(summary: dict[str, Any], where: str = "") -> None:
    """Refuse to report a number that is not finite.

    Raises
    ------
    DivergedError
        With the name of the first one.
    """
    for key, value in summary.items():
        if isinstance(value, dict):
            refuse_not_finite(value, f"{where}{key}.")
        elif isinstance(value, float) and not math.isfinite(value):
            raise DivergedError(f"the run's {where}{key} is {value}: a phase or a device diverged. The training is kept; see "
                                "the failures in metrics.jsonl, and check the cards and the inputs.")


def half_selected(experiment: Experiment) -> str:
    """Return a sentence about devices that half of a pulse moves, "" where there are none."""
    nominal, crossbars = experiment.trainer.nominal, experiment.network.crossbars
    half = (0.5 * nominal.v_raise, 0.5 * nominal.v_lower)
    count, total = (sum(numbers) for numbers in zip(*((moved_by(crossbar.population, half), crossbar.population.size)
                                                      for crossbar in crossbars), strict=True))
    if not count:
        return ""
    return (f"half of the pulse voltage ({half[0]:.3g} V, {half[1]:.3g} V) is above the threshold of {count} of {total} "
            "devices: they also move when others are written (simulated); lower learning.amplitude or synapse.sigma_threshold.")


def cautions(summary: dict[str, Any], experiment: Experiment) -> list[str]:
    """Return one sentence for everything about a finished run that its user should not overlook."""
    found = list(experiment.idle)
    pulses = summary["pulses_per_sample"] * summary["samples"]
    if pulses and 2 * summary["clipped_pulses"] > MOST_CLIPPED * pulses:
        found.append(f"{100 * 2 * summary['clipped_pulses'] / pulses:.0f} % of the pulses were clipped to the longest one: "
                     "lower training.rate or raise learning.step_max.")
    if clipped := summary["clipped_first_weights"]:
        found.append(f"{clipped} of {sum(crossbar.weights().size for crossbar in experiment.network.crossbars)} first weights "
                     "were clipped to the conductance window: lower network.init_gain or network.output_bias.")
    if experiment.config.settle.mode == "equilibrium":
        found.append("rest points were solved, not integrated: read energies and settle times are not simulated (zero).")
    if experiment.config.learning.step_max > LONGEST_STEP:
        found.append(f"a pulse moves up to {100 * experiment.config.learning.step_max:g} % of the conductance window: above "
                     f"{100 * LONGEST_STEP:g} % the nominal write slope is a poor guide; lower learning.step_max.")
    if text := half_selected(experiment):
        found.append(text)
    if summary["unsettled_phases"] or summary["unsettled_test_samples"]:
        found.append(f"{summary['unsettled_phases']} training phases and {summary['unsettled_test_samples']} test samples did "
                     "not settle: raise settle.t_max or lower training.rate of the neuron-neuron crossbars.")
    if summary["largest_coupling_norm"] >= 1:
        found.append(f"the coupling norm reached {summary['largest_coupling_norm']:.2f}: at 1 and above rest points may be "
                     "ambiguous; lower training.rate of the neuron-neuron crossbars or network.target.")
    programmer = experiment.trainer.programmer
    if isinstance(programmer, WriteVerify):
        floor = programmer.noise_floor(*experiment.network.synapse.nominal_window())
        if programmer.tolerance < floor:
            found.append(f"learning.verify_tolerance = {programmer.tolerance:g} is below the noise of {programmer.reads} "
                         f"averaged reads, {floor:.2g} of the window at g_max: raise it, or raise learning.verify_reads.")
    if summary["unstable_spring_checks"]:
        found.append(f"the spring nudged with -beta was beyond its stability limit in {summary['unstable_spring_checks']} of "
                     f"{summary['norm_checks']} checks: lower learning.beta or use learning.nudging = \"constant_current\".")
    if summary["read_adiabaticity"] > ADIABATIC:
        found.append(f"the reads of one sample would move the fastest device by {summary['read_adiabaticity']:.2g} of its "
                     f"range (limit {ADIABATIC:g}), which is not simulated: lower synapse.v_read or synapse.sigma_threshold.")
    if (drift := summary["read_drift_of_job"]["typical"]) > LASTING:
        found.append(f"reads are not integrated: those of all {summary['samples']} samples would move a typical device by "
                     f"{drift:.2g} of its range (limit {LASTING:g}); lower synapse.v_read or take a device with a threshold.")
    if summary["multistable_test_samples"]:
        found.append(f"{summary['multistable_test_samples']} test samples have more than one rest point.")
    chance = 1 / experiment.data.n_classes
    if summary["train_accuracy"] <= 1.2 * chance:
        found.append("training accuracy is at chance: compare the requested changes with the pulse levels "
                     "(learning.pulse_levels, step_max, training.rate).")
    return found
