"""Exact steps of a two-state process: the probability to be up (occupation) and one random path (telegraph).

With rates up (0 -> 1) and down (1 -> 0) [1/s], frozen during the step, and r = up + down:

    p_new = p_inf + (p - p_inf) exp(-r h),   p_inf = up / r
    s_new = 1 with the probability p_new started from p = s, by one uniform number per device and step

Both are exact for any h: two steps of h/2 have the law of one step of h. A rate sum of zero keeps the state.

Reference: S. Machlup, J. Appl. Phys. 25, 341 (1954), doi:10.1063/1.1721637 (random telegraph noise).
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import A1, f8, i8, void

NAME, ORDER, STRONG_ORDER, CALCULUS, ADAPTIVE = "two_state", math.inf, math.inf, "jump", False


@scalar_kernel
def relaxed(p, up, down, duration):
    """Return the probability to be up after ``duration`` [s]."""
    total = up + down
    target = up / total if total > 0.0 else p
    return p - (target - p) * math.expm1(-total * duration)


@kernel(void(A1, A1, A1, f8, i8, i8))
def occupation(p, up, down, duration, start, stop):
    """Step the probabilities p in place over ``duration`` [s]; all arrays have shape (n,)."""
    p, up, down = p[start:stop], up[start:stop], down[start:stop]
    for i in range(stop - start):
        p[i] = relaxed(p[i], up[i], down[i], duration)


@kernel(void(A1, A1, A1, f8, A1, i8, i8))
def telegraph(state, up, down, duration, uniform, start, stop):
    """Step the states (0.0 or 1.0) in place over ``duration`` [s] with uniform numbers in [0, 1)."""
    state, up, down, uniform = state[start:stop], up[start:stop], down[start:stop], uniform[start:stop]
    for i in range(stop - start):
        state[i] = 1.0 if uniform[i] < relaxed(state[i], up[i], down[i], duration) else 0.0


two_state = telegraph
