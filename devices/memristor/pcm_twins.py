"""The laws of the statistical phase-change cell for one device in plain Python, and the figures that its cards promise.

Equation numbers are those of :mod:`devices.memristor.pcm`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devices.memristor.pcm_law import SMALLEST_G


def slow_write(v: float, p: Mapping[str, float]) -> tuple[float, float]:
    """Return kappa [1/s] and x_T of (1) and (2) for one device."""
    if v > p["v_set"]:
        return p["rate_set"] * (v / p["v_set"] - 1.0), p["level_set"]
    if v < -p["v_reset"]:
        over = -v / p["v_reset"] - 1.0
        return p["rate_reset"] * over, max(p["level_reset"], 1.0 - over / p["melt_span"])
    return 0.0, 0.0


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt, da/dt, dz/dt, dw/dt] of one device in plain Python."""
    kappa, level = slow_write(drive[0], params)
    age = (1.0 / params["t_0"] - kappa * math.expm1(state[1])) * math.exp(-state[1])
    return [-kappa * (state[0] - level), age, -kappa * state[2], -state[3] / params["t_noise"]]


def slow_programming_noise(g: float, p: Mapping[str, float]) -> float:
    """Return the standard deviation [S] after a complete write to g (in units of g_unit), the polynomial of (3)."""
    return max(0.0, p["prog_0"] + p["prog_1"] * g + p["prog_2"] * g**2 + p["prog_3"] * g**3)


def slow_exponent(g: float, z: float, p: Mapping[str, float]) -> tuple[float, float, float]:
    """Return nu of (5), its mean and its spread for one device."""
    log_g = math.log(max(g, SMALLEST_G))
    floor = p["nu_low"] + p["nu_1"] * g + p["nu_2"] * g**2
    mean = min(p["nu_high"], max(floor, p["nu_0"] + p["nu_log"] * log_g))
    floor = p["spread_low"] + p["spread_1"] * g + p["spread_2"] * g**2
    spread = min(p["spread_high"], max(floor, p["spread_0"] + p["spread_log"] * log_g))
    return abs(mean + spread * z), mean, spread


def slow_read_noise(g: float, seconds: float, p: Mapping[str, float]) -> tuple[float, float]:
    """Return Q and L of (6), ``seconds`` counted like t + t_0."""
    cut = max(g, SMALLEST_G)
    floor = p["read_low"] + p["read_1"] * g + p["read_2"] * g**2 + p["read_3"] * g**3
    q = min(p["read_high"], max(floor, p["read_scale"] / cut ** p["read_power"] + p["read_log"] * math.log(cut)))
    return q, math.sqrt(max(0.0, math.log((seconds + p["t_read"]) / (2.0 * p["t_read"]))))


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    p, (x, age, z, w) = params, state
    written = p["g_min"] + (p["g_max"] - p["g_min"]) * x
    g, time = written / p["g_unit"], p["t_0"] * math.expm1(age)
    drifted = written * ((time + p["t_0"]) / p["t_0"]) ** -slow_exponent(g, z, p)[0]
    q, root = slow_read_noise(g, time + p["t_0"], p)
    return [max(0.0, drifted + (drifted * (q * root + p["read_relative"]) + p["read_floor"]) * w)]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    on = slow_write(drive[0], params)[0] > 0.0
    return [drive[0] * (params["g_write"] if on else slow_conductance(state, params)[0])]


def programming_noise_at_g_unit(p: Mapping[str, float]) -> float:
    """Return the standard deviation [S] after a complete write to g = 1."""
    return slow_programming_noise(1.0, p)


def programming_noise_at_half(p: Mapping[str, float]) -> float:
    """Return the standard deviation [S] after a complete write to g = 1/2."""
    return slow_programming_noise(0.5, p)


def mean_exponent_at_tenth(p: Mapping[str, float]) -> float:
    """Return the mean drift exponent at g = 0.1."""
    return slow_exponent(0.1, 0.0, p)[1]


def spread_of_exponent_at_tenth(p: Mapping[str, float]) -> float:
    """Return the spread of the drift exponent at g = 0.1."""
    return slow_exponent(0.1, 0.0, p)[2]


def read_noise_at_quarter(p: Mapping[str, float]) -> float:
    """Return Q, the read noise at g = 1/4 over the root of its decades."""
    return slow_read_noise(0.25, p["t_0"], p)[0]
