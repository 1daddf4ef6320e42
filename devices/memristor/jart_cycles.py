"""JART VCM v1b whose filament differs from cycle to cycle: the law of :mod:`devices.memristor.jart_vcm`, its four numbers walk.

N = n_min_low (n_max_high / n_min_low)^x vacancies in the disc. Each half-cycle, SET or RESET, has bounds n_min, n_max of N and
a goal for radius r and length l of the filament. While N moves, r and l follow it along straight lines,

    r = r_goal + (r_0 - r_goal) (N_max - N) / (N_max - N_0)   (SET),  the same with N - N_min (RESET)               (1)

and reach the goal with the bound. That is dr/dN = (r_goal - r) / (N_max - N): no start of the half-cycle needs to be
remembered, so that pulses of one polarity can be cut or interrupted. When a voltage beyond 20 uV has the polarity that the last
one had not, a half-cycle begins and all four numbers q take one step of a walk within their ranges,

    q -> q (1 + step z), reflected at q_low and q_high                                                             (2)

with one normal number z each. The states hold places in these ranges, 0 at q_low and 1 at q_high. Published are the lines (1),
the redraw at each reversal and the ranges; a walk in small relative steps is the practice of simulators of large arrays, which
draw it per time step or pulse: here once per half-cycle, because a law must not depend on time steps. A reversal that moves
nothing, like that of a read, draws too; a quiet step, whose noise is all zeros, does not.

Both the speed of ln N and the current are those of the tables at the present r and l, to their errors (0.1 % typical, 2 %
worst); along a piece of the motion each node takes its own r and l, so that the integration itself stays below 1e-7.

References
----------
C. Bengel et al., IEEE Trans. Circuits Syst. I 67 (2020), doi:10.1109/TCSI.2020.3018502 (equations 21 to 24, ranges).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devices.memristor.jart_law import (
    STEEP,
    cell_of,
    departures,
    looked_up,
    nodes,
    six,
    stride,
    sum_of_six,
    surface,
    travelled,
    voltage_weights,
)
from devices.memristor.jart_table import LENGTH, RADIUS, Y_STEP
from devices.memristor.jart_vcm import CURRENT_TABLE, LARGEST_V, SPEED_TABLE, slow_lookup
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, expm1, log

(N_MIN_LOW, N_MIN_HIGH, N_MAX_LOW, N_MAX_HIGH, R_LOW, R_HIGH, L_LOW, L_HIGH, STEP_N_MIN, STEP_N_MAX, STEP_R, STEP_L,
 SPEED) = range(13)
X, N_MIN, N_MAX, R_GOAL, L_GOAL, R, L, SIDE = range(8)
REVERSAL = 2e-5  # V, as in the published code
START = math.log(2.0) / math.log(5500.0)  # N = 0.008


@scalar_kernel
def within(place, low, high):
    """Return the number at a place of its range."""
    return low + (high - low) * place


@scalar_kernel
def walked(place, low, high, step, z):
    """Return the place of a number after one step of its walk, (2)."""
    q = within(place, low, high)
    span = high - low
    moved = place + (q * step * z / span if span > 0.0 else 0.0)
    moved = moved - 2.0 * math.floor(0.5 * moved)  # reflection has the period 2
    return min(1.0, max(0.0, 2.0 - moved if moved > 1.0 else moved))


@scalar_kernel
def coordinates(state, params, j):
    """Return ln N, and the first and the width of its range."""
    first = log(params[N_MIN_LOW, j])
    width = log(params[N_MAX_HIGH, j]) - first
    return first + width * state[X, j], first, width


@scalar_kernel
def goal(v, state, params, j):
    """Return the bound of ln N that a voltage moves to, and the direction."""
    low = log(within(state[N_MIN, j], params[N_MIN_LOW, j], params[N_MIN_HIGH, j]))
    high = log(within(state[N_MAX, j], params[N_MAX_LOW, j], params[N_MAX_HIGH, j]))
    return (low if v > 0.0 else high), (-1.0 if v > 0.0 else 1.0)


@scalar_kernel
def size_of(radius, length, params, j):
    """Return radius and length [m] of places in their ranges."""
    return within(radius, params[R_LOW, j], params[R_HIGH, j]), within(length, params[L_LOW, j], params[L_HIGH, j])


@scalar_kernel
def remaining(d, whole, way):
    """Return the part of the line (1) that is left at the distance d of ln N to the bound, of ``whole`` at its start."""
    return expm1(-way * d) / expm1(-way * whole)


@scalar_kernel
def moving_piece(y, bound, way, left, size, offset, weights, whole, start, end, params, j):
    """Move one piece like :func:`devices.memristor.jart_law.piece`, with radius and length on their lines."""
    cell, t = cell_of(y, way)
    speed, conductance = six(SPEED_TABLE, offset, cell, weights), six(CURRENT_TABLE, offset, cell, weights)
    f = remaining(way * (bound - y), whole, way) if way * (bound - y) > 0.0 else 1.0
    area, stretch = departures(*size_of(end[0] + (start[0] - end[0]) * f, end[1] + (start[1] - end[1]) * f, params, j))
    l0, g0 = surface(speed, t, area, stretch), exp(surface(conductance, t, area, stretch))
    moves, d, v0, s0, span = stride(y, bound, way, left, size, t, sum_of_six(speed, area, stretch), l0)
    d1, d2, d3, d4 = nodes(s0, span)
    r1, g1 = at_node(d1, d, t, way, whole, start, end, speed, conductance, params, j)
    r2, g2 = at_node(d2, d, t, way, whole, start, end, speed, conductance, params, j)
    r3, g3 = at_node(d3, d, t, way, whole, start, end, speed, conductance, params, j)
    r4, g4 = at_node(d4, d, t, way, whole, start, end, speed, conductance, params, j)
    slowness = exp(l0 - r1), exp(l0 - r2), exp(l0 - r3), exp(l0 - r4)
    return travelled(y, bound, way, left, moves, v0, s0, span, slowness, (g0, g1, g2, g3, g4))


@scalar_kernel
def at_node(node, d, t, way, whole, start, end, speed, conductance, params, j):
    """Return ln(speed) and I / V at the distance ``node`` of ln N to the bound; the piece starts at d, at t of its cell."""
    f = remaining(node, whole, way)
    area, stretch = departures(*size_of(end[0] + (start[0] - end[0]) * f, end[1] + (start[1] - end[1]) * f, params, j))
    place = t + (d - node) * way / Y_STEP
    return surface(speed, place, area, stretch), exp(surface(conductance, place, area, stretch))


@scalar_kernel
def moved(v, seconds, state, params, j):
    """Return ln N, places of radius and length after ``seconds`` at frozen voltage, integral of I / V, time at rest [s]."""
    y, _, _ = coordinates(state, params, j)
    bound, way = goal(v, state, params, j)
    whole = way * (bound - y)
    start, end = (state[R, j], state[L, j]), (state[R_GOAL, j], state[L_GOAL, j])
    size = abs(v) * params[SPEED, j]
    offset, weights, _ = voltage_weights(v)
    left, charge = seconds, 0.0
    while left > 0.0:
        y, left, passed = moving_piece(y, bound, way, left, size, offset, weights, whole, start, end, params, j)
        charge += passed
    f = remaining(max(0.0, way * (bound - y)), whole, way) if whole > 0.0 else 1.0
    radius, length = end[0] + (start[0] - end[0]) * f, end[1] + (start[1] - end[1]) * f
    return y, radius, length, charge, max(0.0, -left)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt and the motion of radius and length along (1) [1/s]; the other states move at a reversal only."""
    for j in range(start, stop):
        v = drive[0, j]
        y, _, width = coordinates(state, params, j)
        bound, way = goal(v, state, params, j)
        d = way * (bound - y)
        speed, _ = looked_up(SPEED_TABLE, y, v, *size_of(state[R, j], state[L, j], params, j))
        change = min(abs(v), LARGEST_V) * params[SPEED, j] * exp(speed) * -expm1(-STEEP * d) if d > 0.0 else 0.0
        lines = change / (way * expm1(way * d)) if d > 0.0 else 0.0
        for k in range(8):
            out[k, j] = 0.0
        out[X, j] = way * change / width
        out[R, j] = (state[R_GOAL, j] - state[R, j]) * lines
        out[L, j] = (state[L_GOAL, j] - state[L, j]) * lines


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Begin a half-cycle if the polarity is a new one and the step is not quiet, then step over ``duration`` [s]."""
    for j in range(start, stop):
        v, seconds = drive[0, j], duration[j]
        side = 1.0 if v > 0.0 else -1.0
        draws = noise[0, j] != 0.0 or noise[1, j] != 0.0 or noise[2, j] != 0.0 or noise[3, j] != 0.0
        if draws and seconds > 0.0 and abs(v) > REVERSAL and side != state[SIDE, j]:
            state[SIDE, j] = side
            for k in range(4):
                state[N_MIN + k, j] = walked(state[N_MIN + k, j], params[2 * k, j], params[2 * k + 1, j],
                                             params[STEP_N_MIN + k, j], noise[k, j])
        if seconds > 0.0 and v != 0.0 and params[SPEED, j] > 0.0:
            y, radius, length, _, _ = moved(v, seconds, state, params, j)
            _, first, width = coordinates(state, params, j)
            state[X, j] = min(1.0, max(0.0, (y - first) / width))
            state[R, j], state[L, j] = min(1.0, max(0.0, radius)), min(1.0, max(0.0, length))


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage, with the nodes of ``advance``, within the half-cycle that goes on."""
    for j in range(start, stop):
        v = drive[0, j]
        y, radius, length, passed, at_rest = moved(v, duration[j], state, params, j)
        g, _ = looked_up(CURRENT_TABLE, y, v, *size_of(radius, length, params, j))
        out[j] = v * (passed + at_rest * exp(g))


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write di/dv at v = +0 [S]."""
    for j in range(start, stop):
        y, _, _ = coordinates(state, params, j)
        g, _ = looked_up(CURRENT_TABLE, y, 1e-300, *size_of(state[R, j], state[L, j], params, j))
        out[j] = exp(g)


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] and di/dv [S]; at 0 V the slope of the positive side."""
    for j in range(start, stop):
        v = drive[0, j]
        y, _, _ = coordinates(state, params, j)
        g, tilt = looked_up(CURRENT_TABLE, y, v if v != 0.0 else 1e-300, *size_of(state[R, j], state[L, j], params, j))
        current[j] = v * exp(g)
        slope[j] = exp(g) * (1.0 + v * tilt)


def slow_place(state: Sequence[float], p: Mapping[str, float]) -> tuple[float, float, float]:
    """Return ln N, radius [m] and length [m] of one device."""
    first, last = math.log(p["n_min_low"]), math.log(p["n_max_high"])
    return (first + (last - first) * state[X], p["radius_low"] + (p["radius_high"] - p["radius_low"]) * state[R],
            p["length_low"] + (p["length_high"] - p["length_low"]) * state[L])


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return the rates of one device in plain Python."""
    p, v, out = params, drive[0], [0.0] * 8
    y, radius, length = slow_place(state, p)
    n_min = p["n_min_low"] + (p["n_min_high"] - p["n_min_low"]) * state[N_MIN]
    n_max = p["n_max_low"] + (p["n_max_high"] - p["n_max_low"]) * state[N_MAX]
    n = math.exp(y)
    limit, room = (1.0 - (n_min / n) ** 10, n - n_min) if v > 0.0 else (1.0 - (n / n_max) ** 10, n_max - n)
    if room <= 0.0:
        return out
    speed = abs(v) * p["rate_scale"] * math.exp(slow_lookup(SPEED_TABLE, y, v, radius, length)) * limit
    out[X] = math.copysign(speed, -v) / math.log(p["n_max_high"] / p["n_min_low"])
    out[R], out[L] = ((state[k] - state[now]) * n * speed / room for k, now in ((R_GOAL, R), (L_GOAL, L)))
    return out


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    y, radius, length = slow_place(state, params)
    return [drive[0] * math.exp(slow_lookup(CURRENT_TABLE, y, drive[0], radius, length))]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [di/dv at v = +0] of one device in plain Python."""
    return [slow_current(state, [1e-300], params)[0] * 1e300]


MODEL = DeviceModel(
    name="jart_cycles",
    params=(
        ParamSpec("n_min_low", "", 0.004, 0.004, 0.02, "lowest n_min, in 1e26 / m^3: N at x = 0", ""),
        ParamSpec("n_min_high", "", 0.25, 0.02, 0.25, "highest n_min, in 1e26 / m^3", ""),
        ParamSpec("n_max_low", "", 18.0, 10.0, 20.0, "lowest n_max, in 1e26 / m^3", ""),
        ParamSpec("n_max_high", "", 22.0, 20.0, 24.0, "highest n_max, in 1e26 / m^3: N at x = 1", ""),
        ParamSpec("radius_low", "m", 0.9 * RADIUS, 0.9 * RADIUS, RADIUS, "smallest radius of the filament", ""),
        ParamSpec("radius_high", "m", 1.1 * RADIUS, RADIUS, 1.1 * RADIUS, "largest radius of the filament", ""),
        ParamSpec("length_low", "m", 0.9 * LENGTH, 0.9 * LENGTH, LENGTH, "smallest thickness of the disc", ""),
        ParamSpec("length_high", "m", 1.1 * LENGTH, LENGTH, 1.1 * LENGTH, "largest thickness of the disc", ""),
        ParamSpec("step_n_min", "", 0.02, 0.0, 1.0, "relative step of n_min from one half-cycle to the next", ""),
        ParamSpec("step_n_max", "", 0.02, 0.0, 1.0, "relative step of n_max from one half-cycle to the next", ""),
        ParamSpec("step_radius", "", 0.02, 0.0, 1.0, "relative step of the radius from one half-cycle to the next", ""),
        ParamSpec("step_length", "", 0.02, 0.0, 1.0, "relative step of the thickness from one half-cycle to the next", ""),
        ParamSpec("rate_scale", "", 1.0, 0.0, 1e6, "factor of the ionic current; 0 means stuck", ""),
    ),
    states=(
        StateSpec("x", "", 0.0, 1.0, START, "ln(N / n_min_low) / ln(n_max_high / n_min_low): 0 is OFF, 1 is ON"),
        StateSpec("n_min", "", 0.0, 1.0, 4.0 / 246.0, "lower bound of N in this half-cycle, place in its range"),
        StateSpec("n_max", "", 0.0, 1.0, 0.5, "upper bound of N in this half-cycle, place in its range"),
        StateSpec("radius_goal", "", 0.0, 1.0, 0.5, "radius at the end of this half-cycle, place in its range"),
        StateSpec("length_goal", "", 0.0, 1.0, 0.5, "thickness at the end of this half-cycle, place in its range"),
        StateSpec("radius", "", 0.0, 1.0, 0.5, "radius of the filament, place in its range"),
        StateSpec("length", "", 0.0, 1.0, 0.5, "thickness of the disc, place in its range"),
        StateSpec("side", "", -1.0, 1.0, 0.0, "polarity of this half-cycle: 1 RESET, -1 SET, 0 none yet"),
    ),
    drives=(SignalSpec("v", "V", "voltage, active electrode against ohmic electrode; negative raises the conductance"),),
    noises=("n_min", "n_max", "radius", "length"),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    exact_advance=False,
    advance_tolerance=1e-7,
    handles={"rate": Handle(("rate_scale",))},
    increase_sign=-1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    contains=("temperature", "self_heating"),
    reference="10.1109/TCSI.2020.3018502",
    doc="JART VCM v1b with a filament that differs from cycle to cycle: radius, length and bounds walk at each reversal.",
)
