"""Demagnetising factors of uniformly magnetised bodies: prism, elliptic cylinder, and a quick form for thin pillars.

All are magnetometric: the energy of a uniform magnetisation M in the body is mu_0 V (n_x M_x^2 + n_y M_y^2 + n_z M_z^2)/2,
and n_x + n_y + n_z = 1. The lengths are those of the whole body, x and y in the plane of the film, z its thickness.

- ``prism``: the closed form of Aharoni.
- ``elliptic_cylinder``: with the cross section (x/a)^2 + (y/b)^2 < 1 and the function N(p) of a round cylinder of
  thickness over diameter p (Joseph), w^2 = cos^2 f/a^2 + sin^2 f/b^2:

      n_z = mean over f of N(t w/2),   n_x = mean over f of (cos^2 f/(a w)^2) (1 - N(t w/2)),   n_y with sin^2 f/(b w)^2

  It follows from the energy in Fourier space, where the form factor of an ellipse is that of a circle in scaled
  coordinates. The mean of a smooth periodic function by equal steps converges faster than any power.
- ``thin_pillar``: n_z = 1/(1 + 2 t/(r sqrt(pi))), one per cent for thin round pillars; in use in compact models.

References
----------
A. Aharoni, J. Appl. Phys. 83, 3432 (1998), doi:10.1063/1.367113.
R. I. Joseph, J. Appl. Phys. 37, 4639 (1966), doi:10.1063/1.1708110.
M. Beleggia, M. De Graef, Y. T. Millev, D. A. Goode, G. Rowlands, J. Phys. D 38, 3333 (2005),
doi:10.1088/0022-3727/38/18/001 (elliptic cylinders).
M. Sato, Y. Ishii, J. Appl. Phys. 66, 983 (1989), doi:10.1063/1.343481 (quick form).
"""

from __future__ import annotations

import math

import numpy as np

from neurosim.errors import ParameterError

Factors = tuple[float, float, float]
THINNEST, ANGLES = 1e-5, 2048  # thickness over the larger length; steps of the mean over angles


def prism(length_x: float, length_y: float, thickness: float) -> Factors:
    """Return n_x, n_y, n_z of a rectangular prism with these edges [m].

    Examples
    --------
    >>> [round(factor, 5) for factor in prism(50e-9, 50e-9, 1.6e-9)]
    [0.04256, 0.04256, 0.91487]
    """
    x, y, z = _checked(length_x, length_y, thickness)
    n_x, n_y = _prism_axis(y, z, x), _prism_axis(z, x, y)
    return n_x, n_y, 1.0 - n_x - n_y


def elliptic_cylinder(length_x: float, length_y: float, thickness: float) -> Factors:
    """Return n_x, n_y, n_z of a cylinder with the diameters ``length_x``, ``length_y`` and this thickness [m]."""
    x, y, t = _checked(length_x, length_y, thickness)
    angle = (np.arange(ANGLES) + 0.5) * (2.0 * math.pi / ANGLES)
    along_x, along_y = (np.cos(angle) / (0.5 * x)) ** 2, (np.sin(angle) / (0.5 * y)) ** 2
    w_square = along_x + along_y
    axial = round_cylinder(0.5 * t * np.sqrt(w_square))
    n_x, n_y = float(np.mean(along_x / w_square * (1.0 - axial))), float(np.mean(along_y / w_square * (1.0 - axial)))
    return n_x, n_y, 1.0 - n_x - n_y


def thin_pillar(length_x: float, length_y: float, thickness: float) -> Factors:
    """Return n_x = n_y and n_z of a thin round pillar by the quick form; the radius is half the mean of the diameters."""
    x, y, t = _checked(length_x, length_y, thickness)
    n_z = 1.0 / (1.0 + 2.0 * t / (0.25 * (x + y) * math.sqrt(math.pi)))
    return 0.5 * (1.0 - n_z), 0.5 * (1.0 - n_z), n_z


def round_cylinder(ratio: float | np.ndarray) -> np.ndarray:
    """Return the axial factor of round cylinders of thickness over diameter ``ratio`` > 0, any shape.

    N(p) = 1 - 4/(3 pi p) {sqrt(1 + p^2) [p^2 K(k) + (1 - p^2) E(k)] - 1} with k^2 = 1/(1 + p^2), for long cylinders
    its series 4/(3 pi p) - 1/(8 p^2) + 3/(256 p^4), where the closed form cancels.
    """
    from scipy.special import ellipe, ellipkm1

    p = np.asarray(ratio, dtype=float)
    square = p * p
    bracket = np.sqrt(1.0 + square) * (square * ellipkm1(square / (1.0 + square))
                                       + (1.0 - square) * ellipe(1.0 / (1.0 + square))) - 1.0
    series = 4.0 / (3.0 * math.pi * p) - 0.125 / square + 3.0 / (256.0 * square**2) - 5.0 / (2048.0 * square**3)
    return np.where(p < 30.0, 1.0 - 4.0 / (3.0 * math.pi * p) * bracket, series)


def _checked(length_x: float, length_y: float, thickness: float) -> tuple[float, float, float]:
    """Return the lengths relative to the largest; raise where a body is none."""
    lengths = (float(length_x), float(length_y), float(thickness))
    names = ("length_x", "length_y", "thickness")
    for name, length in zip(names, lengths, strict=True):
        if not 0.0 < length < math.inf:
            raise ParameterError(f"demagnetising factors: {name} = {length:g} m must be above 0 m.")
    largest = max(lengths)
    if min(lengths) < THINNEST * largest:
        raise ParameterError(f"demagnetising factors: lengths {lengths} m differ by more than a factor {1 / THINNEST:g}, "
                             "where the closed forms cancel. Give n_x, n_y, n_z yourself (0, 0, 1 for a sheet).")
    return lengths[0] / largest, lengths[1] / largest, lengths[2] / largest


def _prism_axis(a: float, b: float, c: float) -> float:
    """Return the factor along the third edge; logarithms of the paper as inverse hyperbolic functions."""
    ab, bc, ca, r = math.hypot(a, b), math.hypot(b, c), math.hypot(c, a), math.hypot(a, b, c)
    logs = ((c * c - b * b) / (b * c) * math.asinh(a / bc) + (c * c - a * a) / (a * c) * math.asinh(b / ca)
            + b / c * math.asinh(a / b) + a / c * math.asinh(b / a)
            - c / a * math.asinh(b / c) - c / b * math.asinh(a / c))
    rest = (a**3 + b**3 - 2.0 * c**3 + (a * a + b * b - 2.0 * c * c) * r - ab**3 - bc**3 - ca**3) / (3.0 * a * b * c)
    return (logs + 2.0 * math.atan(a * b / (c * r)) + rest + c / (a * b) * (ca + bc)) / math.pi
