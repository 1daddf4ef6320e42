"""Which parameters a fit frees when nobody names them: those that the noiseless law of the start card responds to.

A parameter is free where a step of ``STEP`` changes the rate, the current or the conductance somewhere in the range of the
first state, at voltages up to ``REACH`` times the range of the card. Widths and depths of noise, spreads, counts, and the
choice of a window never do. Kept are also numbers that are zero on the card, for there a part of the law is switched off, the
pulse widths of a behavioural model, which are a unit of its law, and the numbers of modifiers.
"""

from __future__ import annotations

import numpy as np

from neurosim.card import Device
from neurosim.card_modifiers import own_params
from neurosim.device import DeviceModel
from neurosim.population import nominal_params

STEP = 1e-3  # relative; a number that is used as an integer does not notice it
REACH = 2.0
STATES, VOLTAGES = 7, 21


def default_free(device: Device) -> list[str]:
    """Return the names of the parameters that are fitted unless some are named, in the order of the model.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> default_free(load_device("two_state_merz/nominal"))
    ['g_on', 'g_off', 'rate_plus', 'rate_minus', 'v_plus', 'v_minus']
    """
    model, spec = device.model, device.model.states[0]
    x = (np.linspace(spec.low, spec.high, STATES + 2)[1:-1] if np.isfinite([spec.low, spec.high]).all() else
         np.array([device.state[0]]))
    valid = device.card.valid
    v = REACH * max(abs(valid.get("v_min", 1.0)), abs(valid.get("v_max", 1.0))) * np.linspace(-1.0, 1.0, VOLTAGES)
    state = np.repeat(np.array(device.state).reshape(-1, 1), x.size * v.size, axis=1)
    state[0] = np.repeat(x, v.size)
    drive, params = np.tile(v, x.size)[None], nominal_params(device, x.size * v.size)
    with np.errstate(all="ignore"):
        present = _quiet_law(model, state, drive, params)
        free = []
        for row, parameter in enumerate(model.params[:own_params(device)]):
            if params[row, 0] == 0.0 or parameter.name in model.pulse:
                continue
            stepped = params.copy()
            stepped[row] *= 1.0 + STEP
            if not np.array_equal(_quiet_law(model, state, drive, stepped), present, equal_nan=True):
                free.append(parameter.name)
    return free


def _quiet_law(model: DeviceModel, state: np.ndarray, drive: np.ndarray, params: np.ndarray) -> np.ndarray:
    """Return rates, currents and conductances of all columns, one after the other."""
    n = state.shape[1]
    rate, current, slope, conductance = np.zeros((len(model.states), n)), np.zeros(n), np.zeros(n), np.zeros(n)
    model.rate(state, drive, params, rate, 0, n)
    if model.current is not None:
        model.current(state, drive, params, current, slope, 0, n)
    if model.conductance is not None:
        model.conductance(state, params, conductance, 0, n)
    return np.concatenate([*rate, current, conductance])
