"""Vanadium dioxide threshold switch: Joule heat drives a film through its insulator-metal transition, with hysteresis.

States: temperature T, and the memory of its last reversal: ``branch`` d (1 heating, -1 cooling), temperature ``t_reversal``
T_r, and proximity temperature ``t_proximity`` T_p (0 on the major loop):

    dT/dt = (v^2 / R - conductance_th (T - t_base)) / capacity_th                                        (1)
    R = r_0 exp(t_activation / T) g + r_m,   T within [305 K, 370 K]
    g = [1 + tanh(beta (d width / 2 + t_c - T - T_p P((T - T_r) / T_p)))] / 2                              (2)
    P(x) = (1 - sin(gamma x)) (1 + tanh(pi^2 - 2 pi x)) / 2

When the temperature turns round, a new branch starts where the film is: d changes sign, T_r = T and
T_p <- d width + T_p P (d the new one): the same g before and after. The published code computes T_p through artanh of g, and
looks for a reversal where the temperature has changed by 0.01 K; here there is neither rounding nor a threshold.

At frozen voltage T moves one way, to its next rest point, so a reversal can only happen at the start of a pulse: ``advance``
looks for it there, then integrates (1) by the Rosenbrock method RODAS3 (order 3, L-stable), error 1e-7 of 100 K a step, any
duration. ``rate`` is (1) on the branch that the state names; that of the memory is zero.

With a capacitor and a load resistor it is a neuristor: single spikes of a relaxation oscillation in a window of voltages.
The published noise, one normal number a step whatever its length, is left out.

References
----------
Y.-H. Zhang et al., Nat. Commun. 15, 6986 (2024), doi:10.1038/s41467-024-51254-4; parameters from the authors' code.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, sincos2pi, tanh

R_0, T_ACTIVATION, R_M, WIDTH, T_C, BETA, GAMMA, CAPACITY, LOSS, T_BASE = range(10)
COLDEST, HOTTEST = 305.0, 370.0  # K: resistance is that of the ends beyond
LOWEST, HIGHEST = 200.0, 2000.0  # K: bounds of the state, the upper one near the melting point
TOLERANCE = 1e-5  # K, in a step
MOST_STEPS = 100_000
HIGHEST_VOLTAGE = 1e3  # V: beyond, the heat is that of 1 kV
EVENT = 1e9  # scale of states that jump: they are not integrated, and no error of integration is measured by them
TWO_PI = 2.0 * math.pi


@scalar_kernel
def proximity(t, t_r, t_p, gamma):
    """Return T_p P(x) [K] and its derivative by T."""
    x = (t - t_r) / (t_p if t_p != 0.0 else 1.0)
    x = min(1e3, max(-1e3, x))
    sine, cosine = sincos2pi(gamma * x / TWO_PI)
    rise = tanh(math.pi * math.pi - TWO_PI * x)
    value = 0.5 * (1.0 - sine) * (1.0 + rise)
    slope = -0.5 * gamma * cosine * (1.0 + rise) - math.pi * (1.0 - sine) * (1.0 - rise * rise)
    return t_p * value, slope if t_p != 0.0 else 0.0


@scalar_kernel
def resistance(t, branch, t_r, t_p, params, j):
    """Return R [ohm] and dR/dT."""
    held = min(HOTTEST, max(COLDEST, t))
    near, near_t = proximity(held, t_r, t_p, params[GAMMA, j])
    rise = tanh(params[BETA, j] * (branch * 0.5 * params[WIDTH, j] + params[T_C, j] - held - near))
    bare, activation = 0.5 * params[R_0, j] * exp(params[T_ACTIVATION, j] / held), params[T_ACTIVATION, j]
    r = bare * (1.0 + rise) + params[R_M, j]
    slope = -bare * ((1.0 + rise) * activation / (held * held) + params[BETA, j] * (1.0 - rise * rise) * (1.0 + near_t))
    return r, slope if held == t else 0.0


@scalar_kernel
def sign_of(branch):
    """Return 1 for heating, -1 for cooling."""
    return 1.0 if branch >= 0.0 else -1.0


@scalar_kernel
def heating(t, v, branch, t_r, t_p, params, j):
    """Return dT/dt [K/s] and its derivative by T."""
    size = min(HIGHEST_VOLTAGE, abs(v))
    r, slope = resistance(t, branch, t_r, t_p, params, j)
    power = size * size / r
    inverse = 1.0 / params[CAPACITY, j]
    return (power - params[LOSS, j] * (t - params[T_BASE, j])) * inverse, -(power / r * slope + params[LOSS, j]) * inverse


@scalar_kernel
def settled(t, v, duration, branch, t_r, t_p, params, j):
    """Return T [K] after ``duration`` [s] at frozen voltage on one branch."""
    left = duration
    f, slope = heating(t, v, branch, t_r, t_p, params, j)
    h = min(left, 0.01 / max(1e-300, abs(f)))
    for _ in range(MOST_STEPS):
        if left <= 0.0 or f == 0.0 or (t >= HIGHEST and f > 0.0) or (t <= LOWEST and f < 0.0):
            break
        w = 1.0 / (2.0 / h - slope)
        k1 = w * f
        k2 = w * (f + 4.0 * k1 / h)
        y = t + 2.0 * k1
        f_3, _ = heating(min(HIGHEST, max(LOWEST, y)), v, branch, t_r, t_p, params, j)
        k3 = w * (f_3 + (k1 - k2) / h)
        y += k3
        f_4, _ = heating(min(HIGHEST, max(LOWEST, y)), v, branch, t_r, t_p, params, j)
        k4 = w * (f_4 + (k1 - k2 - 8.0 / 3.0 * k3) / h)
        error = abs(k4) / (TOLERANCE * max(1.0, 1e-2 * abs(y + k4 - t)))
        if not error <= 1.0:  # also NaN
            h *= max(0.1, 0.8 * error ** (-1.0 / 3.0)) if error < math.inf else 0.1
            continue
        t = min(HIGHEST, max(LOWEST, y + k4))
        f, slope = heating(t, v, branch, t_r, t_p, params, j)
        left -= h
        h = min(left, h * min(5.0, 0.8 * max(1e-6, error) ** (-1.0 / 3.0)))
    return t


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dT/dt [K/s] of (1), and zero for the memory."""
    for j in range(start, stop):
        f, _ = heating(state[0, j], drive[0, j], sign_of(state[1, j]), state[2, j], state[3, j], params, j)
        outward = (state[0, j] >= HIGHEST and f > 0.0) or (state[0, j] <= LOWEST and f < 0.0)
        out[0, j] = 0.0 if outward else f
        out[1, j] = out[2, j] = out[3, j] = 0.0


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step T over ``duration`` [s] at frozen voltage; a reversal starts a new branch first."""
    for j in range(start, stop):
        t, v = state[0, j], drive[0, j]
        branch, t_r, t_p = sign_of(state[1, j]), state[2, j], state[3, j]
        f, _ = heating(t, v, branch, t_r, t_p, params, j)
        if duration[j] > 0.0 and f * branch < 0.0:
            held = min(HOTTEST, max(COLDEST, t))
            near, _ = proximity(held, t_r, t_p, params[GAMMA, j])
            branch = -branch
            t_r, t_p = held, min(100.0, max(-100.0, branch * params[WIDTH, j] + near))
            state[1, j], state[2, j], state[3, j] = branch, t_r, t_p
        state[0, j] = settled(t, v, duration[j], branch, t_r, t_p, params, j)


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G = 1 / R [S]."""
    for j in range(start, stop):
        r, _ = resistance(state[0, j], sign_of(state[1, j]), state[2, j], state[3, j], params, j)
        out[j] = 1.0 / r


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = v / R [A] and di/dv = 1 / R [S]."""
    for j in range(start, stop):
        r, _ = resistance(state[0, j], sign_of(state[1, j]), state[2, j], state[3, j], params, j)
        slope[j] = 1.0 / r
        current[j] = drive[0, j] / r


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    (t, branch, t_r, t_p), p = state, params
    t = min(HOTTEST, max(COLDEST, t))
    x = (t - t_r) / t_p if t_p else 0.0
    near = t_p * 0.5 * (1.0 - math.sin(p["gamma"] * x)) * (1.0 + math.tanh(math.pi**2 - 2.0 * math.pi * x))
    centre = (1.0 if branch >= 0.0 else -1.0) * p["width"] / 2.0 + p["t_c"]
    g = 0.5 + 0.5 * math.tanh(p["beta"] * (centre - (t + near)))
    return [1.0 / (p["r_0"] * math.exp(p["t_activation"] / t) * g + p["r_m"])]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dT/dt, 0, 0, 0] of one device in plain Python."""
    power = drive[0] ** 2 * slow_conductance(state, params)[0]
    return [(power - params["conductance_th"] * (state[0] - params["t_base"])) / params["capacity_th"], 0.0, 0.0, 0.0]


MODEL = DeviceModel(
    name="thermal_vo2",
    params=(
        ParamSpec("r_0", "ohm", 5.35882879e-3, 1e-12, 1e12, "prefactor of the insulating resistance", "R_0"),
        ParamSpec("t_activation", "K", 5220.47417, 0.0, 2e4, "activation temperature of the insulating resistance", "E_a / k"),
        ParamSpec("r_m", "ohm", 1286.316504375, 1e-3, 1e9, "metallic resistance", "R_m"),
        ParamSpec("width", "K", 7.19357064, 0.0, 100.0, "width of the hysteresis", "w"),
        ParamSpec("t_c", "K", 332.805839, 200.0, 1e3, "centre of the transition", "T_c"),
        ParamSpec("beta", "1/K", 0.252796285, 1e-3, 100.0, "steepness of the transition", "beta"),
        ParamSpec("gamma", "", 0.956269682, 0.0, 10.0, "shape of minor loops", "gamma"),
        ParamSpec("capacity_th", "J/K", 4.962776831e-11, 1e-20, 1.0, "thermal capacity", "C_th"),
        ParamSpec("conductance_th", "W/K", 2.0558726e-4, 1e-15, 1e3, "thermal conductance to the substrate", "S_th"),
        ParamSpec("t_base", "K", 325.0, 200.0, 1e3, "temperature of the substrate", "T_0"),
    ),
    states=(
        StateSpec("temperature", "K", LOWEST, HIGHEST, 324.9, "temperature of the film", scale=100.0),
        StateSpec("branch", "", -1.0, 1.0, 1.0, "1 while the film heats, -1 while it cools", scale=EVENT),
        StateSpec("t_reversal", "K", COLDEST, HOTTEST, 324.9, "temperature of the last reversal", scale=EVENT),
        StateSpec("t_proximity", "K", -100.0, 100.0, 0.0, "distance of the branch from the major loop", scale=EVENT),
    ),
    drives=(SignalSpec("v", "V", "voltage across the device; its sign does not matter"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    exact_advance=False,
    advance_tolerance=1e-5,
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.1038/s41467-024-51254-4",
    doc="Thermal neuristor film: insulator-metal transition with hysteresis and minor loops, driven by Joule heat.",
)
