"""Run an experiment in a folder: progress, checkpoints, clean stops, results and figures.

The folder holds ``config.json`` (resolved), ``devices/`` (cards of the devices as they are used, overrides and modifiers
included), ``manifest.json`` (provenance), ``metrics.jsonl`` (one line per epoch),
``checkpoint.npz`` and its predecessor, ``conductance.npz``, ``weights.npz``, ``summary.json`` and ``figures/``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from neurosim import provenance, storage
from neurosim.config import Config, load_config
from neurosim.errors import DivergedError, InterruptedRunError, StorageError
from neurosim.experiment import Experiment, build
from neurosim.learning.checkpoint import load_checkpoint, save_checkpoint
from neurosim.learning.evaluate import Evaluation, evaluate
from neurosim.learning.sequence import record_sequence
from neurosim.learning.trainer import Trainer
from neurosim.network import Neurons
from neurosim.record import ConductanceRecorder
from neurosim.run_lock import RunLock
from neurosim.summary import conclude, unfinished

Report = Callable[[Trainer], None]


class StopRequest:
    """Turns the first Ctrl-C or SIGTERM into a request to stop between two samples; the second one kills."""

    def __init__(self) -> None:
        self.requested = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> StopRequest:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ValueError):  # not the main thread
                self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        # Not print: the signal may come while a progress line is being written, and buffers are not reentrant.
        os.write(2, b"\nStopping after this sample and writing a checkpoint; press Ctrl-C again to quit at once.\n")


def start_run(config: Config, folder: Path, report: Report | None = None, figures: bool = True) -> dict[str, Any]:
    """Run a new experiment in an empty folder and return its summary.

    Raises
    ------
    StorageError
        If the folder already holds a run or cannot be written.
    InterruptedRunError
        After Ctrl-C or SIGTERM, once the checkpoint is written.
    """
    if folder.exists() and not folder.is_dir():
        raise StorageError(f"{folder}: is a file. Choose another folder with --out.")
    if (folder / "config.json").exists():
        raise StorageError(f'{folder}: already holds a run. Choose another folder with --out, or continue it with '
                           f'"neurosim resume {folder}".')
    if folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise StorageError(f"{folder}: is not empty. Choose a new folder with --out.")
    experiment = build(config)
    storage.make_folder(folder)
    with RunLock(folder):
        storage.write_text(folder / "config.json", config.to_json())
        devices = {layer.device.name: layer.device for layer in experiment.network.layers if isinstance(layer, Neurons)}
        used = [experiment.network.synapse.device, *devices.values()]
        storage.make_folder(folder / "devices")
        for device in used:
            storage.write_text(folder / "devices" / f"{device.name.replace('/', '-')}.toml", device.to_toml())
        manifest = provenance.collect(
            seeds={"experiment": config.seed}, dataset=experiment.data, config_sha256=config_hash(config),
            devices=used)
        provenance.write(folder / "manifest.json", manifest)
        recorder = new_recorder(experiment)
        recorder.take(experiment.network, 0)
        weights = [crossbar.weights().copy() for crossbar in experiment.network.crossbars]
        return _continue(experiment, folder, recorder, weights, report, figures)


def resume_run(folder: Path, report: Report | None = None, figures: bool = True) -> tuple[dict[str, Any], str]:
    """Continue an interrupted run from its newest sound checkpoint; return its summary and a warning ("" if none)."""
    require_run(folder)
    with RunLock(folder):
        experiment = build(load_config(folder / "config.json"))
        extra, warning = load_checkpoint(folder, experiment.trainer, run_hash(experiment))
        recorder = new_recorder(experiment)
        recorder.restore({key.removeprefix("record_"): value for key, value in extra.items() if key.startswith("record_")})
        weights = [extra[f"before{k}"] for k in range(len(experiment.network.crossbars))]
        spent = float(extra["wall"]) if "wall" in extra else 0.0
        if "idle" in extra:  # the resolved configuration no longer tells what was chosen
            experiment = replace(experiment, idle=tuple(json.loads(extra["idle"].tobytes())))
        return _continue(experiment, folder, recorder, weights, report, figures, spent), warning


def require_run(folder: Path) -> None:
    """Refuse a folder that holds no run."""
    if not (folder / "config.json").exists():
        raise StorageError(f'{folder}: holds no run (no config.json). Start one with "neurosim run".')


def config_hash(config: Config) -> str:
    """Return the sha256 of a resolved configuration."""
    return storage.sha256_json(config.model_dump(by_alias=True))


def run_hash(experiment: Experiment) -> str:
    """Return the sha256 of everything that a checkpoint belongs to: configuration, device cards and data."""
    network = experiment.network
    devices = [network.synapse.device, *(layer.device for layer in network.layers if isinstance(layer, Neurons))]
    return storage.sha256_json([config_hash(experiment.config), [device.fingerprint for device in devices],
                                experiment.data.sha256])


def new_recorder(experiment: Experiment) -> ConductanceRecorder:
    """Return the recorder that the configuration asks for."""
    record = experiment.config.record
    return ConductanceRecorder.of(experiment.network, record.every, record.log_spaced, record.traced_devices)


def _continue(experiment: Experiment, folder: Path, recorder: ConductanceRecorder, before: list[np.ndarray],
              report: Report | None, figures: bool, spent: float = 0.0) -> dict[str, Any]:
    trainer, config = experiment.trainer, experiment.config
    began = last_saved = time.monotonic()
    digest = run_hash(experiment)

    def save() -> None:
        extra = {f"record_{key}": value for key, value in recorder.arrays().items()}
        extra.update({f"before{k}": value for k, value in enumerate(before)})
        extra["idle"] = np.frombuffer(json.dumps(experiment.idle).encode(), dtype=np.uint8)
        extra["wall"] = np.array(spent + time.monotonic() - began)
        save_checkpoint(folder, trainer, digest, extra)

    def learn(sample: int, factor: float) -> None:
        done = trainer.epoch * len(trainer.labels) + trainer.position
        last = trainer.epochs * len(trainer.labels) - 1
        if config.settle.mode == "transient" and done == min(config.record.sequence_at, last):
            storage.write_arrays(folder / "sequence.npz", record_sequence(trainer, sample, factor).arrays())
        else:
            trainer.learn(sample, factor)

    def after_sample(trainer: Trainer) -> None:
        nonlocal last_saved
        done = trainer.epoch * len(trainer.labels) + trainer.position
        if recorder.due(done):
            recorder.take(trainer.network, done)
        if time.monotonic() - last_saved > config.record.checkpoint_seconds:
            save()
            last_saved = time.monotonic()
        if report:
            report(trainer)

    def after_epoch(trainer: Trainer) -> None:
        write_metrics(folder, trainer)

    save()
    with StopRequest() as stop:
        try:
            finished = trainer.fit(stop=lambda: stop.requested, learn=learn, after_sample=after_sample, after_epoch=after_epoch)
        except DivergedError:
            write_metrics(folder, trainer)
            storage.write_json(folder / "summary.json", unfinished("diverged", experiment))
            raise
        save()
        write_metrics(folder, trainer)
        if not finished:
            storage.write_json(folder / "summary.json", unfinished("interrupted", experiment))
            raise InterruptedRunError(f'interrupted: checkpoint written. Continue with "neurosim resume {folder}".')
    if report:
        print("neurosim: testing", file=sys.stderr, flush=True)
    try:
        test = evaluate(experiment.network, experiment.test_voltage, experiment.test_labels)
        summary = conclude(experiment, test, spent + time.monotonic() - began)
    except DivergedError:
        storage.write_json(folder / "summary.json", unfinished("diverged", experiment))
        raise
    except KeyboardInterrupt:
        raise InterruptedRunError(f'interrupted in the final test: training is complete and saved. Finish with '
                                  f'"neurosim resume {folder}".') from None
    _write_results(folder, experiment, recorder, before, summary, test, figures)
    return summary


def write_metrics(folder: Path, trainer: Trainer) -> None:
    """Write one JSON line per finished epoch, with accuracies and per-sample means."""
    lines = [json.dumps({**epoch, "train_accuracy_running": epoch["correct"] / max(epoch["samples"], 1)})
             for epoch in trainer.history]
    storage.write_text(folder / "metrics.jsonl", "".join(f"{line}\n" for line in lines))


def _write_results(folder: Path, experiment: Experiment, recorder: ConductanceRecorder, before: list[np.ndarray],
                   summary: dict[str, Any], test: Evaluation, figures: bool) -> None:
    network = experiment.network
    storage.write_json(folder / "summary.json", summary)
    storage.write_arrays(folder / "conductance.npz", recorder.arrays())
    weights = {f"before{k}": value for k, value in enumerate(before)}
    weights.update({f"after{k}": crossbar.weights() for k, crossbar in enumerate(network.crossbars)})
    storage.write_arrays(folder / "weights.npz", weights)
    storage.write_arrays(folder / "test.npz", {"labels": test.labels, "predictions": test.predictions,
                                               "n_classes": np.array(test.outputs.shape[1])})
    if (folder / "manifest.json").exists():
        provenance.write(folder / "manifest.json", provenance.finish(storage.read_json(folder / "manifest.json")))
    if figures:
        print("neurosim: drawing figures", file=sys.stderr, flush=True)
        from neurosim.plot.run import draw_run

        draw_run(folder)


def totals_line(trainer: Trainer) -> dict[str, float]:
    """Return the running numbers that a progress display shows."""
    totals = asdict(trainer.totals)
    return {"accuracy": totals["correct"] / max(totals["samples"], 1), "pulses": totals["pulses"] / max(totals["samples"], 1)}
