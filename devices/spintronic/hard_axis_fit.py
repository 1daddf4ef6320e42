"""How well the one-state neuron follows the magnetisation vector: the relaxation time that fits a field-step protocol.

Both forms start from m_x = 0 and see the same staircase of fields H/H_k = ``LEVELS``, each held for ``HOLD`` times
alpha/(gamma_0 H_k). The time tau minimises the mean square of m_LLG - m_one over the staircase, sampled uniformly.
For the nominal card, where alpha/(gamma_0 H_k) = 0.452 ns (asserted in ``tests/devices/test_hard_axis_mtj.py``):

==================  =====================  ==============================  =================
mobility            staircase              largest error of m (rms)        fitted tau
==================  =====================  ==============================  =================
linear              LEVELS, swings to 0.9  0.22 (0.040)                    0.603 ns
1 - m^2             LEVELS, swings to 0.9  0.063 (0.010)                   0.462 ns
linear              0.5, -0.5, 0.5         0.052 (0.011)                   0.491 ns
1 - m^2             0.5, -0.5, 0.5         0.035 (0.008)                   0.455 ns
==================  =====================  ==============================  =================

What remains with mobility 1 - m^2 is the build-up of m_z in 1/(alpha gamma_0 M_s), 5 % of tau (0.010 at alpha = 0.5).
Beyond saturation (|H| > H_k) the linear form is a bad picture of how the moment leaves the hard axis: 0.68 after 1.5.
The rest points of all three agree exactly; only the way there differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from devices.spintronic import hard_axis_llg
from devices.spintronic.hard_axis_mtj import ONE_STATE
from devices.spintronic.hard_axis_parameters import MOBILITY, TAU
from devices.spintronic.llg import GAMMA_0
from neurosim.errors import DivergedError

LEVELS = (0.5, -0.3, 0.9, -0.9, 0.2, 0.7, 0.0)
HOLD = 8.0
SAMPLES = 160  # per level


@dataclass(frozen=True)
class TauFit:
    """A fitted relaxation time and the trajectory error that remains.

    ``tau`` [s]; ``largest_error`` and ``rms_error`` of m over the staircase; ``time`` [s], ``m_llg`` and ``m_one`` the
    sampled trajectories, shape (levels * samples + 1,).
    """

    tau: float
    largest_error: float
    rms_error: float
    mobility: float
    time: np.ndarray
    m_llg: np.ndarray
    m_one: np.ndarray


def fit_tau(params: Mapping[str, float], mobility: float = 0.0, levels: tuple[float, ...] = LEVELS) -> TauFit:
    """Return the tau with which the one-state form follows the LLG twin best, and how far off it stays.

    Parameters
    ----------
    params : mapping
        Parameter values of a card by name, SI units; ``tau`` and ``mobility`` of the card are not used.
    mobility : float
        0 (linear) to 1 (the overdamped limit of the vector form).
    levels : tuple of float
        The staircase H/H_k.

    Notes
    -----
    In the overdamped limit the fit with mobility 1 tends to alpha/(gamma_0 H_k). Thermal agitation is left out.
    """
    from scipy.optimize import minimize_scalar

    limit = params["alpha"] / (GAMMA_0 * params["h_k"])
    time, m_llg = _staircase_llg(params, levels, HOLD * limit)

    def distance(log_tau: float) -> float:
        return float(np.mean((_staircase_one(params, mobility, levels, HOLD * limit, np.exp(log_tau)) - m_llg) ** 2))

    found = minimize_scalar(distance, bounds=(np.log(limit / 5.0), np.log(limit * 20.0)), method="bounded",
                            options={"xatol": 1e-7})
    tau = float(np.exp(found.x))
    m_one = _staircase_one(params, mobility, levels, HOLD * limit, tau)
    return TauFit(tau, float(np.max(np.abs(m_one - m_llg))), float(np.sqrt(found.fun)), mobility, time, m_llg, m_one)


def _staircase_llg(params: Mapping[str, float], levels: tuple[float, ...],
                   hold: float) -> tuple[np.ndarray, np.ndarray]:
    from scipy.integrate import solve_ivp

    column = _column(params)
    state, out, drive = np.array([[0.0], [1.0], [0.0]]), np.empty((3, 1)), np.empty((1, 1))

    def right_side(_: float, m: np.ndarray) -> np.ndarray:
        hard_axis_llg.rate(np.ascontiguousarray(m).reshape(3, 1), drive, column, out, 0, 1)
        return out[:, 0].copy()

    grid = np.linspace(0.0, hold, SAMPLES + 1)
    times, values = [np.zeros(1)], [state[0].copy()]
    for k, level in enumerate(levels):
        drive[0, 0] = (level * params["h_k"] - params["h_off"]) / params["c"]
        run = solve_ivp(right_side, (0.0, hold), state[:, 0], method="LSODA", t_eval=grid, rtol=1e-9, atol=1e-11)
        if not run.success:
            raise DivergedError(f"hard_axis_mtj: LLG trajectory failed at level {level:g} of {levels}: {run.message}")
        times.append(k * hold + grid[1:])
        values.append(run.y[0, 1:])
        state[:, 0] = run.y[:, -1]
    return np.concatenate(times), np.concatenate(values)


def _staircase_one(params: Mapping[str, float], mobility: float, levels: tuple[float, ...], hold: float,
                   tau: float) -> np.ndarray:
    """Sample the one-state form: each column of a population is one sampling time within the level."""
    column = np.repeat(_column(params), SAMPLES, axis=1)
    column[TAU], column[MOBILITY] = tau, mobility
    duration = np.linspace(0.0, hold, SAMPLES + 1)[1:]
    m, values, noise = 0.0, [np.zeros(1)], np.empty((0, SAMPLES))
    for level in levels:
        state = np.full((1, SAMPLES), m)
        drive = np.full((1, SAMPLES), (level * params["h_k"] - params["h_off"]) / params["c"])
        ONE_STATE.require("advance")(state, drive, column, noise, duration, 0, SAMPLES)
        values.append(state[0].copy())
        m = float(state[0, -1])
    return np.concatenate(values)


def _column(params: Mapping[str, float]) -> np.ndarray:
    return np.array([[params[spec.name]] for spec in ONE_STATE.params], dtype=float)
