"""Voltages and times that show what a device does, from its card: for loops, pulse trains and single pulses."""

from __future__ import annotations

import numpy as np

from neurosim.card import Device
from neurosim.characterise import default_pulses, iv_sweep, switching_time
from neurosim.characterise.cells import Cells
from neurosim.characterise.one_pulse import one_pulse, responding_widths, window_states
from neurosim.characterise.pulses import read_voltage
from neurosim.errors import NeurosimError
from neurosim.waveform import Triangle

LOOP_OVER_PULSE = 1.35  # amplitude of the loop over the pulse voltage
TIMES_PER_PERIOD = 8  # period of the loop in switching times
OPEN = 0.6  # of the window, linear or in decades, that a loop must cross
TRIES = 8  # of a loop, each longer and, within the card's limits, higher
HIGHER, LONGER = 1.15, 4.0
FACTORS = np.linspace(1.0, 3.0, 21)
SLOW = 1.0  # s: a pulse voltage that needs longer than this for the window is raised where the card allows
PULSES = 40  # per switching time, in the pulse train
SOME_VOLTS = 2.0  # V, where the card gives no limit
GRID = 81  # voltages of a response to single pulses
MOST_CURRENT = 0.1  # A, in the loop of a device without states
STEPS = 400  # of a loop that is only tried


def limits(device: Device) -> tuple[float, float]:
    """Return the lowest and the highest voltage [V] of a card."""
    valid = device.card.valid
    return float(valid.get("v_min", -SOME_VOLTS)), float(valid.get("v_max", SOME_VOLTS))


def within(device: Device, voltage: float) -> float:
    """Return a voltage [V] cut off at the limit of the card, where it has one."""
    valid = device.card.valid
    return float(min(max(voltage, valid.get("v_min", -np.inf)), valid.get("v_max", np.inf)))


def drive_of(device: Device) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return pulse voltages (magnitudes, raising and lowering) [V] and the times [s] in which they cross 10-90 % of the window.

    The programmers' voltages, raised in steps until both directions switch, within a second where the card allows that: where
    the conductance is exponential in the state, they move the middle of the window but not its lower end. Saturating devices
    take most of the time for the last part, so four times the time to mid-window counts where that is shorter; a direction
    that never gets there has the time that fifty default pulses take.

    Raises
    ------
    NeurosimError
        No pair of opposite pulses moves the device both ways.
    """
    up, down, *widths = default_pulses(device)
    volts, times = [up, down], [50.0 * width for width in widths]
    for k, voltage in enumerate((up, down)):
        for factor in FACTORS:
            tried = within(device, voltage * factor)
            whole = switching_time(device, [tried]).seconds[0]
            if np.isfinite(whole):
                half = switching_time(device, [tried], stop=0.5).seconds[0]
                volts[k], times[k] = tried, float(min(whole, 4.0 * half))
            if (times[k] <= SLOW and np.isfinite(whole)) or abs(tried) < abs(voltage * factor):
                break
    return (abs(volts[0]), abs(volts[1])), (times[0], times[1])


def pulse_widths(device: Device, times: tuple[float, float]) -> tuple[float, float]:
    """Return the widths [s] of one step of a pulse train; whole pulses of a device that counts them."""
    widths = [time / PULSES for time in times]
    for k, name in enumerate(device.model.pulse):
        widths[k] = device.value(name) * max(1, round(widths[k] / device.value(name)))
    return widths[0], widths[1]


def response_drive(device: Device) -> tuple[np.ndarray, np.ndarray]:
    """Return voltages [V] over the range of a card and pulse widths [s] at which single pulses begin to move a device."""
    low, high = limits(device)
    volts = np.linspace(low, high, GRID)
    return volts, responding_widths(device, volts[::4])


def loop_drive(device: Device) -> Triangle:
    """Return a triangle that opens the loop of a device: beyond its pulse voltages, over many switching times.

    It is tried: where the loop crosses less than most of the window, it is made longer and higher within the card's limits.
    """
    low, high = limits(device)
    if not device.model.states:
        return _static(device, low, high)
    try:
        volts, times = drive_of(device)
        signed = [LOOP_OVER_PULSE * v * device.model.increase_sign * way for v, way in zip(volts, (1, -1), strict=True)]
        period = TIMES_PER_PERIOD * max(times)
    except NeurosimError:  # no pair of opposite pulses moves it both ways: from what single pulses do
        grid, widths = response_drive(device)
        moved = one_pulse(device, grid, widths[-1:]).moved[0]
        first = np.abs(grid[moved > 0.5 * moved.max()]).min(initial=np.abs(grid).max())
        signed, period = [LOOP_OVER_PULSE * first, -LOOP_OVER_PULSE * first], TIMES_PER_PERIOD * float(widths[-1])
    top, bottom = within(device, max(signed)), within(device, min(signed))
    best, crossed = Triangle(top, period=period, negative=-bottom, cycles=2), -1.0
    for _ in range(TRIES):
        triangle = Triangle(top, period=period, negative=-bottom, cycles=2)
        share = _crossed(device, triangle)
        if share > 1.05 * crossed:
            best, crossed = triangle, share
        if crossed >= OPEN or device.model.pulse:
            break
        top, bottom, period = within(device, HIGHER * top), within(device, HIGHER * bottom), LONGER * period
    return best


def _crossed(device: Device, triangle: Triangle) -> float:
    """Return the part of the window that a loop crosses, linear or in decades, whichever is more."""
    state = iv_sweep(device, triangle, steps=STEPS).state
    cells = Cells(device, state.shape[1] + 2)
    cells.state[:] = np.concatenate([window_states(device), state], axis=1)
    g = cells.conductance(read_voltage(device, None))
    shares = [np.ptp(g[2:]) / np.ptp(g[:2])]
    if g.min() > 0.0 and g[:2].max() > 10.0 * g[:2].min():
        shares.append(np.ptp(np.log(g[2:])) / np.ptp(np.log(g[:2])))
    return float(max(shares))


def _static(device: Device, low: float, high: float) -> Triangle:
    """Return a triangle for a device without states, up to a current that a laboratory would allow."""
    cells = Cells(device)
    grid = np.linspace(high / 100, high, 100)
    allowed = [v for v in grid if abs(cells.current(float(v))[0]) <= MOST_CURRENT]
    top = float(max(allowed, default=grid[0]))
    return Triangle(top, period=20e-6, negative=min(top, -low), cycles=1)
