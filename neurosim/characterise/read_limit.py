"""How high a read may be: the rule behind ``v_read_max`` of a card.

The standard read is one rectangular pulse of 1 us. It is harmless where it moves the conductance by less than 1e-3 of the
window beyond what the same time does at 0 V, from any state and in either polarity:

    max over starts and signs of |G(1 us at +-v) - G(1 us at 0 V)|  <  1e-3 (g_max - g_min)                             (1)

``v_read_max`` of a card is at most the highest voltage up to which (1) holds. Longer reads, and many of them, add up: devices
without a threshold are moved by any voltage, so read them shortly, or with both polarities.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurosim.characterise.drive import limits
from neurosim.characterise.retention import held
from neurosim.library import DeviceLike, as_device

STANDARD_READ = 1e-6  # s
HARMLESS = 1e-3  # of the window
STARTS = tuple(np.linspace(0.0, 1.0, 101))  # of the window
SHARE = 0.5  # of the card's range: a voltage that pulses use is no read
LOWEST = 1e-8  # V
PER_DECADE = 4
BISECTIONS = 10


def read_shift(device: DeviceLike, v_read: float, *, seconds: float = STANDARD_READ, start: Sequence[float] = STARTS) -> float:
    """Return the left side of (1) as a fraction of the window: the worst start, the worse polarity.

    Parameters
    ----------
    device : Device
        Two-terminal device.
    v_read : float
        Read voltage [V]; the card's own limit is not asked.
    seconds : float
        Length of the read [s].
    start : sequence of float
        Conductances as fractions of the window, 0 to 1.

    Raises
    ------
    ParameterError
        No two-terminal device, or one without a window.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> read_shift(load_device("vteam/nominal"), 0.2)
    0.0
    """
    device = as_device(device)
    alone, *read = (held(device, np.array([seconds]), np.array(start), volts).change[-1] for volts in (0.0, v_read, -v_read))
    return float(max(np.abs(change - alone).max() for change in read))


def read_limit(device: DeviceLike, *, start: Sequence[float] = STARTS) -> float:
    """Return the highest harmless read voltage [V], rounded down to two digits: what a card may say at most, by (1).

    It is at most half of the card's voltage range, and NaN where not even 10 nV are harmless.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> read_limit(load_device("linear_ion_drift/biolek2009"))
    0.062
    """
    device = as_device(device)
    highest = SHARE * min(abs(end) for end in limits(device))
    grid = np.geomspace(LOWEST, highest, 1 + round(PER_DECADE * np.log10(highest / LOWEST)))
    low = float("nan")
    for voltage in grid:
        if not read_shift(device, voltage, start=start) < HARMLESS:
            break
        low = float(voltage)
    else:
        return _two_digits(highest)
    if np.isnan(low):
        return low
    high = float(voltage)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if read_shift(device, middle, start=start) < HARMLESS else (low, middle)
    return _two_digits(low)


def _two_digits(value: float) -> float:
    """Return a number rounded down to two digits."""
    place = 1 - int(np.floor(np.log10(value)))
    return float(f"{np.floor(value * 10.0**place * (1.0 + 1e-12)):.0f}e{-place}")
