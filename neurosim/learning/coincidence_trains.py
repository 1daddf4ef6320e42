"""A whole coincidence write of devices that count pulses, in one step per device instead of one per pulse.

Within one write of trains all coincidences of a device have one polarity, and n pulses in one call have the law of n calls
(:attr:`neurosim.device.DeviceModel.pulse`); half-selected devices do not move. So a device gets its n_ij pulses at once, where
n_ij counts the bits in which row i and column j fire.

Energy: fully selected devices by the charge of their n pulses; a half-selected one dissipates (V/2)^2 t G in each slot, with G
the mean of its conductance before and after the write. Row i is at half voltage in H_i volt^2 seconds of slots, column c in
K_c, and both count the slots in which the device is fully selected:

    E_half = sum_ic G_ic (H_i + K_c - 2 n_ic (V_ic / 2)^2 t_ic)                                                        (1)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from neurosim.crossbar import CrossbarArray
from neurosim.crossbar_spec import dead_zones
from neurosim.errors import DivergedError
from neurosim.kernels.purposes import LINE_WRITE
from neurosim.kernels.rng import fill_normal
from neurosim.nominal_write import NominalWrite

ONES = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1, dtype=np.uint8)  # bits set in a byte


def writes_by_count(crossbar: CrossbarArray, nominal: NominalWrite) -> bool:
    """Tell whether trains may be written at once: devices count pulses, with own noise, and half a voltage moves none."""
    model, spec = crossbar.population.model, crossbar.spec
    if not nominal.pulse_up or model.charge is None or model.dead_zone is None or spec.sigma_c2c or spec.sigma_c2c_range:
        return False
    low, high = dead_zones(crossbar.population)
    half = 0.5 * nominal.v_raise, 0.5 * nominal.v_lower
    return bool(np.all(low <= min(half)) and np.all(high >= max(half)))


def coincidences(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the bits in which row i and column j both fire, without threads as a matrix product has."""
    count = np.zeros((rows.shape[1], columns.shape[1]))
    for one, other in zip(np.packbits(rows, axis=0), np.packbits(columns, axis=0), strict=True):
        count += ONES[one[:, None] & other]
    return count


@dataclass(frozen=True)
class Trains:
    """Fired bits of one write: ``rows`` (bits, n_rows), ``columns`` (bits, n_targets), signs of both, and the polarity."""

    rows: np.ndarray
    columns: np.ndarray
    row_sign: np.ndarray
    column_sign: np.ndarray
    polarity: int

    def raising(self) -> np.ndarray:
        """Return which devices a coincidence raises, shape (n_rows, 2 n_targets)."""
        plus = np.multiply.outer(self.polarity * self.row_sign, self.column_sign) > 0
        return np.concatenate([plus, ~plus], axis=1)

    def slots(self) -> Iterator[tuple[np.ndarray, np.ndarray, bool]]:
        """Yield rows, columns (2 n_targets,) and whether it raises, for each slot in order; rows and columns are not empty."""
        for bit, row_sign, column_sign in itertools.product(range(len(self.rows)), (1, -1), (1, -1)):
            rows = self.rows[bit] & (self.row_sign == row_sign)
            columns = self.columns[bit] & (self.column_sign == column_sign)
            if rows.any() and columns.any():
                grow, none = row_sign * column_sign * self.polarity > 0, np.zeros_like(columns)
                yield rows, np.concatenate([columns, none]), grow
                yield rows, np.concatenate([none, columns]), not grow

    def sums(self, e_raise: float, e_lower: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        """Return n_ij (n_rows, n_targets), H (n_rows,), K (2 n_targets,) of (1), and the number of slots.

        ``e_raise`` and ``e_lower`` are (V/2)^2 t [V^2 s] of one pulse of each polarity.
        """
        fired = self.columns.astype(float)
        count = coincidences(self.rows, self.columns)
        row_on = [(self.rows & (self.row_sign == sign)).any(axis=1) for sign in (1, -1)]
        column_on = [(self.columns & (self.column_sign == sign)).any(axis=1) for sign in (1, -1)]
        signs = np.add(*column_on, dtype=float)
        held = (e_raise + e_lower) * (signs @ self.rows)
        with_plus, with_minus = (on.astype(float) @ fired for on in row_on)
        toward = self.polarity * self.column_sign > 0  # a positive row raises the plus side
        one, other = np.where(toward, e_raise, e_lower), np.where(toward, e_lower, e_raise)
        columns = np.concatenate([with_plus * one + with_minus * other, with_plus * other + with_minus * one])
        return count, held, columns, int(2 * np.sum(np.add(*row_on, dtype=int) * np.add(*column_on, dtype=int)))


class CountedWrite:
    """One write of trains on one array: every call of :meth:`apply` starts from the states before it, with the same noise."""

    def __init__(self, crossbar: CrossbarArray, nominal: NominalWrite, raising: np.ndarray):
        self._crossbar, n = crossbar, crossbar.population.size
        self._voltage = np.where(raising, nominal.v_raise, nominal.v_lower)
        self._width = np.where(raising, nominal.pulse_up, nominal.pulse_down)
        self._noise = np.empty((len(crossbar.population.model.noises), n))
        fill_normal(self._noise, crossbar.write_key, LINE_WRITE, crossbar.events, 0, n)
        crossbar.events += 1
        self._state, self._g = crossbar.population.state.copy(), crossbar.g.copy()

    def apply(self, count: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> float:
        """Give every device its ``count`` (n_rows, n_columns) of pulses; return the energy [J] with H and K of (1)."""
        crossbar, population = self._crossbar, self._crossbar.population
        model, n = population.model, population.size
        duration, charge = (count * self._width).ravel(), np.empty(n)
        drive = self._voltage.reshape(1, n)
        population.state[:] = self._state
        model.require("charge")(population.state, drive, population.params, duration, charge, 0, n)
        model.require("advance")(population.state, drive, population.params, self._noise, duration, 0, n)
        crossbar.refresh()
        mean = 0.5 * (self._g + crossbar.g)
        full = drive[0] * (charge - 0.5 * drive[0] * duration * mean.ravel())  # less 2 n (V/2)^2 t = n t V^2 / 2
        energy = float(full.sum() + rows @ mean.sum(axis=1) + columns @ mean.sum(axis=0))
        if not np.isfinite(energy):
            raise DivergedError(f"{crossbar.name}: a device became non-finite while trains of pulses were written. "
                                "Check the card's parameters and the programming voltage.")
        return energy
