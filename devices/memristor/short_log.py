"""e^x - 1 and log(1 + x) for states that grow: bounded or positive arguments, summed like :mod:`devices.memristor.short_exp`.

Errors: 2 ulp of the result each.
"""

from __future__ import annotations

from devices.memristor.short_exp import rise
from neurosim.kernels.bits import bits_of_float, float_of_bits
from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import L0, L1, L2, L3, L4, L5, L6, LN2_HI, LN2_LO, LOG2_E, MANTISSA, SHIFT, SQRT_HALF, TWO52

HIGHEST = 700.0  # exp of it is 1e304: larger arguments give the same


@scalar_kernel
def grown(x):
    """Return e^x - 1 for x >= -700."""
    x = HIGHEST if x > HIGHEST else x
    shifted = x * LOG2_E + SHIFT
    k = shifted - SHIFT
    r = (x - k * LN2_HI) - k * LN2_LO
    scale = float_of_bits((bits_of_float(shifted) + 1023) << 52)
    return (scale - 1.0) + scale * rise(r)


@scalar_kernel
def log_grown(x):
    """Return log(1 + x) for finite x >= 0; the part of x lost in 1 + x is added back."""
    u = 1.0 + x
    shown = u - 1.0
    lost = (1.0 - (u - shown)) + (x - shown)
    bits = bits_of_float(u) + (0x3FF0000000000000 - SQRT_HALF)
    k = float_of_bits(((bits >> 52) & 0x7FF) | TWO52) - (4503599627370496.0 + 1023.0)
    f = float_of_bits((bits & MANTISSA) + SQRT_HALF) - 1.0
    above = 2.0 + f
    inverse = 1.0 / (above * u)
    s = f * (inverse * u)
    z = s * s
    square = z * z
    tail = z * ((L0 + z * L1) + square * ((L2 + z * L3) + square * ((L4 + z * L5) + square * L6)))
    half_square = 0.5 * f * f
    return k * LN2_HI - ((half_square - (s * (half_square + 2.0 * tail) + (k * LN2_LO + lost * (inverse * above)))) - f)
