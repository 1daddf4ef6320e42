"""Waveforms as tables of segments: the base class of all shapes, and the checks of their arguments.

A waveform is a frozen recipe in SI floats. It is called with times, lists the times where it jumps or kinks (``edges``:
integration steps end exactly there), and turns itself into a table of segments for compiled code
(:mod:`neurosim.kernels.steppers.population_system`). It is right-continuous: at an edge it already has its new value.
Before t = 0 it has its value at t = 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.errors import ParameterError
from neurosim.units import quantity

Number = Any  # a string with a unit or an SI float; always a float once the waveform exists
MAX_SEGMENTS = 5_000_000  # 240 MB of table: a train longer than this is a mistake in a unit
Row = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Waveform:
    """Base class: subclasses give their segments, the rest follows."""

    def _rows(self, t_end: float) -> list[Row]:
        raise NotImplementedError

    @property
    def duration(self) -> float:
        """Time after which nothing changes any more [s], infinite for a periodic waveform without end."""
        return math.inf

    def segments(self, t_end: float) -> np.ndarray:
        """Return the table of segments up to ``t_end`` [s], shape (n_segment, 6): start, value, slope, sine."""
        rows = [row for row in self._rows(t_end) if row[0] <= t_end]
        # A segment without length (no rise time) is overtaken by the next one that starts at the same time.
        kept = [row for k, row in enumerate(rows) if k + 1 == len(rows) or rows[k + 1][0] > row[0]]
        return np.array(kept, dtype=float)

    def edges(self, t_end: float) -> np.ndarray:
        """Return the times in (0, t_end) where the waveform jumps or kinks [s], increasing."""
        starts = self.segments(t_end)[:, 0]
        return starts[(starts > 0.0) & (starts < t_end)]

    def __call__(self, t: Any) -> np.ndarray:
        """Return the values at times ``t`` [s], any shape."""
        t = np.asarray(t, dtype=float)
        table = self.segments(float(t.max())) if t.size else self.segments(0.0)
        start, value, slope, amplitude, frequency, phase = table[
            np.maximum(np.searchsorted(table[:, 0], t, side="right") - 1, 0)].T.reshape(6, *t.shape)
        s = np.maximum(t, 0.0) - start
        return value + slope * s + amplitude * np.sin(2.0 * np.pi * frequency * s + phase)


def ramp(start: float, value: float, slope: float = 0.0) -> Row:
    """Return the segment of a straight line from ``value`` at ``start`` [s], constant where ``slope`` [per second] is zero."""
    return (start, value, slope, 0.0, 0.0, 0.0)


def set_fields(waveform: Waveform, **fields: Any) -> None:
    """Replace arguments of a frozen waveform by checked SI values; for ``__post_init__`` only."""
    for name, value in fields.items():
        object.__setattr__(waveform, name, value)


def check_time(value: Number, name: str, positive: bool = False) -> float:
    """Return a time [s], at least or (if positive) above zero."""
    time = quantity(value, "s", name)
    if time < 0.0 or (positive and time == 0.0):
        raise ParameterError(f"{name} = {time:g} s must be {'above' if positive else 'at least'} 0 s.")
    return time


def check_count(count: Any, name: str) -> None:
    """Raise unless a number of repetitions is an integer whose table of segments fits into memory."""
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or not 1 <= count <= MAX_SEGMENTS // 4:
        raise ParameterError(f"{name} = {count} must be an integer in [1, {MAX_SEGMENTS // 4}].")
