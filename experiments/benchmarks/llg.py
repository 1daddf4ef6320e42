"""How long does one step of one moment take, and how long in the leading macrospin code?

Question   Cost per spin and step of the macrospin, at zero temperature (Runge-Kutta) and at 300 K (Heun with its random
           numbers), many moments in one call, one thread; beside it cmtj, the same film, the same time step, the same schemes.
Command    python experiments/benchmarks/llg.py [--spins 64] [--steps 8000] [--repeats 10] [--json]
Time       ten seconds; cmtj is left out where it is not installed (pip install cmtj)
Expected   on one core of a 2020s server: 4 ns for a Runge-Kutta step, 9 ns for a thermal Heun step with three normal variates;
           cmtj 1.15 about 180 and 270 ns: 46 times (goal 12) and 29 times (goal 20) slower.
Method     a repeat runs every piece once, in turn, so that a busy machine hits all; the least of the repeats counts. Both codes
           write the last state only. cmtj runs one moment after the other, as its users do. Before it is timed, both codes must
           end at the same m_z after a damped nanosecond (2 per cent apart: constants of nature in cmtj have three digits).
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import platform
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from devices.spintronic.macrospin import MODEL, PLAIN_LAW, heun_steps, rk4_steps
from neurosim.kernels.rng import fill_normal, stream_key
from neurosim.units import MU_0

MU_0_M_S, THICKNESS, DIAMETER, ANISOTROPY, ALPHA, FIELD, DT = 1.2, 1.6e-9, 50e-9, 6e5, 0.01, 1e5, 1e-12
TILT = math.radians(40.0)


def film(spins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return parameters, states and drives of a perpendicular film element, tilted, in a field along its normal."""
    values = {"m_s": MU_0_M_S / MU_0, "volume": math.pi / 4 * DIAMETER**2 * THICKNESS, "h_k": 2 * ANISOTROPY / MU_0_M_S,
              "n_z": 1.0, "alpha": ALPHA, "temperature": 300.0}
    params, state, drive = MODEL.default_params(spins), np.zeros((3, spins)), np.zeros((5, spins))
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    state[0], state[2], drive[2] = math.sin(TILT), math.cos(TILT), FIELD
    return params, state, drive


def peer() -> Callable[[int, int, bool], float] | None:
    """Return a function that runs cmtj: spins, steps, thermal -> m_z of the last; None where cmtj is not installed."""
    try:
        cmtj: Any = importlib.import_module("cmtj")
    except ImportError:
        return None

    def run(spins: int, steps: int, thermal: bool) -> float:
        demag = [cmtj.CVector(0, 0, 0), cmtj.CVector(0, 0, 0), cmtj.CVector(0, 0, 1)]
        last = math.nan
        for _ in range(spins):
            layer = cmtj.Layer("free", cmtj.CVector(math.sin(TILT), 0, math.cos(TILT)), cmtj.CVector(0, 0, 1), MU_0_M_S,
                               THICKNESS, math.pi / 4 * DIAMETER**2, demag, ALPHA)
            junction = cmtj.Junction([layer])
            junction.setLayerAnisotropyDriver("free", cmtj.constantDriver(ANISOTROPY))
            junction.setLayerExternalFieldDriver("free", cmtj.AxialDriver(cmtj.NullDriver(), cmtj.NullDriver(),
                                                                          cmtj.constantDriver(FIELD)))
            if thermal:
                junction.setLayerTemperatureDriver("free", cmtj.constantDriver(300.0))
            mode = cmtj.SolverMode.Heun if thermal else cmtj.SolverMode.RK4
            junction.runSimulation(steps * DT, DT, 0.999 * steps * DT, solverMode=mode)
            last = junction.getLayerMagnetisation("free").z
        return last

    return run


def measure(spins: int, steps: int, repeats: int, seed: int = 1) -> dict[str, float]:
    """Return nanoseconds per spin-step of each piece of work."""
    params, state, drive = film(spins)
    duration, quiet = np.full(spins, DT), np.zeros((3, spins))
    key, normals, slope = np.uint64(stream_key(seed, "benchmark", 0, "thermal")), np.empty((3, spins)), np.empty((3, spins))

    def one_by_one() -> None:
        for step in range(steps):
            fill_normal(normals, key, 0, step, 0, spins)
            PLAIN_LAW.heun_step(state, drive, params, normals, duration, 0, spins)

    def advance() -> None:
        for _ in range(steps):
            PLAIN_LAW.advance(state, drive, params, quiet, duration, 0, spins)

    def rate() -> None:
        for _ in range(steps):
            PLAIN_LAW.rate(state, drive, params, slope, 0, spins)

    pieces: dict[str, Callable[[], object]] = {
        "runge_kutta": lambda: rk4_steps(state, drive, params, DT, steps, 0, spins),
        "thermal_heun": lambda: heun_steps(state, drive, params, key, 0, DT, steps, 0, spins),
        "thermal_heun_call_by_call": one_by_one, "advance_call_by_call": advance, "rate_call_by_call": rate}
    run_peer = peer()
    if run_peer is not None:
        check_agreement(run_peer)
        pieces |= {"cmtj_runge_kutta": lambda: run_peer(spins, steps, False),
                   "cmtj_thermal_heun": lambda: run_peer(spins, steps, True)}
    times = dict.fromkeys(pieces, math.inf)
    for _ in range(repeats):
        for name, work in pieces.items():
            start = time.perf_counter()
            work()
            times[name] = min(times[name], time.perf_counter() - start)
    return {name: shortest * 1e9 / (spins * steps) for name, shortest in times.items()}


def check_agreement(run_peer: Callable[[int, int, bool], float]) -> None:
    """Raise unless both codes end at the same m_z after a damped nanosecond."""
    params, state, drive = film(1)
    rk4_steps(state, drive, params, DT, 1000, 0, 1)
    other = run_peer(1, 1000, False)
    if abs((1.0 - state[2, 0]) / (1.0 - other) - 1.0) > 0.02:
        raise RuntimeError(f"the two codes do not run the same film: m_z = {state[2, 0]:.6f} here, {other:.6f} in cmtj")


def main() -> None:
    parser = argparse.ArgumentParser(description="Nanoseconds per spin and step of the macrospin, beside cmtj.")
    parser.add_argument("--spins", type=int, default=64)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    options = parser.parse_args()
    found = measure(options.spins, options.steps, options.repeats)
    ratios = {name: found[f"cmtj_{name}"] / found[name] for name in ("runge_kutta", "thermal_heun") if f"cmtj_{name}" in found}
    if options.json:
        setting = {"spins": options.spins, "steps": options.steps, "repeats": options.repeats}
        print(json.dumps({"benchmark": "llg", "unit": "ns per spin-step", **setting, "machine": platform.processor()
                          or platform.machine(), "python": platform.python_version(), "times": found, "times_faster": ratios}))
        return
    for name, value in found.items():
        faster = f"   {ratios[name]:5.1f} times faster than cmtj" if name in ratios else ""
        print(f"{name:26s} {value:8.2f} ns per spin-step{faster}")


if __name__ == "__main__":
    main()
