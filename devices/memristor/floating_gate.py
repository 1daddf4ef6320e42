"""Floating gate (flash): charge that tunnels through an oxide, by the law of Fowler and Nordheim.

State x in [0, 1], the place of the threshold voltage of the transistor: V_t = v_t_low + (v_t_high - v_t_low) x; x = 0 is erased
and conducts best. The gate voltage v and the stored charge drop over the oxide, where c is the coupling:

    E = c (v - (V_t - v_t_zero)) / thickness                                                                  (1)
    dV_t/dt = a E^2 exp(-b / |E|) sign(E) thickness / c                                                        (2)
    G = g_max - (g_max - g_min) x                                                                             (3)

v_t_zero is the threshold voltage without stored charge. The field obeys dE/dt = -a E^2 exp(-b / E), so that exp(b / E) grows
linearly: with u = b / |E|

    u(t) = u_0 + ln(1 + a b t exp(-u_0))                                                                       (4)

exactly: programming and loss of charge are straight lines in the logarithm of time. V_t is cut at the ends of its range.

Three terminals in one voltage: beyond +-v_gate it is the voltage of the gate and i = g_gate v stands for its drivers; within,
the gate is at 0 V, the stored charge alone drives (2), so that retention is the same law, and i = G v reads the channel.
Leaks through a damaged oxide, trapping (the storage of SONOS) and the tunnel current itself are left out. The charge of a read
integrates over the logarithm of time by Gauss-Legendre panels, to 1e-9.

References
----------
M. Lenzlinger, E. H. Snow, J. Appl. Phys. 40, 278 (1969), doi:10.1063/1.1657043 (tunnelling into SiO2, a and b).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, expm1, log1p

G_MIN, G_MAX, G_GATE, V_GATE, V_LOW, V_HIGH, V_ZERO, COUPLING, THICKNESS, SCALE, SLOPE = range(11)
WEAKEST = 1e3  # V/m: below it nothing tunnels, b / E would overflow
LONGEST, FORGOTTEN = 700.0, 25.0  # e-foldings of time: largest that stays finite, and those that carry the charge
NODE_1, NODE_2, NODE_3, NODE_4 = 0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363
WEIGHT_1, WEIGHT_2, WEIGHT_3, WEIGHT_4 = 0.362683783378362, 0.31370664587788727, 0.22238103445337448, 0.10122853629037626


@scalar_kernel
def oxide(x, v, v_gate, v_low, v_high, v_zero, coupling, thickness):
    """Return the magnitude [V/m] and the sign of the field of (1), and d(x)/dE [m/V]."""
    gate = v if abs(v) > v_gate else 0.0
    field = coupling * (gate - (v_low + (v_high - v_low) * x - v_zero)) / thickness
    size = abs(field)
    return (size if size > WEAKEST else WEAKEST), (1.0 if field > 0.0 else -1.0), thickness / (coupling * (v_high - v_low))


@scalar_kernel
def bounded(x):
    """Return x within [0, 1]."""
    x = 1.0 if x > 1.0 else x
    return 0.0 if x < 0.0 else x


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (2), zero at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    v_gate, v_low, v_high = params[V_GATE, start:stop], params[V_LOW, start:stop], params[V_HIGH, start:stop]
    zero, coupling, thickness = params[V_ZERO, start:stop], params[COUPLING, start:stop], params[THICKNESS, start:stop]
    scale, slope = params[SCALE, start:stop], params[SLOPE, start:stop]
    for j in range(stop - start):
        field, sign, gain = oxide(x[j], v[j], v_gate[j], v_low[j], v_high[j], zero[j], coupling[j], thickness[j])
        f = sign * gain * scale[j] * field * field * exp(-slope[j] / field)
        outward = (x[j] >= 1.0 and f > 0.0) or (x[j] <= 0.0 and f < 0.0)
        dx[j] = 0.0 if outward else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage with (4): exact for any duration."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    v_gate, v_low, v_high = params[V_GATE, start:stop], params[V_LOW, start:stop], params[V_HIGH, start:stop]
    zero, coupling, thickness = params[V_ZERO, start:stop], params[COUPLING, start:stop], params[THICKNESS, start:stop]
    scale, slope = params[SCALE, start:stop], params[SLOPE, start:stop]
    for j in range(stop - start):
        field, sign, gain = oxide(x[j], v[j], v_gate[j], v_low[j], v_high[j], zero[j], coupling[j], thickness[j])
        u = slope[j] / field
        grown = log1p(scale[j] * slope[j] * dt[j] * exp(-u))
        grown = grown if grown < LONGEST else LONGEST
        x[j] = bounded(x[j] + sign * gain * field * (grown / (u + grown)))


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write the channel conductance G [S] of (3)."""
    x, g, g_min, g_max = state[0, start:stop], out[start:stop], params[G_MIN, start:stop], params[G_MAX, start:stop]
    for j in range(stop - start):
        g[j] = g_max[j] - (g_max[j] - g_min[j]) * x[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] and di/dv [S]: the channel within +-v_gate, the gate drivers beyond."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    g_gate, v_gate = params[G_GATE, start:stop], params[V_GATE, start:stop]
    for j in range(stop - start):
        g[j] = g_gate[j] if abs(v[j]) > v_gate[j] else g_max[j] - (g_max[j] - g_min[j]) * x[j]
        i[j] = v[j] * g[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage, to 1e-9."""
    x, v, dt, q = state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    g_min, g_max, g_gate = params[G_MIN, start:stop], params[G_MAX, start:stop], params[G_GATE, start:stop]
    v_gate, v_low, v_high = params[V_GATE, start:stop], params[V_LOW, start:stop], params[V_HIGH, start:stop]
    zero, coupling, thickness = params[V_ZERO, start:stop], params[COUPLING, start:stop], params[THICKNESS, start:stop]
    scale, slope = params[SCALE, start:stop], params[SLOPE, start:stop]
    for j in range(stop - start):
        field, sign, gain = oxide(x[j], 0.0, v_gate[j], v_low[j], v_high[j], zero[j], coupling[j], thickness[j])
        u = slope[j] / field
        span = min(LONGEST, log1p(scale[j] * slope[j] * dt[j] * exp(-u)))
        mean = x[j]
        if span > 1e-10 and abs(v[j]) <= v_gate[j]:
            width = span if span < FORGOTTEN else FORGOTTEN
            panels = int(width) + 1
            half, total = 0.5 * width / panels, 0.0
            for k in range(panels):
                back = -(2 * k + 1) * half
                for node, weight in ((NODE_1, WEIGHT_1), (NODE_2, WEIGHT_2), (NODE_3, WEIGHT_3), (NODE_4, WEIGHT_4)):
                    for y in (back - half * node, back + half * node):
                        grown = span + y
                        total += weight * exp(y) * bounded(x[j] + sign * gain * field * (grown / (u + grown)))
            mean = total * half / -expm1(-span)
        g = g_gate[j] if abs(v[j]) > v_gate[j] else g_max[j] - (g_max[j] - g_min[j]) * mean
        q[j] = v[j] * dt[j] * g


def slow_field(x: float, v: float, p: Mapping[str, float]) -> float:
    """Return the signed field [V/m] of (1) for one device."""
    gate = v if abs(v) > p["v_gate"] else 0.0
    stored = p["v_t_low"] * (1.0 - x) + p["v_t_high"] * x - p["v_t_zero"]
    return p["coupling"] * (gate - stored) / p["thickness"]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    x, p = state[0], params
    field = slow_field(x, drive[0], p)
    if abs(field) < WEAKEST:
        return [0.0]
    f = math.copysign(p["scale"] * field**2 * math.exp(-p["slope"] / abs(field)), field)
    f *= p["thickness"] / p["coupling"] / (p["v_t_high"] - p["v_t_low"])
    return [0.0 if (x >= 1.0 and f > 0.0) or (x <= 0.0 and f < 0.0) else f]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [params["g_max"] * (1.0 - state[0]) + params["g_min"] * state[0]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * (params["g_gate"] if abs(drive[0]) > params["v_gate"] else slow_conductance(state, params)[0])]


def field_of_twelve_volt(p: Mapping[str, float]) -> float:
    """Return the oxide field [V/m] at a gate voltage of 12 V without stored charge."""
    return p["coupling"] * 12.0 / p["thickness"]


MODEL = DeviceModel(
    name="floating_gate",
    params=(
        ParamSpec("g_min", "S", 1e-8, 0.0, 1e3, "channel conductance at x = 1, programmed", "G_min"),
        ParamSpec("g_max", "S", 1e-5, 1e-15, 1e3, "channel conductance at x = 0, erased", "G_max"),
        ParamSpec("g_gate", "S", 1e-12, 0.0, 1e3, "conductance that stands for the gate drivers", "G_g"),
        ParamSpec("v_gate", "V", 3.0, 1e-6, 1e3, "beyond +- this the voltage is that of the gate", "V_g"),
        ParamSpec("v_t_low", "V", -2.0, -1e3, 1e3, "threshold voltage at x = 0", "V_low"),
        ParamSpec("v_t_high", "V", 2.0, -1e3, 1e3, "threshold voltage at x = 1", "V_high"),
        ParamSpec("v_t_zero", "V", 0.0, -1e3, 1e3, "threshold voltage without stored charge", "V_0"),
        ParamSpec("coupling", "", 0.6, 1e-3, 1.0, "part of the gate voltage that drops over the tunnel oxide", "c"),
        ParamSpec("thickness", "m", 8e-9, 1e-10, 1e-6, "thickness of the tunnel oxide", "d"),
        ParamSpec("scale", "m/V/s", 3.3e4, 0.0, 1e15, "tunnel current over field squared and permittivity", "a"),
        ParamSpec("slope", "V/m", 2.5e10, 1e6, 1e13, "slope of the tunnel law", "b"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "place of the threshold voltage: 0 erased, 1 programmed"),),
    drives=(SignalSpec("v", "V", "gate voltage beyond +-v_gate (positive lowers the conductance), read voltage within"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    handles={"g_max": Handle(("g_max",)), "g_min": Handle(("g_min",)), "rate": Handle(("scale",))},
    increase_sign=-1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.1063/1.1657043",
    doc="Floating gate (flash): Fowler-Nordheim tunnelling, exact logarithm of time for programming, erasing and retention.",
)
