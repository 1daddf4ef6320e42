"""A network: input lines, neuron layers and the crossbars between neighbours, settled as one circuit.

The circuit (active neurons on a crossbar): neuron i drives its lines at ``V_i = output(state_i)``; the current that arrives
is ``I_i = sum_j (G+_ij - G-_ij) V_j + I_bias,i + I_nudge,i``, forward and backward through the same devices. For neurons with
a potential U_i(V_i) this is a gradient flow of the co-content [W]

    L = sum_i U_i(V_i) - sum_i I_bias,i V_i - sum over couplings (each pair once, inputs included) V_i W_ij V_j.

Everything the compiled engine reads lies in two flat arrays (:mod:`neurosim.kernels.network_system`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from neurosim.card import Device
from neurosim.crossbar import Crossbar, CrossbarArray
from neurosim.errors import DivergedError, NotSettledError, ParameterError
from neurosim.kernels import network_system as system
from neurosim.kernels import newton
from neurosim.kernels import settle as engine
from neurosim.kernels.crossbar import add_pair_currents, column_currents, effective_weights, line_conductances
from neurosim.kernels.tables import function_table
from neurosim.population import Population, build_population

STATUS = ("settled", "not_settled", "diverged", "step_underflow", "too_many_steps")


@dataclass(frozen=True)
class Inputs:
    """A layer of clamped lines: ``size`` voltages within the read range."""

    size: int
    name: str = "input"


@dataclass(frozen=True)
class Neurons:
    """A layer of ``size`` neurons of one device, with the spread of their stiffness (H_k) and gain."""

    size: int
    device: Device
    sigma_stiffness: float = 0.0
    sigma_gain: float = 0.0
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class SettleOptions:
    """How a phase is integrated: tolerances in units of each state's scale, times in seconds.

    ``distance`` is the estimated distance to rest at which a phase ends, ``local_error`` the error per step. ``mode`` is
    ``transient`` (dynamics, the truth) or ``equilibrium`` (Newton on the rest equations, the accelerator: no time passes).
    """

    t_max: float = 1e-6
    distance: float = 1e-6
    local_error: float = 1e-6
    first_step: float = 1e-11
    max_steps: int = 20000
    mode: str = "transient"


@dataclass(frozen=True)
class Rest:
    """The end of a phase.

    Attributes
    ----------
    status : str
        ``settled`` or the reason why not.
    voltage : ndarray, shape (n_neurons,)
        Output voltages [V] of all neuron layers, in order.
    time, energy, distance : float
        Duration [s], dissipated energy [J], estimated distance to rest (units of the state scale).
    times, history : ndarray, shapes (m,), (m, n_states + 1)
        Accepted steps [s] and states there (last column: dissipated energy [J]), when recording was asked for.
    line_voltage, line_current : ndarray, shape (m, n_neurons)
        Output voltages [V] and arriving currents [A] at those times.
    """

    status: str
    voltage: np.ndarray
    time: float
    energy: float
    distance: float
    steps: int
    worst: str
    times: np.ndarray = field(default_factory=lambda: np.empty(0))
    history: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    line_voltage: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    line_current: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    def raise_for_status(self) -> Rest:
        """Return self if settled, else raise with element, time and remedy."""
        if self.status == "settled":
            return self
        if self.status == "diverged":
            raise DivergedError(f"{self.worst} became non-finite after {self.time:.3g} s. "
                                "Check the card's parameters; lower the gain or the nudging.")
        raise NotSettledError(f"{self.status}: {self.distance:.3g} from rest after {self.time:.3g} s (worst: {self.worst}). "
                              'Raise settle t_max, or lower the coupling (spectral norm above 1 makes rest points ambiguous).')


class Network:
    """Layers and crossbars, ready to settle.

    Parameters
    ----------
    layers : sequence
        One :class:`Inputs`, then :class:`Neurons`.
    synapse : Crossbar
        What every array is made of.
    seed : int
        Root of every draw.
    """

    def __init__(self, layers: Sequence[Inputs | Neurons], synapse: Crossbar, *, seed: int,
                 options: SettleOptions | None = None):
        if len(layers) < 2 or not isinstance(layers[0], Inputs) or not all(isinstance(x, Neurons) for x in layers[1:]):
            raise ParameterError("a network needs one Inputs layer followed by at least one Neurons layer.")
        if any(layer.size < 1 for layer in layers):
            raise ParameterError("every layer needs at least one line.")
        self.layers, self.seed, self.synapse = tuple(layers), seed, synapse
        self.options = options or SettleOptions()
        self.neurons: list[Population] = []
        for k, layer in enumerate(layers[1:]):
            assert isinstance(layer, Neurons)
            spreads = {"stiffness": layer.sigma_stiffness, "gain": layer.sigma_gain}
            self.neurons.append(build_population(layer.device, layer.size, seed=seed, role=f"neurons{k}",
                                                 spreads={k: v for k, v in spreads.items() if v}))
        self.crossbars = [CrossbarArray(synapse, a.size, b.size, seed=seed, name=f"crossbar{k}")
                          for k, (a, b) in enumerate(pairwise(layers))]
        self._pack()
        self.input_voltage = np.zeros(layers[0].size + 1)
        self.input_voltage[-1] = synapse.v_read
        self._input_columns = np.zeros(self.crossbars[0].n_columns)
        self.phase = 0
        self.reset()

    # -- construction ------------------------------------------------------------------------------------------------
    def _pack(self) -> None:
        """Lay out the flat arrays of the engine and take views of the parts that change."""
        sizes = [population.size for population in self.neurons]
        models = [population.model for population in self.neurons]
        self.slices = [slice(sum(sizes[:k]), sum(sizes[: k + 1])) for k in range(len(sizes))]
        n, n_states = sum(sizes), sum(size * len(model.states) for size, model in zip(sizes, models, strict=True))
        n_layers, n_blocks = len(sizes), len(sizes) - 1
        layout = np.zeros(system.HEADER + system.PER_LAYER * n_layers + system.PER_BLOCK * n_blocks, dtype=np.int64)
        values: list[np.ndarray] = []
        used = 0

        def place(array: np.ndarray) -> int:
            nonlocal used
            values.append(np.ravel(array))
            used += array.size
            return used - array.size

        layout[[system.N_LAYERS, system.N_BLOCKS, system.N_NEURONS, system.N_STATES]] = n_layers, n_blocks, n, n_states
        for entry in (system.FIXED, system.SPRING, system.TARGET, system.LINE, system.VOLTAGE, system.CURRENT):
            layout[entry] = place(np.zeros(n))
        layout[system.POWER] = place(np.zeros(1))
        first_state = 0
        for k, (population, model) in enumerate(zip(self.neurons, models, strict=True)):
            p = system.HEADER + system.PER_LAYER * k
            layout[p : p + 6] = (population.size, len(model.states), len(model.params), first_state,
                                 place(population.params), self.slices[k].start)
            first_state += population.size * len(model.states)
        for b in range(n_blocks):
            q = system.HEADER + system.PER_LAYER * n_layers + system.PER_BLOCK * b
            pair = np.zeros((sizes[b + 1], sizes[b]))
            layout[q : q + 4] = b, b + 1, place(pair), place(pair)
        self.layout, self.values = layout, np.concatenate(values)
        self.n_neurons, self.n_states = n, n_states
        self._fixed, self._spring, self._target, self._line = (
            self.values[layout[entry] : layout[entry] + n]
            for entry in (system.FIXED, system.SPRING, system.TARGET, system.LINE))
        self._matrices = []
        for b in range(n_blocks):
            q = system.HEADER + system.PER_LAYER * n_layers + system.PER_BLOCK * b
            shape = (sizes[b + 1], sizes[b])
            size = shape[0] * shape[1]
            self._matrices.append(tuple(self.values[layout[q + c] : layout[q + c] + size].reshape(shape) for c in (2, 3)))
        self._systems = function_table("system", [system.network_rhs])
        self._rates = function_table("rate", [model.rate for model in models])
        self._activations = function_table("activation", [model.require("activation") for model in models])
        odd = np.repeat(np.arange(n_layers) % 2, sizes)
        self._keep = (odd if odd.sum() * 2 <= n else 1 - odd).astype(np.int64)
        self._outputs = function_table("output", [model.require("output") for model in models])
        specs = [(spec, size) for size, model in zip(sizes, models, strict=True) for spec in model.states]
        self._scale, self.lowest_state, self.highest_state = (
            np.concatenate([np.full(size, getattr(spec, name)) for spec, size in specs]) for name in ("scale", "low", "high"))
        self._start = np.concatenate([population.state.ravel() for population in self.neurons])
        self.y = np.zeros(n_states + 1)
        self._work = np.empty((9, n_states + 1))
        self._result = np.zeros(7)

    # -- a phase -----------------------------------------------------------------------------------------------------
    def reset(self) -> None:
        """Put every neuron into its declared reset state."""
        self.y[:-1] = self._start
        self.y[-1] = 0.0

    def start_from(self, share: float) -> None:
        """Put every one-state neuron at ``share`` (-1..1) of its bounds; neurons with more states keep the reset state."""
        for k, (population, where) in enumerate(zip(self.neurons, self.slices, strict=True)):
            spec = population.model.states[0]
            if len(population.model.states) == 1:
                first = self.layout[system.HEADER + system.PER_LAYER * k + 3]
                self.y[first : first + where.stop - where.start] = share * (spec.high if share > 0 else -spec.low)

    def present(self, voltage: np.ndarray) -> None:
        """Clamp the input lines [V], shape (n_inputs,), and read the input crossbar once."""
        self.input_voltage[:-1] = voltage
        column_currents(self.crossbars[0].g, self.input_voltage, self._input_columns)

    def begin_phase(self, *, quiet: bool = False) -> None:
        """Draw the read noise of a new phase (none if ``quiet``) and build what the engine sees: currents and matrices."""
        self._fixed[:] = 0.0
        self._spring[:] = 0.0
        self._line[:] = 0.0
        v_bias = self.synapse.v_read
        power = 0.0
        for b, crossbar in enumerate(self.crossbars):
            forward, backward = crossbar.draw_read_noise(self.phase, quiet)
            row_sum, target_sum = np.empty(crossbar.n_rows), np.empty(crossbar.n_targets)
            line_conductances(crossbar.g, row_sum, target_sum)
            if b == 0:
                add_pair_currents(self._input_columns, forward, self._fixed[self.slices[0]])
                power += float(np.sum(row_sum * self.input_voltage**2))
            else:
                matrices = self._matrices[b - 1]
                effective_weights(crossbar.g, forward, backward, matrices[0], matrices[1], v_bias, self._fixed[self.slices[b]])
                self._line[self.slices[b - 1]] += row_sum[:-1]
                self._line[self.slices[b]] += target_sum
                power += row_sum[-1] * v_bias**2
        self.values[self.layout[system.POWER]] = power
        self.phase += not quiet

    def nudge(self, current: np.ndarray | None = None, *, spring: float = 0.0, target: np.ndarray | None = None) -> None:
        """Add a constant current [A] at the output layer, or a spring ``spring * (target - V)`` with ``spring`` in siemens."""
        if current is not None:
            self._fixed[self.slices[-1]] += current
        if target is not None:
            self._spring[self.slices[-1]] = spring
            self._target[self.slices[-1]] = target

    def equilibrium(self, voltage: np.ndarray, *, tolerance: float = 1e-14, max_iterations: int = 100) -> Rest:
        """Solve the rest equations of the present phase by Newton, starting from ``voltage`` [V], shape (n_neurons,).

        ``distance`` of the result is the last correction in units of the output swing; no time passes.
        """
        v = np.array(voltage, dtype=float)
        result = np.zeros(2)
        code = newton.newton_rest(self.layout, self.values, self._activations, v, self._coupling_scratch, self._keep,
                                  tolerance * self.output_swing(), max_iterations, result)
        status = "settled" if code == newton.CONVERGED else "not_settled"
        return Rest(status, v, 0.0, 0.0, float(result[1]) / self.output_swing(), int(result[0]), "the rest equations")

    def rest_equations(self, residual_kernel: Callable, voltage: np.ndarray, residual: np.ndarray, slope: np.ndarray) -> float:
        """Fill residual [V] and slope [ohm] of the rest equations at ``voltage``; return the largest residual."""
        return residual_kernel(self.layout, self.values, self._activations, voltage, residual, slope)

    def settle(self, *, record: int = 0) -> Rest:
        """Bring the present state to rest by the chosen mode; ``record`` keeps up to that many accepted steps."""
        if self.options.mode == "equilibrium":
            rest = self.equilibrium(self.voltages(), tolerance=1e-12)
            self._set_voltages(rest.voltage)
            return rest
        options = self.options
        self.y[-1] = 0.0
        packed = np.array([options.t_max, options.distance, options.local_error, options.first_step, options.max_steps, 0.0])
        times, history = np.empty(record), np.empty((record, self.n_states + 1))
        code = engine.settle(self._systems, self.y, self.layout, self.values, self._rates, self._outputs, self._scale,
                             self.lowest_state, self.highest_state, packed, self._work, self._result, times, history)
        result = self._result
        kept = int(result[engine.R_RECORDED])
        return Rest(STATUS[code], self.voltages(), float(result[engine.R_TIME]), float(self.y[-1]),
                    float(result[engine.R_DISTANCE]), int(result[engine.R_STEPS]), self.element(int(result[engine.R_WORST])),
                    times[:kept], history[:kept], *self._lines_along(times[:kept], history[:kept]))

    def _lines_along(self, times: np.ndarray, history: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return voltages and arriving currents of all neurons at recorded states of the present phase."""
        voltage, current = np.empty((len(times), self.n_neurons)), np.empty((len(times), self.n_neurons))
        change = np.empty(self.n_states + 1)
        first, second = self.layout[system.VOLTAGE], self.layout[system.CURRENT]
        for row, (t, state) in enumerate(zip(times, history, strict=True)):
            system.network_rhs(t, np.ascontiguousarray(state), self.layout, self.values, self._rates, self._outputs, change)
            voltage[row] = self.values[first : first + self.n_neurons]
            current[row] = self.values[second : second + self.n_neurons]
        return voltage, current

    def voltages(self) -> np.ndarray:
        """Return the output voltage of every neuron [V], shape (n_neurons,)."""
        out = np.empty((1, self.n_neurons))
        first = 0
        for population, where in zip(self.neurons, self.slices, strict=True):
            n_state = len(population.model.states)
            state = self.y[first : first + n_state * population.size].reshape(n_state, population.size)
            part = np.empty((1, population.size))
            population.model.require("output")(state, population.params, part, 0, population.size)
            out[0, where] = part
            first += n_state * population.size
        return out[0]

    def _set_voltages(self, voltage: np.ndarray) -> None:
        """Put one-state neurons into the state whose output is ``voltage`` (outputs are proportional to the state)."""
        for population, where in zip(self.neurons, self.slices, strict=True):
            if len(population.model.states) != 1:
                raise ParameterError(f'{population.model.name}: settle mode "equilibrium" needs one-state neurons. '
                                     'Use mode = "transient".')
            self.y[where] = voltage[where] / self.saturation[where] * self.highest_state[where]

    def line_voltages(self, block: int, voltage: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return source-row voltages (bias last) and target voltages of a crossbar for a settled ``voltage``."""
        if block == 0:
            return self.input_voltage, voltage[self.slices[0]]
        source = np.append(voltage[self.slices[block - 1]], self.synapse.v_read)
        return source, voltage[self.slices[block]]

    def element(self, index: int) -> str:
        """Name the neuron that a position in the state vector belongs to."""
        for k, population in enumerate(self.neurons):
            span = population.size * len(population.model.states)
            if index < span:
                name = self.layers[k + 1].name or f"layer {k + 1}"
                return f'neuron {index % population.size} of "{name}"'
            index -= span
        return "the energy integral"

    # -- scales ------------------------------------------------------------------------------------------------------
    def neuron_slopes(self) -> np.ndarray:
        """Return dV/dI of every unsaturated neuron [ohm], shape (n_neurons,)."""
        slopes = []
        for population in self.neurons:
            n = population.size
            out, slope = np.empty((1, n)), np.empty((1, n))
            population.model.require("activation")(np.zeros((1, n)), population.params, out, slope, 0, n)
            slopes.append(slope[0])
        return np.concatenate(slopes)

    @cached_property
    def _coupling_scratch(self) -> np.ndarray:
        return np.empty((self.n_neurons, self.n_neurons))

    @cached_property
    def g0(self) -> float:
        """Return the median of dI/dV over the output neurons [S]: the unit of beta."""
        return float(np.median(1.0 / self.neuron_slopes()[self.slices[-1]]))

    def coupling_norm(self) -> float:
        """Return the spectral norm of all neuron-neuron couplings together; below 1 every rest point is unique.

        With two neuron layers it is the norm of their one block, with more that of the whole symmetric matrix.
        """
        root = np.sqrt(self.neuron_slopes())
        blocks = [root[self.slices[b]][:, None] * crossbar.weights()[:-1] * root[self.slices[b + 1]][None, :]
                  for b, crossbar in enumerate(self.crossbars[1:])]
        if len(blocks) < 2:
            return float(np.linalg.norm(blocks[0], 2)) if blocks else 0.0
        whole = np.zeros((self.n_neurons, self.n_neurons))
        for b, block in enumerate(blocks):
            whole[self.slices[b], self.slices[b + 1]] = block
        return float(np.linalg.norm(whole + whole.T, 2))

    def output_swing(self) -> float:
        """Return V_ref, the median full output voltage of the last layer's neurons [V]."""
        return float(np.median(self.saturation[self.slices[-1]]))

    def bias_power(self) -> float:
        """Return the read-bias power of all neurons [W]."""
        total = 0.0
        for population in self.neurons:
            row = population.model.param_index.get("power_bias")
            if row is not None:
                total += float(population.params[row].sum())
        return total

    def changed_saturation(self, a: np.ndarray, b: np.ndarray) -> int:
        """Tell (0 or 1) whether some neuron is saturated at one of two rests and not at the other."""
        return int(np.any((np.abs(a) >= self.saturation) != (np.abs(b) >= self.saturation)))

    @cached_property
    def saturation(self) -> np.ndarray:
        """Return the largest output voltage of every neuron [V], shape (n_neurons,)."""
        limits = []
        for population in self.neurons:
            n = population.size
            out, slope = np.empty((1, n)), np.empty((1, n))
            population.model.require("activation")(np.full((1, n), 1e30), population.params, out, slope, 0, n)
            limits.append(np.abs(out[0]))
        return np.concatenate(limits)
