"""Elementary functions of float64 without branches, tables or calls, so that loops over devices vectorise.

Numba has no vector math library here: a libm call inside a loop costs about six times these straight-line polynomials.

=====================  ==========================================================  ====================================
function               method                                                      largest error (tests enforce it)
=====================  ==========================================================  ====================================
``exp, expm1``         x = k ln 2 + r, |r| <= ln(2)/2, polynomial of degree 11     2 ulp
``log, log1p``         x = 2^k m, s = (m - 1)/(m + 1), 2 atanh(s), degree 17       2 ulp
``sinh, tanh``         from expm1                                                  2 ulp
``softplus``           max(x, 0) + log1p(exp(-|x|))                                2 ulp
``sincos2pi``          u = k/4 + r, |r| <= 1/8, polynomials in r^2                 2 ulp, also beside the zeros
``power``              y log(x) in double-double (1e-20), one exp                  4 ulp of a normal result
=====================  ==========================================================  ====================================

Edges follow C: NaN in gives NaN out, exp(-800) = 0, exp(800) = inf, log(0) = -inf, log(-1) = nan, gradual underflow.
``power`` is for x >= 0 and finite y; 0**0 = 1 and a NaN stays NaN. Zeros keep their sign where the function is odd.

Coefficients are minimax polynomials (Remez exchange at 60 digits, rounded to nearest), weighted for the relative error of the
result; their own error is named beside them. Sums of a large and a small part are written so that a compiler that
contracts a * b + c into one fused operation can only make them more accurate.

References
----------
J.-M. Muller, Elementary Functions, 3rd ed., Birkhaeuser 2016: reduction (ch. 11), log through s (ch. 3).
T. J. Dekker, Numer. Math. 18, 224 (1971), https://doi.org/10.1007/BF01397083: sums and products in two parts.
"""

from __future__ import annotations

import math

from neurosim.kernels.bits import bits_of_float, float_of_bits, fused, nearest
from neurosim.kernels.jit import scalar_kernel

LOG2_E = 1.4426950408889634
LN2_HI, LN2_LO = 0.6931471805598903, 5.497923018708371e-14  # 42 bits: an exponent times LN2_HI is exact
SHIFT = 6755399441055744.0  # 1.5 * 2^52: x + SHIFT holds round(x) in its low bits
SHIFT_SCALE = SHIFT + 2048.0  # the same, with 2048 added so that exponents become positive
SQRT_HALF = 0x3FE6A09E667F3BCD  # bits of sqrt(1/2)
MANTISSA = 0x000FFFFFFFFFFFFF
TWO52 = 0x4330000000000000  # bits of 2^52
SMALLEST_NORMAL, TWO54 = 2.2250738585072014e-308, 18014398509481984.0
TINY = 5.551115123125783e-17  # 2^-54: below it, x is expm1(x) and log1p(x)

# (e^r - 1 - r) / r^2 on |r| <= ln(2)/2; error 1.8e-17 relative to r.
E0, E1, E2, E3, E4 = 0.5000000000000006, 0.16666666666666685, 0.04166666666657363, 0.008333333333314586, 0.0013888888932378134
E5, E6, E7 = 0.00019841269903047142, 2.48015044466815e-05, 2.755722793520517e-06
E8, E9 = 2.7626326283216814e-07, 2.5114480593005172e-08
# (atanh(s)/s - 1) / s^2 in z = s^2 <= 0.02944; error 1.3e-18.
L0, L1, L2, L3 = 0.33333333333333653, 0.199999999997183, 0.1428571436912148, 0.1111109947425272
L4, L5, L6 = 0.09091773351082796, 0.07657232301123941, 0.07396050244565561
# The same less 1/3, over z, for power; error 1.3e-22.
P0, P1, P2, P3 = 0.19999999999999998, 0.14285714285716888, 0.1111111110999959, 0.09090909298878544
P4, P5, P6, P7 = 0.0769228689485488, 0.06667860297009627, 0.058430010454919926, 0.05951264058499683
THIRD_HI, THIRD_LO = 0.3333333333333333, 1.850371707708594e-17
# sin(pi r / 2) / r - pi/2 and cos(pi r / 2) - 1, over r^2, |r| <= 1/2; errors 5.6e-18 and 3.4e-20.
HALF_PI, HALF_PI_LO = 1.5707963267948966, 6.123233995736766e-17
S0, S1, S2 = -0.645964097506245, 0.07969262624606602, -0.004681754132669303
S3, S4, S5 = 0.00016044115298606464, -3.5986506570380436e-06, 5.6348440316552e-08
C0, C1, C2, C3 = -1.2337005501361697, 0.253669507901047, -0.020863480763316525, 0.0009192602742366455
C4, C5, C6 = -2.5202037056115734e-05, 4.710617454394343e-07, -6.322090229035276e-09


@scalar_kernel
def _exp_tail(r):
    """Return (e^r - 1 - r) / r^2."""
    return E0 + r * (E1 + r * (E2 + r * (E3 + r * (E4 + r * (E5 + r * (E6 + r * (E7 + r * (E8 + r * E9))))))))


@scalar_kernel
def _scaled(p, bits):
    """Return p * 2**k, k in the low 12 bits plus 2048; two factors, so that results underflow gradually."""
    k = bits & 0xFFF
    half = k >> 1
    return p * float_of_bits((half - 1) << 52) * float_of_bits((k - half - 1) << 52)


@scalar_kernel
def exp(x):
    """Return e**x."""
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    shifted = x * LOG2_E + SHIFT_SCALE
    k = shifted - SHIFT_SCALE
    r = (x - k * LN2_HI) - k * LN2_LO
    return _scaled(1.0 + (r + r * r * _exp_tail(r)), bits_of_float(shifted))


@scalar_kernel
def _expm1_parts(x, shrink):
    """Return (e**x - 1) / 2**shrink as a float and its rounding error, for -44 <= x <= 711; no special cases."""
    shifted = x * LOG2_E + SHIFT_SCALE
    k = shifted - SHIFT_SCALE
    high = x - k * LN2_HI
    r = high - k * LN2_LO
    rest = (high - r) - k * LN2_LO
    scale = float_of_bits(((bits_of_float(shifted) & 0xFFF) - 1025 - shrink) << 52)
    above_one = scale - float_of_bits((1023 - shrink) << 52)
    total = above_one + scale * r
    lost = (above_one - total) + scale * r
    small = lost + scale * (r * r * _exp_tail(r) + rest)
    high = total + small
    return high, (total - high) + small


@scalar_kernel
def _quotient(high, low, divisor, divisor_low):
    """Return (high + low) / (divisor + divisor_low) and about its rounding error, with one division."""
    inverse = 1.0 / divisor
    q = high * inverse
    return q, (fused(-q, divisor, high) + (low - q * divisor_low)) * inverse


@scalar_kernel
def expm1(x):
    """Return e**x - 1."""
    y = 710.0 if x > 710.0 else x
    y = -44.0 if y < -44.0 else y
    high, _ = _expm1_parts(y, 1)
    return x if abs(x) < TINY else 2.0 * high


@scalar_kernel
def sinh(x):
    """Return the hyperbolic sine, (t + t / (t + 1)) / 2 with t = e**|x| - 1."""
    a = abs(x)
    a = 710.5 if a > 710.5 else a
    high, low = _expm1_parts(a, 2)
    t = 4.0 * high
    t = 1e300 if t > 1e300 else t  # beyond, t / (t + 1) is 1 and adds nothing
    divisor = 1.0 + t
    q, q_low = _quotient(high, low, divisor, ((1.0 - divisor) + t) + 4.0 * low)
    return x if abs(x) < TINY else math.copysign(2.0 * ((high + q) + (low + q_low)), x)


@scalar_kernel
def tanh(x):
    """Return the hyperbolic tangent, t / (t + 2) with t = e**(2 |x|) - 1."""
    a = abs(x)
    a = 20.0 if a > 20.0 else a
    t, low = _expm1_parts(2.0 * a, 0)
    divisor = 2.0 + t
    q, q_low = _quotient(t, low, divisor, ((2.0 - divisor) + t) + low)
    return x if abs(x) < TINY else math.copysign(q + q_low, x)


@scalar_kernel
def _split(x):
    """Return k and m with x = 2**k * m, sqrt(1/2) <= m < sqrt(2), for normal x > 0."""
    bits = bits_of_float(x) + (0x3FF0000000000000 - SQRT_HALF)
    k = float_of_bits(((bits >> 52) & 0x7FF) | TWO52) - (4503599627370496.0 + 1023.0)
    return k, float_of_bits((bits & MANTISSA) + SQRT_HALF)


@scalar_kernel
def _log_sum(k, f, rest):
    """Return k ln 2 + log(1 + f) + rest for a small rest; log(1 + f) = f - f^2/2 + s (f^2/2 + 2 (atanh(s)/s - 1))."""
    s = f / (2.0 + f)
    z = s * s
    tail = z * (L0 + z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * L6))))))
    half_square = 0.5 * f * f
    return k * LN2_HI - ((half_square - (s * (half_square + 2.0 * tail) + (k * LN2_LO + rest))) - f)


@scalar_kernel
def log_normal_range(x):
    """Return log(x) for positive, finite, not subnormal x: the same as ``log`` without the cost of its edges."""
    k, m = _split(x)
    return _log_sum(k, m - 1.0, 0.0)


@scalar_kernel
def log(x):
    """Return the natural logarithm."""
    small = x < SMALLEST_NORMAL
    k, m = _split(x * TWO54 if small else x)
    y = _log_sum(k - 54.0 if small else k, m - 1.0, 0.0)
    y = y if x < math.inf else x
    y = y if x != 0.0 else -math.inf
    return math.nan if x < 0.0 else y


@scalar_kernel
def _log1p_finite(x):
    """Return log(1 + x) for finite x > -1; the part of x lost in 1 + x is added back."""
    u = 1.0 + x
    shown = u - 1.0
    lost = (1.0 - (u - shown)) + (x - shown)
    k, m = _split(u)
    return _log_sum(k, m - 1.0, lost / (u if u > 0.0 else 1.0))


@scalar_kernel
def log1p(x):
    """Return log(1 + x)."""
    y = _log1p_finite(x)
    y = y if x < math.inf else x
    y = y if x != -1.0 else -math.inf
    y = math.nan if x < -1.0 else y
    return x if abs(x) < TINY else y


@scalar_kernel
def softplus(x):
    """Return log(1 + e**x)."""
    return (0.0 if x < 0.0 else x) + _log1p_finite(exp(-abs(x)))


@scalar_kernel
def sincos2pi(u):
    """Return sin(2 pi u) and cos(2 pi u)."""
    quarters = 4.0 * (u - nearest(u))
    shifted = quarters + SHIFT
    k = bits_of_float(shifted)
    r = quarters - (shifted - SHIFT)
    z = r * r
    sine = r * HALF_PI + r * (HALF_PI_LO + z * (S0 + z * (S1 + z * (S2 + z * (S3 + z * (S4 + z * S5))))))
    cosine = 1.0 + z * (C0 + z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * C6))))))
    odd = (k & 1) != 0
    a = cosine if odd else sine
    b = sine if odd else cosine
    sign_a = (k & 2) << 62
    sign_b = ((k + 1) & 2) << 62
    return float_of_bits(bits_of_float(a) ^ sign_a), float_of_bits(bits_of_float(b) ^ sign_b)


@scalar_kernel
def _log_two_parts(k, m):
    """Return log(2**k * m) as an unevaluated sum of two floats, relative error 1e-20."""
    below, above = m - 1.0, m + 1.0
    inverse = 1.0 / above
    s = below * inverse
    s_rest = (fused(-s, above, below) - s * (m - (above - 1.0))) * inverse
    z = s * s
    z_rest = fused(s, s, -z) + 2.0 * s * s_rest
    tail = z * (P0 + z * (P1 + z * (P2 + z * (P3 + z * (P4 + z * (P5 + z * (P6 + z * P7)))))))
    c = THIRD_HI + (THIRD_LO + tail)
    c_rest = (THIRD_HI - c) + (THIRD_LO + tail)
    w = z * c
    w_rest = fused(z, c, -w) + (z * c_rest + z_rest * c)
    # 2 s (1 + w), then k ln 2 with |k ln 2| larger or zero: each sum orders its parts by size.
    one = 1.0 + w
    one_rest = ((1.0 - one) + w) + w_rest
    y = 2.0 * s * one
    y_rest = fused(2.0 * s, one, -y) + 2.0 * (s * one_rest + s_rest * one)
    top = k * LN2_HI
    total = top + y
    total_rest = ((top - total) + y) + (y_rest + k * LN2_LO)
    high = total + total_rest
    return high, (total - high) + total_rest


@scalar_kernel
def power(x, y):
    """Return x**y for x >= 0 and finite y."""
    small = x < SMALLEST_NORMAL
    k, m = _split(x * TWO54 if small else x)
    high, low = _log_two_parts(k - 54.0 if small else k, m)
    edge = x == 0.0 or not x < math.inf
    high = (-math.inf if x == 0.0 else x) if edge else high
    low = 0.0 if edge else low
    t = y * high
    rest = fused(y, high, -t) + y * low
    rest = rest if abs(t) < 800.0 else 0.0
    t = 710.0 if t > 710.0 else t
    t = -746.0 if t < -746.0 else t
    shifted = t * LOG2_E + SHIFT_SCALE
    n = shifted - SHIFT_SCALE
    r = (t - n * LN2_HI) + (rest - n * LN2_LO)
    result = _scaled(1.0 + (r + r * r * _exp_tail(r)), bits_of_float(shifted))
    result = 1.0 if (y == 0.0 and x >= 0.0) else result
    return math.nan if x < 0.0 else result
