"""The exact step of an Ornstein-Uhlenbeck process: right for any step length, so its variance cannot depend on dt.

    dx = -(x - mean) dt / tau + sigma sqrt(2 / tau) dW,   stationary variance sigma^2, correlation exp(-|t| / tau)
    x_new = mean + (x - mean) exp(-h / tau) + sigma sqrt(1 - exp(-2 h / tau)) N(0, 1)

The noise is additive: Ito and Stratonovich agree, and the path is exact at the step ends (no order in h at all).

Reference: D. T. Gillespie, Phys. Rev. E 54, 2084 (1996), doi:10.1103/PhysRevE.54.2084.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import A1, f8, i8, void

NAME, ORDER, STRONG_ORDER, CALCULUS, ADAPTIVE = "ornstein_uhlenbeck", math.inf, math.inf, "both", False


@kernel(void(A1, A1, A1, A1, f8, A1, i8, i8))
def ornstein_uhlenbeck(x, mean, sigma, tau, duration, normal, start, stop):
    """Step x in place over ``duration`` [s]; all arrays have shape (n,), ``normal`` holds standard normals."""
    x, mean, sigma = x[start:stop], mean[start:stop], sigma[start:stop]
    tau, normal = tau[start:stop], normal[start:stop]
    for i in range(stop - start):
        lost = -math.expm1(-duration / tau[i])  # 1 - exp(-h/tau) without cancellation for short steps
        width = sigma[i] * math.sqrt(lost * (2.0 - lost))
        x[i] += (mean[i] - x[i]) * lost + width * normal[i]


def slow_ornstein_uhlenbeck(x: Sequence[float], mean: float, sigma: float, tau: float, duration: float,
                            normal: Sequence[float]) -> list[float]:
    """Return the stepped values in plain Python, the oracle of the kernel."""
    decay = math.exp(-duration / tau)
    width = sigma * math.sqrt(1 - decay**2)
    return [mean + (value - mean) * decay + width * z for value, z in zip(x, normal, strict=True)]
