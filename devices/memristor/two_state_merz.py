"""Ferroelectric domains as two-state switches: nucleation rates of Merz.

    dx/dt = up(v) (1 - x) - down(v) x                                                                   (1)
    up   = rate_plus  exp(-v_plus  / v)       for v > 0, else 0
    down = rate_minus exp( v_minus / |v|)     for v < 0, else 0,   v_plus > 0 > v_minus                 (2)

Each of N domains nucleates on its own, at a rate that is the same for all: the fraction follows an exponential in time
(Avrami exponent 1). Nothing moves at v = 0, so retention is perfect. ``v_plus`` is the activation field times the
thickness. Distributions of activation fields are another model.

x in [0, 1] is the fraction of N switches that are ON, G = g_off + (g_on - g_off) x, i = G v. Steps at frozen voltage are
exact: the mean in closed form (:mod:`devices.memristor.two_state_law`), the number of switches that flip by binomial
numbers (:mod:`devices.memristor.switch_count`).

References
----------
W. J. Merz, Phys. Rev. 95, 690 (1954), doi:10.1103/PhysRev.95.690 (switching time against field).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from devices.memristor.switch_count import counted, one_count, telegraph
from devices.memristor.two_state_law import (
    G_OFF,
    G_ON,
    average,
    conductance,
    current,
    merz_rate,
    relaxed,
    twins_of,
)
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, RATE

RATE_PLUS, RATE_MINUS, V_PLUS, V_MINUS, N_SWITCHES = range(2, 7)


@scalar_kernel
def law_rows(params, start, stop):
    """Return the rows of ``params`` that the rates need."""
    return (params[RATE_PLUS, start:stop], params[RATE_MINUS, start:stop], params[V_PLUS, start:stop],
            params[V_MINUS, start:stop])


@scalar_kernel
def rates(v, law, j):
    """Return the rates up and down [1/s] of device j at v [V]."""
    rate_plus, rate_minus, v_plus, v_minus = law
    return merz_rate(v, rate_plus[j], v_plus[j]), merz_rate(-v, rate_minus[j], -v_minus[j])


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
    up = params["rate_plus"] * math.exp(-params["v_plus"] / v) if v > 0.0 else 0.0
    return up, params["rate_minus"] * math.exp(-params["v_minus"] / v) if v < 0.0 else 0.0


def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` for this parameter array (select again when it changes)."""
    count, law = one_count(params[N_SWITCHES]), params[G_OFF + 1:N_SWITCHES]
    return VARIANTS.get((count, count == 0 and bool(np.all(law == law[:, :1]))), MODEL)


MODEL = DeviceModel(
    name="two_state_merz",
    params=(
        ParamSpec("g_on", "S", 1e-5, 0.0, 1e3, "conductance with all switches ON", "G_on"),
        ParamSpec("g_off", "S", 1e-7, 0.0, 1e3, "conductance with all switches OFF", "G_off"),
        ParamSpec("rate_plus", "1/s", 1e9, 0.0, 1e30, "ON rate at infinite voltage", "1/t_inf"),
        ParamSpec("rate_minus", "1/s", 1e9, 0.0, 1e30, "OFF rate at infinite voltage", "1/t_inf"),
        ParamSpec("v_plus", "V", 15.0, 1e-6, 1e6, "activation voltage of OFF to ON", "V_a+"),
        ParamSpec("v_minus", "V", -15.0, -1e6, -1e-6, "activation voltage of ON to OFF", "V_a-"),
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
        "rate": Handle(("rate_plus", "rate_minus")),
        "threshold_up": Handle(("v_plus",)),
        "threshold_down": Handle(("v_minus",)),
    },
    increase_sign=1,
    twins=twins_of(slow_rates),
    select=select,
    reference="10.1103/PhysRev.95.690",
    doc="Ferroelectric domains that nucleate with the rate exp(-activation voltage / voltage).",
)
VARIANTS = {  # by the number of switches, and whether all devices have the same rates
    (0, False): dataclasses.replace(MODEL, advance=advance_mean, noises=()),
    (0, True): dataclasses.replace(MODEL, advance=advance_alike, noises=()),
    (1, False): dataclasses.replace(MODEL, advance=advance_single, noises=("switching",)),
}
