"""Measure one device as a laboratory would, on private copies: nothing here changes the device."""

from neurosim.characterise.loop import Loop, iv_sweep
from neurosim.characterise.metrics import PulseMetrics, nonlinearity_label, pulse_metrics
from neurosim.characterise.noise import NoiseSpectrum, is_noisy, noise_spectrum
from neurosim.characterise.pulses import PulseResponse, default_pulses, pulse_response
from neurosim.characterise.read_limit import read_limit, read_shift
from neurosim.characterise.retention import Retention, read_disturb, retention
from neurosim.characterise.switching import SwitchingProbability, SwitchingTimes, switching_probability, switching_time
from neurosim.characterise.symmetry import SymmetryPoint, symmetry_point

__all__ = [
    "Loop", "NoiseSpectrum", "PulseMetrics", "PulseResponse", "Retention", "SwitchingProbability", "SwitchingTimes",
    "SymmetryPoint", "default_pulses", "is_noisy", "iv_sweep", "noise_spectrum", "nonlinearity_label", "pulse_metrics",
    "pulse_response", "read_disturb", "read_limit", "read_shift", "retention", "switching_probability", "switching_time",
    "symmetry_point",
]
