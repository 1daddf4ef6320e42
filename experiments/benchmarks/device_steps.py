"""How long does one device take in one pulse, compared with the same law as a numpy expression?

Question  nanoseconds per device of ``advance`` on a 784 x 120 crossbar, every device with its own parameters (5 % spread).
Command   python experiments/benchmarks/device_steps.py [--json] [--rounds 30] [--only vteam]
Time      about 30 s
Expected  best of 80 on one core of a 2024 server whose cores are busy, goals in brackets: vteam integer 1.6 [2], noisy 1.7 [5],
          real 3.1 [5], noisy 3.3 [7.5]; soft bounds 1.5 [2], with own widths 2.7, noisy 1.8 [5]; two_state 2.3 to 2.6 [2];
          messaris 12 [8], 8 while all fits into the cache of a core; gap 36 [40] and jart_vcm 49 [60] for short pulses of both
          polarities, of which only part moves the devices.
Method    kernel and numpy expression alternate within each round, so that a busy machine hits both; the median counts, the
          best is what an idle machine would do. Processor time, so that waiting for a core is not counted. The state is
          restored before each call, outside the clock. Numpy evicts the parameters between calls: without it the first five
          need about half. Laws that have no closed form run without a numpy expression.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import llvmlite
import numba
import numpy as np
from device_expressions import messaris, pulse_step, two_state, vteam

from neurosim.library import load_device

ROWS, COLUMNS = 784, 120
SPREAD = 0.05


class Case(NamedTuple):
    """One row of the table: a card, pulses of +-``voltage`` [V] at most, their length [s], the same law in numpy."""

    label: str
    card: str
    voltage: float
    duration: float
    expression: Callable[..., None] | None
    exact: tuple[str, ...] = ()  # parameters without spread
    values: dict[str, float] = {}  # noqa: RUF012 (never changed)


QUIET = dict.fromkeys(("sigma_relative", "sigma_up", "sigma_down", "sigma_weight", "sigma_root", "sigma_write"), 0.0)
PULSE = ("width_up", "width_down", "v_up", "v_down", "zero")
ALPHAS = ("alpha_off", "alpha_on")
CASES = (
    Case("vteam, alpha 3", "vteam/nominal", 1.5, 1e-8, vteam, ALPHAS, {"alpha_off": 3.0, "alpha_on": 3.0}),
    Case("vteam, alpha 3, noisy", "vteam/nominal", 1.5, 1e-8, vteam, ALPHAS,
         {"alpha_off": 3.0, "alpha_on": 3.0, "sigma_step": 0.1, "sigma_range": 0.002}),
    Case("vteam, alpha 2.5", "vteam/nominal", 1.5, 1e-8, vteam, ALPHAS, {"alpha_off": 2.5, "alpha_on": 2.5}),
    Case("vteam, alpha 2.5, noisy", "vteam/nominal", 1.5, 1e-8, vteam, ALPHAS,
         {"alpha_off": 2.5, "alpha_on": 2.5, "sigma_step": 0.1, "sigma_range": 0.002}),
    Case("soft bounds", "pulse_step/soft_bounds", 1.2, 1e-7, pulse_step, PULSE, QUIET),
    Case("soft bounds, own widths", "pulse_step/soft_bounds", 1.2, 1e-7, pulse_step, (), QUIET),
    Case("soft bounds, noisy", "pulse_step/soft_bounds", 1.2, 1e-7, pulse_step, PULSE, QUIET | {"sigma_relative": 0.3}),
    Case("two_state, Fermi", "two_state/knowm_sdc", 0.35, 1e-5, two_state, ("saturation",)),
    Case("two_state, exponential", "two_state/memdiode_rram", 1.0, 1e-4, two_state, ("saturation",)),
    Case("messaris", "messaris/tiox_dut1", 1.0, 1e-3, messaris),
    Case("gap, 1.6 V 0.1 ns", "gap/stanford", 1.6, 1e-10, None, ("alpha",)),
    Case("gap, 1.6 V 10 ns", "gap/stanford", 1.6, 1e-8, None, ("alpha",)),
    Case("jart_vcm, 0.4 V 10 ns", "jart_vcm/bengel2020", 0.4, 1e-8, None, ("radius", "length")),
)


def measure(case: Case, rounds: int) -> dict[str, float | str]:
    """Return median and best nanoseconds per device of the kernel, the median of numpy, and their ratio."""
    device, n, rng = load_device(case.card), ROWS * COLUMNS, np.random.default_rng(1)
    model = device.model
    params = np.repeat(np.array(device.params)[:, None], n, axis=1)
    for row, spec in enumerate(model.params):
        if spec.name in case.values:
            params[row] = case.values[spec.name]
        elif spec.name not in case.exact:
            params[row] = np.clip(params[row] * rng.lognormal(0.0, SPREAD, n), spec.low, spec.high)
    start = np.array([np.full(n, spec.initial) for spec in model.states])
    start[0] = rng.random(n)
    drive, duration = rng.uniform(-case.voltage, case.voltage, (1, n)), np.full(n, case.duration)
    noise, state = rng.standard_normal((max(1, len(model.noises)), n)), start.copy()
    advance = (model.select(params) if model.select else model).advance
    times: dict[str, list[float]] = {"kernel": [], "numpy": []}
    results = {}
    named = {spec.name: params[row] for row, spec in enumerate(model.params)}
    for _ in range(rounds):
        for name, taken in times.items():
            if name == "numpy" and case.expression is None:
                continue
            state[:] = start
            begin = time.thread_time_ns()
            if name == "kernel":
                advance(state, drive, params, noise, duration, 0, n)
            elif case.expression is not None:
                case.expression(state[0], drive[0], named, noise[0], duration)
            taken.append((time.thread_time_ns() - begin) / n)
            results[name] = state[0].copy()
    kernel = statistics.median(times["kernel"])
    row: dict[str, float | str] = {"case": case.label, "kernel_ns": kernel, "kernel_best_ns": min(times["kernel"])}
    if times["numpy"]:
        np.testing.assert_allclose(results["kernel"], results["numpy"], rtol=0.0, atol=1e-12)
        row |= {"numpy_ns": statistics.median(times["numpy"]), "ratio": statistics.median(times["numpy"]) / kernel}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", default="", help="cases whose label contains this")
    options = parser.parse_args()
    rows = [measure(case, options.rounds) for case in CASES if options.only in case.label]
    versions = {"python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__,
                "llvmlite": llvmlite.__version__, "machine": platform.machine(), "cpu": numba.config.CPU_NAME or "host"}
    if options.json:
        print(json.dumps({"devices": ROWS * COLUMNS, "versions": versions, "rows": rows}))
        return
    print(f"advance, {ROWS} x {COLUMNS} devices, medians of {options.rounds} rounds; {versions}")
    print(f"{'case':26s} {'kernel ns':>10} {'best ns':>8} {'numpy ns':>9} {'ratio':>6}")
    for row in rows:
        compared = f"{row['numpy_ns']:9.2f} {row['ratio']:6.1f}" if "ratio" in row else f"{'-':>9} {'-':>6}"
        print(f"{row['case']:26s} {row['kernel_ns']:10.2f} {row['kernel_best_ns']:8.2f} {compared}")


if __name__ == "__main__":
    main()
