"""What drives a neuron and what it puts out: at rest, after steps of the drive, and the drive that saturates or switches it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.errors import ParameterError
from neurosim.kernels.rng import fill_normal, stream_key
from neurosim.population import nominal_params
from neurosim.units import format_quantity

POINTS = 401
DURATION, STEPS = 20e-9, 4000  # s, of magnetic devices
TAUS = 8.0  # time constants, of a neuron that has one
CHANGED = 0.02  # of the largest output: less is no response
CURRENTS = np.geomspace(1e-6, 1e-2, 81)  # A, in which the one that switches is looked for
WELL = 3.0  # times the current that just switches


@dataclass(frozen=True)
class NeuronRange:
    """The drive that just saturates or switches a neuron, and between what values its output then moves.

    Attributes
    ----------
    signal, output : str
        Names of the drive and of the output.
    drive : float
        In ``drive_unit``.
    low, high : float
        In ``output_unit``.
    """

    signal: str
    drive: float
    drive_unit: str
    output: str
    low: float
    high: float
    output_unit: str


def neuron_range(device: Device) -> NeuronRange:
    """Return what drives a neuron, and its output: at rest where it has such a law, else after a step of the current.

    Raises
    ------
    ParameterError
        Neither a static law nor an input current, or no current switches it.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> found = neuron_range(load_device("smtj/nominal"))
    >>> found.output, round(found.high, 3)
    ('v', 0.05)
    """
    model = device.model
    if not model.outputs:
        raise ParameterError(f"{device.name}: it has no output.")
    if model.activation is not None:
        drive, out = static_output(device)
        signal, first = model.drives[0], 0.5 * float(drive.max())
    else:
        row, first = current_row(device), switching_current(device)
        out = stepped(device, np.array([first, WELL * first]), row, duration_of(device), STEPS)
        signal = model.drives[row]
    result = model.outputs[0]
    return NeuronRange(signal.name, first, signal.unit, result.name, float(out.min()), float(out.max()), result.unit)


def current_row(device: Device) -> int:
    """Return the row of the first drive that is a current."""
    row = next((k for k, signal in enumerate(device.model.drives) if signal.unit == "A"), None)
    if row is None or device.model.advance is None or not device.model.outputs:
        raise ParameterError(f"{device.name}: neither a voltage nor a current drives it, so its figures are up to you.")
    return row


def duration_of(device: Device) -> float:
    """Return a time [s] in which a neuron answers."""
    return TAUS * device.value("tau") if "tau" in device.model.param_index else DURATION


def switching_current(device: Device) -> float:
    """Return the current of least magnitude [A] that changes the sign of the output, else most of what any current does."""
    row, duration = current_row(device), duration_of(device)
    signed = np.concatenate([-CURRENTS, CURRENTS])
    record = stepped(device, signed, row, duration, STEPS)
    changed = np.abs(record[-1] - record[0])
    found = signed[record[0] * record[-1] < 0.0]
    if not found.size and changed.max() > CHANGED * np.abs(record).max():  # it moves without switching
        found = signed[changed >= 0.5 * changed.max()]
    if not found.size:
        raise ParameterError(f"{device.name}: no current up to {format_quantity(CURRENTS[-1], 'A')} switches it within "
                             f"{format_quantity(duration, 's')} without noise.")
    return float(found[np.argmin(np.abs(found))])


def static_output(device: Device) -> tuple[np.ndarray, np.ndarray]:
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


def stepped(device: Device, drives: np.ndarray, row: int, duration: float, count: int, *, noisy: bool = False) -> np.ndarray:
    """Return the first output over ``duration`` [s] in ``count`` steps at constant drives of one input, (count + 1, n)."""
    model, n = device.model, drives.size
    params, state = nominal_params(device, n), np.repeat(np.array(device.state).reshape(-1, 1), n, axis=1)
    drive, noise = np.zeros((len(model.drives), n)), np.zeros((max(len(model.noises), 1), n))
    drive[row] = drives
    key = np.uint64(stream_key(0, "neuron", 0, device.name))
    step, out, record = np.full(n, duration / count), np.zeros((len(model.outputs), n)), np.empty((count + 1, n))
    advance, output = model.require("advance"), model.require("output")
    for k in range(count + 1):
        output(state, params, out, 0, n)
        record[k] = out[0]
        if noisy:
            fill_normal(noise, key, 0, k, 0, n)
        advance(state, drive, params, noise, step, 0, n)
    return record
