"""What breaks an energy, and how much it costs: gradient angle and rise of L against the size of each non-conservative part.

Two kinds: couplings that differ by direction (the same device read and written back with unequal gains), and parameters that
the model itself names in ``breaks_energy``. Networks, currents and couplings stay the same along a sweep.

A neuron that sends one voltage and takes one current, and rests, has a static response; where that rises it has a co-content,
whatever turns inside the neuron. So an inner torque costs the falling L and may cost the rest, but turns the gradient only
through a response with several branches. Unequal directions of the coupling turn the gradient itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.certify.circuits import Circuits
from neurosim.certify.gradient import cosine, differences, propagated, relative_error
from neurosim.certify.networks import STARTS, Response, Trial, direction_gains
from neurosim.device import DeviceModel
from neurosim.errors import ParameterError, did_you_mean

ASYMMETRIES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
SHARES = (0.0, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
BETA = 0.01
FARTHEST = 0.1  # of the swing: how far the largest value of a parameter moves a neuron that is alone


@dataclass(frozen=True)
class Point:
    """One size of a non-conservative part: ``cosine`` and ``error`` of the gradient, ``rise`` of L over its fall.

    ``rested`` tells whether every network came to rest; without that the other numbers mean little.
    """

    value: float
    cosine: float
    error: float
    rise: float
    rested: bool


def largest_rise(energy: np.ndarray) -> float:
    """Return the largest rise of L above its lowest value before, over its whole change, of the worst network.

    ``energy`` has shape (n_steps, B); the sum of rises in sequence counts, not the largest single step. Infinite where L is not
    finite.
    """
    if not np.all(np.isfinite(energy)):
        return float("inf")
    rise = (energy - np.minimum.accumulate(energy, axis=0)).max(axis=0)
    change = energy.max(axis=0) - energy.min(axis=0)
    return float(np.max(np.divide(rise, change, out=np.zeros_like(rise), where=change > 0.0)))


def energies(circuits: Circuits, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return times [s], shape (n_steps,), and L [W] of all starts of each network on its way to rest, (n_steps, B STARTS)."""
    circuits = circuits.times(STARTS)
    motion = circuits.settle(starts)
    return motion.times, np.array([circuits.co_content(state) for state in motion.states])


def measure(trial: Trial, asymmetry: float, value: float) -> Point:
    """Return what one size of a non-conservative part does to these networks."""
    motion = trial.circuits.settle(trial.start)
    has_energy = trial.circuits.model.potential is not None
    rise = largest_rise(energies(trial.circuits, trial.starts)[1]) if has_energy else np.nan
    if not motion.rested:
        return Point(value, np.nan, np.nan, rise, False)
    exact, estimate = differences(trial, motion, asymmetry), propagated(trial, motion, BETA)
    return Point(value, cosine(estimate.values, exact.values), relative_error(estimate.values, exact.values), rise,
                 exact.rested and estimate.rested)


def asymmetry_sweep(trial: Trial, present: float = 0.0) -> list[Point]:
    """Return the points of :data:`ASYMMETRIES` for networks that were built with the asymmetry ``present`` (not 1)."""
    n = trial.circuits.bias.shape[1]
    symmetric = trial.circuits.weights / direction_gains(n, present)
    return [measure(trial.with_circuits(weights=symmetric * direction_gains(n, value)), value, value) for value in ASYMMETRIES]


def parameter_sweep(trial: Trial, name: str, asymmetry: float) -> list[Point]:
    """Return the points of a parameter that breaks the energy, from 0 to where it moves a neuron far or sets it free."""
    largest = reach(trial, name)
    return [measure(with_parameter(trial, name, share * largest), asymmetry, share * largest) for share in SHARES]


def with_parameter(trial: Trial, name: str, value: float) -> Trial:
    """Return the same networks with one parameter of every neuron set to ``value``."""
    params = trial.circuits.params.copy()
    params[trial.circuits.model.param_index[name]] = value
    return trial.with_circuits(params=params)


def check_sweep(model: DeviceModel, name: str) -> None:
    """Raise where a model has no such parameter, or it cannot go from 0 upwards."""
    if name not in model.param_index:
        raise ParameterError(f'{model.name}: no parameter "{name}" to sweep.' + did_you_mean(name, model.param_index))
    spec = model.params[model.param_index[name]]
    if not spec.low <= 0.0 < spec.high:
        raise ParameterError(f"{model.name}: {name} cannot be swept from 0: it is between {spec.low:g} and {spec.high:g}.")


def reach(trial: Trial, name: str) -> float:
    """Return the least of 25 decades' values at which a lone neuron moves by 10 % of its swing or never rests."""
    spec = trial.circuits.model.params[trial.circuits.model.param_index[name]]
    trial = with_parameter(trial, name, 0.0)
    alone = trial.circuits.changed(weights=np.zeros_like(trial.circuits.weights))
    shares = np.where(np.arange(alone.bias.shape[1]) % 2, 0.3, 0.7) * np.ones(alone.bias.shape)
    alone = alone.changed(bias=Response(alone).current(shares))
    free = alone.settle(trial.start)
    for value in spec.high * np.logspace(-25, 0, 76):
        moved = with_parameter(trial, name, value).circuits.changed(weights=alone.weights, bias=alone.bias)
        motion = moved.settle(free.end, free.times[-1] / 2)
        shift = np.abs(moved.voltage(motion.end) - alone.voltage(free.end)) / trial.swing
        if not motion.rested or shift.max() > FARTHEST:
            return float(value)
    return float(spec.high)
