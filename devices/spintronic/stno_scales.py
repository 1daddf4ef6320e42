"""A spin-torque nano-oscillator in plain Python: rest power, rates, linewidth, mean power, and the slow twins.

One device at a time; parameters are a mapping from the names of ``devices.spintronic.stno_parameters.PARAMS`` to SI
values. Equation numbers are those of ``devices.spintronic.stno`` and ``devices.spintronic.stno_complex``. Figures of a card
are taken at its bias current unless a current [A] is given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from neurosim.errors import ParameterError

Values = Mapping[str, float]


def overdrive(params: Values, current: float = 0.0) -> float:
    """Return zeta, the junction current over its threshold, for a current [A] that arrives besides the bias."""
    return (params["i_bias"] + params["gain"] * current) / params["i_threshold"]


def rest_power(params: Values, current: float = 0.0) -> float:
    """Return the power at which (2) rests, limited to 1."""
    eta, q, kappa = params["noise_power"], params["q"], params["torque_saturation"]
    zeta = overdrive(params, current)
    b, s = zeta - 1.0 + eta * q, _half_return(params, zeta)
    if b <= 0.0 and eta == 0.0:
        return 0.0
    return min(1.0, (b + s) / (2.0 * (q + kappa * zeta)) if b > 0.0 else 2.0 * eta / (s - b))


def return_rate(params: Values, current: float = 0.0) -> float:
    """Return the rate [1/s] at which a perturbed power returns to rest, 2 Gamma_G |zeta - 1| without noise."""
    return 2.0 * params["damping_rate"] * _half_return(params, overdrive(params, current))


def nonlinearity(params: Values, current: float = 0.0) -> float:
    """Return nu, how strongly power fluctuations drive the phase above threshold."""
    stiffness = params["q"] + params["torque_saturation"] * overdrive(params, current)
    return 2.0 * math.pi * params["frequency_shift"] / (params["damping_rate"] * stiffness)


def linewidth(params: Values, current: float = 0.0) -> float:
    """Return the full width of the line [Hz] above threshold, (3) of the complex form."""
    zeta = overdrive(params, current)
    if zeta <= 1.0:
        raise ParameterError(f"stno: the linewidth law needs a current above threshold, got zeta = {zeta:g}.")
    p = (zeta - 1.0) / (params["q"] + params["torque_saturation"] * zeta)
    damping = params["damping_rate"] * (1.0 + params["q"] * p)
    return (1.0 + nonlinearity(params, current) ** 2) * damping * params["noise_power"] / (2.0 * math.pi * p)


def oscillation_frequency(params: Values, current: float = 0.0) -> float:
    """Return the frequency [Hz] at the rest power."""
    return params["frequency"] + params["frequency_shift"] * rest_power(params, current)


def mean_power(params: Values, current: float = 0.0) -> float:
    """Return the mean power of the complex form with noise, by quadrature of its stationary density.

    Raises
    ------
    ParameterError
        No noise, or no power at which damping overcomes the torque (kappa = 0 and Q = 0).
    """
    from scipy.integrate import quad

    eta, q, kappa = params["noise_power"], params["q"], params["torque_saturation"]
    zeta = overdrive(params, current)
    if eta <= 0.0 or q + kappa <= 0.0:
        raise ParameterError("stno: the mean power needs noise_power > 0 and q + torque_saturation > 0.")
    top = max(0.0, (zeta - 1.0) / (q + kappa * zeta)) if q + kappa * zeta > 0.0 else 0.0
    slope = (1.0 - zeta + (q + kappa * zeta) * top) / (1.0 + q * top)
    bend = (q + kappa) * abs(zeta) / (1.0 + q * top) ** 2 + (kappa == 0.0 and q == 0.0)
    width = min(math.sqrt(eta / bend) if bend else math.inf, eta / slope if slope > 0.0 else math.inf)

    def weight(p: float) -> float:
        return math.exp(-(_phi(p, q, kappa, zeta) - _phi(top, q, kappa, zeta)) / eta) / math.sqrt(1.0 + q * p)

    edges = sorted({max(0.0, top + k * width) for k in (-40, -12, -5, -2, 0, 2, 5, 12, 40, 120)} | {0.0})
    parts = [[quad(lambda p, n=n: p**n * weight(p), a, b, epsabs=0.0, epsrel=1e-11)[0] for n in (0, 1)]
             for a, b in pairwise(edges)]
    norm, first = (math.fsum(part[n] for part in parts) for n in (0, 1))
    return first / norm


def microwave_power(params: Values, current: float, resistance: float, amplification: float = 1.0) -> float:
    """Return the emitted power [W], amplification R I^2 p_0, of the junction current I clipped to 1 to 4 thresholds.

    As in the network of Ross et al. (2023): R is the junction's ``resistance`` [ohm]; p_0 is the noiseless rest power.
    """
    zeta = min(4.0, max(1.0, overdrive(params, current)))
    p = (zeta - 1.0) / (params["q"] + params["torque_saturation"] * zeta)
    return amplification * resistance * (zeta * params["i_threshold"]) ** 2 * p


def vortex_parameters(a_0: float, a_1: float, b_0: float, b_1: float = 0.0) -> dict[str, float]:
    """Return the parameters with which p = s^2 is the vortex orbit ds/dt = a s + b s^3.

    Parameters
    ----------
    a_0, a_1 : float
        a = a_0 + a_1 I [1/s, 1/(s A)]: a_0 < 0 (damped without current), a_1 > 0.
    b_0, b_1 : float
        b = b_0 + b_1 I [1/s, 1/(s A)]: b_0 <= 0 and -a_1 <= b_1 <= 0.

    Returns
    -------
    dict
        ``damping_rate, i_threshold, q, torque_saturation``; s is the orbit radius over that of the dot.

    Examples
    --------
    >>> vortex_parameters(-2e6, 5e8, -4e6)
    {'damping_rate': 2000000.0, 'i_threshold': 0.004, 'q': 2.0, 'torque_saturation': 0.0}
    """
    if not (a_0 < 0.0 < a_1 and b_0 <= 0.0 and -a_1 <= b_1 <= 0.0):
        raise ParameterError(f"vortex_parameters: a_0 = {a_0:g} must be negative, a_1 = {a_1:g} positive, b_0 = {b_0:g} at "
                             f"most zero and b_1 = {b_1:g} within [-a_1, 0]; else the orbit has no threshold or no limit.")
    return {"damping_rate": -a_0, "i_threshold": -a_0 / a_1, "q": b_0 / a_0, "torque_saturation": abs(b_1) / a_1}


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Values) -> list[float]:
    """Return [dp/dt] of (2) as printed, the oracle of ``rate``."""
    p, zeta = state[0], overdrive(params, drive[0])
    inner = 1.0 + params["q"] * p - zeta * (1.0 - params["torque_saturation"] * p)
    f = 2.0 * params["damping_rate"] * (params["noise_power"] * (1.0 + params["q"] * p) - p * inner)
    return [0.0 if (p == 1.0 and f > 0.0) or (p == 0.0 and f < 0.0) else f]


def slow_activation(drive: Sequence[float], params: Values) -> list[float]:
    """Return [V] at rest, the oracle of ``activation``."""
    return [params["v_r"] * rest_power(params, drive[0])]


def slow_potential(output: Sequence[float], params: Values) -> float:
    """Return the co-content [W] of (3) as printed, the oracle of ``potential``."""
    p, eta, q, kappa = output[0] / params["v_r"], params["noise_power"], params["q"], params["torque_saturation"]
    if kappa == 0.0:
        grown = p + 0.5 * q * p * p - eta * q * p
    else:
        grown = -q * p / kappa - (q / kappa + 1.0) * (1.0 / kappa - eta) * math.log1p(-kappa * p)
    grown -= eta * math.log(p) if eta > 0.0 else 0.0
    return params["v_r"] / params["gain"] * (params["i_threshold"] * grown - params["i_bias"] * p)


def _half_return(params: Values, zeta: float) -> float:
    eta, q, kappa = params["noise_power"], params["q"], params["torque_saturation"]
    return math.sqrt((zeta - 1.0 + eta * q) ** 2 + 4.0 * eta * (q + kappa * zeta))


def _phi(p: float, q: float, kappa: float, zeta: float) -> float:
    """Return Phi(p), the integral of 1 - zeta max(0, 1 - kappa p)/(1 + Q p)."""
    x = min(p, 1.0 / kappa) if kappa > 0.0 else p
    if q == 0.0:
        return p - zeta * (x - 0.5 * kappa * x * x)
    return p - zeta * (-kappa * x + (1.0 + kappa / q) * math.log1p(q * x)) / q
