"""What the schemes for stochastic equations dx = a(x, t) dt + sum_r b_r(x, t) dW_r take and give back.

    status = scheme(rates, diffusions, draw, grid, y, layout, values, bounds, step, n_fine, key, purpose, first_step,
                    max_steps, record, report)

The problem is a population (:mod:`neurosim.kernels.steppers.population_system`); ``diffusions`` holds the kernel that
fills row ``state * n_noise + r`` with b_r [state unit / sqrt(s)]. Steps are equal between grid times, at most ``step``.

``draw(out, key, purpose, step, start, stop)`` fills standard normals (:func:`neurosim.kernels.rng.fill_normal`). A step
of length h is driven by dW = sqrt(h / n_fine) (sum of ``n_fine`` normals): noise enters as sqrt(h); halving both the
step and ``n_fine`` refines the same Brownian path. ``report[NEXT_STEP]`` is the number of the next draw.

A state that leaves its bounds is clipped, which biases the mean near a bound; report[REJECTED] counts
the clipped values.
"""

from __future__ import annotations

import math

from numba import types

from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.signatures import A1, A2, DIFFUSIONS, I1, RATES, f8, i8, u8, void

DRAW = void(A2, u8, i8, i8, i8, i8)
DRAW_POINTER = types.FunctionType(DRAW)
INTEGRATE_NOISE = i8(RATES, DIFFUSIONS, DRAW_POINTER, A1, A1, I1, A1, A2, f8, i8, u8, i8, i8, i8, A2, A1)


@scalar_kernel
def brownian_increment(draw, key, purpose, first, n_fine, h, normal, out):
    """Write the increments dW [sqrt(s)] of one step, shape (n_noise, n), from draws first .. first + n_fine - 1."""
    n_noise, n = out.shape
    out[:, :] = 0.0
    for j in range(n_fine):
        draw(normal, key, purpose, first + j, 0, n)
        for r in range(n_noise):
            for i in range(n):
                out[r, i] += normal[r, i]
    width = math.sqrt(h / n_fine)
    for r in range(n_noise):
        for i in range(n):
            out[r, i] *= width


@scalar_kernel
def add_noise(increment, diffusion, factor, out):
    """Add factor sum_r b_r dW_r to ``out (n_state, n)``."""
    n_noise, n = increment.shape
    for s in range(out.shape[0]):
        for r in range(n_noise):
            for i in range(n):
                out[s, i] += factor * diffusion[s * n_noise + r, i] * increment[r, i]
