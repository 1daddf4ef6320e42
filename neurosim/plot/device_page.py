"""All figures of one card: the measurements that say something about its model, with drives that follow from the card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neurosim.card import Device
from neurosim.characterise import (
    is_noisy,
    iv_sweep,
    noise_spectrum,
    pulse_response,
    read_disturb,
    retention,
    switching_time,
)
from neurosim.characterise.drive import kind_of, reads_write
from neurosim.characterise.one_pulse import one_pulse as measure_one_pulse
from neurosim.errors import NeurosimError
from neurosim.plot import device as plot
from neurosim.plot import device_random as random
from neurosim.plot import device_response as response
from neurosim.plot import style
from neurosim.plot.device_drive import loop_drive, noise_sampling, pulse_drive, pulse_widths, response_drive
from neurosim.plot.device_neuron import activation, step_response, telegraph
from neurosim.population import build_population

if TYPE_CHECKING:
    from matplotlib.axes import Axes

START = 0.1  # of the window, where the pulse train begins
VOLTAGES = 41
BELOW, BEYOND = 0.6, 1.6  # of the pulse voltages, of a switching time; to the end of the range where the card has one
SILENT = 1e-3  # of the largest current: less at the highest voltage means that a gate writes
HOLD_TIMES = np.logspace(-6, 8, 14 * 8 + 1)  # s
QUIET = 1e-6  # of the current: less is no noise that a figure could show
COPIES = 500  # behind a switching probability
DEVICES = 5  # of a behavioural or binary model, drawn one by one
SPECTRUM = {"samples": 1 << 15, "copies": 32, "segments": 16}


def draw_device(device: Device, folder: Path) -> Iterator[Path]:
    """Draw what can be measured on a device into ``folder`` and yield the files; say which figures it has not, and why."""
    stem = device.name.replace("/", "-")
    if caution := reads_write(device):
        print(f"{device.name}: {caution}.")
    for name, draw in _figures(device):
        with style.styled():
            try:
                axes = draw(device)
            except NeurosimError as error:
                print(f"{device.name}: no {name} figure ({error})")
                continue
            if isinstance(axes, str):
                print(f"{device.name}: no {name} figure: {axes}.")
                continue
            path = folder / f"{stem}-{name}.png"
            style.save(axes, path)
            yield path


def _figures(device: Device) -> tuple[tuple[str, Callable[[Device], Axes | str]], ...]:
    """Return names and drawings that suit the kind of a device."""
    kind = kind_of(device)
    if kind == "neuron":
        return (("activation", activation),) * (device.model.activation is not None) + (("step", step_response),) + (
            ("telegraph", telegraph),) * ("telegraph" in device.base.forms and not device.form)
    if kind == "counts":
        return ("pulses", _pulses), ("step", response.steps), ("retention", _retention), ("noise", _noise)
    if kind == "no state":
        return (("iv", _loop),)
    if kind == "binary":
        return ("iv", _noisy_loops), ("probability", _probability), ("retention", random.hold), ("noise", _noise)
    if kind == "two-way":
        return ("iv", _loop), ("pulses", _pulses), ("switching", _switching), ("retention", _retention), ("noise", _noise)
    return ("iv", _loop), ("response", _one_pulse), ("retention", _retention), ("noise", _noise)


def _loop(device: Device) -> Axes:
    loop = iv_sweep(device, loop_drive(device))
    peak = int(np.argmax(np.abs(loop.voltage)))
    if device.model.states and abs(loop.current[peak]) < SILENT * np.abs(loop.current).max():
        return response.gate(device, loop)
    return plot.iv(loop)


def _noisy_loops(device: Device) -> Axes:
    drive = loop_drive(device)
    return random.noisy_loops([iv_sweep(device, drive, noisy=True, seed=seed) for seed in range(DEVICES)], drive.cycles)


def _pulses(device: Device) -> Axes:
    volts, times = pulse_drive(device)
    widths = pulse_widths(device, times)
    train = pulse_response(device, volts, widths, start=START)
    if not device.model.pulse:
        return plot.pulses(train)
    noisy = pulse_response(device, volts, widths, start=START, noisy=True, population=build_population(device, DEVICES))
    differ = np.any(noisy.conductances != train.conductances)
    return plot.pulses(train, whole=[device.value(name) for name in device.model.pulse], noisy=noisy if differ else None)


def _switching(device: Device) -> Axes:
    (up, down), _ = pulse_drive(device)
    valid, sign = device.card.valid, device.model.increase_sign
    results = []
    for middle in sorted((sign * up, -sign * down), reverse=True):
        top = abs(valid.get("v_max" if middle > 0.0 else "v_min", BEYOND * middle))
        bottom = min(BELOW * min(up, down), 0.5 * top)
        results.append(switching_time(device, np.sign(middle) * np.geomspace(bottom, top, VOLTAGES)))
    return plot.switching_times(results)


def _one_pulse(device: Device) -> Axes:
    copies = COPIES if device.model.noises else 1
    return response.one_pulse(measure_one_pulse(device, *response_drive(device), copies=copies))


def _probability(device: Device) -> Axes:
    return response.one_pulse(measure_one_pulse(device, *response_drive(device), copies=COPIES), probability=True)


def _retention(device: Device) -> Axes | str:
    if not device.model.programmable:
        return "its state cannot be written to a conductance"
    return plot.retention(retention(device, HOLD_TIMES), disturb=read_disturb(device, times=HOLD_TIMES))


def _noise(device: Device) -> Axes | str:
    if not is_noisy(device):
        return "a read has no noise on this card (add a modifier such as rtn or flicker)"
    found = noise_spectrum(device, sampling=noise_sampling(device), **SPECTRUM)
    if found.deviation < QUIET * abs(found.mean):
        return f"the noise of a read is {found.deviation / abs(found.mean):.0e} of the current"
    return plot.spectrum(found)
