"""Linear ion drift: the first model of the HP memristor, kept as an oracle with closed solutions.

State x = w / D in [0, 1], the doped fraction; x = 1 is ON (low resistance).

    dx/dt = i / Q_D,   Q_D = D^2 / (mu r_on),   i = v / M,   M = r_on x + r_off (1 - x)                 (1)

One-sided window: at a bound only outward motion stops. A positive voltage lowers the resistance.

At frozen voltage M^2 is linear in the flux v t, so with M_0, M_1 before and after

    M_1^2 = M_0^2 - 2 (r_off - r_on) v t / Q_D,
    x_1 - x_0 = 2 v t / (Q_D (M_0 + M_1)),   q = 2 v t / (M_0 + M_1)                                    (2)

The forms of the second line do not cancel for short times. Physically poor: no threshold, it moves at any voltage,
symmetric. Its value is (2), against which solvers and circuits are checked.

References
----------
D. B. Strukov et al., Nature 453, 80 (2008), doi:10.1038/nature06932 (the model).
Z. Biolek, D. Biolek, V. Biolkova, Radioengineering 18, 210 (2009) (the usual parameter set).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE

R_ON, R_OFF, THICKNESS, MOBILITY = range(4)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero where the state is at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    thickness, mobility = params[THICKNESS, start:stop], params[MOBILITY, start:stop]
    for j in range(stop - start):
        m = r_off[j] + (r_on[j] - r_off[j]) * x[j]
        f = mobility[j] * r_on[j] / (thickness[j] * thickness[j]) * v[j] / m
        outward = (x[j] >= 1.0 and f > 0.0) or (x[j] <= 0.0 and f < 0.0)
        dx[j] = 0.0 if outward else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage with the flux form (2): exact for any duration."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    thickness, mobility = params[THICKNESS, start:stop], params[MOBILITY, start:stop]
    for j in range(stop - start):
        flux = mobility[j] * r_on[j] / (thickness[j] * thickness[j]) * v[j] * dt[j]
        low, high = r_on[j], r_off[j]
        m_0 = high + (low - high) * x[j]
        bound = 1.0 if flux > 0.0 else 0.0
        m_bound = low if flux > 0.0 else high
        hits = abs(flux) >= 0.5 * abs(bound - x[j]) * (m_0 + m_bound)
        square = m_0 * m_0 - 2.0 * (r_off[j] - r_on[j]) * flux
        y = x[j] + 2.0 * flux / (m_0 + math.sqrt(square if square > 0.0 else 0.0))
        y = bound if hits else y
        y = 1.0 if y > 1.0 else y
        y = 0.0 if y < 0.0 else y
        x[j] = x[j] if flux == 0.0 else y


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
    """Write the integral of i dt [C] at frozen voltage: (2) up to the bound, Ohm's law after it."""
    x, v, dt, q = state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    thickness, mobility = params[THICKNESS, start:stop], params[MOBILITY, start:stop]
    for j in range(stop - start):
        flux = mobility[j] * r_on[j] / (thickness[j] * thickness[j]) * v[j] * dt[j]
        low, high = r_on[j], r_off[j]
        m_0 = high + (low - high) * x[j]
        bound = 1.0 if flux > 0.0 else 0.0
        m_bound = low if flux > 0.0 else high
        to_bound = 0.5 * abs(bound - x[j]) * (m_0 + m_bound)
        hits = abs(flux) > to_bound
        square = m_0 * m_0 - 2.0 * (r_off[j] - r_on[j]) * flux
        m_1 = m_bound if hits else math.sqrt(square if square > 0.0 else 0.0)
        share = to_bound / abs(flux) if hits else 1.0
        q[j] = v[j] * dt[j] * (share * 2.0 / (m_0 + m_1) + (1.0 - share) / m_1)


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    x = state[0]
    charge_scale = params["thickness"] ** 2 / params["mobility"] / params["r_on"]
    f = drive[0] / (params["r_on"] * x + params["r_off"] * (1.0 - x)) / charge_scale
    return [0.0 if (x >= 1.0 and f > 0.0) or (x <= 0.0 and f < 0.0) else f]


def slow_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                 duration: float) -> list[float]:
    """Return [x] of one device after ``duration``: M(flux) solved for x, in plain Python."""
    r_on, r_off, x = params["r_on"], params["r_off"], state[0]
    m_0 = r_on * x + r_off * (1.0 - x)
    square = m_0**2 - 2.0 * (r_off - r_on) * params["mobility"] * r_on / params["thickness"] ** 2 * drive[0] * duration
    m_1 = min(r_off, max(r_on, math.sqrt(max(0.0, square))))
    return [(r_off - m_1) / (r_off - r_on)]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [1.0 / (params["r_on"] * state[0] + params["r_off"] * (1.0 - state[0]))]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


MODEL = DeviceModel(
    name="linear_ion_drift",
    params=(
        ParamSpec("r_on", "ohm", 100.0, 1e-3, 1e15, "resistance of the fully doped film, x = 1", "R_on"),
        ParamSpec("r_off", "ohm", 16e3, 1e-3, 1e15, "resistance of the undoped film, x = 0", "R_off"),
        ParamSpec("thickness", "m", 1e-8, 1e-10, 1e-3, "thickness of the film", "D"),
        ParamSpec("mobility", "m**2/V/s", 1e-14, 0.0, 1.0, "mobility of the dopants; 0 means stuck", "mu"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.1, "doped fraction of the film: 0 is OFF, 1 is ON"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive lowers the resistance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    handles={
        "g_max": Handle(("r_on",), -1.0),
        "g_min": Handle(("r_off",), -1.0),
        "rate": Handle(("mobility",)),
    },
    increase_sign=1,
    twins={"rate": slow_rate, "advance": slow_advance, "conductance": slow_conductance, "current": slow_current},
    reference="10.1038/nature06932",
    doc="Linear ion drift (HP 2008): charge-controlled, no threshold, closed solution; an oracle for solvers.",
)
