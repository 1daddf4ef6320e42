"""What is applied to a device over time: constants, pulses, triangles, sines, steps.

Each shape is a frozen recipe (:class:`neurosim.waveform_segments.Waveform`) in SI floats; arguments may be strings with
units: ``Pulse("1.2 V", "50 ns")``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from neurosim.errors import ParameterError
from neurosim.units import quantity
from neurosim.waveform_segments import Number, Row, Waveform, check_count, check_time, ramp, set_fields


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
        set_fields(self, value=quantity(self.value, self.unit, "Constant: value"))

    @property
    def duration(self) -> float:
        return 0.0

    def _rows(self, t_end: float) -> list[Row]:
        return [ramp(0.0, self.value)]


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
        set_fields(self, amplitude=quantity(self.amplitude, self.unit, f"{name}: amplitude"),
                   base=quantity(self.base, self.unit, f"{name}: base"),
                   width=check_time(self.width, f"{name}: width", positive=True),
                   delay=check_time(self.delay, f"{name}: delay"), rise=check_time(self.rise, f"{name}: rise"),
                   fall=check_time(self.fall, f"{name}: fall"), period=check_time(self.period, f"{name}: period"))
        check_count(self.count, f"{name}: count")
        shortest = self.rise + self.width + self.fall
        if self.count > 1 and self.period < shortest * (1 - 1e-12):
            raise ParameterError(f"{name}: period = {self.period:g} s is shorter than one pulse ({shortest:g} s). "
                                 f"Raise period or shorten width, rise or fall.")

    @property
    def duration(self) -> float:
        return self.delay + (self.count - 1) * self.period + self.rise + self.width + self.fall

    def _rows(self, t_end: float) -> list[Row]:
        rows = [ramp(0.0, self.base)]
        top = self.base + self.amplitude
        for k in range(self.count):
            start = self.delay + k * self.period
            if start > t_end:
                break
            if self.rise > 0.0:
                rows.append(ramp(start, self.base, self.amplitude / self.rise))
            rows.append(ramp(start + self.rise, top))
            if self.fall > 0.0:
                rows.append(ramp(start + self.rise + self.width, top, -self.amplitude / self.fall))
            rows.append(ramp(start + self.rise + self.width + self.fall, self.base))
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
        amplitude = quantity(self.amplitude, self.unit, "Triangle: amplitude")
        negative = amplitude if self.negative is None else quantity(self.negative, self.unit, "Triangle: negative")
        set_fields(self, amplitude=amplitude, negative=negative, delay=check_time(self.delay, "Triangle: delay"),
                   period=check_time(self.period, "Triangle: period", positive=True))
        check_count(self.cycles, "Triangle: cycles")

    @property
    def duration(self) -> float:
        return self.delay + self.cycles * self.period

    def _rows(self, t_end: float) -> list[Row]:
        rows, quarter = [ramp(0.0, 0.0)], 0.25 * self.period
        up, down = self.amplitude / quarter, self.negative / quarter
        for k in range(self.cycles):
            start = self.delay + k * self.period
            if start > t_end:
                break
            rows += [ramp(start, 0.0, up), ramp(start + quarter, self.amplitude, -up),
                     ramp(start + 2 * quarter, 0.0, -down), ramp(start + 3 * quarter, -self.negative, down)]
        return [*rows, ramp(self.duration, 0.0)]


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
        set_fields(self, amplitude=quantity(self.amplitude, self.unit, "Sine: amplitude"),
                   offset=quantity(self.offset, self.unit, "Sine: offset"), phase=quantity(self.phase, "rad", "Sine: phase"),
                   frequency=quantity(self.frequency, "Hz", "Sine: frequency"), delay=check_time(self.delay, "Sine: delay"))
        if self.frequency <= 0.0:
            raise ParameterError(f"Sine: frequency = {self.frequency:g} Hz must be above 0. Use Constant for a level.")
        if self.cycles is not None:
            check_count(self.cycles, "Sine: cycles")

    @property
    def duration(self) -> float:
        return math.inf if self.cycles is None else self.delay + self.cycles / self.frequency

    def _rows(self, t_end: float) -> list[Row]:
        rows = [ramp(0.0, self.offset), (self.delay, self.offset, 0.0, self.amplitude, self.frequency, self.phase)]
        return rows if self.cycles is None else [*rows, ramp(self.duration, self.offset)]


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
        times = tuple(check_time(t, f"PiecewiseLinear: times[{k}]") for k, t in enumerate(self.times))
        values = tuple(quantity(v, self.unit, f"PiecewiseLinear: values[{k}]") for k, v in enumerate(self.values))
        set_fields(self, times=times, values=values)
        if len(times) != len(values) or not times:
            raise ParameterError(f"PiecewiseLinear: {len(times)} times but {len(values)} values; give equally many.")
        if times[0] != 0.0 or any(b < a for a, b in itertools.pairwise(times)):
            raise ParameterError("PiecewiseLinear: times must start at 0 and never decrease.")

    @property
    def duration(self) -> float:
        return float(self.times[-1])

    def _rows(self, t_end: float) -> list[Row]:
        points = list(zip(self.times, self.values, strict=True))
        rows = [ramp(t, v, (w - v) / (u - t)) for (t, v), (u, w) in itertools.pairwise(points) if u > t]
        return [*rows, ramp(*points[-1])]


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
        values = tuple(quantity(v, self.unit, f"Steps: values[{k}]") for k, v in enumerate(self.values))
        set_fields(self, values=values, dwell=check_time(self.dwell, "Steps: dwell", positive=True))
        if not values:
            raise ParameterError("Steps: no values; give at least one level.")

    @property
    def duration(self) -> float:
        return len(self.values) * self.dwell

    def _rows(self, t_end: float) -> list[Row]:
        return [ramp(k * self.dwell, value) for k, value in enumerate(self.values)]
