"""Net-update accumulators: small per-synapse memories that add up requests until a pulse is worth writing.

Threshold spread that differs between raising and lowering makes every device asymmetric (d ln rate / d ln v_th =
-alpha u / (u - 1), u = V / v_th), and every pulse adds noise that does not shrink with it (0.1 % of range in the main job).
Either alone spoils writing each sample's request; rounding to pulse levels hardly matters (``experiments/README.md`` has the
curves). Writing only the *net* request of many samples takes a hundred times fewer pulses. The accumulator is hardware too:
its leak, noise, resolution and range are parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.errors import ParameterError, did_you_mean
from neurosim.kernels.accumulate import deposit

KINDS = ("none", "digital", "capacitor")


@dataclass(frozen=True)
class Accumulator:
    """What sits between the estimator and the pulses of one synapse.

    Parameters
    ----------
    kind : {"none", "digital", "capacitor"}
    quantum : float
        Content, as a fraction of the nominal conductance range, at which the pair is written.
    bits : int
        Digital: resolution of the counter over +-``limit``; 0 means a real number.
    limit : float
        Largest content, as a fraction of the range.
    leak_time : float
        Capacitor: time constant [s] of its leak; 0 means none.
    noise : float
        Standard deviation of one deposit, as a fraction of the quantum.
    """

    kind: str = "digital"
    quantum: float = 0.005
    bits: int = 0
    limit: float = 1.0
    leak_time: float = 0.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ParameterError(f'accumulator "{self.kind}" is not known.{did_you_mean(self.kind, KINDS)}')
        if not (0 < self.quantum <= self.limit):
            raise ParameterError(f"accumulator quantum = {self.quantum:g} must be in (0, limit = {self.limit:g}].")
        if self.leak_time < 0 or self.noise < 0 or not 0 <= self.bits <= 32:
            raise ParameterError("accumulator: leak_time and noise must be >= 0, bits in 0..32.")
        if self.kind != "capacitor" and self.leak_time:
            raise ParameterError(f'accumulator "{self.kind}" has no leak: set leak_time = 0 or kind = "capacitor".')
        if self.kind != "digital" and self.bits:
            raise ParameterError(f'accumulator "{self.kind}" has no bits: set bits = 0 or kind = "digital".')

    def rules(self, window: float, elapsed: float) -> np.ndarray:
        """Return the kernel's rules for a conductance ``window`` [S] and the time since the last deposit [s]."""
        decay = float(np.exp(-elapsed / self.leak_time)) if self.leak_time else 1.0
        step = 2 * self.limit * window / 2**self.bits if self.bits else 0.0
        return np.array([decay, self.noise * self.quantum * window, step, self.limit * window])

    def add_in_place(self, content: np.ndarray, request: np.ndarray, window: float, elapsed: float, key: np.uint64,
                     event: int) -> int:
        """Add a request [S] to the contents and return how many cells sit at their limit."""
        if self.kind == "none":
            content[:] = request
            return 0
        noise = np.zeros((1, content.size))
        return int(deposit(content, request, self.rules(window, elapsed), noise, key, event))
