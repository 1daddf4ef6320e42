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

from collections.abc import Mapping

import numpy as np

from devices.memristor.pulse_law import COMMON, SHAPE
from devices.memristor.pulse_model import pulse_model
from devices.memristor.pulse_population import SPREADS, Bounds, Draws, populate_of
from neurosim.device import ParamSpec
from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import power

STEP_UP, GAMMA_UP, STEP_DOWN, GAMMA_DOWN = range(SHAPE, SHAPE + 4)
PARAMS = (
    *COMMON,
    ParamSpec("step_up", "", 0.02, 0.0, 100.0, "step of a raising pulse in the lowest state", "u"),
    ParamSpec("gamma_up", "", 1.5, 0.0, 50.0, "exponent of the raising step", "gamma_+"),
    ParamSpec("step_down", "", 0.02, 0.0, 100.0, "step of a lowering pulse in the highest state", "d"),
    ParamSpec("gamma_down", "", 1.5, 0.0, 50.0, "exponent of the lowering step", "gamma_-"),
    *SPREADS,
    ParamSpec("spread_gamma", "", 0.0, 0.0, 10.0, "spread of the common gain of both exponents", "s_g"),
    ParamSpec("spread_gamma_up_down", "", 0.0, 0.0, 10.0, "spread of the difference of the exponents", "s_gud"),
)


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


def slow_step(up: bool, x: float, params: Mapping[str, float]) -> float:
    """Return (1) of one device in plain Python."""
    return params["step_up"] * (1.0 - x) ** params["gamma_up"] if up else params["step_down"] * x ** params["gamma_down"]


def shaped(out: np.ndarray, values: Mapping[str, float], bounds: Bounds, draws: Draws) -> None:
    """Spread exponents like steps.

    gamma_up = |nominal + gamma (g - 1 + r)|, gamma_down with -r, where g - 1 = spread_gamma xi, r = spread_gamma_up_down xi,
    and gamma is the larger nominal exponent.
    """
    largest = max(values["gamma_up"], values["gamma_down"])
    gain = values["spread_gamma"] * draws.normal("shape_up")
    r = values["spread_gamma_up_down"] * draws.normal("shape_down")
    out[GAMMA_UP] = np.abs(values["gamma_up"] + largest * (gain + r))
    out[GAMMA_DOWN] = np.abs(values["gamma_down"] + largest * (gain - r))


STEPS = (("step_up",), ("step_down",))
MODEL = pulse_model(
    "pulse_power",
    "Behavioural pulse device: each step is a power of the distance from the bound.",
    params=PARAMS,
    rows=rows,
    step=step,
    slow_step=slow_step,
    steps=STEPS,
    populate=populate_of(PARAMS, STEPS, shaped),
    reference="10.1109/AICAS51828.2021.9458494",
)
