"""Conductance under trains of identical pulses: first potentiation, then depression.

A pulse is one ``advance`` at frozen voltage, exact where that is; a pulse of another shape is a waveform, taken in small
steps. Without a given amplitude and width both follow from the card: the programming voltages of
:mod:`neurosim.nominal_write`, and the width that moves the middle of the window by ``STEP``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.characterise.inputs import share_of, whole_number
from neurosim.errors import ParameterError
from neurosim.frozen import frozen
from neurosim.library import DeviceLike, as_device
from neurosim.nominal_write import NominalWrite
from neurosim.population import Population
from neurosim.simulation.problem import drive_range
from neurosim.units import format_quantity, quantity
from neurosim.waveform_segments import Waveform

Pair = str | float | tuple[str | float, str | float] | None
STEP = 0.02  # of the conductance window, per pulse
USUAL_READ = 0.1  # V
MOST_PULSES = 1_000_000  # in each direction: more takes hours, and a card that needs them has the wrong width
HALF = 0.5  # of a pulse: less is none, where whole pulses are counted
SHAPE_STEPS = 200  # steps of `advance` in a pulse that is not rectangular


@dataclass(frozen=True, eq=False)
class PulseResponse:
    """Conductances before and after each pulse of a train.

    Attributes
    ----------
    conductances : ndarray, shape (n, 1 + n_up + n_down)
        Of every copy [S]; the first column is before any pulse.
    v_raise, v_lower : float
        Pulse voltages [V] of the two halves, signed; NaN for pulses of another shape.
    width_up, width_down : float
        Pulse widths [s].
    """

    device: str
    conductances: np.ndarray
    n_up: int
    n_down: int
    v_raise: float
    v_lower: float
    width_up: float
    width_down: float
    v_read: float

    @property
    def conductance(self) -> np.ndarray:
        """Mean over the copies [S], shape (1 + n_up + n_down,)."""
        return frozen(self.conductances.mean(axis=0))

    @property
    def up(self) -> np.ndarray:
        """Mean conductances during potentiation [S], shape (1 + n_up,)."""
        return self.conductance[:self.n_up + 1]

    @property
    def down(self) -> np.ndarray:
        """Mean conductances during depression [S], shape (1 + n_down,)."""
        return self.conductance[self.n_up:]


def default_pulses(device: DeviceLike) -> tuple[float, float, float, float]:
    """Return the pulse voltages [V] that raise and lower the conductance, and the widths [s] of a step of ``STEP``.

    A behavioural device has pulse widths of its own.
    """
    device = as_device(device)
    nominal = NominalWrite.of(device, None, STEP)
    if nominal.pulse_up:
        return nominal.v_raise, nominal.v_lower, nominal.pulse_up, nominal.pulse_down
    change = STEP * nominal.window
    return nominal.v_raise, nominal.v_lower, change * nominal.raise_slope, change * nominal.lower_slope


def pulse_response(device: DeviceLike, amplitude: Pair = None, width: Pair = None, n_up: int = 50,
                   n_down: int = 50, v_read: str | float | None = None, *, shape: tuple[Waveform, Waveform] | None = None,
                   start: float | None = None, noisy: bool = False, copies: int = 1, population: Population | None = None,
                   seed: int = 0, strict: bool = False) -> PulseResponse:
    """Return the conductance after each pulse of a potentiation and depression train.

    Parameters
    ----------
    device : Device or str
        Programmable two-terminal device, or the name of its card.
    amplitude : str or float, or a pair of them, optional
        Magnitude of the pulses [V], > 0, for both directions or for each; depression uses the opposite sign. From the card
        where it is left out.
    width : str or float, or a pair of them, optional
        Length of one pulse [s], > 0. From the card where it is left out.
    n_up, n_down : int
        Number of pulses, 0 to a million, not both zero.
    v_read : str or float, optional
        Read voltage [V], not above the card's ``v_read_max``; 0.1 V or that limit where it is left out.
    shape : pair of Waveform, optional
        One potentiating and one depressing pulse of any shape, instead of amplitude and width.
    start : float, optional
        Conductance to start from, as a fraction of the window (0..1); the card's start state where it is left out.
    noisy : bool
        With the model's own noise; otherwise the law without it.
    copies, population : int, Population
        Equal copies, or instances with spread.
    seed : int
        Key of the noise, >= 0; the same one gives the same result.
    strict : bool
        Raise instead of warn where the voltage leaves the range of the card.

    Returns
    -------
    PulseResponse
        ``conductances`` (n, 1 + n_up + n_down) [S] of every copy, their mean ``conductance``, its halves ``up`` and
        ``down``, and the pulses: ``v_raise``, ``v_lower`` [V], ``width_up``, ``width_down`` [s], ``v_read`` [V].

    Raises
    ------
    ParameterError
        No pulses follow from the card and none are given, or less than half of a pulse of a device that counts whole ones.

    Notes
    -----
    A read is ideal: i(v_read) / v_read at the present state, taken without moving it.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> train = pulse_response(load_device("pulse_step/soft_bounds"), n_up=2, n_down=1, start=0.0)
    >>> (train.conductance * 1e6).round(3)  # 2 % of the way to the bound ahead
    array([25.  , 26.  , 26.98, 26.94])
    """
    device = as_device(device)
    for name, count in (("n_up", n_up), ("n_down", n_down)):
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or not 0 <= count <= MOST_PULSES:
            raise ParameterError(f"pulse_response: {name} = {count!r} pulses, allowed is an integer from 0 to {MOST_PULSES}. "
                                 f"Make pulses longer or higher to see more of the window with fewer.")
    if n_up + n_down == 0:
        raise ParameterError("pulse_response: n_up and n_down are both 0. Ask for at least one pulse.")
    v_read, copies = read_voltage(device, v_read), whole_number(copies, 1, "pulse_response: copies")
    cells = Cells(device, copies, noisy=noisy, population=population, seed=seed)
    if shape is None:
        up, down, width_up, width_down = _rectangles(device, amplitude, width)
        device.check_voltage(min(up, down), max(up, down), strict=strict)
    else:
        _check_shape(device, shape)
        up = down = float("nan")
        width_up, width_down = (_length(waveform) for waveform in shape)
        ends = [drive_range(waveform, waveform.duration) for waveform in shape]
        device.check_voltage(min(low for low, _ in ends), max(high for _, high in ends), strict=strict)
    if start is not None:
        from neurosim.characterise.one_pulse import refuse_between

        share = share_of(start, "pulse_response: start")
        refuse_between(device, share)
        cells.put_at(share)
    conductances = [cells.conductance(v_read)]
    for half, count in enumerate((n_up, n_down)):
        for _ in range(count):
            if shape is None:
                cells.advance((up, down)[half], (width_up, width_down)[half])
            else:
                _apply(cells, shape[half], (width_up, width_down)[half])
            conductances.append(cells.conductance(v_read))
    return PulseResponse(device.name, frozen(np.array(conductances).T), int(n_up), int(n_down), up, down, width_up, width_down,
                         v_read)


def read_voltage(device: Device, v_read: str | float | None) -> float:
    """Return a read voltage [V] that the card allows: the given one, or 0.1 V, or the card's limit if that is lower."""
    if v_read is None:
        return float(np.fmin(USUAL_READ, device.v_read_max))
    volts = quantity(v_read, "V", "v_read")
    if volts == 0.0:
        raise ParameterError("v_read = 0 V reads nothing. Give a voltage.")
    if abs(volts) > device.v_read_max:
        raise ParameterError(f"{device.name}: v_read = {volts:g} V is above v_read_max = {device.v_read_max:g} V of "
                             f"the card: reading would move the device. Lower v_read.")
    return volts


def _rectangles(device: Device, amplitude: Pair, width: Pair) -> tuple[float, float, float, float]:
    sign = device.model.increase_sign
    volts, seconds = _pair(amplitude, "amplitude", "V"), _pair(width, "width", "s")
    if volts is None:
        up, down, width_up, width_down = _from_card(device)
    else:
        up, down, width_up, width_down = sign * volts[0], -sign * volts[1], 0.0, 0.0
        if seconds is None:
            change = STEP * NominalWrite.assigned(device).window
            width_up, width_down = (change * NominalWrite.of(device, v, STEP).raise_slope if k == 0 else
                                    change * NominalWrite.of(device, v, STEP).lower_slope for k, v in enumerate(volts))
    if seconds is not None and device.model.pulse:
        for given, name in zip(seconds, (device.model.pulse[0], device.model.pulse[-1]), strict=True):
            if given < HALF * device.value(name):
                raise ParameterError(f"{device.name}: counts whole pulses of {format_quantity(device.value(name), 's')}, and a "
                                     f"width of {format_quantity(given, 's')} is none of them. Leave width out.")
    return (up, down, *(seconds or (width_up, width_down)))


def _from_card(device: Device) -> tuple[float, float, float, float]:
    """Return the pulses of a card; where none write it both ways, say which single pulses move it."""
    from neurosim.characterise.drive import half_drive, kind_of

    try:
        return default_pulses(device)
    except ParameterError as error:
        if device.model.conductance is None or not device.model.states:
            raise
        both = [(volts, width) for volts, width in zip(*half_drive(device), strict=True) if np.isfinite(volts)]
        moved = " and ".join(f"{format_quantity(volts, 'V')} for {format_quantity(width, 's')}" for volts, width in both)
        hint = f" Half of its window is moved by {moved}." if both else ""
        raise ParameterError(f"{device.name}: {kind_of(device)}, so no pulses that write it both ways follow from the card. "
                             f"Give amplitude= and width=.{hint}") from error


def _check_shape(device: Device, shape: object) -> None:
    if not (isinstance(shape, (tuple, list)) and len(shape) == 2 and all(isinstance(part, Waveform) for part in shape)):
        raise ParameterError(f"pulse_response: shape is a {type(shape).__name__}, allowed is a pair of waveforms, one that "
                             f'raises and one that lowers: shape=(Pulse("-1 V", ...), Pulse("1 V", ...)).')
    if device.model.pulse:
        raise ParameterError(f"{device.name}: counts whole pulses, their shape has no meaning. Leave shape out.")


def _pair(value: Pair, name: str, unit: str) -> tuple[float, float] | None:
    if value is None:
        return None
    parts = value if isinstance(value, (tuple, list)) else (value, value)
    numbers = tuple(quantity(part, unit, f"pulse_response: {name}") for part in parts)
    if len(numbers) != 2 or not all(number > 0.0 for number in numbers):
        raise ParameterError(f"pulse_response: {name} = {value!r}, allowed is a positive value in {unit}, or one each for "
                             f"raising and lowering. The signs are taken from the model.")
    return numbers[0], numbers[1]


def _length(waveform: Waveform) -> float:
    if not 0.0 < waveform.duration < np.inf:
        raise ParameterError("pulse_response: a pulse needs an end. Give cycles to a waveform without end.")
    return float(waveform.duration)


def _apply(cells: Cells, waveform: Waveform, length: float) -> None:
    time = np.unique(np.concatenate([np.linspace(0.0, length, SHAPE_STEPS + 1), waveform.edges(length)]))
    for voltage, duration in zip(waveform(0.5 * (time[1:] + time[:-1])), np.diff(time), strict=True):
        cells.advance(float(voltage), float(duration))
