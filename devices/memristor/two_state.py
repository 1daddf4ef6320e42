"""Two-state switches: a device of many switches that turn on and off at voltage-dependent rates.

State x in [0, 1], the fraction of switches that are ON, in the limit of many switches (no switching noise):

    dx/dt = lambda_plus(v) (1 - x) - lambda_minus(v) x                                                  (1)
    lambda_plus  = rate_plus  / (s + exp(-(v - v_plus)  / w_plus))
    lambda_minus = rate_minus / (s + exp( (v - v_minus) / w_minus))                                     (2)
    G = g_off + (g_on - g_off) x,   i = G v                                                             (3)

Saturation s = 1 is the Fermi law of metastable switches (v_plus = V_on, v_minus = -V_off, w = k T / q, rates 1 / tau);
s = 0 is the exponential law of the dynamic memdiode (v_plus = v_minus = 0, rates 1 / T_S and 1 / T_R, w = V_S and V_R).

At frozen voltage (1) is linear, with L = lambda_plus + lambda_minus and x_rest = lambda_plus / L:

    x_1 = x_0 + (x_rest - x_0) (1 - exp(-L t))
    q = v t (G(x_rest) + (g_on - g_off) (x_0 - x_rest) (1 - exp(-L t)) / (L t))                         (4)

There is no threshold: rates are small, never zero. The current of a parallel Schottky junction is left out.

References
----------
M. A. Nugent, T. W. Molter, PLoS ONE 9, e85175 (2014), doi:10.1371/journal.pone.0085175 (metastable switches).
F. L. Aguirre et al., Front. Phys. 9, 735021 (2021), doi:10.3389/fphy.2021.735021 (exponential rates, memdiode).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, expm1

G_ON, G_OFF, RATE_PLUS, RATE_MINUS, V_PLUS, V_MINUS, W_PLUS, W_MINUS, SATURATION = range(9)
FASTEST = 1e300  # 1/s: keeps the ratio of two overflowing exponential rates finite


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1)."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    up_0, down_0 = params[RATE_PLUS, start:stop], params[RATE_MINUS, start:stop]
    v_up, v_down = params[V_PLUS, start:stop], params[V_MINUS, start:stop]
    w_up, w_down, s = params[W_PLUS, start:stop], params[W_MINUS, start:stop], params[SATURATION, start:stop]
    for j in range(stop - start):
        up = min(FASTEST, up_0[j] / (s[j] + exp((v_up[j] - v[j]) / w_up[j])))
        down = min(FASTEST, down_0[j] / (s[j] + exp((v[j] - v_down[j]) / w_down[j])))
        dx[j] = up * (1.0 - x[j]) - down * x[j]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage: exact for any duration."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    up_0, down_0 = params[RATE_PLUS, start:stop], params[RATE_MINUS, start:stop]
    v_up, v_down = params[V_PLUS, start:stop], params[V_MINUS, start:stop]
    w_up, w_down, s = params[W_PLUS, start:stop], params[W_MINUS, start:stop], params[SATURATION, start:stop]
    for j in range(stop - start):
        up = min(FASTEST, up_0[j] / (s[j] + exp((v_up[j] - v[j]) / w_up[j])))
        down = min(FASTEST, down_0[j] / (s[j] + exp((v[j] - v_down[j]) / w_down[j])))
        total = up + down
        rest = up / (total if total > 0.0 else 1.0)
        y = x[j] - (rest - x[j]) * expm1(-total * dt[j])
        y = 1.0 if y > 1.0 else y
        y = 0.0 if y < 0.0 else y
        x[j] = y if total > 0.0 else x[j]


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S] of (3)."""
    x, g = state[0, start:stop], out[start:stop]
    g_on, g_off = params[G_ON, start:stop], params[G_OFF, start:stop]
    for j in range(stop - start):
        g[j] = g_off[j] + (g_on[j] - g_off[j]) * x[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = G v [A] and di/dv = G [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    g_on, g_off = params[G_ON, start:stop], params[G_OFF, start:stop]
    for j in range(stop - start):
        g[j] = g_off[j] + (g_on[j] - g_off[j]) * x[j]
        i[j] = v[j] * g[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage: exact."""
    x, v, dt, q = state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    g_on, g_off = params[G_ON, start:stop], params[G_OFF, start:stop]
    up_0, down_0 = params[RATE_PLUS, start:stop], params[RATE_MINUS, start:stop]
    v_up, v_down = params[V_PLUS, start:stop], params[V_MINUS, start:stop]
    w_up, w_down, s = params[W_PLUS, start:stop], params[W_MINUS, start:stop], params[SATURATION, start:stop]
    for j in range(stop - start):
        up = min(FASTEST, up_0[j] / (s[j] + exp((v_up[j] - v[j]) / w_up[j])))
        down = min(FASTEST, down_0[j] / (s[j] + exp((v[j] - v_down[j]) / w_down[j])))
        total = up + down
        rest = up / total if total > 0.0 else x[j]
        decay = total * dt[j]
        mean = -expm1(-decay) / decay if decay > 0.0 else 1.0
        g_rest = g_off[j] + (g_on[j] - g_off[j]) * rest
        q[j] = v[j] * dt[j] * (g_rest + (g_on[j] - g_off[j]) * (x[j] - rest) * mean)


def slow_rates(v: float, params: Mapping[str, float]) -> tuple[float, float]:
    """Return lambda_plus and lambda_minus [1/s] of (2) for one device."""
    s = params["saturation"]
    return (params["rate_plus"] / (s + math.exp(-(v - params["v_plus"]) / params["w_plus"])),
            params["rate_minus"] / (s + math.exp((v - params["v_minus"]) / params["w_minus"])))


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    up, down = slow_rates(drive[0], params)
    return [up * (1.0 - state[0]) - down * state[0]]


def slow_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                 duration: float) -> list[float]:
    """Return [x] of one device after ``duration`` in plain Python."""
    up, down = slow_rates(drive[0], params)
    if up + down == 0.0:
        return [state[0]]
    rest = up / (up + down)
    return [rest + (state[0] - rest) * math.exp(-(up + down) * duration)]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [params["g_on"] * state[0] + params["g_off"] * (1.0 - state[0])]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


MODEL = DeviceModel(
    name="two_state",
    params=(
        ParamSpec("g_on", "S", 1.6e-3, 1e-15, 1e3, "conductance with every switch ON", "G_on"),
        ParamSpec("g_off", "S", 5.33e-4, 0.0, 1e3, "conductance with every switch OFF", "G_off"),
        ParamSpec("rate_plus", "1/s", 1e4, 0.0, 1e15, "scale of the rate of turning ON", "lambda_+"),
        ParamSpec("rate_minus", "1/s", 1e4, 0.0, 1e15, "scale of the rate of turning OFF", "lambda_-"),
        ParamSpec("v_plus", "V", 0.27, -100.0, 100.0, "voltage of half the largest ON rate (Fermi law)", "V_+"),
        ParamSpec("v_minus", "V", -0.27, -100.0, 100.0, "voltage of half the largest OFF rate (Fermi law)", "V_-"),
        ParamSpec("w_plus", "V", 0.0257, 1e-6, 100.0, "voltage that multiplies the ON rate by e", "w_+"),
        ParamSpec("w_minus", "V", 0.0257, 1e-6, 100.0, "voltage that divides the OFF rate by e", "w_-"),
        ParamSpec("saturation", "", 1.0, 0.0, 1.0, "1: Fermi law, 0: exponential law", "s"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "fraction of switches that are ON"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the conductance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    handles={
        "g_max": Handle(("g_on",)),
        "g_min": Handle(("g_off",)),
        "rate": Handle(("rate_plus", "rate_minus")),
        "threshold_up": Handle(("v_plus",)),
        "threshold_down": Handle(("v_minus",)),
    },
    increase_sign=1,
    twins={"rate": slow_rate, "advance": slow_advance, "conductance": slow_conductance, "current": slow_current},
    reference="10.1371/journal.pone.0085175",
    doc="Many two-state switches with Fermi or exponential rates: metastable switches, memdiode, volatile decay.",
)
