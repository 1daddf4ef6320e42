"""Ferroelectric tunnel junction, mean field: domains whose switching times spread over decades, one state.

State x in [0, 1], the fraction of domains that are up (high conductance). At a constant voltage domains switch at times whose
logarithm has a Lorentzian distribution, cut at ten half widths: the fastest domain needs t_m e^(-10 gamma). From all down

    x(t) = 1/2 + atan(ln(t / t_m) / gamma) / a,   a = 2 atan(10),   t_m = t_inf exp((v_act / |v|)^power)       (1)

Without the cut a = pi, and a pulse of any shortness would switch some percent. power = 1 is Merz's law. A positive voltage
switches up; a negative one switches down, 1 - x in place of x, with its own v_act. What has been switched tells how much time
has passed: the state after any history moves like (1) from the time

    t_x = t_m exp(gamma tan(a (x - 1/2))),   dx/dt = cos^2(a (x - 1/2)) / (a gamma t_x)                        (2)
    G = g_min + (g_max - g_min) x,   i = G v                                                                   (3)

A step at frozen voltage is x(t_x + t): exact. (2) makes the order of the domains the same in both directions, which domains of
random order are not; :mod:`devices.memristor.ferroelectric_domains` keeps them apart. The charge integrates x over the
logarithm of time by Gauss-Legendre panels, to 1e-9. There is no threshold: times grow without bound as the voltage falls.

References
----------
A. Chanthbouala et al., Nature Mater. 11, 860 (2012), doi:10.1038/nmat3415 (a ferroelectric memristor, (1) and (3)).
W. J. Merz, Phys. Rev. 95, 690 (1954), doi:10.1103/PhysRev.95.690 (power = 1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, log, log1p, log_normal_range, sincos2pi

G_MIN, G_MAX, T_INF, V_ACT_UP, V_ACT_DOWN, POWER, GAMMA, SPEED = range(8)
SMALLEST_V = 1e-30  # V: below it nothing happens in any time, and the power would overflow
FASTEST = 600.0  # largest exponent of a rate
FORGOTTEN = 25.0  # e-foldings of time before the end of a pulse that carry no charge (1e-11)
SHORT, TWO_NODES = 0.01, 0.5773502691896258  # a span of log time, over gamma, for which two nodes give 1e-12
ANGLE = 2.0 * math.atan(10.0)  # a of (1)
TWO_PI = 2.0 * math.pi
NODE_1, NODE_2, NODE_3, NODE_4 = 0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363
WEIGHT_1, WEIGHT_2, WEIGHT_3, WEIGHT_4 = 0.362683783378362, 0.31370664587788727, 0.22238103445337448, 0.10122853629037626


@scalar_kernel
def arctan(y):
    """Return atan(y): three halvings of the angle, to at most pi / 16, then its series to y^23."""
    a = min(abs(y), 1e150)
    a = a / (1.0 + math.sqrt(1.0 + a * a))
    a = a / (1.0 + math.sqrt(1.0 + a * a))
    a = a / (1.0 + math.sqrt(1.0 + a * a))
    z = a * a
    series = 1.0 / 17.0 - z * (1.0 / 19.0 - z * (1.0 / 21.0 - z / 23.0))
    series = 1.0 / 9.0 - z * (1.0 / 11.0 - z * (1.0 / 13.0 - z * (1.0 / 15.0 - z * series)))
    series = a * (1.0 - z * (1.0 / 3.0 - z * (1.0 / 5.0 - z * (1.0 / 7.0 - z * series))))
    return math.copysign(8.0 * series, y)


@scalar_kernel
def log_mean_time(v, v_act_up, v_act_down, power, t_inf):
    """Return ln t_m of (1); huge where the voltage is tiny."""
    size = abs(v)
    ratio = (v_act_up if v > 0.0 else v_act_down) / (size if size > SMALLEST_V else SMALLEST_V)
    return log_normal_range(t_inf) + exp(power * log_normal_range(ratio))


@scalar_kernel
def log_time(done, gamma):
    """Return gamma tan(a (done - 1/2)) of (2), the logarithm of t_x / t_m."""
    sine, cosine = sincos2pi((done - 0.5) * (ANGLE / TWO_PI))
    return gamma * sine / cosine


@scalar_kernel
def fraction(log_t, gamma):
    """Return the switched fraction of (1) at ln(t / t_m)."""
    y = 0.5 + arctan(log_t / gamma) / ANGLE
    y = 1.0 if y > 1.0 else y
    return 0.0 if y < 0.0 else y


@scalar_kernel
def later(log_t, log_passed):
    """Return ln(e^log_t + e^log_passed)."""
    high = log_t if log_t > log_passed else log_passed
    low = log_passed if log_t > log_passed else log_t
    return high + log1p(exp(low - high))


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (2)."""
    x, v, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    up_0, down_0 = params[V_ACT_UP, start:stop], params[V_ACT_DOWN, start:stop]
    t_inf, power, gamma, speed = (params[T_INF, start:stop], params[POWER, start:stop], params[GAMMA, start:stop],
                                  params[SPEED, start:stop])
    for j in range(stop - start):
        up = v[j] > 0.0
        done = x[j] if up else 1.0 - x[j]
        _, cosine = sincos2pi((done - 0.5) * (ANGLE / TWO_PI))
        exponent = -log_mean_time(v[j], up_0[j], down_0[j], power[j], t_inf[j]) - log_time(done, gamma[j])
        grown = speed[j] * cosine * cosine / (ANGLE * gamma[j]) * exp(exponent if exponent < FASTEST else FASTEST)
        dx[j] = 0.0 if (v[j] == 0.0 or done >= 1.0) else (grown if up else -grown)


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage: exact for any duration."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    up_0, down_0 = params[V_ACT_UP, start:stop], params[V_ACT_DOWN, start:stop]
    t_inf, power, gamma, speed = (params[T_INF, start:stop], params[POWER, start:stop], params[GAMMA, start:stop],
                                  params[SPEED, start:stop])
    for j in range(stop - start):
        up = v[j] > 0.0
        old = x[j]
        passed = log(speed[j] * dt[j]) - log_mean_time(v[j], up_0[j], down_0[j], power[j], t_inf[j])
        before = log_time(old if up else 1.0 - old, gamma[j])
        done = fraction(later(before, passed), gamma[j])
        y = done if up else 1.0 - done
        y = y if (y > old) == up else old  # rounding must not step back
        still = v[j] == 0.0 or passed < before - 40.0
        x[j] = old if still else y


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage, to 1e-9."""
    x, v, dt, q = state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    up_0, down_0 = params[V_ACT_UP, start:stop], params[V_ACT_DOWN, start:stop]
    t_inf, power, gamma, speed = (params[T_INF, start:stop], params[POWER, start:stop], params[GAMMA, start:stop],
                                  params[SPEED, start:stop])
    for j in range(stop - start):
        up = v[j] > 0.0
        done = x[j] if up else 1.0 - x[j]
        passed = log(speed[j] * dt[j]) - log_mean_time(v[j], up_0[j], down_0[j], power[j], t_inf[j])
        before = log_time(done, gamma[j])
        ratio = exp(passed - before)
        span = log1p(ratio) if v[j] != 0.0 else 0.0  # ln(t_1 / t_0)
        end = later(before, passed)
        width = span if span < FORGOTTEN else FORGOTTEN
        mean = done
        if 1e-9 < width < SHORT * min(1.0, gamma[j]):
            low, high = -0.5 * width * (1.0 + TWO_NODES), -0.5 * width * (1.0 - TWO_NODES)
            total = fraction(end + low, gamma[j]) * exp(low) + fraction(end + high, gamma[j]) * exp(high)
            mean = total * 0.5 * width / -math.expm1(-span)
        elif width > 1e-9:
            panels = int(width / min(1.0, gamma[j])) + 1
            half = 0.5 * width / panels
            total = 0.0
            for k in range(panels):
                back = -(2 * k + 1) * half
                for node, weight in ((NODE_1, WEIGHT_1), (NODE_2, WEIGHT_2), (NODE_3, WEIGHT_3), (NODE_4, WEIGHT_4)):
                    low, high = back - half * node, back + half * node
                    total += weight * (fraction(end + low, gamma[j]) * exp(low) + fraction(end + high, gamma[j]) * exp(high))
            mean = total * half / -math.expm1(-span)
        share = mean if up else 1.0 - mean
        q[j] = v[j] * dt[j] * (g_min[j] + (g_max[j] - g_min[j]) * share)


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S] of (3)."""
    x, g, g_min, g_max = state[0, start:stop], out[start:stop], params[G_MIN, start:stop], params[G_MAX, start:stop]
    for j in range(stop - start):
        g[j] = g_min[j] + (g_max[j] - g_min[j]) * x[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = G v [A] and di/dv = G [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    for j in range(stop - start):
        g[j] = g_min[j] + (g_max[j] - g_min[j]) * x[j]
        i[j] = v[j] * g[j]


def slow_mean_time(v: float, p: Mapping[str, float]) -> float:
    """Return t_m [s] of (1) for one device, infinite where it overflows."""
    exponent = ((p["v_act_up"] if v > 0.0 else p["v_act_down"]) / abs(v)) ** p["power"]
    return p["t_inf"] / p["speed"] * math.exp(exponent) if exponent < 690.0 else math.inf


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    x, v, p = state[0], drive[0], params
    if v == 0.0 or p["speed"] == 0.0:
        return [0.0]
    done = x if v > 0.0 else 1.0 - x
    angle = 2.0 * math.atan(10.0) * (done - 0.5)
    time = slow_mean_time(v, p) * math.exp(p["gamma"] * math.tan(angle))
    return [math.copysign(math.cos(angle) ** 2 / (2.0 * math.atan(10.0) * p["gamma"] * time), v) if done < 1.0 else 0.0]


def slow_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                 duration: float) -> list[float]:
    """Return [x] of one device after ``duration`` in plain Python."""
    x, v, p = state[0], drive[0], params
    if v == 0.0 or p["speed"] == 0.0:
        return [x]
    done, mean, full = (x if v > 0.0 else 1.0 - x), slow_mean_time(v, p), 2.0 * math.atan(10.0)
    if math.isinf(mean):
        return [x]
    t = mean * math.exp(p["gamma"] * math.tan(full * (done - 0.5)))
    done = min(1.0, 0.5 + math.atan(math.log((t + duration) / mean) / p["gamma"]) / full)
    return [done if v > 0.0 else 1.0 - done]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [params["g_min"] * (1.0 - state[0]) + params["g_max"] * state[0]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


MODEL = DeviceModel(
    name="ferroelectric_tunnel",
    params=(
        ParamSpec("g_min", "S", 1e-7, 0.0, 1e3, "conductance with all domains down", "G_min"),
        ParamSpec("g_max", "S", 1e-5, 1e-15, 1e3, "conductance with all domains up", "G_max"),
        ParamSpec("t_inf", "s", 1e-10, 1e-18, 1e3, "mean switching time at infinite voltage", "t_inf"),
        ParamSpec("v_act_up", "V", 15.0, 1e-6, 1e4, "activation voltage of switching up", "v_act"),
        ParamSpec("v_act_down", "V", 15.0, 1e-6, 1e4, "activation voltage of switching down", "v_act"),
        ParamSpec("power", "", 1.0, 0.1, 20.0, "exponent of the voltage; 1 is Merz's law", ""),
        ParamSpec("gamma", "", 1.0, 0.1, 50.0, "half width of the distribution of ln t", "gamma"),
        ParamSpec("speed", "", 1.0, 0.0, 1e15, "multiplies the rate; 0 is a stuck device", ""),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "fraction of domains that are up"),),
    drives=(SignalSpec("v", "V", "voltage across the film; positive switches up and raises the conductance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    handles={
        "g_max": Handle(("g_max",)),
        "g_min": Handle(("g_min",)),
        "rate": Handle(("speed",)),
        "threshold_up": Handle(("v_act_up",)),
        "threshold_down": Handle(("v_act_down",)),
    },
    increase_sign=1,
    twins={"rate": slow_rate, "advance": slow_advance, "conductance": slow_conductance, "current": slow_current},
    reference="10.1038/nmat3415",
    doc="Ferroelectric tunnel junction: Merz times with a Lorentzian spread in log time, parallel domains; one state.",
)
