"""What is applied to a device over time: constants, pulses, triangles, sines, steps.

Each waveform is a frozen recipe in SI floats; arguments may be strings with units (``Pulse("1.2 V", "50 ns")``). A
waveform is called with times, lists the times where it jumps or kinks (``edges``: integration steps end exactly there),
and turns itself into a table of segments for compiled code (:mod:`neurosim.kernels.steppers.population_system`). It is
right-continuous: at an edge it already has its new value. Before t = 0 it has its value at t = 0.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from neurosim.errors import ParameterError

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


@dataclass(frozen=True)
class Constant(Waveform):
    """The same value at all times.

    Parameters
    ----------
    value : str or float
        Level [``unit``].
    unit : str
        SI unit of the drive, ``"V"`` unless the device is driven by a current or a field.

    Examples
    --------
    >>> float(Constant("0.2 V")(1e-3))
    0.2
    """

    value: Number
    _: KW_ONLY
    unit: str = "V"

    def __post_init__(self) -> None:
        _set(self, value=_level(self.value, self.unit, "Constant: value"))

    @property
    def duration(self) -> float:
        return 0.0

    def _rows(self, t_end: float) -> list[Row]:
        return [_ramp(0.0, self.value)]


@dataclass(frozen=True)
class PulseTrain(Waveform):
    """``count`` equal trapezoidal pulses.

    Parameters
    ----------
    amplitude, width : str or float
        Height above ``base`` [``unit``] and time at full height [s].
    period : str or float
        Time from pulse start to pulse start [s], at least rise + width + fall.
    count : int
        Number of pulses, >= 1.
    delay, rise, fall : str or float
        Time before the first pulse, and of the ramps [s], >= 0. A zero ramp is a jump.
    base : str or float
        Level between pulses [``unit``].
    """

    amplitude: Number
    width: Number
    _: KW_ONLY
    period: Number = 0.0
    count: int = 1
    delay: Number = 0.0
    rise: Number = 0.0
    fall: Number = 0.0
    base: Number = 0.0
    unit: str = "V"

    def __post_init__(self) -> None:
        name = type(self).__name__
        _set(self, amplitude=_level(self.amplitude, self.unit, f"{name}: amplitude"),
             base=_level(self.base, self.unit, f"{name}: base"),
             width=_time(self.width, f"{name}: width", positive=True), delay=_time(self.delay, f"{name}: delay"),
             rise=_time(self.rise, f"{name}: rise"), fall=_time(self.fall, f"{name}: fall"),
             period=_time(self.period, f"{name}: period"))
        _check_count(self.count, f"{name}: count")
        shortest = self.rise + self.width + self.fall
        if self.count > 1 and self.period < shortest * (1 - 1e-12):
            raise ParameterError(f"{name}: period = {self.period:g} s is shorter than one pulse ({shortest:g} s). "
                                 f"Raise period or shorten width, rise or fall.")

    @property
    def duration(self) -> float:
        return self.delay + (self.count - 1) * self.period + self.rise + self.width + self.fall

    def _rows(self, t_end: float) -> list[Row]:
        rows = [_ramp(0.0, self.base)]
        top = self.base + self.amplitude
        for k in range(self.count):
            start = self.delay + k * self.period
            if start > t_end:
                break
            if self.rise > 0.0:
                rows.append(_ramp(start, self.base, self.amplitude / self.rise))
            rows.append(_ramp(start + self.rise, top))
            if self.fall > 0.0:
                rows.append(_ramp(start + self.rise + self.width, top, -self.amplitude / self.fall))
            rows.append(_ramp(start + self.rise + self.width + self.fall, self.base))
        return rows


@dataclass(frozen=True)
class Pulse(PulseTrain):
    """One trapezoidal pulse; see :class:`PulseTrain` (``period`` and ``count`` are not used).

    Examples
    --------
    >>> Pulse("1 V", "10 ns", delay="5 ns")([0.0, 5e-9, 14e-9, 16e-9]).tolist()
    [0.0, 1.0, 1.0, 0.0]
    """

    def __post_init__(self) -> None:
        if self.count != 1 or self.period != 0.0:
            raise ParameterError("Pulse: a single pulse has no period and no count. Use PulseTrain.")
        super().__post_init__()


@dataclass(frozen=True)
class Triangle(Waveform):
    """Linear sweeps 0 -> amplitude -> 0 -> -negative -> 0, ``cycles`` times, then zero: an I-V loop.

    Parameters
    ----------
    amplitude : str or float
        First peak [``unit``], any sign.
    period : str or float
        Duration of one cycle [s], > 0; each of its four ramps takes a quarter.
    cycles : int
        Number of cycles, >= 1.
    negative : str or float, optional
        Size of the opposite peak [``unit``], the same as ``amplitude`` unless given; 0 sweeps one side only.
    delay : str or float
        Time at zero before the first cycle [s].
    """

    amplitude: Number
    period: Number
    _: KW_ONLY
    cycles: int = 1
    negative: Number = None
    delay: Number = 0.0
    unit: str = "V"

    def __post_init__(self) -> None:
        amplitude = _level(self.amplitude, self.unit, "Triangle: amplitude")
        negative = amplitude if self.negative is None else _level(self.negative, self.unit, "Triangle: negative")
        _set(self, amplitude=amplitude, negative=negative, period=_time(self.period, "Triangle: period", positive=True),
             delay=_time(self.delay, "Triangle: delay"))
        _check_count(self.cycles, "Triangle: cycles")

    @property
    def duration(self) -> float:
        return self.delay + self.cycles * self.period

    def _rows(self, t_end: float) -> list[Row]:
        rows, quarter = [_ramp(0.0, 0.0)], 0.25 * self.period
        up, down = self.amplitude / quarter, self.negative / quarter
        for k in range(self.cycles):
            start = self.delay + k * self.period
            if start > t_end:
                break
            rows += [_ramp(start, 0.0, up), _ramp(start + quarter, self.amplitude, -up),
                     _ramp(start + 2 * quarter, 0.0, -down), _ramp(start + 3 * quarter, -self.negative, down)]
        return [*rows, _ramp(self.duration, 0.0)]


@dataclass(frozen=True)
class Sine(Waveform):
    """``offset + amplitude sin(2 pi frequency (t - delay) + phase)`` from ``delay`` on, ``offset`` outside.

    Parameters
    ----------
    amplitude, frequency : str or float
        Peak value [``unit``] and frequency [Hz], > 0.
    cycles : int, optional
        Number of periods, without end unless given.
    offset, phase, delay : str or float
        Mean level [``unit``], phase at the start [rad], time before the start [s].
    """

    amplitude: Number
    frequency: Number
    _: KW_ONLY
    cycles: int | None = None
    offset: Number = 0.0
    phase: Number = 0.0
    delay: Number = 0.0
    unit: str = "V"

    def __post_init__(self) -> None:
        from neurosim.units import quantity

        _set(self, amplitude=_level(self.amplitude, self.unit, "Sine: amplitude"),
             offset=_level(self.offset, self.unit, "Sine: offset"), phase=quantity(self.phase, "rad", "Sine: phase"),
             frequency=quantity(self.frequency, "Hz", "Sine: frequency"), delay=_time(self.delay, "Sine: delay"))
        if self.frequency <= 0.0:
            raise ParameterError(f"Sine: frequency = {self.frequency:g} Hz must be above 0. Use Constant for a level.")
        if self.cycles is not None:
            _check_count(self.cycles, "Sine: cycles")

    @property
    def duration(self) -> float:
        return math.inf if self.cycles is None else self.delay + self.cycles / self.frequency

    def _rows(self, t_end: float) -> list[Row]:
        rows = [_ramp(0.0, self.offset), (self.delay, self.offset, 0.0, self.amplitude, self.frequency, self.phase)]
        return rows if self.cycles is None else [*rows, _ramp(self.duration, self.offset)]


@dataclass(frozen=True)
class PiecewiseLinear(Waveform):
    """Straight lines between points; the last value stays.

    Parameters
    ----------
    times : sequence of str or float
        Times of the points [s], from 0, not decreasing; two equal times make a jump.
    values : sequence of str or float
        Values at these times [``unit``].
    """

    times: Sequence[Number]
    values: Sequence[Number]
    _: KW_ONLY
    unit: str = "V"

    def __post_init__(self) -> None:
        times = tuple(_time(t, f"PiecewiseLinear: times[{k}]") for k, t in enumerate(self.times))
        values = tuple(_level(v, self.unit, f"PiecewiseLinear: values[{k}]") for k, v in enumerate(self.values))
        _set(self, times=times, values=values)
        if len(times) != len(values) or not times:
            raise ParameterError(f"PiecewiseLinear: {len(times)} times but {len(values)} values; give equally many.")
        if times[0] != 0.0 or any(b < a for a, b in itertools.pairwise(times)):
            raise ParameterError("PiecewiseLinear: times must start at 0 and never decrease.")

    @property
    def duration(self) -> float:
        return float(self.times[-1])

    def _rows(self, t_end: float) -> list[Row]:
        points = list(zip(self.times, self.values, strict=True))
        rows = [_ramp(t, v, (w - v) / (u - t)) for (t, v), (u, w) in itertools.pairwise(points) if u > t]
        return [*rows, _ramp(*points[-1])]


@dataclass(frozen=True)
class Steps(Waveform):
    """Levels held for equal times one after the other; the last one stays.

    Parameters
    ----------
    values : sequence of str or float
        Levels [``unit``].
    dwell : str or float
        Time at each level [s], > 0.

    Examples
    --------
    >>> Steps(["0 V", "0.1 V", "0.2 V"], "1 us")([0.0, 1e-6, 2.5e-6]).tolist()
    [0.0, 0.1, 0.2]
    """

    values: Sequence[Number]
    dwell: Number
    _: KW_ONLY
    unit: str = "V"

    def __post_init__(self) -> None:
        values = tuple(_level(v, self.unit, f"Steps: values[{k}]") for k, v in enumerate(self.values))
        _set(self, values=values, dwell=_time(self.dwell, "Steps: dwell", positive=True))
        if not values:
            raise ParameterError("Steps: no values; give at least one level.")

    @property
    def duration(self) -> float:
        return len(self.values) * self.dwell

    def _rows(self, t_end: float) -> list[Row]:
        return [_ramp(k * self.dwell, value) for k, value in enumerate(self.values)]


def _ramp(start: float, value: float, slope: float = 0.0) -> Row:
    return (start, value, slope, 0.0, 0.0, 0.0)


def _set(waveform: Waveform, **fields: Any) -> None:
    for name, value in fields.items():
        object.__setattr__(waveform, name, value)


def _level(value: Number, unit: str, name: str) -> float:
    from neurosim.units import quantity

    return quantity(value, unit, name)


def _check_count(count: Any, name: str) -> None:
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or not 1 <= count <= MAX_SEGMENTS // 4:
        raise ParameterError(f"{name} = {count} must be an integer in [1, {MAX_SEGMENTS // 4}].")


def _time(value: Number, name: str, positive: bool = False) -> float:
    from neurosim.units import quantity

    time = quantity(value, "s", name)
    if time < 0.0 or (positive and time == 0.0):
        raise ParameterError(f"{name} = {time:g} s must be {'above' if positive else 'at least'} 0 s.")
    return time
