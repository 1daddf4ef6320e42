"""One ferroelectric domain: nucleation, and the latent threshold at which it switches.

Inlined into the loops of :mod:`devices.memristor.ferroelectric_domains`; equation numbers are those of that module.
"""

from __future__ import annotations

from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, expm1, log, log1p, log_normal_range

SMALLEST_FIELD = 1e-6  # V/m: below it nothing nucleates, the exponent would overflow
MOST = 50.0  # bound of the nucleation progress: beyond, every threshold has been passed (exp(-50))
ROOT_HALF = 0.7071067811865476


@scalar_kernel
def survival_exponent(z):
    """Return -ln(1 - Phi(z)): exponential of mean 1 where z is standard normal; relative error 1.2e-7.

    1 - Phi is erfc(z / sqrt 2) / 2, erfc by the Chebyshev fit of Numerical Recipes, section 6.2.
    """
    x = abs(z) * ROOT_HALF
    t = 1.0 / (1.0 + 0.5 * x)
    tail = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * (
        0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))))
    log_half_erfc = log_normal_range(0.5 * t) - x * x + tail
    below = -log1p(-exp(log_half_erfc))
    return -log_half_erfc if z > 0.0 else below


@scalar_kernel
def threshold(z, beta):
    """Return the progress at which a domain with the latent number z switches, (3)."""
    return exp(log(survival_exponent(z)) / beta)


@scalar_kernel
def nucleation_rate(field, activation, tau_0, alpha):
    """Return 1 / tau [1/s] of (1) for the magnitude of the field [V/m]."""
    field = field if field > SMALLEST_FIELD else SMALLEST_FIELD
    return exp(-exp(alpha * log_normal_range(activation / field))) / tau_0


@scalar_kernel
def progressed(y, p, collapse):
    """Return the progress in the direction of the field after p = dt / tau, (2); negative belongs to the other direction."""
    vanish = log1p(-collapse * y if y < 0.0 else 0.0) / collapse
    inside = y * exp(-collapse * p) - expm1(-collapse * p) / collapse
    after = p - vanish
    grown = (inside if p < vanish else after) if y < 0.0 else y + p
    return grown if grown < MOST else MOST


@scalar_kernel
def share_beyond(y, p, goal, collapse):
    """Return the fraction of the step that the domain spends beyond its threshold."""
    needed = goal - y if y >= 0.0 else goal + log1p(-collapse * (y if y < 0.0 else 0.0)) / collapse
    share = 1.0 - needed / (p if p > 0.0 else 1.0)
    share = share if (needed < p and share > 0.0) else 0.0
    return 1.0 if needed <= 0.0 else share
