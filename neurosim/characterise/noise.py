"""Noise of a read current: a long record at constant voltage, and its spectral density by Welch's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.characterise.pulses import read_voltage
from neurosim.errors import ParameterError
from neurosim.frozen import frozen
from neurosim.population import draw_start


@dataclass(frozen=True, eq=False)
class NoiseSpectrum:
    """One-sided power spectral density of the read current, mean over copies.

    Attributes
    ----------
    frequency, density : ndarray, shape (m,)
        [Hz] and [A^2/Hz]; the zero frequency is left out.
    mean, deviation : float
        Mean and standard deviation of the current [A].
    """

    device: str
    frequency: np.ndarray
    density: np.ndarray
    mean: float
    deviation: float
    voltage: float


def is_noisy(device: Device) -> bool:
    """Tell whether two copies of a device read at the same voltage differ after a few steps of any length."""
    if not device.model.noises or device.model.advance is None:
        return False
    volts = read_voltage(device, None)
    cells = Cells(device, 16, noisy=True)
    for exponent in range(-9, 3):
        cells.advance(volts, 10.0**exponent)
        current = cells.current(volts)
        if np.ptp(current) > 1e-12 * np.abs(current).max():
            return True
    return False


def noise_spectrum(device: Device, v_read: str | float | None = None, *, sampling: float = 1e6, samples: int = 1 << 16,
                   copies: int = 8, segments: int = 8, seed: int = 0) -> NoiseSpectrum:
    """Return the spectral density of the current at a constant read voltage.

    Parameters
    ----------
    device : Device
        Two-terminal device with noises of its own or of a modifier.
    v_read : str or float, optional
        Held voltage [V].
    sampling : float
        Samples per second [Hz], > 0.
    samples, copies, segments : int
        Length of the record, independent copies, and averaged segments of each (Hann window, half overlapping).

    Raises
    ------
    ParameterError
        The device has no noise, or the record is too short for the segments.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> device = load_device("two_state/nugent2014_aist", n_switches=1000.0)
    >>> spectrum = noise_spectrum(device, "0.1 V", sampling=1e5, samples=1024)
    >>> spectrum.frequency.size, bool(spectrum.deviation > 0.0)
    (64, True)
    """
    if not is_noisy(device):
        raise ParameterError(f"{device.name}: no noise at a constant voltage; its law or the card's parameters have none. "
                             "Set the noise parameters or add a modifier, for example rtn.")
    if not (np.isfinite(sampling) and sampling > 0.0) or samples < 4 * segments or copies < 1 or segments < 1:
        raise ParameterError("noise_spectrum: sampling must be > 0 Hz, samples at least 4 per segment, copies >= 1.")
    volts = read_voltage(device, v_read)
    cells = Cells(device, copies, noisy=True, seed=seed)
    draw_start(cells.model, cells.state, cells.params, seed=seed, role="noise spectrum")  # stationary from the first sample
    current = np.empty((samples, copies))
    for k in range(samples):
        cells.advance(volts, 1.0 / sampling)
        current[k] = cells.current(volts)
    frequency, density = signal.welch(current, fs=sampling, nperseg=samples // segments, axis=0)
    return NoiseSpectrum(device.name, frozen(frequency[1:]), frozen(density[1:].mean(axis=1)), float(current.mean()),
                         float(current.std()), volts)
