"""Dynamic memdiode: a two-state rate law for the memory, two opposed diodes with a series resistance for the current.

State h in [0, 1] is the fraction of conducting channels:

    dh/dt = up (1 - h) - down h,   up = rate_set exp(v / v_set),   down = rate_reset exp(-v / v_reset)  (1)
    i = I (exp(beta alpha u) - exp(-(1 - beta) alpha u)),   u = v - i R                                 (2)

with I, alpha and R linear in h between their values at h = 0 and h = 1. At frozen voltage (1) is linear and ``advance``
exact for any duration. The rates do not vanish at v = 0: the state decays with 1 / rate_reset.

(2) is solved for u by Newton steps. With c = R I and forward exponent a, u + c (exp(a u) - exp(-b u)) = v has one root
between 0 and min(v, log1p(v / c) / a); from there, kept within that bracket, seven steps reach rounding.

``charge`` is i at rest times t plus a transient: an eight-point Gauss quadrature in log I over the path of h, in error by
3e-6 for a complete switching, below 1e-9 where h moves by less than a tenth of its range.

References
----------
F. L. Aguirre, J. Sune, E. Miranda, Micromachines 13, 330 (2022), doi:10.3390/mi13020330 (dynamic memdiode).
F. L. Aguirre et al., Front. Phys. 9, 735021 (2021), doi:10.3389/fphy.2021.735021 (SPICE form).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from devices.memristor.short_exp import decayed
from devices.memristor.short_log import grown
from devices.memristor.two_state_law import fermi_rate, relaxed, rest_state
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import log, log1p

RATE_SET, RATE_RESET, V_SET, V_RESET, I_MAX, I_MIN, ALPHA_MAX, ALPHA_MIN, R_MAX, R_MIN, BETA = range(11)
MAX_EXPONENT = 300.0  # of the current: 1e130 A are as far from physics as infinity, and can be summed
NODES, WEIGHTS = (0.5 * (1.0 + np.polynomial.legendre.leggauss(8)[0]), 0.5 * np.polynomial.legendre.leggauss(8)[1])


@scalar_kernel
def rates_of(v, rate_set, rate_reset, v_set, v_reset):
    """Return the rates up and down [1/s] of (1)."""
    return fermi_rate(v, rate_set, 0.0, v_set, 0.0), fermi_rate(-v, rate_reset, 0.0, v_reset, 0.0)


@scalar_kernel
def between(low, high, h):
    """Return the value at h of a parameter that is linear in it."""
    return low + (high - low) * h


@scalar_kernel
def newton(u, a, b, c, size, top):
    """Return a better root of u + c (exp(a u) - exp(-b u)) = size, between 0 and ``top``."""
    grow, shrink = grown(a * u), -decayed(b * u)
    u -= (u + c * (grow - shrink) - size) / (1.0 + c * (a * (grow + 1.0) + b * (shrink + 1.0)))
    u = top if u > top else u
    return 0.0 if u < 0.0 else u


@scalar_kernel
def diodes(v, prefactor, alpha, resistance, beta):
    """Return i [A] and di/dv [S] of (2)."""
    size = abs(v)
    a = alpha * (beta if v >= 0.0 else 1.0 - beta)
    b, c = alpha - a, resistance * prefactor
    limit = min(size, MAX_EXPONENT / a)
    top = log1p(size / (c + 1e-300)) / a
    top = limit if limit < top else top
    u = newton(top, a, b, c, size, top)  # seven steps, written out: a loop here would not vectorise
    u = newton(u, a, b, c, size, top)
    u = newton(u, a, b, c, size, top)
    u = newton(u, a, b, c, size, top)
    u = newton(u, a, b, c, size, top)
    u = newton(u, a, b, c, size, top)
    u = newton(u, a, b, c, size, top)
    grow, shrink = grown(a * u), -decayed(b * u)
    slope = prefactor * (a * (grow + 1.0) + b * (shrink + 1.0))
    i = prefactor * (grow - shrink)
    return (i if v >= 0.0 else -i), slope / (1.0 + resistance * slope)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dh/dt [1/s] of (1)."""
    h, v, dh = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    rate_set, rate_reset = params[RATE_SET, start:stop], params[RATE_RESET, start:stop]
    v_set, v_reset = params[V_SET, start:stop], params[V_RESET, start:stop]
    for j in range(stop - start):
        up, down = rates_of(v[j], rate_set[j], rate_reset[j], v_set[j], v_reset[j])
        dh[j] = up * (1.0 - h[j]) - down * h[j]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step h over ``duration`` [s] at frozen voltage: exact for any duration."""
    h, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    rate_set, rate_reset = params[RATE_SET, start:stop], params[RATE_RESET, start:stop]
    v_set, v_reset = params[V_SET, start:stop], params[V_RESET, start:stop]
    for j in range(stop - start):
        up, down = rates_of(v[j], rate_set[j], rate_reset[j], v_set[j], v_reset[j])
        h[j] = relaxed(h[j], up, down, dt[j])


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write di/dv [S] at v = 0: alpha I in series with R."""
    h, g = state[0, start:stop], out[start:stop]
    i_max, i_min = params[I_MAX, start:stop], params[I_MIN, start:stop]
    alpha_max, alpha_min = params[ALPHA_MAX, start:stop], params[ALPHA_MIN, start:stop]
    r_max, r_min = params[R_MAX, start:stop], params[R_MIN, start:stop]
    for j in range(stop - start):
        slope = between(i_min[j], i_max[j], h[j]) * between(alpha_min[j], alpha_max[j], h[j])
        g[j] = slope / (1.0 + between(r_min[j], r_max[j], h[j]) * slope)


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] of (2) and di/dv [S]."""
    h, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    i_max, i_min = params[I_MAX, start:stop], params[I_MIN, start:stop]
    alpha_max, alpha_min = params[ALPHA_MAX, start:stop], params[ALPHA_MIN, start:stop]
    r_max, r_min, beta = params[R_MAX, start:stop], params[R_MIN, start:stop], params[BETA, start:stop]
    for j in range(stop - start):
        i[j], g[j] = diodes(v[j], between(i_min[j], i_max[j], h[j]), between(alpha_min[j], alpha_max[j], h[j]),
                            between(r_min[j], r_max[j], h[j]), beta[j])


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage.

    With f = 1 - exp(-L t) and h = h_0 + (h_rest - h_0) f g, g from 0 to 1, dt = f dg / (L (1 - f g)), so that

        q = i_rest t + (f / L) integral of (i - i_rest) / (1 - f g) dg

    whose integrand is smooth. Nodes are equal in log I: g = expm1(l y) / expm1(l), l = log(I_1 / I_0).
    """
    h, v, dt, q = state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    i_max, i_min = params[I_MAX, start:stop], params[I_MIN, start:stop]
    alpha_max, alpha_min = params[ALPHA_MAX, start:stop], params[ALPHA_MIN, start:stop]
    r_max, r_min, beta = params[R_MAX, start:stop], params[R_MIN, start:stop], params[BETA, start:stop]
    rate_set, rate_reset = params[RATE_SET, start:stop], params[RATE_RESET, start:stop]
    v_set, v_reset = params[V_SET, start:stop], params[V_RESET, start:stop]
    at_rest = np.empty(stop - start)
    for j in range(stop - start):
        up, down = rates_of(v[j], rate_set[j], rate_reset[j], v_set[j], v_reset[j])
        rest = rest_state(h[j], up, down)
        i, _ = diodes(v[j], between(i_min[j], i_max[j], rest), between(alpha_min[j], alpha_max[j], rest),
                      between(r_min[j], r_max[j], rest), beta[j])
        at_rest[j], q[j] = i, dt[j] * i
    for k in range(len(NODES)):
        node, weight = NODES[k], WEIGHTS[k]
        for j in range(stop - start):
            up, down = rates_of(v[j], rate_set[j], rate_reset[j], v_set[j], v_reset[j])
            decay = (up + down) * dt[j]
            f = decayed(decay)
            step = (rest_state(h[j], up, down) - h[j]) * f
            ratio = log(between(i_min[j], i_max[j], h[j] + step) / between(i_min[j], i_max[j], h[j]))
            ratio = ratio if abs(ratio) > 1e-8 else 1e-8
            whole, part = grown(ratio), grown(ratio * node)
            g, stretch = part / whole, ratio * (part + 1.0) / whole
            at = h[j] + step * g
            i, _ = diodes(v[j], between(i_min[j], i_max[j], at), between(alpha_min[j], alpha_max[j], at),
                          between(r_min[j], r_max[j], at), beta[j])
            share = f / (decay if decay > 0.0 else 1.0)
            q[j] += weight * dt[j] * share * stretch * (i - at_rest[j]) / (1.0 - f * g)


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dh/dt] of one device in plain Python."""
    up = params["rate_set"] * math.exp(drive[0] / params["v_set"])
    down = params["rate_reset"] * math.exp(-drive[0] / params["v_reset"])
    return [up * (1.0 - state[0]) - down * state[0]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python, by bisection on (2)."""
    prefactor, alpha, resistance = (params[f"{name}_min"] + (params[f"{name}_max"] - params[f"{name}_min"]) * state[0]
                                    for name in ("i", "alpha", "r"))

    def diode(u: float) -> float:
        return prefactor * (math.expm1(params["beta"] * alpha * u) - math.expm1((params["beta"] - 1.0) * alpha * u))

    low, high = sorted((0.0, drive[0]))
    for _ in range(200):
        u = 0.5 * (low + high)
        low, high = (low, u) if u + resistance * diode(u) > drive[0] else (u, high)
    return [diode(0.5 * (low + high))]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [di/dv at v = 0] of one device in plain Python."""
    prefactor, alpha, resistance = (params[f"{name}_min"] * (1.0 - state[0]) + params[f"{name}_max"] * state[0]
                                    for name in ("i", "alpha", "r"))
    return [1.0 / (resistance + 1.0 / (prefactor * alpha))]


MODEL = DeviceModel(
    name="memdiode",
    params=(
        ParamSpec("rate_set", "1/s", 5.567928730512249e-7, 0.0, 1e30, "rate of forming channels at 0 V", "1/T_S"),
        ParamSpec("rate_reset", "1/s", 7.575757575757576e-3, 0.0, 1e30, "rate of breaking channels at 0 V", "1/T_R"),
        ParamSpec("v_set", "V", 0.0899, 1e-6, 1e30, "voltage that multiplies the forming rate by e", "V_S"),
        ParamSpec("v_reset", "V", 0.1905, 1e-6, 1e30, "voltage that divides the breaking rate by e", "V_R"),
        ParamSpec("i_max", "A", 1.23e-3, 1e-30, 1e3, "current scale at h = 1", "I_max"),
        ParamSpec("i_min", "A", 1.8e-6, 1e-30, 1e3, "current scale at h = 0", "I_min"),
        ParamSpec("alpha_max", "1/V", 3.8, 1e-6, 1e3, "steepness of the diodes at h = 1", "alpha_max"),
        ParamSpec("alpha_min", "1/V", 3.0, 1e-6, 1e3, "steepness of the diodes at h = 0", "alpha_min"),
        ParamSpec("r_max", "ohm", 256.0, 0.0, 1e15, "series resistance at h = 1", "R_max"),
        ParamSpec("r_min", "ohm", 117.0, 0.0, 1e15, "series resistance at h = 0", "R_min"),
        ParamSpec("beta", "", 0.308, 1e-3, 0.999, "share of the voltage that drives the forward diode", "beta"),
    ),
    states=(StateSpec("h", "", 0.0, 1.0, 0.0, "fraction of conducting channels"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive forms channels"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    handles={"g_max": Handle(("i_max",)), "g_min": Handle(("i_min",)), "rate": Handle(("rate_set", "rate_reset"))},
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.3390/mi13020330",
    doc="Dynamic memdiode: exponential two-state rates, opposed diodes with a series resistance.",
)
