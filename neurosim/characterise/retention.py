"""What happens to a written conductance when it is left alone, and when it is read.

A binary device has two conductances: there noisy copies are held at each, and their share that is still there is told.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.characterise.drive import kind_of
from neurosim.characterise.inputs import quantities, whole_number
from neurosim.characterise.one_pulse import put_at_ends, refuse_between, window_states
from neurosim.characterise.pulses import read_voltage
from neurosim.errors import ParameterError
from neurosim.frozen import frozen
from neurosim.library import DeviceLike, as_device
from neurosim.units import quantity

SHARES = (0.1, 0.5, 0.9)  # of the conductance window
ENDS = (0.0, 1.0)  # where copies of a binary device can be
COPIES = 1000


@dataclass(frozen=True, eq=False)
class Retention:
    """Conductances over time at a constant voltage.

    Attributes
    ----------
    time : ndarray, shape (n_time,)
        Since the state was put in place [s]; the first is 0.
    conductance : ndarray, shape (n_time, n)
        One column per start [S]; the mean over the copies of a binary device.
    start : tuple of float
        Start conductances as fractions of the window.
    voltage : float
        Held voltage [V]: 0 for retention, the read voltage for read disturb.
    window : float
        Width of the conductance window [S].
    copies : int
        1, or the number of noisy copies of a binary device in each column.
    """

    device: str
    time: np.ndarray
    conductance: np.ndarray
    start: tuple[float, ...]
    voltage: float
    window: float
    copies: int = 1

    @property
    def change(self) -> np.ndarray:
        """Change since the start as a fraction of the window, shape (n_time, n)."""
        return np.asarray((self.conductance - self.conductance[0]) / self.window)

    @property
    def kept(self) -> np.ndarray:
        """1 - |change|, shape (n_time, n): of a binary device the share of copies that still hold their state."""
        return np.asarray(1.0 - np.abs(self.change))


def retention(device: DeviceLike, times: Sequence[str | float] | np.ndarray | None = None, *,
              start: Sequence[float] | None = None, voltage: str | float = 0.0, copies: int = COPIES,
              seed: int = 0) -> Retention:
    """Return conductances of a device that is held at a voltage, 0 V unless given, from several starts.

    Without noise; but a device that is only ever at one of two conductances is noisy copies in each of them.

    Parameters
    ----------
    device : Device or str
        Two-terminal device with a state, or the name of its card.
    times : sequence of str or float, optional
        Increasing times [s]; 1 us to 1e8 s, two per decade, where they are left out.
    start : sequence of float, optional
        Conductances as fractions of the window, 0 to 1; 0.1, 0.5 and 0.9 where they are left out. 0 and 1 of a binary device.
    voltage : str or float
        Held voltage [V].
    copies, seed : int
        Noisy copies of a binary device, and the key of their noise.

    Returns
    -------
    Retention
        ``time`` (n_time,) [s], ``conductance`` (n_time, n) [S], ``change`` and ``kept`` (n_time, n) of the window.

    Warns
    -----
    UserWarning
        A volatile device, which falls back by itself: it cannot be written to these conductances and left there.

    Raises
    ------
    ParameterError
        Times that do not increase, starts outside the window or that the device cannot have, a device without a state.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> held = retention(load_device("two_state/knowm_sdc"), ["1.8096 s"], start=[0.9])  # to 1/e
    >>> held.change.round(3).ravel()  # of 0.4
    array([ 0.   , -0.253])
    """
    device = as_device(device)
    grid = np.logspace(-6, 8, 29) if times is None else quantities(times, "s", "retention: times")
    volts = quantity(voltage, "V", "retention: voltage")
    device.check_voltage(volts, volts)
    kind = kind_of(device)
    starts = quantities((ENDS if kind == "binary" else SHARES) if start is None else start, "", "retention: start")
    if kind != "binary":
        if kind == "volatile":
            warnings.warn(f"{device.name}: volatile, so no pulse leaves it at these conductances: this is their fall back at "
                          f"{volts:g} V.", UserWarning, stacklevel=2)
        return held(device, grid, starts, volts)
    refuse_between(device, starts)
    return held(device, grid, starts, volts, whole_number(copies, 1, "retention: copies"), seed)


def held(device: Device, times: np.ndarray, starts: np.ndarray, volts: float, copies: int = 1, seed: int = 0) -> Retention:
    """Return what the law does to a device at a held voltage [V], from any starts; more than one copy means with noise.

    Parameters
    ----------
    device : Device
    times : ndarray, shape (n,)
        Increasing, >= 0 [s].
    starts : ndarray, shape (m,)
        Fractions of the window; 0 and 1 only, where there is more than one copy.
    """
    if times[0] < 0 or np.any(np.diff(times) <= 0):
        raise ParameterError("retention: times must be finite, increasing and >= 0 s.")
    grid = np.concatenate([[0.0], times[times > 0.0]])
    v_read = read_voltage(device, None)
    cells, ends = Cells(device, starts.size * copies, noisy=copies > 1, seed=seed), Cells(device, 2)
    if copies > 1:
        ends.state[:] = window_states(device)
        put_at_ends(cells, np.repeat(starts > 0.0, copies))
    else:
        ends.put_at(np.array(ENDS))
        cells.put_at(starts)
    window = float(np.ptp(ends.conductance(v_read)))
    if not window > 0.0:
        raise ParameterError(f"{device.name}: its conductance is the same in every state, so there is nothing to keep.")
    conductance = [cells.conductance(v_read)]
    for wait in np.diff(grid):
        cells.advance(volts, float(wait))
        conductance.append(cells.conductance(v_read))
    means = np.array(conductance).reshape(grid.size, starts.size, copies).mean(axis=2)
    return Retention(device.name, frozen(grid), frozen(means), tuple(starts.tolist()), volts, window, copies)


def read_disturb(device: DeviceLike, v_read: str | float | None = None, times: Sequence[str | float] | np.ndarray | None = None,
                 *, start: Sequence[float] | None = None) -> tuple[Retention, Retention]:
    """Return what reading does: the device held at +v_read and at -v_read [V], two results of :func:`retention`.

    Parameters
    ----------
    device, times, start
        As in :func:`retention`.
    v_read : str or float, optional
        Read voltage [V], not above the card's ``v_read_max``; 0.1 V or that limit where it is left out.

    Returns
    -------
    tuple of Retention
        At +v_read and at -v_read.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> [bool(held.change.any()) for held in read_disturb(load_device("vteam/nominal"), "0.2 V")]
    [False, False]
    """
    device = as_device(device)
    volts = abs(read_voltage(device, v_read))
    return retention(device, times, start=start, voltage=volts), retention(device, times, start=start, voltage=-volts)
