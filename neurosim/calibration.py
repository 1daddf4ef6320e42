"""What a device model tells about itself at several levels of detail: numbers, cards of simpler models, curves that must agree.

A model offers it through ``DeviceModel.calibrate``; ``neurosim device calibrate`` writes the cards and draws the panels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Number:
    """One derived number: value in SI and what it means."""

    name: str
    value: float
    unit: str
    meaning: str


@dataclass(frozen=True)
class SimplerCard:
    """A card of a simpler model that describes the same device: parameters [SI] by name."""

    file: str
    model: str
    params: Mapping[str, float]
    title: str
    note: str
    fitted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Curve:
    """One curve of a panel; a curve with ``error`` (standard errors) is drawn as points with bars."""

    label: str
    x: np.ndarray
    y: np.ndarray
    error: np.ndarray | None = None


@dataclass(frozen=True)
class Panel:
    """Curves that should lie on each other."""

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    log_y: bool = False


@dataclass(frozen=True)
class Calibration:
    """``notes`` say what was left out and why; ``deviations`` are the largest relative differences between levels, by name."""

    numbers: tuple[Number, ...]
    cards: tuple[SimplerCard, ...] = ()
    panels: tuple[Panel, ...] = ()
    notes: tuple[str, ...] = ()
    deviations: Mapping[str, float] = field(default_factory=dict)
