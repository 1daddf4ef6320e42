"""From integrated states to a trace: currents, energy, status."""

from __future__ import annotations

import numpy as np

from neurosim.device import DeviceModel
from neurosim.simulation.energy import delivered_energy
from neurosim.simulation.integrate import Outcome
from neurosim.simulation.problem import Problem
from neurosim.trace import Status, Trace


def trace_of(problem: Problem, grid: np.ndarray, keep: np.ndarray, result: np.ndarray, outcome: Outcome, *,
             smooth: bool) -> Trace:
    """Return the rows ``keep`` of a run with currents and energy; ``smooth`` where paths are differentiable."""
    from neurosim.kernels.steppers import problem as p

    model, n = problem.model, problem.state.shape[1]
    statuses = {p.OK: Status.OK, p.NONFINITE: Status.DIVERGED, p.UNDERFLOW: Status.STEP_UNDERFLOW,
                p.TOO_MANY: Status.TOO_MANY_STEPS}
    status, rows = statuses[outcome.status], outcome.rows
    keep = keep[keep < rows]
    states = result[:rows].reshape(rows, len(model.states), n)
    if status is Status.OK and not np.all(np.isfinite(states)):
        status = Status.DIVERGED
    drive = np.array([wave(grid[:rows]) for wave in problem.waveforms])
    stats, current, energy = dict(outcome.stats), None, None
    voltage = _voltage_row(model)
    if voltage is not None:
        current = _currents(problem, states, drive)
        before = _currents(problem, states, np.array([wave(_before(grid[:rows])) for wave in problem.waveforms]))
        v_before = problem.waveforms[voltage](_before(grid[:rows]))
        energy, error = delivered_energy(grid[:rows], drive[voltage][:, None] * current, v_before[:, None] * before, smooth)
        stats["energy_error"] = error
        current, energy = current[keep], energy[keep]
    message = ""
    if status is not Status.OK:
        worst = max(outcome.worst, 0)
        where = f'device {worst % n}, state "{model.states[worst // n].name}"'
        message = f"{model.name}: stopped at t = {outcome.time:.6g} s ({where})."
    return Trace(time=grid[keep], states={spec.name: states[keep, k] for k, spec in enumerate(model.states)},
                 drive={spec.name: np.repeat(drive[k][keep, None], n, axis=1) for k, spec in enumerate(model.drives)},
                 current=current, energy=energy, status=status, message=message, stats=stats)


def _before(times: np.ndarray) -> np.ndarray:
    """Return times lowered by four roundings: where a waveform jumps, its value from the left."""
    return times - 4.0 * np.finfo(float).eps * np.abs(times)


def _voltage_row(model: DeviceModel) -> int | None:
    """Return the drive that is a voltage, None where the device carries no current that this file knows."""
    if model.current is None and model.conductance is None:
        return None
    return next((k for k, spec in enumerate(model.drives) if spec.unit == "V"), None)


def _currents(problem: Problem, states: np.ndarray, drive: np.ndarray) -> np.ndarray:
    """Return the current of each device [A] at each row, shape (n_row, n)."""
    model, n = problem.model, problem.state.shape[1]
    out, slope = np.empty((states.shape[0], n)), np.empty(n)
    voltage = _voltage_row(model)
    for k, state in enumerate(np.ascontiguousarray(states)):
        level = np.ascontiguousarray(np.repeat(drive[:, k, None], n, axis=1))
        if model.current is not None:
            model.current(state, level, problem.params, out[k], slope, 0, n)
        else:
            model.require("conductance")(state, problem.params, out[k], 0, n)
            out[k] *= level[voltage]
    return out
