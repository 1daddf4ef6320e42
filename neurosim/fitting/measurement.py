"""Measured data of one device: a current-voltage record or a pulse record in SI units, checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from neurosim.errors import DataError
from neurosim.frozen import frozen

READ = "read_voltage"  # column that a pulse record may have
KINDS = {"iv": ("time", "voltage", "current"), "pulses": ("voltage", "width", "conductance")}
ENOUGH = 8  # rows
MOST_CONDUCTANCE = 10.0  # S
LEAST_VOLTAGE, MOST_VOLTAGE = 1e-3, 1e3  # V, of the largest one
SWAPPED = "Are the columns swapped, or is the unit missing?"


@dataclass(frozen=True, eq=False)
class Measurement:
    """Columns in SI units, read-only, all of shape (n,); checked when it is made.

    ``kind`` is ``iv`` (``time``, ``voltage``, ``current``) or ``pulses`` (``voltage``, ``width``, ``conductance``: the row's
    pulse comes first, then the read; a first row of width 0 is a read before any pulse), and ``read_voltage`` if it is known.
    ``first_line`` is the line of the file with the first row, for messages; without a file rows are counted from 1.
    ``sha256`` is that of the file.

    Raises
    ------
    DataError
        Missing columns, columns of different lengths, too few rows, NaN, time that does not increase, conductances that are
        not positive or never change, values that no memristor has (swapped columns, a missing unit).
    """

    kind: str
    source: str
    columns: Mapping[str, np.ndarray]
    first_line: int = 0
    sha256: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DataError(f'{self.source}: kind = "{self.kind}", allowed are {", ".join(KINDS)}.')
        missing = [name for name in KINDS[self.kind] if name not in self.columns]
        if missing:
            raise DataError(f"{self.source}: a measurement of kind {self.kind} needs the column {missing[0]}.")
        optional = [READ] if self.kind == "pulses" and READ in self.columns else []
        columns = {name: frozen(self.columns[name]) for name in (*KINDS[self.kind], *optional)}
        object.__setattr__(self, "columns", MappingProxyType(columns))
        sizes = {name: values.shape for name, values in columns.items()}
        if len(set(sizes.values())) > 1 or columns["voltage"].ndim != 1:
            raise DataError(f"{self.source}: columns of shapes {sizes}, allowed is one length for all.")
        if self.size < ENOUGH:
            raise DataError(f"{self.source}: {self.size} rows, a fit needs at least {ENOUGH}.")
        for name, values in columns.items():
            self._refuse(~np.isfinite(values), f"{name} is not finite. Remove the row or measure again.")
        self._check_voltage()
        if self.kind == "iv":
            self._check_loop()
        else:
            self._check_pulses()

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.columns["voltage"])

    def _refuse(self, bad: np.ndarray, reason: str) -> None:
        """Raise with the place of the first bad row."""
        if bad.any():
            row = int(np.argmax(bad))
            place = f"line {self.first_line + row}" if self.first_line else f"row {row + 1}"
            raise DataError(f"{self.source}: {place}: {reason}")

    def _check_voltage(self) -> None:
        largest = float(np.abs(self["voltage"]).max())
        if not LEAST_VOLTAGE <= largest <= MOST_VOLTAGE:
            raise DataError(f"{self.source}: the largest voltage is {largest:g} V, allowed is {LEAST_VOLTAGE:g} V to "
                            f"{MOST_VOLTAGE:g} V. {SWAPPED}")

    def _check_loop(self) -> None:
        time, voltage, current = self["time"], self["voltage"], self["current"]
        self._refuse(np.concatenate([[False], np.diff(time) <= 0.0]), "time does not increase. Are the columns swapped?")
        if np.ptp(voltage) == 0.0:
            raise DataError(f"{self.source}: the voltage never changes. Are the columns swapped?")
        if not np.any(current):
            raise DataError(f"{self.source}: the current is zero in every row. Check the range of the instrument.")
        if np.sum(current * voltage) <= 0.0:
            raise DataError(f"{self.source}: the current flows against the voltage, so the device would deliver energy. Change "
                            f"the sign of one of the two columns.")
        conductance = float(np.abs(current).max() / np.abs(voltage).max())
        if conductance > MOST_CONDUCTANCE:
            raise DataError(f"{self.source}: largest current over largest voltage is {conductance:g} S, allowed is up to "
                            f"{MOST_CONDUCTANCE:g} S. {SWAPPED}")

    def _check_pulses(self) -> None:
        g, width = self["conductance"], self["width"]
        bad = (g <= 0.0) | (g > MOST_CONDUCTANCE)
        self._refuse(bad, f"conductance {g[np.argmax(bad)]:g} S is outside (0, {MOST_CONDUCTANCE:g}] S. {SWAPPED}")
        self._refuse(width < 0.0, "a pulse width is below 0 s.")
        if not np.any(width * self["voltage"]):
            raise DataError(f"{self.source}: no row has both a voltage and a width, so there is no pulse.")
        if np.ptp(g) == 0.0:
            raise DataError(f"{self.source}: the conductance never changes, there is nothing to fit. Are the columns swapped?")
        if READ in self.columns:
            self._refuse(self[READ] == 0.0, "a read voltage of 0 V reads no conductance.")
