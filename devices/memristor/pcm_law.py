"""The laws of the statistical phase-change cell for one device, inlined into the loops of :mod:`devices.memristor.pcm`.

Equation numbers are those of that module. A law takes numbers, never arrays, and does not branch.
"""

from __future__ import annotations

import math

from devices.memristor import pcm_parameters as row
from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, expm1, log, log1p, log_normal_range

X, AGE, EXPONENT, READ = range(4)  # rows of state
OLDEST, EXTREME = 40.0, 9.0  # bounds of the age ln(1 + t / t_0) and of the normal latent states
FARTHEST_OVER = 1e30  # of a voltage over its threshold, minus 1: keeps products finite
SMALLEST_G = 1e-7  # of g in logarithms
LONGEST = 300.0  # e-foldings beyond which a write is complete: keeps products of growing and falling exponentials finite


@scalar_kernel
def between(value, low, high):
    """Return ``value`` clipped to [low, high]."""
    value = low if value < low else value
    return high if value > high else value


@scalar_kernel
def write_law(v, v_set, v_reset, rate_set, rate_reset, level_set, level_reset, melt_span):
    """Return kappa [1/s] and the level x_T of (1); kappa is 0 exactly where |v| is below its threshold."""
    up = v > 0.0
    over = abs(v) / (v_set if up else v_reset) - 1.0
    over = between(over, 0.0, FARTHEST_OVER)
    molten = 1.0 - over / melt_span
    molten = level_reset if molten < level_reset else molten
    return (rate_set if up else rate_reset) * over, (level_set if up else molten)


@scalar_kernel
def write_variance(x, level, h, up, window, g_min, g_unit, prog_0, prog_1, prog_2, prog_3, step_0, step_1):
    """Return the variance of x after h e-foldings of a write, (3): no term is negative, none cancels."""
    g = (g_min + window * level) / g_unit
    sigma = (prog_0 + g * (prog_1 + g * (prog_2 + g * prog_3))) / window
    sigma = sigma if sigma > 0.0 else 0.0
    b = step_1 if up else 0.0
    a = ((step_0 + step_1 * g_min) / window if up else 0.0) + b * level
    c = 2.0 - 2.0 * b * b
    far = x - level
    fallen = exp(-c * h)
    one = -expm1(-c * h) / c
    cross = fallen * expm1((c - 1.0) * h) / (c - 1.0)
    own = 0.5 * exp(-2.0 * h) * expm1(2.0 * b * b * h)
    total = 2.0 * ((sigma * sigma + a * a) * one + 2.0 * a * b * far * cross + far * far * own)
    return total if total > 0.0 else 0.0


@scalar_kernel
def drift_rows(params, start, stop):
    """Return the rows of ``params`` that nu of (5) needs."""
    return (params[row.NU_LOG, start:stop], params[row.NU_0, start:stop], params[row.NU_LOW, start:stop],
            params[row.NU_1, start:stop], params[row.NU_2, start:stop], params[row.NU_HIGH, start:stop],
            params[row.SPREAD_LOG, start:stop], params[row.SPREAD_0, start:stop], params[row.SPREAD_LOW, start:stop],
            params[row.SPREAD_1, start:stop], params[row.SPREAD_2, start:stop], params[row.SPREAD_HIGH, start:stop])


@scalar_kernel
def drift_exponent(g, z, law, j):
    """Return nu of (5) of device j for a programmed conductance g in units of g_unit."""
    nu_log, nu_0, nu_low, nu_1, nu_2, nu_high, spread_log, spread_0, spread_low, spread_1, spread_2, spread_high = law
    log_g = log_normal_range(g if g > SMALLEST_G else SMALLEST_G)
    mean = between(nu_0[j] + nu_log[j] * log_g, nu_low[j] + g * (nu_1[j] + g * nu_2[j]), nu_high[j])
    spread = between(spread_0[j] + spread_log[j] * log_g, spread_low[j] + g * (spread_1[j] + g * spread_2[j]), spread_high[j])
    return abs(mean + spread * z)


@scalar_kernel
def read_rows(params, start, stop):
    """Return the rows of ``params`` that the read noise of (6) needs."""
    return (params[row.READ_SCALE, start:stop], params[row.READ_POWER, start:stop], params[row.READ_LOG, start:stop],
            params[row.READ_LOW, start:stop], params[row.READ_1, start:stop], params[row.READ_2, start:stop],
            params[row.READ_3, start:stop], params[row.READ_HIGH, start:stop], params[row.READ_RELATIVE, start:stop],
            params[row.READ_FLOOR, start:stop], params[row.T_0, start:stop], params[row.T_READ, start:stop])


@scalar_kernel
def read_noise(g, drifted, age, law, j):
    """Return S of (6) of device j, the deviation of one read [S], with T = t_0 e^age."""
    scale, power, slope, low, low_1, low_2, low_3, high, relative, floor, t_0, t_read = law
    log_g = log_normal_range(g if g > SMALLEST_G else SMALLEST_G)
    q = between(scale[j] * exp(-power[j] * log_g) + slope[j] * log_g, low[j] + g * (low_1[j] + g * (low_2[j] + g * low_3[j])),
                high[j])
    decades = log((t_0[j] * exp(age) + t_read[j]) / (2.0 * t_read[j]))
    return drifted * (q * math.sqrt(decades if decades > 0.0 else 0.0) + relative[j]) + floor[j]


@scalar_kernel
def aged(age, h, time, t_0):
    """Return the age after ``time`` [s] in which h e-foldings are rewritten, (4)."""
    short = h if h < LONGEST else LONGEST
    mean = -expm1(-short) / (h if h > 0.0 else 1.0)
    mean = mean if h > 0.0 else 1.0
    return between(log1p(expm1(age) * exp(-short) + time / t_0 * mean), 0.0, OLDEST)
