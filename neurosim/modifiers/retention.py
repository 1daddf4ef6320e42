"""Retention: the first state goes back to a rest while nobody writes it.

    x -> x_rest + (x - x_rest) exp(-(t / tau)^beta),   t = time since the last write                    (1)

as a law in time dx/dt = f(x, v) + (beta / tau) (t / tau)^(beta - 1) (x_rest - x), with the age in log time
(:mod:`neurosim.modifiers.clock`): waiting at a voltage that does not move the device is one step in closed form, ten years as
well as a second. Where the device moves at the same time, relaxation and motion alternate in sub-steps (Strang). A write that
is short against the renewal time moves x and renews the age in part; the loss before it is not given back.

With beta < 1 the rate of a fresh state is infinite, its integral is not; the rate is taken at an age of at least 1e-12 tau.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, Handle, Kernel, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, RATE
from neurosim.kernels.vmath import expm1, power
from neurosim.modifiers.clock import age_rate, aged, aging_zone, slow_age_rate, write_threshold
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.stepped_charge import stepped_charge
from neurosim.modifiers.substeps import STEP, row_facts, stepped_advance
from neurosim.population import REST_PLACE

YOUNGEST = 1e-12  # of tau


@scalar_kernel
def hazard(age, beta):
    """Return tau times the rate of loss at an age in units of tau."""
    return beta * power(age if age > YOUNGEST else YOUNGEST, beta - 1.0)


@functools.cache
def _rate(inner: Kernel, a_row: int, rows: tuple[int, int, int, int, int], low: float, span: float) -> Kernel:
    tau_row, beta_row, rest_row, v_row, w_row = rows

    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dx/dt and da/dt [1/s]."""
        inner(state, drive, params, out, start, stop)
        x, a, v, dx, da = (state[0, start:stop], state[a_row, start:stop], drive[0, start:stop], out[0, start:stop],
                           out[a_row, start:stop])
        tau, beta, rest = params[tau_row, start:stop], params[beta_row, start:stop], params[rest_row, start:stop]
        v_write, renew = params[v_row, start:stop], params[w_row, start:stop]
        for j in range(stop - start):
            dx[j] += hazard(expm1(a[j]), beta[j]) / tau[j] * (low + span * rest[j] - x[j])
            da[j] = age_rate(a[j], v[j], tau[j], v_write[j], renew[j])

    return rate


@functools.cache
def _rest(a_row: int, rows: tuple[int, int, int, int, int], low: float, span: float) -> Kernel:
    tau_row, beta_row, rest_row, v_row, w_row = rows

    @kernel(ADVANCE)
    def rest(state, drive, params, noise, duration, start, stop):
        """Lose and grow older in closed form where nothing else moves: (1)."""
        x, a, v, dt = state[0, start:stop], state[a_row, start:stop], drive[0, start:stop], duration[start:stop]
        tau, beta, goal = params[tau_row, start:stop], params[beta_row, start:stop], params[rest_row, start:stop]
        v_write, renew = params[v_row, start:stop], params[w_row, start:stop]
        for j in range(stop - start):
            before = a[j]
            a[j] = aged(before, v[j], dt[j], tau[j], v_write[j], renew[j])
            lost = power(expm1(a[j]), beta[j]) - power(expm1(before), beta[j])
            lost = dt[j] / tau[j] if beta[j] == 1.0 else lost
            x[j] -= (low + span * goal[j] - x[j]) * expm1(-lost)

    return rest


@functools.cache
def _step(advance: Kernel, a_row: int, rows: tuple[int, int, int, int, int], low: float, span: float) -> Kernel:
    tau_row, beta_row, rest_row, v_row, w_row = rows

    @scalar_kernel
    def relax(s, p, k, v, h):
        """Lose for ``h`` [s] and grow older: exact at rest, at the middle age while it is written."""
        tau, beta, goal = p[tau_row, k], p[beta_row, k], low + span * p[rest_row, k]
        before = s[a_row, k]
        middle = aged(before, v, 0.5 * h, tau, p[v_row, k], p[w_row, k])
        after = aged(before, v, h, tau, p[v_row, k], p[w_row, k])
        if abs(v) > p[v_row, k]:
            lost = hazard(expm1(middle), beta) * h / tau
        elif beta == 1.0:
            lost = h / tau
        else:
            lost = power(expm1(after), beta) - power(expm1(before), beta)
        s[0, k] -= (goal - s[0, k]) * expm1(-lost)
        s[a_row, k] = after

    @kernel(STEP)
    def step(s, d, t, p, z, quiet, work, v, h, start, stop):
        """Move devices: half of the loss, the inner motion, the other half."""
        for j in range(start, stop):
            relax(s, p, j, v[j], 0.5 * h[j])
            d[0, j], t[0, j] = v[j], h[j]
        advance(s, d, p, z, t[0], start, stop)
        for j in range(start, stop):
            relax(s, p, j, v[j], 0.5 * h[j])

    return step


derived = write_threshold


def build(layer: Layer) -> DeviceModel:
    """Return the model that forgets."""
    inner, a_row, key = layer.inner, layer.state_row, layer.key
    low, span = inner.states[0].low, inner.states[0].high - inner.states[0].low
    rows = (layer.row("time"), layer.row("exponent"), layer.row("rest"), layer.row("v_write"), layer.row("renew_time"))
    slow_rate, count = inner.twins.get("rate"), len(inner.states)
    places = inner.handles[REST_PLACE].params if REST_PLACE in inner.handles else ()

    def twin_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return dx/dt and da/dt of one device in plain Python."""
        assert slow_rate is not None
        tau, beta = params[key("time")], params[key("exponent")]
        moved = slow_rate(state[:count], drive, params)
        pull = beta / tau * max(YOUNGEST, math.expm1(state[count])) ** (beta - 1.0)
        moved[0] += pull * (low + span * params[key("rest")] - state[0])
        return [*moved, slow_age_rate(state[count], drive[0], tau, params[key("v_write")], params[key("renew_time")])]

    own = StateSpec(f"{layer.prefix}_age", "", 0.0, math.inf, 0.0, "ln(1 + time since the last write / tau)")
    step = _step(inner.require("advance"), a_row, rows, low, span)
    shape = count + 1, len(inner.params) + len(layer.params), len(inner.noises)
    scales, lows, highs, writes = row_facts(inner)
    scales, lows, highs = (*scales, own.scale), (*lows, own.low), (*highs, own.high)
    return layer.extended(
        states=(own,), twins={"rate": twin_rate if slow_rate else None, "advance": None, "charge": None},
        handles={REST_PLACE: Handle((*places, key("rest")))},
        rest_zone=aging_zone(inner.resting, rows[3]),
        rate=_rate(inner.rate, a_row, rows, low, span),
        advance=stepped_advance(step, inner.require("advance"), shape, scales, lows, highs, writes,
                                aging_zone(inner.dead_zone, rows[3]), _rest(a_row, rows, low, span)),
        charge=None if inner.charge is None or inner.current is None
        else stepped_charge(step, inner.current, shape, scales, lows, highs))
