"""A current-voltage loop: small steps of ``advance`` at the voltage in the middle of each (second order in the step).

Nothing here changes the device: the measurement starts from the start state of its card, without noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.characterise.cells import Cells
from neurosim.errors import DivergedError, ParameterError
from neurosim.frozen import frozen
from neurosim.library import DeviceLike, as_device
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


def iv_sweep(device: DeviceLike, waveform: Any, *, duration: str | float | None = None, steps: int = DEFAULT_STEPS,
             strict: bool = False, noisy: bool = False, seed: int = 0) -> Loop:
    """Return the current through a device while a voltage waveform runs.

    Parameters
    ----------
    device : Device or str
        Two-terminal device driven by a voltage, or the name of its card.
    waveform : Waveform, or (times, voltages)
        A voltage of :mod:`neurosim.waveform` (``Triangle("1.2 V", period="20 us")``), or the corner points [s], [V] of
        a piecewise linear one.
    duration : str or float, optional
        How long [s]; the length of the waveform where it is left out (required where that has no end).
    steps : int
        Equal steps over the whole duration; edges of the waveform are added, so that none is cut. A behavioural device,
        which counts pulses, gets steps of at least one pulse.
    strict : bool
        Raise instead of warn where the voltage leaves the range of the card.
    noisy, seed : bool, int
        With the model's own noise, keyed by ``seed``; otherwise the law without it.

    Returns
    -------
    Loop
        ``time`` [s], ``voltage`` [V] and ``current`` [A], shape (n,); ``state`` (n_state, n).

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
    device, waveform = as_device(device), _as_waveform(waveform)
    end = waveform.duration if duration is None else quantity(duration, "s", "iv_sweep: duration")
    if not 0.0 < end < np.inf:
        raise ParameterError(f"iv_sweep: duration = {end:g} s, allowed is a positive time. Give duration=..., or cycles to "
                             f"a waveform without end.")
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ParameterError(f"iv_sweep: steps = {steps!r}, allowed is an integer from 1 up.")
    if device.model.pulse:
        steps = max(1, min(steps, int(end / max(device.value(name) for name in device.model.pulse) * (1 + 1e-9))))
    time = _grid(end, int(steps), waveform.edges(end))
    dt, middle = np.diff(time), waveform(0.5 * (time[1:] + time[:-1]))
    voltage = waveform(time)
    device.check_voltage(float(min(voltage.min(), middle.min())), float(max(voltage.max(), middle.max())), strict=strict)
    cell = Cells(device, noisy=noisy, seed=seed)
    state = np.empty((len(device.state), len(time)))
    current = np.empty(len(time))
    state[:, 0], current[0] = cell.state[:, 0], cell.current(voltage[0])[0]
    for k in range(len(dt)):
        cell.advance(middle[k], dt[k])
        state[:, k + 1] = cell.state[:, 0]
        current[k + 1] = cell.current(voltage[k + 1])[0]
    if not np.isfinite(current).all():
        raise DivergedError(f"{device.name}: the current is not finite after {time[np.argmin(np.isfinite(current))]:g} s. "
                            "Lower the voltage or take more steps.")
    return Loop(device.name, frozen(time), frozen(voltage), frozen(current), frozen(state))


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
