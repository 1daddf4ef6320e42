"""1/f noise: ln G carries a sum of Ornstein-Uhlenbeck processes whose time constants are spaced evenly in log time.

States u_1 ... u_K, each of unit variance, with tau_k from 1 / (2 pi f_2) to 1 / (2 pi f_1):

    u_k <- u_k exp(-dt / tau_k) + sqrt(1 - exp(-2 dt / tau_k)) z_k     exact in law for any dt          (1)
    G exp(sum_k sigma u_k - K sigma^2 / 2),   sigma^2 = A ln(f_2 / f_1) / (K - 1)                       (2)

Between the corners the one-sided spectrum of ln G is A / f, with a ripple of 0.5 dB from peak to peak at one state per decade
and 0.1 dB at two. The mean of G stays. Keep the corners a decade outside the band of interest; the slope is -1 in between.
In a population each u_k begins as a standard normal number, so that the noise is stationary from the first read.

References
----------
J. Bernamont, Annales de Physique 7, 71 (1937) (1/f noise as a sum of relaxations).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from neurosim.device import DeviceModel, Kernel, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, RATE
from neurosim.kernels.vmath import exp, expm1, log
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.moving import Normals, also, moving_twins
from neurosim.modifiers.scaled import FACTOR, scaled_kernels

TWO_PI = 6.283185307179586


@scalar_kernel
def relaxation_rate(low, high, k, last):
    """Return 1 / tau_k [1/s], geometric between the two corners [Hz]."""
    return TWO_PI * high * exp(-log(high / low) * k / last)


@functools.cache
def _rate(inner: Kernel, first: int, count: int, low_row: int, high_row: int) -> Kernel:
    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dx/dt [1/s]: without noise each u_k decays."""
        inner(state, drive, params, out, start, stop)
        low, high = params[low_row, start:stop], params[high_row, start:stop]
        for k in range(count):
            u, du = state[first + k, start:stop], out[first + k, start:stop]
            for j in range(stop - start):
                du[j] = -u[j] * relaxation_rate(low[j], high[j], k, count - 1)

    return rate


@functools.cache
def _advance(inner: Kernel, first: int, first_noise: int, count: int, low_row: int, high_row: int) -> Kernel:
    @kernel(ADVANCE)
    def advance(state, drive, params, noise, duration, start, stop):
        """Step the inner device, then every u_k by (1)."""
        inner(state, drive, params, noise, duration, start, stop)
        low, high, dt = params[low_row, start:stop], params[high_row, start:stop], duration[start:stop]
        for k in range(count):
            u, z = state[first + k, start:stop], noise[first_noise + k, start:stop]
            for j in range(stop - start):
                lost = expm1(-dt[j] * relaxation_rate(low[j], high[j], k, count - 1))
                u[j] += u[j] * lost + math.sqrt(-lost * (2.0 + lost)) * z[j]

    return advance


@functools.cache
def _factor(first: int, count: int, amplitude_row: int, low_row: int, high_row: int) -> Kernel:
    @kernel(FACTOR)
    def factor(state, params, g, out, start, stop):
        """Write the factor of (2)."""
        amplitude, low, high = params[amplitude_row, start:stop], params[low_row, start:stop], params[high_row, start:stop]
        out[:] = 0.0
        for k in range(count):
            u = state[first + k, start:stop]
            for j in range(stop - start):
                out[j] += u[j]
        for j in range(stop - start):
            variance = amplitude[j] * log(high[j] / low[j]) / (count - 1)
            variance = variance if variance > 0.0 else 0.0
            out[j] = exp(math.sqrt(variance) * out[j] - 0.5 * count * variance)

    return factor


def build(layer: Layer) -> DeviceModel:
    """Return the model with 1/f noise."""
    layer.require_order("frequency_low", "frequency_high")
    inner, first, key, count = layer.inner, layer.state_row, layer.key, int(layer.options["states"])

    def slow_rates(params: Mapping[str, float]) -> list[float]:
        low, high = params[key("frequency_low")], params[key("frequency_high")]
        return [2.0 * math.pi * high * (low / high) ** (k / (count - 1)) for k in range(count)]

    def slow_rate(v: float, own: Sequence[float], params: Mapping[str, float]) -> list[float]:
        return [-u * r for u, r in zip(own, slow_rates(params), strict=True)]

    def slow_advance(v: float, own: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                     duration: float) -> list[float]:
        return [u * math.exp(-r * duration) + math.sqrt(-math.expm1(-2.0 * r * duration)) * z
                for u, r, z in zip(own, slow_rates(params), noise, strict=True)]

    def slow_factor(state: Sequence[float], params: Mapping[str, float], g: float) -> float:
        span = math.log(params[key("frequency_high")] / params[key("frequency_low")])
        variance = params[key("amplitude")] * span / (count - 1)
        return math.exp(math.sqrt(variance) * sum(state[first:first + count]) - 0.5 * count * variance)

    def start(state: np.ndarray, params: np.ndarray, normal: Normals) -> None:
        for k in range(count):
            state[first + k] = normal(f"{layer.prefix} {k}")

    rows = layer.row("frequency_low"), layer.row("frequency_high")
    kernels = scaled_kernels(inner, _factor(first, count, layer.row("amplitude"), *rows), slow_factor)
    kernels["twins"] |= moving_twins(inner, slow_rate, slow_advance)
    return layer.extended(
        **kernels,
        states=tuple(StateSpec(f"{layer.prefix}_u{k + 1}", "", -math.inf, math.inf, 0.0, "relaxation of unit variance")
                     for k in range(count)),
        noises=tuple(f"{layer.prefix}_u{k + 1}" for k in range(count)), start=also(inner, start),
        rate=_rate(inner.rate, first, count, *rows),
        advance=_advance(inner.require("advance"), first, layer.noise_row, count, *rows))
