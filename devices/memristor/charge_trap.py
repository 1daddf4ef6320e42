"""Charge-trap transistor (SONOS), statistical: error of the written state, loss of charge in log time, read noise by state.

States: x in [0, 1], the written conductance G_p = g_min + (g_max - g_min) x; a, the age ln(1 + t / t_0) since the last write,
in log time; z and w, normal latent draws of the state error and of the read noise. With L = ln(1 + t / t_error):

    dx  = -kappa (x - x_T) dt,   kappa = rate (|v| / v_th - 1) beyond a threshold, else 0;  x_T = 0 for v > 0, 1 for v < 0   (1)
    da/dt = (exp(-a) - kappa t_0 (1 - exp(-a))) / t_0,  that is d(age)/dt = 1 - kappa age                                (2)
    G_d = G_p exp(-nu a),   nu = loss / (1 + (loss_half / G_p)^loss_power)                                                (3)
    G_m = max(0, G_d + z (error_0 + error_1 L) (1 - exp(-G_d / (width_0 + width_1 L))))                                  (4)
    G   = G_m + w read_error (1 - exp(-G_m / read_width))                                                                 (5)
    dz  = -kappa z dt + sqrt(2 kappa) dW,     dw = -w / t_noise dt + sqrt(2 / t_noise) dW                                 (6)

A weak state, near the threshold of the transistor, has a small error, a strong one a constant one; strong states lose charge.
A complete write leaves a new error, a partial write a part of it: its size is that of iterative programming, its growth over
days is that of the population, which here each cell follows by its own z. Steps are exact in law for any duration.

Three terminals in one voltage: beyond the thresholds it is that of the gate and i = g_gate v stands for its drivers; within,
i = G v reads the channel. The charge of a read integrates over log time by Gauss-Legendre panels, to 1e-9 where t_noise << t_0.
How charge tunnels is left out: see :mod:`devices.memristor.floating_gate`.

References
----------
V. Agrawal et al., IEEE International Electron Devices Meeting (IEDM), 21.7 (2022) (128 thousand cells, five days).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from devices.memristor.floating_gate import NODE_1, NODE_2, NODE_3, NODE_4, WEIGHT_1, WEIGHT_2, WEIGHT_3, WEIGHT_4
from devices.memristor.pcm_law import EXTREME, FARTHEST_OVER, LONGEST, OLDEST, aged, between
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE
from neurosim.kernels.vmath import exp, expm1, log, log1p

(G_MIN, G_MAX, G_GATE, V_PROGRAM, V_ERASE, RATE_PROGRAM, RATE_ERASE, LOSS, LOSS_HALF, LOSS_POWER, T_0, ERROR_0, ERROR_1,
 WIDTH_0, WIDTH_1, T_ERROR, READ_ERROR, READ_WIDTH, T_NOISE) = range(19)
X, AGE, ERROR, READ = range(4)
SMALLEST = 1e-30  # S: of conductances in logarithms


@scalar_kernel
def write_law(v, v_program, v_erase, rate_program, rate_erase):
    """Return kappa [1/s] and x_T of (1); kappa is 0 exactly within the thresholds."""
    down = v > 0.0
    over = abs(v) / (v_program if down else v_erase) - 1.0
    return (rate_program if down else rate_erase) * between(over, 0.0, FARTHEST_OVER), (0.0 if down else 1.0)


@scalar_kernel
def write_rows(params, start, stop):
    """Return the rows of ``params`` that (1) needs."""
    return (params[V_PROGRAM, start:stop], params[V_ERASE, start:stop], params[RATE_PROGRAM, start:stop],
            params[RATE_ERASE, start:stop])


@scalar_kernel
def state_rows(params, start, stop):
    """Return the rows of ``params`` that (3) and (4) need."""
    return (params[G_MIN, start:stop], params[G_MAX, start:stop], params[LOSS, start:stop], params[LOSS_HALF, start:stop],
            params[LOSS_POWER, start:stop], params[T_0, start:stop], params[ERROR_0, start:stop], params[ERROR_1, start:stop],
            params[WIDTH_0, start:stop], params[WIDTH_1, start:stop], params[T_ERROR, start:stop])


@scalar_kernel
def state_conductance(x, age, z, law, j):
    """Return G_m [S] of (4) of device j."""
    g_min, g_max, loss, half, power, t_0, error_0, error_1, width_0, width_1, t_error = law
    written = g_min[j] + (g_max[j] - g_min[j]) * x
    share = exp(power[j] * log(half[j] / (written if written > SMALLEST else SMALLEST)))
    drifted = written * exp(-loss[j] / (1.0 + share) * age)
    decades = log1p(t_0[j] / t_error[j] * expm1(age))
    g = drifted - z * (error_0[j] + error_1[j] * decades) * expm1(-drifted / (width_0[j] + width_1[j] * decades))
    return g if g > 0.0 else 0.0


@scalar_kernel
def read_deviation(g, read_error, read_width):
    """Return the deviation [S] of a read of (5)."""
    return -read_error * expm1(-g / read_width)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt, da/dt, dz/dt, dw/dt [1/s] of (1), (2) and (6), without their noise."""
    x, age, z, w, v = (state[X, start:stop], state[AGE, start:stop], state[ERROR, start:stop], state[READ, start:stop],
                       drive[0, start:stop])
    dx, da, dz, dw = out[X, start:stop], out[AGE, start:stop], out[ERROR, start:stop], out[READ, start:stop]
    v_program, v_erase, rate_program, rate_erase = write_rows(params, start, stop)
    t_0, t_noise = params[T_0, start:stop], params[T_NOISE, start:stop]
    for j in range(stop - start):
        kappa, level = write_law(v[j], v_program[j], v_erase[j], rate_program[j], rate_erase[j])
        dx[j] = kappa * (level - x[j])
        da[j] = exp(-age[j]) / t_0[j] + kappa * expm1(-age[j])
        dz[j] = -kappa * z[j]
        dw[j] = -w[j] / t_noise[j]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step all states over ``duration`` [s] at frozen voltage, exactly in law."""
    x, age, z, w, v = (state[X, start:stop], state[AGE, start:stop], state[ERROR, start:stop], state[READ, start:stop],
                       drive[0, start:stop])
    fresh, read, dt = noise[0, start:stop], noise[1, start:stop], duration[start:stop]
    v_program, v_erase, rate_program, rate_erase = write_rows(params, start, stop)
    t_0, t_noise = params[T_0, start:stop], params[T_NOISE, start:stop]
    for j in range(stop - start):
        kappa, level = write_law(v[j], v_program[j], v_erase[j], rate_program[j], rate_erase[j])
        h = kappa * dt[j]
        short = h if h < LONGEST else LONGEST
        left = exp(-short)
        x[j] = between(level + (x[j] - level) * left, 0.0, 1.0) if h > 0.0 else x[j]
        age[j] = aged(age[j], h, dt[j], t_0[j])
        z[j] = between(z[j] * left + math.sqrt(-expm1(-2.0 * short)) * fresh[j], -EXTREME, EXTREME)
        tick = dt[j] / t_noise[j]
        tick = tick if tick < LONGEST else LONGEST
        w[j] = between(w[j] * exp(-tick) + math.sqrt(-expm1(-2.0 * tick)) * read[j], -EXTREME, EXTREME)


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S] of (5) with the present read noise."""
    x, age, z, w, g = (state[X, start:stop], state[AGE, start:stop], state[ERROR, start:stop], state[READ, start:stop],
                       out[start:stop])
    law = state_rows(params, start, stop)
    read_error, read_width = params[READ_ERROR, start:stop], params[READ_WIDTH, start:stop]
    for j in range(stop - start):
        held = state_conductance(x[j], age[j], z[j], law, j)
        seen = held + w[j] * read_deviation(held, read_error[j], read_width[j])
        g[j] = seen if seen > 0.0 else 0.0


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] and di/dv [S]: the channel within the thresholds, the gate drivers beyond."""
    conductance(state, params, slope, start, stop)
    v, i, g, g_gate = drive[0, start:stop], current[start:stop], slope[start:stop], params[G_GATE, start:stop]
    v_program, v_erase = params[V_PROGRAM, start:stop], params[V_ERASE, start:stop]
    for j in range(stop - start):
        g[j] = g_gate[j] if (v[j] > v_program[j] or v[j] < -v_erase[j]) else g[j]
        i[j] = v[j] * g[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage, without noise."""
    x, age, z, w, v = (state[X, start:stop], state[AGE, start:stop], state[ERROR, start:stop], state[READ, start:stop],
                       drive[0, start:stop])
    dt, q, law = duration[start:stop], out[start:stop], state_rows(params, start, stop)
    g_gate, v_program, v_erase = params[G_GATE, start:stop], params[V_PROGRAM, start:stop], params[V_ERASE, start:stop]
    read_error, read_width = params[READ_ERROR, start:stop], params[READ_WIDTH, start:stop]
    t_0, t_noise = params[T_0, start:stop], params[T_NOISE, start:stop]
    for j in range(stop - start):
        begin = t_0[j] * exp(age[j])  # s: dt = begin exp(u) du, age = age_0 + u
        span = log1p(dt[j] / begin)
        panels = int(span) + 1
        half, total = 0.5 * span / panels, 0.0
        for k in range(panels):
            middle = (2 * k + 1) * half
            for node, weight in ((NODE_1, WEIGHT_1), (NODE_2, WEIGHT_2), (NODE_3, WEIGHT_3), (NODE_4, WEIGHT_4)):
                for u in (middle - half * node, middle + half * node):
                    total += weight * exp(u) * state_conductance(x[j], age[j] + u, z[j], law, j)
        held = state_conductance(x[j], age[j], z[j], law, j)
        noisy = w[j] * read_deviation(held, read_error[j], read_width[j])
        read = begin * half * total - noisy * t_noise[j] * expm1(-dt[j] / t_noise[j])
        q[j] = v[j] * (g_gate[j] * dt[j] if (v[j] > v_program[j] or v[j] < -v_erase[j]) else read)


@kernel(DEAD_ZONE)
def rest_zone(params, lowest, highest, start, stop):
    """Write the thresholds [V]: between them a cell ages as at zero volts."""
    lowest[start:stop], highest[start:stop] = -params[V_ERASE, start:stop], params[V_PROGRAM, start:stop]


def slow_write(v: float, p: Mapping[str, float]) -> tuple[float, float]:
    """Return kappa [1/s] and x_T of (1) for one device."""
    if v > p["v_program"]:
        return p["rate_program"] * (v / p["v_program"] - 1.0), 0.0
    return (p["rate_erase"] * (-v / p["v_erase"] - 1.0), 1.0) if v < -p["v_erase"] else (0.0, 0.0)


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt, da/dt, dz/dt, dw/dt] of one device in plain Python."""
    kappa, level = slow_write(drive[0], params)
    age = (1.0 / params["t_0"] - kappa * math.expm1(state[1])) * math.exp(-state[1])
    return [-kappa * (state[0] - level), age, -kappa * state[2], -state[3] / params["t_noise"]]


def slow_error(g: float, seconds: float, p: Mapping[str, float]) -> float:
    """Return the deviation [S] of the state error at conductance g [S], ``seconds`` after the write."""
    decades = math.log1p(seconds / p["t_error"])
    return (p["error_0"] + p["error_1"] * decades) * (1.0 - math.exp(-g / (p["width_0"] + p["width_1"] * decades)))


def slow_loss(g: float, p: Mapping[str, float]) -> float:
    """Return nu of (3) at a written conductance g [S]."""
    return p["loss"] / (1.0 + (p["loss_half"] / max(g, SMALLEST)) ** p["loss_power"])


def slow_read_error(g: float, p: Mapping[str, float]) -> float:
    """Return the deviation [S] of a read at conductance g [S]."""
    return p["read_error"] * (1.0 - math.exp(-g / p["read_width"]))


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    p, (x, age, z, w) = params, state
    written, seconds = p["g_min"] + (p["g_max"] - p["g_min"]) * x, p["t_0"] * math.expm1(age)
    drifted = written * (1.0 + seconds / p["t_0"]) ** -slow_loss(written, p)
    held = max(0.0, drifted + z * slow_error(drifted, seconds, p))
    return [max(0.0, held + w * slow_read_error(held, p))]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    on = slow_write(drive[0], params)[0] > 0.0
    return [drive[0] * (params["g_gate"] if on else slow_conductance(state, params)[0])]


def state_error_at_5_us(p: Mapping[str, float]) -> float:
    """Return the state error [S] at 5 uS after the write."""
    return slow_error(5e-6, 0.0, p)


def state_error_at_5_us_after_5_days(p: Mapping[str, float]) -> float:
    """Return the state error [S] at 5 uS, 5 days after the write."""
    return slow_error(5e-6, 432e3, p)


def read_error_at_5_us(p: Mapping[str, float]) -> float:
    """Return the read noise [S] at 5 uS."""
    return slow_read_error(5e-6, p)


def start(state: np.ndarray, params: np.ndarray, normal: Callable[[str], np.ndarray]) -> None:
    """Draw the latent numbers of instances: a state error and a read noise of their own before any write."""
    state[ERROR] = np.clip(normal("error"), -EXTREME, EXTREME)
    state[READ] = np.clip(normal("read"), -EXTREME, EXTREME)


MODEL = DeviceModel(
    name="charge_trap",
    params=(
        ParamSpec("g_min", "S", 1e-12, 0.0, 1e3, "written conductance at x = 0, programmed", "G_min"),
        ParamSpec("g_max", "S", 16e-6, 1e-15, 1e3, "written conductance at x = 1, erased", "G_max"),
        ParamSpec("g_gate", "S", 1e-12, 0.0, 1e3, "conductance that stands for the gate drivers", "G_g"),
        ParamSpec("v_program", "V", 5.0, 1e-6, 1e3, "gate voltage beyond which the conductance falls", "V_p"),
        ParamSpec("v_erase", "V", 5.0, 1e-6, 1e3, "beyond minus this gate voltage the conductance rises", "V_e"),
        ParamSpec("rate_program", "1/s", 1e4, 0.0, 1e15, "rate of programming at twice its threshold", "kappa_p"),
        ParamSpec("rate_erase", "1/s", 1e4, 0.0, 1e15, "rate of erasing at twice its threshold", "kappa_e"),
        ParamSpec("loss", "", 0.011, 0.0, 10.0, "exponent of the loss of a strong state", "nu"),
        ParamSpec("loss_half", "S", 2.28e-6, 1e-15, 1e3, "conductance of half that exponent", "G_h"),
        ParamSpec("loss_power", "", 5.0, 0.0, 20.0, "how sharp weak states are kept apart from strong ones", ""),
        ParamSpec("t_0", "s", 6.8e3, 1e-9, 1e9, "time that loss is counted from", "t_0"),
        ParamSpec("error_0", "S", 199e-9, 0.0, 1e3, "state error of a strong state after the write", "A"),
        ParamSpec("error_1", "S", 83e-9, 0.0, 1e3, "its growth with ln(1 + t / t_error)", ""),
        ParamSpec("width_0", "S", 1.76e-6, 1e-15, 1e3, "conductance that tells weak from strong in the state error", "B"),
        ParamSpec("width_1", "S", 0.169e-6, 0.0, 1e3, "its growth with ln(1 + t / t_error)", ""),
        ParamSpec("t_error", "s", 86400.0, 1e-9, 1e12, "time after which the state error grows", ""),
        ParamSpec("read_error", "S", 126e-9, 0.0, 1e3, "read noise of a strong state", "A_n"),
        ParamSpec("read_width", "S", 2.15e-6, 1e-15, 1e3, "conductance that tells weak from strong in the read noise", "B_n"),
        ParamSpec("t_noise", "s", 1e-6, 1e-15, 1e3, "time after which a read sees new noise", "t_n"),
    ),
    states=(
        StateSpec("x", "", 0.0, 1.0, 0.5, "place of the written conductance: 0 programmed, 1 erased"),
        StateSpec("age", "", 0.0, OLDEST, 0.0, "ln(1 + t / t_0), t the time since the last write"),
        StateSpec("error", "", -EXTREME, EXTREME, 0.0, "error of the state, in standard deviations"),
        StateSpec("read", "", -EXTREME, EXTREME, 0.0, "read noise, in standard deviations"),
    ),
    drives=(SignalSpec("v", "V", "gate voltage beyond the thresholds (positive lowers the conductance), read voltage within"),),
    noises=("error", "read"),
    start=start,
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    rest_zone=rest_zone,
    handles={"g_max": Handle(("g_max",)), "g_min": Handle(("g_min",)), "rate": Handle(("rate_program", "rate_erase")),
             "threshold_up": Handle(("v_erase",)), "threshold_down": Handle(("v_program",))},
    increase_sign=-1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    contains=("drift",),
    reference="10.1109/TCSI.2021.3134313",
    doc="Charge-trap transistor (SONOS), statistical: state error and read noise by state, loss in log time since the write.",
)
