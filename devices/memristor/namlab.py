"""Analog niobium-oxide memristor of NaMLab (Al2O3 / Nb2O5): power-driven state between two soft walls.

State x between the walls x_on and x_off (0.1 and 0.284), which it can enter by a few 1 / w. With s = sign(v):

    G = A_r x exp(B_r s sqrt(|v| / x)) + A_s x exp(-B_s s sqrt(|v|)),   i = G v                             (1)
    dx/dt = c_1 (exp(P) - exp(Q)),   P =  c_2 x v G - exp(w (x - x_off)),
                                     Q = -c_3 x v G - exp(-w (x - x_on))                                     (2)

The speed is exponential in x i; a negative voltage erases. P and Q are kept below 60, a speed of 3e22 / s
that no device reaches. Where they are near each other, (2) is exp(Q) expm1(P - Q). x runs towards the root of (2) and
never past it; between the walls at 0 V it stands still to 1e-40.

At frozen voltage the time is the integral of dx over (2). ``advance`` and ``charge`` integrate it in panels over which
log(dx/dt) changes little, Gauss-Legendre with four nodes, and invert it by Newton steps: error about 1e-10 for any
duration, one device at a time. At a bound of x, 0.01 outside the walls, only outward motion stops.

``conductance`` is G at v = 0 and rises with x. It holds for a few 10 mV only: above 4 x / B_r^2, 80 mV at x = 0.15, the
current at a positive voltage *falls* with x, so that x_on names the conducting end. Read such a device with ``current``.

References
----------
R. Schroedter et al., Proc. MOCAST 2022, doi:10.1109/MOCAST54814.2022.9837726 (law, SPICE file).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devices.memristor.flow import ARRIVED, NODES, PANEL, WEIGHTS
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, expm1

A_R, A_S, B_R, B_S, C_1, C_2, C_3, W, X_ON, X_OFF = range(10)
LOWEST, HIGHEST = 0.09, 0.294  # bounds of x
LARGEST = 600.0                # exponents of (1) stay below: currents are finite at any voltage
FASTEST = 60.0                 # P and Q stay below: no speed above c_1 exp(60), 3e22 / s
MAX_PANELS = 5000
EQUAL = 1.0                    # |P - Q| below which the difference of exponentials is an expm1


@scalar_kernel
def clipped(u):
    """Return u within the exponents that stay finite."""
    u = LARGEST if u > LARGEST else u
    return -LARGEST if u < -LARGEST else u


@scalar_kernel
def roots(x, v, b_r, b_s):
    """Return the two exponents of (1)."""
    sign = 1.0 if v >= 0.0 else -1.0
    return clipped(sign * b_r * math.sqrt(abs(v) / x)), clipped(-sign * b_s * math.sqrt(abs(v)))


@scalar_kernel
def speed(x, v, a_r, a_s, b_r, b_s, c_1, c_2, c_3, w, x_on, x_off):
    """Return (dx/dt [1/s] of (2), its logarithmic slope in x, G [S])."""
    rising, falling = roots(x, v, b_r, b_s)
    tunnel, junction = a_r * exp(rising), a_s * exp(falling)
    g = x * (tunnel + junction)
    power = x * g * v
    slope = v * x * (tunnel * (2.0 - 0.5 * rising) + 2.0 * junction)
    off, on = exp(clipped(w * (x - x_off))), exp(clipped(-w * (x - x_on)))
    p, q = clipped(c_2 * power - off), clipped(-c_3 * power - on)
    p_slope = c_2 * slope - w * off if p < FASTEST else 0.0
    q_slope = -c_3 * slope + w * on if q < FASTEST else 0.0
    p, q = min(p, FASTEST), min(q, FASTEST)
    up, down = exp(p), exp(q)
    found = c_1 * (down * expm1(p - q) if abs(p - q) < EQUAL else up - down)
    bend = c_1 * (up * p_slope - down * q_slope)
    return found, bend / (found if found != 0.0 else 1.0), g


@scalar_kernel
def travel(x, v, time, a_r, a_s, b_r, b_s, c_1, c_2, c_3, w, x_on, x_off):
    """Return (state after ``time`` [s], integral of G dt)."""
    left, total = time, 0.0
    for _ in range(MAX_PANELS):
        pace, steep, g = speed(x, v, a_r, a_s, b_r, b_s, c_1, c_2, c_3, w, x_on, x_off)
        # Far from a wall a panel may be as long as the distance to it, inside the wall 1 / w.
        walls = 1.0 / (1.0 / w + max(x_off - x, 0.0)) + 1.0 / (1.0 / w + max(x - x_on, 0.0))
        longest = PANEL / (abs(steep) + walls)
        step = min(max(left * pace, -longest), longest)
        end = min(max(x + step, LOWEST), HIGHEST)
        width, spent, gain = end - x, 0.0, 0.0
        if width == 0.0 or left == 0.0:
            break
        for k in range(4):
            at_node, _, g = speed(x + NODES[k] * width, v, a_r, a_s, b_r, b_s, c_1, c_2, c_3, w, x_on, x_off)
            spent += WEIGHTS[k] / at_node
            gain += WEIGHTS[k] * g / at_node
        if not abs(spent) < math.inf or spent * pace <= 0.0:
            break  # at the root of (2), to rounding
        left -= width * spent
        total += width * gain
        x = end
        if abs(left) <= ARRIVED * time:
            break
    _, _, g = speed(x, v, a_r, a_s, b_r, b_s, c_1, c_2, c_3, w, x_on, x_off)
    return x, total + g * left


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (2), zero where the state is at a bound and pushed outwards."""
    for j in range(start, stop):
        x = state[0, j]
        found, _, _ = speed(x, drive[0, j], params[A_R, j], params[A_S, j], params[B_R, j], params[B_S, j], params[C_1, j],
                            params[C_2, j], params[C_3, j], params[W, j], params[X_ON, j], params[X_OFF, j])
        outward = (x >= HIGHEST and found > 0.0) or (x <= LOWEST and found < 0.0)
        out[0, j] = 0.0 if outward else found


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage."""
    for j in range(start, stop):
        state[0, j], _ = travel(state[0, j], drive[0, j], duration[j], params[A_R, j], params[A_S, j], params[B_R, j],
                                params[B_S, j], params[C_1, j], params[C_2, j], params[C_3, j], params[W, j],
                                params[X_ON, j], params[X_OFF, j])


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G at v = 0, (A_r + A_s) x [S]."""
    x, g, a_r, a_s = state[0, start:stop], out[start:stop], params[A_R, start:stop], params[A_S, start:stop]
    for j in range(stop - start):
        g[j] = (a_r[j] + a_s[j]) * x[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = G v [A] and di/dv [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    a_r, a_s, b_r, b_s = (params[A_R, start:stop], params[A_S, start:stop], params[B_R, start:stop],
                          params[B_S, start:stop])
    for j in range(stop - start):
        rising, falling = roots(x[j], v[j], b_r[j], b_s[j])
        tunnel, junction = a_r[j] * x[j] * exp(rising), a_s[j] * x[j] * exp(falling)
        i[j] = v[j] * (tunnel + junction)
        g[j] = tunnel * (1.0 + 0.5 * rising) + junction * (1.0 + 0.5 * falling)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage."""
    for j in range(start, stop):
        _, held = travel(state[0, j], drive[0, j], duration[j], params[A_R, j], params[A_S, j], params[B_R, j],
                         params[B_S, j], params[C_1, j], params[C_2, j], params[C_3, j], params[W, j], params[X_ON, j],
                         params[X_OFF, j])
        out[j] = drive[0, j] * held


def slow_conductance_at(x: float, v: float, p: Mapping[str, float]) -> float:
    """Return G(x, v) [S] of (1) for one device."""
    sign = math.copysign(1.0, v)
    return (p["a_r"] * x * math.exp(p["b_r"] * sign * math.sqrt(abs(v) / x))
            + p["a_s"] * x * math.exp(-p["b_s"] * sign * math.sqrt(abs(v))))


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python, as published."""
    p, x, v = params, state[0], drive[0]
    power = x * v * slow_conductance_at(x, v, p)
    up = math.exp(max(-700.0, p["c_2"] * power - math.exp(min(700.0, p["w"] * (x - p["x_off"])))))
    down = math.exp(max(-700.0, -p["c_3"] * power - math.exp(min(700.0, -p["w"] * (x - p["x_on"])))))
    found = p["c_1"] * (up - down)
    outward = (x >= HIGHEST and found > 0.0) or (x <= LOWEST and found < 0.0)
    return [0.0 if outward else found]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G at v = 0] of one device in plain Python."""
    return [slow_conductance_at(state[0], 0.0, params)]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance_at(state[0], drive[0], params)]


MODEL = DeviceModel(
    name="namlab",
    params=(
        ParamSpec("a_r", "S", 4.7447e-8, 0.0, 1e3, "conductance of the rising branch over x", "A_r"),
        ParamSpec("a_s", "S", 1.1253e-8, 0.0, 1e3, "conductance of the junction over x", "A_s"),
        ParamSpec("b_r", "1/V**0.5", 2.6831, 0.0, 1e3, "growth of the rising branch", "B_r"),
        ParamSpec("b_s", "1/V**0.5", 9.3348, 0.0, 1e3, "growth of the junction at negative voltage", "B_s"),
        ParamSpec("c_1", "1/s", 2.9457e-4, 0.0, 1e30, "scale of the speed", "c_1"),
        ParamSpec("c_2", "1/A", 57414.0, 0.0, 1e15, "growth of the speed upwards with x i", "c_2"),
        ParamSpec("c_3", "1/A", 11103.0, 0.0, 1e15, "growth of the speed downwards with -x i", "c_3"),
        ParamSpec("w", "", 1000.0, 10.0, 1e6, "steepness of the walls", "w_c"),
        ParamSpec("x_on", "", 0.1, 0.0, 1.0, "lower wall", "x_on"),
        ParamSpec("x_off", "", 0.284, 0.0, 1.0, "upper wall", "x_off"),
    ),
    states=(StateSpec("x", "", LOWEST, HIGHEST, 0.15, "state of the oxide; G at 0 V rises with it, above 0.1 V it falls"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises x"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    exact_advance=False,
    advance_tolerance=1e-8,
    handles={"rate": Handle(("c_1",))},
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.1109/MOCAST54814.2022.9837726",
    doc="Analog niobium-oxide memristor: field-dependent conduction, speed exponential in the current, soft walls.",
)
