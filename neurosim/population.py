"""A population: N instances of one device, each with its own parameters (variability) and faults.

Device-to-device spread is log-normal with the given relative width and median one: positive parameters stay positive.
Every draw is keyed by (seed, role, nonideality), so adding one nonideality never changes the others.

States that fluctuate by themselves (traps, 1/f noise) and latent numbers (a drift exponent, the threshold of the next
switching) begin somewhere in their law, each instance elsewhere: the model's ``start`` draws them, so a population is
stationary from its first read. A single device begins where its card says, in the same place every time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.conductance import conductance_at_bounds
from neurosim.device import DeviceModel
from neurosim.errors import ParameterError, did_you_mean
from neurosim.kernels.rng import fill_normal, stream_key

REST_PLACE = "rest_place"  # handle of the parameters that say where in its range, 0 to 1, the first state goes by itself


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
                     seed: int = 0, role: str = "population", start: bool = True) -> Population:
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
    start : bool
        Draw the states that fluctuate by themselves from their law; False leaves them where the card has them. One that the
        card or an override puts elsewhere than the model does stays there.

    Raises
    ------
    ParameterError
        For a negative spread, an unknown handle, or a stuck fraction outside [0, 1].
    """
    model = device.model
    params = nominal_params(device, n)
    if model.populate is not None:
        params = model.populate(params, lambda line: _generator(seed, f"{role}/own {line}"))
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
    if start:
        draw_start(model, state, params, seed=seed, role=role)
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


def bias_power(population: Population) -> float:
    """Return the read-bias power of all devices [W]: the sum of their ``power_bias``, zero where the model has none."""
    row = population.model.param_index.get("power_bias")
    return 0.0 if row is None else float(population.params[row].sum())


def nominal_params(device: Device, n: int = 1) -> np.ndarray:
    """Return a writeable copy of the card's parameters for ``n`` equal instances, shape (n_param, n)."""
    return np.repeat(np.asarray(device.params, dtype=float).reshape(-1, 1), n, axis=1)


def draw_start(model: DeviceModel, state: np.ndarray, params: np.ndarray, *, seed: int, role: str) -> None:
    """Draw the states that fluctuate by themselves from their law, in place, where they are at the model's start value.

    Parameters
    ----------
    model : DeviceModel
        Nothing is drawn where it has no ``start``.
    state : ndarray, shape (n_state, n)
    params : ndarray, shape (n_param, n)
    seed, role : int, str
        With the line of the law and the index of an instance they fix its draw, whatever the other instances are.
    """
    if model.start is None:
        return
    drawn, n = state.copy(), state.shape[1]

    def normal(line: str) -> np.ndarray:
        out = np.empty((1, n))
        fill_normal(out, np.uint64(stream_key(seed, "fabrication", 0, f"{role}/start {line}")), 0, 0, 0, n)
        return out[0]

    model.start(drawn, params, normal)
    np.copyto(state, drawn, where=state == model.initial_state())


def _hold_at_bounds(population: Population) -> None:
    """Put stuck devices at the end of their range that they are stuck at; nothing they forget takes them away from it."""
    spec = population.model.states[0]
    at_low, at_high = conductance_at_bounds(population.model, population.params)
    on = np.where(at_high > at_low, spec.high, spec.low)
    off = np.where(at_high > at_low, spec.low, spec.high)
    population.state[0] = np.where(population.stuck > 0, on, np.where(population.stuck < 0, off, population.state[0]))
    if REST_PLACE in population.model.handles:
        place = (population.state[0] - spec.low) / (spec.high - spec.low)
        for name in population.model.handles[REST_PLACE].params:
            row = population.model.param_index[name]
            population.params[row] = np.where(population.stuck != 0, place, population.params[row])


def _check_spread(model: DeviceModel, handle: str, sigma: float) -> None:
    if handle not in model.handles:
        raise ParameterError(f'{model.name}: no parameter answers to the nonideality "{handle}".'
                             + did_you_mean(handle, model.handles))
    if not (np.isfinite(sigma) and sigma >= 0):
        raise ParameterError(f"{model.name}: the relative spread of {handle} = {sigma:g} must be a finite number >= 0.")


def _generator(seed: int, role: str) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=stream_key(seed, "fabrication", 0, role)))
