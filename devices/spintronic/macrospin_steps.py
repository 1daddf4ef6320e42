"""Which schemes and steps integrate a macrospin rightly; what would be wrong is refused with the largest safe step.

In the field H the moment precesses by z = gamma_0 H dt/sqrt(1 + alpha^2) per step.

- Explicit Euler gains z^2/2 of energy per step, damping takes 2 alpha z: never safe, refused.
- Heun turns a circle into a spiral that grows by z^4/8 per step: an error z^3/(8 alpha) of the damping, held below 5 %.
- Runge-Kutta of order four loses z^6/144 per step: an error z^5/(144 alpha) of the damping, held below 5 %.
- Both need z below 0.2 and 0.5 for the frequency.
- The thermal field turns the moment by gamma_0 strength sqrt(dt/(1 + alpha^2)) per step, held below 0.2 rad.

An adaptive step depends on the noise that it has just seen, which biases the law; and schemes for ordinary equations leave
the thermal field out: at a temperature above zero only ``heun_stratonovich`` is accepted.
"""

from __future__ import annotations

import numpy as np

from devices.spintronic.llg import BROWN, GAMMA_0, TORQUE_PER_AMPERE
from devices.spintronic.macrospin_parameters import (
    ALPHA,
    ASYMMETRY,
    BARRIER,
    ETA,
    FIELD_LIKE_RATIO,
    H_K,
    H_K2,
    J_1,
    J_2,
    LINE_AREA,
    M_S,
    N_X,
    P_X,
    R_P,
    SOT_FIELD_LIKE,
    TEMPERATURE,
    THETA_SH,
    THICKNESS,
    TMR,
    U_X,
    VCMA,
    VOLUME,
)
from neurosim.errors import ParameterError
from neurosim.units import MU_0

DAMPING_ERROR, NOISE_ANGLE = 0.05, 0.2
PHASE = {"heun_stratonovich": 0.2, "heun": 0.2, "rk4": 0.5}  # rad


def precession_field(params: np.ndarray, drives: np.ndarray, by_voltage: bool = False) -> np.ndarray:
    """Return a bound [A/m] of the field that turns each device, shape (n,), under drives of these largest magnitudes."""
    u, p, n_factors = params[U_X:U_X + 3], params[P_X:P_X + 3], params[N_X:N_X + 3]
    u, p = u / np.linalg.norm(u, axis=0), p / np.linalg.norm(p, axis=0)
    layer, moment = MU_0 * params[M_S] * params[THICKNESS], params[M_S] * params[VOLUME]
    tensor = (np.einsum("n,in,jn->nij", params[H_K], u, u) + np.einsum("n,in,jn->nij", 2.0 * params[J_2] / layer, p, p)
              - np.einsum("n,in,ij->nij", params[M_S], n_factors, np.eye(3)))
    levels = np.linalg.eigvalsh(tensor)
    voltage = drives[3] if by_voltage else drives[3] * params[R_P] * (1.0 + params[TMR])
    current = drives[3] / params[R_P] if by_voltage else drives[3]
    junction = TORQUE_PER_AMPERE * np.abs(params[ETA]) * current / moment * np.maximum(params[ASYMMETRY] ** 2, 1.0)
    line = TORQUE_PER_AMPERE * np.abs(params[THETA_SH]) * drives[4] / (params[M_S] * params[THICKNESS] * params[LINE_AREA])
    return (np.linalg.norm(drives[:3]) + levels[:, 2] - levels[:, 0] + np.abs(params[H_K2]) + np.abs(params[J_1]) / layer
            + 2.0 * np.abs(params[VCMA]) * voltage / (layer * params[BARRIER])
            + junction * np.hypot(1.0, params[FIELD_LIKE_RATIO]) + line * np.hypot(1.0, params[SOT_FIELD_LIKE]))


def largest_step(scheme: str, params: np.ndarray, drives: np.ndarray, by_voltage: bool = False) -> float:
    """Return the largest safe step [s] of a scheme of fixed step for these devices.

    Parameters
    ----------
    scheme : str
        ``"heun_stratonovich"``, ``"heun"`` or ``"rk4"``.
    params : ndarray, shape (n_param, n)
    drives : ndarray, shape (n_drive,)
        Largest magnitudes of the drives.
    by_voltage : bool
        Whether the fourth drive is a voltage.
    """
    alpha = params[ALPHA]
    spiral = (144.0 * DAMPING_ERROR * alpha) ** 0.2 if scheme == "rk4" else (8.0 * DAMPING_ERROR * alpha) ** (1.0 / 3.0)
    rate = GAMMA_0 * precession_field(params, drives, by_voltage) / np.sqrt(1.0 + alpha**2)
    with np.errstate(divide="ignore"):
        steps = np.minimum(PHASE[scheme], spiral) / rate
        if scheme == "heun_stratonovich":
            turning = GAMMA_0**2 * BROWN * alpha * params[TEMPERATURE] / (params[M_S] * params[VOLUME] * (1.0 + alpha**2))
            steps = np.minimum(steps, NOISE_ANGLE**2 / turning)
    return float(steps.min())


def check_run(scheme: str, step: float, params: np.ndarray, drives: np.ndarray, by_voltage: bool = False) -> None:
    """Raise a ParameterError where a scheme or a step would give a wrong law; see :class:`neurosim.device.DeviceModel`."""
    safe = largest_step(scheme if scheme in PHASE else "heun_stratonovich", params, drives, by_voltage)
    shown = f"{0.99 * safe * 1e12:.3g} ps"
    if scheme in ("euler", "euler_maruyama"):
        raise ParameterError(f'macrospin: explicit Euler heats a precessing moment, scheme "{scheme}" is refused. Use '
                             f'scheme="heun_stratonovich" with step="{shown}" or less.')
    if scheme != "heun_stratonovich" and np.any(params[TEMPERATURE] > 0.0):
        kind = "leaves the thermal field out" if scheme in PHASE else "adapts its step, which noise would bias,"
        raise ParameterError(f'macrospin: temperature = {params[TEMPERATURE].max():g} K, but scheme "{scheme}" {kind} and is '
                             f'refused. Use scheme="heun_stratonovich" with step="{shown}" or less, or set temperature=0.')
    if scheme in PHASE and step > safe:
        raise ParameterError(f'macrospin: step = {step * 1e12:.3g} ps is above the precession limit of scheme "{scheme}" in '
                             f'the largest field of this run. The largest safe step is {shown}.')


def check_run_by_voltage(scheme: str, step: float, params: np.ndarray, drives: np.ndarray) -> None:
    """Do what ``check_run`` does where the fourth drive is the voltage over the junction."""
    check_run(scheme, step, params, drives, by_voltage=True)
