"""One sample in full: free, nudged and program phases with every neuron state, line, pulse and device state in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.crossbar import WritePart
from neurosim.learning.estimators import SIGNS
from neurosim.learning.outer_product import CoincidencePart
from neurosim.learning.programmers import WriteReport
from neurosim.learning.trainer import Trainer
from neurosim.population import Population

MOST_STEPS = 5000  # accepted steps kept per phase
FREE, PLUS, MINUS = 0, 1, 2


@dataclass(frozen=True)
class Sequence:
    """The recorded sample.

    Attributes
    ----------
    time, phase : ndarray, shape (m,)
        Time since the free phase began [s]; 0 free, 1 plus beta, 2 minus beta.
    state, voltage, current : ndarray, shapes (m, n_states), (m, n_neurons), (m, n_neurons)
        Neuron states, their output voltages [V] and arriving currents [A].
    energy : ndarray, shape (m,)
        Energy dissipated since the phase began [J].
    first_states : list of ndarray
        Device states of every crossbar before the write.
    parts : list of WritePart
        Every pulse slot with all device states after it, in order.
    reports : list of WriteReport
    target : ndarray, shape (n_outputs,)
        Target voltages [V].
    populations : list of Population
        The devices of every crossbar.
    """

    time: np.ndarray
    phase: np.ndarray
    state: np.ndarray
    voltage: np.ndarray
    current: np.ndarray
    energy: np.ndarray
    first_states: list[np.ndarray]
    parts: list[WritePart]
    reports: list[WriteReport]
    target: np.ndarray
    populations: list[Population]

    def arrays(self, n_devices: int = 4) -> dict[str, Any]:
        """Return what the figure of one sequence shows: all lines, and the ``n_devices`` that a write moved most."""
        n_output = self.target.size
        out: dict[str, Any] = {"time": self.time, "phase": self.phase, "voltage": self.voltage, "n_output": n_output,
                               "target": self.target, "program_time": np.empty(0), "program_row": np.empty(0, dtype=int)}
        if not self.parts:
            return out
        name = self.parts[0].crossbar
        parts = [part for part in self.parts if part.crossbar == name]
        before = self.first_states[int(name.removeprefix("crossbar"))]
        moved = np.abs(parts[-1].state[0] - before[0])
        chosen = np.argsort(moved)[::-1][:n_devices]
        ends = np.cumsum([part.duration for part in parts])
        edges, voltages = [], []
        for part, end in zip(parts, ends, strict=True):
            starts, voltage = applied(part)
            edges.append(end - part.duration + starts)
            voltages.append(voltage[:, chosen])
        out.update(program_time=ends, program_row=np.array([part.row for part in parts]),
                   program_edge=np.append(np.concatenate(edges), ends[-1]),
                   program_device_voltage=np.concatenate([*voltages, np.zeros((1, chosen.size))]),
                   program_before=before[0, chosen], program_state=np.array([part.state[0, chosen] for part in parts]),
                   program_device=chosen, program_crossbar=int(name.removeprefix("crossbar")),
                   program_columns=parts[0].width.size,
                   program_conductance=read(self.populations[int(name.removeprefix("crossbar"))],
                                            [before, *(part.state for part in parts)], chosen),
                   program_coincident=isinstance(parts[0], CoincidencePart))
        return out


def read(population: Population, states: list[np.ndarray], chosen: np.ndarray) -> np.ndarray:
    """Return the conductances [S] of the chosen devices in each of the states, shape (len(states), n_chosen)."""
    params, out = np.ascontiguousarray(population.params[:, chosen]), np.empty((len(states), chosen.size))
    for state, line in zip(states, out, strict=True):
        population.model.require("conductance")(np.ascontiguousarray(state[:, chosen]), params, line, 0, chosen.size)
    return out


def applied(part: WritePart) -> tuple[np.ndarray, np.ndarray]:
    """Return when the lines change within a part [s], shape (e,), and all device voltages from then on [V], shape (e, n).

    The selected rows are at half the voltage until the part ends, each addressed column at minus half for its own width.
    """
    selected = np.zeros(part.state.shape[1] // part.width.size)
    selected[part.rows if isinstance(part, CoincidencePart) else part.row] = 1.0
    starts = np.unique(np.append(part.width, 0.0))
    starts = starts[starts < part.duration * (1 - 1e-12)]
    column = part.width > starts[:, None] * (1 + 1e-12)
    voltage = 0.5 * part.voltage * (selected[None, :, None] + column[:, None, :])
    return starts, voltage.reshape(starts.size, -1)


def record_sequence(trainer: Trainer, sample: int, factor: float = 1.0) -> Sequence:
    """Learn one sample like any other, and return everything that happened (same bits as without recording)."""
    network = trainer.network
    first = [crossbar.population.state.copy() for crossbar in network.crossbars]
    parts: list[WritePart] = []
    for crossbar in network.crossbars:
        crossbar.trace = parts
    try:
        phases, reports = trainer.learn(sample, factor, record=MOST_STEPS)
    finally:
        for crossbar in network.crossbars:
            crossbar.trace = None
    codes = [FREE, *(PLUS if sign > 0 else MINUS for sign in SIGNS[trainer.estimator.kind])]
    starts = np.concatenate([[0.0], np.cumsum([rest.time for rest in phases.rests])])
    rests = phases.rests
    return Sequence(
        np.concatenate([start + rest.times for start, rest in zip(starts, rests, strict=False)]),
        np.concatenate([np.full(rest.times.size, code) for code, rest in zip(codes, rests, strict=True)]),
        np.concatenate([rest.history[:, :-1] for rest in rests]), np.concatenate([rest.line_voltage for rest in rests]),
        np.concatenate([rest.line_current for rest in rests]), np.concatenate([rest.history[:, -1] for rest in rests]),
        first, parts, reports, trainer.targets[trainer.labels[sample]],
        [crossbar.population for crossbar in network.crossbars])
