"""Levels: the conductance is seen in n steps, while the state below moves on without them.

    G -> G_low + D round((G - G_low) / D),  clipped to [G_low, G_high],  D = (G_high - G_low) / (n - 1)  (1)

The window is that of the device unless it is given. Conductance quanta of a filament are ``low = 0``, ``high`` = m G_Q and
``count`` = m + 1 with G_Q = 2 e^2 / h = 77.48 uS. A pulse that moves the state by less than a level adds up with the next one.
There is no ``charge``: the current is a staircase, and the engine takes the trapezoid of the two ends of a pulse.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from neurosim.conductance import conductance_at_bounds
from neurosim.device import DeviceModel, Kernel
from neurosim.kernels.jit import kernel
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.scaled import FACTOR, scaled_kernels


@functools.cache
def _factor(count_row: int, low_row: int, high_row: int) -> Kernel:
    @kernel(FACTOR)
    def factor(state, params, g, out, start, stop):
        """Write the level of (1) over the conductance."""
        count, low, high = params[count_row, start:stop], params[low_row, start:stop], params[high_row, start:stop]
        for j in range(stop - start):
            last = math.floor(count[j] + 0.5) - 1.0
            step = (high[j] - low[j]) / last
            k = math.floor((g[j] - low[j]) / step + 0.5)
            k = last if k > last else k
            k = 0.0 if k < 0.0 else k
            level = (low[j] * (last - k) + high[j] * k) / last
            out[j] = level / g[j] if g[j] > 0.0 else 1.0

    return factor


def derived(model: DeviceModel, params: np.ndarray) -> tuple[float, float]:
    """Return the lowest and the highest conductance [S] of a device, shape of ``params`` (n_param, 1)."""
    g = np.concatenate(conductance_at_bounds(model, params)) if model.states else np.array([0.0, _only(model, params)])
    return float(g.min()), float(g.max())


def _only(model: DeviceModel, params: np.ndarray) -> float:
    out = np.empty(1)
    model.require("conductance")(model.initial_state(), params, out, 0, 1)
    return float(out[0])


def build(layer: Layer) -> DeviceModel:
    """Return the model seen in levels."""
    key = layer.key
    layer.require_order("low", "high")

    def slow_factor(state: Sequence[float], params: Mapping[str, float], g: float) -> float:
        low, high = params[key("low")], params[key("high")]
        last = math.floor(params[key("count")] + 0.5) - 1
        grid = [(low * (last - k) + high * k) / last for k in range(last + 1)]
        return min(grid, key=lambda level: abs(level - g)) / g if g > 0.0 else 1.0

    factor = _factor(layer.row("count"), layer.row("low"), layer.row("high"))
    return layer.extended(**{**scaled_kernels(layer.inner, factor, slow_factor), "charge": None})
