"""A network: input lines, neuron layers and the crossbars between neighbours, settled as one circuit.

The circuit (active neurons on a crossbar): neuron i drives its lines at ``V_i = output(state_i)``; the current that arrives
is ``I_i = sum_j (G+_ij - G-_ij) V_j + I_bias,i + I_nudge,i``, forward and backward through the same devices. For neurons with
a potential U_i(V_i) this is a gradient flow of the co-content [W]

    L = sum_i U_i(V_i) - sum_i I_bias,i V_i - sum over couplings (each pair once, inputs included) V_i W_ij V_j.

Everything the compiled engine reads lies in two flat arrays (:mod:`neurosim.kernels.network_system`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from neurosim.card import Device
from neurosim.crossbar import CrossbarArray
from neurosim.crossbar_spec import Crossbar
from neurosim.errors import ParameterError
from neurosim.kernels import newton
from neurosim.kernels import settle as engine
from neurosim.kernels.crossbar import add_pair_currents
from neurosim.packing import Packed
from neurosim.population import Population, build_population
from neurosim.rest import STATUS, Rest, SettleOptions
from neurosim.sampled import Sampler


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
        self.engine = Packed(self.neurons)
        self.slices = self.engine.layers
        self.n_neurons, self.n_states = self.engine.n_neurons, self.engine.n_states
        self.y = np.zeros(self.n_states + 1)
        self.input_voltage = np.zeros(layers[0].size + 1)
        self.input_voltage[-1] = synapse.v_read
        self._input_columns = np.zeros(self.crossbars[0].n_columns)
        self._work = np.empty((engine.WORK_ROWS, self.n_states + 1))
        self._result = np.zeros(7)
        if self.options.mode == "sampled":  # told here, not in the first phase of a run that has its folder already
            for group in self.engine.groups:
                group.model.require("advance")
        self.phase = 0
        self._begun = False
        self.reset()

    def __repr__(self) -> str:
        sizes = " -> ".join(str(layer.size) for layer in self.layers)
        return f"Network({sizes}, {self.synapse.device.name}, seed={self.seed}, settle={self.options.mode})"

    # -- a phase -----------------------------------------------------------------------------------------------------
    def reset(self) -> None:
        """Put every neuron into its declared reset state."""
        self.y[:-1] = self.engine.start
        self.y[-1] = 0.0

    @property
    def one_state(self) -> bool:
        """Whether every neuron has one state, so that :meth:`start_from` is defined."""
        return all(group.n_state == 1 for group in self.engine.groups)

    def start_from(self, share: float) -> None:
        """Put every neuron at ``share`` (-1..1) of its bounds; neurons with more than one state have no such place."""
        for group in self.engine.groups:
            if group.n_state != 1:
                raise ParameterError(f"{group.model.name}: a start at {share:g} of the bounds needs one-state neurons, these "
                                     f"have {group.n_state} states.")
            spec = group.model.states[0]
            self.y[group.states] = share * (spec.high if share > 0 else -spec.low)

    def present(self, voltage: np.ndarray) -> None:
        """Clamp the input lines and read the input crossbar once; then call :meth:`begin_phase`.

        Parameters
        ----------
        voltage : ndarray, shape (n_inputs,)
            Line voltages [V] within +-v_read.

        Raises
        ------
        ParameterError
            Another number of voltages, one that is not finite, or one beyond the read voltage.
        """
        if np.shape(voltage) != (self.input_voltage.size - 1,):
            raise ParameterError(f"present: {np.shape(voltage)} voltages for {self.input_voltage.size - 1} input lines.")
        if not np.abs(voltage).max() <= self.synapse.v_read * (1 + 1e-9):
            raise ParameterError(f"present: a line voltage is not finite or beyond +-v_read = {self.synapse.v_read:g} V; "
                                 "it would write. Scale the data to the read range.")
        self.input_voltage[:-1] = voltage
        self.crossbars[0].fill_column_currents(self.input_voltage, self._input_columns)
        self._begun = False

    def begin_phase(self, *, quiet: bool = False) -> None:
        """Draw the read noise of a new phase (none if ``quiet``) and build what the engine sees: currents and matrices."""
        packed = self.engine
        packed.fixed[:] = 0.0
        packed.spring[:] = 0.0
        packed.line[:] = 0.0
        v_bias = self.synapse.v_read
        power = 0.0
        for b, crossbar in enumerate(self.crossbars):
            forward, backward = crossbar.draw_read_noise(self.phase, quiet)
            row_sum, target_sum = crossbar.line_conductances()
            if b == 0:
                add_pair_currents(self._input_columns, forward, packed.fixed[self.slices[0]])
                power += float(row_sum @ (self.input_voltage * self.input_voltage))
            else:
                matrices = packed.matrices[b - 1]
                crossbar.fill_weights(forward, backward, matrices[0], matrices[1], v_bias, packed.fixed[self.slices[b]])
                packed.line[self.slices[b - 1]] += row_sum[:-1]
                packed.line[self.slices[b]] += target_sum
                power += row_sum[-1] * v_bias**2
        packed.power[0] = power
        if not quiet:
            self._add_white_noise()
        self.phase += not quiet
        self._begun = True

    def _add_white_noise(self) -> None:
        """Add the Johnson and shot noise of the lines, at the voltages with which the phase begins, as currents [A]."""
        for b, crossbar in enumerate(self.crossbars):
            if crossbar.line_noise is None:
                continue
            source, target = self.line_voltages(b, self.voltages())
            self.engine.fixed[self.slices[b]] += crossbar.line_noise.forward(source, self.phase)
            if b:
                self.engine.fixed[self.slices[b - 1]] += crossbar.line_noise.backward(target, self.phase)[:-1]

    def nudge(self, current: np.ndarray | None = None, *, spring: float = 0.0, target: np.ndarray | None = None) -> None:
        """Add a constant current [A] at the output layer, or a spring ``spring * (target - V)`` with ``spring`` in siemens."""
        if current is not None:
            self.engine.fixed[self.slices[-1]] += current
        if target is not None:
            self.engine.spring[self.slices[-1]] = spring
            self.engine.target[self.slices[-1]] = target

    def equilibrium(self, voltage: np.ndarray, *, tolerance: float = 1e-14, max_iterations: int = 100) -> Rest:
        """Solve the rest equations of the present phase by Newton, starting from ``voltage`` [V], shape (n_neurons,).

        ``distance`` of the result is the last correction in units of the output swing; no time passes.
        """
        v = np.array(voltage, dtype=float)
        result = np.zeros(2)
        packed = self.engine
        code = newton.newton_rest(packed.layout, packed.values, packed.activations, v, self._coupling_scratch, packed.parity,
                                  tolerance * self.output_swing(), max_iterations, result)
        status = "settled" if code == newton.CONVERGED else "not_settled"
        return Rest(status, v, 0.0, 0.0, float(result[1]) / self.output_swing(), int(result[0]), "the rest equations")

    def rest_equations(self, residual_kernel: Callable, voltage: np.ndarray, residual: np.ndarray, slope: np.ndarray) -> float:
        """Fill residual [V] and slope [ohm] of the rest equations at ``voltage``; return the largest residual."""
        return residual_kernel(self.engine.layout, self.engine.values, self.engine.activations, voltage, residual, slope)

    def settle(self, *, record: int = 0) -> Rest:
        """Bring the present state to rest by the chosen mode; ``record`` keeps up to that many accepted steps.

        Raises
        ------
        ParameterError
            Inputs were presented without :meth:`begin_phase` after it: the engine would still see the old ones.
        """
        if not self._begun:
            raise ParameterError("settle: no phase was begun since the inputs were presented. Call present, reset, "
                                 "begin_phase, then settle.")
        if self.options.mode == "equilibrium":
            rest = self.equilibrium(self.voltages(), tolerance=1e-12)
            self._set_voltages(rest.voltage)
            return rest
        options = self.options
        if options.mode == "sampled":
            return self._sampler.run(self.y, options, self.phase)
        self.y[-1] = 0.0
        limits = np.array([options.t_max, options.distance, options.local_error, options.first_step, options.max_steps, 0.0])
        times, history = np.empty(record), np.empty((record, self.n_states + 1))
        packed = self.engine
        code = engine.settle(packed.systems, self.y, packed.layout, packed.values, packed.rates, packed.outputs, packed.scale,
                             packed.low, packed.high, limits, self._work, self._result, times, history)
        result = self._result
        kept = int(result[engine.R_RECORDED])
        lines = packed.lines_along(times[:kept], history[:kept]) if record else ()
        return Rest(STATUS[code], self.voltages(), float(result[engine.R_TIME]), float(self.y[-1]),
                    float(result[engine.R_DISTANCE]), int(result[engine.R_STEPS]), self.element(int(result[engine.R_WORST])),
                    times[:kept], history[:kept], *lines)

    def voltages(self) -> np.ndarray:
        """Return the output voltage of every neuron [V], shape (n_neurons,)."""
        return self.engine.voltages(self.y)

    def _set_voltages(self, voltage: np.ndarray) -> None:
        """Put one-state neurons into the state whose output is ``voltage`` (outputs are proportional to the state)."""
        for group in self.engine.groups:
            if group.n_state != 1:
                raise ParameterError(f'{group.model.name}: settle mode "equilibrium" needs one-state neurons. '
                                     'Use mode = "transient".')
        self.y[:-1] = voltage / self.saturation * self.engine.high

    def line_voltages(self, block: int, voltage: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return source-row voltages (bias last) and target voltages of a crossbar for a settled ``voltage``."""
        if block == 0:
            return self.input_voltage, voltage[self.slices[0]]
        source = np.append(voltage[self.slices[block - 1]], self.synapse.v_read)
        return source, voltage[self.slices[block]]

    def element(self, index: int) -> str:
        """Name the neuron that a position in the state vector belongs to."""
        for group in self.engine.groups:
            if index < group.states.stop:
                neuron = group.neurons.start + (index - group.states.start) % group.size
                k = next(k for k, where in enumerate(self.slices) if neuron < where.stop)
                return f'neuron {neuron - self.slices[k].start} of "{self.layers[k + 1].name or f"layer {k + 1}"}"'
        return "the energy integral"

    # -- scales ------------------------------------------------------------------------------------------------------
    def neuron_slopes(self) -> np.ndarray:
        """Return dV/dI of every unsaturated neuron [ohm], shape (n_neurons,)."""
        return self.engine.static_response(0.0)[1]

    @cached_property
    def _sampler(self) -> Sampler:
        return Sampler(self.engine, seed=self.seed)

    @cached_property
    def _coupling_scratch(self) -> np.ndarray:
        return np.empty((self.n_neurons, self.n_neurons))

    @cached_property
    def g0(self) -> float:
        """Return the median of dI/dV over the output neurons [S]: the unit of beta."""
        return float(np.median(1.0 / self.neuron_slopes()[self.slices[-1]]))

    def output_swing(self) -> float:
        """Return V_ref, the median full output voltage of the last layer's neurons [V]."""
        return float(np.median(self.saturation[self.slices[-1]]))

    def output_range(self) -> tuple[float, float]:
        """Return the median lowest and highest output voltage of the last layer's neurons [V]."""
        low, high = (float(np.median(self.engine.static_response(current)[0][self.slices[-1]])) for current in (-1e30, 1e30))
        return low, high

    def changed_saturation(self, a: np.ndarray, b: np.ndarray) -> int:
        """Tell (0 or 1) whether some neuron is saturated at one of two rests and not at the other."""
        return int(np.any((np.abs(a) >= self.saturation) != (np.abs(b) >= self.saturation)))

    @cached_property
    def saturation(self) -> np.ndarray:
        """Return the largest output voltage of every neuron [V], shape (n_neurons,)."""
        return np.abs(self.engine.static_response(1e30)[0])
