"""Volatile tungsten oxide memristor of Chang: ions drift with sinh of the voltage and diffuse back.

State x in [0, 1], the share of the area that conducts by tunnelling, the rest by a Schottky barrier:

    dx/dt = growth sinh(eta v) - decay x,   no further at a bound                                       (1)
    i = (1 - x) alpha (1 - exp(-beta v)) + x gamma sinh(delta v)                                        (2)

In the symbols of the paper growth = lambda eta_1, eta = eta_2, decay = lambda / tau: left alone it forgets with 1 / decay.
At frozen voltage (1) is linear and moves one way, so the clipped solution is exact for any duration,

    x_1 = clip(x_0 + (growth sinh(eta v) - decay x_0) s),   s = (1 - exp(-decay t)) / decay             (3)

and so is ``charge``: x moves by (3) until it meets a bound and stays there. There is no threshold: reads move the state.

References
----------
T. Chang et al., Appl. Phys. A 102, 857 (2011) (law and current).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, expm1, log1p, sinh

ALPHA, BETA, GAMMA, DELTA, GROWTH, ETA, DECAY = range(7)
MAX_EXPONENT = 345.0


@scalar_kernel
def bounded(argument):
    """Return an argument of sinh or exp within +-345: results stay finite."""
    argument = MAX_EXPONENT if argument > MAX_EXPONENT else argument
    return -MAX_EXPONENT if argument < -MAX_EXPONENT else argument


@scalar_kernel
def span(duration, decay):
    """Return s of (3) [s]; the duration where nothing decays."""
    slow = decay > 0.0
    return -expm1(-decay * duration) / (decay if slow else 1.0) if slow else duration


@scalar_kernel
def ramp_mean(d):
    """Return (d - 1 + exp(-d)) / d^2, 1/2 at d = 0, without cancellation."""
    series = 0.5 - d / 6.0 * (1.0 - d / 4.0 * (1.0 - d / 5.0 * (1.0 - d / 6.0 * (1.0 - d / 7.0 * (1.0 - d / 8.0)))))
    large = d if d > 0.03 else 1.0
    return series if d <= 0.03 else (1.0 + expm1(-large) / large) / large


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1), zero where the state is at a bound and pushed outwards."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    growth, eta, decay = params[GROWTH, start:stop], params[ETA, start:stop], params[DECAY, start:stop]
    for j in range(stop - start):
        f = growth[j] * sinh(bounded(eta[j] * v[j])) - decay[j] * x[j]
        outward = (x[j] >= 1.0 and f > 0.0) or (x[j] <= 0.0 and f < 0.0)
        dx[j] = 0.0 if outward else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage with (3): exact for any duration."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    growth, eta, decay = params[GROWTH, start:stop], params[ETA, start:stop], params[DECAY, start:stop]
    for j in range(stop - start):
        f = growth[j] * sinh(bounded(eta[j] * v[j])) - decay[j] * x[j]
        y = x[j] + f * span(dt[j], decay[j])
        y = 1.0 if y > 1.0 else y
        x[j] = 0.0 if y < 0.0 else y


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write di/dv [S] at v = 0."""
    x, g = state[0, start:stop], out[start:stop]
    alpha, beta = params[ALPHA, start:stop], params[BETA, start:stop]
    gamma, delta = params[GAMMA, start:stop], params[DELTA, start:stop]
    for j in range(stop - start):
        g[j] = (1.0 - x[j]) * alpha[j] * beta[j] + x[j] * gamma[j] * delta[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] of (2) and di/dv [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    alpha, beta = params[ALPHA, start:stop], params[BETA, start:stop]
    gamma, delta = params[GAMMA, start:stop], params[DELTA, start:stop]
    for j in range(stop - start):
        schottky, tunnel = expm1(bounded(-beta[j] * v[j])), bounded(delta[j] * v[j])
        i[j] = -(1.0 - x[j]) * alpha[j] * schottky + x[j] * gamma[j] * sinh(tunnel)
        cosh = 0.5 * (exp(tunnel) + exp(-tunnel))
        g[j] = (1.0 - x[j]) * alpha[j] * beta[j] * (schottky + 1.0) + x[j] * gamma[j] * delta[j] * cosh


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage: exact."""
    x, v, dt, q = state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    alpha, beta = params[ALPHA, start:stop], params[BETA, start:stop]
    gamma, delta = params[GAMMA, start:stop], params[DELTA, start:stop]
    growth, eta, decay = params[GROWTH, start:stop], params[ETA, start:stop], params[DECAY, start:stop]
    for j in range(stop - start):
        f = growth[j] * sinh(bounded(eta[j] * v[j])) - decay[j] * x[j]
        room = (1.0 if f > 0.0 else 0.0) - x[j]
        # Without a drive x = 0 is approached for ever; rounding must not let it arrive.
        hits = abs(f * span(dt[j], decay[j])) > abs(room) and abs(f) > decay[j] * abs(room)
        s = room / (f if hits else 1.0)
        slow = decay[j] > 0.0
        arrival = -log1p(-decay[j] * s) / (decay[j] if slow else 1.0) if slow else s
        t = arrival if hits else dt[j]
        area = x[j] * t + f * t * t * ramp_mean(decay[j] * t)
        area += (x[j] + room) * (dt[j] - t) if hits else 0.0
        low = -alpha[j] * expm1(bounded(-beta[j] * v[j]))
        high = gamma[j] * sinh(bounded(delta[j] * v[j]))
        q[j] = low * (dt[j] - area) + high * area


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    x, f = state[0], params["growth"] * math.sinh(params["eta"] * drive[0]) - params["decay"] * state[0]
    return [0.0 if (x >= 1.0 and f > 0.0) or (x <= 0.0 and f < 0.0) else f]


def slow_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                 duration: float) -> list[float]:
    """Return [x] of one device after ``duration`` in plain Python."""
    push, decay = params["growth"] * math.sinh(params["eta"] * drive[0]), params["decay"]
    free = state[0] + push * duration
    if decay > 0.0:
        free = push / decay + (state[0] - push / decay) * math.exp(-decay * duration)
    return [min(1.0, max(0.0, free))]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [di/dv at v = 0] of one device in plain Python."""
    return [(1.0 - state[0]) * params["alpha"] * params["beta"] + state[0] * params["gamma"] * params["delta"]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    schottky = -params["alpha"] * math.expm1(-params["beta"] * drive[0])
    return [(1.0 - state[0]) * schottky + state[0] * params["gamma"] * math.sinh(params["delta"] * drive[0])]


MODEL = DeviceModel(
    name="wox",
    params=(
        ParamSpec("alpha", "A", 0.5e-6, 0.0, 1e3, "current scale of the Schottky barrier", "alpha"),
        ParamSpec("beta", "1/V", 0.5, 0.0, 1e3, "steepness of the Schottky barrier", "beta"),
        ParamSpec("gamma", "A", 4e-6, 0.0, 1e3, "current scale of tunnelling", "gamma"),
        ParamSpec("delta", "1/V", 2.0, 0.0, 1e3, "steepness of tunnelling", "delta"),
        ParamSpec("growth", "1/s", 0.018, 0.0, 1e30, "speed of ion drift", "lambda eta_1"),
        ParamSpec("eta", "1/V", 4.0, 0.0, 1e3, "steepness of ion drift", "eta_2"),
        ParamSpec("decay", "1/s", 0.45, 0.0, 1e30, "rate of diffusing back", "lambda / tau"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.0, "share of the area that conducts by tunnelling"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the conductance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    handles={"g_max": Handle(("gamma",)), "g_min": Handle(("alpha",)), "rate": Handle(("growth", "decay"))},
    increase_sign=1,
    twins={"rate": slow_rate, "advance": slow_advance, "conductance": slow_conductance, "current": slow_current},
    doc="Volatile oxide memristor: ions drift with sinh(v) and diffuse back, Schottky and tunnel current in parallel.",
)
