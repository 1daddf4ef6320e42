"""Two-state switches over thermally activated barriers that the voltage lowers and raises (Arrhenius).

    dx/dt = up(v) (1 - x) - down(v) x                                                                   (1)
    up   = attempt exp(-(barrier_plus  - lever_plus  v) / k T)
    down = attempt exp(-(barrier_minus + lever_minus v) / k T)                                          (2)

Barriers in eV, so that a lever is a pure number: the share of the voltage that drops over the hop. Once a barrier is
gone the rate stays at the attempt rate. Retention, temperature and voltage-time trade-off follow from the same four
numbers: at v = 0 a state decays with 1 / (up + down).

x in [0, 1] is the fraction of N switches that are ON, G = g_off + (g_on - g_off) x, i = G v. Steps at frozen voltage are
exact: the mean in closed form (:mod:`devices.memristor.two_state_law`), the number of switches that flip by binomial
numbers (:mod:`devices.memristor.switch_count`).

References
----------
S. Arrhenius, Z. Phys. Chem. 4, 226 (1889); H. A. Kramers, Physica 7, 284 (1940) (escape over a barrier).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from devices.memristor.switch_count import counted, one_count, telegraph
from devices.memristor.two_state_law import (
    BOLTZMANN,
    G_OFF,
    G_ON,
    arrhenius_rate,
    average,
    conductance,
    current,
    relaxed,
    twins_of,
)
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, RATE

ATTEMPT, BARRIER_PLUS, BARRIER_MINUS, LEVER_PLUS, LEVER_MINUS, TEMPERATURE, N_SWITCHES = range(2, 9)


@scalar_kernel
def law_rows(params, start, stop):
    """Return the rows of ``params`` that the rates need."""
    return (params[ATTEMPT, start:stop], params[BARRIER_PLUS, start:stop], params[BARRIER_MINUS, start:stop],
            params[LEVER_PLUS, start:stop], params[LEVER_MINUS, start:stop], params[TEMPERATURE, start:stop])


@scalar_kernel
def rates(v, law, j):
    """Return the rates up and down [1/s] of device j at v [V]."""
    attempt, barrier_plus, barrier_minus, lever_plus, lever_minus, temperature = law
    thermal = BOLTZMANN * temperature[j]
    return (arrhenius_rate(v, attempt[j], barrier_plus[j], lever_plus[j], thermal),
            arrhenius_rate(-v, attempt[j], barrier_minus[j], lever_minus[j], thermal))


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1): of the mean, for any number of switches."""
    x, v, dx, law = state[0, start:stop], drive[0, start:stop], out[0, start:stop], law_rows(params, start, stop)
    for j in range(stop - start):
        up, down = rates(v[j], law, j)
        dx[j] = up * (1.0 - x[j]) - down * x[j]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage: exact for any duration and number of switches."""
    x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
    z_down, z_up, z_between = noise[0, start:stop], noise[1, start:stop], noise[2, start:stop]
    n = params[N_SWITCHES, start:stop]
    for j in range(stop - start):
        up, down = rates(v[j], law, j)
        x[j] = counted(x[j], n[j], up, down, dt[j], z_down[j], z_up[j], z_between[j])


@kernel(ADVANCE)
def advance_mean(state, drive, params, noise, duration, start, stop):
    """Step x like ``advance`` where every device has infinitely many switches: the noise array is not read."""
    x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
    for j in range(stop - start):
        up, down = rates(v[j], law, j)
        x[j] = relaxed(x[j], up, down, dt[j])


@kernel(ADVANCE)
def advance_alike(state, drive, params, noise, duration, start, stop):
    """Step x like ``advance_mean`` where all devices have the same rates: found once if they see the same voltage."""
    x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
    others = 0
    for j in range(stop - start):
        others += v[j] != v[0]
    if others > 0:
        advance_mean(state, drive, params, noise, duration, start, stop)
    elif stop > start:
        up, down = rates(v[0], law, 0)
        for j in range(stop - start):
            x[j] = relaxed(x[j], up, down, dt[j])


@kernel(ADVANCE)
def advance_single(state, drive, params, noise, duration, start, stop):
    """Step x where every device is one switch: the law of ``advance`` from one normal number each."""
    x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
    z = noise[0, start:stop]
    for j in range(stop - start):
        up, down = rates(v[j], law, j)
        x[j] = telegraph(x[j], up, down, dt[j], z[j])


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage: exact, the expected one for few switches."""
    x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
    g_on, g_off, q = params[G_ON, start:stop], params[G_OFF, start:stop], out[start:stop]
    for j in range(stop - start):
        up, down = rates(v[j], law, j)
        q[j] = v[j] * dt[j] * (g_off[j] + (g_on[j] - g_off[j]) * average(x[j], up, down, dt[j]))


def slow_rates(v: float, params: Mapping[str, float]) -> tuple[float, float]:
    """Return the rates up and down [1/s] of one device in plain Python."""
    thermal = BOLTZMANN * params["temperature"]
    up, down = (params["attempt"] * math.exp(min(0.0, (sign * params[f"lever_{side}"] * v - params[f"barrier_{side}"])
                                                 / thermal)) for sign, side in ((1.0, "plus"), (-1.0, "minus")))
    return up, down


def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` for this parameter array (select again when it changes)."""
    count, law = one_count(params[N_SWITCHES]), params[G_OFF + 1:N_SWITCHES]
    return VARIANTS.get((count, count == 0 and bool(np.all(law == law[:, :1]))), MODEL)


MODEL = DeviceModel(
    name="two_state_arrhenius",
    params=(
        ParamSpec("g_on", "S", 1e-4, 0.0, 1e3, "conductance with all switches ON", "G_on"),
        ParamSpec("g_off", "S", 1e-6, 0.0, 1e3, "conductance with all switches OFF", "G_off"),
        ParamSpec("attempt", "1/s", 1e12, 0.0, 1e30, "attempt rate", "nu_0"),
        ParamSpec("barrier_plus", "eV", 1.0, 0.0, 100.0, "barrier of OFF to ON at 0 V", "E_+"),
        ParamSpec("barrier_minus", "eV", 1.0, 0.0, 100.0, "barrier of ON to OFF at 0 V", "E_-"),
        ParamSpec("lever_plus", "", 0.5, 0.0, 100.0, "energy over q v by which a voltage lowers the barrier to ON", "a_+"),
        ParamSpec("lever_minus", "", 0.5, 0.0, 100.0, "energy over q v by which a voltage raises the barrier to OFF", "a_-"),
        ParamSpec("temperature", "K", 300.0, 1.0, 2000.0, "temperature of the switches", "T"),
        ParamSpec("n_switches", "", 0.0, 0.0, 1e15, "number of switches; 0: infinitely many, no switching noise", "N"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "fraction of switches that are ON"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the conductance"),),
    noises=("switches turning OFF", "switches turning ON", "part of a switch"),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    calculus="jump",
    handles={
        "g_max": Handle(("g_on",)),
        "g_min": Handle(("g_off",)),
        "rate": Handle(("attempt",)),
    },
    increase_sign=1,
    twins=twins_of(slow_rates),
    select=select,
    reference="",
    doc="Two-state switches over thermally activated barriers: attempt rate, barriers, voltage levers, temperature.",
)
VARIANTS = {  # by the number of switches, and whether all devices have the same rates
    (0, False): dataclasses.replace(MODEL, advance=advance_mean, noises=()),
    (0, True): dataclasses.replace(MODEL, advance=advance_alike, noises=()),
    (1, False): dataclasses.replace(MODEL, advance=advance_single, noises=("switching",)),
}
