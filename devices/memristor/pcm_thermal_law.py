"""Heat and phase of one phase-change cell at frozen voltage, by segments of constant phase rate.

In a segment the temperature stays cold (below T_x), warm (T_x to T_m) or molten (above T_m), so that the phase is known:

    cold: C constant;   warm: 1 - C = (1 - C_0) e^(-alpha t);   molten: C = C_0 e^(-beta t)

and R = A + B e^(-rate t) with constants A and B. The charge of a segment is

    (V / A) (t + ln(1 + (e^(-rate t) - 1) B / R_0) / rate).

The temperature relaxes with tau = C_h / delta to T_end = T_r + V^2 / (delta R). Where the heat stands still (B or V negligible,
always so in a cold cell) temperature and time of the next boundary are closed forms. Where it moves, substeps of at most
PIECE / rate take V^2 / R as a parabola through three exact points, and a boundary is found by bisection: relative error 1e-7
of the heat.
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, expm1, log, log1p

STILL = 1e-8  # K: a change of the resting temperature that is neglected
PIECE = 0.02  # longest substep over the time constant of the phase
FINEST = 4000  # a cell that chatters about T_m is followed in steps of this part of the duration,
CHATTER = 8  # after so many crossings
BISECTIONS = 50
HOTTEST_END = 1e9  # K: keeps the heat of an absurd voltage finite


@scalar_kernel
def field_fraction(v, v_t, v_0):
    """Return the part of the amorphous resistance that is left at a voltage, 1 / (1 + exp((|v| - V_t) / V_0))."""
    return 1.0 / (1.0 + exp((abs(v) - v_t) / v_0))


@scalar_kernel
def parabola_heat(y, p_0, p_1, p_2):
    """Return int_0^1 y e^(-y (1 - s)) p(s) ds for the parabola through p at 0, 1/2, 1: the drive of a relaxation."""
    slope, curve = -3.0 * p_0 + 4.0 * p_1 - p_2, 2.0 * (p_0 - 2.0 * p_1 + p_2)
    if y < 0.05:  # e^(-y (1 - s)) to third order: relative error 1e-7 y
        m_0 = 1.0 - y / 2.0 * (1.0 - y / 3.0 * (1.0 - y / 4.0 * (1.0 - y / 5.0)))
        m_1 = 0.5 - y / 6.0 * (1.0 - y / 4.0 * (1.0 - y / 5.0 * (1.0 - y / 6.0)))
        m_2 = 1.0 / 3.0 - y / 12.0 * (1.0 - y / 5.0 * (1.0 - y / 6.0 * (1.0 - y / 7.0)))
        return y * (p_0 * m_0 + slope * m_1 + curve * m_2)
    gone = -expm1(-y)
    first = 1.0 - gone / y
    return p_0 * gone + slope * first + curve * (1.0 - 2.0 * first / y)


@scalar_kernel
def heated(temperature, t, tau, rise, a, b, rate, ambient):
    """Return the temperature after ``t`` of a segment with R = a + b e^(-rate t); ``rise`` is V^2 / delta [K ohm]."""
    middle, end = exp(-0.5 * rate * t), exp(-rate * t)
    heat = parabola_heat(t / tau, rise / (a + b), rise / (a + b * middle), rise / (a + b * end))
    return ambient + (temperature - ambient) * exp(-t / tau) + heat


@scalar_kernel
def evolve(c, temperature, v, duration, r_on, r_off, alpha, beta, ambient, t_x, t_m, heat_capacity, loss, v_t, v_0):
    """Return C, T [K] and the charge [C] after ``duration`` [s] at voltage ``v``."""
    tau = heat_capacity / loss
    rise = min(v * v / loss, HOTTEST_END * r_on)
    amorphous = (r_off - r_on) * field_fraction(v, v_t, v_0)
    left, charge, crossings = duration, 0.0, 0
    shortest = duration / FINEST
    shortest = 1e-3 * tau if shortest < 1e-3 * tau else shortest
    # The phase of a cell that stands on a boundary is that of the side to which it moves.
    now = ambient + rise / (r_on + amorphous * (1.0 - c))
    region = 0
    if temperature > t_m or (temperature == t_m and now > t_m):
        region = 2
    elif temperature > t_x or (temperature == t_x and now > t_x):
        region = 1
    while left > 0.0:
        rate = alpha if region == 1 else (beta if region == 2 else 0.0)
        a = r_on + (amorphous if region == 2 else 0.0)
        b = -amorphous * c if region == 2 else amorphous * (1.0 - c)
        if region == 0 or rate == 0.0:
            a, b = r_on + amorphous * (1.0 - c), 0.0
        low, high = (-math.inf if region == 0 else (t_x if region == 1 else t_m)), (t_x if region == 0 else
                                                                                   (t_m if region == 1 else math.inf))
        still = not rise * abs(b) > STILL * a * (a + b)  # NaN must not start substeps
        t = left
        if still:
            goal = ambient + rise / (a + b)
            bound = high if goal > temperature else low
            crossing = math.inf
            if (goal - bound) * (goal - temperature) > 0.0 and abs(bound) < math.inf:
                crossing = tau * log((goal - temperature) / (goal - bound))
            hits = crossing < left
            t = crossing if hits else left
            hotter = goal + (temperature - goal) * exp(-t / tau)
            hotter = bound if hits else hotter
        else:
            t = PIECE / rate if PIECE / rate < left else left
            hotter = heated(temperature, t, tau, rise, a, b, rate, ambient)
            hits = hotter > high or hotter < low
            if hits:
                bound = high if hotter > high else low
                early, late = 0.0, t
                for _ in range(BISECTIONS):
                    t = 0.5 * (early + late)
                    hotter = heated(temperature, t, tau, rise, a, b, rate, ambient)
                    if (hotter > bound) == (bound == high):
                        late = t
                    else:
                        early = t
                t, hotter = late, bound
        if hits and t < shortest and crossings > CHATTER:
            # Over T_m again at once: stay on this side for the shortest time, so that chatter ends.
            t = shortest if shortest < left else left
            hotter = heated(temperature, t, tau, rise, a, b, rate, ambient)
            hits = hotter > high or hotter < low
            bound = high if hotter > high else low
        decay = rate * t
        if rate > 0.0 and b != 0.0:
            charge += v / a * (t + log1p(expm1(-decay) * b / (a + b)) / rate)
        else:
            charge += v * t / (a + b)
        c = 1.0 - (1.0 - c) * exp(-decay) if region == 1 else (c * exp(-decay) if region == 2 else c)
        temperature = hotter
        left -= t
        if hits:
            region += 1 if bound == high else -1
            crossings += 1
    return c, temperature, charge
