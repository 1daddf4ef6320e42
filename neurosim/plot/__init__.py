"""Figures: ``plot.iv(result) -> Axes``. Each draws one result and names its units; showing and saving is left to you.

Importing this package does not import matplotlib; the first figure does.
"""

from __future__ import annotations

from neurosim.plot.crossbar import conductance_band, conductance_evolution, conductance_heat_map, weight_maps
from neurosim.plot.device import iv, pulses, retention, spectrum, switching_times
from neurosim.plot.network import phase_sequence
from neurosim.plot.training import accuracy, confusion, energy_per_sample, learning_curve

__all__ = ["accuracy", "conductance_band", "conductance_evolution", "conductance_heat_map", "confusion", "energy_per_sample",
           "iv", "learning_curve", "phase_sequence", "pulses", "retention", "spectrum", "switching_times", "weight_maps"]
