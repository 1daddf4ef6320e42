"""Elementary functions without branches or tables, so that loops over devices vectorise (numba has no SVML)."""

from __future__ import annotations

import math

from neurosim.kernels.bits import bits_of_float, float_of_bits, fused, nearest
from neurosim.kernels.jit import scalar_kernel

LOG2E = 1.4426950408889634
LN2_HI = 0.6931471805601177  # 33 bits: times an integer below 2^20 is exact
LN2_LO = -1.7239444525614835e-10
ROUND = 6755399441055744.0


@scalar_kernel
def exp(x):
    """Return e**x."""
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    shifted = x * LOG2E + ROUND
    k = shifted - ROUND
    n = bits_of_float(shifted) - 0x4338000000000000
    r = (x - k * LN2_HI) - k * LN2_LO
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    half = n >> 1
    return p * float_of_bits((half + 1023) << 52) * float_of_bits((n - half + 1023) << 52)
