"""An element in series with a device: the voltage that is left for the device, and the kernels that follow from it.

Both carry the same current, so with v_e(i) the voltage of the element and i(v_dev) the current of the device

    v_dev + v_e(i(v_dev)) = v                                                                           (1)

The left side grows with v_dev for passive devices, so the root lies between 0 and v: Newton inside a bracket that shrinks,
until a step is below ``NEAR``; what is left is of second order in it, rounding. The slope is di/dv = g / (1 + r g) with g of
the device and r = dv_e/di; the small-signal conductance is the same at zero. States move at v_dev, in sub-steps
(:mod:`neurosim.modifiers.substeps`), because v_dev changes while they move. Where the voltage at the terminals is in the dead
or rest zone of the device, v_dev is too, and the device moves as without the element.

An element is a scalar kernel (i, a, b) -> (v_e, r) of two parameters, and a plain function (i, a, b) -> v_e for the twins.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from neurosim.device import DeviceModel, Kernel
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import CONDUCTANCE, CURRENT, RATE
from neurosim.modifiers.columns import copy_block, copy_lanes
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.stepped_charge import stepped_charge
from neurosim.modifiers.substeps import BLOCK, SCRATCH, STEP, row_facts, stepped_advance

ITERATIONS = 200  # bisections alone need 60 from 1 V to rounding
NEAR, ROUNDING = 1e-9, 4e-16  # of the terminal voltage: last step by Newton, by bisection
NEAR_STEP = 1e-6  # the same while states move: what is left is below 1e-10 and counts as nothing there
I_NOW, G_NOW, I_DEV, G_DEV, LOW, HIGH, GOES = range(1, SCRATCH)  # rows of a scratch; the first is that of ``STEP``
SlowElement = Callable[[float, float, float], float]


@functools.cache
def device_voltage(current: Kernel, element: Kernel, a_row: int, b_row: int) -> Kernel:
    """Return the solver of (1) for lanes: (state, drive, params, scratch, v, near, start, stop).

    ``drive`` holds a guess and gets v_dev; rows ``I_DEV``, ``G_DEV`` of the scratch get current and slope of the device there.
    A lane that is done does not change while others go on.
    """

    @scalar_kernel
    def solve(s, d, p, t, v, near, start, stop):
        for j in range(start, stop):
            guess, terminal = d[0, j], v[j]
            t[LOW, j], t[HIGH, j], t[GOES, j] = min(0.0, terminal), max(0.0, terminal), 1.0
            d[0, j] = guess if t[LOW, j] <= guess <= t[HIGH, j] else terminal
        for _ in range(ITERATIONS):
            current(s, d, p, t[I_NOW], t[G_NOW], start, stop)
            going = 0.0
            for j in range(start, stop):
                u, i, g, goes = d[0, j], t[I_NOW, j], t[G_NOW, j], t[GOES, j] > 0.0
                drop, slope = element(i, p[a_row, j], p[b_row, j])
                excess = u + drop - v[j]
                above = excess > 0.0
                low, high = t[LOW, j] if above else u, u if above else t[HIGH, j]
                later = u - excess / (1.0 + slope * g)
                newton = low <= later <= high
                later = later if newton else 0.5 * (low + high)
                moved = later - u
                close = abs(moved) <= (near if newton else ROUNDING) * abs(v[j])
                t[LOW, j], t[HIGH, j] = low, high
                t[I_DEV, j] = (i + g * moved if close else i) if goes else t[I_DEV, j]
                t[G_DEV, j] = g if goes else t[G_DEV, j]
                d[0, j] = later if goes else u
                still = 1.0 if goes and not close else 0.0
                t[GOES, j] = still
                going += still
            if going == 0.0:
                break

    return solve


@functools.cache
def _current(inner: Kernel, element: Kernel, shape: tuple[int, int, int], a_row: int, b_row: int) -> Kernel:
    n_state, n_param, _ = shape
    solve = device_voltage(inner, element, a_row, b_row)

    @kernel(CURRENT)
    def current(state, drive, params, current, slope, start, stop):
        """Write i [A] and di/dv [S] at the terminals."""
        s, p, d, t = (np.empty((n_state, BLOCK)), np.empty((n_param, BLOCK)), np.empty((1, BLOCK)), np.empty((SCRATCH, BLOCK)))
        for begin in range(start, stop, BLOCK):
            count = min(BLOCK, stop - begin)
            copy_block(state, begin, s, count)
            copy_block(params, begin, p, count)
            copy_block(drive, begin, d, count)
            solve(s, d, p, t, drive[0, begin:begin + count], NEAR, 0, count)
            for j in range(count):
                _, r = element(t[I_DEV, j], p[a_row, j], p[b_row, j])
                current[begin + j] = t[I_DEV, j]
                slope[begin + j] = t[G_DEV, j] / (1.0 + r * t[G_DEV, j])

    return current


@functools.cache
def _conductance(inner: Kernel, element: Kernel, a_row: int, b_row: int) -> Kernel:
    @kernel(CONDUCTANCE)
    def conductance(state, params, out, start, stop):
        """Write the small-signal conductance of both [S]."""
        inner(state, params, out, start, stop)
        g, a, b = out[start:stop], params[a_row, start:stop], params[b_row, start:stop]
        for j in range(stop - start):
            _, r = element(0.0, a[j], b[j])
            g[j] /= 1.0 + r * g[j]

    return conductance


@functools.cache
def _rate(inner: Kernel, inner_current: Kernel, element: Kernel, shape: tuple[int, int, int], a_row: int,
          b_row: int) -> Kernel:
    n_state, n_param, _ = shape
    solve = device_voltage(inner_current, element, a_row, b_row)

    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dx/dt [1/s] at v_dev."""
        s, p, d, t = (np.empty((n_state, BLOCK)), np.empty((n_param, BLOCK)), np.empty((1, BLOCK)), np.empty((SCRATCH, BLOCK)))
        dx = np.empty((n_state, BLOCK))
        for begin in range(start, stop, BLOCK):
            count = min(BLOCK, stop - begin)
            copy_block(state, begin, s, count)
            copy_block(params, begin, p, count)
            copy_block(drive, begin, d, count)
            solve(s, d, p, t, drive[0, begin:begin + count], NEAR, 0, count)
            inner(s, d, p, dx, 0, count)
            for row in range(n_state):
                for j in range(count):
                    out[row, begin + j] = dx[row, j]

    return rate


@functools.cache
def _step(advance: Kernel, current: Kernel, element: Kernel, a_row: int, b_row: int) -> Kernel:
    solve = device_voltage(current, element, a_row, b_row)

    @kernel(STEP)
    def step(s, d, t, p, z, quiet, work, v, h, start, stop):
        """Move devices by the midpoint rule."""
        for j in range(start, stop):
            d[0, j], t[0, j] = v[j], 0.5 * h[j]
        solve(s, d, p, t, v, NEAR_STEP, start, stop)
        copy_lanes(s, work, start, stop)
        advance(work, d, p, quiet, t[0], start, stop)
        solve(work, d, p, t, v, NEAR_STEP, start, stop)
        for j in range(start, stop):
            t[0, j] = h[j]
        advance(s, d, p, z, t[0], start, stop)

    return step


def build_in_series(layer: Layer, element: Kernel, slow_element: SlowElement, a_row: int, b_row: int) -> DeviceModel:
    """Return the model with an element of the parameters in rows ``a_row`` and ``b_row`` in series."""
    inner = layer.inner
    names = [spec.name for spec in (*inner.params, *layer.params)]
    a_name, b_name = names[a_row], names[b_row]
    shape = len(inner.states), len(names), len(inner.noises)
    own_current, own_advance = inner.require("current"), inner.require("advance")
    slow_current, slow_rate, slow_conductance = (inner.twins.get(role) for role in ("current", "rate", "conductance"))

    def slow_voltage(state: Sequence[float], v: float, params: Mapping[str, float]) -> float:
        assert slow_current is not None
        low, high = min(v, 0.0), max(v, 0.0)
        for _ in range(200):
            u = 0.5 * (low + high)
            drop = slow_element(slow_current(state, [u], params)[0], params[a_name], params[b_name])
            low, high = (low, u) if u + drop > v else (u, high)
        return u

    def twin_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return [i] of one device in plain Python."""
        assert slow_current is not None
        return slow_current(state, [slow_voltage(state, drive[0], params)], params)

    def twin_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return dx/dt of one device in plain Python."""
        assert slow_rate is not None
        return slow_rate(state, [slow_voltage(state, drive[0], params)], params)

    def twin_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return [di/dv at v = 0] of one device in plain Python."""
        assert slow_conductance is not None
        g, tiny = slow_conductance(state, params)[0], 1e-9 * params[a_name]
        r = slow_element(tiny, params[a_name], params[b_name]) / tiny if a_name != b_name else params[a_name]
        return [1.0 / (1.0 / g + r)]

    twins: dict[str, Any] = {"current": twin_current if slow_current else None, "advance": None, "charge": None,
                             "rate": twin_rate if slow_rate and slow_current else None,
                             "conductance": twin_conductance if slow_conductance else None}
    step = _step(own_advance, own_current, element, a_row, b_row)
    scales, lows, highs, writes = row_facts(inner)
    current = _current(own_current, element, shape, a_row, b_row)
    return layer.extended(
        twins=twins, current=current, conductance=_conductance(inner.require("conductance"), element, a_row, b_row),
        rate=_rate(inner.rate, own_current, element, shape, a_row, b_row),
        advance=stepped_advance(step, own_advance, shape, scales, lows, highs, writes, inner.resting, direct=True),
        charge=stepped_charge(step, current, shape, scales, lows, highs, inner.dead_zone, direct=True))
