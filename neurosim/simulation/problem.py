"""Devices under waveforms, as the flat arrays that the steppers take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.device import DeviceModel
from neurosim.errors import ParameterError, did_you_mean
from neurosim.waveform import Constant
from neurosim.waveform_segments import Waveform


@dataclass(frozen=True)
class Problem:
    """What a stepper needs; ``layout`` and ``values`` as in :mod:`neurosim.kernels.steppers.population_system`.

    ``state (n_state, n)`` and ``params (n_param, n)`` are private copies, ``bounds (2, n_state n)`` and
    ``scale (n_state n,)`` belong to the flattened state.
    """

    model: DeviceModel
    state: np.ndarray
    params: np.ndarray
    waveforms: tuple[Waveform, ...]
    layout: np.ndarray
    values: np.ndarray
    bounds: np.ndarray
    scale: np.ndarray


def drive_waveforms(devices: Any, waveform: Any) -> tuple[DeviceModel, tuple[Waveform, ...]]:
    """Return the model and one waveform for each of its drives; a drive that is not named is zero."""
    model = devices if isinstance(devices, DeviceModel) else devices.model
    names = [drive.name for drive in model.drives]
    if isinstance(waveform, Waveform):
        waveform = {names[0]: waveform}
    for name in waveform:
        if name not in names:
            raise ParameterError(f'{model.name}: no drive is called "{name}".' + did_you_mean(name, names))
    chosen = [waveform.get(drive.name, Constant(0.0, unit=drive.unit)) for drive in model.drives]
    for drive, wave in zip(model.drives, chosen, strict=True):
        if getattr(wave, "unit", drive.unit) != drive.unit:
            raise ParameterError(f'{model.name}: drive "{drive.name}" is in {drive.unit}, its waveform in {wave.unit}. '
                                 f'Give unit="{drive.unit}" to the waveform.')
    return model, tuple(chosen)


def drive_range(wave: Waveform, end: float) -> tuple[float, float]:
    """Return bounds of what a waveform takes from 0 to ``end`` [s], the lowest and the highest."""
    start, value, slope, amplitude = wave.segments(end).T[:4]
    last = value + slope * (np.append(start[1:], max(end, start[-1])) - start)
    return (float(np.min(np.minimum(value, last) - np.abs(amplitude))),
            float(np.max(np.maximum(value, last) + np.abs(amplitude))))


def largest_drives(waveforms: tuple[Waveform, ...], end: float) -> np.ndarray:
    """Return a bound of each waveform's magnitude from 0 to ``end`` [s], shape (n_drive,)."""
    return np.array([np.max(np.abs(drive_range(wave, end))) for wave in waveforms])


def build_problem(devices: Any, model: DeviceModel, waveforms: tuple[Waveform, ...], end: float) -> Problem:
    """Return devices (a population, a card or a bare model) under waveforms from 0 to ``end`` [s] as flat arrays."""
    if isinstance(devices, DeviceModel):
        params, state = model.default_params(), model.initial_state()
    else:
        params, state = np.array(devices.params, dtype=float), np.array(devices.state, dtype=float)
        if params.ndim == 1:  # a card: one device
            params, state = params[:, None], state[:, None]
    if not isinstance(devices, DeviceModel) and np.ndim(devices.params) == 1 and model.select:
        model = model.select(params)
    n = state.shape[1]
    if params.shape[1] != n:
        raise ParameterError(f"{model.name}: {params.shape[1]} columns of parameters but {n} of states.")
    tables = [wave.segments(end) for wave in waveforms]
    drive = params.size
    offset = drive + len(waveforms) * n
    layout, parts = [len(model.states), n, len(waveforms), len(model.params), len(model.noises), 0, drive], []
    for table in tables:
        layout += [offset, table.shape[0]]
        offset += table.size
        parts.append(table.ravel())
    values = np.concatenate([params.ravel(), np.zeros(len(waveforms) * n), *parts])
    low_high = np.array([[spec.low for spec in model.states], [spec.high for spec in model.states]], dtype=float)
    return Problem(model, np.ascontiguousarray(state), np.ascontiguousarray(params), waveforms,
                    np.array(layout, dtype=np.int64), values, np.ascontiguousarray(np.repeat(low_high, n, axis=1)),
                    np.repeat([spec.scale for spec in model.states], n).astype(float))
