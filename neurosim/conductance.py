"""The read conductance over the range of a device's state: at its bounds, its extremes, and the state that has a given one.

A programmable device has a first state x in [low, high] and a conductance G(x) that is monotonic, rising or falling, while its
other states (temperature, time since the last write, latent numbers) rest at their start values.
"""

from __future__ import annotations

import itertools

import numpy as np

from neurosim.device import DeviceModel
from neurosim.errors import ParameterError

BISECTIONS = 60  # halvings of the state interval when a conductance is inverted: below rounding


def conductance_at_bounds(model: DeviceModel, params: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the conductances [S] with the first state at its lowest and at its highest value, each of shape (n,).

    Parameters
    ----------
    model : DeviceModel
    params : ndarray, shape (n_param, n)

    Raises
    ------
    ParameterError
        The model has no state, so there is one conductance only.
    """
    conductance, n = model.require("conductance"), params.shape[1]
    if not model.states:
        raise ParameterError(f"{model.name}: no state, so it has one conductance, which nothing writes and nothing disturbs. "
                             f"Take a device with a state (neurosim device list).")
    spec = model.states[0]
    state, at_low, at_high = model.initial_state(n), np.empty(n), np.empty(n)
    for bound, out in ((spec.low, at_low), (spec.high, at_high)):
        state[0] = bound
        conductance(state, params, out, 0, n)
    return at_low, at_high


def conductance_extremes(model: DeviceModel, params: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest conductance [S] of one device over the corners of its state box.

    Parameters
    ----------
    model : DeviceModel
        States without finite bounds stay at their initial value.
    params : ndarray, shape (n_param,)
    """
    corners = itertools.product(*[(spec.low, spec.high) if np.isfinite([spec.low, spec.high]).all() else (spec.initial,)
                                  for spec in model.states])
    state = np.ascontiguousarray(np.array(list(corners), dtype=float).T)
    count = state.shape[1]
    out = np.zeros(count)
    model.require("conductance")(state, np.repeat(params[:, None], count, axis=1), out, 0, count)
    return float(out.min()), float(out.max())


def state_at_share(model: DeviceModel, params: np.ndarray, share: float | np.ndarray) -> np.ndarray:
    """Return states, shape (n_state, n), whose conductance is a share (0..1) of each device's own window.

    Parameters
    ----------
    model : DeviceModel
    params : ndarray, shape (n_param, n)
    share : float or ndarray, shape (n,)

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> device = load_device("pulse_step/soft_bounds")
    >>> state_at_share(device.model, device.params[:, None], 0.25)[0].round(12)
    array([0.25])
    """
    at_low, at_high = conductance_at_bounds(model, np.array(params))
    g_min = np.minimum(at_low, at_high)
    return state_for_conductance(model, params, g_min + share * np.abs(at_high - at_low))


def state_for_conductance(model: DeviceModel, params: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return states, shape (n_state, n), whose conductance is nearest to ``g`` [S], shape (n,): the first by bisection.

    Parameters
    ----------
    model : DeviceModel
    params : ndarray, shape (n_param, n) or (n_param, 1)
    """
    conductance, n = model.require("conductance"), g.size
    params = np.array(np.broadcast_to(params.reshape(len(model.params), -1), (len(model.params), n)), order="C")
    at_low, at_high = conductance_at_bounds(model, params)
    rising, value = at_high > at_low, np.empty(n)
    low, high = np.full(n, model.states[0].low), np.full(n, model.states[0].high)
    state = model.initial_state(n)
    for _ in range(BISECTIONS):
        state[0] = 0.5 * (low + high)
        conductance(state, params, value, 0, n)
        go_up = (value < g) == rising
        low = np.where(go_up, state[0], low)
        high = np.where(go_up, high, state[0])
    state[0] = 0.5 * (low + high)
    return state
