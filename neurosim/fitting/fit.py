"""Fit a device model to a measurement: least squares with confidence intervals, and what the data do not say.

The model is run on the measured voltages by its own ``advance`` kernel: a current-voltage record in ``SUBSTEPS`` steps per
sample at the interpolated voltage, a pulse record pulse by pulse. Positive (or negative) parameters are fitted as logarithms,
others linearly, within the ranges of the model; the start state is fitted too. One run holds all trial columns, so a
Jacobian by central differences costs one pass.

Residuals of pulses are log(G / G_data). Residuals of currents are relative where the current is large and absolute near zero:
(i - i_data) / sqrt((RELATIVE i_data)^2 + (FLOOR max|i_data|)^2). With residuals r, Jacobian J and m - n degrees of freedom the
covariance is s^2 (J^T J)^-1, s^2 = r^T r / (m - n); intervals are 95 % by Student's t. A parameter is *not identified* when
its interval spans more than a factor ``WIDE``, when it sits on a bound, or when it takes part in a direction that the data
leave free (singular value below ``SINGULAR`` of the largest).

Reference: G. A. F. Seber, C. J. Wild, Nonlinear Regression, Wiley 1989, chapter 5, doi:10.1002/0471725315.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.conductance import state_for_conductance
from neurosim.errors import DivergedError, ParameterError, did_you_mean
from neurosim.fitting.measurement import Measurement
from neurosim.frozen import frozen
from neurosim.population import Population, nominal_params

SUBSTEPS = 4
RELATIVE, FLOOR = 0.02, 0.002
WIDE, SINGULAR = 10.0, 1e-6
STEP = 1e-4  # of a logarithm, or of the range
RATE_FACTORS = 10.0 ** np.arange(-8.0, 8.1, 1.0)  # tried for the start of each rate
THRESHOLD_FACTORS = (0.4, 0.6, 0.8, 1.0, 1.3)
STARTS = 4
MOST_EVALUATIONS = 200
GOOD = {"iv": 2.5, "pulses": 0.05}  # root mean square residual at which no further start is tried: 5 %
HUGE = 1e6  # a residual in place of a trial that diverged


@dataclass(frozen=True)
class FittedValue:
    """One fitted number in SI units with its 95 % interval; ``why`` says what is wrong where it is not identified."""

    name: str
    unit: str
    value: float
    low: float
    high: float
    identified: bool
    why: str = ""


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted device, its values, and how well it describes the data.

    Attributes
    ----------
    device : Device
        The start card with the fitted parameters and start state.
    values : tuple of FittedValue
    model, data : ndarray, shape (m,)
        Fitted and measured current [A] or conductance [S].
    deviation : float
        Root mean square of the residuals (relative errors, see the module).
    strong : tuple of (name, name, correlation)
        Pairs that the data hardly tell apart, |correlation| > 0.98.
    """

    device: Device
    measurement: Measurement
    values: tuple[FittedValue, ...]
    model: np.ndarray
    data: np.ndarray
    deviation: float
    strong: tuple[tuple[str, str, float], ...]


class _Problem:
    """Free parameters as one vector of scaled numbers, and the residuals of many trial vectors at once."""

    def __init__(self, device: Device, measurement: Measurement, free: Sequence[str]):
        self.device, self.measurement = device, measurement
        model = device.model
        self.specs = [model.params[model.param_index[name]] for name in free]
        self.rows = [model.param_index[name] for name in free]
        self.start_value = np.array([device.value(name) for name in free])
        # A range on one side of zero is searched in the logarithm of the magnitude.
        self.logarithmic = np.array([spec.low * spec.high >= 0.0 and value != 0.0
                                     for spec, value in zip(self.specs, self.start_value, strict=True)])
        self.sign = np.where(self.start_value < 0.0, -1.0, 1.0)
        self.names = [*free, model.states[0].name]
        self.data = measurement["current" if measurement.kind == "iv" else "conductance"]
        low, high = [], []
        for spec, log, sign in zip(self.specs, self.logarithmic, self.sign, strict=True):
            ends = sorted((sign * spec.low, sign * spec.high)) if log else (spec.low, spec.high)
            low.append(np.log(max(ends[0], 1e-300)) if log else ends[0])
            high.append(np.log(max(ends[1], 1e-300)) if log else ends[1])
        self.low = np.array([*low, model.states[0].low])
        self.high = np.array([*high, model.states[0].high])

    def pack(self, values: np.ndarray, x: float) -> np.ndarray:
        """Return the scaled vector of parameter values and a start state, inside the bounds."""
        scaled = np.where(self.logarithmic, np.log(np.maximum(np.abs(values), 1e-300)), values)
        z = np.append(scaled, x)
        span = np.where(np.isfinite(self.high - self.low), self.high - self.low, 1.0)
        return np.clip(z, self.low + 1e-9 * span, self.high - 1e-9 * span)

    def unpack(self, z: np.ndarray) -> np.ndarray:
        """Return parameter values of scaled columns, shape (n_free, n)."""
        scaled = z[:-1]
        log = self.logarithmic[:, None]
        return np.where(log, self.sign[:, None] * np.exp(np.where(log, scaled, 0.0)), scaled)

    def simulate(self, z: np.ndarray) -> np.ndarray:
        """Return currents [A] or conductances [S] of trial columns ``z`` (n_free + 1, n), shape (m, n)."""
        params = nominal_params(self.device, z.shape[1])
        params[self.rows] = self.unpack(z)
        model = self.device.model.select(params) if self.device.model.select else self.device.model
        state = np.repeat(np.array(self.device.state).reshape(-1, 1), z.shape[1], axis=1)
        state[0] = z[-1]
        cells = Cells(self.device, population=Population(model, params, state, np.zeros(z.shape[1], dtype=np.int8)))
        measured = self.measurement
        out = np.empty((measured.size, z.shape[1]))
        voltage = measured["voltage"]
        if measured.kind == "pulses":
            read = float(np.fmin(0.1, self.device.v_read_max))
            for k, width in enumerate(measured["width"]):
                if width > 0.0:
                    cells.advance(voltage[k], width)
                out[k] = cells.conductance(read)
            return out
        time = measured["time"]
        shares = (np.arange(SUBSTEPS) + 0.5) / SUBSTEPS
        for k in range(measured.size):
            if k > 0:
                step = (time[k] - time[k - 1]) / SUBSTEPS
                for share in shares:
                    cells.advance(voltage[k - 1] + share * (voltage[k] - voltage[k - 1]), step)
            out[k] = cells.current(voltage[k])
        return out

    def residuals(self, z: np.ndarray) -> np.ndarray:
        """Return residuals of trial columns, shape (m, n); a trial that diverges has huge ones."""
        try:
            found = self.simulate(z)
        except DivergedError:
            if z.shape[1] == 1:
                return np.full((self.measurement.size, 1), HUGE)
            return np.concatenate([self.residuals(z[:, k:k + 1]) for k in range(z.shape[1])], axis=1)
        data = self.data[:, None]
        if self.measurement.kind == "pulses":
            return np.clip(np.log(np.maximum(found, 1e-300) / data), -HUGE, HUGE)
        scale = np.sqrt((RELATIVE * data) ** 2 + (FLOOR * np.abs(data).max()) ** 2)
        return np.asarray(np.clip((found - data) / scale, -HUGE, HUGE))

    def jacobian(self, z: np.ndarray) -> np.ndarray:
        """Return d residual / d z by central differences, shape (m, n_free + 1)."""
        step = np.append(np.where(self.logarithmic, STEP, STEP * np.maximum(np.abs(self.start_value), 1e-12)),
                         STEP * (self.high[-1] - self.low[-1]))
        up, down = np.minimum(z + step, self.high), np.maximum(z - step, self.low)
        trials = np.repeat(z[:, None], 2 * z.size, axis=1)
        trials[np.arange(z.size), np.arange(z.size)] = up
        trials[np.arange(z.size), z.size + np.arange(z.size)] = down
        r = self.residuals(trials)
        return np.asarray((r[:, :z.size] - r[:, z.size:]) / (up - down))


def fit_device(device: Device, measurement: Measurement, free: Sequence[str] = ()) -> Fit:
    """Return the device fitted to a measurement.

    Parameters
    ----------
    device : Device
        Where the search starts, and the value of every parameter that is not free.
    measurement : Measurement
    free : sequence of str
        Names of the parameters to fit; all but the noise parameters where it is empty. The start state is always fitted.

    Raises
    ------
    ParameterError
        Unknown parameter, a device without a current, or more unknowns than data.
    """
    model = device.model
    names = list(free) or [spec.name for spec in model.params if not spec.name.startswith("sigma") and spec.default != 0.0]
    for name in names:
        if name not in model.param_index:
            raise ParameterError(f"fit: {model.name} has no parameter {name}.{did_you_mean(name, model.param_index)}")
    if not model.states:
        raise ParameterError(f"{device.name}: this model has no state, there is no dynamics to fit.")
    problem = _Problem(device, measurement, names)
    if measurement.size <= len(names) + 1:
        raise ParameterError(f"fit: {measurement.size} rows for {len(names) + 1} unknowns. Fix some parameters with free=....")
    best = None
    for start in _starts(problem):
        found = optimize.least_squares(lambda z: problem.residuals(z[:, None])[:, 0], start, jac=problem.jacobian,
                                       bounds=(problem.low, problem.high), x_scale="jac", max_nfev=MOST_EVALUATIONS)
        if best is None or found.cost < best.cost:
            best = found
        if np.sqrt(np.mean(best.fun**2)) < GOOD[measurement.kind]:
            break
    assert best is not None
    return _report(problem, best)


def _starts(problem: _Problem) -> list[np.ndarray]:
    """Return starts, the likeliest first: a grid of rates and thresholds, on the card's window and on that of the data.

    The thresholds make the cost rough, so the best start of each pair of thresholds is kept, and of those the best few.
    """
    data, handles = problem.measurement, problem.device.model.handles
    windows = [problem.start_value]
    if data.kind == "pulses":
        g = data["conductance"]
    else:
        far = np.abs(data["voltage"]) > 0.1 * np.abs(data["voltage"]).max()
        g = data["current"][far] / data["voltage"][far]
    if np.all(g > 0.0):
        windows.append(_windowed(problem, problem.start_value, float(g.min()), float(g.max())))
    free = problem.names[:-1]
    rates = [free.index(name) for name in (handles["rate"].params if "rate" in handles else ()) if name in free][:2]
    thresholds = [free.index(name) for handle in ("threshold_up", "threshold_down") if handle in handles
                  for name in handles[handle].params if name in free][:2]
    ranked: list[tuple[float, np.ndarray]] = []
    for window in windows:
        x = _first_state(problem, window)
        for bends in itertools.product(THRESHOLD_FACTORS, repeat=len(thresholds)):
            trials = []
            for factors in itertools.product(RATE_FACTORS, repeat=len(rates)):
                values = window.copy()
                values[rates] *= factors
                values[thresholds] *= bends
                trials.append(problem.pack(values, x))
            cost = np.sum(np.minimum(problem.residuals(np.array(trials).T) ** 2, HUGE), axis=0)
            ranked.append((float(cost.min()), trials[int(np.argmin(cost))]))
    ranked.sort(key=lambda pair: pair[0])
    return [start for _, start in ranked[:STARTS]]


def _windowed(problem: _Problem, values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return values whose conductance window is a little wider than what was measured."""
    out = values.copy()
    for handle, goal in (("g_min", 0.9 * low), ("g_max", 1.1 * high)):
        target = problem.device.model.handles.get(handle)
        if target is None or len(target.params) != 1 or target.params[0] not in problem.names[:-1]:
            continue
        k = problem.names.index(target.params[0])
        present = problem.device.value(handle)
        if present > 0.0:
            spec = problem.specs[k]
            out[k] = float(np.clip(out[k] * (goal / present) ** target.power, spec.low, spec.high))
    return out


def _first_state(problem: _Problem, values: np.ndarray) -> float:
    """Return the state whose conductance is nearest to the first measured one."""
    data, params = problem.measurement, nominal_params(problem.device)
    params[problem.rows, 0] = values
    if data.kind == "pulses":
        g = data["conductance"][0]
    else:
        seen = np.flatnonzero(np.abs(data["voltage"]) > 0.02 * np.abs(data["voltage"]).max())[0]
        g = data["current"][seen] / data["voltage"][seen]
    return float(state_for_conductance(problem.device.model, params, np.array([g]))[0, 0])


def _report(problem: _Problem, found: optimize.OptimizeResult) -> Fit:
    z, r, jacobian = found.x, found.fun, problem.jacobian(found.x)
    m, n = jacobian.shape
    norms = np.linalg.norm(jacobian, axis=0)
    _, singular, right = np.linalg.svd(jacobian / np.where(norms > 0.0, norms, 1.0), full_matrices=False)
    weak = singular < SINGULAR * singular[0]
    inverse = (right.T / np.where(weak, np.inf, singular) ** 2) @ right
    variance = float(r @ r) / (m - n)
    covariance = variance * inverse / np.outer(np.where(norms > 0.0, norms, np.inf), np.where(norms > 0.0, norms, np.inf))
    half = stats.t.ppf(0.975, m - n) * np.sqrt(np.diag(covariance))
    free_direction = (np.abs(right[weak]) > 0.3).any(axis=0) if weak.any() else np.zeros(n, dtype=bool)
    values = []
    numbers = np.append(problem.unpack(z[:, None])[:, 0], z[-1])
    state = problem.device.model.states[0]
    for k, name in enumerate(problem.names):
        log = k < n - 1 and problem.logarithmic[k]
        unit = problem.specs[k].unit if k < n - 1 else state.unit
        wide = half[k] > np.log(WIDE) if log else half[k] > 0.5 * max(abs(z[k]), 1e-3 * (state.high - state.low))
        why = ""
        if norms[k] == 0.0 or free_direction[k]:
            why = "the data do not depend on it" if norms[k] == 0.0 else "only a combination with others is fixed"
        elif min(z[k] - problem.low[k], problem.high[k] - z[k]) < 1e-6:
            why = "at the bound of its range"
        elif wide:
            why = "its interval is wide"
        with np.errstate(over="ignore"):
            low, high = (sorted(numbers[k] * np.exp([-half[k], half[k]])) if log else (z[k] - half[k], z[k] + half[k]))
        values.append(FittedValue(name, unit, float(numbers[k]), float(low), float(high), not why, why))
    scale = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = covariance / np.outer(scale, scale)
    strong = tuple((problem.names[a], problem.names[b], float(correlation[a, b])) for a in range(n) for b in range(a)
                   if abs(correlation[a, b]) > 0.98)
    device = problem.device.override(form=None, **{value.name: value.value for value in values})
    weight = RELATIVE if problem.measurement.kind == "iv" else 1.0
    return Fit(device, problem.measurement, tuple(values), frozen(problem.simulate(z[:, None])[:, 0]), problem.data,
               float(np.sqrt(np.mean(r**2))) * weight, strong)
