"""What kind of device a card is, and the voltages and times at which it switches: what a list of devices and figures need."""

from __future__ import annotations

import numpy as np

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.characterise.one_pulse import is_binary, is_volatile, one_pulse, window_states
from neurosim.characterise.pulses import default_pulses, read_voltage
from neurosim.characterise.switching import switching_time
from neurosim.errors import ParameterError
from neurosim.library import DeviceLike, as_device
from neurosim.units import format_quantity

KINDS = {
    "two-way": "pulses of opposite voltage raise and lower it",
    "counts": "behavioural: counts whole pulses, whatever their voltage above the threshold",
    "binary": "switches at random between two conductances",
    "one-way": "no voltage that the card allows moves it back",
    "volatile": "falls back when it is left alone",
    "unipolar": "raised and lowered by the same polarity",
    "domains": "many states make one conductance",
    "no state": "no memory", "neuron": "not a two-terminal memory: driven by a current or a field",
}
FACTORS = np.linspace(1.0, 3.0, 21)
SLOW = 1.0  # s: a pulse voltage that needs longer than this for the window is raised where the card allows
SOME_VOLTS = 2.0  # V, where the card gives no limit
LEAST = 0.05  # of the card's range: no generator makes pulses lower than this beside those at its end
DECADES = 10.0 ** np.arange(-12.0, 4.0)  # s, of single pulses
GRID = 101  # voltages of single pulses, on each side
HALF = 0.5
FASTEST = 1e-9  # s: single pulses are not shorter
TINY_READ = 1e-3  # of the card's range: where reads must be lower, those of a circuit write
COPIES = 200


def limits(device: Device) -> tuple[float, float]:
    """Return the lowest and the highest voltage [V] of a card."""
    valid = device.card.valid
    return float(valid.get("v_min", -SOME_VOLTS)), float(valid.get("v_max", SOME_VOLTS))


def within(device: Device, voltage: float) -> float:
    """Return a voltage [V] cut off at the limit of the card, where it has one."""
    valid = device.card.valid
    return float(min(max(voltage, valid.get("v_min", -np.inf)), valid.get("v_max", np.inf)))


def kind_of(device: DeviceLike) -> str:
    """Return one of ``KINDS``."""
    device = as_device(device)
    model = device.model
    if len(model.drives) != 1 or model.drives[0].unit != "V":
        return "neuron"
    if not model.states:
        return "no state"
    if model.pulse:
        return "counts"
    if is_binary(device):
        return "binary"
    if model.programmable:
        try:
            default_pulses(device)
        except ParameterError:
            return "volatile" if is_volatile(device) else "one-way"
        return "two-way"
    if is_volatile(device):
        return "volatile"
    return "unipolar" if _raised_by(device, False) else "domains"


def reads_write(device: Device) -> str:
    """Return why no circuit can read a device without writing it, or nothing where it can."""
    low, high = limits(device)
    if not device.v_read_max < TINY_READ * min(-low, high):
        return ""
    return (f"a read of 1 us above {format_quantity(device.v_read_max, 'V')} moves its state, a read of any usual voltage "
            f"writes it")


def _raised_by(device: Device, increasing: bool) -> bool:
    """Tell whether voltages of one polarity raise the lowest conductance."""
    low, high = limits(device)
    side = high if (device.model.increase_sign > 0) == increasing else low
    volts = np.linspace(0.0, side, GRID)
    v_read, cells = read_voltage(device, None), Cells(device, GRID)
    for width in DECADES:
        cells.state[:] = window_states(device)[:, :1]
        before = cells.conductance(v_read)
        cells.advance(volts, float(width))
        if np.any(cells.conductance(v_read) > 2.0 * before):
            return True
    return False


def drive_of(device: DeviceLike) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return pulse voltages (raising and lowering, signed) [V] and the times [s] in which they cross 10-90 % of the window.

    The programmers' voltages, ``LEAST`` of the card's range at least, raised in steps until both directions switch, within a
    second where the card allows that: where the conductance is exponential in the state, they move the middle of the window but
    not its lower end. A direction in which
    no allowed voltage crosses that much keeps its voltage and has an infinite time.

    Raises
    ------
    ParameterError
        No pair of opposite pulses moves the device both ways.
    """
    device = as_device(device)
    up, down, *_ = default_pulses(device)
    range_ = device.card.valid
    least = [LEAST * abs(range_.get("v_max" if voltage > 0.0 else "v_min", 0.0)) for voltage in (up, down)]
    volts = [float(np.copysign(max(abs(voltage), low), voltage)) for voltage, low in zip((up, down), least, strict=True)]
    times = [np.inf, np.inf]
    for k, voltage in enumerate(tuple(volts)):
        for factor in FACTORS:
            tried = within(device, voltage * factor)
            whole = float(switching_time(device, [tried]).seconds[0])
            if np.isfinite(whole):
                volts[k], times[k] = tried, whole
            if whole <= SLOW or abs(tried) < abs(voltage * factor):
                break
    return (volts[0], volts[1]), (times[0], times[1])


def half_drive(device: DeviceLike) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the least voltages [V] of single pulses (raising, lowering) that move half of the window, and their widths [s].

    For the mean of noisy copies, that is a switching probability of one half. The width is ten times the shortest decade that
    does it at any allowed voltage, and a nanosecond at least. NaN where no pulse does.
    """
    device = as_device(device)
    low, high = limits(device)
    copies = COPIES if device.model.noises else 1
    volts, widths = [], []
    for side in (high, low) if device.model.increase_sign > 0 else (low, high):
        grid = np.linspace(0.0, side, GRID)[1:]
        moved = one_pulse(device, grid, DECADES, copies=copies).moved
        works = np.flatnonzero(moved.max(axis=1) >= HALF)
        row = min(max(works[0] + 1, np.searchsorted(DECADES, FASTEST * 0.99)), DECADES.size - 1) if works.size else 0
        enough = grid[moved[row] >= HALF] if works.size else grid[:0]
        volts.append(float(enough[np.argmin(np.abs(enough))]) if enough.size else float("nan"))
        widths.append(float(DECADES[row]) if enough.size else float("nan"))
    return (volts[0], volts[1]), (widths[0], widths[1])
