"""The claims that a certificate judges, their limits, and the sentence that tells what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from neurosim.certify.circuits import Circuits, Motion
from neurosim.certify.networks import Trial
from neurosim.certify.sweep import BETA, largest_rise

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


def order(errors: list[float]) -> float:
    """Return the slope of log error against log beta over the smallest three betas above :data:`FLOOR`; NaN for one or none."""
    seen = [(beta, error) for beta, error in zip(BETAS, errors, strict=True) if not error <= FLOOR][-3:]
    if len(seen) < 2:
        return float("nan")
    x, y = np.log(np.array(seen).T)
    return float(np.polyfit(x, y, 1)[0])


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


def of_energy(trial: Trial, energy: np.ndarray) -> list[Verdict]:
    """Judge the potential against the static response, and the fall of L."""
    holding = holding_error(trial)
    return [
        Verdict("potential", holding <= HOLDING, f"dU/dV differs from the current that holds V by {holding:.1g} of the current "
                f"of a full swing (limit {HOLDING:g})"),
        of_fall(energy),
    ]


def of_fall(energy: np.ndarray) -> Verdict:
    """Judge whether L, shape (n_steps, n_motions) [W], never rises."""
    rise = largest_rise(energy)
    return Verdict("energy", bool(rise <= RISE), f"L {'never rises' if rise <= RISE else 'rises'}: largest rise {rise:.1g} of "
                   f"its change in {energy.shape[1]} motions (limit {RISE:g})")


def of_rest(circuits: Circuits, motion: Motion, swing: np.ndarray) -> Verdict:
    """Judge the rest point against the static response."""
    if not motion.rested:
        return Verdict("rest", False, f"no rest within {motion.times[-1]:.3g} s: the networks still move")
    voltage = circuits.voltage(motion.end)
    static, _ = circuits.response(circuits.current(voltage))
    residual = float(np.max(np.abs(voltage - static) / swing))
    return Verdict("rest", residual <= REST,
                   f"rest point is that of the static response to {residual:.1g} of the swing (limit {REST:g})")


def of_gradient(errors: Mapping[str, list[float]]) -> list[Verdict]:
    """Judge the errors of the propagated gradient, by kind, one for each of :data:`BETAS`."""
    at = errors["constant_current"][BETAS.index(BETA)]
    spring, one = order(errors["spring"]), order(errors["one_sided"])
    exact = np.sum(~(np.array(errors["spring"]) <= FLOOR)) < 2  # no order to see; NaN counts as an error above it
    return [
        Verdict("gradient", bool(at <= GRADIENT), f"differs from finite differences of the cost by "
                f"{at:.1g} at beta = {BETA:g}, two-sided constant current (limit {GRADIENT:g})"),
        Verdict("order", bool(exact or abs(spring - 2.0) <= ORDER),
                f"error {_falls(spring)} (two-sided spring, 2 expected), {_falls(one)} (one-sided, 1 expected)"),
    ]


def _falls(power: float) -> str:
    return f"falls as beta^{power:.2f}" if np.isfinite(power) else f"shows no order above {FLOOR:g}"
