"""Diffusive memristor, reduced: silver clusters form a filament under either polarity and dissolve on their own.

State x in [0, 1], the share of N clusters that are in the filament; each joins or leaves on its own:

    dx/dt = up (1 - x) - down x
    up = rate_form exp(|v| / w_form),   down = rate_dissolve exp(-|v| / w_hold)                         (1)
    G = g_off (g_on / g_off)^x,   i = G v                                                               (2)

The conductance is exponential in x, as of tunnelling across what is left of the gap: with (1) this gives a threshold that
depends on the sweep, a delay that shrinks exponentially with voltage, a lower voltage that holds the filament, and a
relaxation time 1 / rate_dissolve without voltage. Finite N scatters the delays. Steps at frozen voltage are exact
(:mod:`devices.memristor.two_state_law`, :mod:`devices.memristor.switch_count`).

Reduced means: the particle in a temperature-dependent potential of Wang et al., whose parameters are dimensionless, is
replaced by (1); self-heating and the position of the filament are left out. There is no polarity that lowers G.

``charge`` follows the mean of x with a ten-point Gauss quadrature: in error by 2e-6 where x crosses its whole range at
six decades of conductance.

References
----------
Z. Wang et al., Nature Materials 16, 101 (2017), doi:10.1038/nmat4756 (device and phenomena).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from devices.memristor.switch_count import one_count
from devices.memristor.two_state_law import fermi_rate, rest_state, twins_of
from devices.memristor.two_state_model import steps_of
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import CHARGE, CONDUCTANCE, CURRENT
from neurosim.kernels.vmath import exp, expm1, log

G_ON, G_OFF, RATE_FORM, RATE_DISSOLVE, W_FORM, W_HOLD, N_CLUSTERS = range(7)
NODES, WEIGHTS = (0.5 * (1.0 + np.polynomial.legendre.leggauss(10)[0]), 0.5 * np.polynomial.legendre.leggauss(10)[1])


@scalar_kernel
def law_rows(params, start, stop):
    """Return the rows of ``params`` that the rates need."""
    return (params[RATE_FORM, start:stop], params[RATE_DISSOLVE, start:stop], params[W_FORM, start:stop],
            params[W_HOLD, start:stop])


@scalar_kernel
def rates(v, law, j):
    """Return the rates up and down [1/s] of device j at v [V]."""
    rate_form, rate_dissolve, w_form, w_hold = law
    return (fermi_rate(abs(v), rate_form[j], 0.0, w_form[j], 0.0),
            fermi_rate(-abs(v), rate_dissolve[j], 0.0, w_hold[j], 0.0))


@scalar_kernel
def conductance_of(x, g_on, g_off):
    """Return G [S] of (2)."""
    return g_off * exp(x * log(g_on / g_off))


STEPS = steps_of(law_rows, rates, N_CLUSTERS)


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S] of (2)."""
    x, g, g_on, g_off = state[0, start:stop], out[start:stop], params[G_ON, start:stop], params[G_OFF, start:stop]
    for j in range(stop - start):
        g[j] = conductance_of(x[j], g_on[j], g_off[j])


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = G v [A] and di/dv = G [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    g_on, g_off = params[G_ON, start:stop], params[G_OFF, start:stop]
    for j in range(stop - start):
        g[j] = conductance_of(x[j], g_on[j], g_off[j])
        i[j] = v[j] * g[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage, along the mean of x.

    With f = 1 - exp(-L t) and x = x_0 + (x_rest - x_0) f y, y from 0 to 1, dt = f dy / (L (1 - f y)): the conductance at
    rest times t, and the integral of (G - G_rest) / (1 - f y), which is smooth.
    """
    x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
    g_on, g_off, q = params[G_ON, start:stop], params[G_OFF, start:stop], out[start:stop]
    for j in range(stop - start):
        up, down = rates(v[j], law, j)
        q[j] = v[j] * dt[j] * conductance_of(rest_state(x[j], up, down), g_on[j], g_off[j])
    for k in range(len(NODES)):
        node, weight = NODES[k], WEIGHTS[k]
        for j in range(stop - start):
            up, down = rates(v[j], law, j)
            rest, decay = rest_state(x[j], up, down), (up + down) * dt[j]
            f = -expm1(-decay)
            share = f / (decay if decay > 0.0 else 1.0)
            # G - G_rest = G_rest (exp(kappa (x - x_rest)) - 1) does not cancel.
            kappa = log(g_on[j] / g_off[j])
            at_rest = g_off[j] * exp(rest * kappa)
            excess = at_rest * expm1(kappa * (x[j] - rest) * (1.0 - f * node))
            q[j] += v[j] * dt[j] * weight * share * excess / (1.0 - f * node)


def slow_rates(v: float, params: Mapping[str, float]) -> tuple[float, float]:
    """Return the rates up and down [1/s] of one device in plain Python."""
    return (params["rate_form"] * math.exp(abs(v) / params["w_form"]),
            params["rate_dissolve"] * math.exp(-abs(v) / params["w_hold"]))


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [params["g_on"] ** state[0] * params["g_off"] ** (1.0 - state[0])]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` for the numbers of clusters in this parameter array."""
    return MEAN if one_count(params[N_CLUSTERS]) == 0 else MODEL


MODEL = DeviceModel(
    name="diffusive",
    params=(
        ParamSpec("g_on", "S", 1e-4, 1e-30, 1e3, "conductance with all clusters in the filament", "G_on"),
        ParamSpec("g_off", "S", 1e-10, 1e-30, 1e3, "conductance without a filament", "G_off"),
        ParamSpec("rate_form", "1/s", 0.1, 0.0, 1e30, "rate of joining, extrapolated to 0 V", "1/tau_f"),
        ParamSpec("rate_dissolve", "1/s", 1e4, 0.0, 1e30, "rate of leaving at 0 V", "1/tau_d"),
        ParamSpec("w_form", "V", 0.025, 1e-6, 1e30, "voltage that multiplies the rate of joining by e", "w_f"),
        ParamSpec("w_hold", "V", 0.1, 1e-6, 1e30, "voltage that divides the rate of leaving by e", "w_h"),
        ParamSpec("n_clusters", "", 0.0, 0.0, 1e15, "number of clusters; 0: infinitely many, no scatter", "N"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.0, "share of the clusters that are in the filament"),),
    drives=(SignalSpec("v", "V", "voltage across the device; either polarity forms the filament"),),
    noises=("clusters leaving", "clusters joining", "part of a cluster"),
    rate=STEPS.rate,
    advance=STEPS.advance,
    conductance=conductance,
    current=current,
    charge=charge,
    calculus="jump",
    handles={"g_max": Handle(("g_on",)), "g_min": Handle(("g_off",)), "rate": Handle(("rate_form", "rate_dissolve"))},
    increase_sign=1,
    twins=twins_of(slow_rates) | {"conductance": slow_conductance, "current": slow_current},
    select=select,
    reference="10.1038/nmat4756",
    doc="Volatile threshold switch: a filament forms under either polarity and dissolves on its own (reduced model).",
)
MEAN = dataclasses.replace(MODEL, advance=STEPS.advance_mean, noises=())
