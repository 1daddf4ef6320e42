"""The recorded result of a simulation: named (time, device) arrays, statistics, and a status that cannot be overlooked."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from neurosim.errors import DivergedError, NeurosimError, NotSettledError, ParameterError, did_you_mean
from neurosim.frozen import frozen


class Status(enum.Enum):
    """How an integration ended; the value is one sentence and a remedy."""

    OK = "Finished: every value is finite."
    NOT_SETTLED = ("The state was still moving at the end of the time allowed. "
                   "Raise t_max, loosen the tolerance, or use the equilibrium solver.")
    DIVERGED = ("A state or its rate became NaN or infinite. "
                "Check the parameters and the drive against the valid range of the model; halve the step of a fixed scheme.")
    STEP_UNDERFLOW = ("The time step fell below the resolution of time, as near a singularity or a jump in the model. "
                      "Loosen rtol, use scheme=\"rodas4\", or look at the state named here.")
    TOO_MANY_STEPS = ("The limit on steps was reached before the end, as for a stiff device under an explicit scheme. "
                      "Use scheme=\"rodas4\", loosen rtol, or raise max_steps.")

    @property
    def sentence(self) -> str:
        """What happened and what to do."""
        return str(self.value)


_ERRORS: Mapping[Status, type[NeurosimError]] = MappingProxyType({
    Status.NOT_SETTLED: NotSettledError, Status.DIVERGED: DivergedError,
    Status.STEP_UNDERFLOW: DivergedError, Status.TOO_MANY_STEPS: NotSettledError})


@dataclass(frozen=True, eq=False)
class Trace:
    """What was recorded; every array is read-only.

    Attributes
    ----------
    time : ndarray, shape (n_time,)
        Record times [s]. A failed run has the times before the failure only.
    drive, states : mapping of str to ndarray, shape (n_time, n)
        Applied signals and device states by name, in the units of the model.
    current : ndarray, shape (n_time, n), or None
        Current [A] through two-terminal devices, None where the model has none.
    energy : ndarray, shape (n_time, n), or None
        Energy [J] delivered since the start, the integral of v i dt.
    status : Status
    message : str
        ``""``, or where and when the run failed.
    stats : mapping
        Scheme, accepted and rejected steps, quadrature error of the energy, clipped values.
    """

    time: np.ndarray
    drive: Mapping[str, np.ndarray]
    states: Mapping[str, np.ndarray]
    current: np.ndarray | None = None
    energy: np.ndarray | None = None
    status: Status = Status.OK
    message: str = ""
    stats: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("time", "current", "energy"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else frozen(value))
        for name in ("drive", "states"):
            arrays = {key: frozen(value) for key, value in getattr(self, name).items()}
            object.__setattr__(self, name, MappingProxyType(arrays))
        object.__setattr__(self, "stats", MappingProxyType(dict(self.stats)))

    @property
    def ok(self) -> bool:
        """Whether the run finished."""
        return self.status is Status.OK

    @property
    def final_state(self) -> np.ndarray:
        """Copy of the last recorded states, shape (n_state, n), as a population holds them."""
        return np.array([values[-1] for values in self.states.values()])

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a state, a drive, ``"current"`` or ``"energy"`` by name, shape (n_time, n)."""
        found = self._recorded()
        if name not in found:
            raise ParameterError(f'trace: nothing called "{name}" was recorded.' + did_you_mean(str(name), found))
        return found[name]

    def __contains__(self, name: object) -> bool:
        return name in self._recorded()

    def __iter__(self) -> Iterator[str]:
        return iter(self._recorded())

    def __repr__(self) -> str:
        span = f"{self.time[0]:.4g} to {self.time[-1]:.4g} s" if self.time.size else "nothing recorded"
        count = next((values.shape[1] for values in (*self.states.values(), *self.drive.values())), 0)
        return f"Trace({self.status.name}, {self.time.size} times, {span}, {count} devices: {', '.join(self)})"

    def _recorded(self) -> dict[str, np.ndarray]:
        found: dict[str, np.ndarray] = {**self.drive, **self.states}
        if self.current is not None:
            found["current"] = self.current
        if self.energy is not None:
            found["energy"] = self.energy
        return found

    def raise_for_status(self) -> Trace:
        """Return the trace itself if the run finished.

        Raises
        ------
        DivergedError, NotSettledError
            What failed, where, when, and the remedy.
        """
        if not self.ok:
            raise _ERRORS[self.status](f"{self.message} {self.status.sentence}".strip())
        return self
