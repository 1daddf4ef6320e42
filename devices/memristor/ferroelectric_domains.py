"""Ferroelectric film of eight domains: nucleation-limited switching (NLS), random and dependent on history.

Each domain k has its own activation field E_k and four states: m in [0, 1], 1 is up; h, the nucleation progress, positive
towards up; and two latent normal numbers, z_up and z_down, that fix its next thresholds. With E = |v| / thickness, s = sign(v)

    1 / tau_k = exp(-(E_k / E)^alpha) / tau_0                                                                 (1)
    d(s h)/dt = 1 / tau_k   for s h >= 0,      (1 + collapse |h|) / tau_k   for s h < 0   (|h| <= 50)              (2)
    the domain switches to s while s h >= theta_s,   theta_s^beta = -ln(1 - Phi(z_s))                             (3)
    switching: dm/dt = switch_rate (target - m),
               dz = -switch_rate z dt + sqrt(2 switch_rate) dW  for the threshold of the way back                (4)
    G = g_min + (g_max - g_min) mean(m),   i = G v                                                            (5)

theta^beta is exponential of mean one, so that the probability of having switched by progress h is 1 - exp(-h^beta): Weibull
hazard integrated against one latent draw. It depends neither on the step nor on how a pulse is split, pulses accumulate, and
without a voltage nothing is lost. beta = 1 is Poisson switching; equal E_k and beta = n is Kolmogorov-Avrami-Ishibashi. After a
switch the threshold back is a new draw. (2) replaces the reset of h at each reversal in the published code: the field that
reverses removes nuclei ``collapse`` times faster than it makes new ones; a weak read therefore removes none. Steps are exact.

With all noise zero every new threshold is the median one. All domains of a new population start with median thresholds: one
full cycle with noise draws them. Not in the law: displacement current of the polarisation, depolarisation field, imprint,
wake-up and fatigue. Conductance linear in the polarisation is exact for a tunnel junction of parallel domains and an assumption
for a transistor, whose gate writes and whose channel is read. Several states make one conductance, so there is no handle
``rate``: a crossbar, which needs a state for each conductance, refuses this model; its relative with one state,
:mod:`devices.memristor.ferroelectric_tunnel`, is for arrays.

References
----------
C. Alessandri et al., IEEE Electron Device Lett. 39, 1780 (2018), doi:10.1109/LED.2018.2872124 (NLS in HZO).
S. Deng et al., IEEE VLSI Technology 2020, doi:10.1109/VLSITechnology18217.2020.9265014 (hazard of domains, published code).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from devices.memristor.ferroelectric_law import MOST, nucleation_rate, progressed, share_beyond, threshold
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, expm1

DOMAINS = 8  # as many as an array has rows of noise for one device
M, H, UP, DOWN = 0, DOMAINS, 2 * DOMAINS, 3 * DOMAINS  # first rows of the four kinds of states
G_MIN, G_MAX, THICKNESS, TAU_0, ALPHA, BETA, COLLAPSE, SWITCH, FIELD = range(9)  # FIELD: first of the activation fields
EXTREME = 9.0
# Quantiles (k - 1/2) / 8 of the generalised beta distribution (6.9307, 1.6698 MV/cm, 0.5724, 0.7239) of HZO [V/m].
QUANTILES = (0.87963065e8, 1.17001107e8, 1.35104833e8, 1.5047263e8, 1.65782586e8, 1.83423162e8, 2.08210441e8, 2.63615606e8)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write the derivatives of all states, (2) and (4) without noise."""
    v = drive[0, start:stop]
    thickness, tau_0, alpha = params[THICKNESS, start:stop], params[TAU_0, start:stop], params[ALPHA, start:stop]
    beta, collapse, switch = params[BETA, start:stop], params[COLLAPSE, start:stop], params[SWITCH, start:stop]
    for k in range(DOMAINS):
        m, h = state[M + k, start:stop], state[H + k, start:stop]
        up, down = state[UP + k, start:stop], state[DOWN + k, start:stop]
        dm, dh, du, dd = out[M + k, start:stop], out[H + k, start:stop], out[UP + k, start:stop], out[DOWN + k, start:stop]
        activation = params[FIELD + k, start:stop]
        for j in range(stop - start):
            up_ward, driven = v[j] > 0.0, v[j] != 0.0
            s = 1.0 if up_ward else -1.0
            y = s * h[j]
            r = nucleation_rate(abs(v[j]) / thickness[j], activation[j], tau_0[j], alpha[j])
            grown = r * (1.0 - collapse[j] * y) if y < 0.0 else (r if y < MOST else 0.0)
            dh[j] = s * grown if driven else 0.0
            beyond = driven and y >= threshold(up[j] if up_ward else down[j], beta[j])
            speed = switch[j] if beyond else 0.0
            dm[j] = speed * ((1.0 if up_ward else 0.0) - m[j])
            du[j] = 0.0 if up_ward else -speed * up[j]
            dd[j] = -speed * down[j] if up_ward else 0.0


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step all domains over ``duration`` [s] at frozen voltage: exact."""
    v, dt = drive[0, start:stop], duration[start:stop]
    thickness, tau_0, alpha = params[THICKNESS, start:stop], params[TAU_0, start:stop], params[ALPHA, start:stop]
    beta, collapse, switch = params[BETA, start:stop], params[COLLAPSE, start:stop], params[SWITCH, start:stop]
    for k in range(DOMAINS):
        m, h = state[M + k, start:stop], state[H + k, start:stop]
        up, down = state[UP + k, start:stop], state[DOWN + k, start:stop]
        activation, z = params[FIELD + k, start:stop], noise[k, start:stop]
        for j in range(stop - start):
            up_ward, driven = v[j] > 0.0, v[j] != 0.0
            s = 1.0 if up_ward else -1.0
            y, up_z, down_z = s * h[j], up[j], down[j]
            p = nucleation_rate(abs(v[j]) / thickness[j], activation[j], tau_0[j], alpha[j]) * dt[j]
            goal = threshold(up_z if up_ward else down_z, beta[j])
            beyond = share_beyond(y, p, goal, collapse[j]) * dt[j] * switch[j]
            beyond = beyond if driven else 0.0
            moved = s * progressed(y, p, collapse[j])
            h[j] = moved if driven else h[j]
            m[j] += -expm1(-beyond) * ((1.0 if up_ward else 0.0) - m[j])
            redrawn = (down_z if up_ward else up_z) * exp(-beyond) + math.sqrt(-expm1(-2.0 * beyond)) * z[j]
            redrawn = EXTREME if redrawn > EXTREME else redrawn
            redrawn = -EXTREME if redrawn < -EXTREME else redrawn
            up[j] = up_z if up_ward else redrawn
            down[j] = redrawn if up_ward else down_z


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S] of (5)."""
    g, g_min, g_max = out[start:stop], params[G_MIN, start:stop], params[G_MAX, start:stop]
    for j in range(stop - start):
        g[j] = g_min[j]
    for k in range(DOMAINS):
        m = state[M + k, start:stop]
        for j in range(stop - start):
            g[j] += (g_max[j] - g_min[j]) * (m[j] / DOMAINS)


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = G v [A] and di/dv = G [S]."""
    conductance(state, params, slope, start, stop)
    v, i, g = drive[0, start:stop], current[start:stop], slope[start:stop]
    for j in range(stop - start):
        i[j] = v[j] * g[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage: exact for any duration."""
    v, dt, q = drive[0, start:stop], duration[start:stop], out[start:stop]
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    thickness, tau_0, alpha = params[THICKNESS, start:stop], params[TAU_0, start:stop], params[ALPHA, start:stop]
    beta, collapse, switch = params[BETA, start:stop], params[COLLAPSE, start:stop], params[SWITCH, start:stop]
    for j in range(stop - start):
        q[j] = v[j] * g_min[j] * dt[j]
    for k in range(DOMAINS):
        m, h = state[M + k, start:stop], state[H + k, start:stop]
        up, down = state[UP + k, start:stop], state[DOWN + k, start:stop]
        activation = params[FIELD + k, start:stop]
        for j in range(stop - start):
            up_ward = v[j] > 0.0
            up_z, down_z = up[j], down[j]
            p = nucleation_rate(abs(v[j]) / thickness[j], activation[j], tau_0[j], alpha[j]) * dt[j]
            goal = threshold(up_z if up_ward else down_z, beta[j])
            beyond = share_beyond(h[j] if up_ward else -h[j], p, goal, collapse[j]) * dt[j]
            gone = beyond * switch[j]
            kept = -expm1(-gone) / (gone if gone > 0.0 else 1.0)
            kept = kept if gone > 0.0 else 1.0
            target = 1.0 if up_ward else 0.0
            time = m[j] * dt[j] + (target - m[j]) * beyond * (1.0 - kept)
            q[j] += v[j] * (g_max[j] - g_min[j]) * (time / DOMAINS)


def slow_threshold(z: float, beta: float) -> float:
    """Return theta of (3) with the error function of the C library."""
    return (-math.log(0.5 * math.erfc(z / math.sqrt(2.0))) if z > 0.0
            else -math.log1p(-0.5 * math.erfc(-z / math.sqrt(2.0)))) ** (1.0 / beta)


def slow_time(field: float, activation: float, p: Mapping[str, float]) -> float:
    """Return tau [s] of (1) for one domain, infinite where it overflows."""
    exponent = (activation / field) ** p["alpha"] if field > 0.0 else math.inf
    return p["tau_0"] * math.exp(exponent) if exponent < 700.0 else math.inf


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return the derivatives of the states of one device in plain Python."""
    v, p = drive[0], params
    dm, dh, du, dd = ([0.0] * DOMAINS for _ in range(4))
    for k in range(DOMAINS):
        if v == 0.0:
            continue
        s, h, m, latent = (1 if v > 0.0 else -1), state[H + k], state[M + k], state[(UP if v > 0.0 else DOWN) + k]
        r = 1.0 / slow_time(abs(v) / p["thickness"], p[f"field_{k + 1}"], p)
        dh[k] = s * r * (1.0 + p["collapse"] * abs(h) if s * h < 0.0 else 1.0 if s * h < MOST else 0.0)
        if s * h >= slow_threshold(latent, p["beta"]):
            dm[k] = p["switch_rate"] * ((s > 0) - m)
            du[k] = -p["switch_rate"] * state[UP + k] if s < 0 else 0.0
            dd[k] = -p["switch_rate"] * state[DOWN + k] if s > 0 else 0.0
    return [*dm, *dh, *du, *dd]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [params["g_min"] + (params["g_max"] - params["g_min"]) * math.fsum(state[:DOMAINS]) / DOMAINS]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


def switching_time_at_one_megavolt(p: Mapping[str, float]) -> float:
    """Return tau [s] of a domain of 1.67 MV/cm in a field of 1 MV/cm."""
    return slow_time(1e8, 1.67e8, p)


def switching_time_at_one_point_four_megavolt(p: Mapping[str, float]) -> float:
    """Return tau [s] of a domain of 1.67 MV/cm in a field of 1.4 MV/cm."""
    return slow_time(1.4e8, 1.67e8, p)


def start(state: np.ndarray, params: np.ndarray, normal: Callable[[str], np.ndarray]) -> None:
    """Draw the first thresholds of every domain of instances."""
    for row, name in [(UP, "up"), (DOWN, "down")]:
        for k in range(DOMAINS):
            state[row + k] = np.clip(normal(f"{name} {k}"), -EXTREME, EXTREME)


MODEL = DeviceModel(
    name="ferroelectric_domains",
    params=(
        ParamSpec("g_min", "S", 1e-7, 0.0, 1e3, "conductance with all domains down", "G_min"),
        ParamSpec("g_max", "S", 1e-5, 1e-15, 1e3, "conductance with all domains up", "G_max"),
        ParamSpec("thickness", "m", 1e-8, 1e-10, 1e-3, "thickness of the film", "d"),
        ParamSpec("tau_0", "s", 3.5725e-6, 1e-15, 1e3, "nucleation time at infinite field", "tau_0"),
        ParamSpec("alpha", "", 3.2975, 0.1, 20.0, "exponent of the field", "alpha"),
        ParamSpec("beta", "", 2.0, 1.0, 10.0, "exponent of the hazard; 1 is Poisson switching", "beta"),
        ParamSpec("collapse", "", 100.0, 1.0, 1e8, "how much faster a reversed field removes nuclei than it makes them", ""),
        ParamSpec("switch_rate", "1/s", 1e7, 0.0, 1e15, "rate at which a nucleated domain switches", ""),
        *(ParamSpec(f"field_{k + 1}", "V/m", value, 1.0, 1e12, f"activation field of domain {k + 1}", f"E_{k + 1}")
          for k, value in enumerate(QUANTILES)),
    ),
    states=(
        *(StateSpec(f"m_{k + 1}", "", 0.0, 1.0, 0.0, f"domain {k + 1}: 1 is up, 0 is down") for k in range(DOMAINS)),
        *(StateSpec(f"h_{k + 1}", "", -MOST, MOST, 0.0, f"nucleation of domain {k + 1}, positive towards up", MOST)
          for k in range(DOMAINS)),
        *(StateSpec(f"{way}_{k + 1}", "", -EXTREME, EXTREME, 0.0, f"latent threshold of domain {k + 1} for switching {way}")
          for way in ("up", "down") for k in range(DOMAINS)),
    ),
    drives=(SignalSpec("v", "V", "voltage across the film (or gate voltage); positive switches up"),),
    noises=tuple(f"domain_{k + 1}" for k in range(DOMAINS)),
    start=start,
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    handles={"g_max": Handle(("g_max",)), "g_min": Handle(("g_min",))},
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.1109/LED.2018.2872124",
    doc="Ferroelectric film of eight domains, nucleation-limited: Weibull hazards against latent draws, accumulation, history.",
)
