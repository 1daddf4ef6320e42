"""``neurosim evaluate``: a trained run again, as it is or with other settings of synapses, neurons and reads."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from neurosim.commands.run import print_json
from neurosim.config import load_config
from neurosim.errors import ParameterError
from neurosim.experiment import build
from neurosim.learning.checkpoint import load_checkpoint
from neurosim.learning.evaluate import count_multistable
from neurosim.learning.evaluate import evaluate as evaluate_network
from neurosim.run import require_run, run_hash
from neurosim.units import format_quantity

FIXED = ("network", "data", "seed", "learning", "training", "record")


def evaluate(options: argparse.Namespace) -> None:
    """Load the trained device states of a run into its network and test it.

    Overrides may change nonidealities, cards and settling, not the network, the data, the seed (device states would then
    belong to other devices) or the learning, which is over.
    """
    folder = Path(options.folder)
    require_run(folder)
    trained = build(load_config(folder / "config.json"))
    load_checkpoint(folder, trained.trainer, run_hash(trained))
    config = load_config(folder / "config.json", options.overrides)
    for name in FIXED:
        if getattr(config, name) != getattr(trained.config, name):
            raise ParameterError(f"--set {name}...: a trained run keeps its {name}. Run the experiment anew instead.")
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
               "coupling_norm": tested.network.coupling_norm(), "overrides": list(options.overrides)}
    if options.json:
        print_json(summary)
        return
    print(f"test accuracy {100 * result.accuracy:.2f} % of {len(result.labels)} samples; {result.unsettled} not settled, "
          f"{summary['multistable_test_samples']} multistable; {format_quantity(result.energy, 'J')} and "
          f"{format_quantity(result.time, 's')} per sample")
