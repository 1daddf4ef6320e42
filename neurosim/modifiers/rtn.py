"""Random telegraph noise: one trap that takes a share of the conductance while it is full.

State s: 0 empty, 1 full. It fills at the rate 1 / tau_c and empties at 1 / tau_e; with L = 1/tau_c + 1/tau_e and
p = (1 / tau_c) / L, a step of any length flips it with the probability

    p (1 - exp(-L dt)) where it is empty,  (1 - p) (1 - exp(-L dt)) where it is full                    (1)

which is exact in law: splitting the step changes nothing. The conductance is G (1 - a s), a = min(1, k (G_0 / G)^m); with m = 0
the variance is (a G)^2 p (1 - p), the one-sided spectrum a Lorentzian with the corner L / 2 pi:

    S(f) = 4 (a G)^2 / {(tau_c + tau_e) [L^2 + (2 pi f)^2]}                                             (2)

A normal number becomes uniform as the fractional part of four times itself, to exp(-2 pi^2 4^2) = 1e-137; zero (a quiet
step) never flips. The trap is a jump, so its ``rate`` is zero. It does not feel the voltage. In a population each trap begins
full with the probability p.

References
----------
S. Machlup, J. Appl. Phys. 25, 341 (1954), doi:10.1063/1.1721637 (spectrum (2)).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import ndtr

from neurosim.device import DeviceModel, Kernel, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, RATE
from neurosim.kernels.vmath import expm1, power
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.moving import Normals, also, moving_twins
from neurosim.modifiers.scaled import FACTOR, scaled_kernels


@functools.cache
def _rate(inner: Kernel, s_row: int) -> Kernel:
    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dx/dt [1/s]: a jump is no rate."""
        inner(state, drive, params, out, start, stop)
        out[s_row, start:stop] = 0.0

    return rate


@functools.cache
def _advance(inner: Kernel, s_row: int, z_row: int, capture_row: int, emission_row: int) -> Kernel:
    @kernel(ADVANCE)
    def advance(state, drive, params, noise, duration, start, stop):
        """Step the inner device, then flip the trap by (1)."""
        inner(state, drive, params, noise, duration, start, stop)
        s, z, dt = state[s_row, start:stop], noise[z_row, start:stop], duration[start:stop]
        capture, emission = params[capture_row, start:stop], params[emission_row, start:stop]
        for j in range(stop - start):
            fill, empty = 1.0 / capture[j], 1.0 / emission[j]
            full = s[j] >= 0.5
            flip = (empty if full else fill) / (fill + empty) * -expm1(-(fill + empty) * dt[j])
            u = 4.0 * z[j] - math.floor(4.0 * z[j])
            s[j] = 1.0 - s[j] if 0.0 < u < flip else s[j]

    return advance


@functools.cache
def _factor(s_row: int, k_row: int, m_row: int, g_row: int) -> Kernel:
    @kernel(FACTOR)
    def factor(state, params, g, out, start, stop):
        """Write 1 - a s."""
        s, k = state[s_row, start:stop], params[k_row, start:stop]
        m, g_0 = params[m_row, start:stop], params[g_row, start:stop]
        for j in range(stop - start):
            a = k[j] * power(g_0[j] / g[j], m[j])
            out[j] = 1.0 - (1.0 if a > 1.0 else a) * s[j]

    return factor


def build(layer: Layer) -> DeviceModel:
    """Return the model with one trap."""
    inner, s_row, key = layer.inner, layer.state_row, layer.key

    def slow_rate(v: float, own: Sequence[float], params: Mapping[str, float]) -> list[float]:
        return [0.0]

    def slow_advance(v: float, own: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                     duration: float) -> list[float]:
        fill, empty = 1.0 / params[key("capture_time")], 1.0 / params[key("emission_time")]
        flip = (empty if own[0] >= 0.5 else fill) / (fill + empty) * (1.0 - math.exp(-(fill + empty) * duration))
        return [1.0 - own[0] if 0.0 < (4.0 * noise[0]) % 1.0 < flip else own[0]]

    def slow_factor(state: Sequence[float], params: Mapping[str, float], g: float) -> float:
        ratio = params[key("reference_conductance")] / g if g > 0.0 else math.inf
        a = params[key("amplitude")] * ratio ** params[key("exponent")]
        return 1.0 - min(1.0, a) * state[s_row]

    def start(state: np.ndarray, params: np.ndarray, normal: Normals) -> None:
        capture, emission = params[layer.row("capture_time")], params[layer.row("emission_time")]
        state[s_row] = ndtr(normal(layer.prefix)) < emission / (capture + emission)

    factor = _factor(s_row, layer.row("amplitude"), layer.row("exponent"), layer.row("reference_conductance"))
    kernels = scaled_kernels(inner, factor, slow_factor)
    kernels["twins"] |= moving_twins(inner, slow_rate, slow_advance)
    return layer.extended(
        **kernels,
        states=(StateSpec(f"{layer.prefix}_trap", "", 0.0, 1.0, 0.0, "0 empty, 1 full"),),
        noises=(layer.prefix,),
        start=also(inner, start),
        rate=_rate(inner.rate, s_row),
        advance=_advance(inner.require("advance"), s_row, layer.noise_row, layer.row("capture_time"),
                         layer.row("emission_time")))
