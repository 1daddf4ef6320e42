"""Exponentials for rates and relaxations: as accurate as those of :mod:`neurosim.kernels.vmath`, faster because less general.

The argument is bounded, so that one shift of the exponent gives the scale, and the polynomial is summed in pairs: a processor
that starts two products per cycle waits for the long chain of nested products. Errors: 2 ulp of the result each.
"""

from __future__ import annotations

from neurosim.kernels.bits import bits_of_float, float_of_bits
from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import E0, E1, E2, E3, E4, E5, E6, E7, E8, E9, LN2_HI, LN2_LO, LOG2_E, SHIFT

LEAST_EXPONENT = -690.0  # exp of it is 1e-300: the least argument that callers let through


@scalar_kernel
def rise(r):
    """Return e^r - 1 for |r| <= ln(2)/2."""
    square = r * r
    fourth = square * square
    low = (E0 + r * E1) + square * (E2 + r * E3)
    high = ((E4 + r * E5) + square * (E6 + r * E7)) + fourth * (E8 + r * E9)
    return r + square * (low + fourth * high)


@scalar_kernel
def exp_bounded(x):
    """Return e^x for -700 <= x <= 700; beyond, the result means nothing."""
    shifted = x * LOG2_E + SHIFT
    k = shifted - SHIFT
    r = (x - k * LN2_HI) - k * LN2_LO
    return float_of_bits(bits_of_float(1.0 + rise(r)) + (bits_of_float(shifted) << 52))


@scalar_kernel
def decayed(y):
    """Return 1 - e^-y for y >= 0."""
    y = 44.0 if y > 44.0 else y
    shifted = y * -LOG2_E + SHIFT
    k = shifted - SHIFT
    r = (-y - k * LN2_HI) - k * LN2_LO
    scale = float_of_bits((bits_of_float(shifted) + 1023) << 52)
    return (1.0 - scale) - scale * rise(r)
