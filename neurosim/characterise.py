"""Measure one device as a laboratory would: a current-voltage loop, and a train of identical pulses.

Both step the device's own ``advance`` kernel at frozen voltage, without noise. A loop is taken in small steps at the
voltage of the middle of each step (second order in the step); a pulse is one step, exact where ``advance`` is. Nothing
here changes the device: each measurement starts from the start state of its card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.card import Device
from neurosim.errors import DivergedError, ParameterError
from neurosim.frozen import frozen
from neurosim.units import quantity
from neurosim.waveform import PiecewiseLinear
from neurosim.waveform_segments import Waveform

DEFAULT_STEPS = 4000


@dataclass(frozen=True, eq=False)
class Loop:
    """A current-voltage loop: ``time`` [s], ``voltage`` [V], ``current`` [A], all of shape (n,), read-only.

    ``state`` has the shape (n_state, n), in the order of the model's states.
    """

    device: str
    time: np.ndarray
    voltage: np.ndarray
    current: np.ndarray
    state: np.ndarray


@dataclass(frozen=True, eq=False)
class PulseResponse:
    """Conductance after each of a train of identical pulses, first potentiating, then depressing.

    ``conductance`` [S] has the shape (1 + n_up + n_down,); its first entry is before any pulse. ``amplitude`` [V] has
    the sign that raises the conductance.
    """

    device: str
    conductance: np.ndarray
    n_up: int
    n_down: int
    amplitude: float
    width: float
    v_read: float

    @property
    def up(self) -> np.ndarray:
        """Conductances during potentiation [S], shape (1 + n_up,)."""
        return self.conductance[:self.n_up + 1]

    @property
    def down(self) -> np.ndarray:
        """Conductances during depression [S], shape (1 + n_down,)."""
        return self.conductance[self.n_up:]


def iv_sweep(device: Device, waveform: Any, *, duration: str | float | None = None, steps: int = DEFAULT_STEPS,
             strict: bool = False) -> Loop:
    """Return the current through a device while a voltage waveform runs.

    Parameters
    ----------
    device : Device
        Two-terminal device driven by a voltage.
    waveform : Waveform, or (times, voltages)
        A voltage of :mod:`neurosim.waveform` (``Triangle("1.2 V", period="20 us")``), or the corner points [s], [V] of
        a piecewise linear one.
    duration : str or float, optional
        How long [s]; the length of the waveform where it is left out (required where that has no end).
    steps : int
        Equal steps over the whole duration; edges of the waveform are added, so that none is cut.
    strict : bool
        Raise instead of warn where the voltage leaves the range of the card.

    Raises
    ------
    ParameterError
        The device has no current, or the waveform is malformed.
    DivergedError
        A state is no longer finite.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> loop = iv_sweep(load_device("vteam/nominal"), ([0, 1e-6, 3e-6, 4e-6], [0, 1, -1, 0]), steps=100)
    >>> loop.voltage.size
    101
    """
    waveform = _as_waveform(waveform)
    end = waveform.duration if duration is None else quantity(duration, "s", "iv_sweep: duration")
    if not 0.0 < end < np.inf:
        raise ParameterError(f"iv_sweep: duration = {end:g} s, allowed is a positive time. Give duration=..., or cycles to "
                             f"a waveform without end.")
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ParameterError(f"iv_sweep: steps = {steps!r}, allowed is an integer from 1 up.")
    time = _grid(end, int(steps), waveform.edges(end))
    dt, middle = np.diff(time), waveform(0.5 * (time[1:] + time[:-1]))
    voltage = waveform(time)
    device.check_voltage(float(min(voltage.min(), middle.min())), float(max(voltage.max(), middle.max())), strict=strict)
    cell = _Cell(device)
    state = np.empty((len(device.state), len(time)))
    current = np.empty(len(time))
    state[:, 0], current[0] = cell.state[:, 0], cell.current(voltage[0])
    for k in range(len(dt)):
        cell.advance(middle[k], dt[k])
        state[:, k + 1] = cell.state[:, 0]
        current[k + 1] = cell.current(voltage[k + 1])
    _check_finite(device, time, np.vstack([state, current]))
    return Loop(device.name, frozen(time), frozen(voltage), frozen(current), frozen(state))


def pulse_response(device: Device, amplitude: str | float, width: str | float, n_up: int = 50, n_down: int = 50,
                   v_read: str | float = 0.1, *, strict: bool = False) -> PulseResponse:
    """Return the conductance after each pulse of a potentiation and depression train.

    Parameters
    ----------
    device : Device
        Programmable two-terminal device.
    amplitude : str or float
        Magnitude of the pulses [V], > 0; depression uses the opposite sign.
    width : str or float
        Length of one pulse [s], > 0.
    n_up, n_down : int
        Number of pulses, >= 0, not both zero.
    v_read : str or float
        Read voltage [V], not above the card's ``v_read_max``.
    strict : bool
        Raise instead of warn where the voltage leaves the range of the card.

    Notes
    -----
    A read is ideal: i(v_read) / v_read at the present state, taken without moving it.
    """
    amplitude = quantity(amplitude, "V", "pulse_response: amplitude")
    width = quantity(width, "s", "pulse_response: width")
    v_read = quantity(v_read, "V", "pulse_response: v_read")
    for name, value, unit in (("amplitude", amplitude, "V"), ("width", width, "s"), ("v_read", abs(v_read), "V")):
        if not value > 0.0:
            raise ParameterError(f"pulse_response: {name} = {value:g} {unit}, allowed is a positive value. "
                                 f"The sign of each half of the train is taken from the model.")
    for name, count in (("n_up", n_up), ("n_down", n_down)):
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 0:
            raise ParameterError(f"pulse_response: {name} = {count!r}, allowed is an integer from 0 up.")
    if n_up + n_down == 0:
        raise ParameterError("pulse_response: n_up and n_down are both 0. Ask for at least one pulse.")
    if abs(v_read) > device.v_read_max:
        raise ParameterError(f"{device.name}: v_read = {v_read:g} V is above v_read_max = {device.v_read_max:g} V of "
                             f"the card: reading would move the device. Lower v_read.")
    device.check_voltage(-amplitude, amplitude, strict=strict)
    signed = amplitude * device.model.increase_sign
    cell = _Cell(device)
    conductance = [cell.current(v_read) / v_read]
    for voltage in [signed] * n_up + [-signed] * n_down:
        cell.advance(voltage, width)
        conductance.append(cell.current(v_read) / v_read)
    _check_finite(device, np.arange(len(conductance)) * width, np.array([conductance]))
    return PulseResponse(device.name, frozen(conductance), int(n_up), int(n_down), signed, width, v_read)


class _Cell:
    """One device with private writeable arrays, as kernels need them."""

    def __init__(self, device: Device) -> None:
        drives = device.model.drives
        if len(drives) != 1 or drives[0].unit != "V" or (device.model.current or device.model.conductance) is None:
            raise ParameterError(f"{device.name}: not a two-terminal device driven by one voltage, so it has no "
                                 f"current-voltage loop and no conductance.")
        params = np.array(device.params).reshape(-1, 1)
        # select() may return faster kernels for these parameters; a model without parameters has nothing to select by.
        self.model = device.model.select(params) if device.model.select else device.model
        self.params = params
        self.state = np.array(device.state).reshape(-1, 1)
        self._drive, self._dt = np.zeros((1, 1)), np.zeros(1)
        self._noise = np.zeros((max(len(self.model.noises), 1), 1))
        self._current, self._slope = np.zeros(1), np.zeros(1)
        self._advance = self.model.require("advance")

    def advance(self, voltage: float, duration: float) -> None:
        """Move the state over ``duration`` [s] at frozen voltage [V], without noise."""
        self._drive[0, 0], self._dt[0] = voltage, duration
        self._advance(self.state, self._drive, self.params, self._noise, self._dt, 0, 1)

    def current(self, voltage: float) -> float:
        """Return the current [A] at a voltage [V] and the present state."""
        if self.model.current is None:
            self.model.require("conductance")(self.state, self.params, self._current, 0, 1)
            return float(self._current[0] * voltage)
        self._drive[0, 0] = voltage
        self.model.current(self.state, self._drive, self.params, self._current, self._slope, 0, 1)
        return float(self._current[0])


def _as_waveform(waveform: Any) -> Waveform:
    """Return a voltage waveform; a pair of sequences becomes a piecewise linear one."""
    if isinstance(waveform, Waveform):
        unit = getattr(waveform, "unit", "V")
        if unit != "V":
            raise ParameterError(f"iv_sweep: the waveform is in {unit}, a two-terminal device needs one in V.")
        return waveform
    if not isinstance(waveform, Sequence) or len(waveform) != 2:
        raise ParameterError(f"iv_sweep: waveform is a {type(waveform).__name__}, allowed is a waveform or a pair "
                             f"(times [s], voltages [V]) of corner points.")
    if not all(isinstance(part, (Sequence, np.ndarray)) and not isinstance(part, str) for part in waveform):
        raise ParameterError("iv_sweep: corner points must be two lists, times [s] and voltages [V].")
    return PiecewiseLinear(tuple(waveform[0]), tuple(waveform[1]))


def _grid(end: float, steps: int, edges: np.ndarray) -> np.ndarray:
    """Return equal steps and all edges; a grid point that is an edge but for rounding gives way to the edge."""
    grid = np.linspace(0.0, end, steps + 1)
    if edges.size:
        right = np.minimum(np.searchsorted(edges, grid), edges.size - 1)
        near = np.minimum(np.abs(edges[right] - grid), np.abs(edges[np.maximum(right - 1, 0)] - grid))
        grid = np.concatenate([grid[near > 1e-9 * end / steps], edges])
    return np.unique(np.concatenate([grid, [0.0, end]]))


def _check_finite(device: Device, time: np.ndarray, values: np.ndarray) -> None:
    bad = ~np.isfinite(values).all(axis=0)
    if bad.any():
        raise DivergedError(f"{device.name}: state or current is not finite after {time[np.argmax(bad)]:g} s. "
                            f"Lower the voltage or take more steps.")
