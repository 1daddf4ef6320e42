"""Phase-change memory, statistical: what many cells of an array do when they are written, left alone and read.

States: x in [0, 1], the written conductance G_p = g_min + W x with W = g_max - g_min; a, the age ln(1 + t / t_0) since the
last write, in log time; z and w, normal latent draws of the drift exponent and of the read noise. g = G_p / g_unit.

    dx   = -kappa (x - x_T) dt + noise,     kappa = rate (|v| / v_th - 1) above the threshold, else 0          (1)
    v > 0 (SET): x_T = level_set;   v < 0 (RESET): x_T = max(level_reset, 1 - (|v| / v_reset - 1) / melt_span)  (2)
    noise: variance 2 kappa dt (sigma(x_T)^2 + [v > 0] (step_0 + step_1 G_p)^2 / W^2),
           W sigma = prog_0 + prog_1 g + prog_2 g^2 + prog_3 g^3                                              (3)
    da/dt = (exp(-a) - kappa t_0 (1 - exp(-a))) / t_0,  that is d(age)/dt = 1 - kappa age                        (4)
    G_d  = G_p exp(-nu a),   nu = |clip(nu_0 + nu_log ln g) + clip(spread_0 + spread_log ln g) z|               (5)
    G    = max(0, G_d + S w),  S = G_d (Q L + read_relative) + read_floor,
           Q = clip(read_scale g^-read_power + read_log ln g),  L = sqrt(ln((t + t_0 + t_read) / (2 t_read)))   (6)
    dz   = -kappa z dt + sqrt(2 kappa) dW,     dw = -w / t_noise dt + sqrt(2 / t_noise) dW                       (7)

clip cuts at a ceiling and at a floor that is a polynomial of g: low + _1 g + _2 g^2 (+ _3 g^3).

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
M. Le Gallo et al., Nature Electronics 6, 680 (2023), doi:10.1038/s41928-023-01010-1 (the chip whose laws have floors).
S. R. Nandakumar et al., J. Appl. Phys. 124, 152135 (2018), doi:10.1063/1.5042408 (cumulative SET).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from devices.memristor import pcm_parameters as row
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
    drift_rows,
    read_noise,
    read_rows,
    write_law,
    write_variance,
)
from devices.memristor.pcm_parameters import HANDLES, PARAMS
from devices.memristor.pcm_twins import slow_conductance, slow_current, slow_rate
from neurosim.device import DeviceModel, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE
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
    drift, noisy = drift_rows(params, start, stop), read_rows(params, start, stop)
    for j in range(stop - start):
        written = g_min[j] + (g_max[j] - g_min[j]) * x[j]
        g = written / g_unit[j]
        drifted = written * exp(-drift_exponent(g, z[j], drift, j) * age[j])
        seen = drifted + read_noise(g, drifted, age[j], noisy, j) * w[j]
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
    t_0, t_noise = params[row.T_0, start:stop], params[row.T_NOISE, start:stop]
    drift, noisy = drift_rows(params, start, stop), read_rows(params, start, stop)
    for j in range(stop - start):
        time, tau = dt[j], t_noise[j]
        written = g_min[j] + (g_max[j] - g_min[j]) * x[j]
        g = written / g_unit[j]
        nu = drift_exponent(g, z[j], drift, j)
        half = 0.5 * time
        later = aged(age[j], 0.0, half if half < tau else tau, t_0[j])
        drifted = written * exp(-nu * later)
        noise = read_noise(g, drifted, later, noisy, j) * w[j]
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


@kernel(DEAD_ZONE)
def rest_zone(params, lowest, highest, start, stop):
    """Write the thresholds [V]: between them a cell ages as at zero volts."""
    lowest[start:stop], highest[start:stop] = -params[row.V_RESET, start:stop], params[row.V_SET, start:stop]


def start(state: np.ndarray, params: np.ndarray, normal: Callable[[str], np.ndarray]) -> None:
    """Draw the latent numbers of instances: a drift exponent and a read noise of their own before any write."""
    state[EXPONENT] = np.clip(normal("exponent"), -EXTREME, EXTREME)
    state[READ] = np.clip(normal("read"), -EXTREME, EXTREME)


MODEL = DeviceModel(
    name="pcm",
    params=PARAMS,
    states=(
        StateSpec("x", "", 0.0, 1.0, 0.5, "place of the written conductance between g_min and g_max"),
        StateSpec("age", "", 0.0, OLDEST, 0.0, "ln(1 + t / t_0), t the time since the last write"),
        StateSpec("exponent", "", -EXTREME, EXTREME, 0.0, "latent draw of the drift exponent, in standard deviations"),
        StateSpec("read", "", -EXTREME, EXTREME, 0.0, "read noise, in standard deviations"),
    ),
    drives=(SignalSpec("v", "V", "voltage of the pulse: positive SETs (raises the conductance), negative RESETs"),),
    noises=("write", "exponent", "read"),
    start=start,
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    rest_zone=rest_zone,
    handles=HANDLES,
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    contains=("drift",),
    reference="10.1109/ICECS46596.2019.8964852",
    doc="Statistical phase-change memory: programming noise, drift in log time since the last write, read noise.",
)
