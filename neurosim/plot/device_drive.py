"""Voltages and times that show what a device does, from its card: for loops, pulse trains and single pulses."""

from __future__ import annotations

import numpy as np

from neurosim.card import Device
from neurosim.characterise import default_pulses, iv_sweep, switching_time
from neurosim.characterise.cells import Cells
from neurosim.characterise.drive import drive_of, limits, within
from neurosim.characterise.one_pulse import one_pulse, responding_widths, window_states
from neurosim.characterise.pulses import read_voltage
from neurosim.errors import NeurosimError
from neurosim.waveform import Triangle

LOOP_OVER_PULSE = 1.35  # amplitude of the loop over the pulse voltage
TIMES_PER_PERIOD = 8  # period of the loop in switching times
FASTEST = 1e-7  # s, of a loop: some laws switch in less than a picosecond
OPEN = 0.6  # of the window, linear or in decades, that a loop must cross
TRIES = 12  # of a loop, each longer and, within the card's limits, higher
HIGHER, LONGER = 1.1, 2.0
LEAST = 0.3  # of the other amplitude, so that both sides of a loop are seen
PULSES = 40  # per switching time, in the pulse train
GRID = 401  # voltages of a response to single pulses
MOST_CURRENT = 0.1  # A, in the loop of a device without states
STEPS = 400  # of a loop that is only tried
ALIKE = 0.8  # correlation of samples that follow each other, in a record that shows where a spectrum bends
SAMPLING_TIMES = np.geomspace(1e-10, 1e2, 25)  # s
WHITE_SAMPLING = 1e6  # Hz, where no time between samples makes them alike
NOISE_COPIES, NOISE_SAMPLES = 256, 16


def pulse_drive(device: Device) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return voltages (magnitudes, raising and lowering) [V] of a pulse train, and the times [s] that its halves take.

    Saturating devices take most of the time for the last part of the window, so four times the time to mid-window counts where
    that is shorter; a direction that never gets there has the time that fifty default pulses take.
    """
    volts, times = drive_of(device)
    widths = default_pulses(device)[2:]
    taken = []
    for voltage, whole, width in zip(volts, times, widths, strict=True):
        half = float(switching_time(device, [voltage], stop=0.5).seconds[0])
        taken.append(min(whole, 4.0 * half) if np.isfinite(whole) else 50.0 * width)
    return (abs(volts[0]), abs(volts[1])), (taken[0], taken[1])


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
    return volts, responding_widths(device, volts[::20])


def loop_drive(device: Device) -> Triangle:
    """Return a triangle that opens the loop of a device: beyond its pulse voltages, over many switching times.

    It is tried: where the loop crosses less than most of the window, it is made longer and higher within the card's limits.
    """
    low, high = limits(device)
    if not device.model.states:
        return _static(device, low, high)
    try:
        volts, times = pulse_drive(device)
        signed = [LOOP_OVER_PULSE * v * device.model.increase_sign * way for v, way in zip(volts, (1, -1), strict=True)]
        period = max(TIMES_PER_PERIOD * max(times), FASTEST)
    except NeurosimError:  # no pair of opposite pulses moves it both ways: from what single pulses do
        grid, widths = response_drive(device)
        moved = one_pulse(device, grid, widths[-1:]).moved[0]
        signed = [LOOP_OVER_PULSE * _first(grid[side], moved[side]) for side in (grid > 0.0, grid < 0.0)]
        period = TIMES_PER_PERIOD * float(widths[-1])
    largest = max(abs(v) for v in signed)
    signed = [float(np.copysign(max(abs(v), LEAST * largest), v)) for v in signed]
    top, bottom = max(within(device, max(signed)), 0.0), min(within(device, min(signed)), 0.0)
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


def noise_sampling(device: Device) -> float:
    """Return the samples per second [Hz] at which a record of a read shows where its spectrum bends.

    Samples that follow each other are then correlated by about ``ALIKE``: the corner frequency of a Lorentzian is 1/28 of it.
    """
    v_read, best = read_voltage(device, None), 1.0 / WHITE_SAMPLING
    for wait in SAMPLING_TIMES:
        cells = Cells(device, NOISE_COPIES, noisy=True)
        record = np.empty((NOISE_SAMPLES, NOISE_COPIES))
        for k in range(NOISE_SAMPLES):
            cells.advance(v_read, float(wait))
            record[k] = cells.current(v_read)
        record -= record.mean()
        power = float(np.mean(record**2))
        if power > 0.0 and np.mean(record[1:] * record[:-1]) >= ALIKE * power:
            best = float(wait)
    return 1.0 / best


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


def _first(volts: np.ndarray, moved: np.ndarray) -> float:
    """Return the voltage of least magnitude [V] that moves a device half as far as any of them does."""
    if not volts.size:
        return 0.0
    chosen = volts[moved > 0.5 * moved.max()] if moved.max() > 0.0 else volts
    return float(chosen[np.argmin(np.abs(chosen))] if moved.max() > 0.0 else chosen[np.argmax(np.abs(chosen))])


def _static(device: Device, low: float, high: float) -> Triangle:
    """Return a triangle for a device without states, up to a current that a laboratory would allow."""
    cells = Cells(device)
    grid = np.linspace(high / 100, high, 100)
    allowed = [v for v in grid if abs(cells.current(float(v))[0]) <= MOST_CURRENT]
    top = float(max(allowed, default=grid[0]))
    return Triangle(top, period=20e-6, negative=min(top, -low), cycles=1)
