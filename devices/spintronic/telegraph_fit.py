"""From a uniaxial macrospin to a telegraph: Delta, critical drive, exponent and attempt time that follow the exact rates.

    up = exp(-Delta (1 - x)^n)/tau_0,   down = exp(-Delta (1 + x)^n)/tau_0,   x = h/h_c,   h = H/H_k or I/I_c0

The exact rates are those of ``fokker_planck``. High barriers give n = 2, h_c = 1 and Delta = sigma but for the prefactor, which
falls with h like (1 - h^2)(1 + h): the fit puts it into the four numbers, over the drives that it is told.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from devices.spintronic.fokker_planck import switching_rates


class TelegraphFit(NamedTuple):
    """``log_tau_0`` is that of tau_0/tau_N; ``deviation`` is the largest |log(rate/exact)| over the drives of the fit."""

    delta: float
    h_c: float
    n: float
    log_tau_0: float
    deviation: float

    def log_rates(self, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the logarithms of the rates up and down, times tau_N."""
        x = np.asarray(h, dtype=float) / self.h_c
        barriers = [self.delta * _power(1.0 - sign * x, self.n) for sign in (1.0, -1.0)]
        return -barriers[0] - self.log_tau_0, -barriers[1] - self.log_tau_0


def fit_telegraph(sigma: float, largest: float = 0.5, points: int = 13) -> TelegraphFit:
    """Return the telegraph that follows a uniaxial moment of barrier ``sigma`` best for |h| <= ``largest``.

    Parameters
    ----------
    sigma : float
        K V/kT, above 0.
    largest : float
        Largest reduced drive, within (0, 1).
    points : int
        Number of drives.
    """
    from scipy.optimize import least_squares

    h = np.linspace(-largest, largest, points)
    exact = np.log(np.array([switching_rates(sigma, float(value)) for value in h])).T

    def fit_of(values: np.ndarray) -> TelegraphFit:
        return TelegraphFit(float(np.exp(values[0])), float(np.exp(values[1])), float(values[2]), float(values[3]), 0.0)

    def residual(values: np.ndarray) -> np.ndarray:
        return (np.array(fit_of(values).log_rates(h)) - exact).ravel()

    centre = exact[:, points // 2].mean()
    best = None
    for n in (2.0, 1.5, 1.0):
        guess = np.array([np.log(max(sigma, 0.3)), np.log(n / 2.0), n, -sigma - centre])
        low, high = np.array([-7.0, np.log(largest * 1.02), 1.0, -80.0]), np.array([7.0, 5.0, 2.0, 80.0])
        found = least_squares(residual, np.clip(guess, low + 1e-6, high - 1e-6), bounds=(low, high), x_scale="jac",
                              max_nfev=2000)
        best = found if best is None or found.cost < best.cost else best
    assert best is not None
    return fit_of(best.x)._replace(deviation=float(np.abs(best.fun).max()))


def _power(base: np.ndarray, n: float) -> np.ndarray:
    return base if n == 1.0 else np.maximum(base, 0.0) ** n
