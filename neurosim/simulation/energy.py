"""The energy delivered to devices: the integral of v(t) i(t) over a run.

Between two record times it is a five-point Lobatto rule on the continuous solution; its difference from the three-point
(Simpson) rule on the same rows is the estimated error. Stochastic paths are not smooth: trapezoidal rule.

Reference: M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions (1964), 25.4.32 (Lobatto nodes and weights).
"""

from __future__ import annotations

import math

import numpy as np

INNER = np.array([0.5 - 0.5 * math.sqrt(3.0 / 7.0), 0.5, 0.5 + 0.5 * math.sqrt(3.0 / 7.0)])  # inner Lobatto nodes
LOBATTO = np.array([1 / 20, 49 / 180, 16 / 45, 49 / 180, 1 / 20])
SIMPSON = np.array([1 / 6, 0.0, 4 / 6, 0.0, 1 / 6])


def delivered_energy(t: np.ndarray, power: np.ndarray, power_before: np.ndarray, smooth: bool) -> tuple[np.ndarray, float]:
    """Return the energy [J] since the start at each row, and its estimated error.

    Parameters
    ----------
    t : ndarray, shape (n_row,)
        Times [s]; where ``smooth``, the record times with the inner Lobatto nodes between them.
    power, power_before : ndarray, shape (n_row, n)
        v i [W] at these times, and its limits from the left.
    smooth : bool
        Whether paths are differentiable; the trapezoidal rule on all rows where they are not, with the error NaN.

    Notes
    -----
    Rows between two record times have the energy of the record time before them.
    """
    energy = np.zeros_like(power)
    if not smooth or t.size < 5:
        np.cumsum(0.5 * np.diff(t)[:, None] * (power[:-1] + power_before[1:]), axis=0, out=energy[1:])
        return energy, math.nan
    knots = np.arange(0, t.size, 4)  # a failed run may end between knots: its last rows get the last knot's energy
    length = np.diff(t[knots])[:, None]
    samples = np.stack([power[knots[:-1] + k] if k < 4 else power_before[knots[1:]] for k in range(5)])
    fine = length * np.tensordot(LOBATTO, samples, 1)
    coarse = length * np.tensordot(SIMPSON, samples, 1)
    energy[knots[1:]] = np.cumsum(fine, axis=0)
    for k in range(1, 4):
        rows = np.arange(k, t.size, 4)
        energy[rows] = energy[rows - k]
    return energy, float(np.abs(fine - coarse).sum(axis=0).max())
