"""The law of the filament gap for one device, inlined into the loops of :mod:`devices.memristor.gap`.

Energies are divided by Boltzmann's constant, so that they are in kelvin. With u = gap / 1 nm,

    x' = -speed [exp(-(E_set - gamma W) / T) - exp(-(E_reset + gamma W) / T)],  gamma = gamma_0 - beta u^alpha,
    T = T_ambient + heat exp(-kappa x),   W = q hop v / (oxide k_B),   kappa = ln(g_on / g_off).

At frozen voltage x' depends on x alone, so the time is a quadrature over the state: t = integral of dx / x'. ``step`` takes one
piece of it, short enough that ln |x'| changes by about 1/4 (3/8 if the time does not end in it), and interpolates the slowness
1 / x' through the five Gauss-Lobatto nodes of the piece. The error of the quadrature is 1e-11 there; where the time ends inside
the piece, the quintic t(x) is inverted by Newton's method. A piece moves the state by a distance, never by a time: the number
of pieces is bounded by the range of the state for any duration, and the step cannot be unstable.
"""

from __future__ import annotations

from devices.memristor.short_exp import LEAST_EXPONENT, exp_bounded
from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, log_normal_range, sinh
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE

NANOMETRE = 1e-9
STEEPEST = 300.0  # v / v_sinh and v [V] beyond these are clipped, so that current and power stay finite
HIGHEST_VOLTAGE = 1e6
HOTTEST = 1e7  # K: highest self-heating
LARGEST = 600.0  # exponents of rates are clipped here
STEEPEST_RATE = 2e3  # largest |d ln x'/dx| for which pieces are shortened
STRETCH = 1.5  # of a piece in which the time certainly does not end: its quadrature is better than the place of an end in it
MARGIN = 1.2  # a piece reaches beyond the linear prediction, since ln |x'| changes by 1/4 or so
N1, N3 = 0.17267316464601143, 0.8273268353539885  # Gauss-Lobatto nodes of [0, 1], with 0, 1/2 and 1
W0, W1, W2 = 0.05, 0.2722222222222222, 0.35555555555555557  # weights 1/20, 49/180, 16/45


@scalar_kernel
def clipped_voltage(v):
    """Return v within +-1e6 V."""
    return min(HIGHEST_VOLTAGE, max(-HIGHEST_VOLTAGE, v))


@scalar_kernel
def steepness(v, v_sinh):
    """Return v / v_sinh within +-300."""
    return min(STEEPEST, max(-STEEPEST, v / v_sinh))


@scalar_kernel
def current_scale(v, v_sinh):
    """Return i / G [V], v_sinh sinh(v / v_sinh)."""
    return v_sinh * sinh(steepness(v, v_sinh))


@scalar_kernel
def span_of(gap_min, gap_max):
    """Return the range of the gap [m], at least 1 pm."""
    return max(1e-12, gap_max - gap_min)


@scalar_kernel
def kelvin_per_gamma(v, hop, oxide):
    """Return W [K]: the lowering of the barrier by the field of v, per unit of enhancement."""
    return ELEMENTARY_CHARGE / BOLTZMANN * hop / oxide * clipped_voltage(v)


@scalar_kernel
def smallest_enhancement(v, oxide, field_set, field_reset):
    """Return the enhancement below which the gap rests: that which brings the field to the threshold."""
    size = max(1e-300, abs(v))
    return (field_set if v >= 0.0 else field_reset) * oxide / size


@scalar_kernel
def enhanced(u, gamma_0, beta, alpha, cubic):
    """Return gamma and -d(gamma)/du for the gap u in nm; ``cubic`` takes alpha = 3 without a power."""
    if cubic:
        return gamma_0 - beta * u * u * u, 3.0 * beta * u * u
    grown = beta * exp(alpha * log_normal_range(u))
    return gamma_0 - grown, alpha * grown / u


@scalar_kernel
def gap_at_enhancement(gamma, gamma_0, beta, alpha):
    """Return the gap [nm] with that enhancement; 1e3 where every gap has more, 0 where none has as much."""
    cube = (gamma_0 - gamma) / max(1e-300, beta)
    known = 0.0 < cube < 1e9
    gap = exp(log_normal_range(cube if known else 1.0) / alpha)
    return gap if known else (1e3 if cube > 0.0 else 0.0)


@scalar_kernel
def gated(x, v, gap_min, gap_max, oxide, gamma_0, beta, alpha, field_set, field_reset):
    """Return whether the field reaches the threshold."""
    u = (gap_min + span_of(gap_min, gap_max) * x) / NANOMETRE
    gamma, _ = enhanced(u, gamma_0, beta, alpha, False)
    return gamma >= smallest_enhancement(v, oxide, field_set, field_reset)


@scalar_kernel
def heated(closing, heat, ambient):
    """Return the temperature [K]; ``closing`` is exp(-kappa x)."""
    return ambient + min(HOTTEST, heat * closing)


@scalar_kernel
def node(x, inverse, gap_min, span, gamma_0, beta, alpha, cubic, lowered, speed, hot_set, hot_reset):
    """Return x' [1/s] without the threshold, exponent of its larger term, -d(gamma)/dx.

    ``inverse`` is one over the temperature; ``gap_min`` and ``span`` are in nm, ``hot_set`` and ``hot_reset`` are barriers [K].
    """
    gamma, falling = enhanced(gap_min + span * x, gamma_0, beta, alpha, cubic)
    down = (gamma * lowered - hot_set) * inverse
    up = -(gamma * lowered + hot_reset) * inverse
    rate = speed * (exp_bounded(max(LEAST_EXPONENT, min(LARGEST, up))) - exp_bounded(max(LEAST_EXPONENT, min(LARGEST, down))))
    return rate, max(up, down), falling * span


@scalar_kernel
def inverses(a, b, c, d):
    """Return 1/a, 1/b, 1/c, 1/d with one division; products must not overflow."""
    ab, cd = a * b, c * d
    whole = 1.0 / (ab * cd)
    left, right = whole * cd, whole * ab
    return left * b, left * a, right * d, right * c


@scalar_kernel
def small_exp(y):
    """Return exp(y) for |y| <= 1/2, error 1e-12."""
    return 1.0 + y * (1.0 + y * (0.5 + y * (1 / 6 + y * (1 / 24 + y * (1 / 120 + y * (1 / 720 + y * (
        1 / 5040 + y * (1 / 40320 + y * (1 / 362880 + y / 3628800)))))))))


@scalar_kernel
def pace_of(rate, inverse_0):
    """Return rate / rate_0, 1e-30 where the motion has come to rest or turned round."""
    pace = rate * inverse_0
    return pace if pace > 1e-30 else 1e-30


@scalar_kernel
def quintic(y0, y1, y2, y3, y4):
    """Return the coefficients of c, ..., c^5 of the integral from 0 to c of the quartic through the five nodes."""
    d1, d2, d3, d4 = y1 - y0, y2 - y0, y3 - y0, y4 - y0
    a1 = 13.51300497744848 * d1 - 5.333333333333333 * d2 + 2.8203283558848535 * d3 - d4
    a2 = -56.872348265678774 * d1 + 42.666666666666664 * d2 - 24.794318400987894 * d3 + 9.0 * d4
    a3 = 76.02600995489696 * d1 - 74.66666666666667 * d2 + 54.64065671176971 * d3 - 21.0 * d4
    a4 = -32.666666666666664 * d1 + 37.333333333333336 * d2 - 32.666666666666664 * d3 + 14.0 * d4
    return y0, 0.5 * a1, a2 / 3.0, 0.25 * a3, 0.2 * a4


@scalar_kernel
def corrected(c, goal, a0, a1, a2, a3, a4):
    """Return one step of Newton's method for the place c at which the integral is ``goal``."""
    reached = c * (a0 + c * (a1 + c * (a2 + c * (a3 + c * a4))))
    pace = a0 + c * (2.0 * a1 + c * (3.0 * a2 + c * (4.0 * a3 + c * 5.0 * a4)))
    return c - (reached - goal) / pace


@scalar_kernel
def step(x, left, lowest, highest, gap_min, span, kappa, heat, ambient, gamma_0, beta, alpha, cubic, lowered, speed, hot_set,
         hot_reset):
    """Move one piece: return the state, the time left [s], time [s] times mean exp(-kappa x), temperatures at both ends [K].

    The state moves within [lowest, highest]; at its end, and where nothing moves, the time left is zero or negative: what
    is then left of it, with the opposite sign, passed at rest.
    """
    g0 = exp_bounded(-kappa * x)
    t0 = heated(g0, heat, ambient)
    inverse = 1.0 / t0
    f, exponent, falling = node(x, inverse, gap_min, span, gamma_0, beta, alpha, cubic, lowered, speed, hot_set, hot_reset)
    up = f > 0.0
    room = highest - x if up else x - lowest
    room = room if room > 0.0 else 0.0
    size = abs(f)
    free = MARGIN * size * left
    slope = (abs(lowered) * falling + abs(exponent * kappa) * (t0 - ambient)) * inverse
    piece = 1.0 / (3.0 * abs(kappa) + 4.0 * min(STEEPEST_RATE, slope))
    piece = STRETCH * piece if free > 2.0 * STRETCH * piece else piece
    whole = piece if piece < room else room
    length = free if free < whole else whole
    moves = length > 0.0
    way = length if up else -length
    half, part = small_exp(-0.5 * kappa * way), small_exp((0.5 - N3) * kappa * way)
    g2 = g0 * half
    g1, g3, g4 = g0 * small_exp(-N1 * kappa * way), g2 * part, g2 * half
    t1, t2, t3, t4 = heated(g1, heat, ambient), heated(g2, heat, ambient), heated(g3, heat, ambient), heated(g4, heat, ambient)
    i1, i2, i3, i4 = inverses(t1, t2, t3, t4)
    f1, _, _ = node(x + N1 * way, i1, gap_min, span, gamma_0, beta, alpha, cubic, lowered, speed, hot_set, hot_reset)
    f2, _, _ = node(x + 0.5 * way, i2, gap_min, span, gamma_0, beta, alpha, cubic, lowered, speed, hot_set, hot_reset)
    f3, _, _ = node(x + N3 * way, i3, gap_min, span, gamma_0, beta, alpha, cubic, lowered, speed, hot_set, hot_reset)
    f4, _, _ = node(x + way, i4, gap_min, span, gamma_0, beta, alpha, cubic, lowered, speed, hot_set, hot_reset)
    inverse_0 = 1.0 / (f if moves else 1.0)
    r1, r2, r3, r4 = inverses(pace_of(f1, inverse_0), pace_of(f2, inverse_0), pace_of(f3, inverse_0), pace_of(f4, inverse_0))
    a0, a1, a2, a3, a4 = quintic(1.0, r1, r2, r3, r4)
    # Time in units of length / |f|: `goal` is there, `total` is needed for the whole piece.
    scale = (length if moves else 1.0) / (size if moves else 1.0)
    goal = left * (size if moves else 1.0) / (length if moves else 1.0)
    total = W0 * (1.0 + r4) + W1 * (r1 + r3) + W2 * r2
    ends = total > goal
    c = goal / total if ends else 1.0
    c = corrected(c, goal, a0, a1, a2, a3, a4)
    c = corrected(c, goal, a0, a1, a2, a3, a4)
    c = corrected(c, goal, a0, a1, a2, a3, a4)
    c = min(1.0, max(0.0, c)) if ends else 1.0
    b0, b1, b2, b3, b4 = quintic(g0, g1 * r1, g2 * r2, g3 * r3, g4 * r4)
    passed = scale * c * (b0 + c * (b1 + c * (b2 + c * (b3 + c * b4))))
    rest = left - scale * total
    bound = not ends and length == room  # the last piece: what is left passes at rest
    end = (highest if up else lowest) if bound else x + way * c
    rest = 0.0 if ends else (-rest if bound else rest)
    return (end if moves else x), (rest if moves else -left), (passed if moves else 0.0), t0, (t4 if moves else t0)
