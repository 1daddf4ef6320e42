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


def effective_field(m: Sequence[float], field: Sequence[float], params: Values, voltage: float = 0.0) -> np.ndarray:
    """Return H [A/m] of (2), shape (3,), for a unit vector m, an applied field [A/m] and a junction voltage [V]."""
    unit, u, p = np.asarray(m, dtype=float), _unit(params, "u"), _unit(params, "p")
    layer, cosine, along = MU_0 * params["m_s"] * params["thickness"], float(unit @ p), float(unit @ u)
    h = np.asarray(field, dtype=float) - params["m_s"] * _shape(params) * unit
    h = h + (params["h_k"] - 2.0 * params["vcma"] * voltage / (layer * params["barrier"])) * along * u
    h = h + params["h_k2"] * along * (1.0 - along**2) * u
    return h + (params["j_1"] + 2.0 * params["j_2"] * cosine) / layer * p


def energy(m: Sequence[float], field: Sequence[float], params: Values, voltage: float = 0.0) -> float:
    """Return the energy (4) [J]; the applied voltage [V] acts by the anisotropy that it changes."""
    unit = np.asarray(m, dtype=float)
    along, cosine = float(unit @ _unit(params, "u")), float(unit @ _unit(params, "p"))
    layer = MU_0 * params["m_s"] * params["thickness"]
    h_k = params["h_k"] - 2.0 * params["vcma"] * voltage / (layer * params["barrier"])
    reduced = unit @ np.asarray(field, dtype=float) + 0.5 * h_k * along**2 - 0.25 * params["h_k2"] * (1.0 - along**2) ** 2
    reduced -= 0.5 * params["m_s"] * math.fsum(_shape(params) * unit * unit)
    reduced += (params["j_1"] * cosine + params["j_2"] * cosine**2) / layer
    return -MU_0 * params["m_s"] * params["volume"] * float(reduced)


def damping_power(m: Sequence[float], field: Sequence[float], params: Values, voltage: float = 0.0) -> float:
    """Return dE/dt [W] without torques and heat: -alpha gamma_0 mu_0 M_s V/(1 + alpha^2) |m x H|^2."""
    twist = np.cross(np.asarray(m, dtype=float), effective_field(m, field, params, voltage))
    alpha = params["alpha"]
    return -alpha * GAMMA_0 / (1.0 + alpha**2) * MU_0 * params["m_s"] * params["volume"] * float(twist @ twist)


def relative_conductance(cosine: float, voltage: float, params: Values) -> float:
    """Return G/G_p of (5) at an angle and a junction voltage [V]."""
    tmr = params["tmr"] / (1.0 + (voltage / params["v_half"]) ** 2)
    return 0.5 * (1.0 + cosine) + 0.5 * (1.0 - cosine) / (1.0 + tmr)


def junction_voltage(current: float, cosine: float, params: Values) -> float:
    """Return the voltage [V] at which the junction carries a current [A]."""
    from scipy.optimize import brentq

    goal = current * params["r_p"]
    if goal == 0.0:
        return 0.0
    return float(brentq(lambda v: v * relative_conductance(cosine, v, params) - goal, 0.0, 1.01 * goal * (1.0 + params["tmr"]),
                        xtol=1e-15, rtol=1e-15))


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


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Values, by_voltage: bool = False) -> list[float]:
    """Return dm/dt [1/s], (1) term by term as printed in papers and the hold on |m| = 1; the oracle of ``rate``."""
    m, p, s, alpha = np.asarray(state, dtype=float), _unit(params, "p"), _unit(params, "s"), params["alpha"]
    cosine, square = float(m @ p), params["asymmetry"] ** 2
    if by_voltage:
        voltage, current = drive[3], drive[3] / params["r_p"] * relative_conductance(cosine, drive[3], params)
    else:
        voltage, current = junction_voltage(drive[3], cosine, params) if params["vcma"] else 0.0, drive[3]
    h = effective_field(state, drive[:3], params, voltage)
    bracket = np.cross(m, h) + alpha * np.cross(m, np.cross(m, h))
    efficiency = 2.0 * params["eta"] * square / (square + 1.0 + (square - 1.0) * cosine)
    a_d = HBAR * efficiency * current / (2.0 * ELEMENTARY_CHARGE * MU_0 * params["m_s"] * params["volume"])
    density = drive[4] / params["line_area"]
    b_d = HBAR * params["theta_sh"] * density / (2.0 * ELEMENTARY_CHARGE * MU_0 * params["m_s"] * params["thickness"])
    for damping_like, ratio, axis in ((a_d, params["field_like_ratio"], p), (b_d, params["sot_field_like"], s)):
        field_like = ratio * damping_like
        bracket += (field_like - alpha * damping_like) * np.cross(m, axis)
        bracket += (damping_like + alpha * field_like) * np.cross(m, np.cross(m, axis))
    gamma = GAMMA_0 / (1.0 + alpha**2)
    scale = float(np.abs(np.asarray(drive[:3])).sum() + abs(params["h_k"]) + params["m_s"] * np.abs(_shape(params)).sum())
    return list(-gamma * bracket + 0.5 * gamma * scale * (1.0 - m @ m) * m)


def slow_rate_by_voltage(state: Sequence[float], drive: Sequence[float], params: Values) -> list[float]:
    """Return dm/dt [1/s] where the fourth drive is the voltage over the junction [V]."""
    return slow_rate(state, drive, params, by_voltage=True)


def slow_current(state: Sequence[float], drive: Sequence[float], params: Values) -> float:
    """Return the current [A] of a junction under a voltage, the oracle of ``current``."""
    cosine = float(np.asarray(state, dtype=float) @ _unit(params, "p"))
    return drive[3] / params["r_p"] * relative_conductance(cosine, drive[3], params)


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
