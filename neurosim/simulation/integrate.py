"""Run a stepper over the grid in slices, so that Ctrl-C works; ``auto`` runs that turn out stiff go on with rodas4."""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.simulation.problem import Problem

STIFF_AFTER = 20_000  # "auto": steps of dopri5 after which the rest of the run is handed to rodas4
SLICE_VALUES = 2_000_000  # state values stepped between two returns to Python: below 0.3 s, so that Ctrl-C works


@dataclass(frozen=True)
class Outcome:
    """How a run ended: status of the stepper, rows that are filled, time [s], worst component, statistics."""

    status: int
    rows: int
    time: float
    worst: int
    stats: Mapping[str, Any]


def run_ode(problem: Problem, name: str, grid: np.ndarray, edge: np.ndarray, result: np.ndarray, *, rtol: float,
            h: float, max_step: float, max_steps: int, switch: bool) -> Outcome:
    """Fill ``result (n_grid, n_state n)`` with an ordinary scheme; ``switch`` hands a stiff run to rodas4."""
    from neurosim.device_tables import kernel_table
    from neurosim.kernels.steppers import problem as p
    from neurosim.kernels.steppers.population_system import population_rhs
    from neurosim.kernels.tables import function_table

    systems = function_table("system", [population_rhs])
    rates = kernel_table("rate", [problem.model])
    outputs, y = function_table("output", []), problem.state.ravel().copy()
    n, fixed_step = problem.state.shape[1], h
    integrate = getattr(importlib.import_module(f"neurosim.kernels.steppers.{name}"), name)
    per_slice = max(16, SLICE_VALUES // (10 * max(1, y.size)))
    accepted = rejected = 0.0
    row, t, report, used = 0, float(grid[0]), np.zeros(p.REPORT_SIZE), name
    while True:
        if switch and used == "dopri5" and accepted + rejected >= STIFF_AFTER:
            from neurosim.kernels.steppers.rodas4 import rodas4 as integrate

            used, h = "rodas4", 0.0
        rest = np.concatenate([[t], grid[row + 1:]])
        part = np.empty((rest.size, y.size))
        budget = int(min(per_slice, max_steps - accepted - rejected, STIFF_AFTER if switch else math.inf))
        status = integrate(systems, rest, np.concatenate([[0], edge[row + 1:]]), y, problem.layout, problem.values, rates,
                           outputs, n, problem.bounds, rtol * problem.scale, rtol, h, max_step, budget, part, report)
        done = int(report[p.NEXT_ROW])
        first = 0 if row == 0 and t == grid[0] else 1
        result[row + first:row + done] = part[first:done]
        accepted, rejected = accepted + report[p.ACCEPTED], rejected + report[p.REJECTED]
        row, t = row + done - 1, float(report[p.TIME])
        h = float(report[p.NEXT_STEP]) if used in ("dopri5", "rodas4") else fixed_step
        if status != p.TOO_MANY or accepted + rejected >= max_steps:
            break
    stats = {"scheme": name if used == name else f"{name}, then {used}", "steps": int(accepted), "rejected": int(rejected)}
    return Outcome(status, row + 1, t, int(report[p.WORST]), stats)


def run_noise(problem: Problem, name: str, grid: np.ndarray, result: np.ndarray, *, h: float, max_steps: int,
              seed: int | None, replica: int) -> Outcome:
    """Fill ``result (n_grid, n_state n)`` with a stochastic scheme of the longest step ``h`` [s]."""
    from neurosim.device_tables import kernel_table
    from neurosim.kernels import rng
    from neurosim.kernels.steppers import problem as p

    rates = kernel_table("rate", [problem.model])
    diffusions = kernel_table("diffusion", [problem.model])
    integrate = getattr(importlib.import_module(f"neurosim.kernels.steppers.{name}"), name)
    key = np.uint64(rng.stream_key(int(seed or 0), "simulate", replica, problem.model.name))
    y, report = problem.state.ravel().copy(), np.zeros(p.REPORT_SIZE)
    rows_at_once = max(1, int(SLICE_VALUES / (10 * max(1, y.size)) / max(1.0, float(np.diff(grid).max()) / h)))
    row, number, steps, clipped, status = 0, 0, 0.0, 0.0, p.OK
    while status == p.OK and row < grid.size - 1:
        rest = np.ascontiguousarray(grid[row:row + rows_at_once + 1])
        part = np.empty((rest.size, y.size))
        status = integrate(rates, diffusions, rng.fill_normal, rest, y, problem.layout, problem.values, problem.bounds, h,
                           1, key, 0, number, int(max_steps - steps), part, report)
        done = int(report[p.NEXT_ROW])
        result[row:row + done] = part[:done]
        row, number = row + done - 1, int(report[p.NEXT_STEP])
        steps, clipped = steps + report[p.ACCEPTED], clipped + report[p.REJECTED]
    return Outcome(status, row + 1, float(report[p.TIME]), int(report[p.WORST]),
                   {"scheme": name, "steps": int(steps), "rejected": 0, "clipped": int(clipped)})
