"""Numbers of other simulators, turned into parameters of the pulse devices: weights, labels and alphas into window fractions.

Each function returns the parameters that differ from a model's default, by name. Simulators count in a weight w between w_min
and w_max; here the state runs over that window, x = (w - w_min) / (w_max - w_min), ``zero`` is the state of w = 0, and steps
and sigmas are divided by the window.

**Weights** (the populations of aihwkit): dw_min is the step at w = 0 of the larger direction, ``up_down`` = ud reduces the
other one, up = dw_min |1 + min(ud, 0)|, down = dw_min |1 + min(-ud, 0)|; ``dw_min_std`` is the cycle noise over the step,
``write_noise_std`` the written offset over dw_min, ``*_dtod`` spreads from device to device.

**Labels** (the conductance curves of NeuroSim): with P pulses for the whole window and A = A_norm P,

    G(n) = g_min + B (1 - exp(-n / A)),   B = (g_max - g_min) / (1 - exp(-1 / A_norm))                             (1)

and the label is the largest perpendicular distance of the normalised curve from its diagonal, 0.07 |label|:

    B' - A_norm - A_norm ln(B' / A_norm) = 0.07 sqrt(2) |label|,   B' = 1 / (1 - exp(-1 / A_norm))                 (2)

A positive label of raising and a *negative* one of lowering mean that both start steep and saturate; a positive label of
lowering means that it runs the raising curve backwards. Each pulse of (1) is a straight line in G: a ``pulse_step``.

**Alphas** (the analytic update of CrossSim): a request of the fraction d of the window moves the weight by
(w_0 + w_min - w) (1 - exp(-alpha d)), w_0 = window / (1 - exp(-alpha)): the same line as (1) with alpha = 1 / A_norm.

References
----------
M. J. Rasch et al., AICAS 2021, doi:10.1109/AICAS51828.2021.9458494.
P.-Y. Chen, X. Peng, S. Yu, IEEE Trans. CAD 37, 3067 (2018), doi:10.1109/TCAD.2018.2789723.
S. Agarwal et al., IJCNN 2016 (the nonlinearity alpha).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from devices.memristor.pulse_label import curvature
from neurosim.errors import ParameterError

Parameters = dict[str, float]


def weight_window(*, dw_min: float, w_min: float, w_max: float, up_down: float = 0.0, write_noise_std: float = 0.0,
                  dw_min_dtod: float = 0.0, dw_min_dtod_log_normal: bool = False, up_down_dtod: float = 0.0,
                  w_max_dtod: float = 0.0, w_min_dtod: float = 0.0, corrupt_devices_prob: float = 0.0,
                  corrupt_devices_range: float = 1000.0) -> tuple[Parameters, float, float]:
    """Return what all weight devices share, and the steps at weight zero [window] of the two directions.

    Raises
    ------
    ParameterError
        The window does not contain zero, or is empty.
    """
    if not (w_min <= 0.0 <= w_max and w_min < w_max):
        raise ParameterError(f"w_min = {w_min:g}, w_max = {w_max:g}: the weight window must contain 0 and not be empty.")
    window = w_max - w_min
    shared = {
        "zero": abs(w_min) / window,
        "sigma_write": write_noise_std * dw_min / window,
        "spread_step": dw_min_dtod,
        "step_lognormal": float(dw_min_dtod_log_normal),
        "spread_up_down": up_down_dtod,
        "spread_max": w_max_dtod,
        "spread_min": w_min_dtod,
        "corrupt_fraction": corrupt_devices_prob,
        "corrupt_range": min(1e3, abs(corrupt_devices_range) / window),
    }
    return shared, dw_min / window * abs(min(up_down, 0.0) + 1.0), dw_min / window * abs(min(-up_down, 0.0) + 1.0)


def linear_step(*, gamma_up: float = 0.0, gamma_down: float = 0.0, mult_noise: bool = True, dw_min_std: float = 0.0,
                gamma_up_dtod: float = 0.0, gamma_down_dtod: float = 0.0, mean_bound_reference: bool = True,
                reference_std: float = 0.0, subtract_symmetry_point: bool = False, **weights: Any) -> Parameters:
    """Return ``pulse_step`` parameters of dw = u (1 - gamma w / bound); gamma = 0 is the constant step, 1 are soft bounds.

    ``mean_bound_reference`` counts gamma from the nominal bound, otherwise (soft bounds) from each device's own one.
    """
    shared, up, down = weight_window(**weights)
    w_min, w_max = weights["w_min"], weights["w_max"]
    up_slope, down_slope = gamma_up / w_max if w_max else 0.0, gamma_down / w_min if w_min else 0.0
    noise = {"sigma_relative": dw_min_std} if mult_noise else {"sigma_up": dw_min_std * up, "sigma_down": dw_min_std * down}
    return shared | noise | {
        "up_low": up * (1.0 - up_slope * w_min), "up_high": up * (1.0 - up_slope * w_max),
        "down_low": down * (1.0 - down_slope * w_min), "down_high": down * (1.0 - down_slope * w_max),
        "spread_gamma_up": gamma_up_dtod, "spread_gamma_down": gamma_down_dtod, "mean_bound": float(mean_bound_reference),
        "spread_reference": reference_std / (w_max - w_min), "subtract_symmetry": float(subtract_symmetry_point),
    }


def soft_bounds(*, mult_noise: bool = False, **settings: Any) -> Parameters:
    """Return ``pulse_step`` parameters of soft bounds, dw = u (1 - w / own bound); noise is additive by default."""
    return linear_step(gamma_up=1.0, gamma_down=1.0, mult_noise=mult_noise, mean_bound_reference=False, **settings)


def soft_bounds_pmax(*, p_max: int, alpha: float, range_min: float, range_max: float, **settings: Any) -> Parameters:
    """Return ``pulse_step`` parameters of soft bounds that cross [range_min, range_max] in ``p_max`` pulses.

    The approach is to a point beyond the window: up alpha (range_min + B - w), down alpha (w - range_max + B), with
    B = (range_max - range_min) / (1 - exp(-alpha p_max)).
    """
    reach = 1.0 / -math.expm1(-alpha * p_max)
    shared, _, _ = weight_window(dw_min=alpha * (range_max - range_min), w_min=range_min, w_max=range_max, **settings)
    return shared | {"up_low": alpha * reach, "up_high": alpha * (reach - 1.0), "down_low": alpha * (reach - 1.0),
                     "down_high": alpha * reach}


def exponential_step(*, a: float, b: float, A_up: float, A_down: float, gamma_up: float, gamma_down: float,
                     dw_min_std: float = 0.0, dw_min_std_add: float = 0.0, dw_min_std_slope: float = 0.0,
                     **weights: Any) -> Parameters:
    """Return ``pulse_exponential`` parameters of dw = u max(1 - A exp(+-gamma z), 0), z = 2 a w / window + b."""
    shared, up, down = weight_window(**weights)
    window = weights["w_max"] - weights["w_min"]
    at_low = 2.0 * a * weights["w_min"] / window + b
    floor = dw_min_std * dw_min_std_add / window
    return shared | {
        "step_up": up, "shape_up": A_up * math.exp(gamma_up * at_low), "growth_up": 2.0 * a * gamma_up,
        "step_down": down, "shape_down": A_down * math.exp(-gamma_down * at_low), "growth_down": -2.0 * a * gamma_down,
        "sigma_relative": dw_min_std, "sigma_up": floor, "sigma_down": floor, "sigma_weight": dw_min_std * dw_min_std_slope,
    }


def power_step(*, gamma: float, gamma_up_down: float = 0.0, gamma_dtod: float = 0.0, gamma_up_down_dtod: float = 0.0,
               dw_min_std: float = 0.0, **weights: Any) -> Parameters:
    """Return ``pulse_power`` parameters of dw = u (distance from the bound over the window)^gamma."""
    shared, up, down = weight_window(**weights)
    return shared | {
        "step_up": up, "step_down": down, "sigma_relative": dw_min_std,
        "gamma_up": gamma * abs(min(gamma_up_down, 0.0) + 1.0), "gamma_down": gamma * abs(min(-gamma_up_down, 0.0) + 1.0),
        "spread_gamma": gamma_dtod, "spread_gamma_up_down": gamma_up_down_dtod,
    }


def piecewise_step(*, nodes_up: Sequence[float], nodes_down: Sequence[float], dw_min_std: float = 0.0,
                   **weights: Any) -> Parameters:
    """Return ``pulse_piecewise`` parameters of dw = u times a line through nodes that are equidistant over the bounds.

    Raises
    ------
    ParameterError
        The two lists differ in length, or have more nodes than the model.
    """
    from devices.memristor.pulse_piecewise import MOST_NODES

    if len(nodes_up) != len(nodes_down) or not 1 <= len(nodes_up) <= MOST_NODES:
        raise ParameterError(f"piecewise_step: {len(nodes_up)} nodes up and {len(nodes_down)} down; give as many of each, "
                             f"1 to {MOST_NODES}.")
    shared, up, down = weight_window(**weights)
    factors = {f"up_{k}": float(value) for k, value in enumerate(nodes_up)}
    factors |= {f"down_{k}": float(value) for k, value in enumerate(nodes_down)}
    return shared | factors | {"step_up": up, "step_down": down, "nodes": float(len(nodes_up)), "sigma_relative": dw_min_std}


def labelled_curve(*, label_up: float, label_down: float, pulses_up: float, pulses_down: float, sigma_c2c: float = 0.0,
                   sigma_d2d: float = 0.0) -> Parameters:
    """Return ``pulse_step`` parameters of the conductance curves (1) with the labels (2).

    Parameters
    ----------
    label_up, label_down : float
        Labels as published, with their signs; 0 is a straight line.
    pulses_up, pulses_down : float
        Pulses for the whole window.
    sigma_c2c : float
        Cycle noise of a pulse over the window (the source draws it once for n pulses, times sqrt(n): the same spread).
    sigma_d2d : float
        Spread of the labels, in units of the label.
    """
    up_low, up_high = _line(float(curvature(label_up)), pulses_up)
    down_high, down_low = _line(float(curvature(-label_down)), pulses_down)
    return {"up_low": up_low, "up_high": up_high, "down_low": down_low, "down_high": down_high, "zero": 0.5,
            "sigma_up": sigma_c2c, "sigma_down": sigma_c2c, "spread_label": sigma_d2d}


def alpha_curve(*, alpha: float, request: float, sigma_root: float = 0.0) -> Parameters:
    """Return ``pulse_step`` parameters of the asymmetric analytic update; one pulse requests that fraction of the window."""
    up_low, up_high = _line(alpha, 1.0 / request)
    return {"up_low": up_low, "up_high": up_high, "down_low": up_high, "down_high": up_low, "sigma_root": sigma_root}


def symmetric_alpha_curve(*, alpha: float, request: float, sigma_root: float = 0.0) -> Parameters:
    """Return ``pulse_logistic`` parameters of the symmetric analytic update."""
    return {"alpha": alpha, "request_up": request, "request_down": request, "sigma_root": sigma_root}


def _line(curve: float, pulses: float) -> tuple[float, float]:
    """Return the first and the last step of (1) over the window; ``curve`` is 1 / A_norm."""
    if curve == 0.0:
        return 1.0 / pulses, 1.0 / pulses
    step, reach = -math.expm1(-curve / pulses), 1.0 / -math.expm1(-curve)
    return step * reach, step * (reach - 1.0)
