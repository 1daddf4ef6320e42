"""The conductance after one pulse, against its voltage and width: what a device does that pulse trains do not show.

Threshold and volatile devices, devices that only one polarity moves, and devices that switch at random: copies start at the
lowest conductance of their window for voltages that raise it and at the highest for the others, each copy gets one pulse, and
the mean conductance at its end is read. A volatile device, which falls back at 0 V, starts in the state of its card.
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
from neurosim.library import DeviceLike, as_device

LONG = 1e3  # s: a device that forgets more than half of its window in this time is volatile
SHORTEST, LONGEST = -12, 6  # decades of seconds that are tried for pulse widths
BINARY_COPIES = 64
AT_END = 0.02  # of the window: a binary device is never further from one of its ends
MOVED = 0.5  # of the largest response


@dataclass(frozen=True, eq=False)
class OnePulse:
    """Conductances after one pulse.

    Attributes
    ----------
    voltage : ndarray, shape (n,)
        [V], signed.
    width : ndarray, shape (m,)
        [s].
    before : ndarray, shape (n,)
        Conductance of the start [S].
    conductance : ndarray, shape (m, n)
        After the pulse, mean over copies [S].
    low, high : float
        Conductance window [S].
    """

    device: str
    voltage: np.ndarray
    width: np.ndarray
    before: np.ndarray
    conductance: np.ndarray
    low: float
    high: float
    v_read: float

    @property
    def moved(self) -> np.ndarray:
        """Change of the conductance as a fraction of the window, shape (m, n); the switching probability of binary devices."""
        return np.asarray(np.abs(self.conductance - self.before) / (self.high - self.low))


def one_pulse(device: DeviceLike, voltages: Sequence[float] | np.ndarray, widths: Sequence[float] | np.ndarray, *,
              copies: int = 1, seed: int = 0) -> OnePulse:
    """Return the mean conductance of ``copies`` fresh devices after one pulse, for each voltage [V] and each width [s].

    More than one copy draws the noise of the model.
    """
    device = as_device(device)
    volts, seconds = np.array(voltages, dtype=float), np.array(widths, dtype=float)
    if copies < 1 or not (np.isfinite(volts).all() and np.isfinite(seconds).all() and np.all(seconds > 0.0)):
        raise ParameterError("one_pulse: voltages must be finite, widths finite and > 0 s, copies >= 1.")
    v_read = read_voltage(device, None)
    ends = window_states(device)
    cells = Cells(device, volts.size * copies, noisy=copies > 1, seed=seed)
    spread = np.repeat(volts, copies)
    volatile = is_volatile(device)
    raising = spread * device.model.increase_sign > 0.0
    first = cells.state.copy() if volatile else np.where(raising, ends[:, :1], ends[:, 1:])
    cells.state[:] = first
    if copies > 1 and not volatile and not device.model.programmable:  # latent numbers are drawn by a cycle
        highest = _limits(device)[np.where(spread > 0.0, 1, 0)]
        for voltage in (highest, -highest):
            cells.advance(voltage, 1.0)
        first = cells.state.copy()
    before = cells.conductance(v_read)
    after = []
    for width in seconds:
        cells.state[:] = first
        cells.advance(spread, float(width))
        after.append(cells.conductance(v_read).reshape(volts.size, copies).mean(axis=1))
    start, result = before.reshape(volts.size, copies)[:, 0], np.array(after)
    both = Cells(device, 2)
    both.state[:] = ends
    low, high = both.conductance(v_read)
    if volatile:  # its window is what pulses reach: the ends of its states may never be met
        low, high = min(start.min(), result.min()), max(start.max(), result.max())
    return OnePulse(device.name, frozen(volts), frozen(seconds), frozen(start), frozen(result), float(low), float(high), v_read)


def responding_widths(device: DeviceLike, voltages: Sequence[float] | np.ndarray, count: int = 4,
                      copies: int = 1) -> np.ndarray:
    """Return pulse widths [s], a decade apart: the shortest that moves a device at some of the voltages, and longer ones."""
    decades = 10.0 ** np.arange(SHORTEST, LONGEST + 1)
    moved = one_pulse(device, voltages, decades, copies=copies).moved.max(axis=1)
    if not moved.max() > 0.0:
        return np.asarray(decades[-count:])
    first = int(np.flatnonzero(moved >= MOVED * moved.max())[0])
    return np.asarray(decades[first:first + count])


def window_states(device: Device) -> np.ndarray:
    """Return the states of the lowest and of the highest conductance, shape (n_state, 2).

    Each state that has finite bounds and acts on the conductance goes to the end that lowers or raises it, one by one; the
    others stay as they are on the card. Right for conductances that are monotonic in every state.
    """
    v_read = read_voltage(device, None)
    ends = np.repeat(np.array(device.state, dtype=float).reshape(-1, 1), 2, axis=1)
    for row, spec in enumerate(device.model.states):
        if np.isfinite([spec.low, spec.high]).all():
            cells = Cells(device, 2)
            cells.state[row] = spec.low, spec.high
            at_low, at_high = cells.conductance(v_read)
            if at_low != at_high:
                ends[row] = (spec.low, spec.high) if at_low < at_high else (spec.high, spec.low)
    return ends


def put_at_ends(cells: Cells, high: np.ndarray) -> None:
    """Put copies at the lowest or, where ``high`` (n,) is true, at the highest conductance; latent states stay as drawn."""
    ends = window_states(cells.device)
    moving = ends[:, 0] != ends[:, 1]
    cells.state[moving] = ends[:, high.astype(int)][moving]


def is_volatile(device: Device) -> bool:
    """Tell whether a device loses more than half of what a long pulse at the card's limit did, once it is left alone."""
    v_read = read_voltage(device, None)
    cells = Cells(device, 2)
    before = cells.conductance(v_read)
    cells.advance(_limits(device), 1.0)
    written = cells.conductance(v_read) - before
    cells.advance(0.0, LONG)
    kept = cells.conductance(v_read) - before
    return bool(np.any((written > 0.0) & (kept < 0.5 * written)))


def is_binary(device: Device) -> bool:
    """Tell whether noisy copies are only ever found at the two ends of the window, some at each, while a pulse goes on."""
    if not device.model.noises or device.model.advance is None:
        return False
    volts = _limits(device)[1 if device.model.increase_sign > 0 else 0]
    v_read = read_voltage(device, None)
    ends = window_states(device)
    both = Cells(device, 2)
    both.state[:] = ends
    low, high = both.conductance(v_read)
    cells = Cells(device, BINARY_COPIES, noisy=True)
    cells.state[:] = ends[:, :1]
    for decade in np.arange(SHORTEST, LONGEST + 1, 0.25):
        cells.advance(float(volts), 10.0 ** float(decade))
        share = (cells.conductance(v_read) - low) / (high - low)
        if 0.2 < share.mean() < 0.8:
            return bool(np.all(np.minimum(share, 1.0 - share) < AT_END))
    return False


def refuse_between(device: Device, starts: np.ndarray | float) -> None:
    """Refuse starts, fractions of the window, that a device with two conductances cannot have."""
    if is_binary(device) and not np.isin(starts, (0.0, 1.0)).all():
        raise ParameterError(f"{device.name}: start = {np.ravel(starts).tolist()}, but it has only two conductances, 0 and 1.")


def _limits(device: Device) -> np.ndarray:
    """Return the lowest and the highest voltage of the card [V], shape (2,); -1 and 1 V where it says nothing."""
    return np.array([device.card.valid.get("v_min", -1.0), device.card.valid.get("v_max", 1.0)])
