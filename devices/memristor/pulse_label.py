"""Nonlinearity labels of conductance curves, in closed form: label to curvature and back.

The normalised curve of n of P pulses is y(p) = (1 - exp(-c p)) / (1 - exp(-c)), p = n / P, with the curvature c = 1 / A_norm.
Its largest distance from the diagonal, divided by 0.07 and counted perpendicular to the diagonal, is the label:

    0.07 sqrt(2) |label| = max_p (y(p) - p) = (t - ln(1 + t)) / c,   t = c / (1 - exp(-c)) - 1

which rises from c / 8 at small c to 1; labels therefore end at 1 / (0.07 sqrt(2)) = 10.10. The published way from a label to
A_norm is a table of 900 numbers, to which this agrees within its last printed digit.

References
----------
P.-Y. Chen, X. Peng, S. Yu, IEEE Trans. CAD 37, 3067 (2018), doi:10.1109/TCAD.2018.2789723 (the label and its table).
"""

from __future__ import annotations

import numpy as np

from neurosim.errors import ParameterError

PER_LABEL = 0.07 * np.sqrt(2.0)
LARGEST = 1.0 / PER_LABEL
SMALL = 1e-4  # below it the distance is c / 8 to eight digits
HALVINGS = 100


def distance(curve: np.ndarray | float) -> np.ndarray:
    """Return the largest distance y(p) - p of a curve with curvature ``curve`` >= 0."""
    c = np.maximum(np.asarray(curve, dtype=float), SMALL)
    t = (c + np.expm1(-c)) / -np.expm1(-c)
    return np.where(np.asarray(curve) < SMALL, np.asarray(curve) / 8.0, (t - np.log1p(t)) / c)


def label_of(curve: np.ndarray | float) -> np.ndarray:
    """Return the label, with the sign of the curvature 1 / A_norm."""
    return np.sign(curve) * distance(np.abs(curve)) / PER_LABEL


def curvature(label: np.ndarray | float) -> np.ndarray:
    """Return 1 / A_norm of labels, with their sign; a label of 0 is a straight line, curvature 0.

    Raises
    ------
    ParameterError
        A label is not finite or beyond the largest one, 10.1.

    Examples
    --------
    >>> round(1.0 / float(curvature(2.4)), 5)
    0.49918
    """
    goal = np.abs(np.asarray(label, dtype=float)) * PER_LABEL
    if not np.all(goal < 1.0):
        raise ParameterError(f"label = {np.max(np.abs(label)):g} is outside (-{LARGEST:.4g}, {LARGEST:.4g}), the labels that a "
                             "saturating curve can have.")
    low, high = np.full(goal.shape, -50.0), np.full(goal.shape, 50.0)  # natural logarithm of the curvature
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        below = distance(np.exp(middle)) < goal
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(goal > 0.0, np.sign(label) * np.exp(0.5 * (low + high)), 0.0)
