"""Filament gap (Stanford-PKU and SKY130): a tunnel gap that ions close and open, heated by the current through it.

State x in [0, 1], gap = gap_min + (gap_max - gap_min) x; x = 1 is OFF. With W = q v hop / oxide:

    d(gap)/dt = -velocity [exp(-(barrier_set - gamma W) / k T) - exp(-(barrier_reset + gamma W) / k T)]    (1)
    gamma = gamma_0 - beta (gap / 1 nm)^alpha                           local enhancement of the field       (2)
    i = G v_sinh sinh(v / v_sinh),   G = g_on^(1 - x) g_off^x           tunnelling                           (3)
    T = ambient + r_thermal v i                                         quasi-static heat                    (4)

and d(gap)/dt = 0 where the field gamma |v| / oxide is below ``field_set`` (v > 0) or ``field_reset`` (v < 0).

The Stanford law v_0 exp(-E_a / k T) sinh(gamma a_0 q v / (t_ox k T)) is (1) with velocity = v_0 / 2 and both barriers E_a.
Its i = I_0 exp(-gap / g_0) sinh(v / V_0) is (3) with g_on = (I_0 / V_0) exp(-gap_min / g_0), the same at gap_max for g_off.
SKY130 states the filament length, oxide - gap; its thresholds are zero, its heat a state of 0.23 ns (form ``thermal``, see
:mod:`devices.memristor.gap_thermal`; (4) is its limit for slower motion).

A positive voltage closes the gap. (1) rests at the bounds, which stop outward motion only, and where the opening gap
has reduced gamma to the threshold. At frozen voltage ``advance`` and ``charge`` integrate dt = dx / x' piece by piece, error
below 1e-9 of the range or 1e-12 of the time, any duration (:mod:`devices.memristor.gap_law`).

Noise: while the gap moves it diffuses with sigma_x / (1 + exp((t_critical - T) / t_smooth)) per square root of second: a
kick at the end of each call, its variance integrated over the time of motion. The published code adds such a number times
the step of the simulator, so its noise depends on that step; cards convert it once, at 1 ns. It also acts at rest, where it
would dissolve any state within a millisecond; here nothing moves below the threshold.

References
----------
Z. Jiang et al., IEEE Trans. Electron Devices 63, 1884 (2016), doi:10.1109/TED.2016.2545412 (law).
SkyWater Technology, google/skywater-pdk-libs-sky130_fd_pr_reram, Verilog-A cell (two barriers, thermal state).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from devices.memristor import lanes
from devices.memristor.gap_law import (
    NANOMETRE,
    clipped_voltage,
    current_scale,
    enhanced,
    gap_at_enhancement,
    gated,
    heated,
    kelvin_per_gamma,
    node,
    smallest_enhancement,
    span_of,
    steepness,
    step,
)
from devices.memristor.gap_parameters import (
    ALPHA,
    AMBIENT,
    BETA,
    E_RESET,
    E_SET,
    F_RESET,
    F_SET,
    G_OFF,
    G_ON,
    GAMMA_0,
    GAP_MAX,
    GAP_MIN,
    HANDLES,
    HOP,
    OXIDE,
    PARAMS,
    R_THERMAL,
    SIGMA_X,
    T_CRITICAL,
    T_SMOOTH,
    V_SINH,
    VELOCITY,
    slow_conductance,
    slow_current,
)
from devices.memristor.gap_thermal import thermal_form
from neurosim.device import DeviceModel, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE
from neurosim.kernels.vmath import exp, expm1, log, log_normal_range
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE

STUCK_DRIVE = 1e30  # V: the threshold that `dead_zone` reports for a device that never moves
HEADS = len(PARAMS)  # row of a scratch after those of the parameters, see :mod:`devices.memristor.lanes`
X, LEFT, SUM = HEADS + lanes.STATE, HEADS + lanes.LEFT, HEADS + lanes.SUM
VOLTAGE, LOWEST, HIGHEST, KAPPA, HEAT, LOWERED, SPAN, ROWS = range(HEADS + lanes.HEAD, HEADS + lanes.HEAD + 8)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero below the threshold and where the state is at a bound and pushed outwards."""
    for j in range(start, stop):
        x, v = state[0, j], drive[0, j]
        g_on, v_sinh, gap_min, gap_max = params[G_ON, j], params[V_SINH, j], params[GAP_MIN, j], params[GAP_MAX, j]
        oxide, gamma_0, span = params[OXIDE, j], params[GAMMA_0, j], span_of(gap_min, gap_max)
        heat = params[R_THERMAL, j] * g_on * current_scale(v, v_sinh) * clipped_voltage(v)
        temperature = heated(exp(-log(g_on / params[G_OFF, j]) * x), heat, params[AMBIENT, j])
        f, _, _ = node(x, 1.0 / temperature, gap_min / NANOMETRE, span / NANOMETRE, gamma_0, params[BETA, j], params[ALPHA, j],
                       False, kelvin_per_gamma(v, params[HOP, j], oxide), params[VELOCITY, j] / span,
                       params[E_SET, j] / BOLTZMANN, params[E_RESET, j] / BOLTZMANN)
        moves = gated(x, v, gap_min, gap_max, oxide, gamma_0, params[BETA, j], params[ALPHA, j], params[F_SET, j],
                      params[F_RESET, j])
        outward = (x >= 1.0 and f > 0.0) or (x <= 0.0 and f < 0.0)
        out[0, j] = f if moves and not outward else 0.0


@scalar_kernel
def prepare(state, drive, params, duration, s, begin, count):
    """Fill the scratch of a block: state and time, then all that stays the same during the pulse.

    Parameters are copied first, so that the second loop works on one array alone: only then does it vectorise.
    """
    end = begin + count
    lanes.copied(s, X, state[0, begin:end], count)
    lanes.copied(s, LEFT, duration[begin:end], count)
    lanes.copied(s, VOLTAGE, drive[0, begin:end], count)
    for row in range(HEADS):
        lanes.copied(s, row, params[row, begin:end], count)
    for k in range(count):
        v, span = s[VOLTAGE, k], span_of(s[GAP_MIN, k], s[GAP_MAX, k])
        needed = smallest_enhancement(v, s[OXIDE, k], s[F_SET, k], s[F_RESET, k])
        gap = gap_at_enhancement(needed, s[GAMMA_0, k], s[BETA, k], s[ALPHA, k]) * NANOMETRE
        rests = (gap - s[GAP_MIN, k]) / span
        s[LOWEST, k] = 0.0 if s[X, k] <= rests else s[X, k]
        s[HIGHEST, k] = min(1.0, rests)
        s[KAPPA, k] = log_normal_range(s[G_ON, k] / s[G_OFF, k])
        s[HEAT, k] = s[R_THERMAL, k] * s[G_ON, k] * current_scale(v, s[V_SINH, k]) * clipped_voltage(v)
        s[LOWERED, k] = kelvin_per_gamma(v, s[HOP, k], s[OXIDE, k])
        s[SPAN, k] = span / NANOMETRE
        s[GAP_MIN, k] /= NANOMETRE
        s[VELOCITY, k] /= span
        s[E_SET, k] /= BOLTZMANN
        s[E_RESET, k] /= BOLTZMANN


@scalar_kernel
def move(s, count, cubic, noisy, charged):
    """Move a block by one piece of its trajectory; the sum is that of the variance (noisy) or of time times exp(-kappa x)."""
    for k in range(count):
        left = s[LEFT, k]
        goes = left > 0.0
        y, rest, passed, t_0, t_1 = step(
            s[X, k], left if goes else 0.0, s[LOWEST, k], s[HIGHEST, k], s[GAP_MIN, k], s[SPAN, k], s[KAPPA, k], s[HEAT, k],
            s[AMBIENT, k], s[GAMMA_0, k], s[BETA, k], s[ALPHA, k], cubic, s[LOWERED, k], s[VELOCITY, k],
            s[E_SET, k], s[E_RESET, k])
        s[X, k] = y if goes else s[X, k]
        s[LEFT, k] = rest if goes else left
        if charged:
            s[SUM, k] += passed
        if noisy:
            used = left - abs(rest) if goes else 0.0
            weight_0 = 1.0 / (1.0 + exp((s[T_CRITICAL, k] - t_0) / s[T_SMOOTH, k]))
            weight_1 = 1.0 / (1.0 + exp((s[T_CRITICAL, k] - t_1) / s[T_SMOOTH, k]))
            s[SUM, k] += 0.5 * max(0.0, used) * (weight_0 * weight_0 + weight_1 * weight_1)


@scalar_kernel
def move_noisy(s, count):
    """Move a block by one piece, and add to its variance."""
    move(s, count, False, True, False)


@scalar_kernel
def move_cubic_quiet(s, count):
    """Move a block by one piece, where alpha is 3."""
    move(s, count, True, False, False)


@scalar_kernel
def move_charged(s, count):
    """Move a block by one piece, and add to the integral of exp(-kappa x)."""
    move(s, count, False, False, True)


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage, then diffuse it."""
    x, z, sigma, ended = state[0, start:stop], noise[0, start:stop], params[SIGMA_X, start:stop], np.empty((2, stop - start))
    lanes.run(prepare, move_noisy, HEADS, ROWS, state, drive, params, duration, x, ended, True, start, stop)
    for k in range(stop - start):
        x[k] = min(1.0, max(0.0, x[k] + z[k] * sigma[k] * math.sqrt(ended[1, k])))


@kernel(ADVANCE)
def advance_cubic_quiet(state, drive, params, noise, duration, start, stop):
    """Step x like ``advance`` where alpha is 3 and sigma_x 0: the noise array is not read."""
    x, ended = state[0, start:stop], np.empty((2, 0))
    lanes.run(prepare, move_cubic_quiet, HEADS, ROWS, state, drive, params, duration, x, ended, False, start, stop)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage, quiet law; relative error below 1e-9."""
    x, ended, v, q = np.empty(stop - start), np.empty((2, stop - start)), drive[0, start:stop], out[start:stop]
    g_on, g_off, v_sinh = params[G_ON, start:stop], params[G_OFF, start:stop], params[V_SINH, start:stop]
    lanes.run(prepare, move_charged, HEADS, ROWS, state, drive, params, duration, x, ended, True, start, stop)
    for k in range(stop - start):
        at_rest = exp(-log(g_on[k] / g_off[k]) * x[k]) * max(0.0, -ended[0, k])
        q[k] = g_on[k] * current_scale(v[k], v_sinh[k]) * (ended[1, k] + at_rest)


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S] of (3)."""
    x, g = state[0, start:stop], out[start:stop]
    g_on, g_off = params[G_ON, start:stop], params[G_OFF, start:stop]
    for j in range(stop - start):
        g[j] = g_on[j] * exp(log(g_off[j] / g_on[j]) * x[j])


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] of (3) and di/dv [S]."""
    x, v, i, s = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    g_on, g_off, v_sinh = params[G_ON, start:stop], params[G_OFF, start:stop], params[V_SINH, start:stop]
    for j in range(stop - start):
        g = g_on[j] * exp(log(g_off[j] / g_on[j]) * x[j])
        i[j] = g * current_scale(v[j], v_sinh[j])
        u = steepness(v[j], v_sinh[j])
        s[j] = 0.5 * g * (expm1(u) + expm1(-u) + 2.0)


@kernel(DEAD_ZONE)
def dead_zone(params, lowest, highest, start, stop):
    """Write the voltages [V] between which no gap moves: none, (inf, -inf), without a threshold; -+1e30 V if it is stuck."""
    for j in range(start, stop):
        gamma, _ = enhanced(params[GAP_MIN, j] / NANOMETRE, params[GAMMA_0, j], params[BETA, j], params[ALPHA, j], False)
        can = gamma > 0.0 and params[VELOCITY, j] > 0.0
        scale = params[OXIDE, j] / (gamma if can else 1.0) * (1.0 - 1e-14)  # rounding must not move what is inside
        low, high = -params[F_RESET, j] * scale, params[F_SET, j] * scale
        always = low == 0.0 or high == 0.0
        lowest[j] = (math.inf if always else low) if can else -STUCK_DRIVE
        highest[j] = (-math.inf if always else high) if can else STUCK_DRIVE


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    x, v, p = state[0], drive[0], params
    span = p["gap_max"] - p["gap_min"]
    gap = p["gap_min"] + span * x
    gamma = p["gamma_0"] - p["beta"] * (gap / 1e-9) ** p["alpha"]
    if gamma * abs(v) < p["field_set" if v >= 0.0 else "field_reset"] * p["oxide"]:
        return [0.0]
    thermal = BOLTZMANN * (p["ambient"] + p["r_thermal"] * v * slow_current(state, drive, params)[0])
    lowered = gamma * p["hop"] * ELEMENTARY_CHARGE * v / p["oxide"]
    f = p["velocity"] / span * (math.exp(-(p["barrier_reset"] + lowered) / thermal)
                                - math.exp(-(p["barrier_set"] - lowered) / thermal))
    return [0.0 if (x >= 1.0 and f > 0.0) or (x <= 0.0 and f < 0.0) else f]


def slow_dead_zone(params: Mapping[str, float]) -> list[float]:
    """Return [lowest, highest] of one device in plain Python."""
    gamma = params["gamma_0"] - params["beta"] * (params["gap_min"] / 1e-9) ** params["alpha"]
    return [-params["field_reset"] * params["oxide"] / gamma, params["field_set"] * params["oxide"] / gamma]


def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` for this parameter array (select again when it changes)."""
    plain = not np.any(params[SIGMA_X]) and bool(np.all(params[ALPHA] == 3.0))
    return dataclasses.replace(MODEL, advance=advance_cubic_quiet) if plain else MODEL


BASE = DeviceModel(
    name="gap",
    params=PARAMS,
    states=(StateSpec("x", "", 0.0, 1.0, 1.0, "place of the gap in its range: 0 is gap_min (ON), 1 is gap_max (OFF)"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive closes the gap and raises the conductance"),),
    noises=("diffusion",),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    dead_zone=dead_zone,
    exact_advance=False,
    advance_tolerance=1e-9,
    handles=HANDLES,
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current, "dead_zone": slow_dead_zone},
    select=select,
    reference="10.1109/TED.2016.2545412",
    doc="Tunnel gap of a filament with Arrhenius motion, field enhancement and self-heating (Stanford-PKU, SKY130).",
)
MODEL = dataclasses.replace(BASE, forms={"thermal": thermal_form(BASE)})
