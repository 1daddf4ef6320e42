"""Ion gate (ECRAM): ions that a gate moves into and out of a channel, nearly linear, with a slow leak.

State x in [0, 1], the place of the channel conductance between g_min and g_max. The gate current moves x towards a level beyond
the range, so that steps shrink only a little on the way; ions leak back to x_rest at any voltage.

    dx/dt = kappa (level - x) + leak (x_rest - x),   G = g_min + (g_max - g_min) x                            (1)
    v > v_gate:   kappa = rate_up (v / v_gate - 1),     level = level_up >= 1
    v < -v_gate:  kappa = rate_down (|v| / v_gate - 1), level = level_down <= 0;   else kappa = 0              (2)

(1) is affine: a step is an exponential, cut at the bounds, exact. The linear-step device of array simulators, which adds
dw (1 - gamma w / w_max) per pulse, is (1) at the pulse ends: level = w_max / gamma, kappa t = -ln(1 - dw gamma / w_max).

Three terminals in one voltage: beyond +-v_gate it is the voltage of the gate, whose selector opens there, and i = g_gate v is
the gate current; within, it is the read voltage along the channel and i = G v. Without a leak nothing moves within: ``select``
then adds that dead zone, so that an array skips devices that rest. A half-selected device of an array is within and counts as
read: with this model the energy of a write is an upper bound.

References
----------
J. Tang et al., IEDM 2018, doi:10.1109/IEDM.2018.8614551 (lithium ECRAM).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE
from neurosim.kernels.vmath import expm1

G_MIN, G_MAX, G_GATE, V_GATE, RATE_UP, RATE_DOWN, LEVEL_UP, LEVEL_DOWN, LEAK, X_REST = range(10)
STUCK_DRIVE = 1e30  # V: the end of the dead zone of a device that never moves
FASTEST = 1e300  # 1/s: keeps the ratio of overflowing rates finite


@scalar_kernel
def pull(v, v_gate, rate_up, rate_down, level_up, level_down, leak, x_rest):
    """Return the rate [1/s] and the level of the affine law (1)."""
    over = abs(v) / v_gate - 1.0
    over = over if over > 0.0 else 0.0
    kappa = min(FASTEST, (rate_up if v > 0.0 else rate_down) * over)
    total = kappa + leak
    return total, ((level_up if v > 0.0 else level_down) * kappa + x_rest * leak) / (total if total > 0.0 else 1.0)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    v_gate, leak, x_rest = params[V_GATE, start:stop], params[LEAK, start:stop], params[X_REST, start:stop]
    up, down = params[RATE_UP, start:stop], params[RATE_DOWN, start:stop]
    level_up, level_down = params[LEVEL_UP, start:stop], params[LEVEL_DOWN, start:stop]
    for j in range(stop - start):
        total, level = pull(v[j], v_gate[j], up[j], down[j], level_up[j], level_down[j], leak[j], x_rest[j])
        f = total * (level - x[j])
        outward = (x[j] >= 1.0 and f > 0.0) or (x[j] <= 0.0 and f < 0.0)
        dx[j] = 0.0 if outward else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage: exact for any duration."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    v_gate, leak, x_rest = params[V_GATE, start:stop], params[LEAK, start:stop], params[X_REST, start:stop]
    up, down = params[RATE_UP, start:stop], params[RATE_DOWN, start:stop]
    level_up, level_down = params[LEVEL_UP, start:stop], params[LEVEL_DOWN, start:stop]
    for j in range(stop - start):
        total, level = pull(v[j], v_gate[j], up[j], down[j], level_up[j], level_down[j], leak[j], x_rest[j])
        y = x[j] - (level - x[j]) * expm1(-total * dt[j])
        y = 1.0 if y > 1.0 else y
        y = 0.0 if y < 0.0 else y
        x[j] = y if total > 0.0 else x[j]


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write the channel conductance G [S] of (1)."""
    x, g, g_min, g_max = state[0, start:stop], out[start:stop], params[G_MIN, start:stop], params[G_MAX, start:stop]
    for j in range(stop - start):
        g[j] = g_min[j] + (g_max[j] - g_min[j]) * x[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] and di/dv [S]: the channel within +-v_gate, the gate beyond."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    g_gate, v_gate = params[G_GATE, start:stop], params[V_GATE, start:stop]
    for j in range(stop - start):
        channel = g_min[j] + (g_max[j] - g_min[j]) * x[j]
        g[j] = g_gate[j] if abs(v[j]) > v_gate[j] else channel
        i[j] = v[j] * g[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage: exact; the leak within +-v_gate never meets a bound."""
    x, v, dt, q = state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    g_gate, v_gate = params[G_GATE, start:stop], params[V_GATE, start:stop]
    leak, x_rest = params[LEAK, start:stop], params[X_REST, start:stop]
    for j in range(stop - start):
        decay = leak[j] * dt[j]
        kept = -expm1(-decay) / (decay if decay > 0.0 else 1.0)
        kept = kept if decay > 0.0 else 1.0
        mean = x_rest[j] + (x[j] - x_rest[j]) * kept
        g = g_gate[j] if abs(v[j]) > v_gate[j] else g_min[j] + (g_max[j] - g_min[j]) * mean
        q[j] = v[j] * dt[j] * g


@kernel(DEAD_ZONE)
def dead_zone(params, lowest, highest, start, stop):
    """Write the voltages [V] between which a device without a leak rests: +-v_gate, +-1e30 V where it is stuck."""
    low, high, v_gate = lowest[start:stop], highest[start:stop], params[V_GATE, start:stop]
    up, down = params[RATE_UP, start:stop], params[RATE_DOWN, start:stop]
    for j in range(stop - start):
        low[j] = -v_gate[j] if down[j] > 0.0 else -STUCK_DRIVE
        high[j] = v_gate[j] if up[j] > 0.0 else STUCK_DRIVE


def slow_pull(v: float, p: Mapping[str, float]) -> tuple[float, float]:
    """Return kappa [1/s] and the level of (2) for one device."""
    if v > p["v_gate"]:
        return p["rate_up"] * (v / p["v_gate"] - 1.0), p["level_up"]
    if v < -p["v_gate"]:
        return p["rate_down"] * (-v / p["v_gate"] - 1.0), p["level_down"]
    return 0.0, 0.0


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    x, (kappa, level) = state[0], slow_pull(drive[0], params)
    f = kappa * (level - x) + params["leak"] * (params["x_rest"] - x)
    return [0.0 if (x >= 1.0 and f > 0.0) or (x <= 0.0 and f < 0.0) else f]


def slow_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                 duration: float) -> list[float]:
    """Return [x] of one device after ``duration`` in plain Python."""
    kappa, level = slow_pull(drive[0], params)
    total = kappa + params["leak"]
    if total == 0.0:
        return [state[0]]
    end = (kappa * level + params["leak"] * params["x_rest"]) / total
    return [min(1.0, max(0.0, end + (state[0] - end) * math.exp(-total * duration)))]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [params["g_min"] * (1.0 - state[0]) + params["g_max"] * state[0]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * (params["g_gate"] if abs(drive[0]) > params["v_gate"] else slow_conductance(state, params)[0])]


def first_step_up(p: Mapping[str, float]) -> float:
    """Return the change of x by one pulse of 1 us at 2 v_gate from x = 1/2."""
    return slow_advance([0.5], [2.0 * p["v_gate"]], p, [], 1e-6)[0] - 0.5


def first_step_down(p: Mapping[str, float]) -> float:
    """Return the change of x by one pulse of 1 us at -2 v_gate from x = 1/2."""
    return slow_advance([0.5], [-2.0 * p["v_gate"]], p, [], 1e-6)[0] - 0.5


def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with a dead zone where no device leaks."""
    return MODEL if np.any(params[LEAK]) else dataclasses.replace(MODEL, dead_zone=dead_zone)


MODEL = DeviceModel(
    name="ion_gate",
    params=(
        ParamSpec("g_min", "S", 2e-6, 0.0, 1e3, "channel conductance at x = 0", "G_min"),
        ParamSpec("g_max", "S", 2e-5, 1e-15, 1e3, "channel conductance at x = 1", "G_max"),
        ParamSpec("g_gate", "S", 1e-9, 0.0, 1e3, "conductance of the gate while it writes", "G_g"),
        ParamSpec("v_gate", "V", 0.5, 1e-6, 1e3, "the write selector of the gate opens beyond +- this voltage", "V_g"),
        ParamSpec("rate_up", "1/s", 1e3, 0.0, 1e15, "rate towards level_up at twice v_gate", "kappa_+"),
        ParamSpec("rate_down", "1/s", 1e3, 0.0, 1e15, "rate towards level_down at minus twice v_gate", "kappa_-"),
        ParamSpec("level_up", "", 2.0, 1.0, 1e6, "x to which positive pulses tend; large is linear", ""),
        ParamSpec("level_down", "", -1.0, -1e6, -1e-9, "x to which negative pulses tend; far below 0 is linear", ""),
        ParamSpec("leak", "1/s", 10.0, 0.0, 1e15, "rate at which ions leak back, 1 / retention time", "1 / tau"),
        ParamSpec("x_rest", "", 0.5, 0.0, 1.0, "x to which ions leak", ""),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "place of the channel conductance between g_min and g_max"),),
    drives=(SignalSpec("v", "V", "gate voltage beyond +-v_gate (positive raises the conductance), read voltage within"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    handles={
        "g_max": Handle(("g_max",)),
        "g_min": Handle(("g_min",)),
        "rate": Handle(("rate_up", "rate_down", "leak")),
    },
    increase_sign=1,
    twins={"rate": slow_rate, "advance": slow_advance, "conductance": slow_conductance, "current": slow_current},
    select=select,
    reference="10.1109/IEDM.2018.8614551",
    doc="Three-terminal ion gate (ECRAM): nearly linear steps towards levels beyond the range, leak, exact.",
)
