"""Main job over seeds: device writes against the ideal control, 0.5x/1x/2x nonidealities, with and without accumulator

Question: does in-place programming of real devices reach float assignment, and which remedy does it need?
Command:  python experiments/benchmarks/digits.py [--seeds 5] [--cases ideal default half double] [--json FILE]
          python experiments/benchmarks/digits.py --json experiments/results/digits.json --figure FILE.png   (draw only)
Time:     about 1 minute per seed and case on one core; finished cases are kept in the JSON file and not run again.
Expected: see experiments/README.md. The standard error of the test set (360 samples) is 1.35 points.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import neurosim
from neurosim.config import load_config
from neurosim.experiment import build
from neurosim.learning.evaluate import count_multistable, evaluate
from neurosim.plot import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAME_WRITER = 106  # first rows of the test part: the writer at the boundary, 22 of whose images are in the training part
EXPERIMENT = Path(__file__).parents[1] / "digits.toml"
NONE = "learning.accumulator={kind='none'}"
QUIET = "synapse.sigma_c2c_range=0"
CASES = {
    "ideal": ["learning.programmer='ideal'", NONE, "nonideality_scale=0"],
    "ideal, all nonidealities": ["learning.programmer='ideal'", NONE],
    "default": [],
    "half": ["nonideality_scale=0.5"],
    "double": ["nonideality_scale=2"],
    "every sample": [NONE],
    # The remedy against threshold spread, and what breaks writing every sample: the spread, the range noise of each pulse
    # (0.1 % of range), or requests rounded to 64 pulse levels.
    **{f"threshold {100 * s:g} %{name}": [f"synapse.sigma_threshold={s}", *extra]
       for s in (0.0, 0.01, 0.02, 0.05)
       for name, extra in (("", []), (", every sample", [NONE]), (", every sample, no range noise", [NONE, QUIET]))},
    "every sample, no range noise": [NONE, QUIET],
    "threshold 0 %, every sample, 16384 levels": ["synapse.sigma_threshold=0", NONE, "learning.pulse_levels=16384"],
}


def measure(case: str, seed: int, validation: bool) -> dict[str, float]:
    """Train one network and return what the table needs."""
    overrides = [*CASES[case], f"seed={seed}", *(["data.validation=true"] if validation else [])]
    began = time.perf_counter()
    experiment = build(load_config(EXPERIMENT, overrides))
    trainer, network = experiment.trainer, experiment.network
    trainer.fit()
    wall = time.perf_counter() - began
    result = evaluate(network, experiment.test_voltage, experiment.test_labels)
    history = trainer.history
    right = np.argmax(result.outputs, axis=1) == result.labels
    samples = sum(epoch["samples"] for epoch in history)
    return {"accuracy": result.accuracy, "new_writers": float(right[SAME_WRITER:].mean()), "wall": wall,
            "norm": max(epoch["largest_norm"] for epoch in history),
            "unsettled": sum(epoch["unsettled_phases"] for epoch in history) + result.unsettled,
            "multistable": count_multistable(network, experiment.test_voltage),
            "pulses": sum(epoch["pulses"] for epoch in history) / samples,
            "program_energy": sum(epoch["program_energy"] for epoch in history) / samples}


CURVES = (("with accumulator", "", "default"), ("written every sample, no range noise", ", every sample, no range noise",
                                                "every sample, no range noise"),
          ("written every sample", ", every sample", "every sample"))


def draw(kept: dict[str, dict[str, float]], path: Path) -> None:
    """Draw accuracy against threshold spread, median and range over the seeds that ``kept`` holds."""
    with style.styled():
        ax = style.new_axes()
        _draw_curves(kept, ax)
    style.save(ax, path)


def _draw_curves(kept: dict[str, dict[str, float]], ax: Axes) -> None:
    for color, (label, suffix, at_default) in zip((style.BLUE, style.GREEN, style.VERMILION), CURVES, strict=True):
        cases = {100 * s: f"threshold {100 * s:g} %{suffix}" for s in (0.0, 0.01, 0.02, 0.05)} | {3.0: at_default}
        found = {x: [100 * row["accuracy"] for key, row in kept.items() if key.rpartition("/")[0] == case]
                 for x, case in sorted(cases.items())}
        x = [x for x, values in found.items() if values]
        middle = [statistics.median(found[k]) for k in x]
        low = [m - min(found[k]) for k, m in zip(x, middle, strict=True)]
        high = [max(found[k]) - m for k, m in zip(x, middle, strict=True)]
        ax.errorbar(x, middle, [low, high], color=color, marker="o", markersize=4, capsize=3, label=label)
    ax.set_xlabel("spread of the thresholds (%)")
    ax.set_ylabel("test accuracy (%)")
    ax.set_ylim(0, 100)
    ax.set_title("What writing every sample costs")
    ax.legend(loc="lower left")


def main() -> None:
    """Run the cases and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--validation", action="store_true", help="tune: train without the last training writers")
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--figure", type=Path, default=None, help="only draw accuracy against threshold spread from --json")
    options = parser.parse_args()
    kept = json.loads(options.json.read_text()) if options.json and options.json.exists() else {}
    if options.figure:
        draw(kept, options.figure)
        return
    print(f"neurosim {neurosim.__version__}, Python {platform.python_version()}, {platform.machine()}; "
          f"{'validation' if options.validation else 'test'} part, median [min, max] of {options.seeds} seeds")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
    for case in options.cases:
        for seed in range(options.seeds):
            key = f"{case}/{seed}"
            if key not in kept:
                kept[key] = measure(case, seed, options.validation)
                if options.json:
                    options.json.write_text(json.dumps(kept, indent=1))
        rows = [kept[f"{case}/{seed}"] for seed in range(options.seeds)]
        accuracy = [100 * row["accuracy"] for row in rows]
        print(f"{case:34s} {statistics.median(accuracy):5.1f} [{min(accuracy):.1f}, {max(accuracy):.1f}] %"
              f"  new writers {100 * statistics.median(row['new_writers'] for row in rows):.1f} %"
              f"  norm {max(row['norm'] for row in rows):.2f}  unsettled {sum(row['unsettled'] for row in rows)}"
              f"  multistable {sum(row['multistable'] for row in rows)}"
              f"  pulses {statistics.median(row['pulses'] for row in rows):.1f}"
              f"  wall {statistics.median(row['wall'] for row in rows):.0f} s", flush=True)


if __name__ == "__main__":
    main()
