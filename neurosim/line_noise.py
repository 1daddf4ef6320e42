"""White noise of the lines of an array: Johnson and shot noise of its devices, averaged by the sense stage over one read.

The noise currents of the devices on a line are independent, so one normal number per line and phase is exact: its variance is
the sum over the devices, each at the voltage that it has when the phase begins (:mod:`neurosim.modifiers.johnson_shot`).
"""

from __future__ import annotations

import numpy as np

from neurosim.kernels.purposes import WHITE_BACKWARD, WHITE_FORWARD
from neurosim.kernels.rng import fill_normal
from neurosim.population import Population


class LineNoise:
    """Draws the noise currents of one array whose device model has a ``current_noise``.

    Parameters
    ----------
    population : Population
        ``n_rows`` times ``2 n_targets`` devices, row-major; plus columns first.
    n_rows, n_targets : int
    read_time : float
        Averaging time of the sense stage [s].
    key : uint64
        Of the array's reads.
    """

    def __init__(self, population: Population, n_rows: int, n_targets: int, read_time: float, key: np.uint64):
        self.population, self.n_rows, self.n_targets, self.key = population, n_rows, n_targets, key
        self._kernel = population.model.require("current_noise")
        n = population.size
        self._time, self._drive, self._sigma = np.full(n, read_time), np.empty((1, n)), np.empty(n)
        self._forward, self._backward = np.empty((1, n_targets)), np.empty((1, n_rows))

    def forward(self, source: np.ndarray, phase: int) -> np.ndarray:
        """Return one draw of the current [A] into each target (n_targets,), rows being driven at ``source`` [V] (n_rows,)."""
        variance = self._variance(np.repeat(source, 2 * self.n_targets)).sum(axis=0)
        fill_normal(self._forward, self.key, WHITE_FORWARD, phase, 0, self.n_targets)
        return self._forward[0] * np.sqrt(variance[: self.n_targets] + variance[self.n_targets :])

    def backward(self, target: np.ndarray, phase: int) -> np.ndarray:
        """Return one draw of the current [A] into each row (n_rows,), columns being driven at ``target`` [V] (n_targets,)."""
        variance = self._variance(np.tile(target, 2 * self.n_rows)).sum(axis=1)
        fill_normal(self._backward, self.key, WHITE_BACKWARD, phase, 0, self.n_rows)
        return self._backward[0] * np.sqrt(variance)

    def _variance(self, drive: np.ndarray) -> np.ndarray:
        population = self.population
        self._drive[0] = drive
        self._kernel(population.state, self._drive, population.params, self._time, self._sigma, 0, population.size)
        return np.square(self._sigma).reshape(self.n_rows, 2 * self.n_targets)
