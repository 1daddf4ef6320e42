"""The certificate of a neuron: whether its coupled motion is the gradient flow it declares, and learning follows from it.

For a model with ``potential`` five claims are judged on random symmetric networks (:mod:`neurosim.certify.networks`): the
potential is the co-content of the static response, L never rises, the rest point is that of the static response, equilibrium
propagation finds the gradient of the cost, and its error falls with the square of beta. A model without ``potential``
declares no gradient flow: its rest point and gradient are measured, and nothing is certified. Of a neuron without graded
response only the energy is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from neurosim.card import Device
from neurosim.certify.binary import build_binary
from neurosim.certify.circuits import Circuits, Motion
from neurosim.certify.gradient import NUDGES, differences, propagated, relative_error
from neurosim.certify.networks import Setup, Trial, build_trial
from neurosim.certify.sweep import BETA, Point, asymmetry_sweep, check_sweep, energies, largest_rise, parameter_sweep

BETAS = (0.1, 0.05, 0.02, 0.01, 0.005)
RISE, HOLDING, REST, GRADIENT = 1e-9, 1e-6, 1e-8, 1e-4  # limits
ORDER = 0.2   # how far the order in beta may be from 2
FLOOR = 1e-7  # errors below it are those of finite differences, and show no order


@dataclass(frozen=True)
class Verdict:
    """One judged claim; ``ok`` is None for what is told but not judged."""

    claim: str
    ok: bool | None
    text: str


@dataclass(frozen=True)
class Certificate:
    """Everything that was measured.

    Attributes
    ----------
    verdicts : tuple of Verdict
    times, energy : ndarray, shapes (n_steps,), (n_steps, B STARTS)
        L [W] on the way to rest; empty without a potential.
    errors : mapping
        Relative error of the gradient at each of ``betas``, by kind of estimate.
    sweeps : mapping
        Points by the name of the non-conservative part, "asymmetry" first.
    """

    name: str
    model: str
    setup: Setup
    verdicts: tuple[Verdict, ...]
    times: np.ndarray = field(default_factory=lambda: np.empty(0))
    energy: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    betas: tuple[float, ...] = BETAS
    errors: Mapping[str, list[float]] = field(default_factory=dict)
    sweeps: Mapping[str, list[Point]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether no judged claim failed."""
        return all(verdict.ok is not False for verdict in self.verdicts)

    @property
    def status(self) -> str:
        """``certified``, ``energy_certified`` (no gradient to judge), ``not_certified`` (no potential) or ``failed``."""
        if not self.ok:
            return "failed"
        claims = {verdict.claim for verdict in self.verdicts if verdict.ok}
        if "gradient" in claims:
            return "certified"
        return "energy_certified" if claims else "not_certified"

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as plain values; what could not be measured is None."""
        sweeps = {name: [{key: _plain(value) for key, value in asdict(point).items()} for point in points]
                  for name, points in self.sweeps.items()}
        return {"name": self.name, "model": self.model, "status": self.status, "setup": asdict(self.setup),
                "verdicts": [asdict(verdict) for verdict in self.verdicts], "betas": list(self.betas),
                "gradient_errors": {kind: [_plain(x) for x in errors] for kind, errors in self.errors.items()},
                "sweeps": sweeps}


def certify(device: Device, setup: Setup | None = None, *, sweeps: bool = True, extra: Sequence[str] = ()) -> Certificate:
    """Return the certificate of a neuron.

    Parameters
    ----------
    device : Device
        Card of a model with ``output`` and ``activation``.
    setup : Setup, optional
        Networks to integrate.
    sweeps : bool
        Also measure how the gradient degrades with the non-conservative parts.
    extra : sequence of str
        Parameters to sweep besides those that the model names in ``breaks_energy``.

    Raises
    ------
    ParameterError
        The model is no neuron, its static response has no finite range, or a parameter cannot be swept from 0.
    """
    setup, model = setup or Setup(), device.model
    names = tuple(dict.fromkeys([*model.breaks_energy, *extra]))
    for name in names:
        check_sweep(model, name)
    declared = model.potential is not None
    opening = [] if declared else [Verdict("gradient flow", None, f"none declared: {model.name} has no potential; its rest "
                                           "point and gradient are measured, not certified")]
    trial = build_trial(device, setup)
    if trial is None:
        told = Verdict("response", None, "not graded (its slope is zero somewhere in its range), as of a binary neuron: "
                       "several rest points, no gradient to propagate")
        times, energy = energies(*build_binary(device, setup)) if declared else (np.empty(0), np.empty((0, 0)))
        fall = [_of_fall(energy)] if declared else []
        return Certificate(device.name, model.name, setup, (*opening, told, *fall), times, energy)
    motion = trial.circuits.settle(trial.start)
    times, energy = energies(trial.circuits, trial.starts) if declared else (np.empty(0), np.empty((0, 0)))
    verdicts = [*opening, *(_of_energy(trial, energy) if declared else ()), _of_rest(trial.circuits, motion, trial.swing)]
    errors: dict[str, list[float]] = {}
    if motion.rested:
        errors = gradient_errors(trial, motion, setup.asymmetry)
        verdicts += _of_gradient(errors, declared)
    points = {}
    if sweeps:
        points["asymmetry"] = asymmetry_sweep(trial, setup.asymmetry)
        points |= {name: parameter_sweep(trial, name, setup.asymmetry) for name in names}
    return Certificate(device.name, model.name, setup, tuple(verdicts), times, energy, BETAS, errors, points)


def gradient_errors(trial: Trial, free: Motion, asymmetry: float) -> dict[str, list[float]]:
    """Return the relative error of the propagated gradient at each beta, by kind; NaN where a nudged network does not rest."""
    exact = differences(trial, free, asymmetry)
    kinds = {**{nudge: (nudge, True) for nudge in NUDGES}, "one_sided": ("constant_current", False)}
    found: dict[str, list[float]] = {}
    for kind, (nudge, centered) in kinds.items():
        estimates = [propagated(trial, free, beta, nudge, centered=centered) for beta in BETAS]
        found[kind] = [relative_error(estimate.values, exact.values) if estimate.rested and exact.rested else np.nan
                       for estimate in estimates]
    return found


def order(errors: list[float]) -> float:
    """Return the slope of log error against log beta over the smaller half of the betas; NaN below :data:`FLOOR`."""
    half = np.array(errors[-3:])
    if not np.all(half > FLOOR):
        return float("nan")
    return float(np.polyfit(np.log(BETAS[-3:]), np.log(half), 1)[0])


def holding_error(trial: Trial) -> float:
    """Return how far dU/dV is from the current that holds V, over the current of a full swing, of the worst neuron."""
    circuits = trial.circuits
    voltage, _ = circuits.response(trial.held)
    step, slope = 1e-3 * trial.swing, np.zeros(circuits.bias.shape)
    for shift, weight in ((1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)):
        own = np.empty(circuits.columns)
        moved = np.ascontiguousarray((voltage + shift * step).reshape(1, -1))
        circuits.model.require("potential")(moved, circuits.params, own, 0, circuits.columns)
        slope += weight * own.reshape(slope.shape) / (12.0 * step)
    return float(np.max(np.abs(slope - trial.held) * trial.slope / trial.swing))


def _of_energy(trial: Trial, energy: np.ndarray) -> list[Verdict]:
    holding = holding_error(trial)
    return [
        Verdict("potential", holding <= HOLDING, f"dU/dV differs from the current that holds V by {holding:.1g} of the current "
                f"of a full swing (limit {HOLDING:g})"),
        _of_fall(energy),
    ]


def _of_fall(energy: np.ndarray) -> Verdict:
    rise = largest_rise(energy)
    return Verdict("energy", bool(rise <= RISE), f"L {'never rises' if rise <= RISE else 'rises'}: largest rise {rise:.1g} of "
                   f"its change in {energy.shape[1]} motions (limit {RISE:g})")


def _of_rest(circuits: Circuits, motion: Motion, swing: np.ndarray) -> Verdict:
    if not motion.rested:
        return Verdict("rest", False if circuits.model.potential else None,
                       f"no rest within {motion.times[-1]:.3g} s: the networks still move")
    voltage = circuits.voltage(motion.end)
    static, _ = circuits.response(circuits.current(voltage))
    residual = float(np.max(np.abs(voltage - static) / swing))
    return Verdict("rest", residual <= REST if circuits.model.potential else None,
                   f"rest point is that of the static response to {residual:.1g} of the swing (limit {REST:g})")


def _of_gradient(errors: Mapping[str, list[float]], declared: bool) -> list[Verdict]:
    at = errors["constant_current"][BETAS.index(BETA)]
    spring, one = order(errors["spring"]), order(errors["one_sided"])
    exact = max(errors["spring"]) <= FLOOR  # no order to see; False for NaN
    return [
        Verdict("gradient", bool(at <= GRADIENT) if declared else None, f"differs from finite differences of the cost by "
                f"{at:.1g} at beta = {BETA:g}, two-sided constant current (limit {GRADIENT:g})"),
        Verdict("order", bool(exact or abs(spring - 2.0) <= ORDER) if declared else None,
                f"error falls as beta^{spring:.2f} (two-sided spring, 2 expected), as beta^{one:.2f} (one-sided, 1 expected)"),
    ]


def _plain(value: float | bool) -> float | bool | None:
    return value if isinstance(value, bool) or np.isfinite(value) else None
