"""Stuck and unformed devices: everything inside stands still.

    fault   0 works, 1 stuck ON, -1 stuck OFF (first state at the bound of the highest or lowest conductance), 2 unformed: G_u v

The fault is a parameter of each instance. Give the fractions of a population as options and
:func:`neurosim.population.build_population` draws who is stuck; a stuck device still conducts, and what is put on after this
modifier still acts on it (its noise, its series resistance).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from neurosim.conductance import conductance_at_bounds
from neurosim.device import DeviceModel, Kernel
from neurosim.errors import ParameterError
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE
from neurosim.modifiers.columns import take
from neurosim.modifiers.compose import Layer

STUCK_DRIVE = 1e30  # V: dead zone of a device that never moves


@scalar_kernel
def is_faulty(fault):
    """Tell whether a device does not work."""
    return abs(fault) > 0.5


@scalar_kernel
def is_unformed(fault):
    """Tell whether a device was never formed."""
    return fault > 1.5


@functools.cache
def _rate(inner: Kernel, count: int, f_row: int) -> Kernel:
    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dx/dt [1/s], zero where it is stuck."""
        inner(state, drive, params, out, start, stop)
        fault = params[f_row, start:stop]
        for row in range(count):
            dx = out[row, start:stop]
            for j in range(stop - start):
                dx[j] = 0.0 if is_faulty(fault[j]) else dx[j]

    return rate


@functools.cache
def _advance(inner: Kernel, count: int, f_row: int) -> Kernel:
    @kernel(ADVANCE)
    def advance(state, drive, params, noise, duration, start, stop):
        """Step the devices that work."""
        fault = params[f_row, start:stop]
        broken = 0
        for j in range(stop - start):
            broken += is_faulty(fault[j])
        before = np.empty((count, stop - start if broken else 0))
        if broken:
            before[:] = state[:count, start:stop]
        inner(state, drive, params, noise, duration, start, stop)
        if broken:
            for row in range(count):
                x = state[row, start:stop]
                for j in range(stop - start):
                    x[j] = before[row, j] if is_faulty(fault[j]) else x[j]

    return advance


@functools.cache
def _conductance(inner: Kernel, shape: tuple[int, int], bounds: tuple[float, float], f_row: int, u_row: int) -> Kernel:
    n_state, n_param = shape
    off, on = bounds

    @kernel(CONDUCTANCE)
    def conductance(state, params, out, start, stop):
        """Write G [S]."""
        inner(state, params, out, start, stop)
        s, p, g = np.empty((n_state, 1)), np.empty((n_param, 1)), np.empty(1)
        for k in range(start, stop):
            if is_unformed(params[f_row, k]):
                out[k] = params[u_row, k]
            elif is_faulty(params[f_row, k]):
                take(state, k, s)
                take(params, k, p)
                s[0, 0] = on if params[f_row, k] > 0.0 else off
                inner(s, p, g, 0, 1)
                out[k] = g[0]

    return conductance


@functools.cache
def _current(inner: Kernel, shape: tuple[int, int], bounds: tuple[float, float], f_row: int, u_row: int) -> Kernel:
    n_state, n_param = shape
    off, on = bounds

    @kernel(CURRENT)
    def current(state, drive, params, current, slope, start, stop):
        """Write i [A] and di/dv [S]."""
        inner(state, drive, params, current, slope, start, stop)
        s, p, d, i, g = np.empty((n_state, 1)), np.empty((n_param, 1)), np.empty((1, 1)), np.empty(1), np.empty(1)
        for k in range(start, stop):
            if is_unformed(params[f_row, k]):
                current[k], slope[k] = params[u_row, k] * drive[0, k], params[u_row, k]
            elif is_faulty(params[f_row, k]):
                take(state, k, s)
                take(params, k, p)
                d[0, 0] = drive[0, k]
                s[0, 0] = on if params[f_row, k] > 0.0 else off
                inner(s, d, p, i, g, 0, 1)
                current[k], slope[k] = i[0], g[0]

    return current


@functools.cache
def _charge(inner: Kernel, current: Kernel, f_row: int) -> Kernel:
    @kernel(CHARGE)
    def charge(state, drive, params, duration, out, start, stop):
        """Write the integral of i dt [C]; the current of a stuck device does not change."""
        inner(state, drive, params, duration, out, start, stop)
        for k in range(start, stop):
            if is_faulty(params[f_row, k]):
                n = drive.shape[1]
                i, g = np.empty(n), np.empty(n)
                current(state, drive, params, i, g, k, k + 1)
                out[k] = i[k] * duration[k]

    return charge


@functools.cache
def _dead_zone(inner: Kernel, f_row: int) -> Kernel:
    @kernel(DEAD_ZONE)
    def dead_zone(params, lowest, highest, start, stop):
        """Write the voltages [V] between which nothing moves, -+1e30 V where it is stuck."""
        inner(params, lowest, highest, start, stop)
        for k in range(start, stop):
            lowest[k] = -STUCK_DRIVE if is_faulty(params[f_row, k]) else lowest[k]
            highest[k] = STUCK_DRIVE if is_faulty(params[f_row, k]) else highest[k]

    return dead_zone


def build(layer: Layer) -> DeviceModel:
    """Return the model that can be stuck or unformed."""
    inner, spec = layer.inner, layer.inner.states[0]
    if not np.isfinite([spec.low, spec.high]).all():
        raise ParameterError(f"{inner.name}: {spec.name} has no finite range, so no state is stuck ON or OFF.")
    at_low, at_high = (float(g[0]) for g in conductance_at_bounds(inner, inner.default_params()))
    bounds = (spec.low, spec.high) if at_high > at_low else (spec.high, spec.low)
    shape, f_row, u_row = (len(inner.states), len(inner.params)), layer.row("fault"), layer.row("unformed_conductance")
    conductance = _conductance(inner.require("conductance"), shape, bounds, f_row, u_row)
    current = inner.current and _current(inner.current, shape, bounds, f_row, u_row)
    charge = inner.charge and current and _charge(inner.charge, current, f_row)
    return layer.extended(
        rate=_rate(inner.rate, shape[0], f_row), advance=_advance(inner.require("advance"), shape[0], f_row),
        conductance=conductance, current=current, charge=charge, populate=_populate(layer, f_row),
        dead_zone=inner.dead_zone and _dead_zone(inner.dead_zone, f_row),
        rest_zone=inner.rest_zone and _dead_zone(inner.rest_zone, f_row), twins=_twins(layer, bounds))


def _populate(layer: Layer, f_row: int) -> Callable[..., np.ndarray] | None:
    """Return what draws the faults of a population."""
    options, inner = layer.options, layer.inner.populate
    on, off, unformed = (float(options[f"{name}_fraction"]) for name in ("on", "off", "unformed"))
    if on + off + unformed == 0.0:
        return inner
    if on + off + unformed > 1.0:
        raise ParameterError(f"{layer.inner.name}: stuck: the fractions add up to {on + off + unformed:g}, "
                             "allowed is at most 1.")

    def populate(params: np.ndarray, generator: Callable[[str], np.random.Generator]) -> np.ndarray:
        """Return the parameters of instances, some of them faulty."""
        params = params if inner is None else inner(params, generator)
        u = generator(layer.prefix).random(params.shape[1])
        params[f_row, u < on + off + unformed] = 2.0
        params[f_row, u < on + off] = -1.0
        params[f_row, u < on] = 1.0
        return params

    return populate


def _twins(layer: Layer, bounds: tuple[float, float]) -> dict[str, Any]:
    inner, fault, unformed = layer.inner.twins, layer.key("fault"), layer.key("unformed_conductance")
    off, on = bounds

    def held(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
        bound = on if params[fault] > 0.5 else off
        return [bound, *state[1:]] if abs(params[fault]) > 0.5 else list(state)

    def rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return dx/dt of one device in plain Python."""
        return [0.0] * len(state) if abs(params[fault]) > 0.5 else inner["rate"](state, drive, params)

    def advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                duration: float) -> list[float]:
        """Return the states of one device in plain Python."""
        return list(state) if abs(params[fault]) > 0.5 else inner["advance"](state, drive, params, noise, duration)

    def conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return [G] of one device in plain Python."""
        return [params[unformed]] if params[fault] > 1.5 else inner["conductance"](held(state, params), params)

    def current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return [i] of one device in plain Python."""
        if params[fault] > 1.5:
            return [params[unformed] * drive[0]]
        return inner["current"](held(state, params), drive, params)

    def dead_zone(params: Mapping[str, float]) -> list[float]:
        """Return [lowest, highest] of one device in plain Python."""
        return [-STUCK_DRIVE, STUCK_DRIVE] if abs(params[fault]) > 0.5 else inner["dead_zone"](params)

    own = {"rate": rate, "advance": advance, "conductance": conductance, "current": current, "dead_zone": dead_zone}
    return {role: twin if role in inner else None for role, twin in own.items()} | {"charge": None}
