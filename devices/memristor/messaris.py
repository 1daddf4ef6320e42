"""Data-driven oxide memristor of Messaris: fitted rates with a voltage-dependent end point, and an exact solution.

State x in [0, 1] with R = r_min + (r_max - r_min) x; x = 1 is OFF (high resistance). A positive voltage raises R
towards r_p(v), a negative one lowers it towards r_n(v):

    dR/dt = a_p (exp(t_p |v|) - 1) (exp(k_p (r_p(v) - R)) - 1)   for v > 0 and R < r_p(v)
    dR/dt = a_n (exp(t_n |v|) - 1) (exp(k_n (R - r_n(v))) - 1)   for v < 0 and R > r_n(v)  (a_n < 0)   (1)
    r_p(v) = r_p0 + r_p1 v + r_p2 v^2, the same for r_n with the sign of v kept;   dR/dt = 0 else
    i = (c_p / R) sinh(b_p v) for v >= 0, (c_n / R) sinh(b_n v) for v < 0                               (2)

The paper's eta = -1 devices (positive voltage lowers R) are the same law with the terminals exchanged; their cards say
so.

At frozen voltage let u be the distance to the end point, S = |a| (exp(t |v|) - 1). Then 1 - exp(-k u) decays with rate
k S, and the step itself is

    |R_1 - R_0| = log1p((1 - exp(-k S t)) (exp(k u_0) - 1)) / k                                            (3)

which neither overflows nor cancels for k u_0 below 700. R is clipped to [r_min, r_max]; the motion is monotonic, so the
clipped end point is the exact motion. There is no threshold: reads move the state. ``conductance`` is di/dv at v = +0.

References
----------
I. Messaris et al., IEEE Trans. CAD (2018), doi:10.1109/TCAD.2018.2791468 (law, fits, closed solution).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devices.memristor.short_exp import decayed
from devices.memristor.short_log import grown, log_grown
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import expm1

R_MIN, R_MAX, A_P, A_N, T_P, T_N, K_P, K_N, RP_0, RP_1, RP_2, RN_0, RN_1, RN_2, C_P, C_N, B_P, B_N = range(18)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s]: (1) over r_max - r_min, zero at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    r_min, r_max = params[R_MIN, start:stop], params[R_MAX, start:stop]
    a_p, a_n, t_p = params[A_P, start:stop], params[A_N, start:stop], params[T_P, start:stop]
    t_n, k_p, k_n = params[T_N, start:stop], params[K_P, start:stop], params[K_N, start:stop]
    rp_0, rp_1, rp_2 = params[RP_0, start:stop], params[RP_1, start:stop], params[RP_2, start:stop]
    rn_0, rn_1, rn_2 = params[RN_0, start:stop], params[RN_1, start:stop], params[RN_2, start:stop]
    for j in range(stop - start):
        up, u = v[j] > 0.0, v[j]
        r = r_min[j] + (r_max[j] - r_min[j]) * x[j]
        end_p, end_n = rp_0[j] + (rp_1[j] + rp_2[j] * u) * u, rn_0[j] + (rn_1[j] + rn_2[j] * u) * u
        k_up, k_down, t_up, t_down, a_up, a_down = k_p[j], k_n[j], t_p[j], t_n[j], a_p[j], a_n[j]
        end = end_p if up else end_n
        left = end - r if up else r - end
        moved = left > 0.0
        pull = (k_up if up else k_down) * (left if moved else 0.0)
        speed = (a_up if up else a_down) * expm1((t_up if up else t_down) * abs(u)) * expm1(pull)
        outward = (x[j] >= 1.0 and speed > 0.0) or (x[j] <= 0.0 and speed < 0.0)
        dx[j] = 0.0 if outward or not moved else speed / (r_max[j] - r_min[j])


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage with (3): exact for any duration."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    r_min, r_max = params[R_MIN, start:stop], params[R_MAX, start:stop]
    a_p, a_n, t_p = params[A_P, start:stop], params[A_N, start:stop], params[T_P, start:stop]
    t_n, k_p, k_n = params[T_N, start:stop], params[K_P, start:stop], params[K_N, start:stop]
    rp_0, rp_1, rp_2 = params[RP_0, start:stop], params[RP_1, start:stop], params[RP_2, start:stop]
    rn_0, rn_1, rn_2 = params[RN_0, start:stop], params[RN_1, start:stop], params[RN_2, start:stop]
    for j in range(stop - start):
        up, u, span = v[j] > 0.0, v[j], r_max[j] - r_min[j]
        r = r_min[j] + span * x[j]
        end_p, end_n = rp_0[j] + (rp_1[j] + rp_2[j] * u) * u, rn_0[j] + (rn_1[j] + rn_2[j] * u) * u
        k_up, k_down, t_up, t_down, a_up, a_down = k_p[j], k_n[j], t_p[j], t_n[j], a_p[j], a_n[j]
        end = end_p if up else end_n
        left = end - r if up else r - end
        moved = left > 0.0
        k = k_up if up else k_down
        decay = k * abs(a_up if up else a_down) * grown((t_up if up else t_down) * abs(u)) * dt[j]
        step = log_grown(decayed(decay) * grown(k * (left if moved else 0.0))) / (k * span)
        y = x[j] + step if up else x[j] - step
        y = 1.0 if y > 1.0 else y
        y = 0.0 if y < 0.0 else y
        x[j] = y if moved and decay > 0.0 else x[j]


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write di/dv at v = +0, c_p b_p / R [S]."""
    x, g = state[0, start:stop], out[start:stop]
    r_min, r_max = params[R_MIN, start:stop], params[R_MAX, start:stop]
    c_p, b_p = params[C_P, start:stop], params[B_P, start:stop]
    for j in range(stop - start):
        g[j] = c_p[j] * b_p[j] / (r_min[j] + (r_max[j] - r_min[j]) * x[j])


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] of (2) and di/dv [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    r_min, r_max = params[R_MIN, start:stop], params[R_MAX, start:stop]
    c_p, c_n = params[C_P, start:stop], params[C_N, start:stop]
    b_p, b_n = params[B_P, start:stop], params[B_N, start:stop]
    for j in range(stop - start):
        b = b_p[j] if v[j] >= 0.0 else b_n[j]
        scale = (c_p[j] if v[j] >= 0.0 else c_n[j]) / (r_min[j] + (r_max[j] - r_min[j]) * x[j])
        rise, fall = expm1(b * v[j]), expm1(-b * v[j])
        i[j] = 0.5 * scale * (rise - fall)
        g[j] = 0.5 * scale * b * (rise + fall + 2.0)


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    x, v, p = state[0], drive[0], params
    r = p["r_min"] + (p["r_max"] - p["r_min"]) * x
    speed = 0.0
    if v > 0.0:
        r_p = p["r_p0"] + p["r_p1"] * v + p["r_p2"] * v**2
        if r < r_p:
            speed = p["a_p"] * (math.exp(p["t_p"] * abs(v)) - 1.0) * (math.exp(p["k_p"] * (r_p - r)) - 1.0)
    elif v < 0.0:
        r_n = p["r_n0"] + p["r_n1"] * v + p["r_n2"] * v**2
        if r > r_n:
            speed = p["a_n"] * (math.exp(p["t_n"] * abs(v)) - 1.0) * (math.exp(p["k_n"] * (r - r_n)) - 1.0)
    outward = (x >= 1.0 and speed > 0.0) or (x <= 0.0 and speed < 0.0)
    return [0.0 if outward else speed / (p["r_max"] - p["r_min"])]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [di/dv at v = +0] of one device in plain Python."""
    return [params["c_p"] * params["b_p"] / (params["r_min"] + (params["r_max"] - params["r_min"]) * state[0])]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    side = "p" if drive[0] >= 0.0 else "n"
    r = params["r_min"] + (params["r_max"] - params["r_min"]) * state[0]
    return [params[f"c_{side}"] / r * math.sinh(params[f"b_{side}"] * drive[0])]


MODEL = DeviceModel(
    name="messaris",
    params=(
        ParamSpec("r_min", "ohm", 1e4, 1e-3, 1e15, "resistance at x = 0, end of the fitted range", "R_min"),
        ParamSpec("r_max", "ohm", 1.7e4, 1e-3, 1e15, "resistance at x = 1, end of the fitted range", "R_max"),
        ParamSpec("a_p", "ohm/s", 743.47, 0.0, 1e30, "speed at positive voltage", "A_p"),
        ParamSpec("a_n", "ohm/s", -6.80e4, -1e30, 0.0, "speed at negative voltage", "A_n"),
        ParamSpec("t_p", "1/V", 6.51, 1e-6, 1e3, "growth of the speed with positive voltage", "t_p"),
        ParamSpec("t_n", "1/V", 0.31, 1e-6, 1e3, "growth of the speed with negative voltage", "t_n"),
        ParamSpec("k_p", "1/ohm", 5.11e-4, 1e-15, 1e3, "growth of the speed with the distance to r_p", "k_p"),
        ParamSpec("k_n", "1/ohm", 1.17e-3, 1e-15, 1e3, "growth of the speed with the distance to r_n", "k_n"),
        ParamSpec("r_p0", "ohm", 1.671e4, -1e15, 1e15, "end point at positive voltage, constant", "r_p0"),
        ParamSpec("r_p1", "ohm/V", 0.0, -1e15, 1e15, "end point at positive voltage, linear", "r_p1"),
        ParamSpec("r_p2", "ohm/V**2", 0.0, -1e15, 1e15, "end point at positive voltage, quadratic", "r_p2"),
        ParamSpec("r_n0", "ohm", 2.930e4, -1e15, 1e15, "end point at negative voltage, constant", "r_n0"),
        ParamSpec("r_n1", "ohm/V", 2.369e4, -1e15, 1e15, "end point at negative voltage, linear", "r_n1"),
        ParamSpec("r_n2", "ohm/V**2", 0.0, -1e15, 1e15, "end point at negative voltage, quadratic", "r_n2"),
        ParamSpec("c_p", "V", 0.24, 1e-9, 1e9, "current scale at positive voltage, times 1 / R", "a_p of i(v)"),
        ParamSpec("c_n", "V", 0.24, 1e-9, 1e9, "current scale at negative voltage, times 1 / R", "a_n of i(v)"),
        ParamSpec("b_p", "1/V", 2.81, 1e-6, 1e3, "curvature of i(v) at positive voltage", "b_p"),
        ParamSpec("b_n", "1/V", 2.81, 1e-6, 1e3, "curvature of i(v) at negative voltage", "b_n"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "place in the fitted resistance range: 0 is r_min, 1 is r_max"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the resistance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    handles={
        "g_max": Handle(("r_min",), -1.0),
        "g_min": Handle(("r_max",), -1.0),
        "rate": Handle(("a_p", "a_n")),
    },
    increase_sign=-1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.1109/TCAD.2018.2791468",
    doc="Fitted oxide memristor with voltage-dependent end point and exact step; no threshold.",
)
