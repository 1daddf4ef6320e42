"""From a measured device to a card: read the file, fit a model, say what the data do not tell."""

from neurosim.fitting.csv_file import read_measurement
from neurosim.fitting.fit import Fit, fit_device
from neurosim.fitting.intervals import FittedValue
from neurosim.fitting.measurement import Measurement
from neurosim.fitting.to_card import fitted_device

__all__ = ["Fit", "FittedValue", "Measurement", "fit_device", "fitted_device", "read_measurement"]
