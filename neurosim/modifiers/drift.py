"""Drift: the conductance decays as a power of the time since the last write, as in amorphous phase-change material.

    G (1 + t / t_0)^-nu = G exp(-nu a),   a = ln(1 + t / t_0)                                           (1)

State a, in closed form for any waiting time (:mod:`neurosim.modifiers.clock`). Give nu a spread by its handle: devices differ
in it. The drift of a partial write starts anew for the part that was rewritten. Negative nu is a conductance that grows.

References
----------
S. R. Nandakumar et al., ICECS 2019, doi:10.1109/ICECS46596.2019.8964852 (law and t_0 = 20 s).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, Kernel, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, RATE
from neurosim.kernels.vmath import exp
from neurosim.modifiers.clock import age_rate, aged, aging_zone, slow_age_rate, slow_aged, write_threshold
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.moving import moving_twins
from neurosim.modifiers.scaled import FACTOR, scaled_kernels


@functools.cache
def _rate(inner: Kernel, a_row: int, t_row: int, v_row: int, w_row: int) -> Kernel:
    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dx/dt and da/dt [1/s]."""
        inner(state, drive, params, out, start, stop)
        a, v, da = state[a_row, start:stop], drive[0, start:stop], out[a_row, start:stop]
        t_0, v_write, renew = params[t_row, start:stop], params[v_row, start:stop], params[w_row, start:stop]
        for j in range(stop - start):
            da[j] = age_rate(a[j], v[j], t_0[j], v_write[j], renew[j])

    return rate


@functools.cache
def _advance(inner: Kernel, a_row: int, t_row: int, v_row: int, w_row: int) -> Kernel:
    @kernel(ADVANCE)
    def advance(state, drive, params, noise, duration, start, stop):
        """Step the inner device and its age, exactly."""
        inner(state, drive, params, noise, duration, start, stop)
        a, v, dt = state[a_row, start:stop], drive[0, start:stop], duration[start:stop]
        t_0, v_write, renew = params[t_row, start:stop], params[v_row, start:stop], params[w_row, start:stop]
        for j in range(stop - start):
            a[j] = aged(a[j], v[j], dt[j], t_0[j], v_write[j], renew[j])

    return advance


@functools.cache
def _factor(a_row: int, nu_row: int) -> Kernel:
    @kernel(FACTOR)
    def factor(state, params, g, out, start, stop):
        """Write exp(-nu a)."""
        a, nu = state[a_row, start:stop], params[nu_row, start:stop]
        for j in range(stop - start):
            out[j] = exp(-nu[j] * a[j])

    return factor


derived = write_threshold


def build(layer: Layer) -> DeviceModel:
    """Return the model with drift."""
    inner, a_row, key = layer.inner, layer.state_row, layer.key
    clock = tuple(key(name) for name in ("time", "v_write", "renew_time"))

    def slow_rate(v: float, own: Sequence[float], params: Mapping[str, float]) -> list[float]:
        return [slow_age_rate(own[0], v, *(params[name] for name in clock))]

    def slow_advance(v: float, own: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                     duration: float) -> list[float]:
        return [slow_aged(own[0], v, duration, *(params[name] for name in clock))]

    def slow_factor(state: Sequence[float], params: Mapping[str, float], g: float) -> float:
        return math.exp(-params[key("nu")] * state[a_row])

    rows = tuple(layer.row(name) for name in ("time", "v_write", "renew_time"))
    kernels = scaled_kernels(inner, _factor(a_row, layer.row("nu")), slow_factor)
    kernels["twins"] |= moving_twins(inner, slow_rate, slow_advance)
    return layer.extended(
        **kernels,
        states=(StateSpec(f"{layer.prefix}_age", "", 0.0, math.inf, 0.0, "ln(1 + time since the last write / t_0)"),),
        rest_zone=aging_zone(inner.resting, rows[1]),
        rate=_rate(inner.rate, a_row, *rows),
        advance=_advance(inner.require("advance"), a_row, *rows))
