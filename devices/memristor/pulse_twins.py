"""Slow twins of the behavioural pulse devices: the law of :mod:`devices.memristor.pulse_law` for one device in plain Python."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from devices.memristor.pulse_law import HIGHEST, LOWEST, MOST_PULSES, STUCK_DRIVE

SlowStep = Callable[[bool, float, Mapping[str, float]], float]


def slow_twins(slow_step: SlowStep, felt: Callable[[bool, Mapping[str, float]], bool]) -> dict[str, Callable[..., Any]]:
    """Return the slow twins of a shape: the same law for one device in plain Python.

    Parameters
    ----------
    slow_step : callable
        ``slow_step(up, x, params)`` returns the step of one pulse.
    felt : callable
        ``felt(up, params)`` tells whether the shape has a step in that direction.
    """

    def pulses(v: float, seconds: float, p: Mapping[str, float]) -> int:
        beyond = v > p["v_up"] or v < p["v_down"]
        count = math.floor(seconds / p["width_up" if v > 0.0 else "width_down"] + 0.5)
        return min(count, MOST_PULSES) if beyond and felt(v > 0.0, p) else 0

    def slow_advance(state: Sequence[float], drive: Sequence[float], p: Mapping[str, float], noise: Sequence[float],
                     duration: float) -> list[float]:
        (x, offset), up = state, drive[0] > 0.0
        for pulse in range(pulses(drive[0], duration, p)):
            f = slow_step(up, x, p)
            z = noise[0] if pulse == 0 else slow_normal(noise[0], pulse)
            size = p["sigma_relative"] * abs(f) + p["sigma_up" if up else "sigma_down"]
            size += p["sigma_weight"] * abs(x - p["zero"]) + p["sigma_root"] * math.sqrt(abs(f))
            x = min(1.0, max(0.0, x + (f if up else -f) + z * size))
            offset = min(HIGHEST, max(LOWEST, p["sigma_write"] * noise[1])) if p["sigma_write"] > 0.0 else offset
        return [x, offset]

    def slow_rate(state: Sequence[float], drive: Sequence[float], p: Mapping[str, float]) -> list[float]:
        width = p["width_up" if drive[0] > 0.0 else "width_down"]
        quiet = p | {"sigma_write": 0.0} if isinstance(p, dict) else p
        return [(slow_advance(state, drive, quiet, (0.0, 0.0), width)[0] - state[0]) / width, 0.0]

    def slow_conductance(state: Sequence[float], p: Mapping[str, float]) -> list[float]:
        return [max(0.0, p["g_min"] + max(0.0, p["g_max"] - p["g_min"]) * (state[0] + state[1]))]

    def slow_current(state: Sequence[float], drive: Sequence[float], p: Mapping[str, float]) -> list[float]:
        return [drive[0] * slow_conductance(state, p)[0]]

    def slow_charge(state: Sequence[float], drive: Sequence[float], p: Mapping[str, float], duration: float) -> list[float]:
        count, width = pulses(drive[0], duration, p), p["width_up" if drive[0] > 0.0 else "width_down"]
        g = [slow_conductance(state, p)[0]]
        for _ in range(count):
            state = slow_advance(state, drive, p, (0.0, 0.0), width)
            g.append(slow_conductance(state, p)[0])
        mean = sum(0.5 * (a + b) for a, b in itertools.pairwise(g)) / count if count else g[0]
        return [drive[0] * duration * mean]

    def slow_dead_zone(p: Mapping[str, float]) -> list[float]:
        return [p["v_down"] if felt(False, p) else -STUCK_DRIVE, p["v_up"] if felt(True, p) else STUCK_DRIVE]

    return {"rate": slow_rate, "advance": slow_advance, "conductance": slow_conductance, "current": slow_current,
            "charge": slow_charge, "dead_zone": slow_dead_zone}


def slow_normal(z: float, pulse: int) -> float:
    """Return the normal number of a later pulse in plain Python: Philox4x32-10 and Box-Muller, four pulses a draw."""
    if z == 0.0:
        return 0.0
    mask, key = 0xFFFFFFFF, int(np.float64(z).view(np.uint64))
    counter, k0, k1 = [(pulse + 3) // 4, 0, 0, 0], key & mask, key >> 32
    for _ in range(10):
        first, second = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(second >> 32) ^ counter[1] ^ k0, second & mask, (first >> 32) ^ counter[3] ^ k1, first & mask]
        k0, k1 = (k0 + 0x9E3779B9) & mask, (k1 + 0xBB67AE85) & mask
    half = (pulse - 1) % 4 // 2 * 2
    word = counter[half] << 32 | counter[half + 1]
    length, turn = ((word >> 24) + 0.5) * 2.0**-40, ((word & 0xFFFFFF) + 0.5) * 2.0**-24
    return math.sqrt(-2.0 * math.log(length)) * (math.cos if pulse % 2 else math.sin)(2.0 * math.pi * turn)
