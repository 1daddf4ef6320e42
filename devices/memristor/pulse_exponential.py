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

import math
from collections.abc import Mapping

import numpy as np

from devices.memristor.pulse_law import COMMON, SHAPE
from devices.memristor.pulse_model import pulse_model
from devices.memristor.pulse_population import SPREADS, Bounds, Draws, populate_of
from neurosim.device import ParamSpec
from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp

STEP_UP, SHAPE_UP, GROWTH_UP, STEP_DOWN, SHAPE_DOWN, GROWTH_DOWN = range(SHAPE, SHAPE + 6)
PARAMS = (
    *COMMON,
    ParamSpec("step_up", "", 0.01, 0.0, 100.0, "step of a raising pulse without the exponential", "u"),
    ParamSpec("shape_up", "", 0.1, -1e4, 1e4, "exponential part of that step in the lowest state", "A_+"),
    ParamSpec("growth_up", "", 2.0, -100.0, 100.0, "growth of that part over the window", "k_+"),
    ParamSpec("step_down", "", 0.01, 0.0, 100.0, "step of a lowering pulse without the exponential", "d"),
    ParamSpec("shape_down", "", 0.7, -1e4, 1e4, "exponential part of that step in the lowest state", "A_-"),
    ParamSpec("growth_down", "", -2.0, -100.0, 100.0, "growth of that part over the window", "k_-"),
    *SPREADS,
)


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


def slow_step(up: bool, x: float, params: Mapping[str, float]) -> float:
    """Return (1) of one device in plain Python."""
    way = "up" if up else "down"
    return params[f"step_{way}"] * max(1.0 - params[f"shape_{way}"] * math.exp(params[f"growth_{way}"] * x), 0.0)


def shaped(out: np.ndarray, values: Mapping[str, float], bounds: Bounds, draws: Draws) -> None:
    """Move the exponential part: exp(growth (x - zero)) belongs to weight zero, which each device has at its own place."""
    for shape, growth in ((SHAPE_UP, GROWTH_UP), (SHAPE_DOWN, GROWTH_DOWN)):
        out[shape] *= np.exp(out[growth] * (values["zero"] - bounds.zero))


STEPS = (("step_up",), ("step_down",))
MODEL = pulse_model(
    "pulse_exponential",
    "Behavioural pulse device: steps with an exponential part in the state; with a steep RESET, a phase-change cell.",
    params=PARAMS,
    rows=rows,
    step=step,
    slow_step=slow_step,
    steps=STEPS,
    populate=populate_of(PARAMS, STEPS, shaped),
    reference="10.1109/AICAS51828.2021.9458494",
)
