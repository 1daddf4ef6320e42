"""Where the search of a fit starts: rates and thresholds on a grid, on the card's window and on that of the data.

Thresholds make the cost rough, and rates of memristors are unknown by decades: a search from the card alone ends anywhere.
"""

from __future__ import annotations

import itertools

import numpy as np

from neurosim.conductance import state_for_conductance
from neurosim.fitting.problem import FitProblem
from neurosim.population import nominal_params

RATE_FACTORS = 10.0 ** np.arange(-8.0, 8.1, 1.0)  # tried for the start of each rate
NEAR_FACTORS = 10.0 ** np.arange(-0.6, 0.61, 0.2)  # and then around the best
NEAR_STATES = (-0.4, -0.2, -0.1, 0.0, 0.1, 0.2, 0.4)  # of the span, around the state that the first row suggests
THRESHOLD_FACTORS = (0.4, 0.6, 0.8, 1.0, 1.3)
STARTS = 4


def starts_of(problem: FitProblem) -> list[np.ndarray]:
    """Return starts, the likeliest first: the best of each pair of thresholds, and of those the best few."""
    data, handles = problem.measurement, problem.device.model.handles
    windows = [problem.start_value]
    if data.kind == "pulses":
        g = data["conductance"]
    else:
        far = np.abs(data["voltage"]) > 0.1 * np.abs(data["voltage"]).max()
        g = data["current"][far] / data["voltage"][far]
    if np.all(g > 0.0):
        windows.append(_windowed(problem, problem.start_value, float(g.min()), float(g.max())))
    free = problem.names[:-1]
    rates = [free.index(name) for name in (handles["rate"].params if "rate" in handles else ()) if name in free][:2]
    thresholds = [free.index(name) for handle in ("threshold_up", "threshold_down") if handle in handles
                  for name in handles[handle].params if name in free][:2]
    ranked: list[tuple[float, np.ndarray]] = []
    for window in windows:
        x = _first_state(problem, window)
        for bends in itertools.product(THRESHOLD_FACTORS, repeat=len(thresholds)):
            trials = []
            for factors in itertools.product(RATE_FACTORS, repeat=len(rates)):
                values = window.copy()
                values[rates] *= factors
                values[thresholds] *= bends
                trials.append(problem.pack(values, x))
            cost = problem.costs(np.array(trials).T)
            ranked.append((float(cost.min()), trials[int(np.argmin(cost))]))
    ranked.sort(key=lambda pair: pair[0])
    near = [_nearer(problem, start, rates) for _, start in ranked[:STARTS]]
    return [start for _, start in sorted(near, key=lambda pair: pair[0])]


def _nearer(problem: FitProblem, start: np.ndarray, rates: list[int]) -> tuple[float, np.ndarray]:
    """Return the best of a finer grid of rates and start states around a start, with its cost."""
    values, span = problem.unpack(start[:, None])[:, 0], problem.high[-1] - problem.low[-1]
    trials = []
    for factors in itertools.product(NEAR_FACTORS, repeat=len(rates)):
        moved = values.copy()
        moved[rates] *= factors
        trials += [problem.pack(moved, start[-1] + shift * span) for shift in NEAR_STATES]
    cost = problem.costs(np.array(trials).T)
    return float(cost.min()), trials[int(np.argmin(cost))]


def _windowed(problem: FitProblem, values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return values whose conductance window is a little wider than what was measured."""
    out = values.copy()
    for handle, goal in (("g_min", 0.9 * low), ("g_max", 1.1 * high)):
        target = problem.device.model.handles.get(handle)
        if target is None or len(target.params) != 1 or target.params[0] not in problem.names[:-1]:
            continue
        k = problem.names.index(target.params[0])
        present = problem.device.value(handle)
        if present > 0.0:
            spec = problem.specs[k]
            out[k] = float(np.clip(out[k] * (goal / present) ** target.power, spec.low, spec.high))
    return out


def _first_state(problem: FitProblem, values: np.ndarray) -> float:
    """Return the state whose conductance is nearest to the first measured one."""
    data, params = problem.measurement, nominal_params(problem.device)
    params[problem.rows, 0] = values
    if data.kind == "pulses":
        g = data["conductance"][0]
    else:
        seen = np.flatnonzero(np.abs(data["voltage"]) > 0.02 * np.abs(data["voltage"]).max())[0]
        g = data["current"][seen] / data["voltage"][seen]
    return float(state_for_conductance(problem.device.model, params, np.array([g]))[0, 0])
