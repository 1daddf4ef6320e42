"""Selector: a nonlinear element in series that blocks half-selected devices.

    exponential   i = I sinh(v_s / V)          two-way (mixed ionic-electronic conduction, punch-through diodes)
    diode         i = I (exp(v_s / V) - 1)     one-way, V = n k T / q: the device cannot be written backwards
    transistor    i = I tanh(v_s / V)          compliance: never more than I, whatever the device does

all inverted in closed form and solved with the device (:mod:`neurosim.modifiers.series`). The small-signal conductance at
zero is that of I / V in series with the device: a blocked cell reads as blocked, so take current and voltage so that the read
voltage opens it, or read with ``current``. Threshold selectors with a memory of their own (ovonic switches) are devices, not
modifiers.
"""

from __future__ import annotations

import math

from neurosim.device import DeviceModel
from neurosim.kernels.jit import scalar_kernel
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.series import build_in_series


@scalar_kernel
def exponential(i, scale, v):
    """Return voltage [V] and slope [ohm] of a two-way exponential selector at the current ``i`` [A]."""
    x = i / scale
    return v * math.asinh(x), v / (scale * math.sqrt(1.0 + x * x))


@scalar_kernel
def diode(i, scale, v):
    """Return voltage [V] and slope [ohm] of a diode at the current ``i`` [A]; minus infinity beyond its reverse current."""
    x = i / scale
    if x <= -1.0:
        return -math.inf, math.inf
    return v * math.log1p(x), v / (scale * (1.0 + x))


@scalar_kernel
def transistor(i, scale, v):
    """Return voltage [V] and slope [ohm] of a transistor at the current ``i`` [A]; infinite beyond its compliance."""
    x = i / scale
    if not abs(x) < 1.0:
        return math.copysign(math.inf, x), math.inf
    return v * math.atanh(x), v / (scale * (1.0 - x * x))


def slow_exponential(i: float, scale: float, v: float) -> float:
    """Return the voltage [V] of a two-way exponential selector in plain Python."""
    return v * math.asinh(i / scale)


def slow_diode(i: float, scale: float, v: float) -> float:
    """Return the voltage [V] of a diode in plain Python."""
    return v * math.log1p(i / scale) if i > -scale else -math.inf


def slow_transistor(i: float, scale: float, v: float) -> float:
    """Return the voltage [V] of a transistor in plain Python."""
    return v * math.atanh(i / scale) if abs(i) < scale else math.copysign(math.inf, i)


ELEMENTS = {"exponential": (exponential, slow_exponential), "diode": (diode, slow_diode),
            "transistor": (transistor, slow_transistor)}


def build(layer: Layer) -> DeviceModel:
    """Return the model with a selector in series."""
    return build_in_series(layer, *ELEMENTS[layer.options["law"]], layer.row("current"), layer.row("voltage"))
