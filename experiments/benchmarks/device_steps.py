"""How long does one device take in one pulse, compared with the same law as a numpy expression?

Question  nanoseconds per device of the VTEAM ``advance`` on a 784 x 120 crossbar, every device with its own parameters:
          quiet and noisy, integer (3) and real (2.5) exponent.
Command   python experiments/benchmarks/device_steps.py [--json] [--rounds 30]
Time      about 15 s
Expected  one core of a 2024 server: integer 2.0 (quiet) and 2.0 (noisy) ns, real 3.2 and 4.3 ns at best, a third more
          when the other core is busy. Numpy evicts the parameters between calls: without it 0.6, 0.9, 2.5 and 3.1 ns.
Method    kernel and numpy expression alternate within each round, so that a busy machine hits both; the median counts.
          The state is restored before each call, outside the clock.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time

import llvmlite
import numba
import numpy as np

from devices.memristor.vteam import MODEL

ROWS, COLUMNS = 784, 120


def population(alpha: float, noisy: bool) -> np.ndarray:
    """Return the parameters of the crossbar: 5 % spread of everything but the exponents."""
    rng = np.random.default_rng(1)
    params = MODEL.default_params(ROWS * COLUMNS)
    names = MODEL.param_index
    for name in ("r_on", "r_off", "k_off", "k_on", "v_off", "v_on"):
        params[names[name]] *= rng.lognormal(0.0, 0.05, params.shape[1])
    params[[names["alpha_off"], names["alpha_on"]]] = alpha
    if noisy:
        params[names["sigma_step"]], params[names["sigma_range"]] = 0.1, 0.002
    return params


def numpy_advance(state, drive, params, noise, duration):
    """Write the same law as one numpy expression per line, in place."""
    x, v = state[0], drive[0]
    _, _, k_off, k_on, a_off, a_on, v_off, v_on, sigma_step, sigma_range = params
    over = v / np.where(v > 0.0, v_off, v_on) - 1.0
    power = np.where(over > 0.0, over, 1.0) ** np.where(v > 0.0, a_off, a_on)
    step = np.where(over > 0.0, np.where(v > 0.0, k_off, k_on) * power, 0.0) * duration
    if noise is not None:
        step = np.where(step != 0.0, step + noise[0] * np.sqrt((sigma_step * step) ** 2 + sigma_range**2), 0.0)
    state[0] = np.clip(x + step, 0.0, 1.0)


def measure(alpha: float, noisy: bool, rounds: int) -> dict[str, float]:
    """Return median nanoseconds per device of kernel and numpy, and their ratio."""
    params = population(alpha, noisy)
    n, rng = params.shape[1], np.random.default_rng(2)
    start, drive = rng.random((1, n)), rng.uniform(-1.5, 1.5, (1, n))
    noise, duration = rng.standard_normal((1, n)) * noisy, np.full(n, 1e-8)
    advance, state = MODEL.select(params).advance, start.copy()
    times: dict[str, list[float]] = {"kernel": [], "numpy": []}
    results = {}
    for _ in range(rounds):
        for name, taken in times.items():
            state[:] = start
            begin = time.perf_counter_ns()
            if name == "kernel":
                advance(state, drive, params, noise, duration, 0, n)
            else:
                numpy_advance(state, drive, params, noise if noisy else None, duration)
            taken.append((time.perf_counter_ns() - begin) / n)
            results[name] = state.copy()
    np.testing.assert_allclose(results["kernel"], results["numpy"], rtol=0.0, atol=1e-13)
    kernel, expression = (statistics.median(times[name]) for name in times)
    return {"alpha": alpha, "noisy": noisy, "kernel_ns": kernel, "kernel_best_ns": min(times["kernel"]),
            "numpy_ns": expression, "ratio": expression / kernel}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    rows = [measure(alpha, noisy, options.rounds) for alpha in (3.0, 2.5) for noisy in (False, True)]
    versions = {"python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__,
                "llvmlite": llvmlite.__version__, "machine": platform.machine(), "cpu": numba.config.CPU_NAME or "host"}
    if options.json:
        print(json.dumps({"devices": ROWS * COLUMNS, "versions": versions, "rows": rows}))
        return
    print(f"VTEAM advance, {ROWS} x {COLUMNS} devices, medians of {options.rounds} rounds; {versions}")
    print(f"{'alpha':>6} {'noise':>6} {'kernel ns':>10} {'best ns':>8} {'numpy ns':>9} {'ratio':>6}")
    for row in rows:
        print(f"{row['alpha']:6.1f} {row['noisy']!s:>6} {row['kernel_ns']:10.2f} {row['kernel_best_ns']:8.2f} "
              f"{row['numpy_ns']:9.2f} {row['ratio']:6.1f}")


if __name__ == "__main__":
    main()
