"""From a measured device to a card: read the file, fit a model, say what the data do not tell."""

from neurosim.fitting.fit import Fit, FittedValue, fit_device
from neurosim.fitting.measurement import Measurement, read_measurement

__all__ = ["Fit", "FittedValue", "Measurement", "fit_device", "read_measurement"]
