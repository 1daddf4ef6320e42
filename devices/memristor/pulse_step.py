"""Pulse device whose step is a straight line in the state: constant, linear and soft bounds.

Whole pulses, thresholds, noise and conductance are those of :mod:`devices.memristor.pulse_law`; one pulse moves x by

    f_up(x)   = up_low   + (up_high   - up_low)   x
    f_down(x) = down_low + (down_high - down_low) x                                                                 (1)

fractions of the window at its lowest (``_low``) and highest (``_high``) state. Special cases:

===================  ===========================================  ==================================================
constant step        up_low = up_high                             the same step everywhere
soft bounds          up_high = 0, down_low = 0                    x approaches its bounds as (1 - step)^pulses
overshooting bounds  0 < up_high < up_low                         approaches a point beyond the window and is cut there
retracing            down_low > down_high                         lowering starts slowly: the way up, run backwards
one-sided            down_low = down_high = 0                     lowering pulses are not felt (one device of a pair)
===================  ===========================================  ==================================================

Linear step in a weight w with a reference weight, asymmetric exponential conductance curves counted in pulses (their
labels), and the analytic update with a nonlinearity alpha are all (1): :mod:`devices.memristor.pulse_sources` converts.

References
----------
T. Gokmen, Y. Vlasov, Front. Neurosci. 10, 333 (2016), doi:10.3389/fnins.2016.00333 (constant step and its spreads).
P.-Y. Chen, X. Peng, S. Yu, IEEE Trans. CAD 37, 3067 (2018), doi:10.1109/TCAD.2018.2789723 (exponential curves, labels).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from devices.memristor.pulse_label import label_of
from devices.memristor.pulse_law import (
    DRIVES,
    NOISES,
    PULSE,
    STATES,
    advance_loop,
    charge_loop,
    conductance,
    current,
    dead_zone_loop,
    handles,
    is_quiet,
    is_same,
    later_pulses_loop,
    rate_loop,
)
from devices.memristor.pulse_step_population import DOWN_HIGH, DOWN_LOW, PARAMS, UP_HIGH, UP_LOW, populate
from devices.memristor.pulse_twins import slow_twins
from neurosim.device import DeviceModel
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, DEAD_ZONE, RATE


@scalar_kernel
def rows(params, start, stop):
    """Return the rows of the shape."""
    return (params[UP_LOW, start:stop], params[UP_HIGH, start:stop], params[DOWN_LOW, start:stop],
            params[DOWN_HIGH, start:stop])


@scalar_kernel
def step(up, x, shape, k):
    """Return (1) and whether this direction is felt."""
    up_low, up_high, down_low, down_high = shape[0][k], shape[1][k], shape[2][k], shape[3][k]
    low = up_low if up else down_low
    high = up_high if up else down_high
    return low + (high - low) * x, (low != 0.0) | (high != 0.0)


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
def advance_same(state, drive, params, noise, duration, start, stop):
    """Do the same where all devices share pulse and noise parameters."""
    advance_loop(step, rows(params, start, stop), later_pulses, state, drive, params, noise, duration, start, stop,
                 False, True)


@kernel(ADVANCE)
def advance_quiet(state, drive, params, noise, duration, start, stop):
    """Do the same where every sigma is zero: the noise array is not read."""
    advance_loop(step, rows(params, start, stop), later_pulses, state, drive, params, noise, duration, start, stop,
                 True, False)


@kernel(ADVANCE)
def advance_same_quiet(state, drive, params, noise, duration, start, stop):
    """Do the same where every sigma is zero and all devices share the pulse parameters."""
    advance_loop(step, rows(params, start, stop), later_pulses, state, drive, params, noise, duration, start, stop,
                 True, True)


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
    low, high = (params["up_low"], params["up_high"]) if up else (params["down_low"], params["down_high"])
    return low * (1.0 - x) + high * x


def felt(up: bool, params: Mapping[str, float]) -> bool:
    """Tell whether pulses of a direction move the device at all."""
    return any(params[name] != 0.0 for name in (("up_low", "up_high") if up else ("down_low", "down_high")))


TWINS = slow_twins(slow_step, felt)


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return the rates [1/s] of one device in plain Python."""
    return list(TWINS["rate"](state, drive, params))


def label_up(params: Mapping[str, float]) -> float:
    """Return the nonlinearity label of the raising curve; positive where it starts steep."""
    return float(label_of(math.log(params["up_low"] / params["up_high"])))


def label_down(params: Mapping[str, float]) -> float:
    """Return the nonlinearity label of the lowering curve; negative where it starts steep."""
    return float(label_of(math.log(params["down_low"] / params["down_high"])))


def symmetry_weight(params: Mapping[str, float]) -> float:
    """Return the distance from zero of the state in which a raising and a lowering pulse cancel, over the window."""
    slope = params["up_high"] - params["up_low"] - params["down_high"] + params["down_low"]
    return (params["down_low"] - params["up_low"]) / slope - params["zero"]


def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` of the same law for this parameter array."""
    chosen = {(False, False): advance, (False, True): advance_same, (True, False): advance_quiet,
              (True, True): advance_same_quiet}[is_quiet(params), is_same(params)]
    return MODEL if chosen is advance else dataclasses.replace(MODEL, advance=chosen)


MODEL = DeviceModel(
    name="pulse_step",
    params=PARAMS,
    states=STATES,
    drives=DRIVES,
    noises=NOISES,
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    dead_zone=dead_zone,
    handles=handles("up_low", "up_high", "down_low", "down_high"),
    increase_sign=1,
    pulse=PULSE,
    twins=TWINS | {"rate": slow_rate},
    select=select,
    populate=populate,
    reference="10.3389/fnins.2016.00333",
    doc="Behavioural pulse device: each whole pulse moves the state by a step that is a straight line in the state.",
)
