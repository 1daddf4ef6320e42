"""A macrospin in plain Python: energy, stability, critical current, and the slow twins of its kernels.

One device at a time; parameters are a mapping from the names of ``devices.spintronic.macrospin.PARAMS`` to SI values.
Equation numbers are those of that module.

References
----------
J. Z. Sun, Phys. Rev. B 62, 570 (2000), doi:10.1103/PhysRevB.62.570 (critical current).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from devices.spintronic.llg import BROWN, GAMMA_0
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE, HBAR, MU_0

Values = Mapping[str, float]


def effective_field(m: Sequence[float], field: Sequence[float], params: Values) -> np.ndarray:
    """Return H [A/m] of (2), shape (3,), for a unit vector m and an applied field [A/m]."""
    unit, u = np.asarray(m, dtype=float), _unit(params, "u")
    return np.asarray(field, dtype=float) + params["h_k"] * (unit @ u) * u - params["m_s"] * _shape(params) * unit


def energy(m: Sequence[float], field: Sequence[float], params: Values) -> float:
    """Return the energy (4) [J]."""
    unit = np.asarray(m, dtype=float)
    reduced = unit @ np.asarray(field, dtype=float) + 0.5 * params["h_k"] * (unit @ _unit(params, "u")) ** 2
    reduced -= 0.5 * params["m_s"] * math.fsum(_shape(params) * unit * unit)
    return -MU_0 * params["m_s"] * params["volume"] * float(reduced)


def perpendicular_field(params: Values) -> float:
    """Return the effective perpendicular anisotropy field H_k - M_s (n_z - n_x) [A/m] of a round pillar with axis z."""
    return params["h_k"] - params["m_s"] * (params["n_z"] - params["n_x"])


def thermal_stability(params: Values) -> float:
    """Return Delta = mu_0 M_s V H_k,eff / (2 k T) of a round perpendicular pillar."""
    barrier = 0.5 * MU_0 * params["m_s"] * params["volume"] * perpendicular_field(params)
    return barrier / (BOLTZMANN * params["temperature"])


def critical_current(params: Values) -> float:
    """Return I_c0 = (2 e alpha / hbar eta) mu_0 M_s V H_k,eff [A] of a round perpendicular pillar, p along z.

    Zero temperature, no applied field, no field-like torque: the current at which the axis loses its stability.
    """
    moment = MU_0 * params["m_s"] * params["volume"]
    return 2.0 * ELEMENTARY_CHARGE * params["alpha"] / (HBAR * params["eta"]) * moment * perpendicular_field(params)


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Values) -> list[float]:
    """Return dm/dt [1/s], (1) term by term as printed in papers and the hold on |m| = 1; the oracle of ``rate``."""
    m, p, alpha = np.asarray(state, dtype=float), _unit(params, "p"), params["alpha"]
    h = effective_field(state, drive[:3], params)
    a_d = HBAR * params["eta"] * drive[3] / (2.0 * ELEMENTARY_CHARGE * MU_0 * params["m_s"] * params["volume"])
    a_f = params["field_like_ratio"] * a_d
    bracket = np.cross(m, h) + alpha * np.cross(m, np.cross(m, h))
    bracket += (a_f - alpha * a_d) * np.cross(m, p) + (a_d + alpha * a_f) * np.cross(m, np.cross(m, p))
    gamma = GAMMA_0 / (1.0 + alpha**2)
    scale = float(np.abs(np.asarray(drive[:3])).sum() + abs(params["h_k"]) + params["m_s"] * np.abs(_shape(params)).sum())
    return list(-gamma * bracket + 0.5 * gamma * scale * (1.0 - m @ m) * m)


def slow_diffusion(state: Sequence[float], drive: Sequence[float], params: Values) -> list[float]:
    """Return the noise matrix [1/sqrt(s)] row by row, the oracle of ``diffusion``."""
    m, alpha = np.asarray(state, dtype=float), params["alpha"]
    strength = math.sqrt(BROWN * alpha * params["temperature"] / (params["m_s"] * params["volume"]))
    motion = [np.cross(m, e) + alpha * np.cross(m, np.cross(m, e)) for e in np.eye(3)]
    return list((-GAMMA_0 / (1.0 + alpha**2) * strength * np.array(motion).T).ravel())


def slow_conductance(state: Sequence[float], params: Values) -> float:
    """Return G [S] of (5), the oracle of ``conductance``."""
    share = 0.5 * (1.0 + float(np.asarray(state, dtype=float) @ _unit(params, "p")))  # of the parallel channel
    return share / params["r_p"] + (1.0 - share) / (params["r_p"] * (1.0 + params["tmr"]))


def slow_output(state: Sequence[float], params: Values) -> list[float]:
    """Return [m.p], the oracle of ``output``."""
    return [float(np.asarray(state, dtype=float) @ _unit(params, "p"))]


def _unit(params: Values, name: str) -> np.ndarray:
    vector = np.array([params[f"{name}_{axis}"] for axis in "xyz"], dtype=float)
    return vector / np.linalg.norm(vector)


def _shape(params: Values) -> np.ndarray:
    return np.array([params["n_x"], params["n_y"], params["n_z"]], dtype=float)
