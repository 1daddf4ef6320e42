"""Confidence intervals of fitted values, and which of them the data do not identify.

With residuals r, Jacobian J and m - n degrees of freedom the covariance is s^2 (J^T J)^-1, s^2 = r^T r / (m - n); intervals are
95 % by Student's t. A value is *not identified*

- when the data do not depend on it, or it takes part in a direction that they leave free: singular value of the scaled J
  below ``SINGULAR`` of the largest, in which the value has a weight above ``PART``,
- when it sits on a bound of its range, or its interval spans more than a factor ``WIDE``,
- when it is tied to such a value, with a correlation above ``TIED``.

The linear law behind the intervals fails where a threshold is never reached, or where an end of the window was set by one noisy
row: other values do as well. So each value is also held farther out, the others fitted anew, and the end of its interval moves
out as long as the cost is not above that of an end of a linear law; without end, the value is not identified.

A value that is not identified has no interval: its ends are infinite.

Reference: G. A. F. Seber, C. J. Wild, Nonlinear Regression, Wiley 1989, chapter 5, doi:10.1002/0471725315.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import optimize, stats

from neurosim.fitting.problem import FitProblem

WIDE, SINGULAR, PART = 10.0, 1e-6, 1e-3
ROUNDING = 1e-9  # of residuals: no interval is narrower than what a run computes
FURTHER = (2.0, 4.0, 8.0, 16.0)  # half intervals at which the linear law is tried
REFITS = 20  # evaluations for the others of a value that is held
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
    cost = float(residuals @ residuals)
    variance = max(cost / (m - n), ROUNDING**2)
    covariance = variance * inverse / np.outer(size, size)
    scale = np.sqrt(np.diag(covariance))
    student = stats.t.ppf(0.975, m - n)
    half = student * scale
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.nan_to_num(covariance / np.outer(scale, scale))
    in_free_direction = (np.abs(right[weak]) > PART).any(axis=0)
    slopes = covariance / np.where(scale > 0.0, scale, np.inf) ** 2
    most = cost + variance * student**2
    clear = (norms > 0.0) & ~in_free_direction
    down, up = (half * [_reach(problem, z, k, side * half[k], slopes[:, k], most) if clear[k] else 1.0 for k in range(n)]
                for side in (-1.0, 1.0))
    why = ["the data do not depend on it" if norms[k] == 0.0 else
           "only a combination with others is fixed" if in_free_direction[k] else
           "at the bound of its range" if min(z[k] - problem.low[k], problem.high[k] - z[k]) < 1e-6 else
           "its interval is wide" if _wide(problem, k, z[k], max(down[k], up[k])) else "" for k in range(n)]
    tied = np.abs(correlation) > TIED
    lost = [k for k in range(n) if why[k]]
    why = [why[k] or next((f"tied to {problem.names[j]}, which is not identified" for j in lost if tied[k, j]), "")
           for k in range(n)]
    numbers = problem.numbers(z)
    values = []
    for k, name in enumerate(problem.names):
        low, high = -np.inf, np.inf
        if not why[k]:
            low, high = (sorted(numbers[k] * np.exp([-down[k], up[k]])) if problem.is_logarithmic(k) else
                         (z[k] - down[k], z[k] + up[k]))
        values.append(FittedValue(name, problem.unit(k), float(numbers[k]), float(low), float(high), not why[k], why[k]))
    strong = tuple((problem.names[a], problem.names[b], float(correlation[a, b])) for a in range(n) for b in range(a)
                   if abs(correlation[a, b]) > TOLD_APART)
    return tuple(values), strong


def _reach(problem: FitProblem, z: np.ndarray, k: int, half: float, slope: np.ndarray, most: float) -> float:
    """Return how many half intervals of the linear law value ``k`` can go with the others fitted anew: 1, more, or infinity.

    ``half`` has the sign of the side; ``slope[j]`` is how much value j follows when value k moves by one, shape (n,); ``most``
    is the cost at an end.
    """
    others, point, before = np.arange(z.size) != k, z, z
    for tried, distance in enumerate(FURTHER):
        target = z[k] + distance * half
        if not problem.low[k] <= target <= problem.high[k]:
            return np.inf if tried else 1.0
        secant = slope if before is point else (point - before) / (point[k] - before[k])
        trials = point[:, None] + np.stack([secant, slope, 0.0 * slope], axis=1) * (target - point[k])
        trials[k] = target
        inner = problem.low[others, None], problem.high[others, None]
        trials[others] = np.clip(trials[others], *inner)
        costs = problem.costs(trials)
        before, point, cost = point, trials[:, int(np.argmin(costs))], costs.min()
        if cost > most:
            point, cost = _refitted(problem, point, others)
        if cost > most:
            return 1.0 if tried == 0 else distance
    return np.inf


def _refitted(problem: FitProblem, z: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a vector whose ``others`` are fitted anew in a few steps, and its cost."""
    def full(part: np.ndarray) -> np.ndarray:
        out = z.copy()
        out[others] = part
        return out

    bounds = problem.low[others], problem.high[others]
    found = optimize.least_squares(lambda part: problem.residuals(full(part)[:, None])[:, 0], z[others],
                                   jac=lambda part: problem.jacobian(full(part))[:, others], bounds=bounds, x_scale="jac",
                                   max_nfev=REFITS)
    return full(found.x), 2.0 * float(found.cost)


def _wide(problem: FitProblem, k: int, value: float, half: float) -> bool:
    """Tell whether an interval says hardly more than nothing."""
    if problem.is_logarithmic(k):
        return bool(half > np.log(WIDE))
    state = problem.device.model.states[0]
    return bool(half > 0.5 * max(abs(value), 1e-3 * (state.high - state.low)))
