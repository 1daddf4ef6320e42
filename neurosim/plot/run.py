"""Every figure of a run folder, drawn from its files alone: learning, conductances, weights, one sequence, energy."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neurosim import storage
from neurosim.card import Device
from neurosim.characterise import iv_sweep
from neurosim.conductance import state_at_share
from neurosim.config import load_config
from neurosim.errors import StorageError
from neurosim.frozen import frozen
from neurosim.library import load_device
from neurosim.plot import crossbar, device, network, style, training
from neurosim.plot.axes import legend_above, shown
from neurosim.plot.device_drive import loop_drive
from neurosim.population import nominal_params

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
    synapse = load_device(config.synapse.card, **config.synapse.params)
    drawings: dict[str, Callable[[], Any]] = {
        "learning_curve": lambda: training.learning_curve(history, test_accuracy=summary["test_accuracy"]),
        "conductance_evolution": lambda: crossbar.conductance_evolution(storage.read_arrays(folder / "conductance.npz")),
        "weight_maps": lambda: crossbar.weight_maps([weights[f"before{k}"] for k in range(count)],
                                                    [weights[f"after{k}"] for k in range(count)]),
        "phase_sequence": lambda: network.phase_sequence(
            with_conductance(storage.read_arrays(folder / "sequence.npz"), synapse)),
        "energy_per_sample": lambda: training.energy_per_sample(history),
        "synapse_iv": lambda: synapse_loop(synapse),
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


def synapse_loop(synapse: Device) -> Axes:
    """Draw the I-V loop of a nominal synapse that starts in the middle of its window, where training forms it."""
    drive, start = loop_drive(synapse), ""
    if synapse.model.programmable:
        params = nominal_params(synapse)
        synapse = replace(synapse, state=frozen(state_at_share(synapse.model, params, 0.5)[:, 0]))
        start = " from mid-window"
    ax = device.iv(iv_sweep(synapse, drive))
    ax.set_title(f"{synapse.name}: {drive.cycles} cycles of {shown(float(drive.period), 's')}{start}", loc="left")
    legend_above(ax)
    return ax


def with_conductance(trace: dict[str, Any], synapse: Device) -> dict[str, Any]:
    """Return the trace of a sample with conductances [S] of its devices; those of a nominal one unless they are recorded."""
    if "program_conductance" in trace or "program_state" not in trace or "program_before" not in trace:
        return trace
    states = np.vstack([trace["program_before"], trace["program_state"]])
    state = synapse.model.initial_state(states.size)
    state[0], out = states.ravel(), np.empty(states.size)
    synapse.model.require("conductance")(state, nominal_params(synapse, states.size), out, 0, states.size)
    return {**trace, "program_conductance": out.reshape(states.shape), "program_nominal": True}


def _history(path: Path) -> list[dict[str, Any]]:
    """Return the epochs of a metrics file."""
    try:
        return [json.loads(line) for line in path.read_text().splitlines()]
    except ValueError as error:
        raise StorageError(f"{path}: damaged ({error}). Resume or run again.") from None
