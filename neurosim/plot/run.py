"""Every figure of a run folder, drawn from its files alone: learning, conductances, weights, one sequence, energy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from neurosim import storage
from neurosim.characterise import Loop, iv_sweep
from neurosim.config import load_config
from neurosim.library import load_device
from neurosim.plot import crossbar, device, network, style, training
from neurosim.waveform import Triangle

NAMES = ("learning_curve", "conductance_evolution", "weight_maps", "phase_sequence", "energy_per_sample", "synapse_iv",
         "confusion")


def draw_run(folder: str | Path) -> list[Path]:
    """Draw all figures of a finished run into ``folder/figures`` and return their paths."""
    folder = Path(folder)
    target = storage.make_folder(folder / "figures")
    summary = storage.read_json(folder / "summary.json")
    history = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    weights = storage.read_arrays(folder / "weights.npz")
    count = sum(key.startswith("before") for key in weights)
    test = storage.read_arrays(folder / "test.npz")
    config = load_config(folder / "config.json")
    drawings: dict[str, Callable[[], Any]] = {
        "learning_curve": lambda: training.learning_curve(history, test_accuracy=summary["test_accuracy"]),
        "conductance_evolution": lambda: crossbar.conductance_evolution(storage.read_arrays(folder / "conductance.npz")),
        "weight_maps": lambda: crossbar.weight_maps([weights[f"before{k}"] for k in range(count)],
                                                    [weights[f"after{k}"] for k in range(count)]),
        "phase_sequence": lambda: network.phase_sequence(storage.read_arrays(folder / "sequence.npz")),
        "energy_per_sample": lambda: training.energy_per_sample(history),
        "synapse_iv": lambda: device.iv(synapse_loop(config.synapse.card, config.synapse.params)),
        "confusion": lambda: training.confusion(test["labels"], test["predictions"],
                                                  n_classes=int(test["n_classes"])),
    }
    paths = []
    for name in NAMES:
        with style.styled():
            path = target / f"{name}.png"
            style.save(drawings[name](), path)
            paths.append(path)
    return paths


def synapse_loop(card: str, params: dict[str, Any]) -> Loop:
    """Return an I-V loop of a synapse card that crosses both thresholds."""
    synapse = load_device(card, **params)
    return iv_sweep(synapse, Triangle("1.2 V", period="20 us", cycles=2))
