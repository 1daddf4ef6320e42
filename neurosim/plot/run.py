"""Every figure of a run folder, drawn from its files alone: learning, conductances, weights, one sequence, energy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from neurosim import storage
from neurosim.characterise import Loop, iv_sweep
from neurosim.config import load_config
from neurosim.errors import StorageError
from neurosim.library import load_device
from neurosim.plot import crossbar, device, network, style, training
from neurosim.population import nominal_params
from neurosim.waveform import Triangle

NAMES = ("learning_curve", "conductance_evolution", "weight_maps", "phase_sequence", "energy_per_sample", "synapse_iv",
         "confusion")


def draw_run(folder: str | Path) -> list[Path]:
    """Draw all figures of a finished run into ``folder/figures`` and return their paths."""
    folder = Path(folder)
    if not (folder / "weights.npz").exists():
        raise StorageError(f'{folder}: holds no finished run. Continue it with "neurosim resume {folder}", or check the path.')
    summary = storage.read_json(folder / "summary.json")
    history = _history(folder / "metrics.jsonl")
    target = storage.make_folder(folder / "figures")
    weights = storage.read_arrays(folder / "weights.npz")
    count = sum(key.startswith("before") for key in weights)
    test = storage.read_arrays(folder / "test.npz")
    decided = test["predictions"] >= 0  # a diverged phase decides nothing
    config = load_config(folder / "config.json")
    drawings: dict[str, Callable[[], Any]] = {
        "learning_curve": lambda: training.learning_curve(history, test_accuracy=summary["test_accuracy"]),
        "conductance_evolution": lambda: crossbar.conductance_evolution(storage.read_arrays(folder / "conductance.npz")),
        "weight_maps": lambda: crossbar.weight_maps([weights[f"before{k}"] for k in range(count)],
                                                    [weights[f"after{k}"] for k in range(count)]),
        "phase_sequence": lambda: network.phase_sequence(storage.read_arrays(folder / "sequence.npz")),
        "energy_per_sample": lambda: training.energy_per_sample(history),
        "synapse_iv": lambda: device.iv(synapse_loop(config.synapse.card, config.synapse.params)),
        "confusion": lambda: training.confusion(test["labels"][decided], test["predictions"][decided],
                                                n_classes=int(test["n_classes"])),
    }
    paths = []
    for name in NAMES:
        if name == "phase_sequence" and not (folder / "sequence.npz").exists():
            continue  # rest points that were solved have no sequence in time
        if name == "confusion" and not decided.any():
            continue
        with style.styled():
            path = target / f"{name}.png"
            style.save(drawings[name](), path)
            paths.append(path)
    return paths


def synapse_loop(card: str, params: dict[str, Any]) -> Loop:
    """Return an I-V loop of a synapse card, beyond its larger threshold where it has one and within its validity."""
    synapse = load_device(card, **params)
    amplitude = 1.2
    if synapse.model.dead_zone is not None:
        low, high = np.empty(1), np.empty(1)
        synapse.model.dead_zone(nominal_params(synapse), low, high, 0, 1)
        amplitude = 2.4 * max(-low[0], high[0])
    valid = synapse.card.valid
    amplitude = min(amplitude, -valid.get("v_min", -amplitude), valid.get("v_max", amplitude))
    return iv_sweep(synapse, Triangle(float(amplitude), period="20 us", cycles=2))


def _history(path: Path) -> list[dict[str, Any]]:
    """Return the epochs of a metrics file."""
    try:
        return [json.loads(line) for line in path.read_text().splitlines()]
    except ValueError as error:
        raise StorageError(f"{path}: damaged ({error}). Resume or run again.") from None
