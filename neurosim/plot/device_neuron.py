"""Figures of devices that are neurons: the output at rest, after a step of the drive, and as heat makes it jump."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurosim.card import Device
from neurosim.characterise.neuron import STEPS, current_row, duration_of, static_output, stepped, switching_current
from neurosim.errors import ParameterError
from neurosim.plot.axes import entitle, legend_above, shown
from neurosim.plot.style import BLUE, COLOURS, GREY, SINGLE, VERMILION, new_axes, scaled, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGER_TRIES, SETTLED = 5, 0.02  # of the range, in the last quarter
EARLY, PART = 0.35, 0.6  # of the axis: where every curve has settled before the first, the axis is cut to put it at the second
MULTIPLES = (0.5, 1.0, 1.5, 2.0, 3.0)  # of the drive that just switches or saturates
JUMPS = 20  # in a telegraph trace without drive
TILTS = (-0.5, 0.0, 0.5)  # drives of telegraph traces, of the one that saturates
WINDOWS = np.geomspace(1e-12, 1e3, 61)  # s


def activation(device: Device) -> Axes:
    """Draw the static output of a neuron against its first drive, to twice the drive that saturates it."""
    drive, out = static_output(device)
    with styled():
        ax = new_axes()
        signal, result = device.model.drives[0], device.model.outputs[0]
        x, x_unit = scaled(drive, signal.unit)
        y, y_unit = scaled(out, result.unit)
        ax.plot(x, y, color=BLUE)
        ax.axhline(0.0, color=GREY, linewidth=0.6, zorder=0.5)
        ax.axvline(0.0, color=GREY, linewidth=0.6, zorder=0.5)
        ax.set_xlabel(f"drive {signal.name} ({x_unit})")
        ax.set_ylabel(f"output {result.name} ({y_unit})")
        entitle(ax, device.name, "output at rest")
        return ax


def step_response(device: Device) -> Axes:
    """Draw the output after steps of the current to multiples of the one that just switches or saturates, without noise."""
    model, row, duration = device.model, current_row(device), duration_of(device)
    first = 0.5 * float(static_output(device)[0].max()) if model.activation is not None else switching_current(device)
    drives = first * np.array(MULTIPLES)
    record = stepped(device, drives, row, duration, STEPS)
    for _ in range(LONGER_TRIES):  # a slow neuron is still on its way
        if np.abs(record[-1] - record[3 * STEPS // 4]).max() < SETTLED * np.ptp(record):
            break
        duration *= 4.0
        record = stepped(device, drives, row, duration, STEPS)
    moving = np.flatnonzero((np.abs(record - record[-1]) > SETTLED * np.ptp(record)).any(axis=1))
    if moving.size and moving[-1] < EARLY * STEPS:
        duration *= max(moving[-1], 1) / (PART * STEPS)
        record = stepped(device, drives, row, duration, STEPS)
    with styled():
        ax = new_axes()
        time, time_unit = scaled(np.linspace(0.0, duration, STEPS + 1), "s")
        y, unit = scaled(record, model.outputs[0].unit)
        for k, colour in zip(range(drives.size), COLOURS, strict=False):
            ax.plot(time, y[:, k], color=colour, linewidth=1.0, label=shown(drives[k], model.drives[row].unit))
        ax.set_xlabel(f"time ({time_unit})")
        ax.set_ylabel(model.outputs[0].name + (f" ({unit})" if unit else ""))
        entitle(ax, device.name, f"steps of {model.drives[row].name}, without noise")
        legend_above(ax, 3)
        return ax


def telegraph(device: Device) -> Axes:
    """Draw what one junction puts out over time without drive and half-way to saturation, and the mean it jumps about."""
    import matplotlib.pyplot as plt

    jumping = device.override(form="telegraph")
    signal, result = device.model.drives[0], device.model.outputs[0]
    drive, rest = static_output(device)
    tilts = 0.5 * float(drive.max()) * np.array(TILTS)
    for duration in WINDOWS:
        record = stepped(jumping, tilts, 0, float(duration), STEPS, noisy=True)
        if np.count_nonzero(np.diff(np.sign(record[:, TILTS.index(0.0)]))) >= JUMPS:
            break
    else:
        raise ParameterError(f"{device.name}: without drive it jumps less than {JUMPS} times in {shown(WINDOWS[-1], 's')}.")
    with styled():
        panels = plt.subplots(len(TILTS), 1, sharex=True, sharey=True, figsize=SINGLE)[1]
        time, time_unit = scaled(np.linspace(0.0, float(duration), STEPS + 1), "s")
        y, unit = scaled(record, result.unit)
        factor = np.abs(y).max() / np.abs(record).max()
        for k, ax in enumerate(panels):
            ax.plot(time, y[:, k], color=BLUE, linewidth=0.8, drawstyle="steps-post", label="one junction")
            ax.axhline(float(np.interp(tilts[k], drive, rest)) * factor, color=VERMILION, linestyle="--", label="mean")
            ax.set_ylabel(f"{signal.name} = {shown(tilts[k], signal.unit)}", fontsize="small")
        panels[-1].set_xlabel(f"time ({time_unit})")
        entitle(panels[0], device.name, f"telegraph noise of {result.name} ({unit})")
        legend_above(panels[0])
        return panels[0]
