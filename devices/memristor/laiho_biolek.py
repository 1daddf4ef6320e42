"""Memristor of Laiho with the window of Biolek: sinh speed, sinh current, its own parameters on each side.

State x in [0, 1]; x = 1 is ON.

    dx/dt = c_p sinh(d_p v) (1 - x^(2 p))        for v >= 0,
            c_n sinh(d_n v) (1 - (1 - x)^(2 p))  for v < 0                                                  (1)
    i = a_p x sinh(b_p v) for v >= 0,   a_n x sinh(b_n v) for v < 0                                         (2)

The window is that of :mod:`devices.memristor.windows`, in lock-free form. At frozen voltage (1) separates: time and charge
are integrals over the place, evaluated and inverted to about 1e-11 by :mod:`devices.memristor.flow`. There is no
threshold. At x = 0 the device conducts nothing, but it still moves. ``conductance`` is di/dv at v = +0.

References
----------
M. Laiho, E. Lehtonen, A. Russell, P. Dudek, The Neuromorphic Engineer, 10 (2010) (sinh speed and current).
Z. Biolek, D. Biolek, V. Biolkova, Radioengineering 18, 210 (2009) (window).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numba import types

from devices.memristor import flow as f
from devices.memristor.flow import flow
from devices.memristor.windows import BIOLEK, edge_window, exponent_of, slow_window
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import A1, A2, ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE, i8
from neurosim.kernels.vmath import sinh

A_P, A_N, B_P, B_N, C_P, C_N, D_P, D_N, EXPONENT, EDGE = range(10)
LARGEST = 680.0  # largest argument of sinh: beyond it speeds and currents stay as they are


@scalar_kernel
def bounded(u):
    """Return u within the arguments for which sinh is finite."""
    u = LARGEST if u > LARGEST else u
    return -LARGEST if u < -LARGEST else u


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero where the state is at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    c_p, c_n, d_p, d_n = (params[C_P, start:stop], params[C_N, start:stop], params[D_P, start:stop],
                          params[D_N, start:stop])
    p, edge = params[EXPONENT, start:stop], params[EDGE, start:stop]
    for j in range(stop - start):
        up = v[j] > 0.0
        e, d = 1.0 - x[j] if up else x[j], x[j] if up else 1.0 - x[j]
        speed = (c_p[j] if up else c_n[j]) * sinh(bounded((d_p[j] if up else d_n[j]) * v[j]))
        shape = edge_window(1.0, 2.0, e, d, exponent_of(BIOLEK, p[j]), edge[j])
        dx[j] = 0.0 if e <= 0.0 else speed * shape


@kernel(types.void(A2, A2, A2, A1, A2, i8, i8))
def prepare(state, drive, params, duration, work, begin, n):
    """Write the law of ``n`` devices into the rows of ``work``."""
    x, v, dt = state[0, begin:begin + n], drive[0, begin:begin + n], duration[begin:begin + n]
    c_p, c_n, d_p, d_n = (params[C_P, begin:begin + n], params[C_N, begin:begin + n], params[D_P, begin:begin + n],
                          params[D_N, begin:begin + n])
    p, edge = params[EXPONENT, begin:begin + n], params[EDGE, begin:begin + n]
    for j in range(n):
        up = v[j] > 0.0
        speed = (c_p[j] if up else c_n[j]) * abs(sinh(bounded((d_p[j] if up else d_n[j]) * v[j])))
        moves = speed > 0.0
        work[f.AHEAD, j], work[f.BEHIND, j] = 1.0 - x[j] if up else x[j], x[j] if up else 1.0 - x[j]
        work[f.LEFT, j], work[f.HELD, j] = dt[j] if moves else 0.0, 0.0 if moves else dt[j]
        work[f.R_0, j], work[f.R_1, j], work[f.POWER, j] = x[j], 1.0 if up else -1.0, 1.0
        work[f.EDGE_A, j], work[f.EDGE_B, j], work[f.EDGE_P, j] = 1.0, 2.0, exponent_of(BIOLEK, p[j])
        work[f.EDGE_LIMIT, j], work[f.DRIVEN, j], work[f.SCALE, j] = edge[j], 0.0, 1.0 / (speed if moves else 1.0)


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage."""
    work = np.zeros((f.ROWS, f.TILE))
    for begin in range(start, stop, f.TILE):
        n = min(f.TILE, stop - begin)
        x, v = state[0, begin:begin + n], drive[0, begin:begin + n]
        prepare(state, drive, params, duration, work, begin, n)
        flow(work, f.EDGE, 0, n)
        for j in range(n):
            y = x[j] + (work[f.MOVED, j] if v[j] > 0.0 else -work[f.MOVED, j])
            y = 1.0 if y > 1.0 else y
            x[j] = 0.0 if y < 0.0 else y


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write di/dv at v = +0, a_p b_p x [S]."""
    x, g, a_p, b_p = state[0, start:stop], out[start:stop], params[A_P, start:stop], params[B_P, start:stop]
    for j in range(stop - start):
        g[j] = a_p[j] * x[j] * b_p[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] of (2) and di/dv [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    a_p, a_n, b_p, b_n = (params[A_P, start:stop], params[A_N, start:stop], params[B_P, start:stop],
                          params[B_N, start:stop])
    for j in range(stop - start):
        b = b_p[j] if v[j] >= 0.0 else b_n[j]
        scale, u = (a_p[j] if v[j] >= 0.0 else a_n[j]) * x[j], bounded(b * v[j])
        half = sinh(0.5 * u)
        i[j] = scale * sinh(u)
        g[j] = scale * b * (1.0 + 2.0 * half * half)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage."""
    work = np.zeros((f.ROWS, f.TILE))
    for begin in range(start, stop, f.TILE):
        n = min(f.TILE, stop - begin)
        v, q = drive[0, begin:begin + n], out[begin:begin + n]
        a_p, a_n, b_p, b_n = (params[A_P, begin:begin + n], params[A_N, begin:begin + n], params[B_P, begin:begin + n],
                              params[B_N, begin:begin + n])
        prepare(state, drive, params, duration, work, begin, n)
        flow(work, f.EDGE, 1, n)
        for j in range(n):
            u = bounded((b_p[j] if v[j] >= 0.0 else b_n[j]) * v[j])
            q[j] = (a_p[j] if v[j] >= 0.0 else a_n[j]) * sinh(u) * work[f.CHARGE, j]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    p, x, v = params, state[0], drive[0]
    if v == 0.0 or x == (1.0 if v > 0.0 else 0.0):
        return [0.0]
    side = "p" if v > 0.0 else "n"
    shape = slow_window(BIOLEK, x, v > 0.0, p["exponent"], 1.0, p["edge"], 0.0, 0.0, 1.0)
    return [p[f"c_{side}"] * math.sinh(p[f"d_{side}"] * v) * shape]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [di/dv at v = +0] of one device in plain Python."""
    return [params["a_p"] * params["b_p"] * state[0]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    side = "p" if drive[0] >= 0.0 else "n"
    return [params[f"a_{side}"] * state[0] * math.sinh(params[f"b_{side}"] * drive[0])]


MODEL = DeviceModel(
    name="laiho_biolek",
    params=(
        ParamSpec("a_p", "A", 9e-5, 0.0, 1e6, "current scale at positive voltage", "a_1"),
        ParamSpec("a_n", "A", 7e-5, 0.0, 1e6, "current scale at negative voltage", "a_2"),
        ParamSpec("b_p", "1/V", 1.5, 1e-6, 1e3, "curvature of i(v) at positive voltage", "b_1"),
        ParamSpec("b_n", "1/V", 1.8, 1e-6, 1e3, "curvature of i(v) at negative voltage", "b_2"),
        ParamSpec("c_p", "1/s", 4.5e-2, 0.0, 1e10, "speed of turning ON", "c_1"),
        ParamSpec("c_n", "1/s", 0.75, 0.0, 1e10, "speed of turning OFF", "c_2"),
        ParamSpec("d_p", "1/V", 9.0, 1e-6, 1e3, "growth of the speed with positive voltage", "d_1"),
        ParamSpec("d_n", "1/V", 1.8, 1e-6, 1e3, "growth of the speed with negative voltage", "d_2"),
        ParamSpec("exponent", "", 1.0, 0.6, 100.0, "whole exponent of the window: larger is flatter", "p"),
        ParamSpec("edge", "", 1e-6, 1e-9, 0.1, "distance to a bound below which the window stays as it is"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.1, "conductance over its largest value: 0 conducts nothing, 1 is ON"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the conductance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    exact_advance=False,
    advance_tolerance=1e-9,
    handles={"g_max": Handle(("a_p", "a_n")), "rate": Handle(("c_p", "c_n"))},
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    doc="Memristor with sinh speed, sinh current and the window of Biolek; no threshold.",
)
