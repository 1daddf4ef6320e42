"""The two flat arrays that the compiled engine reads (:mod:`neurosim.kernels.network_system`), and names for their parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np

from neurosim.device import DeviceModel
from neurosim.device_tables import kernel_table
from neurosim.kernels import network_system as system
from neurosim.kernels.tables import function_table
from neurosim.population import Population


@dataclass(frozen=True)
class Group:
    """Neighbouring layers of one model, evaluated together.

    Attributes
    ----------
    model : DeviceModel
    params : ndarray, shape (n_param, n)
        View of the engine's own copy.
    neurons, states : slice
        Where the group is among all neurons, and in the state vector (as a C-ordered (n_state, n) block).
    """

    model: DeviceModel
    params: np.ndarray
    neurons: slice
    states: slice

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self.params.shape[1]

    @property
    def n_state(self) -> int:
        """Number of states of each neuron."""
        return len(self.model.states)


class Packed:
    """Layout and values of a network, with views of the parts that change from phase to phase.

    Attributes
    ----------
    layers : list of slice
        Where each neuron layer is among all neurons.
    fixed, spring, target, line : ndarray, shape (n_neurons,)
        Fixed current [A], spring conductance [S] and target [V], total line conductance [S].
    voltage, current : ndarray, shape (n_neurons,)
        Output voltages [V] and arriving currents [A] of the last evaluation.
    power : ndarray, shape (1,)
        Power of the lines that do not change during a phase [W].
    matrices : list of (forward, backward)
        One pair per block, shapes (n_targets, n_sources) [S].
    scale, low, high, start : ndarray, shape (n_states,)
        Scale and bounds of every state, and its declared reset value.
    parity : ndarray of int64, shape (n_neurons,)
        1 for the neurons of every second layer, chosen so that fewer than half of all are 1.
    """

    def __init__(self, populations: Sequence[Population]):
        sizes = [population.size for population in populations]
        ends = np.cumsum(sizes)
        self.layers = [slice(int(end) - size, int(end)) for end, size in zip(ends, sizes, strict=True)]
        self.n_neurons = int(ends[-1])
        members = [list(group) for _, group in groupby(populations, key=lambda population: id(population.model))]
        n_blocks = len(sizes) - 1
        self.layout = np.zeros(system.HEADER + system.PER_GROUP * len(members) + system.PER_BLOCK * n_blocks, dtype=np.int64)
        self._parts: list[np.ndarray] = []
        self._used = 0

        for entry in (system.FIXED, system.SPRING, system.TARGET, system.LINE, system.VOLTAGE, system.CURRENT):
            self.layout[entry] = self._place(np.zeros(self.n_neurons))
        self.layout[system.POWER] = self._place(np.zeros(1))
        blocks = system.HEADER + system.PER_GROUP * len(members)
        for b in range(n_blocks):
            pair, q = np.zeros((sizes[b + 1], sizes[b])), blocks + system.PER_BLOCK * b
            self.layout[q : q + system.PER_BLOCK] = (sizes[b], sizes[b + 1], self.layers[b].start, self.layers[b + 1].start,
                                                     self._place(pair), self._place(pair))
        spans = self._place_groups(members)
        self.layout[: system.FIXED] = len(members), n_blocks, self.n_neurons, self.n_states
        self.values = np.concatenate(self._parts)

        self.fixed, self.spring, self.target, self.line, self.voltage, self.current = (
            self._view(entry, self.n_neurons) for entry in range(system.FIXED, system.CURRENT + 1))
        self.power = self._view(system.POWER, 1)
        self.matrices = [tuple(self._view(blocks + system.PER_BLOCK * b + c, size_t * size_s).reshape(size_t, size_s)
                               for c in (4, 5)) for b, (size_s, size_t) in enumerate(pairwise(sizes))]
        self.groups = []
        for k, (model, n_param, neurons, states) in enumerate(spans):
            params = self._view(system.HEADER + system.PER_GROUP * k + 4, n_param * (neurons.stop - neurons.start))
            self.groups.append(Group(model, params.reshape(n_param, -1), neurons, states))
        self._tabulate()
        odd = np.repeat(np.arange(len(sizes)) % 2, sizes)
        self.parity = (odd if odd.sum() * 2 <= self.n_neurons else 1 - odd).astype(np.int64)
        self.start = np.concatenate([np.concatenate([p.state for p in group], axis=1).ravel() for group in members])

    def _place(self, array: np.ndarray) -> int:
        self._parts.append(np.ravel(array))
        self._used += array.size
        return self._used - array.size

    def _view(self, entry: int, size: int) -> np.ndarray:
        first = int(self.layout[entry])
        return self.values[first : first + size]

    def _place_groups(self, members: list[list[Population]]) -> list[tuple[DeviceModel, int, slice, slice]]:
        spans = []
        neuron = state = 0
        for k, group in enumerate(members):
            model, params = group[0].model, np.concatenate([population.params for population in group], axis=1)
            n_param, n = params.shape
            p, width = system.HEADER + system.PER_GROUP * k, len(model.states) * n
            self.layout[p : p + system.PER_GROUP] = n, len(model.states), n_param, state, self._place(params), neuron
            spans.append((model, n_param, slice(neuron, neuron + n), slice(state, state + width)))
            neuron, state = neuron + n, state + width
        self.n_states = state
        return spans

    def _tabulate(self) -> None:
        models = [group.model for group in self.groups]
        self.systems = function_table("system", [system.network_rhs])
        self.rates = kernel_table("rate", models)
        self.outputs = kernel_table("output", models)
        self.activations = kernel_table("activation", models)
        self.scale, self.low, self.high = (
            np.concatenate([np.full(group.size, getattr(spec, name)) for group in self.groups for spec in group.model.states])
            for name in ("scale", "low", "high"))

    def voltages(self, y: np.ndarray) -> np.ndarray:
        """Return the output voltage of every neuron [V] in the states ``y``, shape (n_neurons,)."""
        out = np.empty(self.n_neurons)
        for group in self.groups:
            part = np.empty((1, group.size))
            state = y[group.states].reshape(group.n_state, group.size)
            group.model.require("output")(state, group.params, part, 0, group.size)
            out[group.neurons] = part
        return out

    def static_response(self, current: float) -> tuple[np.ndarray, np.ndarray]:
        """Return rest voltage [V] and slope [ohm] of every neuron for one arriving current [A]."""
        out, slope = np.empty(self.n_neurons), np.empty(self.n_neurons)
        for group in self.groups:
            v, dv = np.empty((1, group.size)), np.empty((1, group.size))
            group.model.require("activation")(np.full((1, group.size), current), group.params, v, dv, 0, group.size)
            out[group.neurons], slope[group.neurons] = v[0], dv[0]
        return out, slope

    def lines_along(self, times: np.ndarray, history: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return voltages and arriving currents of all neurons at recorded states of the present phase."""
        voltage, current = np.empty((len(times), self.n_neurons)), np.empty((len(times), self.n_neurons))
        change = np.empty(self.n_states + 1)
        for row, (t, state) in enumerate(zip(times, history, strict=True)):
            system.network_rhs(t, np.ascontiguousarray(state), self.layout, self.values, self.rates, self.outputs, change)
            voltage[row], current[row] = self.voltage, self.current
        return voltage, current
