"""How fast, and how surely, a voltage switches a device.

The switching time is the first time at which the conductance has crossed a given part of the window at a frozen voltage: the
duration of ``advance`` is doubled until it has, then halved in between, for all voltages at once. The probability counts
noisy copies; its law depends on the pulse only, not on how the time was cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.characterise.pulses import read_voltage
from neurosim.errors import ParameterError
from neurosim.frozen import frozen

SHORTEST, LONGEST = 1e-12, 1e6  # s
HALVINGS = 40  # relative error of a time: 2**-40 of the last doubling
FROM, TO = 0.1, 0.9  # of the conductance window


@dataclass(frozen=True, eq=False)
class SwitchingTimes:
    """``seconds`` to switch at each of ``voltage`` [V]; infinite where the device does not switch in ``LONGEST``."""

    device: str
    voltage: np.ndarray
    seconds: np.ndarray
    start: float
    stop: float


@dataclass(frozen=True, eq=False)
class SwitchingProbability:
    """Share of copies that have switched after each of ``width`` [s] at ``voltage`` [V]; ``error`` is one standard error."""

    device: str
    voltage: float
    width: np.ndarray
    probability: np.ndarray
    error: np.ndarray
    copies: int


def switching_time(device: Device, voltages: Sequence[float] | np.ndarray, *, start: float = FROM,
                   stop: float = TO) -> SwitchingTimes:
    """Return the time to go from one conductance to another at frozen voltages, without noise.

    Parameters
    ----------
    device : Device
        Two-terminal device.
    voltages : sequence of float
        Signed voltages [V]. Those that lower the conductance start at ``1 - start`` and end at ``1 - stop``.
    start, stop : float
        Conductances as fractions of the window, 0 <= start < stop <= 1.

    Raises
    ------
    ParameterError
        Fractions out of order.
    """
    if not 0.0 <= start < stop <= 1.0:
        raise ParameterError(f"switching_time: start = {start:g}, stop = {stop:g}; allowed is 0 <= start < stop <= 1.")
    volts = np.array(voltages, dtype=float)
    v_read = read_voltage(device, None)
    raising = volts * device.model.increase_sign > 0.0
    cells = Cells(device, volts.size)
    ends = []
    for share in (start, stop):
        low, high = Cells(device, volts.size), Cells(device, volts.size)
        low.put_at(share)
        high.put_at(1.0 - share)
        ends.append((np.where(raising, low.conductance(v_read), high.conductance(v_read)),
                     np.where(raising, low.state, high.state)))
    (_, first), (goal, _) = ends

    def switched(seconds: np.ndarray) -> np.ndarray:
        cells.state[:] = first
        cells.advance(volts, seconds)
        g = cells.conductance(v_read)
        return np.asarray(np.where(raising, g >= goal, g <= goal))

    late = np.full(volts.size, SHORTEST)
    while np.any(waiting := ~switched(late) & (late < LONGEST)):
        late[waiting] *= 2.0
    never = ~switched(late)
    early = np.where(late > SHORTEST, 0.5 * late, 0.0)
    for _ in range(HALVINGS):
        middle = 0.5 * (early + late)
        done = switched(middle)
        early, late = np.where(done, early, middle), np.where(done, middle, late)
    return SwitchingTimes(device.name, frozen(volts), frozen(np.where(never, np.inf, late)), start, stop)


def switching_probability(device: Device, voltage: float, widths: Sequence[float] | np.ndarray, *, copies: int = 10_000,
                          threshold: float = 0.5, seed: int = 0) -> SwitchingProbability:
    """Return the share of noisy copies whose conductance has passed ``threshold`` of the window after each width.

    Each width is a new pulse on fresh copies in the card's start state. A positive ``voltage * increase_sign`` counts
    conductances above the threshold, the other polarity those below.
    """
    widths = np.array(widths, dtype=float)
    if not (np.all(np.isfinite(widths)) and np.all(widths > 0.0)):
        raise ParameterError("switching_probability: widths must be finite and > 0 s.")
    v_read = read_voltage(device, None)
    middle = Cells(device)
    middle.put_at(threshold)
    goal = middle.conductance(v_read)[0]
    up = voltage * device.model.increase_sign > 0.0
    share = []
    for k, width in enumerate(widths):
        cells = Cells(device, copies, noisy=True, seed=seed + k)
        cells.advance(voltage, float(width))
        g = cells.conductance(v_read)
        share.append(np.mean(g >= goal if up else g <= goal))
    p = np.array(share)
    return SwitchingProbability(device.name, float(voltage), frozen(widths), frozen(p), frozen(np.sqrt(p * (1 - p) / copies)),
                                copies)
