"""Pulse device whose step is a constant less an exponential of the state, as filaments and phase-change cells show it.

Whole pulses, thresholds, noise and conductance are those of :mod:`devices.memristor.pulse_law`; one pulse moves x by

    f_up(x)   = step_up   max(1 - shape_up   exp(growth_up   x), 0)
    f_down(x) = step_down max(1 - shape_down exp(growth_down x), 0)                                                 (1)

A positive shape stops the step before the bound, a negative one multiplies the step of the first pulses. With a steep
``growth_down`` one lowering pulse empties the device while raising is gradual: a phase-change cell, whose lowering pulse is
its RESET. In weights w: 1 - A exp(+-gamma z), z = 2 a w / window + b (:mod:`devices.memristor.pulse_sources`).

References
----------
N. Gong et al., Nat. Commun. 9, 2102 (2018), doi:10.1038/s41467-018-04485-1 (measured steps of oxide RRAM).
M. J. Rasch et al., AICAS 2021, doi:10.1109/AICAS51828.2021.9458494 (the law).
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
from neurosim.kernels.vmath import exp

STEP_UP, SHAPE_UP, GROWTH_UP, STEP_DOWN, SHAPE_DOWN, GROWTH_DOWN = range(SHAPE, SHAPE + 6)


@scalar_kernel
def rows(params, start, stop):
    """Return the rows of the shape."""
    return (params[STEP_UP, start:stop], params[SHAPE_UP, start:stop], params[GROWTH_UP, start:stop],
            params[STEP_DOWN, start:stop], params[SHAPE_DOWN, start:stop], params[GROWTH_DOWN, start:stop])


@scalar_kernel
def step(up, x, shape, k):
    """Return (1) and whether this direction is felt."""
    up_step, up_shape, up_growth = shape[0][k], shape[1][k], shape[2][k]
    down_step, down_shape, down_growth = shape[3][k], shape[4][k], shape[5][k]
    size = up_step if up else down_step
    factor = 1.0 - (up_shape if up else down_shape) * exp((up_growth if up else down_growth) * x)
    return size * (factor if factor > 0.0 else 0.0), size != 0.0


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
    """Return (1) of one device in plain Python."""
    way = "up" if up else "down"
    return params[f"step_{way}"] * max(1.0 - params[f"shape_{way}"] * math.exp(params[f"growth_{way}"] * x), 0.0)


def felt(up: bool, params: Mapping[str, float]) -> bool:
    """Tell whether pulses of a direction move the device at all."""
    return params["step_up" if up else "step_down"] != 0.0


def populate(params: np.ndarray, generator: Generators) -> np.ndarray:
    """Return instances of a nominal card, see :mod:`devices.memristor.pulse_population`.

    The exponent is a straight line in the weight over the device's own window: it shifts with the own place of weight zero.
    """
    values = nominal(params, MODEL.param_index)
    if not has_spread(values):
        return params
    draws, out = Draws(generator, params.shape[1]), params.copy()
    bounds = draw_bounds(values, draws)
    up, down = draw_steps(values, values["step_up"], values["step_down"], draws)
    out[STEP_UP], out[STEP_DOWN] = up / bounds.window, down / bounds.window
    scale_noise(out, values, 1.0 / bounds.window, 1.0 / bounds.window)
    # exp(growth (x - zero)) belongs to weight zero: it moves from the nominal zero to the device's own.
    for shape, growth in ((SHAPE_UP, GROWTH_UP), (SHAPE_DOWN, GROWTH_DOWN)):
        out[shape] *= np.exp(out[growth] * (values["zero"] - bounds.zero))
    place(out, values, bounds)
    corrupt(out, values, bounds, [STEP_UP, STEP_DOWN], draws)
    return out



def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` of the same law for this parameter array."""
    return dataclasses.replace(MODEL, advance=advance_quiet) if is_quiet(params) else MODEL


MODEL = DeviceModel(
    name="pulse_exponential",
    params=(
        *COMMON,
        ParamSpec("step_up", "", 0.01, 0.0, 100.0, "step of a raising pulse without the exponential", "u"),
        ParamSpec("shape_up", "", 0.1, -1e4, 1e4, "exponential part of that step in the lowest state", "A_+"),
        ParamSpec("growth_up", "", 2.0, -100.0, 100.0, "growth of that part over the window", "k_+"),
        ParamSpec("step_down", "", 0.01, 0.0, 100.0, "step of a lowering pulse without the exponential", "d"),
        ParamSpec("shape_down", "", 0.7, -1e4, 1e4, "exponential part of that step in the lowest state", "A_-"),
        ParamSpec("growth_down", "", -2.0, -100.0, 100.0, "growth of that part over the window", "k_-"),
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
    handles=handles("step_up", "step_down"),
    increase_sign=1,
    pulse=PULSE,
    twins=slow_twins(slow_step, felt),
    select=select,
    populate=populate,
    reference="10.1109/AICAS51828.2021.9458494",
    doc="Behavioural pulse device: steps with an exponential part in the state; with a steep RESET, a phase-change cell.",
)
