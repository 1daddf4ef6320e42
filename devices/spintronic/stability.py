"""Where a macrospin rests, how it rings there, and which field or current makes it leave: closed forms and numerics.

Closed forms (angles from the easy axis, fields in units as given):

    astroid       h_sw(psi) = (cos^(2/3) psi + sin^(2/3) psi)^(-3/2), in units of H_k
    film plane    f = gamma_0/(2 pi) sqrt((H + H_k) (H + H_k + M_s))
    film normal   f = gamma_0/(2 pi) (H + H_k,eff)
    instability   a_d = alpha (H + H_k,eff) along a perpendicular easy axis, alpha (H + H_k + M_s/2) in the film plane

The numerics hold for every term of the model: ``rest_point`` follows the damping, ``resonance`` linearises the equation of
motion there, ``critical_drive`` finds the drive at which the slowest decay turns into growth.

References
----------
E. C. Stoner, E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948), doi:10.1098/rsta.1948.0007.
C. Kittel, Phys. Rev. 73, 155 (1948), doi:10.1103/PhysRev.73.155.
J. Z. Sun, Phys. Rev. B 62, 570 (2000), doi:10.1103/PhysRevB.62.570.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from devices.spintronic.llg import GAMMA_0
from devices.spintronic.macrospin import full_rate
from devices.spintronic.macrospin_parameters import PARAMS
from devices.spintronic.macrospin_scales import Values
from neurosim.errors import ParameterError

STEP = 1e-6  # of the differences that linearise the motion
NEWTON_STEPS, DESCENT_STEPS = 60, 4000


class Resonance(NamedTuple):
    """``frequency`` [Hz] of the small motion about a rest point; ``decay`` [1/s] of its amplitude, negative if it grows."""

    frequency: float
    decay: float


def astroid(psi: float | np.ndarray) -> np.ndarray:
    """Return the switching field over H_k of a uniaxial moment, field at the angle ``psi`` [rad] to the easy axis."""
    cosine, sine = np.abs(np.cos(psi)), np.abs(np.sin(psi))
    return (cosine ** (2.0 / 3.0) + sine ** (2.0 / 3.0)) ** -1.5


def kittel_in_plane(h: float, h_k: float, m_s: float) -> float:
    """Return the resonance [Hz] of a film magnetised in its plane along field and easy axis; m_s: demagnetising field [A/m]."""
    return GAMMA_0 / (2.0 * math.pi) * math.sqrt((h + h_k) * (h + h_k + m_s))


def kittel_perpendicular(h: float, h_k: float) -> float:
    """Return the resonance [Hz] of a film magnetised along its normal; h_k: effective perpendicular field [A/m]."""
    return GAMMA_0 / (2.0 * math.pi) * (h + h_k)


def rest_point(params: Values, drive: Sequence[float], start: Sequence[float]) -> np.ndarray:
    """Return the unit vector at which the moment rests, reached from ``start`` by damping (and Newton at the end).

    Parameters
    ----------
    params : mapping of str to float
    drive : sequence of float
        Applied field [A/m] and the two currents [A] as in the model.
    start : sequence of float
        Unit vector in the basin of attraction.

    Raises
    ------
    ParameterError
        The moment does not come to rest under this drive.
    """
    damped = _Law({**params, "alpha": max(1.0, params["alpha"])})
    m = _unit(np.asarray(start, dtype=float))
    for _ in range(DESCENT_STEPS):
        motion, scale = damped.motion(m, drive), damped.scale(drive)
        if np.linalg.norm(motion) < 1e-4 * scale:
            break
        m = _unit(m + 0.2 * motion / scale)
    return _newton(_Law(params), drive, m)


def resonance(params: Values, drive: Sequence[float], start: Sequence[float]) -> Resonance:
    """Return frequency and decay of the small motion about the rest point that ``start`` leads to."""
    m = rest_point(params, drive, start)
    values = np.linalg.eigvals(_Law(params).jacobian(m, drive))
    return Resonance(float(np.abs(values.imag).max() / (2.0 * math.pi)), float(-values.real.max()))


def critical_drive(params: Values, start: Sequence[float], drive_of: Callable[[float], Sequence[float]],
                   highest: float) -> float:
    """Return the size of the drive at which the state reached from ``start`` loses its stability.

    Parameters
    ----------
    params : mapping of str to float
    start : sequence of float
        The state at rest without drive.
    drive_of : callable
        The drive for a size, for example ``lambda i: (0, 0, 0, i, 0)``.
    highest : float
        Largest size that is tried; may be negative.

    Raises
    ------
    ParameterError
        The state is stable up to ``highest``.
    """
    low, high, m, law = 0.0, 0.0, rest_point(params, drive_of(0.0), start), _Law(params)
    for share in np.linspace(0.02, 1.0, 50):
        low, high = high, float(share) * highest
        after = _stable_near(law, drive_of(high), m)
        if after is None:
            break
        m = after
    else:
        raise ParameterError(f"macrospin: the state {list(start)} is stable up to a drive of {highest:g}. Try a larger one.")
    for _ in range(60):
        middle = 0.5 * (low + high)
        after = _stable_near(law, drive_of(middle), m)
        low, high = (low, middle) if after is None else (middle, high)
        m = m if after is None else after
    return 0.5 * (low + high)


class _Law:
    """The motion of one device without heat: a function of m and the drive."""

    def __init__(self, params: Values) -> None:
        self.column = np.array([[params[spec.name]] for spec in PARAMS], dtype=float)
        self.out = np.empty((3, 1))
        shape = params["m_s"] * max(abs(params["n_x"]), abs(params["n_y"]), abs(params["n_z"]))
        self.field = abs(params["h_k"]) + abs(params["h_k2"]) + shape + 1.0

    def motion(self, m: np.ndarray, drive: Sequence[float]) -> np.ndarray:
        """Return dm/dt [1/s], shape (3,)."""
        state = np.ascontiguousarray(m).reshape(3, 1)
        full_rate(state, np.array(drive, dtype=float).reshape(5, 1), self.column, self.out, 0, 1)
        return self.out[:, 0].copy()

    def scale(self, drive: Sequence[float]) -> float:
        """Return a rate [1/s] that motion is compared with."""
        return GAMMA_0 * (self.field + float(np.abs(np.asarray(drive[:3])).sum()))

    def jacobian(self, m: np.ndarray, drive: Sequence[float]) -> np.ndarray:
        """Return the motion linearised in the tangent plane of ``_tangent``, shape (2, 2)."""
        frame = _tangent(m)
        columns = [frame @ (self.motion(_unit(m + STEP * e), drive) - self.motion(_unit(m - STEP * e), drive)) for e in frame]
        return np.array(columns).T / (2.0 * STEP)


def _newton(law: _Law, drive: Sequence[float], near: np.ndarray) -> np.ndarray:
    """Return the rest point that Newton's method finds from a point near it."""
    m = near
    for _ in range(NEWTON_STEPS):
        motion = law.motion(m, drive)
        if np.linalg.norm(motion) < 1e-12 * law.scale(drive):
            return m
        move = np.linalg.solve(law.jacobian(m, drive), -_tangent(m) @ motion)
        m = _unit(m + _tangent(m).T @ (move * min(1.0, 0.2 / max(1e-30, float(np.linalg.norm(move))))))
    raise ParameterError(f"macrospin: no rest point under the drive {list(drive)} near {near.tolist()}. Lower the current.")


def _stable_near(law: _Law, drive: Sequence[float], near: np.ndarray) -> np.ndarray | None:
    """Return the rest point near a given one if it exists and attracts."""
    try:
        m = _newton(law, drive, near)
    except (ParameterError, np.linalg.LinAlgError):
        return None
    return m if m @ near > 0.7 and np.linalg.eigvals(law.jacobian(m, drive)).real.max() < 0.0 else None


def _tangent(m: np.ndarray) -> np.ndarray:
    """Return two unit vectors that span the plane across m, shape (2, 3)."""
    first = np.cross(m, np.eye(3)[int(np.argmin(np.abs(m)))])
    first /= np.linalg.norm(first)
    return np.array([first, np.cross(m, first)])


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)
