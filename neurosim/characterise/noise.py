"""Noise of a read current: a long record at constant voltage, and its spectral density by Welch's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal

from neurosim.characterise.cells import Cells
from neurosim.characterise.inputs import whole_number
from neurosim.characterise.pulses import read_voltage
from neurosim.errors import ParameterError
from neurosim.frozen import frozen
from neurosim.library import DeviceLike, as_device
from neurosim.units import quantity


@dataclass(frozen=True, eq=False)
class NoiseSpectrum:
    """One-sided power spectral density of the read current, mean over copies.

    Attributes
    ----------
    frequency, density : ndarray, shape (m,)
        [Hz] and [A^2/Hz], without the zero frequency and without half the sampling rate, which has no one-sided density.
    mean, deviation : float
        Mean and standard deviation of the current [A].
    """

    device: str
    frequency: np.ndarray
    density: np.ndarray
    mean: float
    deviation: float
    voltage: float


def is_noisy(device: DeviceLike) -> bool:
    """Tell whether two copies of a device read at the same voltage differ after a few steps of any length."""
    device = as_device(device)
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


def noise_spectrum(device: DeviceLike, v_read: str | float | None = None, *, sampling: str | float = 1e6,
                   samples: int = 1 << 16, copies: int = 8, segments: int = 8, seed: int = 0) -> NoiseSpectrum:
    """Return the spectral density of the current at a constant read voltage.

    Parameters
    ----------
    device : Device or str
        Two-terminal device with noises of its own or of a modifier, or the name of its card.
    v_read : str or float, optional
        Held voltage [V].
    sampling : str or float
        Samples per second [Hz], > 0: ``"100 kHz"``.
    samples, copies, segments : int
        Length of the record, independent copies, and averaged segments of each (Hann window, half overlapping).
    seed : int
        Key of the noise, >= 0.

    Returns
    -------
    NoiseSpectrum
        ``frequency`` [Hz] and ``density`` [A^2/Hz], shape (m,); ``mean`` and ``deviation`` [A].

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
    (63, True)
    """
    device, sampling = as_device(device), quantity(sampling, "Hz", "noise_spectrum: sampling")
    samples, copies, segments = (whole_number(count, 1, f"noise_spectrum: {name}") for count, name in (
        (samples, "samples"), (copies, "copies"), (segments, "segments")))
    if not is_noisy(device):
        raise ParameterError(f"{device.name}: no noise at a constant voltage; its law or the card's parameters have none. "
                             "Set the noise parameters or add a modifier, for example rtn.")
    if not sampling > 0.0 or samples < 4 * segments:
        raise ParameterError("noise_spectrum: sampling must be > 0 Hz, samples at least 4 per segment.")
    volts = read_voltage(device, v_read)
    cells = Cells(device, copies, noisy=True, seed=seed)  # in its law from the first sample
    current = np.empty((samples, copies))
    for k in range(samples):
        cells.advance(volts, 1.0 / sampling)
        current[k] = cells.current(volts)
    frequency, density = signal.welch(current, fs=sampling, nperseg=samples // segments, axis=0)
    inside = (frequency > 0.0) & (frequency < 0.5 * sampling * (1.0 - 1e-12))
    return NoiseSpectrum(device.name, frozen(frequency[inside]), frozen(density[inside].mean(axis=1)), float(current.mean()),
                         float(current.std()), volts)
