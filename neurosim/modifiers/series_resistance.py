"""Series resistance: electrodes, a line, a load resistor or an on-chip transistor in its linear range.

    v = v_dev + R i(v_dev)          (:mod:`neurosim.modifiers.series`)

It takes voltage from the device as that turns on, which limits the end of a SET, and gives it back as it turns off, which makes
a RESET abrupt.
"""

from __future__ import annotations

from neurosim.device import DeviceModel
from neurosim.kernels.jit import scalar_kernel
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.series import build_in_series


@scalar_kernel
def resistor(i, r, _):
    """Return voltage [V] and slope [ohm] of a resistor at the current ``i`` [A]."""
    return r * i, r


def slow_resistor(i: float, r: float, _: float) -> float:
    """Return the voltage [V] of a resistor in plain Python."""
    return r * i


def build(layer: Layer) -> DeviceModel:
    """Return the model with a resistor in series."""
    row = layer.row("resistance")
    return build_in_series(layer, resistor, slow_resistor, row, row)
