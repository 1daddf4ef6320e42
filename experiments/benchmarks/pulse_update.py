"""How long does a stochastic outer-product update of a crossbar of behavioural devices take?

Question  milliseconds for one update of a 256 x 256 crossbar: trains of 31 random pulses on every row and column, a device
          does one noisy pulse wherever a row and a column pulse coincide. Our kernels against the same law as numpy
          expressions, pulse slot by pulse slot, and, where it is installed, against the update of aihwkit on the same trains
          in law (one thread).
Command   python experiments/benchmarks/pulse_update.py [--json] [--rounds 10]
Time      about 20 s
Expected  on a busy 2-core server, 7.8 coincidences a device: 4 to 8 ms, 8 to 15 ns a pulse, numpy 20 times longer. aihwkit
          was not at hand when this was written.
Method    all sides alternate within each round, so that a busy machine hits each; medians. Every device has its own
          parameters. Pulse trains and noise are drawn inside the clock. Coincidences of a device have one sign in an update,
          so each device gets its number of pulses in one call; the law of the noise does not know the difference.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from neurosim.kernels.rng import fill_normal
from neurosim.library import load_device
from neurosim.population import Population, build_population

SIZE, BITS = 256, 31
CARDS = {"ReRamES": "pulse_exponential/reram_es", "ConstantStep": "pulse_step/gokmen_vlasov",
         "SoftBounds": "pulse_step/reram_sb"}
PRESETS = {"ReRamES": "ReRamESPresetDevice", "ConstantStep": "GokmenVlasovPresetDevice", "SoftBounds": "ReRamSBPresetDevice"}
CHANCE = 0.5  # of a pulse in a slot, on each line


def population_of(card: str) -> Population:
    """Return the crossbar's devices, each with its own parameters; corrupt cells and spread as on the card."""
    return build_population(load_device(card), SIZE * SIZE, seed=1, role="benchmark")


def trains(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pulses of rows and columns, shape (BITS, SIZE), and the sign of every device, shape (SIZE * SIZE,)."""
    rows, columns = generator.random((BITS, SIZE)) < CHANCE, generator.random((BITS, SIZE)) < CHANCE
    sign = generator.choice((-1.0, 1.0), SIZE)[:, None] * generator.choice((-1.0, 1.0), SIZE)
    return rows, columns, sign.ravel()


def kernel_update(population: Population) -> Callable[[np.random.Generator, int], None]:
    """Return our update: coincidences are counted bit by bit, then every device does its pulses."""
    n, model, params = SIZE * SIZE, population.model, population.params
    noise, drive = np.zeros((len(model.noises), n)), np.zeros((1, n))
    width, weight = params[model.param_index["width_up"]], 1 << np.arange(BITS)

    def update(generator: np.random.Generator, event: int) -> None:
        rows, columns, sign = trains(generator)
        both = (weight @ rows)[:, None] & (weight @ columns)  # bit k is slot k
        count = np.bitwise_count(both).astype(float)
        drive[0] = sign
        fill_normal(noise, np.uint64(7), 0, event, 0, n)
        model.advance(population.state, drive, params, noise, count.ravel() * width, 0, n)

    return update


def numpy_update(population: Population) -> Callable[[np.random.Generator, int], None]:
    """Return the same law as numpy expressions, one slot at a time."""
    p = {spec.name: population.params[row] for row, spec in enumerate(population.model.params)}
    state = population.state

    def step(up: np.ndarray, x: np.ndarray) -> np.ndarray:
        if "step_up" in p:
            shape, growth = np.where(up, p["shape_up"], p["shape_down"]), np.where(up, p["growth_up"], p["growth_down"])
            return np.where(up, p["step_up"], p["step_down"]) * np.maximum(1.0 - shape * np.exp(growth * x), 0.0)
        low, high = np.where(up, p["up_low"], p["down_low"]), np.where(up, p["up_high"], p["down_high"])
        return low + (high - low) * x

    def update(generator: np.random.Generator, event: int) -> None:
        rows, columns, sign = trains(generator)
        up = sign > 0.0
        for row, column in zip(rows, columns, strict=True):
            x, fired = state[0], (row[:, None] & column).ravel()
            f, z = step(up, x), generator.standard_normal((2, x.size))
            spread = p["sigma_relative"] * np.abs(f) + np.where(up, p["sigma_up"], p["sigma_down"])
            state[0] = np.where(fired, np.clip(x + sign * f + z[0] * spread, 0.0, 1.0), x)
            state[1] = np.where(fired & (p["sigma_write"] > 0.0), p["sigma_write"] * z[1], state[1])

    return update


def peer_update(preset: str) -> tuple[Callable[[np.random.Generator, int], None], str] | None:
    """Return the update of aihwkit with the same preset and its version, None where it is not installed."""
    try:
        import torch
        from aihwkit.simulator import presets
        from aihwkit.simulator.configs import SingleRPUConfig, UpdateParameters
        from aihwkit.simulator.tiles import AnalogTile
    except ImportError:
        return None
    torch.set_num_threads(1)
    # Fixed trains, no management: |x| = |d| = 1 at learning rate r fires with sqrt(r / (dw_min BITS)) on each line.
    device = getattr(presets, preset)()
    update = UpdateParameters(desired_bl=BITS, fixed_bl=True, update_management=False, update_bl_management=False)
    tile = AnalogTile(SIZE, SIZE, SingleRPUConfig(device=device, update=update))
    tile.set_learning_rate(CHANCE**2 * BITS * device.dw_min)

    def run(generator: np.random.Generator, event: int) -> None:
        x, d = (torch.from_numpy(generator.choice((-1.0, 1.0), (1, SIZE)).astype(np.float32)) for _ in range(2))
        tile.update(x, d)

    return run, importlib.metadata.version("aihwkit")


def measure(name: str, rounds: int) -> dict[str, Any]:
    """Return median milliseconds of one update for every side, and the ratios to ours."""
    sides = {"ours": kernel_update(population_of(CARDS[name])), "numpy": numpy_update(population_of(CARDS[name]))}
    peer = peer_update(PRESETS[name])
    if peer is not None:
        sides["aihwkit"] = peer[0]
    taken: dict[str, list[float]] = {side: [] for side in sides}
    generator = np.random.default_rng(1)
    for number in range(rounds + 1):
        for side, update in sides.items():
            begin = time.perf_counter_ns()
            update(generator, number)
            if number:  # the first round warms up
                taken[side].append((time.perf_counter_ns() - begin) / 1e6)
    found: dict[str, Any] = {f"{side}_ms": statistics.median(times) for side, times in taken.items()}
    found |= {f"{side}_ratio": found[f"{side}_ms"] / found["ours_ms"] for side in sides if side != "ours"}
    pulses = CHANCE**2 * BITS * SIZE * SIZE
    return {"device": name, "ns_per_pulse": 1e6 * found["ours_ms"] / pulses, **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    rows = [measure(name, options.rounds) for name in CARDS]
    try:
        peer = importlib.metadata.version("aihwkit")
    except importlib.metadata.PackageNotFoundError:
        peer = "not installed"
    versions = {"python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__, "aihwkit": peer,
                "machine": platform.machine()}
    if options.json:
        print(json.dumps({"size": SIZE, "bits": BITS, "coincidences_per_device": CHANCE**2 * BITS, "versions": versions,
                          "rows": rows}))
        return
    print(f"{SIZE} x {SIZE} devices, {CHANCE**2 * BITS:g} coincidences each, medians of {options.rounds} rounds; {versions}")
    for row in rows:
        sides = ", ".join(f"{side} {row[f'{side}_ms']:.1f} ms ({row[f'{side}_ratio']:.1f} x)" for side in ("numpy", "aihwkit")
                          if f"{side}_ms" in row)
        print(f"{row['device']:>12}: ours {row['ours_ms']:.2f} ms, {row['ns_per_pulse']:.1f} ns a pulse; {sides}")


if __name__ == "__main__":
    main()
