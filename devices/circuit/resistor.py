"""Linear resistor: i = v / R. No state; the simplest two-terminal element and the control of every circuit test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, ParamSpec, SignalSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE

RESISTANCE = 0


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write nothing: a resistor has no state."""


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Change nothing: a resistor has no state."""


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G = 1 / R [S]."""
    r, g = params[RESISTANCE, start:stop], out[start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / r[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = v / R [A] and di/dv = 1 / R [S]."""
    r, v, i, g = params[RESISTANCE, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / r[j]
        i[j] = v[j] / r[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write v dt / R [C]."""
    r, v, dt, q = params[RESISTANCE, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    for j in range(stop - start):
        q[j] = v[j] * dt[j] / r[j]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return []: no state."""
    return []


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one resistor in plain Python."""
    return [1.0 / params["resistance"]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one resistor in plain Python."""
    return [drive[0] / params["resistance"]]


MODEL = DeviceModel(
    name="resistor",
    params=(ParamSpec("resistance", "ohm", 1e4, 1e-6, 1e18, "resistance", "R"),),
    states=(),
    drives=(SignalSpec("v", "V", "voltage across the resistor"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    doc="Linear resistor.",
)
