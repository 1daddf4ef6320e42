"""From requested conductance changes to pulse widths: net-update accumulators and pulse-width quantisation.

Per synapse an accumulator adds the requests of successive samples. Only when its content reaches the write quantum does the
pair receive pulses; what was written (in nominal units) is subtracted and the remainder stays. Without one, each request is
rounded to the nearest pulse level at once and the rest is lost.
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import kernel
from neurosim.kernels.purposes import DEPOSIT
from neurosim.kernels.rng import fill_normal
from neurosim.kernels.signatures import A1, A2, f8, i8, u8

A_DECAY, A_NOISE, A_STEP, A_LIMIT = range(4)


@kernel(i8(A2, A2, A1, A2, u8, i8))
def deposit(content, request, rules, noise, key, event):
    """Add ``request`` to ``content`` (both (n_rows, n_targets), [S]) under the accumulator's rules; return saturated cells.

    ``rules``: decay factor since the last deposit (capacitor leak), noise of one deposit [S], step of a digital counter [S]
    (0: continuous), limit of the content [S]. ``noise``: (1, n) scratch.
    """
    n_rows, n = content.shape
    decay, sigma, step, limit = rules[A_DECAY], rules[A_NOISE], rules[A_STEP], rules[A_LIMIT]
    saturated = 0
    if sigma > 0.0:
        fill_normal(noise, key, DEPOSIT, event, 0, n_rows * n)
    for i in range(n_rows):
        for j in range(n):
            value = content[i, j] * decay + request[i, j]
            if sigma > 0.0 and request[i, j] != 0.0:
                value += sigma * noise[0, i * n + j]
            if step > 0.0:
                value = step * math.floor(value / step + 0.5)
            if abs(value) > limit:
                value = math.copysign(limit, value)
                saturated += 1
            content[i, j] = value
    return saturated


@kernel(i8(A2, A2, f8, f8, f8, f8, i8, i8))
def widths_from_content(content, width, quantum, level, raise_slope, lower_slope, max_level, keep_remainder):
    """Fill pulse widths [s] for plus (first half) and minus columns; return how many were clipped to the longest pulse.

    ``level`` is the nominal conductance change [S] of the shortest pulse, ``max_level`` the number of levels of the longest,
    the slopes are nominal seconds per siemens. A synapse is written when its content reaches ``quantum`` [S].
    """
    n_rows, n = content.shape
    clipped = 0
    for i in range(n_rows):
        for j in range(n):
            value = content[i, j]
            size = abs(value)
            steps = 0.0
            if size >= quantum:
                steps = math.floor(size / level) if keep_remainder else math.floor(size / level + 0.5)
                if steps > max_level:
                    steps = float(max_level)
                    clipped += 1
            change = math.copysign(steps * level, value)
            content[i, j] = value - change if keep_remainder else 0.0
            width[i, j] = change * (raise_slope if change > 0.0 else lower_slope)
            width[i, n + j] = -change * (lower_slope if change > 0.0 else raise_slope)
    return clipped
