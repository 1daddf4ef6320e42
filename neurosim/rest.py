"""How a phase is settled and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neurosim.errors import DivergedError, NotSettledError, ParameterError

STATUS = ("settled", "not_settled", "diverged", "step_underflow", "too_many_steps")


@dataclass(frozen=True, kw_only=True)
class SettleOptions:
    """How a phase is integrated: tolerances in units of each state's scale, times in seconds.

    ``distance`` is the estimated distance to rest at which a phase ends, ``local_error`` the error per step. ``mode`` is
    ``transient`` (dynamics, the truth), ``equilibrium`` (Newton on the rest equations, the accelerator: no time passes) or
    ``sampled`` (neurons that fluctuate: ``burn_in`` [s] without, then ``sample_time`` [s] with averaging, in steps of
    ``sample_step`` [s]; ends after that time, whatever the tolerances).
    """

    t_max: float = 1e-6
    distance: float = 1e-6
    local_error: float = 1e-6
    first_step: float = 1e-11
    max_steps: int = 20000
    mode: str = "transient"
    sample_step: float = 1e-9
    sample_time: float = 1e-6
    burn_in: float = 1e-7

    def __post_init__(self) -> None:
        if not (self.sample_step > 0 and self.sample_time >= self.sample_step and self.burn_in >= 0):
            raise ParameterError(f"settle: sample_step = {self.sample_step:g} s must be > 0, sample_time = "
                                 f"{self.sample_time:g} s at least one step, burn_in = {self.burn_in:g} s >= 0.")


@dataclass(frozen=True)
class Rest:
    """The end of a phase.

    Attributes
    ----------
    status : str
        ``settled`` or the reason why not.
    voltage : ndarray, shape (n_neurons,)
        Output voltages [V] of all neuron layers, in order.
    time, energy, distance : float
        Duration [s], dissipated energy [J], estimated distance to rest (units of the state scale).
    times, history : ndarray, shapes (m,), (m, n_states + 1)
        Accepted steps [s] and states there (last column: dissipated energy [J]), when recording was asked for.
    line_voltage, line_current : ndarray, shape (m, n_neurons)
        Output voltages [V] and arriving currents [A] at those times.
    pairs : tuple of ndarray, shapes (n_targets, n_sources)
        Sampled phases: mean products [V^2] of the two ends of every coupling between neuron layers; else empty.
    """

    status: str
    voltage: np.ndarray
    time: float
    energy: float
    distance: float
    steps: int
    worst: str
    times: np.ndarray = field(default_factory=lambda: np.empty(0))
    history: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    line_voltage: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    line_current: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    pairs: tuple[np.ndarray, ...] = ()

    def __repr__(self) -> str:
        low, high = (self.voltage.min(), self.voltage.max()) if self.voltage.size else (0.0, 0.0)
        recorded = f", {self.times.size} steps recorded" if self.times.size else ""
        return (f"Rest({self.status}, {self.voltage.size} voltages from {low:.4g} to {high:.4g} V, time={self.time:.4g} s, "
                f"energy={self.energy:.4g} J, distance={self.distance:.3g}, {self.steps} steps{recorded})")

    def raise_for_status(self) -> Rest:
        """Return self if settled, else raise with element, time and remedy."""
        if self.status == "settled":
            return self
        if self.status == "diverged":
            raise DivergedError(f"{self.worst} became non-finite after {self.time:.3g} s. "
                                "Check the card's parameters; lower the gain or the nudging.")
        raise NotSettledError(f"{self.status}: {self.distance:.3g} from rest after {self.time:.3g} s (worst: {self.worst}). "
                              'Raise settle t_max, or lower the coupling (spectral norm above 1 makes rest points ambiguous).')
