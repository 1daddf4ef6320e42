"""At which times a run is recorded, and through which it must step: records, edges, nodes of the energy quadrature."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurosim.errors import ParameterError
from neurosim.simulation.energy import INNER
from neurosim.waveform_segments import Waveform

DEFAULT_RECORDS = 201
SNAP = 1e-12  # record times closer than this fraction of the duration to an edge are the edge


def record_times(record: int | Sequence[float] | None, end: float, waveforms: Sequence[Waveform]) -> np.ndarray:
    """Return the times [s] that the user asked for, increasing, within [0, end]."""
    if record is None:
        edges = np.concatenate([wave.edges(end) for wave in waveforms])
        return _snapped(np.concatenate([np.linspace(0.0, end, DEFAULT_RECORDS), edges]), edges, end)
    if isinstance(record, (int, np.integer)) and not isinstance(record, bool):
        if record < 2:
            raise ParameterError(f"simulate: record = {record} must be at least 2 times (start and end).")
        return np.linspace(0.0, end, int(record))
    times = np.array(record, dtype=float)
    if times.ndim != 1 or not times.size or not np.all(np.isfinite(times)) or np.any(np.diff(times) <= 0.0):
        raise ParameterError("simulate: record must be a number of times or finite times [s] in increasing order.")
    if times[0] < 0.0 or times[-1] > end * (1.0 + SNAP):
        raise ParameterError(f"simulate: record times must lie in [0, {end:g}] s, got {times[0]:g} to {times[-1]:g} s.")
    return times


def step_grid(times: np.ndarray, waveforms: Sequence[Waveform], end: float, inner: bool,
              kinks: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all times to step through, which are edges (1, else 0), and the rows that the user asked for.

    ``inner`` adds the nodes of the energy quadrature to each interval, ``kinks`` are further edges [s].
    """
    edges = np.unique(np.concatenate([wave.edges(end) for wave in waveforms]))
    if kinks is not None and kinks.size:
        edges = np.unique(np.concatenate([edges, _snapped(kinks, edges, end)]))
    asked = _snapped(times, edges, end)
    knots = np.unique(np.concatenate([[0.0], asked, edges, [end]]))
    grid = knots
    if inner:
        grid = np.append((knots[:-1, None] + np.diff(knots)[:, None] * np.concatenate([[0.0], INNER])).ravel(), end)
    edge = np.isin(grid, edges).astype(np.int64)
    return grid, edge, np.searchsorted(grid, asked)


def _snapped(times: np.ndarray, edges: np.ndarray, end: float) -> np.ndarray:
    """Return sorted times without near-duplicates; where an edge or the end is near, that is kept."""
    fixed = np.unique(np.concatenate([[0.0], edges, [end]]))
    nearest = fixed[np.abs(times[:, None] - fixed[None, :]).argmin(axis=1)] if fixed.size * times.size < 1e7 else times
    return np.unique(np.where(np.abs(times - nearest) <= SNAP * end, nearest, times))
