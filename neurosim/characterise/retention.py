"""What happens to a written conductance when it is left alone, and when it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.characterise.inputs import quantities
from neurosim.characterise.pulses import read_voltage
from neurosim.errors import ParameterError
from neurosim.frozen import frozen
from neurosim.units import quantity

SHARES = (0.1, 0.5, 0.9)  # of the conductance window


@dataclass(frozen=True, eq=False)
class Retention:
    """Conductances over time at a constant voltage.

    Attributes
    ----------
    time : ndarray, shape (n_time,)
        Since the state was put in place [s]; the first is 0.
    conductance : ndarray, shape (n_time, n)
        One column per start [S].
    start : tuple of float
        Start conductances as fractions of the window.
    voltage : float
        Held voltage [V]: 0 for retention, the read voltage for read disturb.
    window : float
        Width of the conductance window [S].
    """

    device: str
    time: np.ndarray
    conductance: np.ndarray
    start: tuple[float, ...]
    voltage: float
    window: float

    @property
    def change(self) -> np.ndarray:
        """Change since the start as a fraction of the window, shape (n_time, n)."""
        return np.asarray((self.conductance - self.conductance[0]) / self.window)


def retention(device: Device, times: Sequence[str | float] | np.ndarray | None = None, *, start: Sequence[float] = SHARES,
              voltage: str | float = 0.0) -> Retention:
    """Return conductances of a device that is held at a voltage, 0 V unless given, from several starts, without noise.

    Parameters
    ----------
    device : Device
        Two-terminal device.
    times : sequence of str or float, optional
        Increasing times [s]; 1 us to 1e8 s, two per decade, where they are left out.
    start : sequence of float
        Conductances as fractions of the window, 0 to 1.
    voltage : str or float
        Held voltage [V].

    Raises
    ------
    ParameterError
        Times that do not increase, starts outside the window, a device without a conductance.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> held = retention(load_device("two_state/knowm_sdc"), ["1.8096 s"], start=[0.9])  # to 1/e
    >>> held.change.round(3).ravel()  # of 0.4
    array([ 0.   , -0.253])
    """
    grid = np.logspace(-6, 8, 29) if times is None else quantities(times, "s", "retention: times")
    starts, volts = quantities(start, "", "retention: start"), quantity(voltage, "V", "retention: voltage")
    device.check_voltage(volts, volts)
    if grid[0] < 0 or np.any(np.diff(grid) <= 0):
        raise ParameterError("retention: times must be finite, increasing and >= 0 s.")
    grid = np.concatenate([[0.0], grid[grid > 0.0]])
    v_read = read_voltage(device, None)
    cells, ends = Cells(device, starts.size), Cells(device, 2)
    cells.put_at(starts)
    ends.put_at(np.array([0.0, 1.0]))
    conductance = [cells.conductance(v_read)]
    for wait in np.diff(grid):
        cells.advance(volts, float(wait))
        conductance.append(cells.conductance(v_read))
    window = float(np.ptp(ends.conductance(v_read)))
    if not window > 0.0:
        raise ParameterError(f"{device.name}: its conductance is the same in every state, so there is nothing to keep.")
    return Retention(device.name, frozen(grid), frozen(np.array(conductance)), tuple(starts.tolist()), volts, window)


def read_disturb(device: Device, v_read: str | float | None = None, times: Sequence[str | float] | np.ndarray | None = None,
                 *, start: Sequence[float] = SHARES) -> tuple[Retention, Retention]:
    """Return what reading does: the device held at +v_read and at -v_read [V], two results of :func:`retention`.

    Parameters
    ----------
    device, times, start
        As in :func:`retention`.
    v_read : str or float, optional
        Read voltage [V], not above the card's ``v_read_max``; 0.1 V or that limit where it is left out.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> [bool(held.change.any()) for held in read_disturb(load_device("vteam/nominal"), "0.2 V")]
    [False, False]
    """
    volts = abs(read_voltage(device, v_read))
    return retention(device, times, start=start, voltage=volts), retention(device, times, start=start, voltage=-volts)
