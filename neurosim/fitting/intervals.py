"""Confidence intervals of fitted values, and which of them the data do not identify.

With residuals r, Jacobian J and m - n degrees of freedom the covariance is s^2 (J^T J)^-1, s^2 = r^T r / (m - n); intervals are
95 % by Student's t. A value is *not identified*

- when the data do not depend on it, or it takes part in a direction that they leave free: singular value of the scaled J
  below ``SINGULAR`` of the largest, in which the value has a weight above ``PART``,
- when it sits on a bound of its range, or its interval spans more than a factor ``WIDE``,
- when it is tied to such a value, with a correlation above ``TIED``.

Such a value has no interval: its ends are infinite, for the linear law behind them does not reach that far.

Reference: G. A. F. Seber, C. J. Wild, Nonlinear Regression, Wiley 1989, chapter 5, doi:10.1002/0471725315.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import stats

from neurosim.fitting.problem import FitProblem

WIDE, SINGULAR, PART = 10.0, 1e-6, 1e-3
TOLD_APART, TIED = 0.98, 0.999  # correlations of two values: hardly told apart, and one value only


@dataclass(frozen=True)
class FittedValue:
    """One fitted number in SI units with its 95 % interval.

    ``why`` says what is wrong where it is not identified; there ``low`` and ``high`` are infinite.
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    identified: bool
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; an infinite end is null."""
        return asdict(self) if self.identified else {**asdict(self), "low": None, "high": None}


def intervals(problem: FitProblem, z: np.ndarray,
              residuals: np.ndarray) -> tuple[tuple[FittedValue, ...], tuple[tuple[str, str, float], ...]]:
    """Return the fitted values with their intervals, and the pairs that the data hardly tell apart, with the correlation.

    Parameters
    ----------
    problem : FitProblem
    z : ndarray, shape (n,)
        Scaled values at the minimum.
    residuals : ndarray, shape (m,)
        There, m > n.
    """
    jacobian = problem.jacobian(z)
    m, n = jacobian.shape
    norms = np.linalg.norm(jacobian, axis=0)
    _, singular, right = np.linalg.svd(jacobian / np.where(norms > 0.0, norms, 1.0), full_matrices=False)
    least = SINGULAR * (singular[0] or 1.0)
    weak = singular < least
    inverse = (right.T / np.maximum(singular, least) ** 2) @ right
    size = np.where(norms > 0.0, norms, np.inf)
    covariance = float(residuals @ residuals) / (m - n) * inverse / np.outer(size, size)
    scale = np.sqrt(np.diag(covariance))
    half = stats.t.ppf(0.975, m - n) * scale
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.nan_to_num(covariance / np.outer(scale, scale))
    in_free_direction = (np.abs(right[weak]) > PART).any(axis=0)
    why = ["the data do not depend on it" if norms[k] == 0.0 else
           "only a combination with others is fixed" if in_free_direction[k] else
           "at the bound of its range" if min(z[k] - problem.low[k], problem.high[k] - z[k]) < 1e-6 else
           "its interval is wide" if _wide(problem, k, z[k], half[k]) else "" for k in range(n)]
    tied = np.abs(correlation) > TIED
    lost = [k for k in range(n) if why[k]]
    why = [why[k] or next((f"tied to {problem.names[j]}, which is not identified" for j in lost if tied[k, j]), "")
           for k in range(n)]
    numbers = problem.numbers(z)
    values = []
    for k, name in enumerate(problem.names):
        low, high = -np.inf, np.inf
        if not why[k]:
            low, high = (sorted(numbers[k] * np.exp([-half[k], half[k]])) if problem.is_logarithmic(k) else
                         (z[k] - half[k], z[k] + half[k]))
        values.append(FittedValue(name, problem.unit(k), float(numbers[k]), float(low), float(high), not why[k], why[k]))
    strong = tuple((problem.names[a], problem.names[b], float(correlation[a, b])) for a in range(n) for b in range(a)
                   if abs(correlation[a, b]) > TOLD_APART)
    return tuple(values), strong


def _wide(problem: FitProblem, k: int, value: float, half: float) -> bool:
    """Tell whether an interval says hardly more than nothing."""
    if problem.is_logarithmic(k):
        return bool(half > np.log(WIDE))
    state = problem.device.model.states[0]
    return bool(half > 0.5 * max(abs(value), 1e-3 * (state.high - state.low)))
