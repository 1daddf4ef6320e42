"""The laws of ``device_steps.py`` as numpy expressions, one per line, in place: what a user without kernels would write.

Arguments: states and voltages [V] (n,), parameters by name, standard normal numbers (n,), durations [s].
"""

from __future__ import annotations

import numpy as np


def vteam(x, v, p, z, duration):
    """Write the VTEAM state after a pulse, with its noise if it has any."""
    over = v / np.where(v > 0.0, p["v_off"], p["v_on"]) - 1.0
    power = np.where(over > 0.0, over, 1.0) ** np.where(v > 0.0, p["alpha_off"], p["alpha_on"])
    step = np.where(over > 0.0, np.where(v > 0.0, p["k_off"], p["k_on"]) * power, 0.0) * duration
    if np.any(p["sigma_step"]) or np.any(p["sigma_range"]):
        step = np.where(step != 0.0, step + z * np.sqrt((p["sigma_step"] * step) ** 2 + p["sigma_range"] ** 2), 0.0)
    x[:] = np.clip(x + step, 0.0, 1.0)


def pulse_step(x, v, p, z, duration):
    """Write the state after one pulse with a step that is a straight line in the state; no write noise."""
    up = v > 0.0
    low, high = np.where(up, p["up_low"], p["down_low"]), np.where(up, p["up_high"], p["down_high"])
    step = low + (high - low) * x
    moved = ((v > p["v_up"]) | (v < p["v_down"])) & (duration >= 0.5 * np.where(up, p["width_up"], p["width_down"]))
    change = np.where(up, step, -step)
    if np.any(p["sigma_relative"]):
        change = change + z * p["sigma_relative"] * np.abs(step)
    x[:] = np.where(moved, np.clip(x + change, 0.0, 1.0), x)


def two_state(x, v, p, z, duration):
    """Write the mean state of two-state switches with Fermi or exponential rates."""
    up = p["rate_plus"] / (p["saturation"] + np.exp(-(v - p["v_plus"]) / p["w_plus"]))
    down = p["rate_minus"] / (p["saturation"] + np.exp((v - p["v_minus"]) / p["w_minus"]))
    x[:] = np.clip(x - (up / (up + down) - x) * np.expm1(-(up + down) * duration), 0.0, 1.0)


def messaris(x, v, p, z, duration):
    """Write the state of the fitted oxide memristor, by its exact solution."""
    up, span = v > 0.0, p["r_max"] - p["r_min"]
    r = p["r_min"] + span * x
    end = np.where(up, p["r_p0"] + (p["r_p1"] + p["r_p2"] * v) * v, p["r_n0"] + (p["r_n1"] + p["r_n2"] * v) * v)
    left, k = np.where(up, end - r, r - end), np.where(up, p["k_p"], p["k_n"])
    speed = np.abs(np.where(up, p["a_p"], p["a_n"])) * np.expm1(np.where(up, p["t_p"], p["t_n"]) * np.abs(v))
    step = np.log1p(-np.expm1(-k * speed * duration) * np.expm1(k * np.maximum(left, 0.0))) / k / span
    x[:] = np.where(left > 0.0, np.clip(x + np.where(up, step, -step), 0.0, 1.0), x)
