"""Phase-change memory, electro-thermal: a cell that Joule heat crystallises when it is warm and melts when it is hot.

States: C in [0, 1], the crystalline fraction, and the temperature T [K].

    C_h dT/dt = V^2 / R + delta (T_r - T)                                                                     (1)
    dC/dt = alpha (1 - C) for T_x < T < T_m,   -beta C for T > T_m,   0 else                                  (2)
    R = R_on + (1 - C) (R_off - R_on) / (1 + exp((|V| - V_t) / V_0)),   i = V / R                             (3)

Above the threshold V_t the amorphous part conducts like the crystalline one: that is what lets a small voltage heat it. A
quenched cell (cooled through T_x..T_m in less than 1 / alpha) stays amorphous.

The cell is unipolar: amplitude and length of a pulse, not its sign, decide between SET and RESET. An array that raises with one
sign and lowers with the other cannot write it, so there is no handle ``rate``; :mod:`devices.memristor.pcm` is for arrays.

At frozen voltage T, C and the charge are worked out by segments between the boundaries T_x and T_m, see
:mod:`devices.memristor.pcm_thermal_law`: closed forms wherever R stands still, relative error 1e-7 of the heat elsewhere. A
temperature above 1e4 K is cut: the law ends long before.

References
----------
D. Biolek, M. Di Ventra, Y. V. Pershin, Radioengineering 22, 945 (2013), model R.3 (law and card).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devices.memristor.pcm_thermal_law import evolve, field_fraction
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE

R_ON, R_OFF, ALPHA, BETA, T_ROOM, T_X, T_M, HEAT, LOSS, V_T, V_0 = range(11)
C, T = range(2)
HOTTEST = 1e4


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dC/dt [1/s] and dT/dt [K/s] of (1) and (2)."""
    c, temperature, v = state[C, start:stop], state[T, start:stop], drive[0, start:stop]
    dc, dt = out[C, start:stop], out[T, start:stop]
    r_on, r_off, alpha, beta = (params[R_ON, start:stop], params[R_OFF, start:stop], params[ALPHA, start:stop],
                                params[BETA, start:stop])
    room, t_x, t_m = params[T_ROOM, start:stop], params[T_X, start:stop], params[T_M, start:stop]
    heat, loss = params[HEAT, start:stop], params[LOSS, start:stop]
    v_t, v_0 = params[V_T, start:stop], params[V_0, start:stop]
    for j in range(stop - start):
        r = r_on[j] + (1.0 - c[j]) * (r_off[j] - r_on[j]) * field_fraction(v[j], v_t[j], v_0[j])
        grown, molten = alpha[j] * (1.0 - c[j]), -beta[j] * c[j]
        warm = temperature[j] > t_x[j] and temperature[j] < t_m[j]
        change = molten if temperature[j] > t_m[j] else 0.0
        dc[j] = grown if warm else change
        dt[j] = (v[j] * v[j] / r + loss[j] * (room[j] - temperature[j])) / heat[j]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step C and T over ``duration`` [s] at frozen voltage, segment by segment."""
    c, temperature, v, time = state[C, start:stop], state[T, start:stop], drive[0, start:stop], duration[start:stop]
    p = params[:, start:stop]
    for j in range(stop - start):
        y, hot, _ = evolve(c[j], temperature[j], v[j], time[j], p[R_ON, j], p[R_OFF, j], p[ALPHA, j], p[BETA, j],
                           p[T_ROOM, j], p[T_X, j], p[T_M, j], p[HEAT, j], p[LOSS, j], p[V_T, j], p[V_0, j])
        c[j] = min(1.0, max(0.0, y))
        temperature[j] = min(HOTTEST, max(0.0, hot))


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage."""
    c, temperature, v, time = state[C, start:stop], state[T, start:stop], drive[0, start:stop], duration[start:stop]
    p, q = params[:, start:stop], out[start:stop]
    for j in range(stop - start):
        _, _, passed = evolve(c[j], temperature[j], v[j], time[j], p[R_ON, j], p[R_OFF, j], p[ALPHA, j], p[BETA, j],
                              p[T_ROOM, j], p[T_X, j], p[T_M, j], p[HEAT, j], p[LOSS, j], p[V_T, j], p[V_0, j])
        q[j] = passed


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write 1 / R at small voltage [S]."""
    c, g = state[C, start:stop], out[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    v_t, v_0 = params[V_T, start:stop], params[V_0, start:stop]
    for j in range(stop - start):
        g[j] = 1.0 / (r_on[j] + (1.0 - c[j]) * (r_off[j] - r_on[j]) * field_fraction(0.0, v_t[j], v_0[j]))


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = V / R [A] and di/dV [S]; the slope is high where the amorphous part switches on."""
    c, v, i, g = state[C, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    r_on, r_off = params[R_ON, start:stop], params[R_OFF, start:stop]
    v_t, v_0 = params[V_T, start:stop], params[V_0, start:stop]
    for j in range(stop - start):
        fraction = field_fraction(v[j], v_t[j], v_0[j])
        amorphous = (1.0 - c[j]) * (r_off[j] - r_on[j]) * fraction
        r = r_on[j] + amorphous
        i[j] = v[j] / r
        g[j] = (1.0 + abs(v[j]) * amorphous * (1.0 - fraction) / (v_0[j] * r)) / r


def slow_resistance(c: float, v: float, p: Mapping[str, float]) -> float:
    """Return R [ohm] of (3) for one device."""
    over = min(700.0, (abs(v) - p["v_t"]) / p["v_0"])
    return p["r_on"] + (1.0 - c) * (p["r_off"] - p["r_on"]) / (1.0 + math.exp(over))


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dC/dt, dT/dt] of one device in plain Python."""
    (c, temperature), v, p = state, drive[0], params
    change = 0.0
    if p["t_crystal"] < temperature < p["t_melt"]:
        change = p["alpha"] * (1.0 - c)
    elif temperature > p["t_melt"]:
        change = -p["beta"] * c
    heat = v**2 / slow_resistance(c, v, p) + p["heat_loss"] * (p["t_room"] - temperature)
    return [change, heat / p["heat_capacity"]]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [1 / R at small voltage] of one device in plain Python."""
    return [1.0 / slow_resistance(state[0], 0.0, params)]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] / slow_resistance(state[0], drive[0], params)]


def thermal_time(p: Mapping[str, float]) -> float:
    """Return the thermal time constant C_h / delta [s]."""
    return p["heat_capacity"] / p["heat_loss"]


def temperature_at_four_volt(p: Mapping[str, float]) -> float:
    """Return the temperature [K] at which a cell that is switched on rests at 4 V."""
    return p["t_room"] + 16.0 / p["r_on"] / p["heat_loss"]


MODEL = DeviceModel(
    name="pcm_thermal",
    params=(
        ParamSpec("r_on", "ohm", 1e4, 1e-3, 1e15, "resistance of the crystalline cell", "R_on"),
        ParamSpec("r_off", "ohm", 1e6, 1e-3, 1e15, "resistance of the amorphous cell at small voltage", "R_off"),
        ParamSpec("alpha", "1/s", 2e7, 0.0, 1e15, "rate of crystallisation between t_crystal and t_melt", "alpha"),
        ParamSpec("beta", "1/s", 1e8, 0.0, 1e15, "rate of melting above t_melt", "beta"),
        ParamSpec("t_room", "K", 293.15, 1.0, 5e3, "temperature of the surroundings", "T_r"),
        ParamSpec("t_crystal", "K", 473.15, 1.0, 5e3, "crystallisation begins above it", "T_x"),
        ParamSpec("t_melt", "K", 873.15, 1.0, 5e3, "the cell melts above it", "T_m"),
        ParamSpec("heat_capacity", "J/K", 2e-15, 1e-24, 1.0, "heat capacity of the heated volume", "C_h"),
        ParamSpec("heat_loss", "W/K", 5e-6, 1e-15, 1e3, "heat that flows to the surroundings per kelvin", "delta"),
        ParamSpec("v_t", "V", 1.8, 0.0, 1e3, "voltage at which the amorphous part switches on", "V_t"),
        ParamSpec("v_0", "V", 0.05, 1e-6, 1e3, "voltage width of switching on", "V_0"),
    ),
    states=(
        StateSpec("c", "", 0.0, 1.0, 0.5, "crystalline fraction: 1 conducts, 0 is amorphous"),
        StateSpec("temperature", "K", 0.0, HOTTEST, 293.15, "temperature of the cell", 100.0),
    ),
    drives=(SignalSpec("v", "V", "voltage across the cell; its sign does not matter"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    exact_advance=False,
    advance_tolerance=1e-6,
    handles={"g_max": Handle(("r_on",), -1.0), "g_min": Handle(("r_off",), -1.0)},
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    doc="Electro-thermal phase-change cell: Joule heat crystallises and melts, unipolar; temperature is a state.",
)
