"""Pulse device whose step is a line through measured nodes: any curve that a laboratory has.

Whole pulses, thresholds, noise and conductance are those of :mod:`devices.memristor.pulse_law`; one pulse moves x by

    f_up(x)   = step_up   u(x),   u a straight line between nodes up_0 ... at x = 0 ... 1, equidistant
    f_down(x) = step_down d(x),   d likewise through down_0 ...                                                     (1)

``nodes`` of the at most 16 nodes of each direction count; with one node the step is constant.

References
----------
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

MOST_NODES = 16
STEP_UP, STEP_DOWN, NODES, FIRST_UP, FIRST_DOWN = SHAPE, SHAPE + 1, SHAPE + 2, SHAPE + 3, SHAPE + 3 + MOST_NODES


@scalar_kernel
def rows(params, start, stop):
    """Return the rows of the shape; the last entry holds all nodes, shape (2 MOST_NODES, n)."""
    return (params[STEP_UP, start:stop], params[STEP_DOWN, start:stop], params[NODES, start:stop],
            params[FIRST_UP : FIRST_UP + 2 * MOST_NODES, start:stop])


@scalar_kernel
def step(up, x, shape, k):
    """Return (1) and whether this direction is felt."""
    size = shape[0][k] if up else shape[1][k]
    sections = max(int(shape[2][k]) - 1, 0)
    place = x * sections
    node = min(int(place), max(sections - 1, 0))
    share = place - node
    row = node + (0 if up else MOST_NODES)
    return size * ((1.0 - share) * shape[3][row, k] + share * shape[3][row + (1 if sections > 0 else 0), k]), size != 0.0


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
    way, count = "up" if up else "down", math.floor(params["nodes"])
    nodes = [params[f"{way}_{k}"] for k in range(count)]
    return params[f"step_{way}"] * float(np.interp(x, np.linspace(0.0, 1.0, count), nodes))


def felt(up: bool, params: Mapping[str, float]) -> bool:
    """Tell whether pulses of a direction move the device at all."""
    return params["step_up" if up else "step_down"] != 0.0


def populate(params: np.ndarray, generator: Generators) -> np.ndarray:
    """Return instances of a nominal card, see :mod:`devices.memristor.pulse_population`."""
    values = nominal(params, MODEL.param_index)
    if not has_spread(values):
        return params
    draws, out = Draws(generator, params.shape[1]), params.copy()
    bounds = draw_bounds(values, draws)
    up, down = draw_steps(values, values["step_up"], values["step_down"], draws)
    out[STEP_UP], out[STEP_DOWN] = up / bounds.window, down / bounds.window
    scale_noise(out, values, 1.0 / bounds.window, 1.0 / bounds.window)
    place(out, values, bounds)
    corrupt(out, values, bounds, [STEP_UP, STEP_DOWN], draws)
    return out



def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` of the same law for this parameter array."""
    return dataclasses.replace(MODEL, advance=advance_quiet) if is_quiet(params) else MODEL


MODEL = DeviceModel(
    name="pulse_piecewise",
    params=(
        *COMMON,
        ParamSpec("step_up", "", 0.01, 0.0, 100.0, "step of a raising pulse where its node is 1", "u"),
        ParamSpec("step_down", "", 0.01, 0.0, 100.0, "step of a lowering pulse where its node is 1", "d"),
        ParamSpec("nodes", "", 3.0, 1.0, float(MOST_NODES), "number of nodes of each direction", "n"),
        *(ParamSpec(f"up_{k}", "", 1.0, -100.0, 100.0, f"raising step at node {k} over step_up") for k in range(MOST_NODES)),
        *(ParamSpec(f"down_{k}", "", 1.0, -100.0, 100.0, f"lowering step at node {k} over step_down")
          for k in range(MOST_NODES)),
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
    doc="Behavioural pulse device: the step is interpolated between up to 16 measured nodes.",
)
