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

import math
from collections.abc import Mapping

import numpy as np

from devices.memristor.pulse_law import COMMON, SHAPE
from devices.memristor.pulse_model import pulse_model
from devices.memristor.pulse_population import SPREADS, populate_of
from neurosim.device import ParamSpec
from neurosim.kernels.jit import scalar_kernel

MOST_NODES = 16
STEP_UP, STEP_DOWN, NODES, FIRST_UP, FIRST_DOWN = SHAPE, SHAPE + 1, SHAPE + 2, SHAPE + 3, SHAPE + 3 + MOST_NODES
PARAMS = (
    *COMMON,
    ParamSpec("step_up", "", 0.01, 0.0, 100.0, "step of a raising pulse where its node is 1", "u"),
    ParamSpec("step_down", "", 0.01, 0.0, 100.0, "step of a lowering pulse where its node is 1", "d"),
    ParamSpec("nodes", "", 3.0, 1.0, float(MOST_NODES), "number of nodes of each direction", "n"),
    *(ParamSpec(f"up_{k}", "", 1.0, -100.0, 100.0, f"raising step at node {k} over step_up") for k in range(MOST_NODES)),
    *(ParamSpec(f"down_{k}", "", 1.0, -100.0, 100.0, f"lowering step at node {k} over step_down")
      for k in range(MOST_NODES)),
    *SPREADS,
)


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


def slow_step(up: bool, x: float, params: Mapping[str, float]) -> float:
    """Return (1) of one device in plain Python."""
    way, count = "up" if up else "down", math.floor(params["nodes"])
    nodes = [params[f"{way}_{k}"] for k in range(count)]
    return params[f"step_{way}"] * float(np.interp(x, np.linspace(0.0, 1.0, count), nodes))


STEPS = (("step_up",), ("step_down",))
MODEL = pulse_model(
    "pulse_piecewise",
    "Behavioural pulse device: the step is interpolated between up to 16 measured nodes.",
    params=PARAMS,
    rows=rows,
    step=step,
    slow_step=slow_step,
    steps=STEPS,
    populate=populate_of(PARAMS, STEPS),
    reference="10.1109/AICAS51828.2021.9458494",
)
