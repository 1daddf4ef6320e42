"""Checkpoints: everything that a continued run needs to have the same bits as an uninterrupted one.

Kept are device states, conductances (the ``ideal`` control assigns them), accumulator contents, event and phase counters, the
position in the run and its history. Populations, read noise and the order of samples follow from the seed. Two generations are
kept; a damaged file (CRC of the archive, shapes, configuration) is never used silently.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from neurosim.errors import StorageError
from neurosim.learning.trainer import Totals, Trainer
from neurosim.storage import read_arrays, write_arrays, write_atomic

NAME, PREVIOUS = "checkpoint.npz", "checkpoint.previous.npz"
FORMAT = 1


def save_checkpoint(folder: Path, trainer: Trainer, config_hash: str, extra: dict[str, np.ndarray] | None = None) -> None:
    """Write the state of a run atomically; the file before it is kept as the previous generation."""
    arrays: dict[str, np.ndarray] = {}
    for k, crossbar in enumerate(trainer.network.crossbars):
        arrays[f"state{k}"] = crossbar.population.state
        arrays[f"conductance{k}"] = crossbar.g
        arrays[f"content{k}"] = trainer.contents[k]
    progress = {"format": FORMAT, "config": config_hash, "epoch": trainer.epoch, "position": trainer.position,
                "phase": trainer.network.phase, "events": [c.events for c in trainer.network.crossbars],
                "gap": trainer.last_deposit_gap, "totals": asdict(trainer.totals), "history": trainer.history}
    arrays["progress"] = np.frombuffer(json.dumps(progress).encode(), dtype=np.uint8)
    arrays.update({f"extra_{key}": value for key, value in (extra or {}).items()})
    target = folder / NAME
    if target.exists():
        write_atomic(folder / PREVIOUS, target.read_bytes())
    write_arrays(target, arrays)


def load_checkpoint(folder: Path, trainer: Trainer, config_hash: str) -> tuple[dict[str, np.ndarray], str]:
    """Put the newest sound checkpoint into ``trainer``; return extra arrays and a warning ("" when all was well).

    Raises
    ------
    StorageError
        If no generation is sound, or it belongs to another configuration.
    """
    reasons = []
    for name in (NAME, PREVIOUS):
        if not (folder / name).exists():
            reasons.append(f"{name} is missing")
            continue
        try:
            arrays = read_arrays(folder / name)
            progress = json.loads(arrays["progress"].tobytes())
            if progress["format"] != FORMAT:
                raise ValueError(f"format {progress['format']} is not {FORMAT}")
            other = progress["config"] != config_hash
            if not other:
                _restore(trainer, arrays, progress)
        except (StorageError, ValueError, KeyError, TypeError, OverflowError) as error:
            reasons.append(f"{name} is damaged ({error})")
            continue
        if other:
            raise StorageError(f"{folder / name}: it belongs to another configuration. Resume with the run's own config.json.")
        extra = {key.removeprefix("extra_"): value for key, value in arrays.items() if key.startswith("extra_")}
        return extra, f"{reasons[0]}; continued from {name}" if reasons else ""
    raise StorageError(f"{folder}: no usable checkpoint: {'; '.join(reasons)}. Start the run again in another folder.")


def _restore(trainer: Trainer, arrays: dict[str, np.ndarray], progress: dict) -> None:
    """Read and check everything first, then fill: a bad file leaves the trainer untouched."""
    places: list[tuple[np.ndarray, np.ndarray]] = []
    crossbars = trainer.network.crossbars
    for k, crossbar in enumerate(crossbars):
        pairs = ((crossbar.population.state, f"state{k}"), (crossbar.g, f"conductance{k}"),
                 (trainer.contents[k], f"content{k}"))
        places += [(place, arrays[name]) for place, name in pairs]
    for place, stored in places:
        if place.shape != stored.shape or place.dtype != stored.dtype or not np.isfinite(stored).all():
            raise ValueError("an array has the wrong shape or type, or is not finite")
    totals, history, gap = Totals(**progress["totals"]), list(progress["history"]), float(progress["gap"])
    phase, epoch, position = (int(progress[name]) for name in ("phase", "epoch", "position"))
    events = [int(number) for number in progress["events"]]
    if len(events) != len(crossbars) or min(phase, epoch, position, *events) < 0:
        raise ValueError("a counter is missing or negative")
    for k, crossbar in enumerate(crossbars):
        crossbar.population.state[...] = arrays[f"state{k}"]
        crossbar.assign(arrays[f"conductance{k}"])
        trainer.contents[k][...] = arrays[f"content{k}"]
        crossbar.events = events[k]
    trainer.network.phase, trainer.epoch, trainer.position = phase, epoch, position
    trainer.totals, trainer.history, trainer.last_deposit_gap = totals, history, gap
