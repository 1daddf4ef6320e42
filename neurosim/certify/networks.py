"""Random networks of a neuron, placed where it responds: symmetric couplings of a stated norm, fixed currents, spread.

Each network has a rest point inside the graded range of every neuron. Rest voltages are drawn between a quarter and three
quarters of the swing; the fixed currents are what holds them. The couplings are normal numbers on all pairs, scaled so that
the norm of s_i^(1/2) W_ij s_j^(1/2) with the steepest slopes s = dV/dI is the stated one: below 1 this rest is the only one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from neurosim.card import Device
from neurosim.certify.circuits import Circuits
from neurosim.errors import ParameterError
from neurosim.kernels.rng import stream_key
from neurosim.population import Population, build_population

DECADES = np.logspace(-15, 3, 18 * 12 + 1)
CURRENTS = np.concatenate([-DECADES[::-1], [0.0], DECADES])  # [A] among which the graded range of any neuron is looked for
LEVELS = np.linspace(0.02, 0.98, 25)                         # shares of the swing at which slopes are taken
BISECTIONS = 80
STARTS = 8  # of each network, on whose way to rest L is watched


@dataclass(frozen=True)
class Setup:
    """What is integrated: ``networks`` of ``neurons`` each, half of them outputs.

    ``norm`` is the coupling norm (< 1), ``spread`` the relative spread of every handle of the model, ``asymmetry`` the
    relative difference of both directions of a coupling: W_ij = (1 + asymmetry) g_ij for i < j, (1 - asymmetry) g_ij for i > j.
    """

    neurons: int = 8
    networks: int = 3
    norm: float = 0.5
    spread: float = 0.1
    asymmetry: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        if not (self.neurons >= 2 and self.networks >= 1):
            raise ParameterError(f"certify: {self.networks} networks of {self.neurons} neurons; take at least 1 of 2.")
        if not 0.0 < self.norm < 1.0:
            raise ParameterError(f"certify: coupling norm = {self.norm:g}; above 0 and below 1, where rest points are unique.")
        if not (0.0 <= self.spread < 1.0 and 0.0 <= self.asymmetry < 1.0):
            raise ParameterError(f"certify: spread = {self.spread:g} and asymmetry = {self.asymmetry:g} are within [0, 1).")


@dataclass(frozen=True)
class Trial:
    """Random networks ready to move.

    Attributes
    ----------
    circuits : Circuits
    starts : ndarray, shape (n_state, B STARTS n)
        Start states of ``circuits.times(STARTS)``: where each neuron rests alone under a random current.
    held : ndarray, shape (B, n)
        Currents that arrive at the rest point of the symmetric networks [A].
    slope : ndarray, shape (B, n)
        Steepest dV/dI of each neuron [ohm].
    swing : ndarray, shape (B, n)
        Highest less lowest output voltage [V].
    outputs : ndarray of bool, shape (n,)
    goal : ndarray, shape (B, n)
        Voltages that the cost wants of the outputs [V].
    """

    circuits: Circuits
    starts: np.ndarray
    held: np.ndarray
    slope: np.ndarray
    swing: np.ndarray
    outputs: np.ndarray
    goal: np.ndarray

    @property
    def start(self) -> np.ndarray:
        """The first start of each network, shape (n_state, B n)."""
        networks, n = self.circuits.bias.shape
        return np.ascontiguousarray(self.starts.reshape(-1, networks, STARTS, n)[:, :, 0].reshape(len(self.starts), -1))

    @property
    def g0(self) -> np.ndarray:
        """Unit of beta [S]: median of dI/dV of the outputs, shape (B, 1)."""
        return np.median(1.0 / self.slope[:, self.outputs], axis=1, keepdims=True)

    def with_circuits(self, **parts: np.ndarray) -> Trial:
        """Return the same trial with other ``weights``, ``bias`` or ``params`` of its circuits."""
        return replace(self, circuits=self.circuits.changed(**parts))


def build_trial(device: Device, setup: Setup) -> Trial | None:
    """Return random networks of a device's neurons; None where its response is not graded (a binary neuron).

    Raises
    ------
    ParameterError
        The model is no neuron, or its static response has no finite range.
    """
    shape = setup.networks, setup.neurons
    population = spread_population(device, setup)
    model = population.model
    for role in ("output", "activation"):
        model.require(role)
    rng = generator(setup)
    alone = Circuits.build(model, population.params, np.zeros((*shape, setup.neurons)), np.zeros(shape))
    held = Response(alone)
    slopes = np.array([held.slope(level) for level in LEVELS])
    if not np.all(slopes > 0.0):
        return None
    slope = slopes.max(axis=0)
    weights = symmetric_couplings(rng, slope, setup.norm)
    rest = rng.uniform(0.25, 0.75, shape)
    current, voltage = held.current(rest), held.voltage(rest)
    bias = current - np.matmul(weights, voltage[..., None])[..., 0]
    outputs = np.arange(setup.neurons) >= setup.neurons // 2
    goal = voltage + np.where(outputs, held.swing * rng.uniform(-0.2, 0.2, shape), 0.0)
    many = alone.times(STARTS)
    many = many.changed(bias=Response(many).current(rng.uniform(0.02, 0.98, many.bias.shape)))
    starts = many.settle(np.repeat(population.state, STARTS, axis=1)).end
    circuits = alone.changed(weights=weights * direction_gains(setup.neurons, setup.asymmetry), bias=bias)
    return Trial(circuits, starts, current, slope, held.swing, outputs, goal)


def symmetric_couplings(rng: np.random.Generator, slope: np.ndarray, norm: float) -> np.ndarray:
    """Return random symmetric couplings [S], shape (B, n, n), of the given norm for neurons of these slopes (B, n) [ohm]."""
    n = slope.shape[1]
    drawn = np.triu(rng.standard_normal((len(slope), n, n)), 1)
    drawn += drawn.transpose(0, 2, 1)
    drawn *= norm / np.linalg.norm(drawn, 2, axis=(1, 2))[:, None, None]
    root = np.sqrt(slope)
    return drawn / (root[:, :, None] * root[:, None, :])


def direction_gains(n: int, asymmetry: float) -> np.ndarray:
    """Return the gain of each direction of each pair, shape (n, n): 1 + asymmetry above the diagonal, 1 - asymmetry below."""
    return 1.0 + asymmetry * (np.triu(np.ones((n, n)), 1) - np.tril(np.ones((n, n)), -1))


class Response:
    """The static response of each neuron, by its own swing: which current holds a share of it.

    Currents around zero at which every neuron has a rest (a finite activation) are the range.
    """

    def __init__(self, alone: Circuits):
        self.alone = alone
        table = np.array([alone.response(np.full(alone.bias.shape, current))[0] for current in CURRENTS])
        resting = np.all(np.isfinite(table), axis=(1, 2))
        lost, zero = np.flatnonzero(~resting), CURRENTS.size // 2
        inside = slice(max(lost[lost < zero], default=-1) + 1, min(lost[lost > zero], default=CURRENTS.size))
        if not resting[zero]:
            raise ParameterError(f"{alone.model.name}: the activation is not finite at zero current.")
        self.table, self.currents = table[inside], CURRENTS[inside]
        self.low, self.high = self.table.min(axis=0), self.table.max(axis=0)
        if not np.all(self.high > self.low):
            raise ParameterError(f"{alone.model.name}: the activation is constant between -1 kA and 1 kA.")

    @property
    def swing(self) -> np.ndarray:
        """Highest less lowest output voltage [V], shape (B, n)."""
        return self.high - self.low

    def voltage(self, share: np.ndarray | float) -> np.ndarray:
        """Return the voltage [V] at a share of the swing."""
        return self.low + share * self.swing

    def current(self, share: np.ndarray | float) -> np.ndarray:
        """Return the current [A] that holds a share of the swing, by bisection of the activation."""
        wanted = self.voltage(share)
        after = np.clip(np.argmax(self.table >= wanted, axis=0), 1, self.currents.size - 1)
        low, high = self.currents[after - 1], self.currents[after]
        for _ in range(BISECTIONS):
            middle = 0.5 * (low + high)
            below = self.alone.response(middle)[0] < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return 0.5 * (low + high)

    def slope(self, share: float) -> np.ndarray:
        """Return dV/dI [ohm] at a share of the swing; 0 where no current holds it."""
        current = self.current(share)
        voltage, slope = self.alone.response(current)
        return np.where(np.abs(voltage - self.voltage(share)) < 1e-9 * self.swing, slope, 0.0)


def spread_population(device: Device, setup: Setup) -> Population:
    """Return all neurons of all networks, with the spread of the setup."""
    handles = [name for name in ("stiffness", "gain") if name in device.model.handles and setup.spread > 0]
    return build_population(device, setup.networks * setup.neurons, seed=setup.seed, role="certify",
                            spreads=dict.fromkeys(handles, setup.spread))


def generator(setup: Setup) -> np.random.Generator:
    """Return the random numbers of couplings, currents and starts."""
    return np.random.Generator(np.random.Philox(key=stream_key(setup.seed, "certify", 0, "networks")))
