"""A crossbar of differential pairs between two layers: the devices, their reads, and the pulses that write them.

One :class:`~neurosim.crossbar_spec.Crossbar` describes a kind of array (device card and nonidealities); the network builds one
:class:`CrossbarArray` from it for each pair of neighbouring layers. Rows are the source lines and, last, a bias line that is
driven at ``v_read``; columns are the plus lines of all targets, then the minus lines. The signed weight is ``G+ - G-``.

Every line is sensed at virtual ground. Forward and backward products come from the same devices through a sense stage that
cancels its own drive (an ideal current conveyor), so each device sees at most ``v_read`` in a read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.conductance import state_for_conductance
from neurosim.crossbar_spec import Crossbar, check_array, dead_zones
from neurosim.device_tables import kernel_table
from neurosim.errors import DivergedError
from neurosim.kernels.crossbar import column_currents, effective_weights, line_conductances
from neurosim.kernels.lines import drive_lines
from neurosim.kernels.program import P_ENERGY, P_PULSES, P_ROWS, P_WORST, program_rows
from neurosim.kernels.purposes import READ_BACKWARD, READ_FORWARD, WAIT
from neurosim.kernels.rng import fill_normal, stream_key
from neurosim.line_noise import LineNoise
from neurosim.population import Population, nominal_params

A_SECOND = 1.0  # s: a device that has not changed after it at 0 V, noise included, does not age


@dataclass(frozen=True)
class WritePart:
    """One part of a row's write slot: what was applied, and all device states after it.

    Attributes
    ----------
    crossbar, row : str, int
    voltage : float
        Full voltage [V] across an addressed device; half-selected ones see half.
    duration : float
        Duration of the part [s].
    width : ndarray, shape (n_columns,)
        Pulse width of each column [s].
    energy : float
        Dissipated energy [J].
    state : ndarray, shape (n_state, n)
    """

    crossbar: str
    row: int
    voltage: float
    duration: float
    width: np.ndarray
    energy: float
    state: np.ndarray


class CrossbarArray:
    """The devices between two layers: ``n_sources + 1`` rows (the last is the bias line) by ``2 n_targets`` columns.

    Attributes
    ----------
    population : Population
        The devices, row-major.
    g : ndarray, shape (n_rows, n_columns)
        Their conductances [S], read-only: derived from the state by every write; only :meth:`assign` sets them.
    ages : bool
        Whether time alone changes the devices.
    line_noise : LineNoise or None
        White noise of the lines, where the devices have it.
    """

    def __init__(self, spec: Crossbar, n_sources: int, n_targets: int, *, seed: int, name: str):
        self.spec, self.name = spec, name
        self.n_sources, self.n_targets = n_sources, n_targets
        self.n_rows, self.n_columns = n_sources + 1, 2 * n_targets
        n = self.n_rows * self.n_columns
        self.population: Population = spec.populate(n, seed=seed, role=name)
        model = self.population.model
        self._advances = kernel_table("advance", [model])
        self._conductances = kernel_table("conductance", [model])
        self._charges = kernel_table("charge", [] if model.charge is None else [model])
        self._g = np.empty((self.n_rows, self.n_columns))
        self.g = self._g.view()
        self.g.flags.writeable = False
        self._row_sum, self._target_sum, self._sums_are_fresh = np.empty(self.n_rows), np.empty(n_targets), False
        self.refresh()
        self.read_key = np.uint64(stream_key(seed, "network", 0, f"{name}/read"))
        self.write_key = np.uint64(stream_key(seed, "network", 0, f"{name}/write"))
        self.line_noise = None if model.current_noise is None else LineNoise(self.population, self.n_rows, n_targets,
                                                                             spec.read_time, self.read_key)
        self.events = 0
        self.trace: list[WritePart] | None = None
        check_array(spec, self.population, name)
        self._dead_low, self._dead_high = dead_zones(self.population)
        self._cycle = spec.cycle_noise(n)
        noise_rows = len(model.noises) + (self._cycle.size > 0)
        self._noise, self._drive, self._scratch = np.zeros((noise_rows, n)), np.zeros((1, n)), np.empty(3 * n)
        self._forward_noise, self._backward_noise = np.zeros((1, self.n_columns)), np.zeros((1, n_sources))
        self.ages = self._changes_at_rest()

    def refresh(self) -> None:
        """Recompute the conductances from the device states."""
        n = self.population.size
        self.population.model.require("conductance")(self.population.state, self.population.params, self._g.reshape(n), 0, n)
        self._sums_are_fresh = False

    def assign(self, conductance: np.ndarray, where: np.ndarray | bool = True) -> None:
        """Set conductances [S] without touching the devices: for control experiments and for restoring them."""
        np.copyto(self._g, conductance, where=where)
        self._sums_are_fresh = False

    def line_conductances(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the total conductance [S] of each row (n_rows,) and of each column pair (n_targets,)."""
        if not self._sums_are_fresh:
            line_conductances(self._g, self._row_sum, self._target_sum)
            self._sums_are_fresh = True
        return self._row_sum, self._target_sum

    def fill_column_currents(self, voltage: np.ndarray, current: np.ndarray) -> None:
        """Fill the current [A] into every column (n_columns,) from the row voltages [V] (n_rows,)."""
        column_currents(self._g, voltage, current)

    def fill_weights(self, noise_forward: np.ndarray, noise_backward: np.ndarray, forward: np.ndarray, backward: np.ndarray,
                     v_bias: float, bias_current: np.ndarray) -> None:
        """Fill what a phase sees, see :func:`neurosim.kernels.crossbar.effective_weights`."""
        effective_weights(self._g, noise_forward, noise_backward, forward, backward, v_bias, bias_current)

    def draw_read_noise(self, phase: int, quiet: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return relative noise of each column (2 n_targets,) and each row (n_sources,) for one phase."""
        if quiet:
            self._forward_noise[:] = self._backward_noise[:] = 0.0
        elif self.spec.read_noise > 0:
            fill_normal(self._forward_noise, self.read_key, READ_FORWARD, phase, 0, self.n_columns)
            fill_normal(self._backward_noise, self.read_key, READ_BACKWARD, phase, 0, self.n_sources)
            self._forward_noise *= self.spec.read_noise
            self._backward_noise *= self.spec.read_noise
        return self._forward_noise[0], self._backward_noise[0]

    def form(self, weights: np.ndarray, g_low: float, g_high: float) -> None:
        """Set the start state for signed weights (n_rows, n_targets) [S] around the middle of the window.

        The first state is that which a *nominal* device would need: the spread of the instances stays in the conductances,
        and so does what their other states make of it (traps, latent draws).
        """
        middle = 0.5 * (g_low + g_high)
        goal = np.concatenate([middle + 0.5 * weights, middle - 0.5 * weights], axis=1)
        goal = np.clip(goal, g_low, g_high).ravel()
        state = state_for_conductance(self.spec.device.model, nominal_params(self.spec.device), goal)
        works = self.population.stuck == 0
        self.population.state[0, works] = state[0, works]
        self.refresh()

    def program_in_place(self, width: np.ndarray, v_raise: float, v_lower: float, part: float) -> np.ndarray:
        """Apply pulses row by row and return [energy J, pulses, rows written].

        Parameters
        ----------
        width : ndarray, shape (n_rows, n_columns)
            Pulse widths [s]: positive raises the conductance, negative lowers it.
        v_raise, v_lower : float
            Voltages [V] of the two polarities, signed as the device sees them.
        part : float
            Duration [s] of each of the two parts of a row's slot, at least the longest width.
        """
        if self.trace is not None:
            return self._program_traced(width, v_raise, v_lower, part)
        result = self._program(width, v_raise, v_lower, part)
        self.events += 2 * self.n_rows
        return result

    def _program(self, width: np.ndarray, v_raise: float, v_lower: float, part: float) -> np.ndarray:
        result = np.zeros(4)
        population = self.population
        self._sums_are_fresh = False
        status = program_rows(self._advances, self._conductances, self._charges, population.state, population.params,
                              self._noise, self._g, width, np.array([v_raise, v_lower, part]), self._dead_low,
                              self._dead_high, self._drive, self._scratch, self._cycle, self.write_key, self.events, result)
        if status:
            index = int(result[P_WORST])
            raise DivergedError(f"{self.name}: device {index} (row {index // self.n_columns}, column "
                                f"{index % self.n_columns}) became non-finite while it was programmed. "
                                "Check the card's parameters and the programming voltage.")
        return result[[P_ENERGY, P_PULSES, P_ROWS]]

    def _program_traced(self, width: np.ndarray, v_raise: float, v_lower: float, part: float) -> np.ndarray:
        """Program part by part and keep every state; same events, so the same bits as one call."""
        assert self.trace is not None
        total = np.zeros(3)
        for row in np.flatnonzero(np.any(width != 0, axis=1)):
            for sign, voltage in ((1, v_raise), (-1, v_lower)):
                alone = np.zeros_like(width)
                alone[row] = np.where(sign * width[row] > 0, width[row], 0.0)
                result = self._program(alone, v_raise, v_lower, part)
                total += result
                applied = voltage if alone.any() else 0.0  # a part without a pulse applies no voltage
                self.trace.append(WritePart(self.name, int(row), applied, part, np.abs(alone[row]), float(result[0]),
                                            self.population.state.copy()))
        total[2] = np.count_nonzero(np.any(width != 0, axis=1))
        self.events += 2 * self.n_rows
        return total

    def drive_lines_in_place(self, row_voltage: np.ndarray, column_voltage: np.ndarray, duration: float) -> float:
        """Hold all lines at their voltages [V] for ``duration`` [s]; return the dissipated energy [J]."""
        population = self.population
        self._sums_are_fresh = False
        energy = drive_lines(self._advances, self._conductances, self._charges, population.state, population.params,
                             self._noise, self._g, row_voltage, column_voltage, duration, self._dead_low, self._dead_high,
                             self._drive, self._scratch, self._cycle, self.write_key, self.events)
        self.events += 1
        if not np.isfinite(energy):
            raise DivergedError(f"{self.name}: a device became non-finite while all lines were driven. "
                                "Check the card's parameters and the programming voltage.")
        return float(energy)

    def wait(self, duration: float) -> None:
        """Let every device alone at 0 V for ``duration`` [s]: retention, drift, relaxation, random telegraph noise.

        Nothing is done where :attr:`ages` is False: devices that no time changes.
        """
        if not self.ages or duration <= 0.0:
            return
        population, n = self.population, self.population.size
        self._drive[:], time = 0.0, self._scratch[:n]
        time[:] = duration
        fill_normal(self._noise, self.write_key, WAIT, self.events, 0, n)
        self.events += 1
        population.model.require("advance")(population.state, self._drive, population.params, self._noise, time, 0, n)
        self.refresh()

    def _changes_at_rest(self) -> bool:
        """Tell whether a second at 0 V changes any state, noise included; the devices themselves are not touched."""
        population, n = self.population, self.population.size
        state, noise = population.state.copy(), np.zeros_like(self._noise)
        fill_normal(noise, self.write_key, WAIT, 0, 0, n)
        population.model.require("advance")(state, np.zeros((1, n)), population.params, noise, np.full(n, A_SECOND), 0, n)
        return bool(np.any(state != population.state))

    def weights(self) -> np.ndarray:
        """Return the signed weights ``G+ - G-`` [S], shape (n_rows, n_targets); the last row is the bias."""
        return self.g[:, : self.n_targets] - self.g[:, self.n_targets :]
