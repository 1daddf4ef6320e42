"""Programmers: how a requested conductance change becomes voltages on devices.

``device`` (:class:`DevicePulses`) is open loop: amplitude is fixed, the width of each pulse follows from the request and the
*nominal* card at the middle of the conductance window. It never sees an instance's state or parameters. ``pulse_step`` writes
trains of identical pulses, ``write_verify`` reads (with noise) and corrects within a pulse budget, ``ideal`` assigns
conductances: the control experiment, named so everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.crossbar import CrossbarArray
from neurosim.errors import ParameterError
from neurosim.kernels.accumulate import widths_from_content
from neurosim.kernels.purposes import VERIFY
from neurosim.kernels.rng import fill_normal
from neurosim.learning.accumulators import Accumulator
from neurosim.nominal_write import NominalWrite, check_amplitude, refuse_beyond_card


@dataclass(frozen=True)
class WriteReport:
    """What one write of one crossbar cost: energy [J], time [s], pulses, rows, clipped and saturated requests."""

    energy: float = 0.0
    time: float = 0.0
    pulses: int = 0
    rows: int = 0
    clipped: int = 0
    saturated: int = 0

    def __add__(self, other: WriteReport) -> WriteReport:
        return WriteReport(self.energy + other.energy, self.time + other.time, self.pulses + other.pulses,
                           self.rows + other.rows, self.clipped + other.clipped, self.saturated + other.saturated)


@dataclass(frozen=True)
class DevicePulses:
    """Open-loop pulse-width programming (``device``).

    Parameters
    ----------
    amplitude : float or None
        Pulse voltage [V]; half of it should stay below the thresholds, for half-selected devices see it. None: from the card.
    levels : int
        Number of pulse widths.
    step_max : float
        Nominal change of the longest pulse as a fraction of the conductance window.
    trains : bool
        Write each level as its own identical pulse (``pulse_step``) instead of one wide pulse.
    """

    amplitude: float | None = None
    levels: int = 64
    step_max: float = 0.02
    trains: bool = False
    name: str = "device"

    def __post_init__(self) -> None:
        check_amplitude(self.amplitude)
        if not 1 <= self.levels <= 65536:
            raise ParameterError(f"pulse_levels = {self.levels} is outside [1, 65536].")
        if not 0 < self.step_max <= 1:
            raise ParameterError(f"step_max = {self.step_max:g} is outside (0, 1].")

    def nominal(self, device: Device) -> NominalWrite:
        """Return what this programmer knows about a device."""
        refuse_beyond_card(device, self.amplitude)
        return NominalWrite.of(device, self.amplitude, self.step_max)

    def widths(self, nominal: NominalWrite, accumulator: Accumulator, content: np.ndarray) -> tuple[np.ndarray, int]:
        """Return pulse widths [s] (n_rows, 2 n_targets) for the contents [S], which keep the remainder; and clipped ones."""
        width = np.empty((content.shape[0], 2 * content.shape[1]))
        level, levels, raise_slope, lower_slope = nominal.levels(self.step_max, self.levels)
        keep = accumulator.kind != "none"
        quantum = accumulator.quantum * nominal.window if keep else 0.0
        clipped = widths_from_content(content, width, quantum, level, raise_slope, lower_slope, levels, int(keep))
        return width, clipped

    def write(self, crossbar: CrossbarArray, nominal: NominalWrite, accumulator: Accumulator,
              content: np.ndarray) -> WriteReport:
        """Emit the pulses that the contents ask for."""
        width, clipped = self.widths(nominal, accumulator, content)
        if not width.any():
            return WriteReport(clipped=clipped)
        level, levels, raise_slope, lower_slope = nominal.levels(self.step_max, self.levels)
        part = max(self.step_max * nominal.window, level * levels) * max(raise_slope, lower_slope)
        if not self.trains:
            energy, pulses, rows = crossbar.program_in_place(width, nominal.v_raise, nominal.v_lower, part)
            return WriteReport(energy, rows * 2 * part, int(pulses), int(rows), clipped)
        report = WriteReport(clipped=clipped)
        one = level * np.where(width > 0, raise_slope, lower_slope)
        left = np.rint(np.abs(width) / one)
        while left.any():
            energy, pulses, rows = crossbar.program_in_place(np.where(left > 0, np.sign(width) * one, 0.0), nominal.v_raise,
                                                             nominal.v_lower, part / levels)
            report += WriteReport(energy, rows * 2 * part / levels, int(pulses), int(rows))
            left = np.maximum(left - 1, 0)
        return report


@dataclass(frozen=True)
class WriteVerify:
    """Closed-loop programming: read with noise, correct, repeat (``write_verify``); it sees the instances on purpose.

    The goal is the present value plus the content, and the present value is known by reading only: an error of that read stays
    in the device, and a single noisy read would make it wander. So the goal and every check are means of ``reads`` reads, whose
    noise is ``read_noise / sqrt(reads)`` of the conductance. Reads cost v_read^2 g on every device of the rows read, and time.

    Parameters
    ----------
    pulses : DevicePulses
        The pulses of each correction.
    budget : int
        Correction rounds per write.
    tolerance : float
        Stop when the measured error is below this fraction of the window.
    read_noise : float
        Relative noise of each single read.
    reads : int
        Reads of a row that are averaged.
    read_time : float
        Duration of one read of one row [s].
    """

    pulses: DevicePulses
    budget: int = 8
    tolerance: float = 0.002
    read_noise: float = 0.01
    reads: int = 32
    read_time: float = 1e-8
    name: str = "write_verify"

    def __post_init__(self) -> None:
        if self.budget < 1 or self.reads < 1:
            raise ParameterError(f"write_verify: budget = {self.budget} and reads = {self.reads} must be at least 1.")
        if not (0 < self.tolerance <= 1 and np.isfinite(self.read_noise) and self.read_noise >= 0 and self.read_time >= 0):
            raise ParameterError(f"write_verify: tolerance = {self.tolerance:g} must be in (0, 1], read_noise = "
                                 f"{self.read_noise:g} and read_time = {self.read_time:g} s at least 0.")

    def noise_floor(self, g_low: float, g_high: float) -> float:
        """Return the noise of an averaged read at ``g_high`` over the window: a tolerance below it is never surely met."""
        return self.read_noise / np.sqrt(self.reads) * g_high / (g_high - g_low)

    def nominal(self, device: Device) -> NominalWrite:
        """Return what this programmer knows about a device."""
        return self.pulses.nominal(device)

    def write(self, crossbar: CrossbarArray, nominal: NominalWrite, accumulator: Accumulator,
              content: np.ndarray) -> WriteReport:
        """Move both devices of every pair that is due towards present value plus and minus its content."""
        due = np.abs(content) >= (accumulator.quantum * nominal.window if accumulator.kind != "none" else 0.0)
        due &= content != 0
        if not due.any():
            return WriteReport()
        crossbar.events += 1  # the reads of the next write differ even when no pulse follows
        change = np.where(due, content, 0.0)
        content[due] = 0.0
        both = np.concatenate([due, due], axis=1)
        goal = crossbar.g * (1 + self._noise(crossbar, 0)) + np.concatenate([change, -change], axis=1)
        goal = np.clip(goal, nominal.g_low, nominal.g_high)
        longest = max(self.pulses.step_max * nominal.window, nominal.pulse_step)
        report = self._cost(crossbar, due)
        for round_ in range(1, self.budget + 1):
            report += self._cost(crossbar, due)
            error = np.where(both, goal - crossbar.g * (1 + self._noise(crossbar, round_)), 0.0)
            error[np.abs(error) < self.tolerance * nominal.window] = 0.0
            if not error.any():
                break
            step = np.clip(error, -longest, longest)
            width = step * np.where(step > 0, nominal.raise_slope, nominal.lower_slope)
            part = longest * max(nominal.raise_slope, nominal.lower_slope)
            energy, pulses, rows = crossbar.program_in_place(width, nominal.v_raise, nominal.v_lower, part)
            report += WriteReport(energy, rows * 2 * part, int(pulses), int(rows))
        return report

    def _noise(self, crossbar: CrossbarArray, round_: int) -> np.ndarray:
        out = np.zeros((1, crossbar.g.size))
        if self.read_noise > 0:
            fill_normal(out, crossbar.write_key, VERIFY + round_, crossbar.events, 0, crossbar.g.size)
        return self.read_noise / np.sqrt(self.reads) * out.reshape(crossbar.g.shape)

    def _cost(self, crossbar: CrossbarArray, due: np.ndarray) -> WriteReport:
        """Return what averaged reads of all rows that are due cost, row by row at v_read."""
        rows = due.any(axis=1)
        seconds = self.reads * self.read_time
        return WriteReport(energy=crossbar.spec.v_read**2 * float(crossbar.g[rows].sum()) * seconds,
                           time=int(np.count_nonzero(rows)) * seconds)


@dataclass(frozen=True)
class Ideal:
    """Float assignment (``ideal``): the control experiment. Conductances change exactly, clipped to the nominal window."""

    name: str = "ideal"

    def nominal(self, device: Device) -> NominalWrite:
        """Return the conductance window: no pulse is applied."""
        return NominalWrite.assigned(device)

    def write(self, crossbar: CrossbarArray, nominal: NominalWrite, accumulator: Accumulator,
              content: np.ndarray) -> WriteReport:
        """Assign the requested change to both devices of every pair."""
        works = (crossbar.population.stuck == 0).reshape(crossbar.g.shape)
        # Devices whose spread puts them outside the nominal window keep their conductance until they are written inwards.
        low, high = np.minimum(crossbar.g, nominal.g_low), np.maximum(crossbar.g, nominal.g_high)
        goal = np.clip(crossbar.g + np.concatenate([content, -content], axis=1), low, high)
        crossbar.assign(goal, where=works)
        content[:] = 0.0
        return WriteReport()
