"""The flagship circuit as one plain system of ordinary differential equations, for scipy: the oracle of the engine.

One state vector holds everything: the magnetisation of every neuron, the state x of every device of both crossbars, and the
dissipated energy. Written from the circuit's equations, without any code of the package:

    neurons    tau dm/dt = (c I + H_off) / H_k - m, kept within [-1, 1];   V = V_r m
    devices    dx/dt = k (v / v_th - 1)^alpha beyond the threshold of v's sign, kept within [0, 1];
               G = 1 / (r_on + (r_off - r_on) x)
    read       I_hidden = noisy(G0^T V_in) + (1 + n_row) (G1+ - G1-) V_out,   I_out = noisy(G1^T [V_hidden, v_read]) + I_nudge,
               noisy(q) = q+ (1 + n+) - q- (1 + n-): read noise multiplies sensed currents, never what a device dissipates
    energy     read: G0 V_row^2 + G1 (V_row^2 + V_column^2), because forward and backward drive of one device are each sensed
               at virtual ground; write: G v^2 with the true voltage. No energy flows while the lines rest at zero
    write      I = 0 (lines disconnected); the device voltage is the row voltage minus the column voltage

Cycle-to-cycle noise is an impulse at the end of a pulse: x <- clip(x_0 + s + z hypot(sigma_step s, sigma_range)) with
s = dx/dt times the pulse's width. Neurons: Scellier & Bengio 2017 (doi 10.3389/fncom.2017.00024) with a hard tanh;
devices: Kvatinsky et al. 2015 (doi 10.1109/TCSII.2015.2433536).

:func:`integrate` runs Radau IIA and stops where a state meets or leaves a bound, so that every piece is smooth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.integrate import solve_ivp
from scipy.sparse import coo_matrix

RTOL, ATOL = 1e-9, 1e-12
ENERGY_UNIT = 1e-10  # J: one unit of the last state, so that ATOL means the same for all
TIME_UNIT = 1e-9  # s: scipy locates events to 1e-15 of whatever the time unit is
SLACK = 1e-11  # a state counts as beyond its bound from here on: above the integration error, far below what is tested


@dataclass(frozen=True)
class Circuit:
    """Cards and instances: one dict of arrays for all neurons (hidden, then output) and one per crossbar.

    Crossbar arrays have shape (n_rows, n_columns): the last row is the bias, minus columns follow the plus columns.
    """

    neuron: dict[str, np.ndarray]
    devices: tuple[dict[str, np.ndarray], dict[str, np.ndarray]]
    v_read: float

    @property
    def n_hidden(self) -> int:
        """Number of hidden neurons."""
        return self.devices[0]["r_on"].shape[1] // 2

    @property
    def n_neurons(self) -> int:
        """Number of hidden and output neurons."""
        return self.neuron["tau"].size

    @property
    def n_states(self) -> int:
        """Number of states without the energy."""
        return self.n_neurons + sum(device["r_on"].size for device in self.devices)

    def split(self, y: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return magnetisations and the state matrices of both crossbars."""
        first, states = self.n_neurons, []
        for device in self.devices:
            states.append(y[first : first + device["r_on"].size].reshape(device["r_on"].shape))
            first += device["r_on"].size
        return y[: self.n_neurons], states

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper bound of every state."""
        n, total = self.n_neurons, self.n_states
        return np.concatenate([-np.ones(n), np.zeros(total - n)]), np.ones(total)

    def conductance(self, k: int, x: np.ndarray) -> np.ndarray:
        """Return the conductances of crossbar ``k`` [S]."""
        return 1.0 / (self.devices[k]["r_on"] + (self.devices[k]["r_off"] - self.devices[k]["r_on"]) * x)

    def device_rate(self, k: int, v: np.ndarray) -> np.ndarray:
        """Return dx/dt [1/s] of crossbar ``k`` at device voltages ``v`` [V], without the bounds."""
        device = self.devices[k]
        out = np.zeros(np.broadcast_shapes(v.shape, device["r_on"].shape))
        for sign, threshold, rate, alpha in ((1, "v_off", "k_off", "alpha_off"), (-1, "v_on", "k_on", "alpha_on")):
            beyond = np.broadcast_to(sign * v > sign * device[threshold], out.shape)
            if beyond.any():
                u = np.broadcast_to(v, out.shape)[beyond] / device[threshold][beyond] - 1.0
                out[beyond] = device[rate][beyond] * u ** device[alpha][beyond]
        return out

    def relax(self, m: np.ndarray, current: np.ndarray | float) -> np.ndarray:
        """Return dm/dt [1/s], without the bounds."""
        p = self.neuron
        return ((p["c"] * current + p["h_off"]) / p["h_k"] - m) / p["tau"]


@dataclass(frozen=True)
class Read:
    """A free or nudged phase: clamped inputs [V], relative read noise, nudging current at the outputs [A]."""

    circuit: Circuit
    inputs: np.ndarray
    column_noise: tuple[np.ndarray, np.ndarray]
    row_noise: np.ndarray
    nudge: np.ndarray

    def currents(self, m: np.ndarray, states: list[np.ndarray]) -> np.ndarray:
        """Return the current [A] that arrives at every neuron."""
        rows, outputs, g = self._lines(m, states)
        n = self.circuit.n_hidden
        hidden = self._sense(0, rows[0] @ g[0])
        half = g[1].shape[1] // 2
        hidden = hidden + (1 + self.row_noise) * ((g[1][:n, :half] - g[1][:n, half:]) @ outputs)
        return np.concatenate([hidden, self._sense(1, rows[1] @ g[1]) + self.nudge])

    def rate(self, y: np.ndarray) -> np.ndarray:
        """Return the time derivative of all states and the power, without the bounds."""
        circuit = self.circuit
        m, states = circuit.split(y)
        rows, outputs, g = self._lines(m, states)
        columns = np.tile(outputs, 2)
        motion = [circuit.device_rate(0, rows[0][:, None]),
                  circuit.device_rate(1, rows[1][:, None]) + circuit.device_rate(1, columns[None, :])]
        power = np.sum(g[0] * rows[0][:, None] ** 2) + np.sum(g[1] * (rows[1][:, None] ** 2 + columns**2))
        return np.concatenate([circuit.relax(m, self.currents(m, states)), motion[0].ravel(), motion[1].ravel(),
                               [power / ENERGY_UNIT]])

    def jacobian(self, y: np.ndarray) -> coo_matrix:
        """Return the sparse derivative of :meth:`rate`; devices do not move at read voltages (their rows are zero)."""
        circuit = self.circuit
        m, states = circuit.split(y)
        rows, outputs, g = self._lines(m, states)
        p, n, n_m, last = circuit.neuron, circuit.n_hidden, circuit.n_neurons, circuit.n_states
        gain = p["c"] / (p["h_k"] * p["tau"])
        half = g[1].shape[1] // 2
        columns = np.tile(outputs, 2)
        noise = self.column_noise[1]
        forward = g[1][:n, :half] * (1 + noise[:half]) - g[1][:n, half:] * (1 + noise[half:])
        backward = (g[1][:n, :half] - g[1][:n, half:]) * (1 + self.row_noise[:, None])
        coupling = np.zeros((n_m, n_m))
        coupling[n:, :n], coupling[:n, n:] = forward.T, backward
        coupling = gain[:, None] * coupling * p["v_r"][None, :] - np.diag(1 / p["tau"])
        entries = [(*np.nonzero(coupling), coupling[np.nonzero(coupling)])]

        first, power_slope = n_m, []
        for k, (shape, base) in enumerate(((g[0].shape, 0), (g[1].shape, n))):
            slope = -g[k] ** 2 * (circuit.devices[k]["r_off"] - circuit.devices[k]["r_on"])
            index = first + np.arange(g[k].size).reshape(shape)
            pairs = shape[1] // 2
            sign = np.where(np.arange(shape[1]) < pairs, 1.0, -1.0)
            target = base + np.arange(shape[1]) % pairs
            value = gain[target] * sign * (1 + self.column_noise[k]) * rows[k][:, None] * slope
            entries.append((np.broadcast_to(target, shape).ravel(), index.ravel(), value.ravel()))
            if k == 1:
                value = gain[:n, None] * (1 + self.row_noise[:, None]) * sign * columns * slope[:n]
                entries.append((np.repeat(np.arange(n), shape[1]), index[:n].ravel(), value.ravel()))
            power_slope.append(slope * (rows[k][:, None] ** 2 + (columns**2 if k == 1 else 0.0)))
            first += g[k].size
        line = np.concatenate([g[1][:n].sum(axis=1), (g[1][:, :half] + g[1][:, half:]).sum(axis=0)])
        power = np.concatenate([2 * line * p["v_r"] ** 2 * m, *[part.ravel() for part in power_slope]]) / ENERGY_UNIT
        entries.append((np.full(last, last), np.arange(last), power))
        i, j, value = (np.concatenate(part) for part in zip(*entries, strict=True))
        return coo_matrix((value, (i, j)), shape=(last + 1, last + 1))

    def _sense(self, k: int, current: np.ndarray) -> np.ndarray:
        half = current.size // 2
        noisy = current * (1 + self.column_noise[k])
        return noisy[:half] - noisy[half:]

    def _lines(self, m: np.ndarray, states: list[np.ndarray]) -> tuple[list[np.ndarray], np.ndarray, list[np.ndarray]]:
        v, n = self.circuit.neuron["v_r"] * m, self.circuit.n_hidden
        rows = [np.append(self.inputs, self.circuit.v_read), np.append(v[:n], self.circuit.v_read)]
        return rows, v[n:], [self.circuit.conductance(k, x) for k, x in enumerate(states)]


@dataclass(frozen=True)
class Write:
    """A stretch of the program phase between two waveform edges: every device voltage [V] is constant."""

    circuit: Circuit
    voltage: tuple[np.ndarray, np.ndarray]
    motion: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        motion = [self.circuit.device_rate(k, v).ravel() for k, v in enumerate(self.voltage)]
        object.__setattr__(self, "motion", np.concatenate(motion))

    def rate(self, y: np.ndarray) -> np.ndarray:
        """Return the time derivative of all states and the power, without the bounds."""
        m, states = self.circuit.split(y)
        power = sum(np.sum(self.circuit.conductance(k, states[k]) * v**2) for k, v in enumerate(self.voltage))
        return np.concatenate([self.circuit.relax(m, 0.0), self.motion, [power / ENERGY_UNIT]])

    def jacobian(self, y: np.ndarray) -> coo_matrix:
        """Return the sparse derivative of :meth:`rate`."""
        circuit, n = self.circuit, self.circuit.n_neurons
        _, states = circuit.split(y)
        slope = np.concatenate([(-circuit.conductance(k, x) ** 2 * (circuit.devices[k]["r_off"] - circuit.devices[k]["r_on"])
                                 * v**2).ravel() for k, (x, v) in enumerate(zip(states, self.voltage, strict=True))])
        last = circuit.n_states
        moved = np.flatnonzero(slope)
        i = np.concatenate([np.arange(n), np.full(moved.size, last)])
        j = np.concatenate([np.arange(n), n + moved])
        return coo_matrix((np.concatenate([-1 / circuit.neuron["tau"], slope[moved] / ENERGY_UNIT]), (i, j)),
                          shape=(last + 1, last + 1))


def integrate(problem: Read | Write, y: np.ndarray, duration: float, times: np.ndarray, keep: Callable[[int, np.ndarray], None],
              first_step: float | None = None) -> np.ndarray:
    """Return the state after ``duration`` [s]; ``keep(k, y)`` gets the state at each of the ascending ``times`` [s].

    States at a bound that are pushed outwards are held there; the integration restarts whenever that set changes.
    """
    low, high = problem.circuit.bounds()
    n = low.size
    y, t, done = y.copy(), 0.0, 0
    times, end = times / TIME_UNIT, duration / TIME_UNIT
    while True:
        start = problem.rate(y)[:n]
        held = ((y[:n] >= high) & (start > 0)) | ((y[:n] <= low) & (start < 0))
        side = np.where(y[:n] >= high, 1.0, -1.0)
        # Only what can move is watched: every neuron, and the devices that are driven beyond their thresholds.
        watched = np.flatnonzero((start != 0) | (np.arange(n) < problem.circuit.n_neurons))
        free, kept = watched[~held[watched]], watched[held[watched]]

        def rate(_: float, y: np.ndarray, held: np.ndarray = held) -> np.ndarray:
            out = TIME_UNIT * problem.rate(y)
            out[:n][held] = 0.0
            return out

        def jacobian(_: float, y: np.ndarray, held: np.ndarray = held) -> object:
            matrix = problem.jacobian(y)
            matrix.data[np.append(held, False)[matrix.row]] = 0.0
            return TIME_UNIT * matrix.tocsc()

        def border(_: float, y: np.ndarray, free: np.ndarray = free, kept: np.ndarray = kept,
                   side: np.ndarray = side) -> float:
            room = np.minimum(high[free] - y[free], y[free] - low[free]).min(initial=1.0) + SLACK
            if kept.size and isinstance(problem, Read):
                slowest = np.min(side[kept] * problem.rate(y)[kept] * problem.circuit.neuron["tau"][kept])
                room = min(room, slowest)
            return room

        border.terminal, border.direction = True, -1
        wanted = times[done:][times[done:] < end] if done < times.size else np.empty(0)
        solution = solve_ivp(rate, (t, end), y, method="Radau", rtol=RTOL, atol=ATOL, jac=jacobian, events=border,
                             t_eval=np.append(wanted, end),
                             first_step=min(first_step / TIME_UNIT, end - t) if first_step else None)
        if solution.status < 0:
            raise AssertionError(f"the reference failed: {solution.message}")
        ended = solution.t_events[0].size == 0
        for when, state in zip(solution.t, np.transpose(solution.y), strict=True):
            while done < times.size and times[done] <= when:
                keep(done, state)
                done += 1
        if ended:
            y = solution.y[:, -1].copy()
            y[:n] = np.clip(y[:n], low, high)
            return y
        t, y = float(solution.t_events[0][0]), solution.y_events[0][0].copy()
        touched = np.zeros(n, dtype=bool)
        touched[free] = np.minimum(high[free] - y[free], y[free] - low[free]) <= SLACK * 1e-3
        y[:n] = np.where(touched, np.where(y[:n] > 0.5 * (low + high), high, low), np.clip(y[:n], low, high))
        if kept.size and isinstance(problem, Read):
            # Whatever just stopped being pushed outwards is set free by the sign of its rate at the restart.
            rates = side[kept] * problem.rate(y)[kept] * problem.circuit.neuron["tau"][kept]
            loose = kept[rates <= 1e-12]
            y[loose] = side[loose] * (1 - SLACK * 1e-2)
