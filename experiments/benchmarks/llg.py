"""How long does one thermal step of one moment take?

Question   Cost of a thermal Heun step of the macrospin at 300 K, alone and with its random numbers.
Command    python experiments/benchmarks/llg.py [--spins 1000] [--steps 200] [--repeats 7] [--json]
Time       a few seconds
Expected   on one core of a 2020s server: about 5 ns a spin-step for the step, 20-40 ns with three normal variates.
           Published single-moment codes need 200-1000 ns; compare on one machine and in one run only.

Times are the least of the repeats, in nanoseconds per spin and step.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable

import numpy as np

from devices.spintronic.macrospin import MODEL, heun_step
from neurosim.kernels.rng import fill_normal, stream_key


def least_time(work: Callable[[], None], repeats: int) -> float:
    """Return the shortest of the wall times of a piece of work [s]."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(spins: int, steps: int, repeats: int, seed: int = 1) -> dict[str, float]:
    """Return nanoseconds per spin-step of each piece of work."""
    params, state = MODEL.default_params(spins), MODEL.initial_state(spins)
    drive, duration = np.zeros((4, spins)), np.full(spins, 1e-12)
    drive[2] = 1e5
    generator, key = np.random.default_rng(seed), np.uint64(stream_key(seed, "benchmark", 0, "thermal"))
    normals, slope = generator.standard_normal((3, spins)), np.empty((3, spins))
    quiet = np.zeros((3, spins))

    def step_only() -> None:
        for _ in range(steps):
            heun_step(state, drive, params, normals, duration, 0, spins)

    def with_philox() -> None:
        for step in range(steps):
            fill_normal(normals, key, 0, step, 0, spins)
            heun_step(state, drive, params, normals, duration, 0, spins)

    def with_numpy() -> None:
        for _ in range(steps):
            generator.standard_normal(out=normals)
            heun_step(state, drive, params, normals, duration, 0, spins)

    def rate_only() -> None:
        for _ in range(steps):
            MODEL.rate(state, drive, params, slope, 0, spins)

    def quiet_advance() -> None:
        for _ in range(steps):
            MODEL.advance(state, drive, params, quiet, duration, 0, spins)

    pieces = {"heun_step": step_only, "heun_step_philox": with_philox, "heun_step_numpy_normals": with_numpy,
              "rate": rate_only, "advance_runge_kutta_1ps": quiet_advance}
    scale = 1e9 / (spins * steps)
    return {name: least_time(work, repeats) * scale for name, work in pieces.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Nanoseconds per spin and step of the macrospin at 300 K.")
    parser.add_argument("--spins", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    options = parser.parse_args()
    found = measure(options.spins, options.steps, options.repeats)
    if options.json:
        setting = {"spins": options.spins, "steps": options.steps, "repeats": options.repeats}
        print(json.dumps({"benchmark": "llg", "unit": "ns per spin-step", **setting, "machine": platform.processor()
                          or platform.machine(), "python": platform.python_version(), "times": found}))
        return
    for name, value in found.items():
        print(f"{name:26s} {value:8.2f} ns per spin-step")


if __name__ == "__main__":
    main()
