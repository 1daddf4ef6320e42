"""Modifiers with states of their own that the device does not act on: twins of ``rate`` and ``advance``, start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from neurosim.device import DeviceModel

Normals = Callable[[str], np.ndarray]  # line of a law -> standard normal numbers (n,)
Start = Callable[[np.ndarray, np.ndarray, Normals], None]  # state, params, normals
SlowRate = Callable[[float, Sequence[float], Mapping[str, float]], list[float]]
SlowStep = Callable[[float, Sequence[float], Mapping[str, float], Sequence[float], float], list[float]]


def also(inner: DeviceModel, start: Start) -> Start:
    """Return a ``start`` that draws the states of the inner model, then those of the modifier."""

    def both(state: np.ndarray, params: np.ndarray, normal: Normals) -> None:
        if inner.start is not None:
            inner.start(state, params, normal)
        start(state, params, normal)

    return both


def moving_twins(inner: DeviceModel, own_rate: SlowRate, own_advance: SlowStep) -> dict[str, Any]:
    """Return twins of ``rate`` and ``advance``: the inner ones, then the modifier's own states.

    Parameters
    ----------
    inner : DeviceModel
    own_rate : callable
        (voltage [V], own states, params) -> rates of the own states.
    own_advance : callable
        (voltage [V], own states, params, own noise, duration [s]) -> own states after the step.
    """
    slow_rate, slow_advance = inner.twins.get("rate"), inner.twins.get("advance")
    n, z = len(inner.states), len(inner.noises)

    def twin_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return dx/dt of one device in plain Python."""
        assert slow_rate is not None
        return [*slow_rate(state[:n], drive, params), *own_rate(drive[0], state[n:], params)]

    def twin_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                     duration: float) -> list[float]:
        """Return the states of one device after ``duration`` in plain Python."""
        assert slow_advance is not None
        return [*slow_advance(state[:n], drive, params, noise[:z], duration),
                *own_advance(drive[0], state[n:], params, noise[z:], duration)]

    return {"rate": twin_rate if slow_rate else None, "advance": twin_advance if slow_advance else None}
