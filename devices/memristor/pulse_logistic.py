"""Pulse device with the symmetric analytic nonlinearity: the state runs along a logistic curve, steepest in the middle.

Whole pulses, thresholds, noise and conductance are those of :mod:`devices.memristor.pulse_law`; one pulse moves x by

    y = (x (e^alpha - 1) + 1) / (e^alpha + 1),   E = exp(+-2 alpha request) - 1
    f(x) = |y (1 - y) E / (1 + y E)| (e^alpha + 1) / (e^alpha - 1)                                                  (1)

so that logit(y) moves by 2 alpha request with each pulse, from -alpha at x = 0 to alpha at x = 1: ``request`` is the fraction
of the window that the pulse asks for, alpha -> 0 is the constant step. Raising and lowering are each other's reverse. The
asymmetric analytic update is a straight line in the state, see :mod:`devices.memristor.pulse_step`.

References
----------
S. Agarwal et al., IJCNN 2016: Resistive memory device requirements for a neural algorithm accelerator (alpha).
CrossSim v2.0, github.com/sandialabs/cross-sim (the two analytic updates).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from devices.memristor.pulse_law import (
    COMMON,
    DRIVES,
    NOISES,
    PULSE,
    SHAPE,
    STATES,
    advance_loop,
    charge_loop,
    conductance,
    current,
    dead_zone_loop,
    handles,
    is_quiet,
    later_pulses_loop,
    rate_loop,
)
from devices.memristor.pulse_population import (
    SPREADS,
    Draws,
    Generators,
    corrupt,
    draw_bounds,
    draw_steps,
    has_spread,
    nominal,
    place,
    scale_noise,
)
from devices.memristor.pulse_twins import slow_twins
from neurosim.device import DeviceModel, ParamSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, DEAD_ZONE, RATE
from neurosim.kernels.vmath import expm1

ALPHA, REQUEST_UP, REQUEST_DOWN = range(SHAPE, SHAPE + 3)


@scalar_kernel
def rows(params, start, stop):
    """Return the rows of the shape."""
    return params[ALPHA, start:stop], params[REQUEST_UP, start:stop], params[REQUEST_DOWN, start:stop]


@scalar_kernel
def step(up, x, shape, k):
    """Return (1) and whether this direction is felt."""
    alpha, request_up, request_down = shape[0][k], shape[1][k], shape[2][k]
    request = request_up if up else -request_down
    grown = expm1(alpha)
    y = (x * grown + 1.0) / (grown + 2.0)
    gain = expm1(2.0 * alpha * request)
    f = y * (1.0 - y) * gain / (1.0 + y * gain) * (grown + 2.0) / grown
    return f if up else -f, request != 0.0


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write the quiet step over the pulse width [1/s]."""
    rate_loop(step, rows(params, start, stop), state, drive, params, out, start, stop)


@kernel(ADVANCE)
def later_pulses(state, drive, params, noise, duration, start, stop):
    """Do the second and all further pulses of a call."""
    later_pulses_loop(step, rows, state, drive, params, noise, duration, start, stop)


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Do the whole pulses of ``duration`` [s]."""
    advance_loop(step, rows(params, start, stop), later_pulses, state, drive, params, noise, duration, start, stop,
                 False, False)


@kernel(ADVANCE)
def advance_quiet(state, drive, params, noise, duration, start, stop):
    """Do the same where every sigma is zero: the noise array is not read."""
    advance_loop(step, rows(params, start, stop), later_pulses, state, drive, params, noise, duration, start, stop,
                 True, False)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C]: trapezoid of each pulse."""
    charge_loop(step, rows(params, start, stop), state, drive, params, duration, out, start, stop)


@kernel(DEAD_ZONE)
def dead_zone(params, lowest, highest, start, stop):
    """Write the voltages [V] between which nothing moves."""
    dead_zone_loop(step, rows(params, start, stop), params, lowest, highest, start, stop)


def slow_step(up: bool, x: float, params: Mapping[str, float]) -> float:
    """Return (1) of one device in plain Python, by logit and logistic."""
    alpha, request = params["alpha"], params["request_up"] if up else -params["request_down"]
    y = (x * math.expm1(alpha) + 1.0) / (math.exp(alpha) + 1.0)
    moved = 1.0 / (1.0 + math.exp(-(math.log(y / (1.0 - y)) + 2.0 * alpha * request)))
    return abs(moved - y) / math.tanh(0.5 * alpha)


def felt(up: bool, params: Mapping[str, float]) -> bool:
    """Tell whether pulses of a direction move the device at all."""
    return params["request_up" if up else "request_down"] != 0.0


def populate(params: np.ndarray, generator: Generators) -> np.ndarray:
    """Return instances of a nominal card, see :mod:`devices.memristor.pulse_population`."""
    values = nominal(params, MODEL.param_index)
    if not has_spread(values):
        return params
    draws, out = Draws(generator, params.shape[1]), params.copy()
    bounds = draw_bounds(values, draws)
    up, down = draw_steps(values, values["request_up"], values["request_down"], draws)
    out[REQUEST_UP], out[REQUEST_DOWN] = up / bounds.window, down / bounds.window
    scale_noise(out, values, 1.0 / bounds.window, 1.0 / bounds.window)
    place(out, values, bounds)
    corrupt(out, values, bounds, [REQUEST_UP, REQUEST_DOWN], draws)
    return out



def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` of the same law for this parameter array."""
    return dataclasses.replace(MODEL, advance=advance_quiet) if is_quiet(params) else MODEL


MODEL = DeviceModel(
    name="pulse_logistic",
    params=(
        *COMMON,
        ParamSpec("alpha", "", 2.0, 1e-3, 50.0, "nonlinearity", "alpha"),
        ParamSpec("request_up", "", 0.01, 0.0, 1.0, "fraction of the window that a raising pulse asks for", "delta_+"),
        ParamSpec("request_down", "", 0.01, 0.0, 1.0, "fraction of the window that a lowering pulse asks for", "delta_-"),
        *SPREADS,
    ),
    states=STATES,
    drives=DRIVES,
    noises=NOISES,
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    dead_zone=dead_zone,
    handles=handles("request_up", "request_down"),
    increase_sign=1,
    pulse=PULSE,
    twins=slow_twins(slow_step, felt),
    select=select,
    populate=populate,
    reference="",
    doc="Behavioural pulse device: the symmetric analytic nonlinearity, a logistic curve.",
)
