"""Read-only arrays: what frozen results and devices hold, so that nobody changes them by accident."""

from __future__ import annotations

from typing import Any

import numpy as np


def frozen(values: Any) -> np.ndarray:
    """Return a read-only copy of numbers as an array of floats.

    Examples
    --------
    >>> frozen([1, 2]).flags.writeable
    False
    """
    array = np.array(values, dtype=float)
    array.setflags(write=False)
    return array
