"""``neurosim run``, ``resume`` and ``plot``: progress on standard error, the table or JSON on standard output."""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from neurosim.config import load_config
from neurosim.learning.failures import describe
from neurosim.run import Report, resume_run, start_run, totals_line
from neurosim.units import format_quantity


def run(options: argparse.Namespace) -> None:
    """Run an experiment file."""
    config = load_config(options.experiment, options.overrides)
    folder = Path(options.out or Path("runs") / f"{Path(options.experiment).stem}-{time.strftime('%Y%m%d-%H%M%S')}")
    with _progress(options.json) as report:
        summary = start_run(config, folder, report, figures=not options.no_figures)
    _conclude(summary, folder, options)


def resume(options: argparse.Namespace) -> None:
    """Continue an interrupted run."""
    folder = Path(options.folder)
    with _progress(options.json) as report:
        summary, warning = resume_run(folder, report, figures=not options.no_figures)
    if warning:
        print(f"neurosim: {warning}.", file=sys.stderr)
    _conclude(summary, folder, options)


def plot(options: argparse.Namespace) -> None:
    """Draw the figures of a finished run."""
    from neurosim.plot.run import draw_run

    for path in draw_run(options.folder):
        print(path)


def print_json(content: dict[str, Any]) -> None:
    """Print one line of JSON."""
    print(json.dumps(content, allow_nan=False), flush=True)


@contextmanager
def warnings_as_lines() -> Iterator[None]:
    """Print every runtime warning of the block once, as one line on standard error, also when the block fails."""
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
    finally:
        for text in dict.fromkeys(str(item.message) for item in caught if issubclass(item.category, RuntimeWarning)):
            print(f"neurosim: warning: {text}", file=sys.stderr)


@contextmanager
def _progress(plain: bool) -> Iterator[Report]:
    """Give a callback that shows progress: a bar on a terminal, one line per epoch elsewhere."""
    console = Console(stderr=True)
    with warnings_as_lines():
        if console.is_terminal and not plain:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("samples"),
                       TextColumn("[bold]{task.fields[accuracy]}"), TimeElapsedColumn(), TextColumn("left"),
                       TimeRemainingColumn())
            with Progress(*columns, console=console) as progress:
                task = progress.add_task("compiling", total=None, accuracy="")
                shown = 0.0

                def bar(trainer: Any) -> None:
                    nonlocal shown
                    now = time.monotonic()
                    if now - shown < 0.1:
                        return
                    shown = now
                    n = len(trainer.labels)
                    progress.update(task, description=f"epoch {trainer.epoch + 1}/{trainer.epochs}", total=n * trainer.epochs,
                                    completed=trainer.epoch * n + trainer.position,
                                    accuracy=f"{100 * totals_line(trainer)['accuracy']:.1f} % training")

                yield bar
        else:
            began = time.monotonic()
            first: tuple[int, float] | None = None

            def line(trainer: Any) -> None:
                nonlocal first
                done, now = trainer.epoch * len(trainer.labels) + trainer.position, time.monotonic()
                if first is None:
                    first = done, now
                    print(f"neurosim: first sample after {now - began:.1f} s", file=sys.stderr, flush=True)
                elif trainer.position == len(trainer.labels):
                    left = time_left(now - first[1], done - first[0], trainer.epochs * len(trainer.labels) - done)
                    print(f"neurosim: epoch {trainer.epoch + 1}/{trainer.epochs}, training accuracy "
                          f"{100 * totals_line(trainer)['accuracy']:.1f} %, {left:.0f} s left", file=sys.stderr, flush=True)

            yield line


def time_left(spent: float, learned: int, to_learn: int) -> float:
    """Return seconds left at the pace of this leg: ``learned`` samples since its first one took ``spent`` seconds."""
    return spent / max(learned, 1) * to_learn


def _conclude(summary: dict[str, Any], folder: Path, options: argparse.Namespace) -> None:
    if options.json:
        print_json({**summary, "folder": str(folder)})
        return
    Console().print(summary_table(summary))
    for caution in summary["cautions"]:
        print(f"Caution: {caution}")
    print(f"Run folder: {folder}")
    if not options.no_figures:
        print(f"Figures:    {folder / 'figures'}")


def multistable(summary: dict[str, Any]) -> str:
    """Return the number of multistable test samples in words."""
    count = summary["multistable_test_samples"]
    return "not counted (neurons with more than one state)" if count is None else str(count)


def summary_table(summary: dict[str, Any]) -> Table:
    """Return the table that ends a run."""
    energy, spent, drift = (summary[key] for key in ("energy_per_sample_joule", "time_per_sample_second", "read_drift_of_job"))
    rows = [
        ("test accuracy", f"{100 * summary['test_accuracy']:.2f} %  of {summary['test_samples']} samples"),
        ("training accuracy", f"{100 * summary['train_accuracy']:.2f} %"),
        ("programmer", summary["programmer"] + ("  (control: float assignment, not devices)"
                                                if summary["programmer"] == "ideal" else "")),
        ("nonidealities", f"{summary['nonideality_scale']:g} x the configured ones"),
        ("energy per sample", format_quantity(energy["total"], "J")),
        *((f"  {part.replace('_', ' ')}", format_quantity(energy[part], "J")) for part in ("free", "nudge", "program",
                                                                                         "neuron_bias")),
        ("time per sample", ", ".join(f"{part} {format_quantity(spent[part], 's')}" for part in ("settle", "program"))),
        ("pulses per sample", f"{summary['pulses_per_sample']:.1f}  ({summary['clipped_pulses']} clipped in all)"),
        ("coupling norm", f"{summary['final_coupling_norm']:.2f}, largest {summary['largest_coupling_norm']:.2f}  "
                          + ("(below 1: one rest point)" if summary["largest_coupling_norm"] < 1 else
                             "(1 or more: several rest points are possible)")),
        ("phases not settled", f"{summary['unsettled_phases']} of {summary['phases']}"
                               f"; test samples {summary['unsettled_test_samples']}"),
        *([("  the first of them", describe(first))] if (first := summary["first_unsettled_phase"]) else []),
        ("read drift", f"{summary['read_adiabaticity']:.1g} of the range per sample, {drift['fastest']:.1g} in all samples "
                       f"(fastest device; typical {drift['typical']:.1g})"),
        ("", "reads are not integrated; states move in writes and, where time changes them, at 0 V"),
        ("multistable test samples", multistable(summary)),
        *(("warning", text) for text in summary["warnings"]),
        ("samples, wall time", f"{summary['samples']}, {summary['wall_seconds']:.1f} s"),
    ]
    table = Table(title="Learned in place", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column()
    for row in rows:
        table.add_row(*row)
    return table
