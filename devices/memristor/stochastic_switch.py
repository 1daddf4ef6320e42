"""A binary device whose switching time is random: Poisson, Weibull or log-normal, from one latent draw per attempt.

State: ``x`` is 0 (OFF) or 1 (ON); ``progress`` in [0, 1] of the present attempt to switch; ``threshold`` of that attempt
over its median. An OFF device works towards ON at v > 0, an ON device towards OFF at v < 0, and nothing happens else:

    d(progress)/dt = speed(v) / (median threshold),   median = (ln 2)^a
    speed = rate_set exp(v / w_set)  or  rate_reset exp(-v / w_reset)  [1/s]                            (1)
    threshold / median = (E / ln 2)^a exp(sigma_log z)                                                  (2)

with E exponential of mean one and z standard normal. The device switches when progress reaches 1, and a new attempt
begins: its threshold is drawn then, once. Under constant voltage, with tau = 1 / speed, (2) is

    a = 1, sigma_log = 0     Poisson       P(t) = 1 - exp(-t / tau)
    a = 1/k, sigma_log = 0   Weibull       P(t) = 1 - exp(-(t / tau)^k)
    a = 0, sigma_log > 0     log-normal    P(t) = erfc(-ln(t / tau) / (sqrt(2) sigma_log)) / 2

Time enters through (1) alone, so the law holds for any waveform, does not depend on the time step, and a pulse may be cut
into pieces. An attempt ends with success; what happens at the other polarity does not change its progress. Without noise
every threshold is the median. G = g_off + (g_on - g_off) x, i = G v.

References
----------
S. H. Jo, K.-H. Kim, W. Lu, Nano Lett. 9, 496 (2009) (Poisson switching, exponential in voltage).
S. Gaba et al., Nanoscale 5, 5872 (2013), doi:10.1039/C3NR01176C (random bit streams).
G. Medeiros-Ribeiro et al., Nanotechnology 22, 095702 (2011) (log-normal switching times).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.special import log_ndtr

from devices.memristor.switch_count import uniform_of
from devices.memristor.two_state_law import conductance, current, slow_conductance, slow_current
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, RATE
from neurosim.kernels.vmath import exp, log

G_ON, G_OFF, RATE_SET, RATE_RESET, W_SET, W_RESET, INVERSE_SHAPE, SIGMA_LOG = range(8)
X, PROGRESS, THRESHOLD = range(3)
LOG_LN2 = math.log(math.log(2.0))
LEAST, LARGEST, MAX_EXPONENT = 1e-30, 1e30, 345.0


@scalar_kernel
def speed(x, v, rate_set, rate_reset, w_set, w_reset, inverse_shape):
    """Return the speed [1/s] of an attempt with the median threshold; zero at the wrong polarity."""
    on = x >= 0.5
    e = -v / w_reset if on else v / w_set
    e = (MAX_EXPONENT if e > MAX_EXPONENT else e) - inverse_shape * LOG_LN2
    fast = (rate_reset if on else rate_set) * exp(e)
    return fast if ((v < 0.0) if on else (v > 0.0)) else 0.0


@scalar_kernel
def drawn_threshold(inverse_shape, sigma_log, z_exponential, z_normal):
    """Return (2); 1 for two zeros."""
    u = uniform_of(z_exponential + 0.125)
    e = -log(1.0 - u)
    y = exp(inverse_shape * (log(e if e > 1e-16 else 1e-16) - LOG_LN2) + sigma_log * z_normal)
    y = LEAST if y < LEAST else y
    return LARGEST if y > LARGEST else y


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write the time derivatives [1/s] between switchings: only the progress moves."""
    x, v = state[X, start:stop], drive[0, start:stop]
    threshold, dp = state[THRESHOLD, start:stop], out[PROGRESS, start:stop]
    dx, dt = out[X, start:stop], out[THRESHOLD, start:stop]
    rate_set, rate_reset = params[RATE_SET, start:stop], params[RATE_RESET, start:stop]
    w_set, w_reset, a = params[W_SET, start:stop], params[W_RESET, start:stop], params[INVERSE_SHAPE, start:stop]
    for j in range(stop - start):
        s = speed(x[j], v[j], rate_set[j], rate_reset[j], w_set[j], w_reset[j], a[j])
        dp[j] = s / (threshold[j] if threshold[j] > 0.0 else 1.0)
        dx[j] = 0.0
        dt[j] = 0.0


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step over ``duration`` [s] at frozen voltage: exact; at most one switching, as the polarity then is wrong."""
    x, v, dt = state[X, start:stop], drive[0, start:stop], duration[start:stop]
    progress, threshold = state[PROGRESS, start:stop], state[THRESHOLD, start:stop]
    z_exponential, z_normal = noise[0, start:stop], noise[1, start:stop]
    rate_set, rate_reset = params[RATE_SET, start:stop], params[RATE_RESET, start:stop]
    w_set, w_reset = params[W_SET, start:stop], params[W_RESET, start:stop]
    a, sigma = params[INVERSE_SHAPE, start:stop], params[SIGMA_LOG, start:stop]
    for j in range(stop - start):
        s = speed(x[j], v[j], rate_set[j], rate_reset[j], w_set[j], w_reset[j], a[j])
        if not s * dt[j] > 0.0:
            continue
        first = threshold[j] == 0.0
        if first:
            threshold[j] = drawn_threshold(a[j], sigma[j], z_exponential[j], z_normal[j])
        progress[j] += s * dt[j] / threshold[j]
        if progress[j] >= 1.0:
            x[j] = 0.0 if x[j] >= 0.5 else 1.0
            progress[j] = 0.0
            # One draw serves one attempt: if this call has used it, the next attempt draws when it first moves.
            threshold[j] = 0.0 if first else drawn_threshold(a[j], sigma[j], z_exponential[j], z_normal[j])


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage: exact; a first attempt without a draw counts as median."""
    x, v, dt, q = state[X, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    progress, threshold = state[PROGRESS, start:stop], state[THRESHOLD, start:stop]
    g_on, g_off = params[G_ON, start:stop], params[G_OFF, start:stop]
    rate_set, rate_reset = params[RATE_SET, start:stop], params[RATE_RESET, start:stop]
    w_set, w_reset, a = params[W_SET, start:stop], params[W_RESET, start:stop], params[INVERSE_SHAPE, start:stop]
    for j in range(stop - start):
        s = speed(x[j], v[j], rate_set[j], rate_reset[j], w_set[j], w_reset[j], a[j])
        left = (1.0 - progress[j]) * (threshold[j] if threshold[j] > 0.0 else 1.0)
        switches = s * dt[j] >= left and s > 0.0
        before = left / (s if s > 0.0 else 1.0) if switches else dt[j]
        g_before = g_off[j] + (g_on[j] - g_off[j]) * x[j]
        g_after = g_off[j] if x[j] >= 0.5 else g_on[j]
        q[j] = v[j] * (g_before * before + g_after * (dt[j] - before))


def slow_speed(x: float, v: float, params: Mapping[str, float]) -> float:
    """Return the speed [1/s] of (1), over the median threshold, in plain Python."""
    fast = 0.0
    if x >= 0.5 and v < 0.0:
        fast = params["rate_reset"] * math.exp(-v / params["w_reset"])
    if x < 0.5 and v > 0.0:
        fast = params["rate_set"] * math.exp(v / params["w_set"])
    return fast / math.log(2.0) ** params["inverse_shape"]


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return the time derivatives of one device in plain Python."""
    return [0.0, slow_speed(state[X], drive[0], params) / (state[THRESHOLD] or 1.0), 0.0]


def start(state: np.ndarray, params: np.ndarray, normal: Callable[[str], np.ndarray]) -> None:
    """Draw the threshold of the first attempt of instances by (2)."""
    exponential = -log_ndtr(normal("exponential"))
    with np.errstate(over="ignore"):
        drawn = (exponential / math.log(2.0)) ** params[INVERSE_SHAPE] * np.exp(params[SIGMA_LOG] * normal("normal"))
    state[THRESHOLD] = np.clip(drawn, LEAST, LARGEST)


MODEL = DeviceModel(
    name="stochastic_switch",
    params=(
        ParamSpec("g_on", "S", 1e-6, 0.0, 1e3, "conductance when ON", "G_on"),
        ParamSpec("g_off", "S", 1e-9, 0.0, 1e3, "conductance when OFF", "G_off"),
        ParamSpec("rate_set", "1/s", 5.9e-9, 0.0, 1e30, "rate of switching ON, extrapolated to 0 V", "1/tau_0"),
        ParamSpec("rate_reset", "1/s", 5.9e-9, 0.0, 1e30, "rate of switching OFF, extrapolated to 0 V", "1/tau_0"),
        ParamSpec("w_set", "V", 0.164, 1e-6, 1e30, "voltage that multiplies the rate of switching ON by e", "V_0"),
        ParamSpec("w_reset", "V", 0.164, 1e-6, 1e30, "voltage that multiplies the rate of switching OFF by e", "V_0"),
        ParamSpec("inverse_shape", "", 1.0, 0.0, 10.0, "1 / k of the Weibull law; 1 is Poisson, 0 no such spread", "a"),
        ParamSpec("sigma_log", "", 0.0, 0.0, 5.0, "standard deviation of the logarithm of a log-normal factor", "sigma"),
    ),
    states=(
        StateSpec("x", "", 0.0, 1.0, 0.0, "0 is OFF, 1 is ON"),
        StateSpec("progress", "", 0.0, 1.0, 0.0, "of the present attempt: it switches at 1"),
        StateSpec("threshold", "", 0.0, LARGEST, 0.0, "of the present attempt over its median; 0: not drawn yet", scale=1e30),
    ),
    drives=(SignalSpec("v", "V", "voltage across the device; positive switches it ON"),),
    noises=("exponential", "normal"),
    start=start,
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    calculus="jump",
    handles={"g_max": Handle(("g_on",)), "g_min": Handle(("g_off",)), "rate": Handle(("rate_set", "rate_reset"))},
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    doc="Binary device with a random switching time: Poisson, Weibull or log-normal, the same law for any waveform and step.",
)
