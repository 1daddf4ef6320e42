"""Phase-change memory, statistical: what many cells of an array do when they are written, left alone and read.

States: x in [0, 1], the written conductance G_p = g_min + W x with W = g_max - g_min; a, the age ln(1 + t / t_0) since the
last write, in log time; z and w, normal latent draws of the drift exponent and of the read noise. g = G_p / g_unit.

    dx   = -kappa (x - x_T) dt + noise,     kappa = rate (|v| / v_th - 1) above the threshold, else 0          (1)
    v > 0 (SET): x_T = level_set;   v < 0 (RESET): x_T = max(level_reset, 1 - (|v| / v_reset - 1) / melt_span)  (2)
    noise: variance 2 kappa dt (sigma(x_T)^2 + [v > 0] (step_0 + step_1 G_p)^2 / W^2),
           W sigma = prog_0 + prog_1 g + prog_2 g^2 + prog_3 g^3                                              (3)
    da/dt = (exp(-a) - kappa t_0 (1 - exp(-a))) / t_0,  that is d(age)/dt = 1 - kappa age                        (4)
    G_d  = G_p exp(-nu a),   nu = |clip(nu_0 + nu_log ln g) + clip(spread_0 + spread_log ln g) z|               (5)
    G    = max(0, G_d + S w),  S = G_d (min(read_scale g^-read_power, read_high) L + read_relative) + read_floor,
           L = sqrt(ln((t + t_0 + t_read) / (2 t_read)))                                                        (6)
    dz   = -kappa z dt + sqrt(2 kappa) dW,     dw = -w / t_noise dt + sqrt(2 / t_noise) dW                       (7)

A complete write leaves x normal around x_T with the deviation sigma of programming noise, the age at zero and a new nu. A
partial write counts in proportion: the age is that of the mean material, and nu keeps what was not rewritten. Waiting is a
step at zero voltage: it moves a and w only, by the closed form in log time, so that a second and a year cost the same. w is the
1/f noise of (6) seen by single reads: its deviation grows with the time since the write, reads further apart than t_noise are
independent, and the spectrum between is left out.

Steps are exact in law but for one thing: with step_1 > 0 mean and variance of x are exact, also when a pulse is split, its
shape is taken as normal. At a bound x is reflected. The cell is unipolar; here the sign of the voltage names the pulse,
because a crossbar raises with one sign and lowers with the other. A written cell is switched on and conducts g_write whatever
its state, so that the charge of a pulse is g_write v t; below the thresholds i = G v. ``conductance``
uses the present w. There is no dead zone, because cells age at any voltage.

References
----------
S. R. Nandakumar et al., ICECS 2019, doi:10.1109/ICECS46596.2019.8964852 (programming noise, drift and read noise).
S. R. Nandakumar et al., J. Appl. Phys. 124, 152135 (2018), doi:10.1063/1.5042408 (cumulative SET).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devices.memristor import pcm_law as row
from devices.memristor.pcm_law import (
    AGE,
    EXPONENT,
    EXTREME,
    LONGEST,
    OLDEST,
    READ,
    X,
    aged,
    between,
    drift_exponent,
    relative_read_noise,
    write_law,
    write_variance,
)
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, expm1, log, log1p

NEVER_AGAIN = 1e-300  # keeps divisions by products that may be zero finite


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt, da/dt, dz/dt, dw/dt [1/s] of (1), (4) and (7), without their noise."""
    x, age, z, w, v = (state[X, start:stop], state[AGE, start:stop], state[EXPONENT, start:stop], state[READ, start:stop],
                       drive[0, start:stop])
    dx, da, dz, dw = out[X, start:stop], out[AGE, start:stop], out[EXPONENT, start:stop], out[READ, start:stop]
    v_set, v_reset = params[row.V_SET, start:stop], params[row.V_RESET, start:stop]
    rate_set, rate_reset = params[row.RATE_SET, start:stop], params[row.RATE_RESET, start:stop]
    level_set, level_reset = params[row.LEVEL_SET, start:stop], params[row.LEVEL_RESET, start:stop]
    span, t_0, t_noise = params[row.MELT_SPAN, start:stop], params[row.T_0, start:stop], params[row.T_NOISE, start:stop]
    for j in range(stop - start):
        kappa, level = write_law(v[j], v_set[j], v_reset[j], rate_set[j], rate_reset[j], level_set[j], level_reset[j], span[j])
        dx[j] = kappa * (level - x[j])
        da[j] = exp(-age[j]) / t_0[j] + kappa * expm1(-age[j])
        dz[j] = -kappa * z[j]
        dw[j] = -w[j] / t_noise[j]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step all states over ``duration`` [s] at frozen voltage, exactly in law: see the module."""
    x, age, z, w, v = (state[X, start:stop], state[AGE, start:stop], state[EXPONENT, start:stop], state[READ, start:stop],
                       drive[0, start:stop])
    written, fresh, read, dt = noise[0, start:stop], noise[1, start:stop], noise[2, start:stop], duration[start:stop]
    g_min, g_max, g_unit = params[row.G_MIN, start:stop], params[row.G_MAX, start:stop], params[row.G_UNIT, start:stop]
    v_set, v_reset = params[row.V_SET, start:stop], params[row.V_RESET, start:stop]
    rate_set, rate_reset = params[row.RATE_SET, start:stop], params[row.RATE_RESET, start:stop]
    level_set, level_reset = params[row.LEVEL_SET, start:stop], params[row.LEVEL_RESET, start:stop]
    span, t_0, t_noise = params[row.MELT_SPAN, start:stop], params[row.T_0, start:stop], params[row.T_NOISE, start:stop]
    prog_0, prog_1 = params[row.PROG_0, start:stop], params[row.PROG_1, start:stop]
    prog_2, prog_3 = params[row.PROG_2, start:stop], params[row.PROG_3, start:stop]
    step_0, step_1 = params[row.STEP_0, start:stop], params[row.STEP_1, start:stop]
    for j in range(stop - start):
        up, time = v[j] > 0.0, dt[j]
        kappa, level = write_law(v[j], v_set[j], v_reset[j], rate_set[j], rate_reset[j], level_set[j], level_reset[j], span[j])
        h = kappa * time
        short = h if h < LONGEST else LONGEST
        left = exp(-short)
        variance = write_variance(x[j], level, short, up, g_max[j] - g_min[j], g_min[j], g_unit[j], prog_0[j], prog_1[j],
                                  prog_2[j], prog_3[j], step_0[j], step_1[j])
        y = level + (x[j] - level) * left + math.sqrt(variance) * written[j]
        y = -y if y < 0.0 else y
        y = 2.0 - y if y > 1.0 else y
        y = between(y, 0.0, 1.0)
        x[j] = y if h > 0.0 else x[j]
        age[j] = aged(age[j], h, time, t_0[j])
        y = z[j] * left + math.sqrt(-expm1(-2.0 * short)) * fresh[j]
        z[j] = between(y, -EXTREME, EXTREME)
        y = w[j] * exp(-time / t_noise[j]) + math.sqrt(-expm1(-2.0 * time / t_noise[j])) * read[j]
        w[j] = between(y, -EXTREME, EXTREME)


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S] of (6) with the present read noise."""
    x, age, z, w, g_out = (state[X, start:stop], state[AGE, start:stop], state[EXPONENT, start:stop], state[READ, start:stop],
                           out[start:stop])
    g_min, g_max, g_unit = params[row.G_MIN, start:stop], params[row.G_MAX, start:stop], params[row.G_UNIT, start:stop]
    t_0, t_read = params[row.T_0, start:stop], params[row.T_READ, start:stop]
    nu_log, nu_0 = params[row.NU_LOG, start:stop], params[row.NU_0, start:stop]
    nu_low, nu_high = params[row.NU_LOW, start:stop], params[row.NU_HIGH, start:stop]
    spread_log, spread_0 = params[row.SPREAD_LOG, start:stop], params[row.SPREAD_0, start:stop]
    spread_low, spread_high = params[row.SPREAD_LOW, start:stop], params[row.SPREAD_HIGH, start:stop]
    read_scale, read_power = params[row.READ_SCALE, start:stop], params[row.READ_POWER, start:stop]
    read_high, read_floor = params[row.READ_HIGH, start:stop], params[row.READ_FLOOR, start:stop]
    read_relative = params[row.READ_RELATIVE, start:stop]
    for j in range(stop - start):
        written = g_min[j] + (g_max[j] - g_min[j]) * x[j]
        g = written / g_unit[j]
        nu = drift_exponent(g, z[j], nu_log[j], nu_0[j], nu_low[j], nu_high[j], spread_log[j], spread_0[j], spread_low[j],
                            spread_high[j])
        drifted = written * exp(-nu * age[j])
        spread = relative_read_noise(g, age[j], t_0[j], t_read[j], read_scale[j], read_power[j], read_high[j])
        seen = drifted + (drifted * (spread + read_relative[j]) + read_floor[j]) * w[j]
        g_out[j] = seen if seen > 0.0 else 0.0


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] and di/dv [S]: G v below the thresholds, g_write v while the cell is written."""
    conductance(state, params, slope, start, stop)
    v, i, g = drive[0, start:stop], current[start:stop], slope[start:stop]
    v_set, v_reset, g_write = (params[row.V_SET, start:stop], params[row.V_RESET, start:stop],
                               params[row.G_WRITE, start:stop])
    for j in range(stop - start):
        g[j] = g_write[j] if (v[j] > v_set[j] or v[j] < -v_reset[j]) else g[j]
        i[j] = v[j] * g[j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage, without noise, to 1e-9 where t_noise << t_0.

    While the cell is written it is g_write v t. Below the thresholds x and z rest: the drift integrates to a power of the
    time, the read noise decays with t_noise, during which drift and deviation stand still, and G is cut at zero until t_1.
    """
    x, age, z, w, v = (state[X, start:stop], state[AGE, start:stop], state[EXPONENT, start:stop], state[READ, start:stop],
                       drive[0, start:stop])
    dt, q = duration[start:stop], out[start:stop]
    g_min, g_max, g_unit = params[row.G_MIN, start:stop], params[row.G_MAX, start:stop], params[row.G_UNIT, start:stop]
    v_set, v_reset, g_write = (params[row.V_SET, start:stop], params[row.V_RESET, start:stop],
                               params[row.G_WRITE, start:stop])
    t_0, t_read, t_noise = params[row.T_0, start:stop], params[row.T_READ, start:stop], params[row.T_NOISE, start:stop]
    nu_log, nu_0 = params[row.NU_LOG, start:stop], params[row.NU_0, start:stop]
    nu_low, nu_high = params[row.NU_LOW, start:stop], params[row.NU_HIGH, start:stop]
    spread_log, spread_0 = params[row.SPREAD_LOG, start:stop], params[row.SPREAD_0, start:stop]
    spread_low, spread_high = params[row.SPREAD_LOW, start:stop], params[row.SPREAD_HIGH, start:stop]
    read_scale, read_power = params[row.READ_SCALE, start:stop], params[row.READ_POWER, start:stop]
    read_high, read_floor = params[row.READ_HIGH, start:stop], params[row.READ_FLOOR, start:stop]
    read_relative = params[row.READ_RELATIVE, start:stop]
    for j in range(stop - start):
        time, tau = dt[j], t_noise[j]
        written = g_min[j] + (g_max[j] - g_min[j]) * x[j]
        g = written / g_unit[j]
        nu = drift_exponent(g, z[j], nu_log[j], nu_0[j], nu_low[j], nu_high[j], spread_log[j], spread_0[j], spread_low[j],
                            spread_high[j])
        half = 0.5 * time
        later = aged(age[j], 0.0, half if half < tau else tau, t_0[j])
        drifted = written * exp(-nu * later)
        spread = relative_read_noise(g, later, t_0[j], t_read[j], read_scale[j], read_power[j], read_high[j])
        noise = (drifted * (spread + read_relative[j]) + read_floor[j]) * w[j]
        cut = tau * log((-noise if noise < 0.0 else 0.0) / (drifted + NEVER_AGAIN) + NEVER_AGAIN)
        t_1 = between(cut, 0.0, time)
        base = exp(age[j]) + t_1 / t_0[j]
        p = 1.0 - nu
        grown = log1p((time - t_1) / (t_0[j] * base))
        power = expm1(p * grown) / (p if p != 0.0 else 1.0)
        plain = written * t_0[j] * exp(p * log(base)) * (power if p != 0.0 else grown)
        layer = -noise * tau * exp(-t_1 / tau) * expm1(-(time - t_1) / tau)
        on = v[j] > v_set[j] or v[j] < -v_reset[j]
        q[j] = v[j] * (g_write[j] * time if on else plain + layer)


def slow_write(v: float, p: Mapping[str, float]) -> tuple[float, float]:
    """Return kappa [1/s] and x_T of (1) and (2) for one device."""
    if v > p["v_set"]:
        return p["rate_set"] * (v / p["v_set"] - 1.0), p["level_set"]
    if v < -p["v_reset"]:
        over = -v / p["v_reset"] - 1.0
        return p["rate_reset"] * over, max(p["level_reset"], 1.0 - over / p["melt_span"])
    return 0.0, 0.0


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt, da/dt, dz/dt, dw/dt] of one device in plain Python."""
    kappa, level = slow_write(drive[0], params)
    age = (1.0 / params["t_0"] - kappa * math.expm1(state[1])) * math.exp(-state[1])
    return [-kappa * (state[0] - level), age, -kappa * state[2], -state[3] / params["t_noise"]]


def slow_programming_noise(g: float, p: Mapping[str, float]) -> float:
    """Return the standard deviation [S] after a complete write to g (in units of g_unit), the polynomial of (3)."""
    return max(0.0, p["prog_0"] + p["prog_1"] * g + p["prog_2"] * g**2 + p["prog_3"] * g**3)


def slow_exponent(g: float, z: float, p: Mapping[str, float]) -> tuple[float, float, float]:
    """Return nu of (5), its mean and its spread for one device."""
    log_g = math.log(max(g, row.SMALLEST_G))
    mean = min(p["nu_high"], max(p["nu_low"], p["nu_0"] + p["nu_log"] * log_g))
    spread = min(p["spread_high"], max(p["spread_low"], p["spread_0"] + p["spread_log"] * log_g))
    return abs(mean + spread * z), mean, spread


def slow_read_noise(g: float, seconds: float, p: Mapping[str, float]) -> tuple[float, float]:
    """Return Q and L of (6), ``seconds`` counted like t + t_0."""
    q = min(p["read_high"], p["read_scale"] / max(g, row.SMALLEST_G) ** p["read_power"])
    return q, math.sqrt(max(0.0, math.log((seconds + p["t_read"]) / (2.0 * p["t_read"]))))


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    p, (x, age, z, w) = params, state
    written = p["g_min"] + (p["g_max"] - p["g_min"]) * x
    g, time = written / p["g_unit"], p["t_0"] * math.expm1(age)
    drifted = written * ((time + p["t_0"]) / p["t_0"]) ** -slow_exponent(g, z, p)[0]
    q, root = slow_read_noise(g, time + p["t_0"], p)
    return [max(0.0, drifted + (drifted * (q * root + p["read_relative"]) + p["read_floor"]) * w)]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    on = slow_write(drive[0], params)[0] > 0.0
    return [drive[0] * (params["g_write"] if on else slow_conductance(state, params)[0])]


def programming_noise_at_g_unit(p: Mapping[str, float]) -> float:
    """Return the standard deviation [S] after a complete write to g = 1."""
    return slow_programming_noise(1.0, p)


def programming_noise_at_half(p: Mapping[str, float]) -> float:
    """Return the standard deviation [S] after a complete write to g = 1/2."""
    return slow_programming_noise(0.5, p)


def mean_exponent_at_tenth(p: Mapping[str, float]) -> float:
    """Return the mean drift exponent at g = 0.1."""
    return slow_exponent(0.1, 0.0, p)[1]


def spread_of_exponent_at_tenth(p: Mapping[str, float]) -> float:
    """Return the spread of the drift exponent at g = 0.1."""
    return slow_exponent(0.1, 0.0, p)[2]


def read_noise_at_quarter(p: Mapping[str, float]) -> float:
    """Return Q, the read noise at g = 1/4 over the root of its decades."""
    return slow_read_noise(0.25, p["t_0"], p)[0]


MODEL = DeviceModel(
    name="pcm",
    params=(
        ParamSpec("g_min", "S", 1e-8, 0.0, 1e3, "written conductance at x = 0", "G_min"),
        ParamSpec("g_max", "S", 31.25e-6, 1e-15, 1e3, "written conductance at x = 1", "G_max"),
        ParamSpec("g_unit", "S", 25e-6, 1e-15, 1e3, "unit of g in the laws of noise and drift", "G_0"),
        ParamSpec("g_write", "S", 2e-4, 1e-15, 1e3, "conductance of the switched-on cell while it is written", "G_w"),
        ParamSpec("v_set", "V", 1.0, 1e-6, 1e3, "SET pulses move the cell above this voltage", "V_set"),
        ParamSpec("v_reset", "V", 1.0, 1e-6, 1e3, "RESET pulses move the cell below minus this voltage", "V_reset"),
        ParamSpec("rate_set", "1/s", 1e6, 0.0, 1e15, "rate of a SET write at twice its threshold", "kappa_+"),
        ParamSpec("rate_reset", "1/s", 1e7, 0.0, 1e15, "rate of a RESET write at twice its threshold", "kappa_-"),
        ParamSpec("level_set", "", 0.9, 0.0, 1.0, "x at which SET writes end", "x_+"),
        ParamSpec("level_reset", "", 0.0, 0.0, 1.0, "lowest x at which RESET writes end", "x_-"),
        ParamSpec("melt_span", "", 0.8, 1e-6, 1e3, "overdrive of the RESET write that ends at the lowest x", "m"),
        ParamSpec("prog_0", "S", 0.26348e-6, -1.0, 1.0, "programming noise, constant in g", "p_0"),
        ParamSpec("prog_1", "S", 1.9650e-6, -1.0, 1.0, "programming noise, linear in g", "p_1"),
        ParamSpec("prog_2", "S", -1.1731e-6, -1.0, 1.0, "programming noise, quadratic in g", "p_2"),
        ParamSpec("prog_3", "S", 1e-12, -1.0, 1.0, "programming noise, cubic in g", "p_3"),
        ParamSpec("step_0", "S", 1e-7, 0.0, 1.0, "noise of SET writes, constant in G_p", "s_0"),
        ParamSpec("step_1", "", 0.05, 0.0, 0.5, "noise of SET writes, linear in G_p", "s_1"),
        ParamSpec("t_0", "s", 20.0, 1e-9, 1e9, "time that drift is counted from", "t_0"),
        ParamSpec("t_read", "s", 250e-9, 1e-15, 1e3, "duration of a read, upper end of the 1/f band", "t_r"),
        ParamSpec("t_noise", "s", 250e-9, 1e-15, 1e3, "time after which a read sees new noise", "t_n"),
        ParamSpec("nu_log", "", -0.0155, -10.0, 10.0, "mean drift exponent, slope in ln g", ""),
        ParamSpec("nu_0", "", 0.0244, -10.0, 10.0, "mean drift exponent at g = 1, before it is clipped", ""),
        ParamSpec("nu_low", "", 0.049, 0.0, 10.0, "lowest mean drift exponent", ""),
        ParamSpec("nu_high", "", 0.1, 0.0, 10.0, "highest mean drift exponent", ""),
        ParamSpec("spread_log", "", -0.0125, -10.0, 10.0, "spread of the drift exponent, slope in ln g", ""),
        ParamSpec("spread_0", "", -0.0059, -10.0, 10.0, "spread of the drift exponent at g = 1, before it is clipped", ""),
        ParamSpec("spread_low", "", 0.008, 0.0, 10.0, "lowest spread of the drift exponent", ""),
        ParamSpec("spread_high", "", 0.045, 0.0, 10.0, "highest spread of the drift exponent", ""),
        ParamSpec("read_scale", "", 0.0088, 0.0, 10.0, "1/f read noise at g = 1", "Q"),
        ParamSpec("read_power", "", 0.65, 0.0, 10.0, "1/f read noise falls with this power of g", ""),
        ParamSpec("read_high", "", 0.2, 0.0, 10.0, "highest 1/f read noise", ""),
        ParamSpec("read_relative", "", 1e-6, 0.0, 10.0, "read noise over G that does not grow with time", ""),
        ParamSpec("read_floor", "S", 1e-12, 0.0, 1.0, "read noise that depends neither on G nor on time", ""),
    ),
    states=(
        StateSpec("x", "", 0.0, 1.0, 0.5, "place of the written conductance between g_min and g_max"),
        StateSpec("age", "", 0.0, OLDEST, 0.0, "ln(1 + t / t_0), t the time since the last write"),
        StateSpec("exponent", "", -EXTREME, EXTREME, 0.0, "latent draw of the drift exponent, in standard deviations"),
        StateSpec("read", "", -EXTREME, EXTREME, 0.0, "read noise, in standard deviations"),
    ),
    drives=(SignalSpec("v", "V", "voltage of the pulse: positive SETs (raises the conductance), negative RESETs"),),
    noises=("write", "exponent", "read"),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    handles={
        "g_max": Handle(("g_max",)),
        "g_min": Handle(("g_min",)),
        "rate": Handle(("rate_set", "rate_reset")),
        "threshold_up": Handle(("v_set",)),
        "threshold_down": Handle(("v_reset",)),
    },
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    contains=("drift",),
    reference="10.1109/ICECS46596.2019.8964852",
    doc="Statistical phase-change memory: programming noise, drift in log time since the last write, read noise.",
)
