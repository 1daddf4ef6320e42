"""The certificate of a neuron: whether its coupled motion is the gradient flow it declares, and learning follows from it.

For a model with ``potential`` five claims are judged on random symmetric networks (:mod:`neurosim.certify.networks`): the
potential is the co-content of the static response, L never rises, the rest point is that of the static response, equilibrium
propagation finds the gradient of the cost, and its error falls with the square of beta. A model without ``potential``,
or with a parameter that breaks it, declares no gradient flow: the same is measured, and nothing is certified. Of a neuron
without graded response only the energy is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from neurosim.card import Device
from neurosim.certify.binary import build_binary
from neurosim.certify.circuits import Motion
from neurosim.certify.gradient import NUDGES, differences, propagated, relative_error
from neurosim.certify.networks import Setup, Trial, build_trial
from neurosim.certify.sweep import Point, asymmetry_sweep, check_sweep, energies, parameter_sweep
from neurosim.certify.verdicts import BETAS, Verdict, of_energy, of_fall, of_gradient, of_rest
from neurosim.errors import ParameterError


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
    has_energy, why_not = model.potential is not None, undeclared(device)
    opening = [Verdict("gradient flow", None, f"none declared: {why_not}; what follows is not judged")] if why_not else []
    if model.noises:
        opening.append(Verdict("noise", None, f"left out ({', '.join(model.noises)}): what follows is of the law without it"))
    trial = build_trial(device, setup)
    if trial is None:
        told = Verdict("response", None, "not graded (its slope is zero somewhere in its range), as of a binary neuron: "
                       "several rest points, no gradient to propagate")
        times, energy = energies(*build_binary(device, setup)) if has_energy else (np.empty(0), np.empty((0, 0)))
        fall = [of_fall(energy)] if has_energy else []
        return Certificate(device.name, model.name, setup, (*opening, told, *_told(fall, why_not)), times, energy)
    motion = trial.circuits.settle(trial.start)
    times, energy = energies(trial.circuits, trial.starts) if has_energy else (np.empty(0), np.empty((0, 0)))
    verdicts = [*(of_energy(trial, energy) if has_energy else ()), of_rest(trial.circuits, motion, trial.swing)]
    errors: dict[str, list[float]] = {}
    if motion.rested:
        errors = gradient_errors(trial, motion, setup.asymmetry)
        verdicts += of_gradient(errors)
    points = {}
    if sweeps:
        points["asymmetry"] = asymmetry_sweep(trial, setup.asymmetry)
        for name in names:
            try:
                points[name] = parameter_sweep(trial, name, setup.asymmetry)
            except ParameterError as error:  # the conservative device is no neuron: this parameter is what drives it
                opening.append(Verdict("sweep", None, f"{name} is not swept: at 0, {error}"))
    judged = (*opening, *_told(verdicts, why_not))
    return Certificate(device.name, model.name, setup, judged, times, energy, BETAS, errors, points)


def undeclared(device: Device) -> str:
    """Return why a device declares no gradient flow, empty where it does."""
    if device.model.potential is None:
        return f"{device.model.name} has no potential"
    broken = [f"{name} = {device.value(name):g}" for name in device.model.breaks_energy if device.value(name) != 0.0]
    return f"{', '.join(broken)} breaks the energy, as the model says" if broken else ""


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


def _told(verdicts: list[Verdict], why_not: str) -> list[Verdict]:
    """Return verdicts that are told, not judged, where there is a reason not to."""
    return [replace(verdict, ok=None) for verdict in verdicts] if why_not else verdicts


def _plain(value: float | bool) -> float | bool | None:
    return value if isinstance(value, bool) or np.isfinite(value) else None
