"""Many equal macrospins at temperature: how fast they go from one well to equilibrium, by simulated dynamics.

All members start in one well with its Boltzmann law; the mean of the sign of m along the axis then decays to its equilibrium
with the slowest rate. The rate is that between two times; equilibrium is sampled at the end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from devices.spintronic.fokker_planck import occupation, slowest_rate
from devices.spintronic.macrospin import heun_steps
from devices.spintronic.macrospin_parameters import PARAMS
from devices.spintronic.macrospin_scales import Values
from devices.spintronic.macrospin_steps import largest_step
from neurosim.kernels.rng import stream_key

MEMBERS, MOST_STEPS = 1024, 120_000
FIRST, SECOND, LAST = 0.3, 1.3, 3.5  # times in units of the slowest rate's inverse
SAMPLES = 8  # of equilibrium, a quarter of that time apart


class Relaxation(NamedTuple):
    """Reduced drive, rate [1/s] and mean sign of m in equilibrium, with standard errors."""

    h: float
    rate: float
    rate_error: float
    mean: float
    mean_error: float


def relax(params: Values, axis: np.ndarray, sigma: float, h_k: float, tau_n: float, drives: Sequence[float],
          seed: int) -> list[Relaxation]:
    """Return the simulated relaxation at each reduced drive; nothing where it would take more than ``MOST_STEPS`` steps.

    Parameters
    ----------
    params : mapping of str to float
        Every parameter of the macrospin [SI].
    axis : ndarray, shape (3,)
        Easy axis.
    sigma, h_k, tau_n : float
        Barrier over kT, anisotropy field [A/m], free-diffusion time [s].
    drives : sequence of float
        Fields along the axis over h_k.
    seed : int
    """
    columns = np.repeat(np.array([[params[spec.name]] for spec in PARAMS], dtype=float), MEMBERS, axis=1)
    dt = 0.5 * largest_step("heun_stratonovich", columns[:, :1], np.array([max(map(abs, drives)) * h_k, 0, 0, 0, 0]))
    if (LAST + 0.25 * SAMPLES) * tau_n / slowest_rate(sigma) > MOST_STEPS * dt:
        return []
    return [_relax_at(columns, axis, sigma, h_k, tau_n, float(h), dt, seed + number) for number, h in enumerate(drives)]


def _relax_at(columns: np.ndarray, axis: np.ndarray, sigma: float, h_k: float, tau_n: float, h: float, dt: float,
              seed: int) -> Relaxation:
    rng, slow, goal = np.random.default_rng(seed), slowest_rate(sigma, h) / tau_n, 2.0 * occupation(sigma, h) - 1.0
    well = -1.0 if h > 0.0 else 1.0
    state = np.ascontiguousarray(_in_well(rng, sigma, h, well, axis))
    drive = np.zeros((5, MEMBERS))
    drive[:3] = h * h_k * axis[:, None]
    key, done, signs = np.uint64(stream_key(seed, "relaxation", 0, "thermal")), 0, []
    times = [FIRST, SECOND, *(LAST + 0.25 * np.arange(SAMPLES))]
    for time in times:
        steps = max(1, round(time / slow / dt)) - done
        heun_steps(state, drive, columns, key, done, dt, steps, 0, MEMBERS)
        done += steps
        signs.append(np.where(axis @ state > -h, 1.0, -1.0))
    first, second = (float(sign.mean()) - goal for sign in signs[:2])
    errors = [float(sign.std(ddof=1)) / math.sqrt(MEMBERS) / abs(left) if left else math.inf
              for sign, left in zip(signs[:2], (first, second), strict=True)]
    span = (round(SECOND / slow / dt) - round(FIRST / slow / dt)) * dt
    rate = math.log(first / second) / span if first * second > 0.0 else math.nan
    members = np.mean(signs[2:], axis=0)
    return Relaxation(h, rate, math.hypot(*errors) / span, float(members.mean()),
                      float(members.std(ddof=1)) / math.sqrt(MEMBERS))


def _in_well(rng: np.random.Generator, sigma: float, h: float, well: float, axis: np.ndarray) -> np.ndarray:
    """Return unit vectors drawn from the Boltzmann law of one well, shape (3, MEMBERS)."""
    x = np.linspace(-h, well, 20001)
    density = np.exp(sigma * ((x + h) ** 2 - (well + h) ** 2))
    cumulative = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    along = np.interp(rng.random(MEMBERS), cumulative / cumulative[-1], x)
    first = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    first /= np.linalg.norm(first)
    second, turn, across = np.cross(axis, first), rng.uniform(0.0, 2.0 * math.pi, MEMBERS), np.sqrt(1.0 - along**2)
    return (along * axis[:, None] + across * np.cos(turn) * first[:, None] + across * np.sin(turn) * second[:, None])
