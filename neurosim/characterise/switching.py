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
from neurosim.characterise.inputs import quantities, share_of, whole_number
from neurosim.characterise.one_pulse import refuse_between, window_states
from neurosim.characterise.pulses import read_voltage
from neurosim.errors import ParameterError
from neurosim.frozen import frozen
from neurosim.library import DeviceLike, as_device
from neurosim.units import quantity

SHORTEST, LONGEST = 1e-12, 1e6  # s
HALVINGS = 40  # relative error of a time: 2**-40 of the last doubling
FROM, TO = 0.1, 0.9  # of the conductance window


@dataclass(frozen=True, eq=False)
class SwitchingTimes:
    """Switching times.

    Attributes
    ----------
    voltage, seconds : ndarray, shape (n,)
        Held voltages [V], and the time to switch at each [s]; infinite where the device does not switch in ``LONGEST``.
    start, stop : float
        Fractions of the conductance window between which the time is taken.
    """

    device: str
    voltage: np.ndarray
    seconds: np.ndarray
    start: float
    stop: float


@dataclass(frozen=True, eq=False)
class SwitchingProbability:
    """Switching probability.

    Attributes
    ----------
    voltage : float
        Of the pulse [V].
    width, probability, error : ndarray, shape (n,)
        Widths [s], the share of copies that have switched after each, and one standard error of that.
    copies : int
        Copies per width.
    """

    device: str
    voltage: float
    width: np.ndarray
    probability: np.ndarray
    error: np.ndarray
    copies: int


def switching_time(device: DeviceLike, voltages: str | float | Sequence[str | float] | np.ndarray, *, start: float = FROM,
                   stop: float = TO, strict: bool = False) -> SwitchingTimes:
    """Return the time to go from one conductance to another at frozen voltages, without noise.

    Parameters
    ----------
    device : Device
        Two-terminal device.
    voltages : str or float, or a sequence of them
        Signed voltages [V]. Those that lower the conductance start at ``1 - start`` and end at ``1 - stop``.
    start, stop : float
        Conductances as fractions of the window, 0 <= start < stop <= 1.
    strict : bool
        Raise instead of warn where a voltage leaves the range of the card.

    Returns
    -------
    SwitchingTimes
        ``voltage`` and ``seconds``, shape (n,).

    Raises
    ------
    ParameterError
        Fractions out of order, voltages that are not.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> switching_time(load_device("vteam/technion"), ["1 V"], start=0.0, stop=1.0).seconds.round(10)
    array([1.224e-07])
    """
    device, start, stop = as_device(device), quantity(start, "", "start"), quantity(stop, "", "stop")
    if not 0.0 <= start < stop <= 1.0:
        raise ParameterError(f"switching_time: start = {start:g}, stop = {stop:g}; allowed is 0 <= start < stop <= 1.")
    volts = quantities(voltages, "V", "switching_time: voltages")
    device.check_voltage(float(volts.min()), float(volts.max()), strict=strict)
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


def switching_probability(device: DeviceLike, voltage: str | float, widths: str | float | Sequence[str | float] | np.ndarray, *,
                          copies: int = 10_000, threshold: float = 0.5, start: float | None = None, seed: int = 0,
                          strict: bool = False) -> SwitchingProbability:
    """Return the share of noisy copies whose conductance has passed ``threshold`` of the window after each width.

    Parameters
    ----------
    device : Device
        Two-terminal device; without noise in its law all copies switch at once.
    voltage : str or float
        Signed voltage of the pulse [V].
    widths : str or float, or a sequence of them
        Each is a new pulse [s] on fresh copies.
    copies : int
        Copies per width.
    threshold : float
        Conductance as a fraction of the window, 0 to 1. A positive ``voltage * increase_sign`` counts the copies above it, the
        other polarity those below.
    start : float, optional
        Conductance of the copies before the pulse as a fraction of the window, 0 to 1; the card's start state where it is left
        out.
    seed : int
        Of the noise; another one for each width follows from it.
    strict : bool
        Raise instead of warn where the voltage leaves the range of the card.

    Returns
    -------
    SwitchingProbability
        ``width``, ``probability`` and ``error``, shape (n,).

    Raises
    ------
    ParameterError
        A device without a state, widths that are not positive, or copies that are past the threshold before the pulse.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> tau = 2.85e5 * np.exp(-3.0 / 0.156)
    >>> found = switching_probability(load_device("stochastic_switch/gaba2013_ag_silicon"), "3 V", [tau], copies=1000)
    >>> bool(abs(found.probability[0] - (1.0 - np.exp(-1.0))) < 0.06)
    True
    """
    device = as_device(device)
    if start is not None:
        start = share_of(start, "switching_probability: start")
        refuse_between(device, start)
    widths, volts = quantities(widths, "s", "switching_probability: widths"), quantity(
        voltage, "V", "switching_probability: voltage")
    copies = whole_number(copies, 1, "switching_probability: copies")
    device.check_voltage(volts, volts, strict=strict)
    if not np.all(widths > 0.0):
        raise ParameterError("switching_probability: widths must be finite and > 0 s.")
    v_read = read_voltage(device, None)
    goal = _conductance_at(device, share_of(threshold, "switching_probability: threshold"), v_read)
    up = volts * device.model.increase_sign > 0.0
    share = []
    for k, width in enumerate(widths):
        cells = Cells(device, copies, noisy=True, seed=seed + k)
        if start is not None:
            cells.put_at(start)
        before = cells.conductance(v_read)
        if np.all(before >= goal if up else before <= goal):
            raise ParameterError(f"{device.name}: all copies are past the threshold before the pulse of {volts:g} V. Give "
                                 f"start={0.0 if up else 1.0:g} (a fraction of the window), or another voltage.")
        cells.advance(volts, float(width))
        g = cells.conductance(v_read)
        share.append(np.mean(g >= goal if up else g <= goal))
    p = np.array(share)
    return SwitchingProbability(device.name, volts, frozen(widths), frozen(p), frozen(np.sqrt(p * (1 - p) / copies)),
                                copies)


def _conductance_at(device: Device, share: float, v_read: float) -> float:
    """Return the conductance [S] at a share of the window; of all states together where one alone does not set it."""
    if device.model.programmable:
        cells = Cells(device)
        cells.put_at(share)
        return float(cells.conductance(v_read)[0])
    ends = Cells(device, 2)
    ends.state[:] = window_states(device)
    low, high = ends.conductance(v_read)
    if not low < high:
        raise ParameterError(f"{device.name}: one conductance in every state, so nothing switches.")
    return float(low + share * (high - low))
