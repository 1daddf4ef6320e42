"""Velocities, thresholds and slow twins of a domain wall, in plain Python.

Below the Walker threshold, |gamma_0 H + (beta - alpha) u / Delta| <= alpha gamma_0 H_K / 2, the wall moves rigidly with

    v = gamma_0 Delta H / alpha + (beta / alpha) u                                                       (1)

Above it, phi turns with the mean rate w = sqrt((gamma_0 H + (beta - alpha) u / Delta)^2 - (alpha gamma_0 H_K / 2)^2)
/ (1 + alpha^2) and the mean velocity is (1) less Delta w / alpha, towards the side that the drive turns to.

A wall in a sinusoidal pinning potential can rest where |H + beta u / (gamma_0 Delta)| <= H_p and |u| <= gamma_0 Delta H_K / 2,
by dq/dt = dphi/dt = 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devices.spintronic.llg import GAMMA_0
from neurosim.units import ELEMENTARY_CHARGE

BOHR_MAGNETON = 9.2740100783e-24  # J/T, CODATA 2018


def stt_per_ampere(polarisation: float, m_s: float, area: float) -> float:
    """Return the spin-torque velocity per ampere [m/(A s)], g mu_B P / (2 e M_s area) with g = 2."""
    return BOHR_MAGNETON * polarisation / (ELEMENTARY_CHARGE * m_s * area)


def walker_field(params: Mapping[str, float]) -> float:
    """Return the Walker field [A/m] without current."""
    return 0.5 * params["alpha"] * params["h_wall"]


def walker_velocity(params: Mapping[str, float]) -> float:
    """Return the velocity [m/s] at the Walker field."""
    return 0.5 * GAMMA_0 * params["width"] * params["h_wall"]


def mean_velocity(params: Mapping[str, float], field: float, u: float = 0.0) -> float:
    """Return the mean velocity [m/s] of a free wall in a field [A/m] with a spin-torque velocity ``u`` [m/s]."""
    width, alpha, beta = params["width"], params["alpha"], params["beta"]
    turning = GAMMA_0 * field + (beta - alpha) * u / width
    held = GAMMA_0 * walker_field(params)
    excess = math.sqrt(max(0.0, (abs(turning) - held) * (abs(turning) + held)))
    rigid = GAMMA_0 * width * field / alpha + beta * u / alpha
    return rigid - width / alpha * math.copysign(excess / (1.0 + alpha**2), turning)


def return_time(params: Mapping[str, float]) -> float:
    """Return the time constant [s] of the one-state form, alpha L / (2 gamma_0 Delta H_e)."""
    return params["alpha"] * params["length"] / (2.0 * GAMMA_0 * params["width"] * params["h_leak"])


def pinning_velocity(params: Mapping[str, float]) -> float:
    """Return the largest spin-torque velocity u [m/s] at which a pinned wall can rest without field."""
    intrinsic = 0.5 * GAMMA_0 * params["width"] * params["h_wall"]
    if params["beta"] == 0.0:
        return intrinsic
    return min(intrinsic, GAMMA_0 * params["width"] * params["h_pin"] / params["beta"])


def pinning_current(params: Mapping[str, float]) -> float:
    """Return the current that arrives [A] below which a pinned wall can rest, without field per ampere (c = 0)."""
    return pinning_velocity(params) / (params["stt"] * params["gain"])


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device, the oracle of the one-state ``rate``."""
    through = params["gain"] * drive[0]
    field = params["h_off"] + params["c"] * through - params["h_leak"] * state[0]
    v = (GAMMA_0 * params["width"] * field + params["beta"] * params["stt"] * through) / params["alpha"]
    return [0.0 if (state[0] == 1.0 and v > 0.0) or (state[0] == -1.0 and v < 0.0) else 2.0 * v / params["length"]]


def slow_activation(drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [V] at rest of one device, the oracle of ``activation``."""
    through = params["gain"] * drive[0]
    push = params["h_off"] + params["c"] * through + params["beta"] * params["stt"] * through / (GAMMA_0 * params["width"])
    if params["h_leak"] == 0.0:
        return [params["v_r"] * (push > 0.0) - params["v_r"] * (push < 0.0)]
    return [params["v_r"] * min(1.0, max(-1.0, push / params["h_leak"]))]


def slow_wall_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt, dphi/dt] of one device, the oracle of the (q, phi) ``rate``: two equations solved by Cramer's rule.

    The implicit form is phi' + (alpha/Delta) q' = gamma_0 H + beta u / Delta and
    q'/Delta - alpha phi' = (gamma_0 H_K / 2) sin(2 phi) + u / Delta.
    """
    x, phi = state
    alpha, beta, width = params["alpha"], params["beta"], params["width"]
    q, through = 0.5 * params["length"] * x, params["gain"] * drive[0]
    u = params["stt"] * through
    field = params["h_off"] + params["c"] * through - params["h_leak"] * x
    field -= params["h_pin"] * math.sin(2.0 * math.pi * q / params["pin_period"])
    right_1 = GAMMA_0 * field + beta * u / width
    right_2 = 0.5 * GAMMA_0 * params["h_wall"] * math.sin(2.0 * phi) + u / width
    determinant = 1.0 + alpha * alpha
    speed = (right_2 + alpha * right_1) / determinant
    if (x == 1.0 and speed > 0.0) or (x == -1.0 and speed < 0.0):
        return [0.0, -right_2 / alpha]
    return [2.0 * width * speed / params["length"], (right_1 - alpha * right_2) / determinant]
