"""Shockley diode, i = i_s (exp(v / (n V_T)) - 1) with V_T = k T / q, continued linearly above v = 40 n V_T.

The straight continuation keeps value and slope continuous and finite, so that Newton's method cannot overflow on a bad
first guess; at 40 n V_T the current is 2e17 i_s, far beyond any real diode. No state, no junction capacitance, no
breakdown, no series resistance; i_s is not scaled with temperature.

References
----------
W. Shockley, Bell Syst. Tech. J. 28, 435 (1949), doi:10.1002/j.1538-7305.1949.tb03645.x.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, ParamSpec, SignalSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import expm1
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE

I_S, IDEALITY, TEMPERATURE = range(3)
LIMIT = 40.0  # v / (n V_T) where the exponential turns straight
K_OVER_Q = BOLTZMANN / ELEMENTARY_CHARGE


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write nothing: a diode has no state."""


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Change nothing: a diode has no state."""


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write di/dv at v = 0, i_s / (n V_T) [S]."""
    i_s, n, kelvin, g = (params[I_S, start:stop], params[IDEALITY, start:stop], params[TEMPERATURE, start:stop],
                         out[start:stop])
    for j in range(stop - start):
        g[j] = i_s[j] / (n[j] * K_OVER_Q * kelvin[j])


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] and di/dv [S]."""
    v, i, g = drive[0, start:stop], current[start:stop], slope[start:stop]
    i_s, n, kelvin = params[I_S, start:stop], params[IDEALITY, start:stop], params[TEMPERATURE, start:stop]
    for j in range(stop - start):
        scale = n[j] * K_OVER_Q * kelvin[j]
        u = v[j] / scale
        over = u - LIMIT if u > LIMIT else 0.0
        rise = expm1(LIMIT if u > LIMIT else u)
        i[j] = i_s[j] * (rise + (rise + 1.0) * over)
        g[j] = i_s[j] / scale * (rise + 1.0)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write i dt [C]."""
    v, dt, q = drive[0, start:stop], duration[start:stop], out[start:stop]
    i_s, n, kelvin = params[I_S, start:stop], params[IDEALITY, start:stop], params[TEMPERATURE, start:stop]
    for j in range(stop - start):
        u = v[j] / (n[j] * K_OVER_Q * kelvin[j])
        over = u - LIMIT if u > LIMIT else 0.0
        rise = expm1(LIMIT if u > LIMIT else u)
        q[j] = i_s[j] * (rise + (rise + 1.0) * over) * dt[j]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return []: no state."""
    return []


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [di/dv at v = 0] of one diode in plain Python."""
    return [params["i_s"] / (params["ideality"] * K_OVER_Q * params["temperature"])]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one diode in plain Python."""
    u = drive[0] / (params["ideality"] * K_OVER_Q * params["temperature"])
    if u > LIMIT:
        return [params["i_s"] * (math.exp(LIMIT) * (1.0 + u - LIMIT) - 1.0)]
    return [params["i_s"] * math.expm1(u)]


MODEL = DeviceModel(
    name="diode",
    params=(
        ParamSpec("i_s", "A", 1e-12, 1e-30, 1.0, "saturation current", "I_s"),
        ParamSpec("ideality", "", 1.0, 0.5, 100.0, "ideality factor", "n"),
        ParamSpec("temperature", "K", 300.0, 1.0, 2000.0, "junction temperature", "T"),
    ),
    states=(),
    drives=(SignalSpec("v", "V", "voltage from anode to cathode"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.1002/j.1538-7305.1949.tb03645.x",
    doc="Shockley diode with a linear continuation far above any real current.",
)
