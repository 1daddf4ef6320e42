"""How long do one elementary function and one random draw take, compared with numpy in the same run, and how exact are they?

Question  nanoseconds per element on one thread of the vector math (exp ... power) and of the counter-based random numbers.
Command   python experiments/benchmarks/kernels.py [--json] [--rounds 60]
Time      about 10 s, of which half compiles the loops
Expected  one core of a 2024 server with AVX-512 [ns]: exp 0.55, expm1 0.65, log 0.7, log1p 0.7, sinh 1.1, tanh 1.0,
          softplus 1.7, power 2.9, sincos2pi 0.55, uniform 1.0, normal 2.0, exponential 1.9; a third more when the other
          core is busy. Errors: at most 2 ulp (power 4). Limits worth an alarm: exp 1.3 ns, normal 3 ns.
Method    4096 elements (in the first-level cache). Kernel and numpy alternate within each round, so that a busy machine hits
          both; medians. Errors against 80-bit libm on random points; numpy has no softplus or sincos: composed of its parts.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import llvmlite
import numba
import numpy as np
from numba import njit

from neurosim.kernels import rng, vmath
from neurosim.kernels.jit import flags
from neurosim.kernels.signatures import A1, void

N, REPEATS = 4096, 20
LD = np.longdouble
TURN = 8.0 * np.arctan(LD(1.0))


def softplus(x, out=None):
    return np.add(np.maximum(x, 0.0), np.log1p(np.exp(-abs(x))), out=out)


# name: numpy's function, lowest and highest argument
UNARY: dict[str, tuple[Callable, float, float]] = {
    "exp": (np.exp, -50.0, 50.0), "expm1": (np.expm1, -5.0, 5.0), "log": (np.log, 1e-3, 1e3),
    "log1p": (np.log1p, -0.9, 10.0), "sinh": (np.sinh, -10.0, 10.0), "tanh": (np.tanh, -5.0, 5.0),
    "softplus": (softplus, -30.0, 30.0),
}


def loop_over(function):
    @njit(void(A1, A1), **flags())
    def loop(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    return loop


@njit(void(A1, A1, A1), **flags())
def power_loop(x, y, out):
    for i in range(x.size):
        out[i] = vmath.power(x[i], y[i])


@njit(void(A1, A1, A1), **flags())
def sincos_loop(u, sine, cosine):
    for i in range(u.size):
        sine[i], cosine[i] = vmath.sincos2pi(u[i])


def ulp(got, exact) -> float:
    """Return the largest error in units of the last place of the exact result."""
    return float(np.max(np.abs((got.astype(LD) - exact) / np.spacing(np.abs(exact.astype(float))).astype(LD))))


def cases() -> dict[str, tuple[Callable[[], object], Callable[[], object], float | None]]:
    """Return for each name our call, numpy's call on the same data, and our largest error [ulp]."""
    generator = np.random.default_rng(1)
    found: dict[str, tuple[Callable[[], object], Callable[[], object], float | None]] = {}
    for name, (reference, low, high) in UNARY.items():
        loop = loop_over(getattr(vmath, name))
        many = generator.uniform(low, high, 100 * N)
        got = np.empty_like(many)
        loop(many, got)
        x, out = many[:N].copy(), np.empty(N)
        found[name] = (lambda loop=loop, x=x, out=out: loop(x, out), lambda f=reference, x=x, out=out: f(x, out=out),
                       ulp(got, reference(many.astype(LD))))

    base, exponent = generator.uniform(0.5, 20.0, 100 * N), generator.uniform(-50.0, 50.0, 100 * N)
    got = np.empty_like(base)
    power_loop(base, exponent, got)
    x, y, out, other = base[:N].copy(), exponent[:N].copy(), np.empty(N), np.empty(N)
    found["power"] = (lambda: power_loop(x, y, out), lambda: np.power(x, y, out=out),
                      ulp(got, np.power(base.astype(LD), exponent.astype(LD))))

    turns = generator.uniform(-0.125, 0.125, 100 * N)
    sine, cosine = np.empty_like(turns), np.empty_like(turns)
    sincos_loop(turns, sine, cosine)
    u = generator.uniform(0.0, 1.0, N)
    angle = 2.0 * np.pi * u
    found["sincos2pi"] = (lambda: sincos_loop(u, out, other), lambda: (np.sin(angle, out=out), np.cos(angle, out=other)),
                          max(ulp(sine, np.sin(TURN * turns)), ulp(cosine, np.cos(TURN * turns))))

    row, key = np.empty((1, N)), np.uint64(1)
    for name, kernel, draw in (("uniform", rng.fill_uniform, generator.random),
                               ("normal", rng.fill_normal, generator.standard_normal),
                               ("exponential", rng.fill_exponential, generator.standard_exponential)):
        found[name] = (lambda kernel=kernel: kernel(row, key, 0, 0, 0, N), lambda draw=draw: draw(out=row[0]), None)
    return found


def measure(name: str, ours: Callable, theirs: Callable, error: float | None, rounds: int) -> dict[str, object]:
    """Return median nanoseconds per element of both, alternating."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, taken in zip((ours, theirs), times, strict=True):
            begin = time.perf_counter_ns()
            for _ in range(REPEATS):
                call()
            taken.append((time.perf_counter_ns() - begin) / (REPEATS * N))
    kernel, reference = (statistics.median(taken) for taken in times)
    return {"name": name, "kernel_ns": kernel, "kernel_best_ns": min(times[0]), "numpy_ns": reference,
            "ratio": reference / kernel, "error_ulp": error}


def processor() -> str:
    """Return the name of the processor."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    rows = [measure(name, *case, options.rounds) for name, case in cases().items()]
    versions = {"python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__,
                "llvmlite": llvmlite.__version__, "cpu": processor(), "target": llvmlite.binding.get_host_cpu_name()}
    if options.json:
        print(json.dumps({"elements": N, "rounds": options.rounds, "versions": versions, "rows": rows}))
        return
    print(f"{N} elements, one thread, medians of {options.rounds} rounds; {versions}")
    print(f"{'':>12} {'ns':>6} {'best':>6} {'numpy':>6} {'ratio':>6} {'ulp':>6}")
    for row in rows:
        error = "" if row["error_ulp"] is None else f"{row['error_ulp']:.2f}"
        print(f"{row['name']:>12} {row['kernel_ns']:6.2f} {row['kernel_best_ns']:6.2f} {row['numpy_ns']:6.2f} "
              f"{row['ratio']:6.1f} {error:>6}")


if __name__ == "__main__":
    main()
