"""``neurosim evaluate``: a trained run again, as it is or with other settings of synapses, neurons and reads."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from neurosim.card import Device
from neurosim.commands.run import multistable, print_json, warnings_as_lines
from neurosim.config import load_config
from neurosim.coupling import coupling_norm
from neurosim.errors import ParameterError
from neurosim.experiment import build
from neurosim.learning.checkpoint import load_checkpoint
from neurosim.learning.evaluate import count_multistable
from neurosim.learning.evaluate import evaluate as evaluate_network
from neurosim.learning.failures import describe
from neurosim.library import load_device
from neurosim.modifiers.compose import modify_device
from neurosim.run import require_run, run_hash
from neurosim.summary import refuse_not_finite
from neurosim.units import format_quantity

FIXED = ("network", "data", "seed", "learning", "training", "record")
OF_WRITES = ("synapse.sigma_c2c", "synapse.sigma_c2c_range", "synapse.sigma_rate", "neuron.reset_time")


def evaluate(options: argparse.Namespace) -> None:
    """Load the trained device states of a run into its network and test it.

    Overrides may change nonidealities, settling, the neurons' card and parameters of the synapses (or their card, to another
    of the same model). Not the network, the data, the seed or the synapses' model: the device states belong to those devices.
    Not the learning, which is over.
    """
    folder = Path(options.folder)
    require_run(folder)
    with warnings_as_lines():
        summary = _test_again(folder, options.overrides)
    if options.json:
        print_json(summary)
        return
    print(f"test accuracy {100 * summary['test_accuracy']:.2f} % of {summary['test_samples']} samples; "
          f"{summary['unsettled_test_samples']} not settled, multistable: {multistable(summary)}; "
          f"{format_quantity(summary['energy_per_sample_joule'], 'J')} and "
          f"{format_quantity(summary['settle_time_second'], 's')} per sample")
    for event in summary["failures"][:1]:
        print(f"first not settled: {describe(event)}")


def _test_again(folder: Path, overrides: list[str]) -> dict[str, Any]:
    """Return the summary of a test of the trained states under overrides."""
    trained = build(load_config(folder / "config.json"))
    load_checkpoint(folder, trained.trainer, run_hash(trained))
    config = load_config(folder / "config.json", overrides)
    for name in FIXED:
        if getattr(config, name) != getattr(trained.config, name):
            raise ParameterError(f"--set {name}...: a trained run keeps its {name}. Run the experiment anew instead.")
    refuse_writing_options(overrides)
    modifiers = [table.given() for table in config.synapse.modifiers]
    refuse_other_model(trained.network.synapse.device, modify_device(load_device(config.synapse.card), modifiers))
    tested = build(config)
    for old, new in zip(trained.network.crossbars, tested.network.crossbars, strict=True):
        works = (new.population.stuck == 0) & (old.population.stuck == 0)
        new.population.state[:, works] = old.population.state[:, works]
        new.refresh()
        if trained.config.learning.programmer == "ideal":
            new.assign(old.g, where=works.reshape(new.g.shape))
    tested.network.phase = trained.network.phase
    result = evaluate_network(tested.network, tested.test_voltage, tested.test_labels)
    summary = {"status": "ok", "test_accuracy": result.accuracy, "test_samples": len(result.labels),
               "unsettled_test_samples": result.unsettled,
               "multistable_test_samples": count_multistable(tested.network, tested.test_voltage),
               "energy_per_sample_joule": result.energy, "settle_time_second": result.time,
               "coupling_norm": coupling_norm(tested.network), "overrides": list(overrides),
               "warnings": list(tested.warnings), "failures": result.failures}
    refuse_not_finite(summary)
    return summary


def refuse_other_model(trained: Device, tested: Device) -> None:
    """Refuse synapses of another model than the trained ones, modifiers included: a state of one means nothing in another."""
    if tested.model.name != trained.model.name:
        raise ParameterError(f"--set synapse.card={tested.name}: the trained states are those of {trained.name} "
                             f"({trained.model.name}) and mean nothing in {tested.model.name}. Choose a card of "
                             f"{trained.model.name}, or run the experiment anew.")


def refuse_writing_options(overrides: list[str]) -> None:
    """Refuse overrides that act only on writes and resets: a test has none."""
    for override in overrides:
        if (key := override.partition("=")[0].strip()) in OF_WRITES:
            raise ParameterError(f"--set {override}: a test only reads, {key} changes nothing. Leave it out, or run the "
                                 "experiment anew.")
