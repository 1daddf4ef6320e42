"""A population: N instances of one device, each with its own parameters (variability) and faults.

Device-to-device spread is log-normal with the given relative width and median one: positive parameters stay positive.
Every draw is keyed by (seed, role, nonideality), so adding one nonideality never changes the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.device import DeviceModel
from neurosim.errors import ParameterError, did_you_mean
from neurosim.kernels.rng import stream_key

BISECTIONS = 60  # halvings of the state interval when a conductance is inverted: below rounding


@dataclass
class Population:
    """Instances of one model: private, writeable arrays that only kernels change.

    Attributes
    ----------
    model : DeviceModel
        Already specialised (``model.select``) for these parameters.
    params : ndarray, shape (n_param, n)
    state : ndarray, shape (n_state, n)
    stuck : ndarray of int8, shape (n,)
        0 works, +1 stuck at the highest and -1 at the lowest conductance.
    """

    model: DeviceModel
    params: np.ndarray
    state: np.ndarray
    stuck: np.ndarray

    @property
    def size(self) -> int:
        """Number of instances."""
        return self.params.shape[1]

    def conductance(self) -> np.ndarray:
        """Return the read conductance of every instance [S], shape (n,)."""
        out = np.empty(self.size)
        self.model.require("conductance")(self.state, self.params, out, 0, self.size)
        return out


def build_population(device: Device, n: int, *, spreads: Mapping[str, float] | None = None, stuck_fraction: float = 0.0,
                     seed: int = 0, role: str = "population") -> Population:
    """Return ``n`` instances of a device with spread parameters and stuck members.

    Parameters
    ----------
    device : Device
        Card with nominal parameters.
    n : int
        Number of instances, >= 1.
    spreads : mapping of str to float
        Relative width (>= 0) for each handle of the model, for example ``{"g_max": 0.1, "threshold_up": 0.03}``.
    stuck_fraction : float
        Fraction in [0, 1] of instances whose state never moves: half at the highest, half at the lowest conductance.
    seed, role : int, str
        Together with the handle's name they key every draw.

    Raises
    ------
    ParameterError
        For a negative spread, an unknown handle, or a stuck fraction outside [0, 1].
    """
    model = device.model
    params = nominal_params(device, n)
    for handle, sigma in (spreads or {}).items():
        _check_spread(model, handle, sigma)
        if sigma > 0:
            factor = np.exp(sigma * _generator(seed, f"{role}/{handle}").standard_normal(n))
            target = model.handles[handle]
            for name in target.params:
                params[model.param_index[name]] *= factor**target.power
    if not 0 <= stuck_fraction <= 1:
        raise ParameterError(f"stuck_fraction = {stuck_fraction:g} is outside [0, 1].")
    state = np.repeat(np.asarray(device.state, dtype=float).reshape(-1, 1), n, axis=1)
    stuck = np.zeros(n, dtype=np.int8)
    if stuck_fraction > 0:
        uniform = _generator(seed, f"{role}/stuck").random(n)
        stuck[uniform < stuck_fraction] = -1
        stuck[uniform < stuck_fraction / 2] = 1
        for name in model.handles["rate"].params:
            params[model.param_index[name], stuck != 0] = 0.0
    population = Population(model.select(params) if model.select else model, params, np.ascontiguousarray(state), stuck)
    if stuck_fraction > 0:
        _hold_at_bounds(population)
    return population


def nominal_params(device: Device, n: int = 1) -> np.ndarray:
    """Return a writeable copy of the card's parameters for ``n`` equal instances, shape (n_param, n)."""
    return np.repeat(np.asarray(device.params, dtype=float).reshape(-1, 1), n, axis=1)


def state_for_conductance(model: DeviceModel, params: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return states [n_state, n] whose conductance is nearest to ``g`` [S], for one-state devices, by bisection."""
    if len(model.states) != 1:
        raise ParameterError(f"{model.name}: a conductance fixes the state only for one-state devices.")
    conductance = model.require("conductance")
    n = g.size
    params = np.array(np.broadcast_to(params.reshape(len(model.params), -1), (len(model.params), n)), order="C")
    low = np.full((1, n), model.states[0].low)
    high = np.full((1, n), model.states[0].high)
    at_low, at_high, value = np.empty(n), np.empty(n), np.empty(n)
    conductance(low, params, at_low, 0, n)
    conductance(high, params, at_high, 0, n)
    rising = at_high > at_low
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        conductance(middle, params, value, 0, n)
        go_up = (value < g) == rising
        low = np.where(go_up, middle, low)
        high = np.where(go_up, high, middle)
    return np.ascontiguousarray(0.5 * (low + high))


def _hold_at_bounds(population: Population) -> None:
    model, n = population.model, population.size
    at_low, at_high = np.empty(n), np.empty(n)
    spec = model.states[0]
    conductance = model.require("conductance")
    conductance(np.full((1, n), spec.low), population.params, at_low, 0, n)
    conductance(np.full((1, n), spec.high), population.params, at_high, 0, n)
    on = np.where(at_high > at_low, spec.high, spec.low)
    off = np.where(at_high > at_low, spec.low, spec.high)
    population.state[0] = np.where(population.stuck > 0, on, np.where(population.stuck < 0, off, population.state[0]))


def _check_spread(model: DeviceModel, handle: str, sigma: float) -> None:
    if handle not in model.handles:
        raise ParameterError(f'{model.name}: no parameter answers to the nonideality "{handle}".'
                             + did_you_mean(handle, model.handles))
    if not (np.isfinite(sigma) and sigma >= 0):
        raise ParameterError(f"{model.name}: the relative spread of {handle} = {sigma:g} must be a finite number >= 0.")


def _generator(seed: int, role: str) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=stream_key(seed, "fabrication", 0, role)))
