"""VTEAM with a window and a sinh current: threshold of the voltage, motion that dies out at the bounds.

State x in [0, 1] with R = r_on + (r_off - r_on) x; x = 1 is OFF. A positive voltage raises R:

    dx/dt = k_off (v / v_off - 1)^alpha_off f(x)    for v > v_off > 0,
            k_on  (v / v_on  - 1)^alpha_on  f(x)    for v < v_on < 0,     0 else                            (1)
    i = (c_p / R) sinh(b_p v) for v >= 0,   (c_n / R) sinh(b_n v) for v < 0                                 (2)

Devices that a positive voltage turns ON are the same law with the terminals exchanged; their cards say so. Small b and
c = 1 / b give Ohm's law. The plain VTEAM, without window, is the model ``vteam``.

``window`` is its code. 5, that of the cards, is f = exp(-exp(x / width_off)) rising and exp(-exp((1 - x) / width_on)) falling:
1/e at the bound that motion leaves, dead within a few widths, so the reachable range is narrow: x grows as the logarithm of
the logarithm of time. 1 to 4 are Joglekar, Biolek, Prodromakis and Zha in the lock-free form of
:mod:`devices.memristor.windows`; they need not ``width_off`` and ``width_on`` but ``exponent``, ``height`` and ``edge``. (1) is
worked out in logarithms; at frozen voltage it is an integral over the place, evaluated and inverted to about 1e-11 by
:mod:`devices.memristor.flow`. ``conductance`` is di/dv at v = +0.

References
----------
I. Messaris et al., IEEE Trans. CAD (2018), doi:10.1109/TCAD.2018.2791468, equation (12), table IV (law, fits).
S. Kvatinsky et al., IEEE Trans. Circuits Syst. II 62, 786 (2015), doi:10.1109/TCSII.2015.2433536 (VTEAM).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numba import types

from devices.memristor import flow as f
from devices.memristor.flow import flow
from devices.memristor.windows import KVATINSKY, edge_shape, edge_window, exponent_of, height_of, slow_window
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import A1, A2, ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE, i8
from neurosim.kernels.vmath import exp, log, sinh

(R_ON, R_OFF, K_OFF, K_ON, ALPHA_OFF, ALPHA_ON, V_OFF, V_ON, WIDTH_OFF, WIDTH_ON, C_P, C_N, B_P, B_N,
 WINDOW, EXPONENT, HEIGHT, EDGE) = range(18)
STUCK_DRIVE = 1e30  # V: the threshold that `dead_zone` reports for a device that never moves
FASTEST = 690.0     # log of the largest rate [1/s]
LARGEST = 700.0     # largest argument of sinh: beyond it currents stay as they are


@scalar_kernel
def log_speed(v, k_off, k_on, alpha_off, alpha_on, v_off, v_on):
    """Return (log of |dx/dt| [1/s] without the window, whether anything moves)."""
    up = v > 0.0
    k, alpha = k_off if up else -k_on, alpha_off if up else alpha_on
    over = v / (v_off if up else v_on) - 1.0
    moved = over > 0.0 and k > 0.0
    found = log(k if moved else 1.0) + alpha * log(over if moved else 1.0)
    return found if found < FASTEST else FASTEST, moved


@scalar_kernel
def bounded(u):
    """Return u within the arguments for which sinh is finite."""
    u = LARGEST if u > LARGEST else u
    return -LARGEST if u < -LARGEST else u


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero where the state is at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    k_off, k_on, a_off, a_on = (params[K_OFF, start:stop], params[K_ON, start:stop], params[ALPHA_OFF, start:stop],
                                params[ALPHA_ON, start:stop])
    v_off, v_on, w_off, w_on = (params[V_OFF, start:stop], params[V_ON, start:stop], params[WIDTH_OFF, start:stop],
                                params[WIDTH_ON, start:stop])
    window, p, height, edge = (params[WINDOW, start:stop], params[EXPONENT, start:stop], params[HEIGHT, start:stop],
                               params[EDGE, start:stop])
    for j in range(stop - start):
        up, code = v[j] > 0.0, int(window[j] + 0.5)
        exponent, moved = log_speed(v[j], k_off[j], k_on[j], a_off[j], a_on[j], v_off[j], v_on[j])
        behind, ahead = x[j] if up else 1.0 - x[j], 1.0 - x[j] if up else x[j]
        a, b = edge_shape(code)
        shape = height_of(code, height[j]) * edge_window(a, b, ahead, behind, exponent_of(code, p[j]), edge[j])
        wall = exp(exponent - exp(behind / (w_off[j] if up else w_on[j])))
        speed = wall if code == KVATINSKY else exp(exponent) * shape
        dx[j] = 0.0 if behind >= 1.0 or not moved else (speed if up else -speed)


@kernel(types.int64(A2, A2, A2, A1, A2, i8, i8, i8))
def prepare(state, drive, params, duration, work, family, begin, n):
    """Write the law of ``n`` devices into the rows of ``work``; return how many of them this family moves."""
    x, v, dt = state[0, begin:begin + n], drive[0, begin:begin + n], duration[begin:begin + n]
    r_on, r_off = params[R_ON, begin:begin + n], params[R_OFF, begin:begin + n]
    k_off, k_on, a_off, a_on = (params[K_OFF, begin:begin + n], params[K_ON, begin:begin + n],
                                params[ALPHA_OFF, begin:begin + n], params[ALPHA_ON, begin:begin + n])
    v_off, v_on, w_off, w_on = (params[V_OFF, begin:begin + n], params[V_ON, begin:begin + n],
                                params[WIDTH_OFF, begin:begin + n], params[WIDTH_ON, begin:begin + n])
    window, p, height, edge = (params[WINDOW, begin:begin + n], params[EXPONENT, begin:begin + n],
                               params[HEIGHT, begin:begin + n], params[EDGE, begin:begin + n])
    count = 0
    for j in range(n):
        up, code = v[j] > 0.0, int(window[j] + 0.5)
        exponent, moving = log_speed(v[j], k_off[j], k_on[j], a_off[j], a_on[j], v_off[j], v_on[j])
        moves = moving and (code == KVATINSKY) == (family == f.BARRIER)
        span = r_off[j] - r_on[j]
        work[f.AHEAD, j], work[f.BEHIND, j] = 1.0 - x[j] if up else x[j], x[j] if up else 1.0 - x[j]
        work[f.LEFT, j], work[f.HELD, j] = dt[j] if moves else 0.0, 0.0 if moves else dt[j]
        work[f.R_0, j], work[f.R_1, j] = r_on[j] + span * x[j], span if up else -span
        work[f.POWER, j] = -1.0
        if family == f.EDGE:
            a, b = edge_shape(code)
            work[f.EDGE_A, j], work[f.EDGE_B, j], work[f.EDGE_P, j] = a, b, exponent_of(code, p[j])
            work[f.EDGE_LIMIT, j], work[f.DRIVEN, j] = edge[j], 0.0
            work[f.SCALE, j] = exp(-exponent) / height_of(code, height[j])
        else:
            work[f.DRIVE_A, j], work[f.DRIVE_B, j], work[f.ALPHA, j] = 0.0, -1.0, 0.0  # the speed does not depend on R
            work[f.CENTRE, j], work[f.WIDTH, j] = 1.0, w_off[j] if up else w_on[j]
            work[f.CURVED, j], work[f.SCALE, j] = 0.0, exponent
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
    """Write di/dv at v = +0, c_p b_p / R [S]."""
    x, g = state[0, start:stop], out[start:stop]
    r_on, r_off, c_p, b_p = (params[R_ON, start:stop], params[R_OFF, start:stop], params[C_P, start:stop],
                             params[B_P, start:stop])
    for j in range(stop - start):
        g[j] = c_p[j] * b_p[j] / (r_on[j] + (r_off[j] - r_on[j]) * x[j])


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] of (2) and di/dv [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    r_on, r_off, c_p, c_n = (params[R_ON, start:stop], params[R_OFF, start:stop], params[C_P, start:stop],
                             params[C_N, start:stop])
    b_p, b_n = params[B_P, start:stop], params[B_N, start:stop]
    for j in range(stop - start):
        b = b_p[j] if v[j] >= 0.0 else b_n[j]
        scale = (c_p[j] if v[j] >= 0.0 else c_n[j]) / (r_on[j] + (r_off[j] - r_on[j]) * x[j])
        u = bounded(b * v[j])
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
        c_p, c_n, b_p, b_n = (params[C_P, begin:begin + n], params[C_N, begin:begin + n], params[B_P, begin:begin + n],
                              params[B_N, begin:begin + n])
        window = params[WINDOW, begin:begin + n]
        for family in (f.EDGE, f.BARRIER):
            prepare(state, drive, params, duration, work, family, begin, n)
            flow(work, family, 1, n)
            for j in range(n):
                u = bounded((b_p[j] if v[j] >= 0.0 else b_n[j]) * v[j])
                found = (c_p[j] if v[j] >= 0.0 else c_n[j]) * sinh(u) * work[f.CHARGE, j]
                q[j] = found if (int(window[j] + 0.5) == KVATINSKY) == (family == f.BARRIER) else q[j]


@kernel(DEAD_ZONE)
def dead_zone(params, lowest, highest, start, stop):
    """Write the voltages [V] between which nothing moves: the thresholds, -+1e30 V where the rate is zero (stuck)."""
    low, high = lowest[start:stop], highest[start:stop]
    k_off, k_on = params[K_OFF, start:stop], params[K_ON, start:stop]
    v_off, v_on = params[V_OFF, start:stop], params[V_ON, start:stop]
    for j in range(stop - start):
        low[j] = -STUCK_DRIVE if k_on[j] == 0.0 else v_on[j]
        high[j] = STUCK_DRIVE if k_off[j] == 0.0 else v_off[j]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python, as published."""
    p, x, v = params, state[0], drive[0]
    code = int(p["window"] + 0.5)
    if not (v > p["v_off"] and x < 1.0) and not (v < p["v_on"] and x > 0.0):
        return [0.0]
    side, behind = ("off", x) if v > 0.0 else ("on", 1.0 - x)
    shape = math.exp(-math.exp(behind / p[f"width_{side}"])) if code == KVATINSKY else slow_window(
        code, x, v > 0.0, p["exponent"], p["height"], p["edge"], 0.0, 1.0, 1.0)
    return [p[f"k_{side}"] * (v / p[f"v_{side}"] - 1.0) ** p[f"alpha_{side}"] * shape]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [di/dv at v = +0] of one device in plain Python."""
    return [params["c_p"] * params["b_p"] / (params["r_on"] + (params["r_off"] - params["r_on"]) * state[0])]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    side = "p" if drive[0] >= 0.0 else "n"
    r = params["r_on"] + (params["r_off"] - params["r_on"]) * state[0]
    return [params[f"c_{side}"] / r * math.sinh(params[f"b_{side}"] * drive[0])]


def slow_dead_zone(params: Mapping[str, float]) -> list[float]:
    """Return [lowest, highest] of one device in plain Python."""
    return [params["v_on"] if params["k_on"] else -STUCK_DRIVE, params["v_off"] if params["k_off"] else STUCK_DRIVE]


MODEL = DeviceModel(
    name="vteam_windowed",
    params=(
        ParamSpec("r_on", "ohm", 4850.0, 1e-3, 1e15, "resistance at x = 0", "R_min"),
        ParamSpec("r_off", "ohm", 6000.0, 1e-3, 1e15, "resistance at x = 1", "R_max"),
        ParamSpec("k_off", "1/s", 3100.0, 0.0, 1e30, "rate towards OFF at twice the threshold", "k_off"),
        ParamSpec("k_on", "1/s", -400.0, -1e30, 0.0, "rate towards ON at twice the threshold", "k_on"),
        ParamSpec("alpha_off", "", 8.69, 0.0, 50.0, "exponent of the overdrive towards OFF", "a_off"),
        ParamSpec("alpha_on", "", 4.65, 0.0, 50.0, "exponent of the overdrive towards ON", "a_on"),
        ParamSpec("v_off", "V", 1.1, 1e-6, 1e3, "threshold of motion towards OFF", "u_off"),
        ParamSpec("v_on", "V", -0.5, -1e3, -1e-6, "threshold of motion towards ON", "u_on"),
        ParamSpec("width_off", "", 0.39, 1e-4, 1e3, "distance over which motion towards OFF dies, window 5", "w_off"),
        ParamSpec("width_on", "", 0.45, 1e-4, 1e3, "distance over which motion towards ON dies, window 5", "w_on"),
        ParamSpec("c_p", "V", 0.24, 1e-9, 1e9, "current scale at positive voltage, times 1 / R", "a_p of i(v)"),
        ParamSpec("c_n", "V", 0.24, 1e-9, 1e9, "current scale at negative voltage, times 1 / R", "a_n of i(v)"),
        ParamSpec("b_p", "1/V", 2.81, 1e-6, 1e3, "curvature of i(v) at positive voltage", "b_p"),
        ParamSpec("b_n", "1/V", 2.81, 1e-6, 1e3, "curvature of i(v) at negative voltage", "b_n"),
        ParamSpec("window", "", 5.0, 0.6, 5.4, "1 Joglekar, 2 Biolek, 3 Prodromakis, 4 Zha, 5 double exponential (rounded)"),
        ParamSpec("exponent", "", 1.0, 0.1, 100.0, "exponent, whole for windows 1 and 2: larger is flatter", "p"),
        ParamSpec("height", "", 1.0, 1e-6, 1e6, "scale of windows 3 and 4", "j"),
        ParamSpec("edge", "", 1e-6, 1e-9, 0.1, "distance to a bound below which windows 1 to 4 stay as they are"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "place in the fitted resistance range: 0 is ON, 1 is OFF"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the resistance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    dead_zone=dead_zone,
    exact_advance=False,
    advance_tolerance=1e-9,
    handles={
        "g_max": Handle(("r_on",), -1.0),
        "g_min": Handle(("r_off",), -1.0),
        "rate": Handle(("k_off", "k_on")),
        "threshold_up": Handle(("v_on",)),
        "threshold_down": Handle(("v_off",)),
    },
    increase_sign=-1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current, "dead_zone": slow_dead_zone},
    reference="10.1109/TCAD.2018.2791468",
    doc="VTEAM with a window (double-exponential, Joglekar, Biolek ...) and sinh current: fits of Messaris 2018.",
)
