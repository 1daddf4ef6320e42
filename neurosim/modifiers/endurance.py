"""Endurance: the window closes with the number of cycles a device has gone through.

State n, cycles: half the way that the first state x has travelled, in units of its range,

    dn/dt = |dx/dt| / (2 range),                                                                        (1)

so that small pulses wear in proportion. Beyond n_th cycles the logarithm of every conductance goes towards that of a worn-out
device, by p decades per decade of cycles, from above and from below, until it is reached:

    |log10(G / G_f)| -> max(0, |log10(G / G_f)| - p log10(n / n_th))                                    (2)

At frozen voltage x moves one way, so (1) is the distance between its ends, exactly; with write noise it is the distance seen.
A large p is a sudden end. n_th and p depend on stress and temperature in a way that this law does not know.

References
----------
C. Lammie, M. Rahimi Azghadi, D. Ielmini, Semicond. Sci. Technol. 36, 065003 (2021), doi:10.1088/1361-6641/abf29d (log10 R
linear in log10 n beyond an onset; their onset and slope depend on device size and temperature, here they are parameters).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from neurosim.conductance import conductance_at_bounds
from neurosim.device import DeviceModel, Kernel, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, RATE
from neurosim.kernels.vmath import exp, log
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.scaled import FACTOR, scaled_kernels

SMALLEST = 1e-300  # S


@functools.cache
def _rate(inner: Kernel, n_row: int, span: float) -> Kernel:
    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dx/dt and dn/dt [1/s]."""
        inner(state, drive, params, out, start, stop)
        dx, dn = out[0, start:stop], out[n_row, start:stop]
        for j in range(stop - start):
            dn[j] = abs(dx[j]) / (2.0 * span)

    return rate


@functools.cache
def _advance(inner: Kernel, n_row: int, span: float) -> Kernel:
    @kernel(ADVANCE)
    def advance(state, drive, params, noise, duration, start, stop):
        """Step the inner device and count how far it went."""
        x, n = state[0, start:stop], state[n_row, start:stop]
        before = x.copy()
        inner(state, drive, params, noise, duration, start, stop)
        for j in range(stop - start):
            n[j] += abs(x[j] - before[j]) / (2.0 * span)

    return advance


@functools.cache
def _factor(n_row: int, onset_row: int, slope_row: int, fail_row: int) -> Kernel:
    @kernel(FACTOR)
    def factor(state, params, g, out, start, stop):
        """Write the factor that takes G to (2)."""
        n, onset = state[n_row, start:stop], params[onset_row, start:stop]
        slope, fail = params[slope_row, start:stop], params[fail_row, start:stop]
        for j in range(stop - start):
            worn = n[j] / onset[j]
            worn = log(worn if worn > 1.0 else 1.0) * slope[j]
            distance = log((g[j] if g[j] > SMALLEST else SMALLEST) / fail[j])
            lost = worn if worn < abs(distance) else abs(distance)
            out[j] = exp(-lost if distance > 0.0 else lost)

    return factor


def derived(model: DeviceModel, params: np.ndarray) -> tuple[float]:
    """Return the geometric mean of the window [S]: where a device ends unless it is said."""
    low, high = (float(g[0]) for g in conductance_at_bounds(model, params))
    return (math.sqrt(low * high) if low * high > 0.0 else 0.5 * (low + high),)


def build(layer: Layer) -> DeviceModel:
    """Return the model that wears out."""
    inner, n_row, key = layer.inner, layer.state_row, layer.key
    spec = inner.states[0]
    span = spec.high - spec.low if math.isfinite(spec.high - spec.low) else spec.scale
    slow_rate, slow_advance, count = inner.twins.get("rate"), inner.twins.get("advance"), len(inner.states)

    def twin_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return dx/dt and dn/dt of one device in plain Python."""
        assert slow_rate is not None
        inner_rates = slow_rate(state[:count], drive, params)
        return [*inner_rates, abs(inner_rates[0]) / (2.0 * span)]

    def twin_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                     duration: float) -> list[float]:
        """Return the states of one device after ``duration`` in plain Python."""
        assert slow_advance is not None
        later = slow_advance(state[:count], drive, params, noise, duration)
        return [*later, state[count] + abs(later[0] - state[0]) / (2.0 * span)]

    def slow_factor(state: Sequence[float], params: Mapping[str, float], g: float) -> float:
        worn = params[key("slope")] * math.log10(max(1.0, state[n_row] / params[key("onset")]))
        decades = math.log10(g / params[key("fail_conductance")])
        return 10.0 ** (math.copysign(max(0.0, abs(decades) - worn), decades) - decades)

    factor = _factor(n_row, layer.row("onset"), layer.row("slope"), layer.row("fail_conductance"))
    kernels = scaled_kernels(inner, factor, slow_factor)
    kernels["twins"] |= {"rate": twin_rate if slow_rate else None, "advance": twin_advance if slow_advance else None}
    return layer.extended(
        **kernels,
        states=(StateSpec(f"{layer.prefix}_cycles", "", 0.0, math.inf, 0.0, "full cycles that the device has gone through"),),
        rate=_rate(inner.rate, n_row, span),
        advance=_advance(inner.require("advance"), n_row, span))
