"""The least-squares problem of a fit: free parameters as one vector of scaled numbers, residuals of many trials at once.

The model is run on the measured voltages by its own ``advance`` kernel: a current-voltage record in ``SUBSTEPS`` steps per
sample at the interpolated voltage, a pulse record pulse by pulse. Positive (or negative) parameters are scaled as logarithms,
others are left linear; the start state is the last number. One run holds all trial columns, so a Jacobian by central
differences costs one pass.

Residuals of pulses are log(G / G_data), with G = i / v at the read voltage: the one given, else that of the data, else 0.1 V or
the read limit of the card if that is lower. Residuals of currents are relative where the current is large and absolute near
zero: (i - i_data) / sqrt((RELATIVE i_data)^2 + (FLOOR max|i_data|)^2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.errors import DivergedError
from neurosim.fitting.measurement import READ, Measurement
from neurosim.population import Population, nominal_params

SUBSTEPS = 4
RELATIVE, FLOOR = 0.02, 0.002
STEP = 1e-4  # of a logarithm, or of the range
HUGE = 1e6  # a residual in place of a trial that diverged


class FitProblem:
    """Free parameters as one vector of scaled numbers, and the residuals of many trial vectors at once."""

    def __init__(self, device: Device, measurement: Measurement, free: Sequence[str],
                 read_voltage: float | None = None):
        self.device, self.measurement = device, measurement
        model = device.model
        self.specs = [model.params[model.param_index[name]] for name in free]
        self.rows = [model.param_index[name] for name in free]
        self.start_value = np.array([device.value(name) for name in free])
        # A range on one side of zero is searched in the logarithm of the magnitude.
        self.logarithmic = np.array([spec.low * spec.high >= 0.0 and value != 0.0
                                     for spec, value in zip(self.specs, self.start_value, strict=True)])
        self.sign = np.where(self.start_value < 0.0, -1.0, 1.0)
        self.names = [*free, model.states[0].name]
        self.read = np.full(measurement.size, np.fmin(0.1, device.v_read_max) if read_voltage is None else read_voltage)
        if read_voltage is None and READ in measurement.columns:
            self.read = measurement[READ]
        self.data = measurement["current" if measurement.kind == "iv" else "conductance"]
        low, high = [], []
        for spec, log, sign in zip(self.specs, self.logarithmic, self.sign, strict=True):
            ends = sorted((sign * spec.low, sign * spec.high)) if log else (spec.low, spec.high)
            low.append(np.log(max(ends[0], 1e-300)) if log else ends[0])
            high.append(np.log(max(ends[1], 1e-300)) if log else ends[1])
        self.low = np.array([*low, model.states[0].low])
        self.high = np.array([*high, model.states[0].high])

    def pack(self, values: np.ndarray, x: float) -> np.ndarray:
        """Return the scaled vector of parameter values and a start state, inside the bounds."""
        scaled = np.where(self.logarithmic, np.log(np.maximum(np.abs(values), 1e-300)), values)
        z = np.append(scaled, x)
        span = np.where(np.isfinite(self.high - self.low), self.high - self.low, 1.0)
        return np.clip(z, self.low + 1e-9 * span, self.high - 1e-9 * span)

    def unpack(self, z: np.ndarray) -> np.ndarray:
        """Return parameter values of scaled columns, shape (n_free, n)."""
        scaled = z[:-1]
        log = self.logarithmic[:, None]
        return np.where(log, self.sign[:, None] * np.exp(np.where(log, scaled, 0.0)), scaled)

    def numbers(self, z: np.ndarray) -> np.ndarray:
        """Return the values and the start state of one scaled vector; those left at the start are the card's, bit for bit."""
        start = np.append(self.start_value, self.device.state[0])
        found = np.append(self.unpack(z[:, None])[:, 0], z[-1])
        return np.where(z == self.pack(self.start_value, start[-1]), start, found)

    def is_logarithmic(self, k: int) -> bool:
        """Tell whether the scaled number ``k`` is a logarithm; the last one, the start state, never is."""
        return bool(k < len(self.specs) and self.logarithmic[k])

    def unit(self, k: int) -> str:
        """Return the unit of the unscaled number ``k``."""
        return self.specs[k].unit if k < len(self.specs) else self.device.model.states[0].unit

    def simulate(self, z: np.ndarray) -> np.ndarray:
        """Return currents [A] or conductances [S] of trial columns ``z`` (n_free + 1, n), shape (m, n)."""
        params = nominal_params(self.device, z.shape[1])
        params[self.rows] = self.unpack(z)
        model = self.device.model.select(params) if self.device.model.select else self.device.model
        state = np.repeat(np.array(self.device.state).reshape(-1, 1), z.shape[1], axis=1)
        state[0] = z[-1]
        cells = Cells(self.device, population=Population(model, params, state, np.zeros(z.shape[1], dtype=np.int8)))
        measured = self.measurement
        out = np.empty((measured.size, z.shape[1]))
        voltage = measured["voltage"]
        if measured.kind == "pulses":
            for k, width in enumerate(measured["width"]):
                if width > 0.0:
                    cells.advance(voltage[k], width)
                out[k] = cells.conductance(self.read[k])
            return out
        time = measured["time"]
        shares = (np.arange(SUBSTEPS) + 0.5) / SUBSTEPS
        for k in range(measured.size):
            if k > 0:
                step = (time[k] - time[k - 1]) / SUBSTEPS
                for share in shares:
                    cells.advance(voltage[k - 1] + share * (voltage[k] - voltage[k - 1]), step)
            out[k] = cells.current(voltage[k])
        return out

    def residuals(self, z: np.ndarray) -> np.ndarray:
        """Return residuals of trial columns, shape (m, n); a trial that diverges has huge ones."""
        try:
            found = self.simulate(z)
        except DivergedError:
            if z.shape[1] == 1:
                return np.full((self.measurement.size, 1), HUGE)
            return np.concatenate([self.residuals(z[:, k:k + 1]) for k in range(z.shape[1])], axis=1)
        data = self.data[:, None]
        if self.measurement.kind == "pulses":
            return np.clip(np.log(np.maximum(found, 1e-300) / data), -HUGE, HUGE)
        scale = np.sqrt((RELATIVE * data) ** 2 + (FLOOR * np.abs(data).max()) ** 2)
        return np.asarray(np.clip((found - data) / scale, -HUGE, HUGE))

    def costs(self, z: np.ndarray) -> np.ndarray:
        """Return the sum of squares of each trial column, shape (n,), no residual counting for more than ``HUGE``."""
        return np.asarray(np.sum(np.minimum(self.residuals(z) ** 2, HUGE), axis=0))

    def jacobian(self, z: np.ndarray) -> np.ndarray:
        """Return d residual / d z by central differences, shape (m, n_free + 1)."""
        step = np.append(np.where(self.logarithmic, STEP, STEP * np.maximum(np.abs(self.start_value), 1e-12)),
                         STEP * (self.high[-1] - self.low[-1]))
        up, down = np.minimum(z + step, self.high), np.maximum(z - step, self.low)
        trials = np.repeat(z[:, None], 2 * z.size, axis=1)
        trials[np.arange(z.size), np.arange(z.size)] = up
        trials[np.arange(z.size), z.size + np.arange(z.size)] = down
        r = self.residuals(trials)
        return np.asarray((r[:, :z.size] - r[:, z.size:]) / (up - down))
