"""Slow twins of the domain-wall synapse in plain Python, and its numbers from those of a wall."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

STUCK_DRIVE = 1e30  # V: the threshold that is reported for a wall that never moves


def strip_current(v: float, params: Mapping[str, float]) -> float:
    """Return the current [A] through the strip at a voltage [V]."""
    return math.copysign(max(0.0, abs(v) - params["v_select"]) / params["r_strip"], v)


def threshold_voltage(params: Mapping[str, float]) -> float:
    """Return the voltage [V] that moves the wall up."""
    return params["v_select"] + params["r_strip"] * params["i_up"]


def slow_velocity(v: float, params: Mapping[str, float]) -> float:
    """Return the velocity [m/s] of a wall between the ends at a voltage [V]."""
    current = strip_current(v, params)
    threshold = params["i_up"] if current > 0.0 else params["i_down"]
    share = abs(current) / threshold
    flow = params["mobility"] * math.sqrt(max(0.0, current * current - threshold * threshold))
    barrier, held = params["stability"], min(1.0, share)
    creep = params["creep_velocity"] * (math.exp(barrier * (held - 1.0)) - math.exp(-barrier * (held + 1.0)))
    return math.copysign(flow + creep, current) if current else 0.0


def flow_mobility(alpha: float, beta: float, stt: float) -> float:
    """Return the velocity per ampere far above the threshold, (beta / alpha) u / I [m/(A s)]."""
    return beta * stt / alpha


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device."""
    f = slow_velocity(drive[0], params) / params["length"]
    return [0.0 if (state[0] >= 1.0 and f > 0.0) or (state[0] <= 0.0 and f < 0.0) else f]


def slow_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                 duration: float) -> list[float]:
    """Return [x] of one device after ``duration``."""
    return [min(1.0, max(0.0, state[0] + slow_velocity(drive[0], params) / params["length"] * duration))]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device."""
    return [params["g_min"] * (1.0 - state[0]) + params["g_max"] * state[0]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device."""
    return [slow_conductance(state, params)[0] * drive[0] + strip_current(drive[0], params)]


def slow_dead_zone(params: Mapping[str, float]) -> list[float]:
    """Return [lowest, highest] of one device."""
    if params["creep_velocity"] > 0.0:
        return [-params["v_select"], params["v_select"]]
    if params["mobility"] == 0.0:
        return [-STUCK_DRIVE, STUCK_DRIVE]
    return [-params["v_select"] - params["r_strip"] * params["i_down"], threshold_voltage(params)]
