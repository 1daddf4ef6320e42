"""Many small networks of one neuron model, integrated together: the neurons' own motion, coupled through conductances.

    I = W V + b + k (V* - V),   dx/dt = rate(x, I),   V = output(x)                                       (1)
    L = sum_i U_i(V_i) - V^T W V / 2 - b^T V + k (V - V*)^2 / 2                                            (2)

with the symmetric part of W in (2). U is the model's ``potential``, or its ``energy`` where hidden states have a share.
scipy integrates (1) to tight tolerances, on the model's compiled kernels; nothing of :mod:`neurosim.network` is used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from neurosim.device import DeviceModel

RTOL, ATOL = 1e-11, 1e-13  # ATOL over the scale of a state
RESTED, NOISE = 1e-6, 10.0  # of the way so far; of the integration error of one step
SPANS, STEPS = 20, 3000  # spans, each as long as all before together; steps after which no further span is begun


@dataclass(frozen=True)
class Motion:
    """States on the way to rest: ``states (n_steps, n_state, n_columns)`` at ``times (n_steps,)`` [s]."""

    times: np.ndarray
    states: np.ndarray
    rested: bool

    @property
    def end(self) -> np.ndarray:
        """The last states, shape (n_state, n_columns)."""
        return self.states[-1]


@dataclass(frozen=True)
class Circuits:
    """``B`` networks of ``n`` neurons; column ``b n + i`` of ``params`` and states is neuron i of network b.

    Attributes
    ----------
    model : DeviceModel
        With ``rate``, ``output``, ``activation``.
    params : ndarray, shape (n_param, B n)
    weights : ndarray, shape (B, n, n)
        W [S].
    bias, spring, target : ndarray, shape (B, n)
        b [A], k [S], V* [V].
    """

    model: DeviceModel
    params: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    spring: np.ndarray
    target: np.ndarray

    @classmethod
    def build(cls, model: DeviceModel, params: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> Circuits:
        """Return circuits without springs."""
        return cls(model, params, weights, bias, np.zeros_like(bias), np.zeros_like(bias))

    @property
    def columns(self) -> int:
        """Number of neurons of all networks together."""
        return self.bias.size

    def times(self, copies: int) -> Circuits:
        """Return ``copies`` of every network, next to each other."""
        params = self.params.reshape(-1, *self.bias.shape)
        return Circuits(self.model, np.ascontiguousarray(np.repeat(params, copies, axis=1).reshape(len(params), -1)),
                        *(np.repeat(part, copies, axis=0) for part in (self.weights, self.bias, self.spring, self.target)))

    def changed(self, **parts: Any) -> Circuits:
        """Return these circuits with other ``weights``, ``bias``, ``spring``, ``target`` or ``params``."""
        return replace(self, **parts)

    # -- the law -----------------------------------------------------------------------------------------------------
    def voltage(self, state: np.ndarray) -> np.ndarray:
        """Return the output voltages [V], shape (B, n)."""
        out = np.empty((len(self.model.outputs), self.columns))
        self.model.require("output")(np.ascontiguousarray(state), self.params, out, 0, self.columns)
        return out[0].reshape(self.bias.shape)

    def current(self, voltage: np.ndarray) -> np.ndarray:
        """Return the arriving currents [A], shape (B, n)."""
        return np.matmul(self.weights, voltage[..., None])[..., 0] + self.bias + self.spring * (self.target - voltage)

    def rates(self, state: np.ndarray) -> np.ndarray:
        """Return dx/dt of (1), same shape as the state; states beyond their bounds count as at them."""
        state = self.within(state)
        drive, out = self.current(self.voltage(state)).reshape(1, -1), np.empty_like(state)
        self.model.rate(state, np.ascontiguousarray(drive), self.params, out, 0, self.columns)
        return out

    def within(self, state: np.ndarray) -> np.ndarray:
        """Return the states within the bounds of the model."""
        low, high = self._bounds
        return np.minimum(np.maximum(state, low), high)

    @cached_property
    def _bounds(self) -> tuple[np.ndarray, np.ndarray]:
        low, high = (np.array([[getattr(spec, side)] for spec in self.model.states]) for side in ("low", "high"))
        return low, high

    def response(self, current: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the static output voltage [V] and slope [ohm] at given currents, each of shape (B, n)."""
        drive = np.ascontiguousarray(current.reshape(1, -1))
        out, slope = np.empty_like(drive), np.empty_like(drive)
        self.model.require("activation")(drive, self.params, out, slope, 0, self.columns)
        return out[0].reshape(self.bias.shape), slope[0].reshape(self.bias.shape)

    def co_content(self, state: np.ndarray) -> np.ndarray:
        """Return L of (2) [W] of each network, shape (B,)."""
        state, own = self.within(state), np.empty(self.columns)
        v = self.voltage(state)
        if self.model.energy is not None:
            self.model.energy(state, self.params, own, 0, self.columns)
        else:
            self.model.require("potential")(np.ascontiguousarray(v.reshape(1, -1)), self.params, own, 0, self.columns)
        pairs = 0.5 * np.einsum("bi,bij,bj->b", v, self.weights, v)
        spring = 0.5 * np.sum(self.spring * (v - self.target) ** 2, axis=1)
        return own.reshape(self.bias.shape).sum(axis=1) - pairs - np.sum(self.bias * v, axis=1) + spring

    # -- the motion --------------------------------------------------------------------------------------------------
    def settle(self, state: np.ndarray, first: float = 0.0) -> Motion:
        """Return the motion from ``state`` to rest, in spans that double from ``first`` [s] (0: from the first rates) on.

        At rest, the last span moved no state by more than ``RESTED`` of the way so far; what is left of an exponential
        approach is then the square of that. A motion that does not rest within ``SPANS`` spans or ``STEPS`` steps is
        returned as far as it came.
        """
        scale = np.array([[spec.scale] for spec in self.model.states])
        fastest = float(np.max(np.abs(self.rates(state)) / scale))
        times, states, spent = [0.0], [np.array(state, dtype=float)], 0.0
        if fastest == 0.0:
            return Motion(np.array(times), np.array(states), True)
        first = first or 1.0 / fastest
        atol = np.repeat(ATOL * scale, state.shape[1], axis=1).ravel()
        for _ in range(SPANS):
            before, span = states[-1], spent or first
            part = solve_ivp(lambda t, y: self.rates(y.reshape(state.shape)).ravel(), (0.0, span), before.ravel(),
                             method="DOP853", rtol=RTOL, atol=atol)
            if not (part.success and np.all(np.isfinite(part.y[:, -1]))):
                break
            times.extend(spent + part.t[1:])
            states.extend(self.within(y.reshape(state.shape)) for y in part.y.T[1:])
            moved, way = (float(np.max(np.abs(states[-1] - other) / scale)) for other in (before, states[0]))
            noise = NOISE * (ATOL + RTOL * float(np.max(np.abs(states[-1]) / scale)))
            if spent > 0.0 and moved <= RESTED * way + noise:
                return Motion(np.array(times), np.array(states), True)
            spent += span
            if len(times) > STEPS:
                break
        return Motion(np.array(times), np.array(states), False)
