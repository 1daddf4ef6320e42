"""How long does a stochastic outer-product update of a crossbar of behavioural devices take?

Question  milliseconds for one update of a 256 x 256 crossbar: lines fire random trains of 31 pulses, a device does one noisy
          pulse wherever a row and a column pulse coincide. Four sides, the same law: our kernels; our ``outer_product``
          programmer, which also adds up the energy of full and half-selected devices; numpy expressions, slot by slot; and,
          where it is installed, aihwkit. And do the changes of our devices agree with those of aihwkit, mean and spread?
Command   OMP_NUM_THREADS=1 python experiments/benchmarks/pulse_update.py [--json] [--rounds 20]
Time      about 20 s once compiled
Expected  with aihwkit 1.2.0 built from source (-O3, no processor named), torch 2.13, on a busy 2-core server (Zen 5):
          dense   ours 3.3 (ReRamES), 2.7 (ConstantStep), 2.9 ms (SoftBounds); aihwkit 5.3, 3.0 and 5.8 times as long
          sparse  ours 2.4, 2.0 and 2.0 ms; aihwkit 2.1, 1.2 and 2.2 times: it spends nothing on devices without coincidence
          numpy 20 to 30 times, the programmer twice as long as the bare update; one pulse on each of 784 x 120 devices, noise
          included, 11 to 14 ns, aihwkit 17 to 35. Mean and spread of the change agree within two standard errors.
Method    all sides alternate within each round, so that a busy machine hits each; medians of the processor time of the
          thread that updates (all sides have one). Two loads at one learning rate: "dense" has |x| = |d| = 1, half of all
          pulses fire, 7.8 coincidences a device; "sparse" draws x and d uniform in [-1, 1], 1.9 coincidences. Every device
          has its own parameters. Trains and noise are drawn inside the clock. Coincidences of a device have one sign in an
          update, so each device gets its number of pulses in one call; the law of the noise does not know the difference.
          Agreement: devices without spread, all at weight zero, one dense update. aihwkit takes its normal numbers from a
          list of 32768, whose mean shows where noise is many steps large: each update gets a new tile with a new list.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import json
import math
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from neurosim.crossbar import CrossbarArray
from neurosim.crossbar_spec import Crossbar
from neurosim.kernels.rng import fill_normal
from neurosim.learning.outer_product import OuterProduct
from neurosim.library import load_device
from neurosim.nominal_write import NominalWrite
from neurosim.population import Population, build_population, nominal_params

SIZE, BITS = 256, 31
ARRAY = (784, 120)  # devices that get one pulse each
CARDS = {"ReRamES": "pulse_exponential/reram_es", "ConstantStep": "pulse_step/gokmen_vlasov",
         "SoftBounds": "pulse_step/reram_sb"}
PRESETS = {"ReRamES": "ReRamESPresetDevice", "ConstantStep": "GokmenVlasovPresetDevice", "SoftBounds": "ReRamSBPresetDevice"}
CHANCE = 0.25  # of a coincidence in a slot where |x| = |d| = 1
COINCIDENCES = {"dense": CHANCE * BITS, "sparse": CHANCE * BITS / 4.0}  # mean per device, see the top
NUMPY_ROUNDS = 4  # enough for so slow a side
SIDES = ("programmer", "numpy", "aihwkit")
Update = Callable[[np.ndarray, np.ndarray, int], None]


def population_of(card: str, n: int = SIZE * SIZE) -> Population:
    """Return the crossbar's devices, each with its own parameters; corrupt cells and spread as on the card."""
    return build_population(load_device(card), n, seed=1, role="benchmark")


def equal_population_of(card: str) -> Population:
    """Return devices without any spread."""
    device, n = load_device(card), SIZE * SIZE
    params, model, state = nominal_params(device, n), device.model, np.zeros((len(device.model.states), n))
    return Population(model.select(params) if model.select else model, params, state, np.zeros(n, dtype=np.int8))


def lines(load: str, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return x and d of one update, shape (SIZE,) each."""
    if load == "dense":
        return generator.choice((-1.0, 1.0), SIZE), generator.choice((-1.0, 1.0), SIZE)
    return generator.uniform(-1.0, 1.0, SIZE), generator.uniform(-1.0, 1.0, SIZE)


def trains(generator: np.random.Generator, x: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pulses of rows (d) and columns (x), shape (BITS, SIZE)."""
    return generator.random((BITS, SIZE)) < CHANCE**0.5 * np.abs(d), generator.random((BITS, SIZE)) < CHANCE**0.5 * np.abs(x)


def kernel_update(population: Population) -> Update:
    """Return our update: coincidences are counted bit by bit, then every device does its pulses."""
    n, model, params = SIZE * SIZE, population.model, population.params
    noise, drive, duration = np.zeros((len(model.noises), n)), np.empty((1, n)), np.empty(n)
    drawn = noise if np.any(params[model.param_index["sigma_write"]]) else noise[:1]
    width, weight, generator = params[model.param_index["width_up"]], 1 << np.arange(BITS), np.random.default_rng(3)

    def update(x: np.ndarray, d: np.ndarray, event: int) -> None:
        rows, columns = trains(generator, x, d)
        both = (weight @ rows)[:, None] & (weight @ columns)  # bit k is slot k
        np.multiply.outer(-np.sign(d), np.sign(x), out=drive.reshape(SIZE, SIZE))
        np.multiply(np.bitwise_count(both).ravel(), width, out=duration)
        fill_normal(drawn, np.uint64(7), 0, event, 0, n)
        model.advance(population.state, drive, params, noise, duration, 0, n)

    return update


def programmer_update(card: str) -> Update:
    """Return the update by the programmer of a crossbar of SIZE rows and SIZE / 2 pairs of columns."""
    crossbar = CrossbarArray(Crossbar(device=load_device(card)), SIZE - 1, SIZE // 2, seed=1, name="benchmark")
    nominal = NominalWrite.of(crossbar.spec.device, None, 0.02)
    programmer = OuterProduct(bits=BITS)
    nothing = np.zeros(SIZE), np.zeros(SIZE // 2)

    def update(x: np.ndarray, d: np.ndarray, event: int) -> None:
        programmer.write_outer(crossbar, nominal, ((d, -x[: SIZE // 2]), nothing), CHANCE * BITS * nominal.pulse_step)

    return update


def numpy_update(population: Population) -> Update:
    """Return the same law as numpy expressions, one slot at a time."""
    p = {spec.name: population.params[row] for row, spec in enumerate(population.model.params)}
    state, generator = population.state, np.random.default_rng(4)

    def step(up: np.ndarray, x: np.ndarray) -> np.ndarray:
        if "step_up" in p:
            shape, growth = np.where(up, p["shape_up"], p["shape_down"]), np.where(up, p["growth_up"], p["growth_down"])
            return np.where(up, p["step_up"], p["step_down"]) * np.maximum(1.0 - shape * np.exp(growth * x), 0.0)
        low, high = np.where(up, p["up_low"], p["down_low"]), np.where(up, p["up_high"], p["down_high"])
        return low + (high - low) * x

    def update(x: np.ndarray, d: np.ndarray, event: int) -> None:
        sign = np.multiply.outer(-np.sign(d), np.sign(x)).ravel()
        up = sign > 0.0
        for row, column in zip(*trains(generator, x, d), strict=True):
            w, fired = state[0], (row[:, None] & column).ravel()
            f, z = step(up, w), generator.standard_normal((2, w.size))
            spread = p["sigma_relative"] * np.abs(f) + np.where(up, p["sigma_up"], p["sigma_down"])
            state[0] = np.where(fired, np.clip(w + sign * f + z[0] * spread, 0.0, 1.0), w)
            state[1] = np.where(fired & (p["sigma_write"] > 0.0), p["sigma_write"] * z[1], state[1])

    return update


def peer_tile(preset: str, *, spread: bool, shape: tuple[int, int] = (SIZE, SIZE), bits: int = BITS,
              chance: float = CHANCE) -> Any:
    """Return a tile of aihwkit with a preset, None where it is not installed."""
    try:
        import torch
        from aihwkit.simulator.configs import SingleRPUConfig, UpdateParameters
        from aihwkit.simulator.presets import devices
        from aihwkit.simulator.tiles import AnalogTile
    except ImportError:
        return None
    torch.set_num_threads(1)
    device = getattr(devices, preset)()
    if not spread:
        for field in dataclasses.fields(device):
            if field.name.endswith("_dtod") or field.name == "reference_std":
                setattr(device, field.name, 0.0)
    # Fixed trains, no management: a line with |x| = 1 fires with sqrt(rate / (unit bits)). The unit of aihwkit is dw_min,
    # for an exponential device its lowering step at weight zero.
    unit = device.dw_min
    if hasattr(device, "A_down"):
        unit *= (1.0 - max(device.up_down, 0.0)) * (1.0 - device.A_down * math.exp(-device.gamma_down * device.b))
    update = UpdateParameters(desired_bl=bits, fixed_bl=True, update_management=False, update_bl_management=False)
    tile = AnalogTile(*shape, SingleRPUConfig(device=device, update=update))
    tile.set_learning_rate(chance * bits * unit)
    return tile


def peer_update(tile: Any) -> Update:
    """Return the update of aihwkit."""
    import torch

    def update(x: np.ndarray, d: np.ndarray, event: int) -> None:
        tile.update(torch.from_numpy(x[None].astype(np.float32)), torch.from_numpy(d[None].astype(np.float32)))

    return update


def measure(name: str, load: str, rounds: int) -> dict[str, Any]:
    """Return median milliseconds of one update for every side, and the ratios to ours."""
    card = CARDS[name]
    sides = {"ours": kernel_update(population_of(card)), "programmer": programmer_update(card),
             "numpy": numpy_update(population_of(card))}
    tile = peer_tile(PRESETS[name], spread=True)
    if tile is not None:
        sides["aihwkit"] = peer_update(tile)
    taken: dict[str, list[float]] = {side: [] for side in sides}
    generator = np.random.default_rng(1)
    for number in range(rounds + 2):
        x, d = lines(load, generator)
        for side, update in sides.items():
            if side == "numpy" and number > NUMPY_ROUNDS:
                continue
            begin = time.thread_time_ns()
            update(x, d, number)
            if number > 1:  # the first rounds warm up
                taken[side].append((time.thread_time_ns() - begin) / 1e6)
    found: dict[str, Any] = {f"{side}_ms": statistics.median(times) for side, times in taken.items()}
    found |= {f"{side}_ratio": found[f"{side}_ms"] / found["ours_ms"] for side in sides if side != "ours"}
    return {"device": name, "load": load, "ns_per_pulse": 1e6 * found["ours_ms"] / (COINCIDENCES[load] * SIZE * SIZE), **found}


def single(name: str, rounds: int) -> dict[str, Any]:
    """Return nanoseconds per device of one noisy pulse on each device of an array, drawing its noise included."""
    n = ARRAY[0] * ARRAY[1]
    population, tile = population_of(CARDS[name], n), peer_tile(PRESETS[name], spread=True, shape=ARRAY, bits=1, chance=1.0)
    model, params = population.model, population.params
    noise, drive, generator = np.zeros((len(model.noises), n)), np.empty((1, n)), np.random.default_rng(6)
    drawn = noise if np.any(params[model.param_index["sigma_write"]]) else noise[:1]

    def ours(x: np.ndarray, d: np.ndarray, event: int) -> None:
        np.multiply.outer(-d, x, out=drive.reshape(ARRAY))
        fill_normal(drawn, np.uint64(9), 0, event, 0, n)
        model.advance(population.state, drive, params, noise, params[model.param_index["width_up"]], 0, n)

    sides = {"ours": ours} | ({} if tile is None else {"aihwkit": peer_update(tile)})
    taken: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(rounds + 2):
        x, d = generator.choice((-1.0, 1.0), ARRAY[1]), generator.choice((-1.0, 1.0), ARRAY[0])
        for side, update in sides.items():
            begin = time.thread_time_ns()
            update(x, d, number)
            taken[side].append((time.thread_time_ns() - begin) / n)
    return {"device": name} | {f"{side}_ns": statistics.median(times[2:]) for side, times in taken.items()}


def agreement(name: str, repeats: int) -> dict[str, Any] | None:
    """Return mean and spread of the change of one dense update from weight zero, raised and lowered devices, ours and theirs.

    ``sigmas`` is the difference of the means over its standard error, from update to update: all devices of an update share
    its trains.
    """
    tile = peer_tile(PRESETS[name], spread=False)
    if tile is None:
        return None
    import torch

    population = equal_population_of(CARDS[name])
    p, names = population.params, population.model.param_index
    device, zero = tile.rpu_config.device, p[names["zero"]]
    window = (device.w_max - device.w_min) / device.dw_min
    ours, generator = kernel_update(population), np.random.default_rng(2)
    changes: dict[str, list[list[float]]] = {"ours": [], "aihwkit": []}
    for event in range(repeats):
        x, d = lines("dense", generator)
        up = np.multiply.outer(d, x) < 0.0
        population.state[0], population.state[1] = zero, 0.0
        tile = peer_tile(PRESETS[name], spread=False)
        tile.set_weights(torch.zeros(SIZE, SIZE))
        ours(x, d, event)
        peer_update(tile)(x, d, event)
        seen = {"ours": ((population.state[0] + population.state[1] - zero) * window).reshape(SIZE, SIZE),
                "aihwkit": tile.get_weights()[0].numpy().astype(float) / device.dw_min}
        for side, w in seen.items():
            changes[side].append([w[up].mean(), w[~up].mean(), w[up].std(), w[~up].std()])
    found: dict[str, Any] = {"device": name}
    a, b = np.array(changes["ours"]), np.array(changes["aihwkit"])
    error = np.sqrt((a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / repeats)
    for column, key in enumerate(("mean_up", "mean_down", "spread_up", "spread_down")):
        one, other = float(a[:, column].mean()), float(b[:, column].mean())
        found[key] = {"ours": one, "aihwkit": other, "sigmas": (one - other) / float(error[column])}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    rows = [measure(name, load, options.rounds) for name in CARDS for load in COINCIDENCES]
    singles = [single(name, options.rounds) for name in CARDS]
    agreements = [each for each in (agreement(name, 2 * options.rounds) for name in CARDS) if each is not None]
    versions = {"python": platform.python_version(), "numpy": np.__version__, "numba": numba.__version__,
                "aihwkit": version_of("aihwkit"), "torch": version_of("torch"), "machine": platform.machine()}
    if options.json:
        print(json.dumps({"size": SIZE, "bits": BITS, "coincidences_per_device": COINCIDENCES, "versions": versions,
                          "rows": rows, "one_pulse": singles, "agreement": agreements}))
        return
    print(f"{SIZE} x {SIZE} devices, trains of {BITS}, medians of {options.rounds} rounds; {versions}")
    for row in rows:
        sides = ", ".join(f"{side} {row[f'{side}_ms']:.2f} ms ({row[f'{side}_ratio']:.1f} x)" for side in SIDES
                          if f"{side}_ms" in row)
        print(f"{row['device']:>12} {row['load']:>6}: ours {row['ours_ms']:.2f} ms, {row['ns_per_pulse']:.1f} ns a pulse; "
              f"{sides}")
    for each in singles:
        print(f"{each['device']:>12}, one pulse on each of {ARRAY[0]} x {ARRAY[1]} devices, ns per device: "
              + ", ".join(f"{key.removesuffix('_ns')} {value:.1f}" for key, value in each.items() if key != "device"))
    for each in agreements:
        print(f"{each['device']:>12} change / dw_min, ours and aihwkit (difference in standard errors): " + ", ".join(
            f"{key} {value['ours']:.3f} {value['aihwkit']:.3f} ({value['sigmas']:+.1f})"
            for key, value in each.items() if key != "device"))


def version_of(package: str) -> str:
    """Return the version of an installed package."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main()
