"""Yakopcic's generalised memristor: thresholds of the voltage, exponential speed, sinh current, motion that dies in a tail.

State x in [0, 1]; x = 1 is ON. With e the distance to the bound ahead:

    dx/dt =  A_p (exp(v)  - exp(V_p)) F(1 - x; x_p, alpha_p)   for v > V_p,
            -A_n (exp(-v) - exp(V_n)) F(x; x_n, alpha_n)       for v < -V_n,     0 else, exactly            (1)
    F(e; c, alpha) = 1 for e >= 1 - c,   (e / (1 - c)) exp(alpha (e - 1 + c)) below                         (2)
    i = a_1 x sinh(b v) for v >= 0,   a_2 x sinh(b v) for v < 0                                             (3)

v stands for v over 1 V in the exponentials. Where F = 1 the motion is uniform and its step exact; in the tail time is an
integral over the place, evaluated and inverted to about 1e-11 by :mod:`devices.memristor.flow`. F depends on the
direction of motion, so no state locks; at x = 0 the device conducts nothing, but it still moves. ``conductance`` is di/dv
at v = +0. The published eta = -1 is this law with the terminals exchanged.

References
----------
C. Yakopcic, T. M. Taha, G. Subramanyam, R. E. Pino, S. Rogers, IEEE Electron Device Lett. 32, 1436 (2011),
doi:10.1109/LED.2011.2163292 (first form).
C. Yakopcic, T. M. Taha, G. Subramanyam, R. E. Pino, IEEE Trans. CAD 32, 1201 (2013), doi:10.1109/TCAD.2013.2252057.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numba import types

from devices.memristor import flow as f
from devices.memristor.flow import flow
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import A1, A2, ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE, i8
from neurosim.kernels.vmath import exp, expm1, sinh

SCALE_P, SCALE_N, CURVE, SPEED_P, SPEED_N, V_P, V_N, X_P, X_N, ALPHA_P, ALPHA_N = range(11)
STUCK_DRIVE = 1e30  # V: the threshold that `dead_zone` reports for a device that never moves
FASTEST = 1e300     # 1/s: keeps products of an overflowing speed finite
LARGEST = 700.0     # largest argument of sinh: beyond it currents stay as they are


@scalar_kernel
def free_speed(v, up, speed, threshold):
    """Return |dx/dt| [1/s] of (1) for F = 1; zero between the thresholds."""
    over = (v if up else -v) - threshold
    found = speed * exp(threshold) * expm1(over if over > 0.0 else 0.0)
    return found if found < FASTEST else FASTEST


@scalar_kernel
def bounded(u):
    """Return u within the arguments for which sinh is finite."""
    u = LARGEST if u > LARGEST else u
    return -LARGEST if u < -LARGEST else u


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1)."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    speed_p, speed_n, v_p, v_n = (params[SPEED_P, start:stop], params[SPEED_N, start:stop], params[V_P, start:stop],
                                  params[V_N, start:stop])
    x_p, x_n, alpha_p, alpha_n = (params[X_P, start:stop], params[X_N, start:stop], params[ALPHA_P, start:stop],
                                  params[ALPHA_N, start:stop])
    for j in range(stop - start):
        up = v[j] > 0.0
        speed = free_speed(v[j], up, speed_p[j] if up else speed_n[j], v_p[j] if up else v_n[j])
        e, edge = 1.0 - x[j] if up else x[j], 1.0 - (x_p[j] if up else x_n[j])
        tail = e / edge * exp((alpha_p[j] if up else alpha_n[j]) * (e - edge))
        speed *= 1.0 if e >= edge else tail
        dx[j] = speed if up else -speed


@kernel(types.int64(A2, A2, A2, A1, A2, i8, i8))
def prepare(state, drive, params, duration, work, begin, n):
    """Do the uniform part of the motion, and write what is left into ``work``; return how many devices enter their tail.

    On return MOVED is the uniform motion so far and HELD the time it took; AHEAD and BEHIND are those after it.
    """
    x, v, dt = state[0, begin:begin + n], drive[0, begin:begin + n], duration[begin:begin + n]
    speed_p, speed_n, v_p, v_n = (params[SPEED_P, begin:begin + n], params[SPEED_N, begin:begin + n],
                                  params[V_P, begin:begin + n], params[V_N, begin:begin + n])
    x_p, x_n, alpha_p, alpha_n = (params[X_P, begin:begin + n], params[X_N, begin:begin + n],
                                  params[ALPHA_P, begin:begin + n], params[ALPHA_N, begin:begin + n])
    moved, held, left, ahead = work[f.MOVED, :n], work[f.HELD, :n], work[f.LEFT, :n], work[f.AHEAD, :n]
    scale, centre, width = work[f.SCALE, :n], work[f.CENTRE, :n], work[f.WIDTH, :n]
    count = 0
    for j in range(n):
        up = v[j] > 0.0
        speed = free_speed(v[j], up, speed_p[j] if up else speed_n[j], v_p[j] if up else v_n[j])
        e, edge = 1.0 - x[j] if up else x[j], 1.0 - (x_p[j] if up else x_n[j])
        room = e - edge if e > edge else 0.0
        run = speed * dt[j]
        enters = run > room
        moved[j] = room if enters else run
        held[j] = room / (speed if enters else 1.0) if enters else dt[j]
        left[j] = dt[j] - held[j] if enters else 0.0
        ahead[j] = e - room if enters else e
        scale[j] = 1.0 / (speed if enters else 1.0)
        centre[j], width[j] = edge, alpha_p[j] if up else alpha_n[j]
        count += 1 if enters else 0
    return count


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage."""
    work = np.zeros((f.ROWS, f.TILE))
    for begin in range(start, stop, f.TILE):
        n = min(f.TILE, stop - begin)
        x, v, moved = state[0, begin:begin + n], drive[0, begin:begin + n], work[f.MOVED, :n]
        entering = prepare(state, drive, params, duration, work, begin, n)
        for _ in range(2):
            for j in range(n):
                y = x[j] + (moved[j] if v[j] > 0.0 else -moved[j])
                y = 1.0 if y > 1.0 else y
                x[j] = 0.0 if y < 0.0 else y
            if entering == 0:
                break
            flow(work, f.TAIL, 0, n)
            entering = 0


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write di/dv at v = +0, a_1 b x [S]."""
    x, g = state[0, start:stop], out[start:stop]
    scale, curve = params[SCALE_P, start:stop], params[CURVE, start:stop]
    for j in range(stop - start):
        g[j] = scale[j] * x[j] * curve[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] of (3) and di/dv [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    scale_p, scale_n, curve = params[SCALE_P, start:stop], params[SCALE_N, start:stop], params[CURVE, start:stop]
    for j in range(stop - start):
        scale = (scale_p[j] if v[j] >= 0.0 else scale_n[j]) * x[j]
        u = bounded(curve[j] * v[j])
        half = sinh(0.5 * u)
        i[j] = scale * sinh(u)
        g[j] = scale * curve[j] * (1.0 + 2.0 * half * half)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage."""
    work = np.zeros((f.ROWS, f.TILE))
    for begin in range(start, stop, f.TILE):
        n = min(f.TILE, stop - begin)
        x, v, q = state[0, begin:begin + n], drive[0, begin:begin + n], out[begin:begin + n]
        scale_p, scale_n = params[SCALE_P, begin:begin + n], params[SCALE_N, begin:begin + n]
        curve = params[CURVE, begin:begin + n]
        entering = prepare(state, drive, params, duration, work, begin, n)
        for j in range(n):
            sign = 1.0 if v[j] > 0.0 else -1.0
            move = work[f.MOVED, j] * sign
            q[j] = (x[j] + 0.5 * move) * work[f.HELD, j]
            work[f.R_0, j], work[f.R_1, j], work[f.POWER, j], work[f.HELD, j] = x[j] + move, sign, 1.0, 0.0
        if entering > 0:
            flow(work, f.TAIL, 1, n)
        for j in range(n):
            q[j] += work[f.CHARGE, j] if entering > 0 else 0.0
            q[j] *= (scale_p[j] if v[j] >= 0.0 else scale_n[j]) * sinh(bounded(curve[j] * v[j]))


@kernel(DEAD_ZONE)
def dead_zone(params, lowest, highest, start, stop):
    """Write the voltages [V] between which nothing moves: the thresholds, -+1e30 V where the speed is zero (stuck)."""
    low, high = lowest[start:stop], highest[start:stop]
    speed_p, speed_n = params[SPEED_P, start:stop], params[SPEED_N, start:stop]
    v_p, v_n = params[V_P, start:stop], params[V_N, start:stop]
    for j in range(stop - start):
        low[j] = -STUCK_DRIVE if speed_n[j] == 0.0 else -v_n[j]
        high[j] = STUCK_DRIVE if speed_p[j] == 0.0 else v_p[j]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python, as published."""
    p, x, v = params, state[0], drive[0]
    if v > p["v_p"]:
        x_p = p["x_p"]
        window = 1.0 if x < x_p else math.exp(-p["alpha_p"] * (x - x_p)) * ((x_p - x) / (1.0 - x_p) + 1.0)
        return [p["speed_p"] * (math.exp(v) - math.exp(p["v_p"])) * window]
    if v < -p["v_n"]:
        x_n = p["x_n"]
        window = 1.0 if x > 1.0 - x_n else math.exp(p["alpha_n"] * (x + x_n - 1.0)) * x / (1.0 - x_n)
        return [-p["speed_n"] * (math.exp(-v) - math.exp(p["v_n"])) * window]
    return [0.0]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [di/dv at v = +0] of one device in plain Python."""
    return [params["scale_p"] * params["curve"] * state[0]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [params["scale_p" if drive[0] >= 0.0 else "scale_n"] * state[0] * math.sinh(params["curve"] * drive[0])]


def slow_dead_zone(params: Mapping[str, float]) -> list[float]:
    """Return [lowest, highest] of one device in plain Python."""
    return [-params["v_n"] if params["speed_n"] else -STUCK_DRIVE, params["v_p"] if params["speed_p"] else STUCK_DRIVE]


MODEL = DeviceModel(
    name="yakopcic",
    params=(
        ParamSpec("scale_p", "A", 0.17, 0.0, 1e6, "current scale at positive voltage", "a_1"),
        ParamSpec("scale_n", "A", 0.17, 0.0, 1e6, "current scale at negative voltage", "a_2"),
        ParamSpec("curve", "1/V", 0.05, 1e-6, 1e3, "curvature of i(v)", "b"),
        ParamSpec("speed_p", "1/s", 4000.0, 0.0, 1e30, "speed of turning ON", "A_p"),
        ParamSpec("speed_n", "1/s", 4000.0, 0.0, 1e30, "speed of turning OFF", "A_n"),
        ParamSpec("v_p", "V", 0.16, 0.0, 100.0, "threshold of turning ON", "V_p"),
        ParamSpec("v_n", "V", 0.15, 0.0, 100.0, "threshold of turning OFF, a positive number", "V_n"),
        ParamSpec("x_p", "", 0.3, 0.0, 0.999, "state above which rising motion dies", "x_p"),
        ParamSpec("x_n", "", 0.5, 0.0, 0.999, "one minus the state below which falling motion dies", "x_n"),
        ParamSpec("alpha_p", "", 1.0, 0.0, 500.0, "decay of rising motion", "alpha_p"),
        ParamSpec("alpha_n", "", 5.0, 0.0, 500.0, "decay of falling motion", "alpha_n"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.11, "conductance over its largest value: 0 conducts nothing, 1 is ON"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the conductance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    dead_zone=dead_zone,
    exact_advance=False,
    advance_tolerance=1e-9,
    handles={
        "g_max": Handle(("scale_p", "scale_n")),
        "rate": Handle(("speed_p", "speed_n")),
        "threshold_up": Handle(("v_p",)),
        "threshold_down": Handle(("v_n",)),
    },
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current, "dead_zone": slow_dead_zone},
    reference="10.1109/TCAD.2013.2252057",
    doc="Generalised memristor: voltage thresholds, exponential speed, sinh current, motion that dies near its bounds.",
)
