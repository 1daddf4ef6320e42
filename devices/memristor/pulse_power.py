"""Pulse device whose step is a power of the distance from the bound that it leads to.

Whole pulses, thresholds, noise and conductance are those of :mod:`devices.memristor.pulse_law`; one pulse moves x by

    f_up(x)   = step_up   (1 - x)^gamma_up
    f_down(x) = step_down x^gamma_down                                                                              (1)

gamma = 0 is the constant step, 1 are soft bounds; between them a bound is reached in a finite number of pulses.

References
----------
M. J. Rasch et al., AICAS 2021, doi:10.1109/AICAS51828.2021.9458494 (the law).
"""

from __future__ import annotations

import dataclasses
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
from neurosim.kernels.vmath import power

STEP_UP, GAMMA_UP, STEP_DOWN, GAMMA_DOWN = range(SHAPE, SHAPE + 4)


@scalar_kernel
def rows(params, start, stop):
    """Return the rows of the shape."""
    return (params[STEP_UP, start:stop], params[GAMMA_UP, start:stop], params[STEP_DOWN, start:stop],
            params[GAMMA_DOWN, start:stop])


@scalar_kernel
def step(up, x, shape, k):
    """Return (1) and whether this direction is felt."""
    up_step, up_gamma, down_step, down_gamma = shape[0][k], shape[1][k], shape[2][k], shape[3][k]
    size = up_step if up else down_step
    return size * power(1.0 - x if up else x, up_gamma if up else down_gamma), size != 0.0


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
    return params["step_up"] * (1.0 - x) ** params["gamma_up"] if up else params["step_down"] * x ** params["gamma_down"]


def felt(up: bool, params: Mapping[str, float]) -> bool:
    """Tell whether pulses of a direction move the device at all."""
    return params["step_up" if up else "step_down"] != 0.0


def populate(params: np.ndarray, generator: Generators) -> np.ndarray:
    """Return instances of a nominal card, see :mod:`devices.memristor.pulse_population`.

    Exponents are spread like steps: gamma_up = |nominal + gamma (g - 1 + r)|, gamma_down with -r, where g - 1 =
    spread_gamma xi, r = spread_gamma_up_down xi, and gamma is the larger nominal exponent.
    """
    values = nominal(params, MODEL.param_index)
    if not has_spread(values):
        return params
    draws, out = Draws(generator, params.shape[1]), params.copy()
    bounds = draw_bounds(values, draws)
    up, down = draw_steps(values, values["step_up"], values["step_down"], draws)
    out[STEP_UP], out[STEP_DOWN] = up / bounds.window, down / bounds.window
    scale_noise(out, values, 1.0 / bounds.window, 1.0 / bounds.window)
    largest = max(values["gamma_up"], values["gamma_down"])
    gain = values["spread_gamma"] * draws.normal("shape_up")
    r = values["spread_gamma_up_down"] * draws.normal("shape_down")
    out[GAMMA_UP] = np.abs(values["gamma_up"] + largest * (gain + r))
    out[GAMMA_DOWN] = np.abs(values["gamma_down"] + largest * (gain - r))
    place(out, values, bounds)
    corrupt(out, values, bounds, [STEP_UP, STEP_DOWN], draws)
    return out



def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` of the same law for this parameter array."""
    return dataclasses.replace(MODEL, advance=advance_quiet) if is_quiet(params) else MODEL


MODEL = DeviceModel(
    name="pulse_power",
    params=(
        *COMMON,
        ParamSpec("step_up", "", 0.02, 0.0, 100.0, "step of a raising pulse in the lowest state", "u"),
        ParamSpec("gamma_up", "", 1.5, 0.0, 50.0, "exponent of the raising step", "gamma_+"),
        ParamSpec("step_down", "", 0.02, 0.0, 100.0, "step of a lowering pulse in the highest state", "d"),
        ParamSpec("gamma_down", "", 1.5, 0.0, 50.0, "exponent of the lowering step", "gamma_-"),
        *SPREADS,
        ParamSpec("spread_gamma", "", 0.0, 0.0, 10.0, "spread of the common gain of both exponents", "s_g"),
        ParamSpec("spread_gamma_up_down", "", 0.0, 0.0, 10.0, "spread of the difference of the exponents", "s_gud"),
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
    doc="Behavioural pulse device: each step is a power of the distance from the bound.",
)
