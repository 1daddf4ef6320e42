"""Filament gap with its temperature as a state: the heat lags behind the power by the thermal time constant.

States x and T; the law of :mod:`devices.memristor.gap` with (4) replaced by

    dT/dt = (ambient + r_thermal v i - T) / tau_thermal                                                  (1)

(SKY130: C_th = tau_thermal / r_thermal, 0.23 ns). A closing gap heats itself faster than (1) follows at the very end, so that
the last nanometre closes colder than in equilibrium; before it the two forms agree.

``advance`` is the Rosenbrock method RODAS3 (order 3, L-stable, stiffly accurate, embedded error 1e-7 of the range and of 300 K
a step) with the exact Jacobian: times from 0.1 ps to years in a few hundred steps, whatever their ratio to tau_thermal. At a
bound, where the gap cannot move, (1) is solved exactly. Which way the gap moves does not depend on T, so a bound is left only
by another voltage. There is no diffusion in this form.

References
----------
SkyWater Technology, google/skywater-pdk-libs-sky130_fd_pr_reram, Verilog-A cell (the two states).
A. Sandu et al., Atmos. Environ. 31, 3459 (1997), doi:10.1016/S1352-2310(97)83212-8 (RODAS3).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from devices.memristor.gap_law import (
    HOTTEST,
    NANOMETRE,
    clipped_voltage,
    current_scale,
    enhanced,
    gap_at_enhancement,
    gated,
    kelvin_per_gamma,
    smallest_enhancement,
    span_of,
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
    HOP,
    OXIDE,
    R_THERMAL,
    TAU,
    V_SINH,
    VELOCITY,
    slow_current,
)
from neurosim.device import DeviceModel, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, RATE
from neurosim.kernels.vmath import exp, expm1, log
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE

TOLERANCE = 1e-7  # of x, and of T over 300 K, in a step
MOST_STEPS = 20_000
LARGEST = 80.0  # exponents of rates are clipped here
ABRUPT = 1e20  # 1/s: faster motion, far outside any validity, reaches its bound at once
FIRST = 1e-3  # the first step moves x by this much, or lasts this share of tau


@scalar_kernel
def speeds(x, t, gap_min, span, speed, gamma_0, beta, alpha, lowered, hot_set, hot_reset):
    """Return x' [1/s] without bounds, dx'/dx, dx'/dT; lengths in nm."""
    gamma, falling = enhanced(gap_min + span * x, gamma_0, beta, alpha, False)
    inverse = 1.0 / t
    down, up = (gamma * lowered - hot_set) * inverse, -(gamma * lowered + hot_reset) * inverse
    closing, opening = speed * exp(min(LARGEST, down)), speed * exp(min(LARGEST, up))
    slope = falling * span * lowered * inverse
    return opening - closing, (opening + closing) * slope, (down * closing - up * opening) * inverse


@scalar_kernel
def trajectory(x, t, v, duration, params, j):
    """Return x, T and the integral of exp(-kappa x) over the time [s] after ``duration`` at frozen voltage."""
    gap_min, gap_max, oxide = params[GAP_MIN, j], params[GAP_MAX, j], params[OXIDE, j]
    gamma_0, beta, alpha = params[GAMMA_0, j], params[BETA, j], params[ALPHA, j]
    ambient, pace = params[AMBIENT, j], 1.0 / params[TAU, j]
    width = span_of(gap_min, gap_max)
    speed, u_min, span = params[VELOCITY, j] / width, gap_min / NANOMETRE, width / NANOMETRE
    kappa = log(params[G_ON, j] / params[G_OFF, j])
    heat = params[R_THERMAL, j] * params[G_ON, j] * current_scale(v, params[V_SINH, j]) * clipped_voltage(v)
    heat = min(HOTTEST, heat)
    lowered = kelvin_per_gamma(v, params[HOP, j], oxide)
    hot_set, hot_reset = params[E_SET, j] / BOLTZMANN, params[E_RESET, j] / BOLTZMANN
    needed = smallest_enhancement(v, oxide, params[F_SET, j], params[F_RESET, j])
    rests = (gap_at_enhancement(needed, gamma_0, beta, alpha) - u_min) / span
    left, passed, h = duration, 0.0, 0.0
    f, f_x, f_t = speeds(x, t, u_min, span, speed, gamma_0, beta, alpha, lowered, hot_set, hot_reset)
    bound = min(1.0, rests) if f > 0.0 else 0.0
    frozen = x > rests or f == 0.0 or (bound - x) * f <= 0.0
    h = min(left, FIRST * params[TAU, j], FIRST / max(1e-300, abs(f)))
    for _ in range(MOST_STEPS):
        if left <= 0.0 or frozen:
            break
        if abs(f) > ABRUPT:
            x = bound
            break
        g = exp(-kappa * x)
        t_0 = (ambient + heat * g - t) * pace
        t_x = -kappa * heat * g * pace
        # (2 / h - J) k = r, stages 1 to 4.
        w = 2.0 / h
        a, b, c, d = w - f_x, -f_t, -t_x, w + pace
        inverse = 1.0 / (a * d - b * c)
        k1, l1 = (f * d - b * t_0) * inverse, (a * t_0 - c * f) * inverse
        p, q = f + 4.0 * k1 / h, t_0 + 4.0 * l1 / h
        k2, l2 = (p * d - b * q) * inverse, (a * q - c * p) * inverse
        y, s = x + 2.0 * k1, max(1.0, t + 2.0 * l1)
        p, _, _ = speeds(y, s, u_min, span, speed, gamma_0, beta, alpha, lowered, hot_set, hot_reset)
        q = (ambient + heat * exp(-kappa * y) - s) * pace
        p, q = p + (k1 - k2) / h, q + (l1 - l2) / h
        k3, l3 = (p * d - b * q) * inverse, (a * q - c * p) * inverse
        y, s = x + 2.0 * k1 + k3, max(1.0, t + 2.0 * l1 + l3)
        p, _, _ = speeds(y, s, u_min, span, speed, gamma_0, beta, alpha, lowered, hot_set, hot_reset)
        q = (ambient + heat * exp(-kappa * y) - s) * pace
        p, q = p + (k1 - k2 - 8.0 / 3.0 * k3) / h, q + (l1 - l2 - 8.0 / 3.0 * l3) / h
        k4, l4 = (p * d - b * q) * inverse, (a * q - c * p) * inverse
        y, s = y + k4, s + l4
        error = max(abs(k4), abs(l4) / 300.0) / TOLERANCE
        if not error <= 1.0:  # also NaN
            h *= max(0.1, 0.8 * error ** (-1.0 / 3.0)) if error < math.inf else 0.1
            continue
        beyond = (y - bound) * f > 0.0
        if beyond and abs(y - bound) > TOLERANCE and abs(y - x) > TOLERANCE:
            h *= max(0.1, min(0.9, (bound - x) / (y - x)))
            continue
        y = bound if beyond else y
        f_1, f_x, f_t = speeds(y, s, u_min, span, speed, gamma_0, beta, alpha, lowered, hot_set, hot_reset)
        middle = 0.5 * (x + y) + 0.125 * h * (f - f_1)  # of the cubic through both ends
        passed += h / 6.0 * (g + 4.0 * exp(-kappa * middle) + exp(-kappa * y))
        frozen = y == bound
        x, t, f = y, max(1.0, s), f_1
        left -= h
        h = min(left, h * min(5.0, 0.8 * max(1e-6, error) ** (-1.0 / 3.0)))
    if left > 0.0:
        g = exp(-kappa * x)
        t -= (ambient + heat * g - t) * expm1(-left * pace)
        passed += g * left
    return x, t, passed


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] and dT/dt [K/s]."""
    for j in range(start, stop):
        x, t, v = state[0, j], state[1, j], drive[0, j]
        gap_min, gap_max, oxide = params[GAP_MIN, j], params[GAP_MAX, j], params[OXIDE, j]
        width, gamma_0, beta, alpha = span_of(gap_min, gap_max), params[GAMMA_0, j], params[BETA, j], params[ALPHA, j]
        f, _, _ = speeds(x, t, gap_min / NANOMETRE, width / NANOMETRE, params[VELOCITY, j] / width, gamma_0, beta, alpha,
                         kelvin_per_gamma(v, params[HOP, j], oxide), params[E_SET, j] / BOLTZMANN,
                         params[E_RESET, j] / BOLTZMANN)
        moves = gated(x, v, gap_min, gap_max, oxide, gamma_0, beta, alpha, params[F_SET, j], params[F_RESET, j])
        outward = (x >= 1.0 and f > 0.0) or (x <= 0.0 and f < 0.0)
        out[0, j] = f if moves and not outward else 0.0
        heat = params[R_THERMAL, j] * params[G_ON, j] * current_scale(v, params[V_SINH, j]) * clipped_voltage(v)
        g = exp(-log(params[G_ON, j] / params[G_OFF, j]) * x)
        out[1, j] = (params[AMBIENT, j] + min(HOTTEST, heat) * g - t) / params[TAU, j]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x and T over ``duration`` [s] at frozen voltage."""
    for j in range(start, stop):
        state[0, j], state[1, j], _ = trajectory(state[0, j], state[1, j], drive[0, j], duration[j], params, j)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage, Simpson's rule on each step: relative error 1e-6."""
    for j in range(start, stop):
        _, _, passed = trajectory(state[0, j], state[1, j], drive[0, j], duration[j], params, j)
        out[j] = params[G_ON, j] * current_scale(drive[0, j], params[V_SINH, j]) * passed


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt, dT/dt] of one device in plain Python."""
    (x, t), v, p = state, drive[0], params
    span = p["gap_max"] - p["gap_min"]
    gamma = p["gamma_0"] - p["beta"] * ((p["gap_min"] + span * x) / 1e-9) ** p["alpha"]
    warming = (p["ambient"] + p["r_thermal"] * v * slow_current(state, drive, params)[0] - t) / p["tau_thermal"]
    if gamma * abs(v) < p["field_set" if v >= 0.0 else "field_reset"] * p["oxide"]:
        return [0.0, warming]
    lowered = gamma * p["hop"] * ELEMENTARY_CHARGE * v / p["oxide"]
    f = p["velocity"] / span * (math.exp(-(p["barrier_reset"] + lowered) / (BOLTZMANN * t))
                                - math.exp(-(p["barrier_set"] - lowered) / (BOLTZMANN * t)))
    return [0.0 if (x >= 1.0 and f > 0.0) or (x <= 0.0 and f < 0.0) else f, warming]


def thermal_form(base: DeviceModel) -> DeviceModel:
    """Return the two-state form of the gap model."""
    return dataclasses.replace(
        base,
        states=(*base.states, StateSpec("temperature", "K", 1.0, 1e7, 298.0, "temperature of the filament", scale=300.0)),
        noises=(),
        rate=rate,
        advance=advance,
        charge=charge,
        dead_zone=None,
        exact_advance=False,
        advance_tolerance=1e-4,
        twins={**{role: twin for role, twin in base.twins.items() if role != "dead_zone"}, "rate": slow_rate},
        select=None,
        doc="Filament gap with its temperature as a state.",
    )
