"""Self-heating: the device warms by its own power, moves faster and conducts otherwise (:mod:`neurosim.modifiers.arrhenius`).

State h, the temperature above ambient, T = T_a + h:

    tau dh/dt = R_th v i(x, v, T) - h,     dx/dt = f(x, v) exp(-E_a/k (1/T - 1/T_ref))                  (1)

The inner motion at a given T is its own law over a longer or shorter time; T is the mean over the sub-step, in closed form for
the power at its middle. Then h follows a power that goes linearly from that at the start to that at the end, in closed form
too. So sub-steps (:mod:`neurosim.modifiers.substeps`) may be far below tau, where heat is stored, or far above, where T
follows the power. Thermal runaway ends at ``HOTTEST``, where a device is gone.
Heat that flows to neighbours is left out: an array needs a network of thermal conductances.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from neurosim.device import DeviceModel, Kernel, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, DEAD_ZONE, RATE
from neurosim.kernels.vmath import expm1
from neurosim.modifiers.arrhenius import conduction, slow_conduction, slow_speed, speed
from neurosim.modifiers.columns import copy_block, copy_lanes
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.scaled import FACTOR, scaled_kernels
from neurosim.modifiers.stepped_charge import stepped_charge
from neurosim.modifiers.substeps import BLOCK, SCRATCH, STEP, row_facts, stepped_advance

HOTTEST = 5000.0  # K above ambient
FLOW, SLOPE, BEFORE, FIRST, MIDDLE, LAST = range(1, 7)  # rows of a scratch; the first is that of ``STEP``
SCALE = 100.0  # K: errors of the temperature are measured in it


@functools.cache
def rest_rise(current: Kernel, h_row: int, rows: tuple[int, ...]) -> Kernel:
    """Return (state, drive, params, i, g, out, start, stop): out is R_th v i [K], at which the present power would hold it."""
    t_row, r_row, _, a_row, g_row, heat_row, _ = rows

    @scalar_kernel
    def rise(s, d, p, i, g, out, start, stop):
        current(s, d, p, i, g, start, stop)
        for j in range(start, stop):
            share = conduction(p[t_row, j] + s[h_row, j], p[r_row, j], p[a_row, j], p[g_row, j])
            held = p[heat_row, j] * d[0, j] * i[j] * share
            out[j] = held if held < HOTTEST else HOTTEST

    return rise


@scalar_kernel
def mean_decay(x):
    """Return the mean of exp(-x u) over u from 0 to 1."""
    return -math.expm1(-x) / x if x > 1e-12 else 1.0


@functools.cache
def _rate(inner: Kernel, current: Kernel, shape: tuple[int, int], h_row: int, rows: tuple[int, ...]) -> Kernel:
    n_state, n_param = shape
    t_row, r_row, e_row, _, _, _, tau_row = rows
    rise = rest_rise(current, h_row, rows)

    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dx/dt [1/s] and dh/dt [K/s] of (1)."""
        s, p, d, dx = (np.empty((n_state, BLOCK)), np.empty((n_param, BLOCK)), np.empty((1, BLOCK)), np.zeros((n_state, BLOCK)))
        t = np.empty((SCRATCH, BLOCK))
        for begin in range(start, stop, BLOCK):
            count = min(BLOCK, stop - begin)
            copy_block(state, begin, s, count)
            copy_block(params, begin, p, count)
            copy_block(drive, begin, d, count)
            rise(s, d, p, t[FLOW], t[SLOPE], t[FIRST], 0, count)
            inner(s, d, p, dx, 0, count)
            for j in range(count):
                faster = speed(p[t_row, j] + s[h_row, j], p[r_row, j], p[e_row, j])
                for row in range(h_row):
                    out[row, begin + j] = dx[row, j] * faster
                out[h_row, begin + j] = (t[FIRST, j] - s[h_row, j]) / p[tau_row, j]

    return rate


@functools.cache
def _step(advance: Kernel, current: Kernel, h_row: int, rows: tuple[int, ...]) -> Kernel:
    t_row, r_row, e_row, _, _, _, tau_row = rows
    rise = rest_rise(current, h_row, rows)

    @kernel(STEP)
    def step(s, d, t, p, z, quiet, work, v, h, start, stop):
        """Move devices by the midpoint rule."""
        copy_lanes(s, work, start, stop)
        for j in range(start, stop):
            d[0, j], t[BEFORE, j] = v[j], s[h_row, j]
        rise(s, d, p, t[FLOW], t[SLOPE], t[FIRST], start, stop)
        for j in range(start, stop):
            half, first, before, tau = 0.5 * h[j], t[FIRST, j], t[BEFORE, j], p[tau_row, j]
            warm = p[t_row, j] + first + (before - first) * mean_decay(half / tau)
            t[0, j] = half * speed(warm, p[r_row, j], p[e_row, j])
        advance(work, d, p, quiet, t[0], start, stop)
        for j in range(start, stop):
            first, before, tau = t[FIRST, j], t[BEFORE, j], p[tau_row, j]
            work[h_row, j] = first + (before - first) * math.exp(-0.5 * h[j] / tau)
        rise(work, d, p, t[FLOW], t[SLOPE], t[MIDDLE], start, stop)
        for j in range(start, stop):
            middle, before, tau = t[MIDDLE, j], t[BEFORE, j], p[tau_row, j]
            warm = p[t_row, j] + middle + (before - middle) * mean_decay(h[j] / tau)
            t[0, j] = h[j] * speed(warm, p[r_row, j], p[e_row, j])
        advance(s, d, p, z, t[0], start, stop)
        for j in range(start, stop):
            s[h_row, j] = t[MIDDLE, j] + (t[BEFORE, j] - t[MIDDLE, j]) * math.exp(-h[j] / p[tau_row, j])
        rise(s, d, p, t[FLOW], t[SLOPE], t[LAST], start, stop)
        for j in range(start, stop):
            left, mean = math.exp(-h[j] / p[tau_row, j]), mean_decay(h[j] / p[tau_row, j])
            s[h_row, j] = left * t[BEFORE, j] + (mean - left) * t[FIRST, j] + (1.0 - mean) * t[LAST, j]

    return step


@functools.cache
def _steady_zone(inner: Kernel, a_row: int, g_row: int) -> Kernel:
    @kernel(DEAD_ZONE)
    def steady_zone(params, lowest, highest, start, stop):
        """Write the voltages [V] at which the power does not change: nothing moves, and it does not depend on the heat."""
        inner(params, lowest, highest, start, stop)
        for k in range(start, stop):
            if params[a_row, k] != 0.0 or params[g_row, k] != 0.0:
                still = lowest[k] <= 0.0 <= highest[k]
                lowest[k], highest[k] = (0.0, 0.0) if still else (math.inf, -math.inf)

    return steady_zone


@functools.cache
def _warm(current: Kernel, h_row: int, heat_row: int, tau_row: int) -> Kernel:
    @kernel(ADVANCE)
    def warm(state, drive, params, noise, duration, start, stop):
        """Approach the rise at which a steady power holds the temperature, in closed form."""
        flow, slope = np.empty(stop), np.empty(stop)
        current(state, drive, params, flow, slope, start, stop)
        h, v, i, dt = state[h_row, start:stop], drive[0, start:stop], flow[start:stop], duration[start:stop]
        heat, tau = params[heat_row, start:stop], params[tau_row, start:stop]
        for j in range(stop - start):
            held = heat[j] * v[j] * i[j]
            held = held if held < HOTTEST else HOTTEST
            h[j] -= (held - h[j]) * expm1(-dt[j] / tau[j])

    return warm


@functools.cache
def _factor(h_row: int, t_row: int, r_row: int, a_row: int, e_row: int) -> Kernel:
    @kernel(FACTOR)
    def factor(state, params, g, out, start, stop):
        """Write the factor of the current at the device's temperature."""
        h, t, reference = state[h_row, start:stop], params[t_row, start:stop], params[r_row, start:stop]
        coefficient, energy = params[a_row, start:stop], params[e_row, start:stop]
        for j in range(stop - start):
            out[j] = conduction(t[j] + h[j], reference[j], coefficient[j], energy[j])

    return factor


def build(layer: Layer) -> DeviceModel:
    """Return the model that warms itself."""
    inner, h_row, key, prefix = layer.inner, layer.state_row, layer.key, layer.prefix
    rows = tuple(layer.row(name) for name in ("ambient", "reference", "activation_energy", "resistance_coefficient",
                                              "conduction_energy", "thermal_resistance", "thermal_time"))
    own_current, own_advance = inner.require("current"), inner.require("advance")
    slow_rate, slow_current = inner.twins.get("rate"), inner.twins.get("current")

    def slow_factor(state: Sequence[float], params: Mapping[str, float], g: float) -> float:
        return slow_conduction(params[key("ambient")] + state[h_row], params, prefix)

    def twin_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return dx/dt and dh/dt of one device in plain Python."""
        assert slow_rate is not None
        assert slow_current is not None
        own, rest = state[:h_row], state[h_row]
        faster = slow_speed(params[key("ambient")] + rest, params, prefix)
        power = drive[0] * slow_current(own, drive, params)[0] * slow_factor(state, params, 0.0)
        return [*(faster * dx for dx in slow_rate(own, drive, params)),
                (min(HOTTEST, params[key("thermal_resistance")] * power) - rest) / params[key("thermal_time")]]

    own = StateSpec(f"{prefix}_rise", "K", 0.0, math.inf, 0.0, "temperature above ambient", SCALE)
    step = _step(own_advance, own_current, h_row, rows)
    shape = h_row + 1, len(inner.params) + len(layer.params), len(inner.noises)
    scales, lows, highs, writes = row_facts(inner)
    if not inner.states:
        scales, lows, highs = (), (), ()
    scales, lows, highs = (*scales, own.scale), (*lows, own.low), (*highs, own.high)
    kernels = scaled_kernels(inner, _factor(h_row, *rows[:2], *rows[3:5]), slow_factor)
    kernels["twins"] |= {"rate": twin_rate if slow_rate and slow_current else None, "advance": None}
    steady = inner.dead_zone and _steady_zone(inner.dead_zone, *rows[3:5])
    kernels["charge"] = stepped_charge(step, kernels["current"], shape, scales, lows, highs, steady)
    return layer.extended(
        **kernels, states=(own,), rest_zone=None, rate=_rate(inner.rate, own_current, shape[:2], h_row, rows),
        advance=stepped_advance(step, own_advance, shape, scales, lows, highs, writes,
                                steady, _warm(own_current, h_row, *rows[-2:])))
