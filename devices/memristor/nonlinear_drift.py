"""Nonlinear ion drift of Lehtonen and Laiho: a high odd power of the voltage moves the state, tunnelling conducts.

State x in [0, 1]; x = 1 is ON.

    dx/dt = a sign(v) |v|^m f(x)                                                                            (1)
    i = x^n beta sinh(alpha v) + chi (exp(gamma v) - 1)                                                     (2)

v stands for v over 1 V in the power. f is one of the windows 1 to 4 of :mod:`devices.memristor.windows`, in lock-free
form; Lehtonen and Laiho use Joglekar's. The first part of (2) is the tunnel current of the ON state, the second the rectifying
junction of the OFF state (Yang et al.).

At frozen voltage (1) separates: time and charge are integrals over the place, evaluated and inverted to about 1e-11 by
:mod:`devices.memristor.flow`. There is no threshold; a power of 5 to 13 makes small voltages slow, not still.
``conductance`` is di/dv at v = 0.

References
----------
J. J. Yang et al., Nature Nanotech. 3, 429 (2008), doi:10.1038/nnano.2008.160 (the current).
E. Lehtonen, M. Laiho, Proc. CNNA 2010, 1 (2010) (the state).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numba import types

from devices.memristor import flow as f
from devices.memristor.flow import flow
from devices.memristor.windows import PRODROMAKIS, edge_shape, edge_window, exponent_of, slow_window
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import A1, A2, ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE, i8
from neurosim.kernels.vmath import exp, expm1, power, sinh

BETA, ALPHA, CHI, GAMMA, N_POWER, SPEED, M_POWER, WINDOW, EXPONENT, HEIGHT, EDGE = range(11)
FASTEST = 1e300  # 1/s: keeps products of an overflowing speed finite
LARGEST = 700.0  # largest exponent of a current: beyond it currents stay as they are


@scalar_kernel
def free_speed(v, speed, m, code, height):
    """Return |dx/dt| [1/s] for a window of height one."""
    found = speed * power(abs(v), m) * (height if code >= PRODROMAKIS else 1.0)
    return found if found < FASTEST else FASTEST


@scalar_kernel
def bounded(u):
    """Return u within the exponents for which currents are finite."""
    u = LARGEST if u > LARGEST else u
    return -LARGEST if u < -LARGEST else u


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero where the state is at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    speed, m = params[SPEED, start:stop], params[M_POWER, start:stop]
    window, p, height, edge = (params[WINDOW, start:stop], params[EXPONENT, start:stop], params[HEIGHT, start:stop],
                               params[EDGE, start:stop])
    for j in range(stop - start):
        up, code = v[j] > 0.0, int(window[j] + 0.5)
        e, d = 1.0 - x[j] if up else x[j], x[j] if up else 1.0 - x[j]
        a, b = edge_shape(code)
        shape = edge_window(a, b, e, d, exponent_of(code, p[j]), edge[j])
        found = free_speed(v[j], speed[j], m[j], code, height[j]) * shape
        dx[j] = 0.0 if e <= 0.0 else (found if up else -found)


@kernel(types.void(A2, A2, A2, A1, A2, i8, i8))
def prepare(state, drive, params, duration, work, begin, n):
    """Write the law of ``n`` devices into the rows of ``work``."""
    x, v, dt = state[0, begin:begin + n], drive[0, begin:begin + n], duration[begin:begin + n]
    speed, m, n_power = (params[SPEED, begin:begin + n], params[M_POWER, begin:begin + n],
                         params[N_POWER, begin:begin + n])
    window, p, height, edge = (params[WINDOW, begin:begin + n], params[EXPONENT, begin:begin + n],
                               params[HEIGHT, begin:begin + n], params[EDGE, begin:begin + n])
    for j in range(n):
        up, code = v[j] > 0.0, int(window[j] + 0.5)
        found = free_speed(v[j], speed[j], m[j], code, height[j])
        moves = found > 0.0
        a, b = edge_shape(code)
        work[f.AHEAD, j], work[f.BEHIND, j] = 1.0 - x[j] if up else x[j], x[j] if up else 1.0 - x[j]
        work[f.LEFT, j], work[f.HELD, j] = dt[j] if moves else 0.0, 0.0 if moves else dt[j]
        work[f.R_0, j], work[f.R_1, j], work[f.POWER, j] = x[j], 1.0 if up else -1.0, n_power[j]
        work[f.EDGE_A, j], work[f.EDGE_B, j], work[f.EDGE_P, j] = a, b, exponent_of(code, p[j])
        work[f.EDGE_LIMIT, j], work[f.DRIVEN, j], work[f.SCALE, j] = edge[j], 0.0, 1.0 / (found if moves else 1.0)


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
    """Write di/dv at v = 0, x^n beta alpha + chi gamma [S]."""
    x, g = state[0, start:stop], out[start:stop]
    beta, alpha, chi, gamma = (params[BETA, start:stop], params[ALPHA, start:stop], params[CHI, start:stop],
                               params[GAMMA, start:stop])
    n_power = params[N_POWER, start:stop]
    for j in range(stop - start):
        g[j] = power(x[j], n_power[j]) * beta[j] * alpha[j] + chi[j] * gamma[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] of (2) and di/dv [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    beta, alpha, chi, gamma = (params[BETA, start:stop], params[ALPHA, start:stop], params[CHI, start:stop],
                               params[GAMMA, start:stop])
    n_power = params[N_POWER, start:stop]
    for j in range(stop - start):
        scale = power(x[j], n_power[j]) * beta[j]
        u, w = bounded(alpha[j] * v[j]), bounded(gamma[j] * v[j])
        half = sinh(0.5 * u)
        i[j] = scale * sinh(u) + chi[j] * expm1(w)
        g[j] = scale * alpha[j] * (1.0 + 2.0 * half * half) + chi[j] * gamma[j] * exp(w)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage."""
    work = np.zeros((f.ROWS, f.TILE))
    for begin in range(start, stop, f.TILE):
        n = min(f.TILE, stop - begin)
        v, dt, q = drive[0, begin:begin + n], duration[begin:begin + n], out[begin:begin + n]
        beta, alpha, chi, gamma = (params[BETA, begin:begin + n], params[ALPHA, begin:begin + n],
                                   params[CHI, begin:begin + n], params[GAMMA, begin:begin + n])
        prepare(state, drive, params, duration, work, begin, n)
        flow(work, f.EDGE, 1, n)
        for j in range(n):
            u, w = bounded(alpha[j] * v[j]), bounded(gamma[j] * v[j])
            q[j] = beta[j] * sinh(u) * work[f.CHARGE, j] + chi[j] * expm1(w) * dt[j]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    p, x, v = params, state[0], drive[0]
    if v == 0.0 or x == (1.0 if v > 0.0 else 0.0):
        return [0.0]
    shape = slow_window(int(p["window"] + 0.5), x, v > 0.0, p["exponent"], p["height"], p["edge"], 0.0, 0.0, 1.0)
    return [p["speed"] * math.copysign(abs(v) ** p["m_power"], v) * shape]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [di/dv at v = 0] of one device in plain Python."""
    p = params
    return [state[0] ** p["n_power"] * p["beta"] * p["alpha"] + p["chi"] * p["gamma"]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    p, v = params, drive[0]
    return [state[0] ** p["n_power"] * p["beta"] * math.sinh(p["alpha"] * v) + p["chi"] * math.expm1(p["gamma"] * v)]


MODEL = DeviceModel(
    name="nonlinear_drift",
    params=(
        ParamSpec("beta", "A", 0.9e-6, 0.0, 1e6, "current scale of the ON state", "beta"),
        ParamSpec("alpha", "1/V", 2.0, 1e-6, 1e3, "curvature of the ON current", "alpha"),
        ParamSpec("chi", "A", 1e-10, 0.0, 1e6, "current scale of the OFF junction", "chi"),
        ParamSpec("gamma", "1/V", 4.0, 1e-6, 1e3, "curvature of the OFF current", "gamma"),
        ParamSpec("n_power", "", 2.0, 0.5, 50.0, "power of the state in the ON current", "n"),
        ParamSpec("speed", "1/s", 1.0, 0.0, 1e30, "dx/dt at 1 V where the window is one", "a"),
        ParamSpec("m_power", "", 5.0, 0.5, 50.0, "power of the voltage in the speed; the sign of v is kept", "m"),
        ParamSpec("window", "", 1.0, 0.6, 4.4, "1 Joglekar, 2 Biolek, 3 Prodromakis, 4 Zha (rounded)"),
        ParamSpec("exponent", "", 1.0, 0.1, 100.0, "exponent, whole for windows 1 and 2: larger is flatter", "p"),
        ParamSpec("height", "", 1.0, 1e-6, 1e6, "scale of windows 3 and 4", "j"),
        ParamSpec("edge", "", 1e-6, 1e-9, 0.1, "distance to a bound below which the window stays as it is"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "normalised width of the doped region: 0 is OFF, 1 is ON"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the conductance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    exact_advance=False,
    advance_tolerance=1e-9,
    handles={
        "g_max": Handle(("beta",)),
        "g_min": Handle(("chi",)),
        "rate": Handle(("speed",)),
    },
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.1038/nnano.2008.160",
    doc="Nonlinear ion drift: a high power of the voltage moves the state, tunnelling and a junction conduct.",
)
