"""All figures of one card: each measurement that its model allows, with drives that follow from the card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neurosim.card import Device
from neurosim.characterise import (
    default_pulses,
    is_noisy,
    iv_sweep,
    noise_spectrum,
    pulse_response,
    read_disturb,
    retention,
    switching_time,
)
from neurosim.errors import NeurosimError
from neurosim.plot import device as plot
from neurosim.plot import style
from neurosim.waveform import Triangle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOP_OVER_PULSE = 1.35  # amplitude of the loop over the pulse voltage
TIMES_PER_PERIOD = 20  # period of the loop in switching times
PULSES = 40  # per switching time, in the pulse train
START = 0.1  # of the window, where the pulse train begins
FACTORS = np.linspace(1.0, 3.0, 21)
VOLTAGES = 25
SOME_VOLTS, SLOW = 2.0, 1e-3  # V, s: a loop for devices of which the card says nothing


def draw_device(device: Device, folder: Path) -> Iterator[Path]:
    """Draw what can be measured on a device into ``folder``; yield the files."""
    stem = device.name.replace("/", "-")
    drawings: tuple[tuple[str, Callable[[Device], Axes | None]], ...] = (
        ("iv", _loop), ("pulses", _pulses), ("switching", _switching), ("retention", _retention), ("noise", _noise))
    for name, draw in drawings:
        with style.styled():
            try:
                axes = draw(device)
            except NeurosimError as error:
                print(f"{device.name}: no {name} figure ({error})")
                continue
            if axes is not None:
                path = folder / f"{stem}-{name}.png"
                style.save(axes, path)
                yield path


def drive_of(device: Device) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return pulse voltages (magnitudes, raising and lowering) [V] and the times [s] in which they cross 10-90 % of the window.

    The programmers' voltages, raised in steps until both directions switch: where the conductance is exponential in the state,
    they move the middle of the window but not its lower end.
    """
    up, down, *_ = default_pulses(device)
    valid, volts = device.card.valid, [up, down]
    for k, voltage in enumerate((up, down)):
        limit = abs(valid.get("v_max" if voltage > 0 else "v_min", np.inf))
        for factor in FACTORS:
            volts[k] = np.sign(voltage) * min(limit, abs(voltage) * factor)
            if np.isfinite(switching_time(device, [volts[k]]).seconds[0]):
                break
    times = switching_time(device, volts).seconds
    shortest = np.min(times[np.isfinite(times)], initial=1e-3)
    times = np.where(np.isfinite(times), times, shortest)
    return (abs(volts[0]), abs(volts[1])), (float(times[0]), float(times[1]))


def loop_drive(device: Device) -> Triangle:
    """Return a triangle that opens the loop of a device: beyond its pulse voltage, over many switching times."""
    valid = device.card.valid
    limit = min(abs(valid.get("v_max", np.inf)), abs(valid.get("v_min", np.inf)))
    if not device.model.programmable:
        return Triangle(float(np.fmin(1.2, limit)), period=20e-6, cycles=2)
    try:
        volts, times = drive_of(device)
    except NeurosimError:  # no pair of opposite pulses moves it both ways: the whole range of the card, slowly
        return Triangle(float(np.fmin(SOME_VOLTS, limit)), period=SLOW, cycles=2)
    return Triangle(min(LOOP_OVER_PULSE * max(volts), limit), period=TIMES_PER_PERIOD * max(times), cycles=2)


def _loop(device: Device) -> Axes | None:
    return plot.iv(iv_sweep(device, loop_drive(device)))


def _pulses(device: Device) -> Axes | None:
    if not device.model.programmable:
        return None
    volts, times = drive_of(device)
    widths = [time / PULSES for time in times]
    for k, name in enumerate(device.model.pulse):  # a behavioural device counts whole pulses
        widths[k] = device.value(name) * max(1, round(widths[k] / device.value(name)))
    return plot.pulses(pulse_response(device, volts, (widths[0], widths[1]), start=START))


def _switching(device: Device) -> Axes | None:
    if not device.model.programmable:
        return None
    up, down, *_ = default_pulses(device)
    factors = np.linspace(0.6, 1.6, VOLTAGES)
    valid = device.card.valid
    low, high = valid.get("v_min", -np.inf), valid.get("v_max", np.inf)
    results = []
    for volts in (max(up, down) * factors, min(up, down) * factors):
        allowed = volts[(volts >= low) & (volts <= high)]
        if allowed.size:
            results.append(switching_time(device, allowed))
    return plot.switching_times(results) if results else None


def _retention(device: Device) -> Axes | None:
    if not device.model.programmable:
        return None
    return plot.retention(retention(device), disturb=read_disturb(device))


def _noise(device: Device) -> Axes | None:
    if not device.model.programmable or not is_noisy(device):
        return None
    return plot.spectrum(noise_spectrum(device, samples=1 << 14))
