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

import math
from collections.abc import Mapping

from devices.memristor.pulse_law import COMMON, SHAPE
from devices.memristor.pulse_model import pulse_model
from devices.memristor.pulse_population import SPREADS, populate_of
from neurosim.device import ParamSpec
from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import expm1

ALPHA, REQUEST_UP, REQUEST_DOWN = range(SHAPE, SHAPE + 3)
PARAMS = (
    *COMMON,
    ParamSpec("alpha", "", 2.0, 1e-3, 50.0, "nonlinearity", "alpha"),
    ParamSpec("request_up", "", 0.01, 0.0, 1.0, "fraction of the window that a raising pulse asks for", "delta_+"),
    ParamSpec("request_down", "", 0.01, 0.0, 1.0, "fraction of the window that a lowering pulse asks for", "delta_-"),
    *SPREADS,
)


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


def slow_step(up: bool, x: float, params: Mapping[str, float]) -> float:
    """Return (1) of one device in plain Python, by logit and logistic."""
    alpha, request = params["alpha"], params["request_up"] if up else -params["request_down"]
    y = (x * math.expm1(alpha) + 1.0) / (math.exp(alpha) + 1.0)
    moved = 1.0 / (1.0 + math.exp(-(math.log(y / (1.0 - y)) + 2.0 * alpha * request)))
    return abs(moved - y) / math.tanh(0.5 * alpha)


STEPS = (("request_up",), ("request_down",))
MODEL = pulse_model(
    "pulse_logistic",
    "Behavioural pulse device: the symmetric analytic nonlinearity, a logistic curve.",
    params=PARAMS,
    rows=rows,
    step=step,
    slow_step=slow_step,
    steps=STEPS,
    populate=populate_of(PARAMS, STEPS),
)
