"""Figures of devices that are neurons: the output at rest, after a step of the drive, and as heat makes it jump."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurosim.card import Device
from neurosim.errors import ParameterError
from neurosim.kernels.rng import fill_normal, stream_key
from neurosim.plot.axes import entitle, legend_above, shown
from neurosim.plot.style import BLUE, COLOURS, GREY, SINGLE, VERMILION, new_axes, scaled, styled
from neurosim.population import nominal_params

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = 401
DURATION, STEPS = 20e-9, 4000  # s, of magnetic devices
LONGER_TRIES, SETTLED = 5, 0.02  # of the range, in the last quarter
EARLY, PART = 0.35, 0.6  # of the axis: where every curve has settled before the first, the axis is cut to put it at the second
MULTIPLES = (0.5, 1.0, 1.5, 2.0, 3.0)  # of the drive that just switches or saturates
JUMPS = 20  # in a telegraph trace without drive
TILTS = (-0.5, 0.0, 0.5)  # drives of telegraph traces, of the one that saturates
WINDOWS = np.geomspace(1e-12, 1e3, 61)  # s
CURRENTS = np.geomspace(1e-6, 1e-2, 81)  # A, in which the one that switches is looked for


def activation(device: Device) -> Axes:
    """Draw the static output of a neuron against its first drive, to twice the drive that saturates it."""
    drive, out = _static(device)
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
    model = device.model
    row = next((k for k, signal in enumerate(model.drives) if signal.unit == "A"), None)
    if row is None or model.advance is None or not model.outputs:
        raise ParameterError(f"{device.name}: neither a voltage nor a current drives it, so its figures are up to you.")
    duration = 8.0 * device.value("tau") if "tau" in model.param_index else DURATION
    if model.activation is not None:
        first = 0.5 * float(_static(device)[0].max())
    else:
        signed = np.concatenate([-CURRENTS, CURRENTS])
        record = _run(device, signed, row, duration, STEPS)
        changed = np.abs(record[-1] - record[0])
        found = signed[record[0] * record[-1] < 0.0]
        if not found.size and changed.max() > SETTLED * np.abs(record).max():  # it moves without switching
            found = signed[changed >= 0.5 * changed.max()]
        if not found.size:
            raise ParameterError(f"{device.name}: no current up to {shown(CURRENTS[-1], 'A')} switches it within "
                                 f"{shown(duration, 's')} without noise.")
        found = found[np.argsort(np.abs(found))]
        first = float(found[0])
    drives = first * np.array(MULTIPLES)
    record = _run(device, drives, row, duration, STEPS)
    for _ in range(LONGER_TRIES):  # a slow neuron is still on its way
        if np.abs(record[-1] - record[3 * STEPS // 4]).max() < SETTLED * np.ptp(record):
            break
        duration *= 4.0
        record = _run(device, drives, row, duration, STEPS)
    moving = np.flatnonzero((np.abs(record - record[-1]) > SETTLED * np.ptp(record)).any(axis=1))
    if moving.size and moving[-1] < EARLY * STEPS:
        duration *= max(moving[-1], 1) / (PART * STEPS)
        record = _run(device, drives, row, duration, STEPS)
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
    drive, rest = _static(device)
    tilts = 0.5 * float(drive.max()) * np.array(TILTS)
    for duration in WINDOWS:
        record = _run(jumping, tilts, 0, float(duration), STEPS, noisy=True)
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


def _static(device: Device) -> tuple[np.ndarray, np.ndarray]:
    """Return drives from minus to plus twice the one that saturates a neuron, and its output at rest, each (POINTS,)."""
    params, kernel = nominal_params(device, POINTS), device.model.require("activation")
    out, slope = np.zeros((len(device.model.outputs), POINTS)), np.zeros((len(device.model.outputs), POINTS))
    drive = np.zeros((len(device.model.drives), POINTS))
    for reach in np.geomspace(1e-9, 1.0, 271):  # until twice the drive gives less than a tenth more
        drive[0] = np.linspace(-2.0 * reach, 2.0 * reach, POINTS)
        kernel(drive, params, out, slope, 0, POINTS)
        if np.ptp(out[0]) > 0.0 and np.ptp(out[0]) < 1.1 * np.ptp(out[0, POINTS // 4:-(POINTS // 4)]):
            break
    return drive[0].copy(), out[0].copy()


def _run(device: Device, drives: np.ndarray, row: int, duration: float, count: int, *, noisy: bool = False) -> np.ndarray:
    """Return the first output over ``duration`` [s] in ``count`` steps at constant drives of one input, (count + 1, n)."""
    model, n = device.model, drives.size
    params, state = nominal_params(device, n), np.repeat(np.array(device.state).reshape(-1, 1), n, axis=1)
    drive, noise = np.zeros((len(model.drives), n)), np.zeros((max(len(model.noises), 1), n))
    drive[row] = drives
    key = np.uint64(stream_key(0, "telegraph", 0, device.name))
    step, out, record = np.full(n, duration / count), np.zeros((len(model.outputs), n)), np.empty((count + 1, n))
    advance, output = model.require("advance"), model.require("output")
    for k in range(count + 1):
        output(state, params, out, 0, n)
        record[k] = out[0]
        if noisy:
            fill_normal(noise, key, 0, k, 0, n)
        advance(state, drive, params, noise, step, 0, n)
    return record
