"""Chains of spin-diode resonators in plain Python: the weights of a layer, with crosstalk, and the slow twins.

All junctions of a chain carry the sum of all input signals, each rectifies every one of them, and the voltages add:

    V_j = sum_i W_ji P_i,    W_ji = sum_k o_jk K_jk 2 d_ijk / (1 + d_ijk^2),   d_ijk = (f_i - f_jk) / (alpha_jk f_jk)

for chain j, junction k, input i. Junctions are connected head to tail, o_jk = (-1)^k, so that the tails of neighbouring
resonances cancel. The signals are taken as incoherent: no mixing products, no loss along the chain.

Equation numbers are those of ``devices.spintronic.resonator_synapse``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from neurosim.errors import ParameterError

Values = Mapping[str, float]


def responsivity(f_in: np.ndarray | float, f_r: np.ndarray | float, alpha: np.ndarray | float,
                 sensitivity: np.ndarray | float) -> np.ndarray:
    """Return the rectified voltage per power [V/W], (1) with o = 1; frequencies [Hz]; arguments are broadcast."""
    d = (np.asarray(f_in, dtype=float) - f_r) / (np.asarray(alpha) * f_r)
    return np.asarray(sensitivity * 2.0 * d / (1.0 + d * d))


def spin_diode_sensitivity(tmr: float, i_threshold: float, polariser_angle: float = math.pi / 4, shape: float = 1.0) -> float:
    """Return K = TMR tan(gamma_p) beta_s / (8 sqrt(2) I_th) [V/W].

    Parameters
    ----------
    tmr : float
        Relative change of resistance.
    i_threshold : float
        Auto-oscillation threshold of the junction [A], > 0.
    polariser_angle, shape : float
        Angle of the polariser [rad] and mode factor beta_s.
    """
    if not i_threshold > 0.0:
        raise ParameterError(f"spin_diode_sensitivity: i_threshold = {i_threshold:g} A must be positive.")
    return tmr * math.tan(polariser_angle) * shape / (8.0 * math.sqrt(2.0) * i_threshold)


def frequency_of_weight(weight: float, f_in: float, alpha: float) -> float:
    """Return the resonance frequency [Hz] nearest to ``f_in`` with the relative weight W/(o K) = ``weight`` in [-1, 1]."""
    if not -1.0 <= weight <= 1.0:
        raise ParameterError(f"frequency_of_weight: {weight:g} is outside [-1, 1], in units of the sensitivity.")
    d = weight / (1.0 + math.sqrt(1.0 - weight * weight))
    return f_in / (1.0 + alpha * d)


def chain_weights(f_in: np.ndarray, f_r: np.ndarray, alpha: np.ndarray | float = 0.01,
                  sensitivity: np.ndarray | float = 1.0, orientation: np.ndarray | None = None) -> np.ndarray:
    """Return the weights of chains with all their crosstalk.

    Parameters
    ----------
    f_in : ndarray, shape (n_inputs,)
        Input frequencies [Hz].
    f_r : ndarray, shape (n_chains, n_resonators)
        Resonance frequencies [Hz].
    alpha, sensitivity : float or ndarray, shape (n_chains, n_resonators)
        Damping and sensitivity [V/W] of the junctions.
    orientation : ndarray, shape (n_resonators,), optional
        Signs; +1, -1, +1, ... unless given.

    Returns
    -------
    ndarray, shape (n_chains, n_inputs)
        Voltage per power [V/W]; the chains give ``weights @ power``.
    """
    f_in, f_r = np.asarray(f_in, dtype=float), np.atleast_2d(np.asarray(f_r, dtype=float))
    sign = (-1.0) ** np.arange(f_r.shape[1]) if orientation is None else np.asarray(orientation, dtype=float)
    alpha, sensitivity = (np.broadcast_to(value, f_r.shape)[..., None] for value in (alpha, sensitivity))
    return np.sum(sign[:, None] * responsivity(f_in, f_r[..., None], alpha, sensitivity), axis=1)


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Values) -> list[float]:
    """Return [dx/dt] of (3), the oracle of ``rate``."""
    if drive[0] > params["i_up"]:
        return [params["rate_up"] * (drive[0] - params["i_up"]) * (1.0 - state[0])]
    if drive[0] < params["i_down"]:
        return [-params["rate_down"] * (params["i_down"] - drive[0]) * state[0]]
    return [0.0]


def slow_dead_zone(params: Values) -> list[float]:
    """Return [lowest, highest] current without motion [A], the oracle of ``dead_zone``."""
    return [params["i_down"], params["i_up"]]


def slow_output(state: Sequence[float], params: Values) -> list[float]:
    """Return [W] of (1) and (2), the oracle of ``output``."""
    f_r = params["f_center"] * (1.0 + params["tuning"] * (2.0 * state[0] - 1.0))
    return [params["orientation"] * float(responsivity(params["f_input"], f_r, params["alpha"], params["sensitivity"]))]
