"""Equilibrium propagation by re-settling, against finite differences of the cost of the free rest point.

The cost is C = sum over outputs (V - goal)^2 / 2 [V^2]. Its gradient with respect to the conductance g_ij of each pair and
to each fixed current b_i, in natural units (g_ij in (s_i s_j)^(-1/2), b_i in swing / s_i, s the steepest slope dV/dI):

- ``differences``: four settled probes per parameter, central differences of fourth order;
- ``propagated``: nudged rests at +beta and -beta,  dC/dg_ij = -(V_i V_j|+ - V_i V_j|-) / (2 beta g_0),
  dC/db_i = -(V_i|+ - V_i|-) / (2 beta g_0), or one rest at +beta against the free one.

A nudge is a constant current ``beta g_0 (goal - V_free)`` or a spring ``beta g_0 (goal - V)``, as in training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.certify.circuits import Circuits, Motion
from neurosim.certify.networks import Trial, direction_gains

PROBE = 2e-3  # of the natural unit of a parameter
STENCIL = ((1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0))  # steps and weights / 12 of the derivative
NUDGES = ("constant_current", "spring")


@dataclass(frozen=True)
class Rests:
    """Voltages (B, m, n) of m settled variants of each network, and whether they all came to rest."""

    voltage: np.ndarray
    rested: bool


@dataclass(frozen=True)
class Gradient:
    """A gradient in natural units [V^2], shape (B, n_pairs + n), and whether every rest it needs was reached."""

    values: np.ndarray
    rested: bool


def settled(circuits: Circuits, free: Motion, variants: int, **parts: np.ndarray) -> Rests:
    """Settle ``variants`` of each network from its free rest; ``parts`` have a leading shape (B variants, ...)."""
    many = circuits.times(variants).changed(**parts)
    shape = circuits.bias.shape
    start = np.repeat(free.end.reshape(-1, *shape), variants, axis=1).reshape(len(free.end), -1)
    motion = many.settle(start, free.times[-1] / 2)
    return Rests(many.voltage(motion.end).reshape(shape[0], variants, shape[1]), motion.rested)


def natural_units(trial: Trial) -> np.ndarray:
    """Return the unit of each parameter, shape (B, n_pairs + n): pairs [S] in the order of triu_indices, then currents [A]."""
    first, second = np.triu_indices(trial.slope.shape[1], 1)
    pairs = 1.0 / np.sqrt(trial.slope[:, first] * trial.slope[:, second])
    return np.concatenate([pairs, trial.swing / trial.slope], axis=1)


def differences(trial: Trial, free: Motion, asymmetry: float) -> Gradient:
    """Return dC/d(parameter) by finite differences around the free rest."""
    circuits, units = trial.circuits, natural_units(trial)
    networks, n = circuits.bias.shape
    first, second = np.triu_indices(n, 1)
    gains, n_pairs, n_params = direction_gains(n, asymmetry), first.size, units.shape[1]
    weights = np.repeat(circuits.weights[:, None], n_params * 4, axis=1).reshape(networks, n_params, 4, n, n)
    bias = np.repeat(circuits.bias[:, None], n_params * 4, axis=1).reshape(networks, n_params, 4, n)
    for k, (step, _) in enumerate(STENCIL):
        moved = step * PROBE * units
        for q in range(n_pairs):
            i, j = first[q], second[q]
            weights[:, q, k, i, j] += gains[i, j] * moved[:, q]
            weights[:, q, k, j, i] += gains[j, i] * moved[:, q]
        for i in range(n):
            bias[:, n_pairs + i, k, i] += moved[:, n_pairs + i]
    rests = settled(circuits, free, n_params * 4, weights=weights.reshape(-1, n, n), bias=bias.reshape(-1, n))
    miss = (rests.voltage - trial.goal[:, None]) * trial.outputs
    cost = 0.5 * np.sum(miss**2, axis=2).reshape(networks, n_params, 4)
    return Gradient(cost @ np.array([weight for _, weight in STENCIL]) / (12.0 * PROBE), rests.rested)


def propagated(trial: Trial, free: Motion, beta: float, nudge: str = "constant_current", *,
               centered: bool = True) -> Gradient:
    """Return the gradient that equilibrium propagation finds at ``beta`` (in units of g_0) around the free rest."""
    circuits = trial.circuits
    voltage = circuits.voltage(free.end)
    pull = trial.g0 * trial.outputs * beta
    signs = np.array([1.0, -1.0 if centered else 0.0])[None, :, None]
    strength = (signs * pull[:, None]).reshape(-1, voltage.shape[1])
    goal = np.repeat(trial.goal, 2, axis=0)
    if nudge == "spring":
        parts = {"spring": strength, "target": goal}
    else:
        parts = {"bias": np.repeat(circuits.bias, 2, axis=0) + strength * (goal - np.repeat(voltage, 2, axis=0))}
    rests = settled(circuits, free, 2, **parts)
    first, second = np.triu_indices(voltage.shape[1], 1)
    products = np.concatenate([rests.voltage[..., first] * rests.voltage[..., second], rests.voltage], axis=2)
    width = beta * (2.0 if centered else 1.0) * trial.g0
    return Gradient(-(products[:, 0] - products[:, 1]) / width * natural_units(trial), rests.rested)


def relative_error(estimate: np.ndarray, exact: np.ndarray) -> float:
    """Return the largest error over the largest exact entry, of the worst network."""
    return float(np.max(np.abs(estimate - exact).max(axis=1) / np.abs(exact).max(axis=1)))


def cosine(estimate: np.ndarray, exact: np.ndarray) -> float:
    """Return the cosine of the angle between two gradients, of the worst network."""
    norms = np.linalg.norm(estimate, axis=1) * np.linalg.norm(exact, axis=1)
    return float(np.min(np.sum(estimate * exact, axis=1) / norms))
