"""Linear ion drift with a window: Joglekar, Biolek, Prodromakis, Zha or Kvatinsky, in a form that never locks.

State x = w / D in [0, 1], the doped fraction; x = 1 is ON (low resistance).

    dx/dt = i f(x) / Q_D,   Q_D = D^2 / (mu r_on),   i = v / M,   M = r_on x + r_off (1 - x)               (1)

The window f and its lock-free form are those of :mod:`devices.memristor.windows`; ``window`` is its code, 1 to 5. The
rectangular window is the model ``linear_ion_drift``.

At frozen voltage flux and charge are integrals over the place, v t = Q_D int M / f dx and q = Q_D int dx / f.
``advance`` and ``charge`` evaluate and invert them (:mod:`devices.memristor.flow`) to about 1e-11, for any duration.
States nearer to a bound than ``edge`` are kept to rounding, so a history that ran into a bound is known to 1e-16 / edge.

No threshold: it moves at any voltage, and the model is symmetric and physically poor. Use it to check solvers and to
compare with the literature that uses it.

References
----------
D. B. Strukov et al., Nature 453, 80 (2008), doi:10.1038/nature06932 (drift).
Z. Biolek, D. Biolek, V. Biolkova, Radioengineering 18, 210 (2009) (window, SPICE model).
D. Biolek, Z. Kolka, V. Biolkova, Z. Biolek, S. Kvatinsky, IEEE Access 9, 30242 (2021) (transformed state).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numba import types

from devices.memristor import flow as f
from devices.memristor.flow import flow
from devices.memristor.windows import (
    KVATINSKY,
    barrier_window,
    edge_shape,
    edge_window,
    exponent_of,
    height_of,
    slow_window,
)
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import A1, A2, ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE, i8
from neurosim.kernels.vmath import log

R_ON, R_OFF, THICKNESS, MOBILITY, WINDOW, EXPONENT, HEIGHT, EDGE, A_UP, A_DOWN, WIDTH = range(11)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero where the state is at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    thickness, mobility = params[THICKNESS, start:stop], params[MOBILITY, start:stop]
    window, p, height = params[WINDOW, start:stop], params[EXPONENT, start:stop], params[HEIGHT, start:stop]
    edge, a_up, a_down, width = (params[EDGE, start:stop], params[A_UP, start:stop], params[A_DOWN, start:stop],
                                 params[WIDTH, start:stop])
    for j in range(stop - start):
        up, code = v[j] > 0.0, int(window[j] + 0.5)
        e, d = 1.0 - x[j] if up else x[j], x[j] if up else 1.0 - x[j]
        a, b = edge_shape(code)
        shape = height_of(code, height[j]) * edge_window(a, b, e, d, exponent_of(code, p[j]), edge[j])
        wall = barrier_window(e, 1.0 - a_up[j] if up else a_down[j], width[j])
        m = r_off[j] + (r_on[j] - r_off[j]) * x[j]
        free = mobility[j] * r_on[j] / (thickness[j] * thickness[j]) * v[j] / m
        dx[j] = 0.0 if e <= 0.0 else free * (wall if code == KVATINSKY else shape)


@kernel(types.int64(A2, A2, A2, A1, A2, i8, i8, i8))
def prepare(state, drive, params, duration, work, family, begin, n):
    """Write the law of ``n`` devices into the rows of ``work``; return how many of them this family moves."""
    x, v, dt = state[0, begin:begin + n], drive[0, begin:begin + n], duration[begin:begin + n]
    r_on, r_off = params[R_ON, begin:begin + n], params[R_OFF, begin:begin + n]
    thickness, mobility = params[THICKNESS, begin:begin + n], params[MOBILITY, begin:begin + n]
    window, p, height = params[WINDOW, begin:begin + n], params[EXPONENT, begin:begin + n], params[HEIGHT, begin:begin + n]
    edge, a_up, a_down, width = (params[EDGE, begin:begin + n], params[A_UP, begin:begin + n],
                                 params[A_DOWN, begin:begin + n], params[WIDTH, begin:begin + n])
    count = 0
    for j in range(n):
        up, code = v[j] > 0.0, int(window[j] + 0.5)
        speed = mobility[j] * r_on[j] / (thickness[j] * thickness[j]) * abs(v[j])
        mine = (code == KVATINSKY) == (family == f.BARRIER)
        moves = mine and speed > 0.0
        work[f.AHEAD, j], work[f.BEHIND, j] = 1.0 - x[j] if up else x[j], x[j] if up else 1.0 - x[j]
        work[f.LEFT, j] = dt[j] if moves else 0.0
        work[f.HELD, j] = 0.0 if moves else dt[j]
        work[f.R_0, j] = r_off[j] + (r_on[j] - r_off[j]) * x[j]
        work[f.R_1, j] = r_on[j] - r_off[j] if up else r_off[j] - r_on[j]
        work[f.POWER, j] = -1.0
        if family == f.EDGE:
            a, b = edge_shape(code)
            work[f.EDGE_A, j], work[f.EDGE_B, j] = a, b
            work[f.EDGE_P, j], work[f.EDGE_LIMIT, j], work[f.DRIVEN, j] = exponent_of(code, p[j]), edge[j], 1.0
            work[f.SCALE, j] = 1.0 / (speed if moves else 1.0) / height_of(code, height[j])
        else:
            work[f.DRIVE_A, j], work[f.DRIVE_B, j], work[f.ALPHA, j] = 1.0, 0.0, 1.0
            work[f.CENTRE, j], work[f.WIDTH, j] = 1.0 - a_up[j] if up else a_down[j], width[j]
            work[f.CURVED, j], work[f.SCALE, j] = 0.0, log(speed if moves else 1.0)
        count += 1 if moves else 0
    return count


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage."""
    work = np.zeros((f.ROWS, f.TILE))
    for begin in range(start, stop, f.TILE):
        n = min(f.TILE, stop - begin)
        x, v = state[0, begin:begin + n], drive[0, begin:begin + n]
        for family in (f.EDGE, f.BARRIER):
            if prepare(state, drive, params, duration, work, family, begin, n) == 0:
                continue
            flow(work, family, 0, n)
            for j in range(n):
                y = x[j] + (work[f.MOVED, j] if v[j] > 0.0 else -work[f.MOVED, j])
                y = 1.0 if y > 1.0 else y
                x[j] = 0.0 if y < 0.0 else y


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G = 1 / M [S]."""
    x, g = state[0, start:stop], out[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / (r_off[j] + (r_on[j] - r_off[j]) * x[j])


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = v / M [A] and di/dv = 1 / M [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / (r_off[j] + (r_on[j] - r_off[j]) * x[j])
        i[j] = v[j] * g[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage."""
    work = np.zeros((f.ROWS, f.TILE))
    for begin in range(start, stop, f.TILE):
        n = min(f.TILE, stop - begin)
        v, window, q = drive[0, begin:begin + n], params[WINDOW, begin:begin + n], out[begin:begin + n]
        for family in (f.EDGE, f.BARRIER):
            prepare(state, drive, params, duration, work, family, begin, n)
            flow(work, family, 1, n)
            for j in range(n):
                mine = (int(window[j] + 0.5) == KVATINSKY) == (family == f.BARRIER)
                q[j] = v[j] * work[f.CHARGE, j] if mine else q[j]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    p, x, rising = params, state[0], drive[0] > 0.0
    if drive[0] == 0.0 or x == (1.0 if rising else 0.0):
        return [0.0]
    shape = slow_window(int(p["window"] + 0.5), x, rising, p["exponent"], p["height"], p["edge"], p["a_up"], p["a_down"],
                        p["width"])
    charge_scale = p["thickness"] ** 2 / p["mobility"] / p["r_on"]
    return [drive[0] / (p["r_on"] * x + p["r_off"] * (1.0 - x)) * shape / charge_scale]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [1.0 / (params["r_on"] * state[0] + params["r_off"] * (1.0 - state[0]))]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


MODEL = DeviceModel(
    name="windowed_drift",
    params=(
        ParamSpec("r_on", "ohm", 100.0, 1e-3, 1e15, "resistance of the fully doped film, x = 1", "R_on"),
        ParamSpec("r_off", "ohm", 16e3, 1e-3, 1e15, "resistance of the undoped film, x = 0", "R_off"),
        ParamSpec("thickness", "m", 1e-8, 1e-10, 1e-3, "thickness of the film", "D"),
        ParamSpec("mobility", "m**2/V/s", 1e-14, 0.0, 1.0, "mobility of the dopants; 0 means stuck", "mu"),
        ParamSpec("window", "", 1.0, 0.6, 5.4, "1 Joglekar, 2 Biolek, 3 Prodromakis, 4 Zha, 5 Kvatinsky (rounded)"),
        ParamSpec("exponent", "", 1.0, 0.1, 100.0, "exponent, whole for windows 1 and 2: larger is flatter", "p"),
        ParamSpec("height", "", 1.0, 1e-6, 1e6, "scale of windows 3 and 4", "j"),
        ParamSpec("edge", "", 1e-6, 1e-9, 0.1, "distance to a bound below which windows 1 to 4 stay as they are"),
        ParamSpec("a_up", "", 1.0, -1e3, 1e3, "window 5: place where rising motion has slowed down by e", "a_off / D"),
        ParamSpec("a_down", "", 0.0, -1e3, 1e3, "window 5: place where falling motion has slowed down by e", "a_on / D"),
        ParamSpec("width", "", 0.1, 1e-4, 1e3, "window 5: distance over which motion dies", "w_c / D"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.1, "doped fraction of the film: 0 is OFF, 1 is ON"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive lowers the resistance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    exact_advance=False,
    advance_tolerance=1e-9,
    handles={
        "g_max": Handle(("r_on",), -1.0),
        "g_min": Handle(("r_off",), -1.0),
        "rate": Handle(("mobility",)),
    },
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.1038/nature06932",
    doc="Linear ion drift with a window (Joglekar, Biolek, Prodromakis, Zha, Kvatinsky) that slows it at the bounds.",
)
