"""Parameters of the straight-line pulse device, and how a population of them is drawn.

The common part (bounds, gains, corrupt cells) stands in :mod:`devices.memristor.pulse_population`. Here: how fast the step
falls towards its bound, the label of a whole curve, and the reference that reads subtract.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from devices.memristor.pulse_label import curvature, label_of
from devices.memristor.pulse_law import COMMON, SHAPE, ZERO
from devices.memristor.pulse_population import (
    SPREADS,
    Draws,
    Generators,
    corrupt,
    draw_bounds,
    draw_steps,
    has_spread,
    nominal,
    place,
    scale_noise,
)
from neurosim.device import ParamSpec

UP_LOW, UP_HIGH, DOWN_LOW, DOWN_HIGH = range(SHAPE, SHAPE + 4)
LARGEST_LABEL = 10.0
STRAIGHT = 1e-9  # curvature of what counts as a straight line

PARAMS = (
    *COMMON,
    ParamSpec("up_low", "", 0.02, -10.0, 100.0, "step of a raising pulse in the lowest state", "u_0"),
    ParamSpec("up_high", "", 0.0, -10.0, 100.0, "step of a raising pulse in the highest state", "u_1"),
    ParamSpec("down_low", "", 0.0, -10.0, 100.0, "step of a lowering pulse in the lowest state", "d_0"),
    ParamSpec("down_high", "", 0.02, -10.0, 100.0, "step of a lowering pulse in the highest state", "d_1"),
    *SPREADS,
    ParamSpec("spread_gamma_up", "", 0.0, 0.0, 10.0, "spread of the fall of the raising step towards its bound", "s_g+"),
    ParamSpec("spread_gamma_down", "", 0.0, 0.0, 10.0, "spread of the fall of the lowering step towards its bound", "s_g-"),
    ParamSpec("mean_bound", "", 0.0, 0.0, 1.0, "1: that fall is counted from the nominal bound, 0: from the own one"),
    ParamSpec("spread_label", "", 0.0, 0.0, 10.0, "spread of the nonlinearity label of both directions", "s_NL"),
    ParamSpec("spread_reference", "", 0.0, 0.0, 10.0, "spread of a subtracted reference over the window", "s_ref"),
    ParamSpec("subtract_symmetry", "", 0.0, 0.0, 1.0, "1: reads subtract the symmetry point of each device"),
)
NAMES = {spec.name: row for row, spec in enumerate(PARAMS)}


def populate(params: np.ndarray, generator: Generators) -> np.ndarray:
    """Return instances of a nominal card, see :mod:`devices.memristor.pulse_population`.

    A step at weight zero, u, falls to u (1 - gamma) at its bound. With spreads, gamma_i = |gamma + spread_gamma xi| counted
    from the device's own bound, or from the nominal one where ``mean_bound`` is 1; ``spread_label`` changes the label of a
    whole curve instead. Reads subtract ``spread_reference`` xi, and the device's own symmetry point where
    ``subtract_symmetry`` is 1.
    """
    values = nominal(params, NAMES)
    if not has_spread(values):
        return params
    draws, out, zero = Draws(generator, params.shape[1]), params.copy(), values["zero"]
    bounds = draw_bounds(values, draws)
    up, down = (values[f"{way}_low"] + (values[f"{way}_high"] - values[f"{way}_low"]) * zero for way in ("up", "down"))
    u_up, u_down = draw_steps(values, up, down, draws)
    out[UP_HIGH], out[UP_LOW] = _ends(values, "up", "high", "low", u_up / up if up else 0.0 * u_up, 1.0 - zero, bounds.high,
                                      bounds.low, draws)
    out[DOWN_LOW], out[DOWN_HIGH] = _ends(values, "down", "low", "high", u_down / down if down else 0.0 * u_down, -zero,
                                          bounds.low, bounds.high, draws)
    for row in (UP_LOW, UP_HIGH, DOWN_LOW, DOWN_HIGH):
        out[row] /= bounds.window
    scale_noise(out, values, u_up / (up or 1.0) / bounds.window, u_down / (down or 1.0) / bounds.window)
    shift: np.ndarray = values["spread_reference"] * draws.normal("reference")
    if values["subtract_symmetry"] > 0.5:
        shift += bounds.low + bounds.window * _symmetry(out)
    place(out, values, bounds, shift)
    corrupt(out, values, bounds, [UP_LOW, UP_HIGH, DOWN_LOW, DOWN_HIGH], draws)
    return out


def _ends(values: Mapping[str, float], way: str, near: str, far: str, factor: np.ndarray, reference: float, bound: np.ndarray,
          other: np.ndarray, draws: Draws) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps [nominal window] at the bound that a direction leads to and at the other one, for each device.

    ``factor`` is the device's step at weight zero over the nominal one, ``reference`` the weight of the nominal bound.
    """
    at_near, at_far = values[f"{way}_{near}"], values[f"{way}_{far}"]
    if values["spread_label"] > 0.0:
        return _relabelled(at_near, at_far, factor, values["spread_label"] * draws.normal(f"shape_{way}"))
    zero = values["zero"]
    at_zero = values[f"{way}_low"] + (values[f"{way}_high"] - values[f"{way}_low"]) * zero
    if at_zero == 0.0 or reference == 0.0:
        return factor * at_near, factor * at_far
    gamma = np.full_like(factor, 1.0 - at_near / at_zero)
    if values[f"spread_gamma_{way}"] > 0.0:
        gamma = np.abs(gamma + values[f"spread_gamma_{way}"] * draws.normal(f"shape_{way}"))
    counted = reference if values["mean_bound"] > 0.5 else bound
    return factor * at_zero * (1.0 - gamma * bound / counted), factor * at_zero * (1.0 - gamma * other / counted)


def _relabelled(at_near: float, at_far: float, factor: np.ndarray, change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the last and the first step of curves whose label differs by ``change``; the pulses for the window stay."""
    curve = -math.log(at_near / at_far) if at_near != at_far else 0.0
    pulses = curve / -math.log1p(at_near - at_far) if curve else 1.0 / at_far
    c = curvature(np.clip(label_of(curve) + change, -LARGEST_LABEL, LARGEST_LABEL))
    c = np.where(np.abs(c) < STRAIGHT, STRAIGHT, c)
    step, reach = -np.expm1(-c / pulses), 1.0 / -np.expm1(-c)
    return factor * step * (reach - 1.0), factor * step * reach


def _symmetry(params: np.ndarray) -> np.ndarray:
    """Return the state in which one raising and one lowering pulse cancel; the middle where none does."""
    slope = (params[UP_HIGH] - params[UP_LOW]) - (params[DOWN_HIGH] - params[DOWN_LOW])
    return np.where(slope != 0.0, (params[DOWN_LOW] - params[UP_LOW]) / np.where(slope != 0.0, slope, 1.0), params[ZERO])
