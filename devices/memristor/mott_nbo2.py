"""Niobium dioxide threshold switch: a metallic core that Joule heat grows inside an insulating channel (Mott transition).

State u in [1e-6, 1 - 1e-5], radius of the metallic core over that of the channel, r. The wall of the core is at the
transition temperature, ``delta_t`` above ambient:

    du/dt = (v^2 G - Gamma delta_t) / H'(u)                                                              (1)
    G = pi r^2 / (rho_i L) [1 + (rho_i / rho_m - 1) u^2],   i = G v,   Gamma = 2 pi L kappa / ln(1/u)
    H' = pi L r^2 [c_p delta_t (1 - u^2 + 2 u^2 ln u) / (2 u ln^2 u) + 2 delta_h u]                       (2)

Both signs of voltage do the same. Volatile: without voltage the core shrinks to its lower bound within a nanosecond. The
static curve v^2 G = Gamma delta_t has a branch of negative resistance between 1.445 V (35.3 uA) and 0.744 V (381 uA).

(2) is dH/du of H = pi L r^2 [c_p delta_t (u^2 - 1) / (2 ln u) + delta_h u^2]. A published SPICE listing squares the whole
denominator, (2 u ln u)^2: its oscillator is 16 % slow.

``advance`` integrates z = ln u by the Rosenbrock method RODAS3 (order 3, L-stable), error 1e-7 in z a step: from
picoseconds to years in a few hundred steps.

References
----------
M. D. Pickett, R. S. Williams, Nanotechnology 23, 215202 (2012), doi:10.1088/0957-4484/23/21/215202 (the law).
D. Biolek, M. Di Ventra, Y. V. Pershin, Radioengineering 22, 945 (2013) (parameters, equation 27).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, expm1, log

RHO_I, RHO_M, RADIUS, LENGTH, KAPPA, C_P, DELTA_H, DELTA_T = range(8)
LOWEST, HIGHEST = 1e-6, 0.99999
TOLERANCE = 1e-7  # of ln u, in a step
MOST_STEPS = 100_000
HIGHEST_VOLTAGE = 1e3  # V: beyond, the heat is that of 1 kV


@scalar_kernel
def growth(z, heat, ratio, loss, stored, latent):
    """Return dz/dt [1/s] and its derivative by z = ln u.

    All per pi L r^2: ``heat`` of the insulating channel, ``loss`` 2 kappa delta_t / r^2 [W / m^3], ``stored`` c_p delta_t and
    ``latent`` [J / m^3].
    """
    square = exp(2.0 * z)
    over = heat * (1.0 + ratio * square) + loss / z
    over_z = 2.0 * heat * ratio * square - loss / (z * z)
    shape = 2.0 * z * square - expm1(2.0 * z)
    held = 0.5 * stored * shape / (z * z) + 2.0 * latent * square
    held_z = stored * (2.0 * square / z - shape / (z * z * z)) + 4.0 * latent * square
    return over / held, (over_z - over * held_z / held) / held


@scalar_kernel
def scales(v, params, j):
    """Return heat [W / m^3], rho_i / rho_m - 1, loss [W / m^3], stored and latent heat [J / m^3]."""
    size = min(HIGHEST_VOLTAGE, abs(v))
    rho_i, length, radius, delta_t = params[RHO_I, j], params[LENGTH, j], params[RADIUS, j], params[DELTA_T, j]
    return (size * size / (rho_i * length * length), rho_i / params[RHO_M, j] - 1.0,
            2.0 * params[KAPPA, j] * delta_t / (radius * radius), params[C_P, j] * delta_t, params[DELTA_H, j])


@scalar_kernel
def insulating(params, j):
    """Return the conductance [S] of the channel without a core."""
    radius = params[RADIUS, j]
    return math.pi * radius * radius / (params[RHO_I, j] * params[LENGTH, j])


@scalar_kernel
def settled(z, duration, heat, ratio, loss, stored, latent):
    """Return z = ln u after ``duration`` [s] at frozen voltage."""
    lowest, highest = log(LOWEST), log(HIGHEST)
    left = duration
    f, slope = growth(z, heat, ratio, loss, stored, latent)
    h = min(left, 1e-3 / max(1e-300, abs(f)))
    for _ in range(MOST_STEPS):
        bound = highest if f > 0.0 else lowest
        if left <= 0.0 or f == 0.0 or (bound - z) * f <= 0.0:
            break
        w = 1.0 / (2.0 / h - slope)
        k1 = w * f
        k2 = w * (f + 4.0 * k1 / h)
        y = min(highest, max(lowest, z + 2.0 * k1))
        f_3, _ = growth(y, heat, ratio, loss, stored, latent)
        k3 = w * (f_3 + (k1 - k2) / h)
        y = min(highest, max(lowest, z + 2.0 * k1 + k3))
        f_4, _ = growth(y, heat, ratio, loss, stored, latent)
        k4 = w * (f_4 + (k1 - k2 - 8.0 / 3.0 * k3) / h)
        y = z + 2.0 * k1 + k3 + k4
        error = abs(k4) / TOLERANCE
        if not error <= 1.0:  # also NaN
            h *= max(0.1, 0.8 * error ** (-1.0 / 3.0)) if error < math.inf else 0.1
            continue
        beyond = (y - bound) * f > 0.0
        if beyond and abs(y - bound) > TOLERANCE and abs(y - z) > TOLERANCE:
            h *= max(0.1, min(0.9, (bound - z) / (y - z)))
            continue
        z = bound if beyond else y
        f, slope = growth(z, heat, ratio, loss, stored, latent)
        left -= h
        h = min(left, h * min(5.0, 0.8 * max(1e-6, error) ** (-1.0 / 3.0)))
    return z


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write du/dt [1/s] of (1), zero at a bound and pushed outwards."""
    for j in range(start, stop):
        u = state[0, j]
        heat, ratio, loss, stored, latent = scales(drive[0, j], params, j)
        f, _ = growth(log(u), heat, ratio, loss, stored, latent)
        outward = (u >= HIGHEST and f > 0.0) or (u <= LOWEST and f < 0.0)
        out[0, j] = 0.0 if outward else u * f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step u over ``duration`` [s] at frozen voltage."""
    for j in range(start, stop):
        heat, ratio, loss, stored, latent = scales(drive[0, j], params, j)
        z = settled(log(state[0, j]), duration[j], heat, ratio, loss, stored, latent)
        u = HIGHEST if z >= log(HIGHEST) else (LOWEST if z <= log(LOWEST) else exp(z))
        state[0, j] = u if duration[j] > 0.0 else state[0, j]


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S]."""
    for j in range(start, stop):
        u = state[0, j]
        out[j] = insulating(params, j) * (1.0 + (params[RHO_I, j] / params[RHO_M, j] - 1.0) * u * u)


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = G v [A] and di/dv = G [S]."""
    for j in range(start, stop):
        u = state[0, j]
        slope[j] = insulating(params, j) * (1.0 + (params[RHO_I, j] / params[RHO_M, j] - 1.0) * u * u)
        current[j] = drive[0, j] * slope[j]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [du/dt] of one device in plain Python."""
    u, p = state[0], params
    volume = math.pi * p["length"] * p["radius"] ** 2
    power = drive[0] ** 2 * slow_conductance(state, params)[0]
    loss = 2.0 * math.pi * p["length"] * p["kappa"] / math.log(1.0 / u) * p["delta_t"]
    bracket = (p["c_p"] * p["delta_t"] * (1.0 - u**2 + 2.0 * u**2 * math.log(u)) / (2.0 * u * math.log(u) ** 2)
               + 2.0 * p["delta_h"] * u)
    f = (power - loss) / (volume * bracket)
    return [0.0 if (u >= HIGHEST and f > 0.0) or (u <= LOWEST and f < 0.0) else f]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    resistance = (params["rho_i"] * params["length"] / (math.pi * params["radius"] ** 2)
                  / (1.0 + (params["rho_i"] / params["rho_m"] - 1.0) * state[0] ** 2))
    return [1.0 / resistance]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


MODEL = DeviceModel(
    name="mott_nbo2",
    params=(
        ParamSpec("rho_i", "ohm*m", 7e-3, 1e-9, 1e6, "resistivity of the insulating phase", "rho_i"),
        ParamSpec("rho_m", "ohm*m", 1e-4, 1e-10, 1e6, "resistivity of the metallic phase", "rho_m"),
        ParamSpec("radius", "m", 30e-9, 1e-10, 1e-3, "radius of the channel", "r_ch"),
        ParamSpec("length", "m", 20e-9, 1e-10, 1e-3, "length of the channel", "L_ch"),
        ParamSpec("kappa", "W/m/K", 1.5, 1e-6, 1e5, "thermal conductivity", "kappa"),
        ParamSpec("c_p", "J/m**3/K", 2.6e6, 1.0, 1e9, "heat capacity per volume", "c_p"),
        ParamSpec("delta_h", "J/m**3", 1.6e8, 0.0, 1e12, "heat of the transition per volume", "Delta h"),
        ParamSpec("delta_t", "K", 784.0, 1.0, 1e4, "transition temperature above ambient", "Delta T"),
    ),
    states=(StateSpec("u", "", LOWEST, HIGHEST, 0.01, "radius of the metallic core over that of the channel"),),
    drives=(SignalSpec("v", "V", "voltage across the device; its sign does not matter"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    exact_advance=False,
    advance_tolerance=1e-5,
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.1088/0957-4484/23/21/215202",
    doc="Volatile threshold switch: a metallic core grown by Joule heat, with negative differential resistance.",
)
