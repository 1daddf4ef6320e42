"""Superparamagnetic tunnel junction: a two-state magnet that heat flips, a tanh neuron in the mean.

The reduced drive x = gain I / i_c + x_off tilts the barriers delta = E / kT between s = -1 and s = +1:

    up   = exp(-delta (1 - x)^n) / tau_0        rate from -1 to +1                                       (1)
    down = exp(-delta (1 + x)^n) / tau_0        rate from +1 to -1
    d<s>/dt = up (1 - <s>) - down (1 + <s>)                                                              (2)
    <s> = tanh(f(x)) at rest,  f = delta ((1 + x)^n - (1 - x)^n) / 2,  V = v_r s                         (3)

n = 1 is the usual fit of measured dwell times and gives tanh(delta x) for every x; n = 2 is exact for a field or a collinear
spin torque along the axis of a uniaxial macrospin and gives tanh(2 delta x). For n = 1 rates may exceed 1 / tau_0; for any
other n a barrier that has vanished stays zero. With the co-content

    U(V) = v_r (i_c / gain) (integral of f^-1(artanh s) ds - x_off s),   dU/dV = the current that holds V        (4)

a network of mean fields coupled by symmetric conductances has the energy of :mod:`neurosim.network`.

Forms: ``mean_field`` (default), the average over many dwell times or many junctions, state <s>; ``telegraph``, one junction,
state -1 or +1. Both steps are exact at frozen current for any duration: the law does not depend on how time is split.

References
----------
W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677 (thermal flips of a single domain).
Z. Li, S. Zhang, Phys. Rev. B 69, 134416 (2004), doi:10.1103/PhysRevB.69.134416 (barrier under spin torque).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from devices.memristor.switch_count import uniform_of
from devices.spintronic import smtj_linear
from devices.spintronic.smtj_law import inverse, mean_drive, reduced_drive, rest_argument, rest_slope, switching_rates
from devices.spintronic.smtj_parameters import PARAMS, V_R, N, law_rows
from neurosim.device import DeviceModel, Handle, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ACTIVATION, ADVANCE, OUTPUT, POTENTIAL, RATE
from neurosim.kernels.vmath import exp, tanh


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write d<s>/dt [1/s] of (2)."""
    s, i, change = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    delta, i_c, n, tau_0, x_off, gain = law_rows(params, start, stop)
    for k in range(stop - start):
        up, down = switching_rates(reduced_drive(i[k], gain[k], i_c[k], x_off[k]), delta[k], n[k], tau_0[k])
        change[k] = up * (1.0 - s[k]) - down * (1.0 + s[k])


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step the mean <s> over ``duration`` [s] at frozen current: exact."""
    s, i, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    delta, i_c, n, tau_0, x_off, gain = law_rows(params, start, stop)
    for k in range(stop - start):
        x = reduced_drive(i[k], gain[k], i_c[k], x_off[k])
        up, down = switching_rates(x, delta[k], n[k], tau_0[k])
        rest = tanh(rest_argument(x, delta[k], n[k]))
        s[k] = rest + (s[k] - rest) * exp(-(up + down) * dt[k])


@kernel(ADVANCE)
def advance_telegraph(state, drive, params, noise, duration, start, stop):
    """Step one junction over ``duration`` [s] at frozen current, exact in law; the mean where the normal number is zero."""
    s, i, dt, z = state[0, start:stop], drive[0, start:stop], duration[start:stop], noise[0, start:stop]
    delta, i_c, n, tau_0, x_off, gain = law_rows(params, start, stop)
    for k in range(stop - start):
        x = reduced_drive(i[k], gain[k], i_c[k], x_off[k])
        up, down = switching_rates(x, delta[k], n[k], tau_0[k])
        rest = tanh(rest_argument(x, delta[k], n[k]))
        mean = rest + (s[k] - rest) * exp(-(up + down) * dt[k])
        jumped = 1.0 if 2.0 * uniform_of(z[k]) - 1.0 < mean else -1.0
        s[k] = mean if z[k] == 0.0 else jumped


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write the output voltage V = v_r s [V]."""
    s, v_r, v = state[0, start:stop], params[V_R, start:stop], out[0, start:stop]
    for k in range(stop - start):
        v[k] = v_r[k] * min(1.0, max(-1.0, s[k]))


@kernel(ACTIVATION)
def activation(drive, params, out, slope, start, stop):
    """Write the mean rest voltage (3) [V] and its slope dV/dI [V/A]."""
    i, v, dv, v_r = drive[0, start:stop], out[0, start:stop], slope[0, start:stop], params[V_R, start:stop]
    delta, i_c, n, _, x_off, gain = law_rows(params, start, stop)
    for k in range(stop - start):
        x = reduced_drive(i[k], gain[k], i_c[k], x_off[k])
        s = tanh(rest_argument(x, delta[k], n[k]))
        v[k] = v_r[k] * s
        dv[k] = v_r[k] * (1.0 - s * s) * rest_slope(x, delta[k], n[k]) * gain[k] / i_c[k]


@kernel(POTENTIAL)
def potential(output, params, out, start, stop):
    """Write the co-content (4) [W] of the output voltages."""
    v, v_r, w = output[0, start:stop], params[V_R, start:stop], out[start:stop]
    delta, i_c, n, _, x_off, gain = law_rows(params, start, stop)
    for k in range(stop - start):
        s = v[k] / v_r[k]
        x = inverse(s, delta[k], n[k])
        w[k] = v_r[k] * i_c[k] / gain[k] * (s * (x - x_off[k]) - mean_drive(x, delta[k], n[k]))


def slow_rates(drive: Sequence[float], params: Mapping[str, float]) -> tuple[float, float]:
    """Return (up, down) [1/s] of (1) in plain Python."""
    x = params["gain"] * drive[0] / params["i_c"] + params["x_off"]
    if params["n"] == 1.0:
        barriers = 1.0 - x, 1.0 + x
    else:
        barriers = max(0.0, 1.0 - x) ** params["n"], max(0.0, 1.0 + x) ** params["n"]
    up, down = (math.exp(min(600.0, -params["delta"] * barrier)) / params["tau_0"] for barrier in barriers)
    return up, down


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [d<s>/dt] of one device in plain Python, the oracle of ``rate``."""
    up, down = slow_rates(drive, params)
    return [up * (1.0 - state[0]) - down * (1.0 + state[0])]


def slow_activation(drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [V] at rest of one device in plain Python, from detailed balance: the oracle of ``activation``."""
    up, down = slow_rates(drive, params)
    return [params["v_r"] * (up - down) / (up + down)]


def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest kernels for these exponents."""
    return LINEAR if bool(np.all(params[N] == 1.0)) else MEAN_FIELD


def select_telegraph(params: np.ndarray) -> DeviceModel:
    """Return the variant of a telegraph with the fastest step for these exponents."""
    return LINEAR_TELEGRAPH if bool(np.all(params[N] == 1.0)) else TELEGRAPH


MEAN_FIELD = DeviceModel(
    name="smtj",
    params=PARAMS,
    states=(StateSpec("s", "", -1.0, 1.0, 0.0, "mean of the magnetic state"),),
    drives=(SignalSpec("i", "A", "total current that arrives at the neuron; positive favours s = +1"),),
    outputs=(SignalSpec("v", "V", "voltage that the neuron puts on its line, v_r s"),),
    rate=rate,
    advance=advance,
    output=output,
    activation=activation,
    potential=potential,
    handles={"stiffness": Handle(("i_c",)), "gain": Handle(("gain",)), "barrier": Handle(("delta",)),
             "attempt_time": Handle(("tau_0",))},
    twins={"rate": slow_rate, "activation": slow_activation},
    select=select,
    reference="10.1103/PhysRev.130.1677",
    doc="Superparamagnetic tunnel junction: thermally flipping two-state magnet, a tanh neuron in the mean.",
)

TELEGRAPH = replace(
    MEAN_FIELD,
    name="smtj_telegraph",
    states=(StateSpec("s", "", -1.0, 1.0, -1.0, "magnetic state, -1 or +1"),),
    noises=("flip",),
    advance=advance_telegraph,
    select=select_telegraph,
    doc="Superparamagnetic tunnel junction, one device: random telegraph between two states.",
)

LINEAR = replace(MEAN_FIELD, rate=smtj_linear.rate, advance=smtj_linear.advance)
LINEAR_TELEGRAPH = replace(TELEGRAPH, rate=smtj_linear.rate, advance=smtj_linear.advance_telegraph)

MODEL = replace(MEAN_FIELD, forms={"mean_field": MEAN_FIELD, "telegraph": TELEGRAPH})
