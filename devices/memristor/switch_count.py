"""Finitely many switches: how many flip in a step of any length, exact in law.

Of N switches k are ON. At frozen voltage each flips on its own, OFF to ON with p_up = x_rest (1 - exp(-L t)) and ON to
OFF with p_down = (1 - x_rest) (1 - exp(-L t)), so that with binomial numbers B

    k <- k - B(k, p_down) + B(N - k, p_up)                                                              (1)

The law of (1) does not change when t is split; at rest the variance of x = k / N is x (1 - x) / N. N = 1 is a random
telegraph. N = 0 stands for infinitely many: the mean alone. A state with x N between two integers (as formed, or after
a quiet step) is a mixture of them with the right mean.

Randomness comes as standard normals z. The fractional part of 4 z is uniform, to exp(-2 pi^2 4^2) = 1e-137. Binomials
with a variance up to 30 are inverted exactly; above, a Cornish-Fisher expansion to third order and rounding has an
error of the distribution function below 2e-5.

References
----------
E. A. Cornish, R. A. Fisher, Revue de l'Institut International de Statistique 5, 307 (1938) (expansion of quantiles).
"""

from __future__ import annotations

import math

import numpy as np

from devices.memristor.two_state_law import relaxed, rest_state
from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, expm1, log1p

MAX_INVERTED = 30.0  # variance of a binomial number up to which it is inverted term by term


@scalar_kernel
def uniform_of(z):
    """Return a uniform number in [0, 1) from a standard normal one."""
    return 4.0 * z - math.floor(4.0 * z)


@scalar_kernel
def inverted(n, p, u):
    """Return the binomial number of n trials with p <= 1/2 at the quantile u, summing probabilities from zero up."""
    odds = p / (1.0 - p)
    term = exp(n * log1p(-p))
    left, k, last = u - term, 0.0, min(n, 60.0 + 10.0 * n * p)
    while left >= 0.0 and k < last:
        k += 1.0
        term *= odds * (n - k + 1.0) / k
        left -= term
    return k


@scalar_kernel
def expanded(n, p, z):
    """Return the binomial number of n trials whose quantile is that of the normal number z, for large variance."""
    variance = n * p * (1.0 - p)
    sigma = math.sqrt(variance - 1.0 / 12.0)  # less the variance that rounding adds
    skew, excess = variance * (1.0 - 2.0 * p) / sigma**3, variance * (1.0 - 6.0 * p * (1.0 - p)) / sigma**4
    w = z + (z * z - 1.0) * skew / 6.0
    w += (z * z - 3.0) * z * excess / 24.0 - (2.0 * z * z - 5.0) * z * skew * skew / 36.0
    k = math.floor(n * p + sigma * w + 0.5)
    return min(n, max(0.0, k))


@scalar_kernel
def binomial(n, p, z):
    """Return a binomial number of n trials with probability p from a standard normal number z."""
    few = p if p <= 0.5 else 1.0 - p
    if n * few * (1.0 - few) > MAX_INVERTED:
        k = expanded(n, few, z)
    else:
        k = inverted(n, few, uniform_of(z))
    return k if p <= 0.5 else n - k


@scalar_kernel
def counted(x, n, up, down, duration, z_down, z_up, z_between):
    """Return the state after ``duration`` [s] of n switches; n = 0, no duration or three zero normals give the mean."""
    if n < 0.5 or duration == 0.0 or (z_down == 0.0 and z_up == 0.0 and z_between == 0.0):
        return relaxed(x, up, down, duration)
    n = math.floor(n + 0.5)
    k = min(n, math.floor(x * n + uniform_of(z_between)))
    rest, moved = rest_state(x, up, down), -expm1(-(up + down) * duration)
    gone = binomial(k, (1.0 - rest) * moved, z_down)
    come = binomial(n - k, rest * moved, z_up)
    return (k - gone + come) / n


@scalar_kernel
def telegraph(x, up, down, duration, z):
    """Return the state, 0 or 1, of one switch after ``duration`` [s]; the mean for z = 0."""
    y = relaxed(x, up, down, duration)
    jumped = 1.0 if uniform_of(z) < y else 0.0
    return y if z == 0.0 or duration == 0.0 else jumped


def one_count(counts: np.ndarray) -> int:
    """Return the number of switches that all devices have (0: infinitely many), -1 where they differ or there is none."""
    rounded = np.floor(np.asarray(counts) + 0.5)
    return int(rounded[0]) if rounded.size and bool(np.all(rounded == rounded[0])) else -1
