"""What users give to a measurement: numbers with units, one or many, and counts; checked where they enter."""

from __future__ import annotations

from typing import Any

import numpy as np

from neurosim.errors import ParameterError
from neurosim.units import quantity


def quantities(values: Any, unit: str, name: str) -> np.ndarray:
    """Return finite SI floats, shape (n,), n >= 1, of one value or a sequence of them, each a number or text with its unit.

    Examples
    --------
    >>> quantities(["10 ns", 2e-8], "s", "width")
    array([1.e-08, 2.e-08])
    """
    parts = [values] if isinstance(values, str) or np.ndim(values) == 0 else list(values)
    if not parts:
        raise ParameterError(f"{name}: an empty list, allowed is at least one value in {unit or 'pure numbers'}.")
    return np.array([quantity(float(part) if isinstance(part, np.generic) else part, unit, name) for part in parts])


def share_of(value: Any, name: str) -> float:
    """Return a fraction of the conductance window, 0 to 1; text with % is one too.

    Examples
    --------
    >>> share_of("50 %", "start")
    0.5
    """
    share = quantity(value, "", name)
    if not 0.0 <= share <= 1.0:
        raise ParameterError(f"{name} = {share:g} of the conductance window, allowed is a fraction from 0 to 1.")
    return share


def whole_number(value: Any, low: int, name: str) -> int:
    """Return a whole number that is not below ``low``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
        raise ParameterError(f"{name} = {value!r}, allowed is an integer from {low} up.")
    return int(value)
