"""When a waveform enters and leaves the dead zones of threshold devices: the rate has a kink there, so a step must end there.

Below threshold the rate is zero, and an adaptive step that starts there grows until it jumps far across the threshold; its
error estimate then sees little of the kink, a fixed error per crossing. Between the crossings the law is smooth.

A segment of a waveform (:mod:`neurosim.waveform_segments`) is a ramp value + slope s or a sine value + amplitude
sin(2 pi frequency s + phase), so the times follow in closed form.
"""

from __future__ import annotations

import math

import numpy as np

from neurosim.simulation.problem import Problem

MOST_LEVELS = 32  # per side: a population with spread has one threshold per device, these stand for all
MOST_VALUES = 2_000_000  # state values recorded at crossings (each has four rows): 64 MB
NEAR = 1e-9  # crossings closer than this fraction of a segment to its ends are its ends
STEPS_PER_PERIOD = 50  # of a sine that has too many crossings to list


def dead_zone_crossings(problem: Problem, end: float) -> tuple[np.ndarray, float]:
    """Return the times [s] in (0, end) at which the first drive crosses an edge of a dead zone, and the longest step [s].

    The step is infinite unless the waveform is a sine with more crossings than can be listed.
    """
    nothing = np.empty(0), math.inf
    if problem.model.dead_zone is None or not problem.waveforms:
        return nothing
    levels = _levels(problem)
    table = problem.waveforms[0].segments(end)
    moving = np.flatnonzero((table[:, 2] != 0.0) | (table[:, 3] != 0.0))
    if not levels.size or not moving.size:
        return nothing
    lengths = np.diff(np.append(table[:, 0], end))[moving]
    budget = max(1, MOST_VALUES // problem.state.size)
    sine = table[moving, 3] != 0.0
    periods = math.ceil(float(np.sum(lengths[sine] * table[moving, 4][sine])))
    crossings = int(np.sum(~sine)) + 2 * periods  # per level
    if 2 * crossings > budget and periods:
        return np.empty(0), 1.0 / (STEPS_PER_PERIOD * float(table[moving, 4].max()))
    levels = _thinned(levels, max(2, budget // max(1, crossings)))
    found = [_segment_crossings(table[k], length, level)
             for k, length in zip(moving, lengths, strict=True) for level in levels]
    times = np.unique(np.concatenate(found))
    return times[(times > 0.0) & (times < end)], math.inf


def _levels(problem: Problem) -> np.ndarray:
    """Return the drives at which a dead zone of some device begins or ends, increasing."""
    n = problem.state.shape[1]
    lowest, highest = np.empty(n), np.empty(n)
    problem.model.require("dead_zone")(problem.params, lowest, highest, 0, n)
    real = lowest < highest
    levels = np.unique(np.concatenate([_thinned(np.unique(side[real]), MOST_LEVELS) for side in (lowest, highest)]))
    return levels[np.isfinite(levels)]


def _thinned(levels: np.ndarray, most: int) -> np.ndarray:
    """Return at most so many of the sorted levels, with the first and the last."""
    if levels.size <= most:
        return levels
    return levels[np.unique(np.linspace(0, levels.size - 1, most).round().astype(int))]


def _segment_crossings(segment: np.ndarray, length: float, level: float) -> np.ndarray:
    """Return the times [s] at which one segment of a given length [s] has the value ``level``."""
    start, value, slope, amplitude, frequency, phase = segment
    if amplitude == 0.0:
        after = np.array([(level - value) / slope])
    elif abs(level - value) >= abs(amplitude):
        return np.empty(0)
    else:
        angle = math.asin((level - value) / amplitude)
        first, last = phase / (2.0 * math.pi), phase / (2.0 * math.pi) + frequency * length
        whole = np.arange(math.floor(first) - 1, math.ceil(last) + 2)
        after = (np.concatenate([angle / (2.0 * math.pi) + whole, 0.5 - angle / (2.0 * math.pi) + whole]) - first) / frequency
    return start + after[(after > NEAR * length) & (after < (1.0 - NEAR) * length)]
