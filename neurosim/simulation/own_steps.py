"""Stochastic runs of models that step themselves: the scheme of their calculus, fused in one kernel (``noise_steps``).

The grid ends on the edges of the waveforms. Between two grid times a drive is constant, and all steps there are one call, or it
changes, and each step takes the drive at its middle, which keeps the order of the scheme.
"""

from __future__ import annotations

import math

import numpy as np

from neurosim.simulation.integrate import SLICE_VALUES, Outcome
from neurosim.simulation.problem import Problem


def run_own_steps(problem: Problem, name: str, grid: np.ndarray, result: np.ndarray, *, h: float, max_steps: int,
                  seed: int | None, replica: int) -> Outcome:
    """Fill ``result (n_grid, n_state n)`` with steps of the model's own kernel, the longest ``h`` [s]."""
    from neurosim.kernels import rng
    from neurosim.kernels.steppers import problem as p

    steps_of, state, n = problem.model.require("noise_steps"), problem.state.copy(), problem.state.shape[1]
    key = np.uint64(rng.stream_key(int(seed or 0), "simulate", replica, problem.model.name))
    at_once, done, status, row, worst = max(1, SLICE_VALUES // (10 * max(1, state.size))), 0, p.OK, 0, 0
    result[0] = state.ravel()
    for row in range(1, grid.size):
        length = grid[row] - grid[row - 1]
        if not length < 1e15 * h:
            status = p.UNDERFLOW
            break
        count = max(1, math.ceil(length / h * (1.0 - 1e-12)))
        if done + count > max_steps:
            status = p.TOO_MANY
            break
        dt = length / count
        middles = grid[row - 1] + (np.arange(count) + 0.5) * dt
        levels = np.array([wave(middles) for wave in problem.waveforms])
        stays = bool(np.all(levels == levels[:, :1]))
        for first in range(0, count, at_once if stays else 1):
            number = min(at_once if stays else 1, count - first)
            drive = np.ascontiguousarray(np.repeat(levels[:, first:first + 1], n, axis=1))
            steps_of(state, drive, problem.params, key, done + first, dt, number, 0, n)
        done += count
        result[row] = state.ravel()
        bad = np.flatnonzero(~np.isfinite(result[row]))
        if bad.size:
            status, worst = p.NONFINITE, int(bad[0])
            break
    rows = grid.size if status == p.OK else row
    return Outcome(status, rows, float(grid[rows - 1]), worst,
                   {"scheme": name, "steps": done, "rejected": 0, "clipped": 0})
