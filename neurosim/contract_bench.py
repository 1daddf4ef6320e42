"""A device on the bench: what the checks of its contract sample.

Drives stay within the range of the card, durations are such that a state moves by ``MOVE`` of its span. The first state takes
values over its whole range where it is the only one or sets the conductance, the others stay at the start of the card; where
neither holds (a unit vector, a set of domains), states are those that the law reaches from the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from neurosim.card import Device
from neurosim.device import DeviceModel

MOVE = 0.05  # of a state's span, in one compared step
SHARES = np.array([-1.0, -0.7, -0.4, 0.4, 0.7, 1.0])  # of the largest drive
SAMPLES = (0.2, 0.5, 0.8)  # of the range of the first state
NEVER = 1e20  # a threshold beyond this means that the device is stuck
RANGES: Mapping[str, tuple[str, str, float]] = MappingProxyType({
    "V": ("v_min", "v_max", 1.0), "A": ("i_min", "i_max", 1e-6), "A/m": ("field_min", "field_max", 1e4),
    "T": ("b_min", "b_max", 0.01)})


@dataclass(frozen=True)
class Bench:
    """A device on the bench: selected model, parameters (n_param, 1), sampled states (n_state, m), largest drive."""

    device: Device
    model: DeviceModel
    params: np.ndarray
    states: np.ndarray
    largest: float

    def rate(self, state: np.ndarray, drive: float, params: np.ndarray | None = None) -> np.ndarray:
        """Return dx/dt of one device, shape (n_state,), at a value of the first drive; the others are zero."""
        out = np.zeros((len(self.model.states), 1))
        self.model.rate(state.reshape(-1, 1).copy(), self.drives(drive), self.params if params is None else params, out, 0, 1)
        return out[:, 0]

    def advance(self, state: np.ndarray, drive: float, seconds: float, noise: np.ndarray | None = None) -> np.ndarray:
        """Return the state of one device after a step, quiet unless ``noise`` is given."""
        y = state.reshape(-1, 1).copy()
        normals = np.zeros((max(1, len(self.model.noises)), 1)) if noise is None else noise
        self.model.require("advance")(y, self.drives(drive), self.params, normals, np.array([seconds]), 0, 1)
        return y[:, 0]

    def conductance(self, state: np.ndarray) -> float:
        """Return the read conductance [S]."""
        out = np.zeros(1)
        self.model.require("conductance")(state.reshape(-1, 1).copy(), self.params, out, 0, 1)
        return float(out[0])

    def drives(self, first: float) -> np.ndarray:
        """Return all drives, shape (n_drive, 1)."""
        drive = np.zeros((max(1, len(self.model.drives)), 1))
        drive[0] = first
        return drive

    @property
    def unit(self) -> str:
        """Return the unit of the first drive."""
        return self.model.drives[0].unit if self.model.drives else ""

    @property
    def boxed(self) -> bool:
        """Return whether the first state can be put anywhere in a finite range."""
        return _boxed(self.model)

    @property
    def fastest(self) -> float:
        """Return the largest speed of the first state in the sampled states, its own units per second."""
        return max(abs(float(self.rate(state, drive)[0])) for state in self.states.T for drive in SHARES * self.largest)

    @property
    def spans(self) -> np.ndarray:
        """Return the span of each state: high - low, or its scale where it is unbounded."""
        spans = np.array([spec.high - spec.low for spec in self.model.states])
        return np.where(np.isfinite(spans), spans, [spec.scale for spec in self.model.states])

    def duration(self, state: np.ndarray, drive: float) -> float:
        """Return the time [s] in which some state moves by MOVE of its span at its present rate."""
        speed = float(np.max(np.abs(self.rate(state, drive)) / self.spans))
        return min(1.0, MOVE / speed) if speed > 0.0 else 1e-6


def _boxed(model: DeviceModel) -> bool:
    return bool(model.states and (len(model.states) == 1 or model.programmable)
                and np.isfinite([model.states[0].low, model.states[0].high]).all())


def bench_of(device: Device) -> Bench:
    """Return a device with sampled states, see the module's text."""
    params = np.array(device.params, dtype=float).reshape(-1, 1)
    model = device.model.select(params) if device.model.select else device.model
    start = np.array(device.state, dtype=float).reshape(-1, 1)
    largest = largest_drive(device, model, params)
    bench = Bench(device, model, params, start, largest)
    if _boxed(model):
        low, high = model.states[0].low, model.states[0].high
        start = np.repeat(start, len(SAMPLES), axis=1)
        start[0] = low + (high - low) * np.array(SAMPLES)
    elif len(model.states) > 1 and model.advance is not None:  # unit vectors and the like: only states that the law reaches
        reached = [start[:, 0], *(bench.advance(start[:, 0], share * largest, bench.duration(start[:, 0], share * largest))
                                  for share in (-0.5, 0.5))]
        start = np.ascontiguousarray(np.array(reached).T)
    return Bench(device, model, params, start, largest)


def largest_drive(device: Device, model: DeviceModel, params: np.ndarray) -> float:
    """Return the drive up to which a card is valid both ways; else 1.5 times its threshold, or a usual one."""
    unit = model.drives[0].unit if model.drives else "V"
    low, high, usual = RANGES.get(unit, ("", "", 1.0))
    given = [abs(device.card.valid[key]) for key in (low, high) if key in device.card.valid]
    if given:
        return min(given)
    if model.dead_zone is not None:
        edges = np.zeros(1), np.zeros(1)
        model.dead_zone(params, *edges, 0, 1)
        real = [abs(float(edge[0])) for edge in edges if abs(edge[0]) < NEVER]
        if real:
            return 1.5 * max(real)
    return usual
