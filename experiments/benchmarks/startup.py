"""Start-up: the help page, the first progress line with an empty and a warm kernel cache, and the whole main job.

Command:  python experiments/benchmarks/startup.py [--job] [--json]
Expected: help <= 0.3 s; first progress line <= 30 s cold and <= 2 s warm; main job <= 90 s after compilation (--job).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXPERIMENT = Path(__file__).parents[1] / "digits.toml"


def seconds_to_first_line(arguments: list[str], environment: dict[str, str], until: str) -> tuple[float, float]:
    """Return the seconds until a line with ``until`` and until the process ends (it is stopped after that line if it must)."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "neurosim", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, env=environment)
    first = None
    assert process.stdout is not None
    for line in process.stdout:
        if until in line and first is None:
            first = time.perf_counter() - began
    process.wait()
    return float("nan") if first is None else first, time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job", action="store_true", help="also run the whole main job")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NEUROSIM_CACHE_DIR": f"{folder}/cache"}
        result["help"] = statistics.median(seconds_to_first_line(["--help"], environment, "usage")[1] for _ in range(5))
        for name in ("cold", "warm"):
            arguments = ["run", str(EXPERIMENT), "--set", "training.epochs=1", "--out", f"{folder}/{name}", "--json",
                         "--no-figures"]
            result[f"first_line_{name}"] = seconds_to_first_line(arguments, environment, "first sample")[0]
        if options.job:
            arguments = ["run", str(EXPERIMENT), "--out", f"{folder}/job", "--json"]
            result["main_job"] = seconds_to_first_line(arguments, environment, "first sample")[1]
    print(json.dumps(result) if options.json else "\n".join(f"{name:18s} {value:7.2f} s" for name, value in result.items()))


if __name__ == "__main__":
    main()
