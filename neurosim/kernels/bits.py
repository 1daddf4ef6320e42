"""Bit-level primitives for branch-free arithmetic: reinterpretation, fused multiply-add, rounding.

Each compiles to one machine instruction and vectorises. With ``NUMBA_DISABLE_JIT=1`` the same names are plain Python, so
that every kernel can be stepped through in a debugger (:func:`fused` is then exact by rational arithmetic, and slow).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

numba_config: Any = numba.config

if numba_config.DISABLE_JIT:

    def float_of_bits(bits: Any) -> float:
        """Return the float64 whose 64 bits are those of an int64 (the lowest 64 of a Python integer)."""
        return float(np.uint64(int(bits) & 0xFFFFFFFFFFFFFFFF).view(np.float64))

    def bits_of_float(x: float) -> int:
        """Return the 64 bits of a float64 as an int64."""
        return int(np.float64(x).view(np.int64))

    def fused(a: float, b: float, c: float) -> float:
        """Return a * b + c with one rounding."""
        if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
            return a * b + c
        exact = Fraction(a) * Fraction(b) + Fraction(c)
        try:
            return float(exact)
        except OverflowError:
            return math.copysign(math.inf, exact)

    def nearest(x: float) -> float:
        """Return the nearest integer as a float, ties to even."""
        return float(np.rint(x))

else:

    @intrinsic
    def float_of_bits(typing_context: Any, bits: Any) -> Any:
        """Return the float64 whose 64 bits are those of an int64."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], context.get_value_type(types.float64))

        return types.float64(types.int64), generate

    @intrinsic
    def bits_of_float(typing_context: Any, x: Any) -> Any:
        """Return the 64 bits of a float64 as an int64."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], context.get_value_type(types.int64))

        return types.int64(types.float64), generate

    @intrinsic
    def fused(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
        """Return a * b + c with one rounding."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.fma(*args)

        return types.float64(types.float64, types.float64, types.float64), generate

    @intrinsic
    def nearest(typing_context: Any, x: Any) -> Any:
        """Return the nearest integer as a float, ties to even."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.call(builder.module.declare_intrinsic("llvm.rint", [args[0].type]), args)

        return types.float64(types.float64), generate
