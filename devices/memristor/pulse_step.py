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

import math
from collections.abc import Mapping

from devices.memristor.pulse_label import label_of
from devices.memristor.pulse_model import pulse_model
from devices.memristor.pulse_step_population import DOWN_HIGH, DOWN_LOW, PARAMS, UP_HIGH, UP_LOW, populate
from neurosim.kernels.jit import scalar_kernel


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


def slow_step(up: bool, x: float, params: Mapping[str, float]) -> float:
    """Return (1) of one device in plain Python."""
    low, high = (params["up_low"], params["up_high"]) if up else (params["down_low"], params["down_high"])
    return low * (1.0 - x) + high * x


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


MODEL = pulse_model(
    "pulse_step",
    "Behavioural pulse device: each whole pulse moves the state by a step that is a straight line in the state.",
    params=PARAMS,
    rows=rows,
    step=step,
    slow_step=slow_step,
    steps=(("up_low", "up_high"), ("down_low", "down_high")),
    populate=populate,
    reference="10.3389/fnins.2016.00333",
    with_same=True,
)
