"""What happens to a written conductance when it is left alone, and when it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.characterise.pulses import read_voltage
from neurosim.errors import ParameterError
from neurosim.frozen import frozen

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


def retention(device: Device, times: Sequence[float] | np.ndarray | None = None, *, start: Sequence[float] = SHARES,
              voltage: float = 0.0) -> Retention:
    """Return conductances of a device that is held at a voltage, 0 V unless given, from several starts, without noise.

    Parameters
    ----------
    device : Device
        Two-terminal device.
    times : sequence of float, optional
        Increasing times [s]; 1 us to 1e8 s, two per decade, where they are left out.
    start : sequence of float
        Conductances as fractions of the window.
    voltage : float
        Held voltage [V].
    """
    grid = np.logspace(-6, 8, 29) if times is None else np.array(times, dtype=float)
    if grid.ndim != 1 or grid.size == 0 or not np.all(np.isfinite(grid)) or grid[0] < 0 or np.any(np.diff(grid) <= 0):
        raise ParameterError("retention: times must be finite, increasing and >= 0 s.")
    grid = np.concatenate([[0.0], grid[grid > 0.0]])
    v_read = read_voltage(device, None)
    cells = Cells(device, len(start))
    low, high = Cells(device), Cells(device)
    low.put_at(0.0)
    high.put_at(1.0)
    for k, share in enumerate(start):
        one = Cells(device)
        one.put_at(share)
        cells.state[:, k] = one.state[:, 0]
    conductance = [cells.conductance(v_read)]
    for wait in np.diff(grid):
        cells.advance(voltage, float(wait))
        conductance.append(cells.conductance(v_read))
    window = abs(float(high.conductance(v_read)[0] - low.conductance(v_read)[0]))
    return Retention(device.name, frozen(grid), frozen(np.array(conductance)), tuple(start), float(voltage), window)


def read_disturb(device: Device, v_read: str | float | None = None, times: Sequence[float] | np.ndarray | None = None, *,
                 start: Sequence[float] = SHARES) -> tuple[Retention, Retention]:
    """Return what reading does: the device held at +v_read and at -v_read [V], see :func:`retention`."""
    volts = abs(read_voltage(device, v_read))
    return retention(device, times, start=start, voltage=volts), retention(device, times, start=start, voltage=-volts)
