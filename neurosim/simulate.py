"""Devices under a waveform: integrate, record, account for the energy.

``simulate`` takes a population (or a card, or a bare model), applies one waveform per drive signal to all its devices, and
returns a :class:`neurosim.trace.Trace`. It never changes the population. Steps end exactly on the edges of the waveforms.

Energy: between two record times the integral of v(t) i(t) is a five-point Lobatto rule on the continuous solution; its
difference from the three-point (Simpson) rule is reported as ``stats["energy_error"]``. Stochastic schemes, whose paths are
not smooth, use the trapezoidal rule on the record times.

Reference: M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions (1964), 25.4.32 (Lobatto nodes and weights).
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.device import DeviceModel
from neurosim.errors import ParameterError, did_you_mean
from neurosim.trace import Status, Trace
from neurosim.units import quantity
from neurosim.waveform import Constant
from neurosim.waveform_segments import Waveform

ODE_SCHEMES = ("dopri5", "rodas4", "rk4", "heun", "euler")
SDE_SCHEMES = ("heun_stratonovich", "euler_maruyama")
STIFF_AFTER = 20_000  # "auto": steps of dopri5 after which the rest of the run is handed to rodas4
SLICE_VALUES = 2_000_000  # state values stepped between two returns to Python: below 0.3 s, so that Ctrl-C works
DEFAULT_RECORDS = 201
INNER = np.array([0.5 - 0.5 * math.sqrt(3.0 / 7.0), 0.5, 0.5 + 0.5 * math.sqrt(3.0 / 7.0)])  # inner Lobatto nodes
LOBATTO = np.array([1 / 20, 49 / 180, 16 / 45, 49 / 180, 1 / 20])
SIMPSON = np.array([1 / 6, 0.0, 4 / 6, 0.0, 1 / 6])
SNAP = 1e-12  # record times closer than this fraction of the duration to an edge are the edge


@dataclass(frozen=True)
class _Problem:
    model: DeviceModel
    state: np.ndarray
    params: np.ndarray
    waveforms: tuple[Waveform, ...]
    layout: np.ndarray
    values: np.ndarray
    bounds: np.ndarray
    scale: np.ndarray


def simulate(devices: Any, waveform: Waveform | Mapping[str, Waveform], duration: str | float | None = None, *,
             scheme: str = "auto", record: int | Sequence[float] | None = None, rtol: float = 1e-6,
             step: str | float | None = None, max_step: str | float | None = None, max_steps: int = 10_000_000,
             seed: int | None = None, replica: int = 0) -> Trace:
    """Return the recorded response of devices to a waveform.

    Parameters
    ----------
    devices : Population, Device or DeviceModel
        Anything with ``model``, ``params`` and ``state``; a bare model takes its defaults. Not changed.
    waveform : Waveform, or mapping of drive name to Waveform
        A single waveform is the first drive of the model; drives that are not given are zero.
    duration : str or float, optional
        Length of the run [s], > 0; the end of the longest waveform unless given.
    scheme : str
        ``"auto"``: ``dopri5`` (``rodas4`` from step 20000 on), or the scheme of the model's calculus if it has noise.
        ``dopri5, rodas4, rk4, heun, euler`` integrate the noiseless equation; ``heun_stratonovich, euler_maruyama`` the
        stochastic one.
    record : int or sequence of float, optional
        Number of equally spaced times, or the times [s] themselves; 201 times and all waveform edges unless given.
    rtol : float
        Relative error per step of adaptive schemes, in [1e-12, 0.1]; absolute errors are rtol x the scale of each state.
    step : str or float, optional
        Step [s] of fixed-step schemes (required there), first step of adaptive ones.
    max_step : str or float, optional
        Longest step [s].
    seed, replica : int
        Seed of the noise (required by stochastic schemes) and number of the repetition.

    Raises
    ------
    ParameterError
        Unknown scheme or drive, a scheme whose calculus is not that of the device, a missing step or seed.

    Notes
    -----
    The result may be a failed run: check ``trace.ok`` or call ``trace.raise_for_status()``.

    Examples
    --------
    ``simulate(population, Pulse("1.2 V", "50 ns"), "100 ns").raise_for_status()["energy"]``
    """
    problem_of = _waveforms(devices, waveform)
    end = _duration(duration, problem_of[1])
    problem = _build(devices, *problem_of, end)
    name = _scheme(problem.model, scheme)
    stochastic = name in SDE_SCHEMES
    rtol = quantity(rtol, "", "simulate: rtol")
    if not 1e-12 <= rtol <= 0.1:
        raise ParameterError(f"simulate: rtol = {rtol:g} is outside [1e-12, 0.1].")
    h = 0.0 if step is None else _positive(step, "simulate: step")
    longest = math.inf if max_step is None else _positive(max_step, "simulate: max_step")
    if h == 0.0 and name not in ("dopri5", "rodas4"):
        raise ParameterError(f'simulate: scheme "{name}" has a fixed step. Give step="...", well below the time '
                             f"constants of {problem.model.name}.")
    if stochastic and seed is None:
        raise ParameterError(f'simulate: scheme "{name}" needs a seed. Give seed=1, for example.')
    times = _record_times(record, end, problem.waveforms)
    grid, edge, keep = _grid(times, problem.waveforms, end, inner=not stochastic)
    result = np.full((grid.size, problem.state.size), np.nan)
    if stochastic:
        outcome = _run_noise(problem, name, grid, result, h=min(h, longest), max_steps=max_steps, seed=seed,
                             replica=replica)
    else:
        outcome = _run_ode(problem, name, grid, edge, result, rtol=rtol, h=h, max_step=longest, max_steps=max_steps,
                           switch=scheme == "auto")
    return _trace(problem, grid, keep, result, outcome, smooth=not stochastic)


def require_calculus(model: DeviceModel, scheme: str) -> None:
    """Raise a ParameterError unless a stochastic scheme solves the equation in the calculus that the device declares."""
    calculus = importlib.import_module(f"neurosim.kernels.steppers.{scheme}").CALCULUS
    model.require("diffusion")
    if model.calculus != calculus:
        fitting = [s for s in SDE_SCHEMES
                   if model.calculus == importlib.import_module(f"neurosim.kernels.steppers.{s}").CALCULUS]
        raise ParameterError(f'{model.name}: its noise is declared in the "{model.calculus}" calculus, scheme "{scheme}" '
                             f'solves "{calculus}" equations and would converge to another law. '
                             f'Use scheme="{fitting[0]}".')


def _scheme(model: DeviceModel, scheme: str) -> str:
    if scheme == "auto":
        if model.diffusion is None:
            return "dopri5"
        return "heun_stratonovich" if model.calculus == "stratonovich" else "euler_maruyama"
    if scheme not in ODE_SCHEMES + SDE_SCHEMES:
        raise ParameterError(f'simulate: unknown scheme "{scheme}".'
                             + did_you_mean(scheme, ("auto", *ODE_SCHEMES, *SDE_SCHEMES)))
    if scheme in SDE_SCHEMES:
        require_calculus(model, scheme)
    return scheme


def _positive(value: str | float, name: str) -> float:
    number = quantity(value, "s", name)
    if number <= 0.0:
        raise ParameterError(f"{name} = {number:g} s must be above 0 s.")
    return number


def _waveforms(devices: Any, waveform: Any) -> tuple[DeviceModel, tuple[Waveform, ...]]:
    model = devices if isinstance(devices, DeviceModel) else devices.model
    names = [drive.name for drive in model.drives]
    if isinstance(waveform, Waveform):
        waveform = {names[0]: waveform}
    for name in waveform:
        if name not in names:
            raise ParameterError(f'{model.name}: no drive is called "{name}".' + did_you_mean(name, names))
    chosen = [waveform.get(drive.name, Constant(0.0, unit=drive.unit)) for drive in model.drives]
    for drive, wave in zip(model.drives, chosen, strict=True):
        if getattr(wave, "unit", drive.unit) != drive.unit:
            raise ParameterError(f'{model.name}: drive "{drive.name}" is in {drive.unit}, its waveform in {wave.unit}. '
                                 f'Give unit="{drive.unit}" to the waveform.')
    return model, tuple(chosen)


def _duration(duration: str | float | None, waveforms: Sequence[Waveform]) -> float:
    if duration is not None:
        return _positive(duration, "simulate: duration")
    longest = max(wave.duration for wave in waveforms)
    if not 0.0 < longest < math.inf:
        raise ParameterError("simulate: the waveform has no end of its own. Give duration, for example \"1 us\".")
    return longest


def _build(devices: Any, model: DeviceModel, waveforms: tuple[Waveform, ...], end: float) -> _Problem:
    if isinstance(devices, DeviceModel):
        params, state = model.default_params(), model.initial_state()
    else:
        params, state = np.array(devices.params, dtype=float), np.array(devices.state, dtype=float)
        if params.ndim == 1:  # a card: one device
            params, state = params[:, None], state[:, None]
    if not isinstance(devices, DeviceModel) and np.ndim(devices.params) == 1 and model.select:
        model = model.select(params)
    n = state.shape[1]
    if params.shape[1] != n:
        raise ParameterError(f"{model.name}: {params.shape[1]} columns of parameters but {n} of states.")
    tables = [wave.segments(end) for wave in waveforms]
    drive = params.size
    offset = drive + len(waveforms) * n
    layout, parts = [len(model.states), n, len(waveforms), len(model.params), len(model.noises), 0, drive], []
    for table in tables:
        layout += [offset, table.shape[0]]
        offset += table.size
        parts.append(table.ravel())
    values = np.concatenate([params.ravel(), np.zeros(len(waveforms) * n), *parts])
    low_high = np.array([[spec.low for spec in model.states], [spec.high for spec in model.states]], dtype=float)
    return _Problem(model, np.ascontiguousarray(state), np.ascontiguousarray(params), waveforms,
                    np.array(layout, dtype=np.int64), values, np.ascontiguousarray(np.repeat(low_high, n, axis=1)),
                    np.repeat([spec.scale for spec in model.states], n).astype(float))


def _record_times(record: int | Sequence[float] | None, end: float, waveforms: Sequence[Waveform]) -> np.ndarray:
    if record is None:
        edges = np.concatenate([wave.edges(end) for wave in waveforms])
        return _snapped(np.concatenate([np.linspace(0.0, end, DEFAULT_RECORDS), edges]), edges, end)
    if isinstance(record, (int, np.integer)) and not isinstance(record, bool):
        if record < 2:
            raise ParameterError(f"simulate: record = {record} must be at least 2 times (start and end).")
        return np.linspace(0.0, end, int(record))
    times = np.array(record, dtype=float)
    if times.ndim != 1 or not times.size or not np.all(np.isfinite(times)) or np.any(np.diff(times) <= 0.0):
        raise ParameterError("simulate: record must be a number of times or finite times [s] in increasing order.")
    if times[0] < 0.0 or times[-1] > end * (1.0 + SNAP):
        raise ParameterError(f"simulate: record times must lie in [0, {end:g}] s, got {times[0]:g} to {times[-1]:g} s.")
    return times


def _snapped(times: np.ndarray, edges: np.ndarray, end: float) -> np.ndarray:
    """Return sorted times without near-duplicates; where an edge or the end is near, that is kept."""
    fixed = np.unique(np.concatenate([[0.0], edges, [end]]))
    nearest = fixed[np.abs(times[:, None] - fixed[None, :]).argmin(axis=1)] if fixed.size * times.size < 1e7 else times
    return np.unique(np.where(np.abs(times - nearest) <= SNAP * end, nearest, times))


def _grid(times: np.ndarray, waveforms: Sequence[Waveform], end: float,
          inner: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all times to step through, which are edges, and the rows that the user asked for."""
    edges = np.unique(np.concatenate([wave.edges(end) for wave in waveforms]))
    asked = _snapped(times, edges, end)
    knots = np.unique(np.concatenate([[0.0], asked, edges, [end]]))
    grid = knots
    if inner:
        grid = np.append((knots[:-1, None] + np.diff(knots)[:, None] * np.concatenate([[0.0], INNER])).ravel(), end)
    edge = np.isin(grid, edges).astype(np.int64)
    return grid, edge, np.searchsorted(grid, asked)


def _run_ode(problem: _Problem, name: str, grid: np.ndarray, edge: np.ndarray, result: np.ndarray, *, rtol: float,
             h: float, max_step: float, max_steps: int, switch: bool) -> dict[str, Any]:
    from neurosim.kernels.steppers import problem as p
    from neurosim.kernels.steppers.population_system import population_rhs
    from neurosim.kernels.tables import function_table

    systems, rates = function_table("system", [population_rhs]), function_table("rate", [problem.model.rate])
    outputs, y = function_table("output", []), problem.state.ravel().copy()
    n, fixed_step = problem.state.shape[1], h
    integrate = getattr(importlib.import_module(f"neurosim.kernels.steppers.{name}"), name)
    per_slice = max(16, SLICE_VALUES // (10 * max(1, y.size)))
    accepted = rejected = 0.0
    row, t, report, used = 0, float(grid[0]), np.zeros(p.REPORT_SIZE), name
    while True:
        if switch and used == "dopri5" and accepted + rejected >= STIFF_AFTER:
            from neurosim.kernels.steppers.rodas4 import rodas4 as integrate

            used, h = "rodas4", 0.0
        rest = np.concatenate([[t], grid[row + 1:]])
        part = np.empty((rest.size, y.size))
        budget = int(min(per_slice, max_steps - accepted - rejected, STIFF_AFTER if switch else math.inf))
        status = integrate(systems, rest, np.concatenate([[0], edge[row + 1:]]), y, problem.layout, problem.values, rates,
                           outputs, n, problem.bounds, rtol * problem.scale, rtol, h, max_step, budget, part, report)
        done = int(report[p.NEXT_ROW])
        first = 0 if row == 0 and t == grid[0] else 1
        result[row + first:row + done] = part[first:done]
        accepted, rejected = accepted + report[p.ACCEPTED], rejected + report[p.REJECTED]
        row, t = row + done - 1, float(report[p.TIME])
        h = float(report[p.NEXT_STEP]) if used in ("dopri5", "rodas4") else fixed_step
        if status != p.TOO_MANY or accepted + rejected >= max_steps:
            break
    return {"status": status, "rows": row + 1, "time": t, "worst": int(report[p.WORST]),
            "stats": {"scheme": name if used == name else f"{name}, then {used}", "steps": int(accepted),
                      "rejected": int(rejected)}}


def _run_noise(problem: _Problem, name: str, grid: np.ndarray, result: np.ndarray, *, h: float, max_steps: int,
               seed: int | None, replica: int) -> dict[str, Any]:
    from neurosim.kernels import rng
    from neurosim.kernels.steppers import problem as p
    from neurosim.kernels.tables import function_table

    rates = function_table("rate", [problem.model.rate])
    diffusions = function_table("diffusion", [problem.model.require("diffusion")])
    integrate = getattr(importlib.import_module(f"neurosim.kernels.steppers.{name}"), name)
    key = np.uint64(rng.stream_key(int(seed or 0), "simulate", replica, problem.model.name))
    y, report = problem.state.ravel().copy(), np.zeros(p.REPORT_SIZE)
    rows_at_once = max(1, int(SLICE_VALUES / (10 * max(1, y.size)) / max(1.0, float(np.diff(grid).max()) / h)))
    row, number, steps, clipped, status = 0, 0, 0.0, 0.0, p.OK
    while status == p.OK and row < grid.size - 1:
        rest = np.ascontiguousarray(grid[row:row + rows_at_once + 1])
        part = np.empty((rest.size, y.size))
        status = integrate(rates, diffusions, rng.fill_normal, rest, y, problem.layout, problem.values, problem.bounds, h,
                           1, key, 0, number, int(max_steps - steps), part, report)
        done = int(report[p.NEXT_ROW])
        result[row:row + done] = part[:done]
        row, number = row + done - 1, int(report[p.NEXT_STEP])
        steps, clipped = steps + report[p.ACCEPTED], clipped + report[p.REJECTED]
    return {"status": status, "rows": row + 1, "time": float(report[p.TIME]), "worst": int(report[p.WORST]),
            "stats": {"scheme": name, "steps": int(steps), "rejected": 0, "clipped": int(clipped)}}


def _trace(problem: _Problem, grid: np.ndarray, keep: np.ndarray, result: np.ndarray, outcome: dict[str, Any], *,
           smooth: bool) -> Trace:
    from neurosim.kernels.steppers import problem as p

    model, n = problem.model, problem.state.shape[1]
    statuses = {p.OK: Status.OK, p.NONFINITE: Status.DIVERGED, p.UNDERFLOW: Status.STEP_UNDERFLOW,
                p.TOO_MANY: Status.TOO_MANY_STEPS}
    status, rows = statuses[outcome["status"]], outcome["rows"]
    keep = keep[keep < rows]
    states = result[:rows].reshape(rows, len(model.states), n)
    if status is Status.OK and not np.all(np.isfinite(states)):
        status = Status.DIVERGED
    drive = np.array([wave(grid[:rows]) for wave in problem.waveforms])
    stats, current, energy = dict(outcome["stats"]), None, None
    voltage = _voltage_row(model)
    if voltage is not None:
        current = _currents(problem, states, drive)
        before = _currents(problem, states, np.array([wave(_before(grid[:rows])) for wave in problem.waveforms]))
        v_before = problem.waveforms[voltage](_before(grid[:rows]))
        energy, error = _energy(grid[:rows], drive[voltage][:, None] * current, v_before[:, None] * before, smooth)
        stats["energy_error"] = error
        current, energy = current[keep], energy[keep]
    message = ""
    if status is not Status.OK:
        worst = max(outcome["worst"], 0)
        where = f'device {worst % n}, state "{model.states[worst // n].name}"'
        message = f"{model.name}: stopped at t = {outcome['time']:.6g} s ({where})."
    return Trace(time=grid[keep], states={spec.name: states[keep, k] for k, spec in enumerate(model.states)},
                 drive={spec.name: np.repeat(drive[k][keep, None], n, axis=1) for k, spec in enumerate(model.drives)},
                 current=current, energy=energy, status=status, message=message, stats=stats)


def _before(times: np.ndarray) -> np.ndarray:
    """Return times lowered by four roundings: where a waveform jumps, its value from the left."""
    return times - 4.0 * np.finfo(float).eps * np.abs(times)


def _voltage_row(model: DeviceModel) -> int | None:
    """Return the drive that is a voltage, None where the device carries no current that this file knows."""
    if model.current is None and model.conductance is None:
        return None
    return next((k for k, spec in enumerate(model.drives) if spec.unit == "V"), None)


def _currents(problem: _Problem, states: np.ndarray, drive: np.ndarray) -> np.ndarray:
    """Return the current of each device [A] at each row, shape (n_row, n)."""
    model, n = problem.model, problem.state.shape[1]
    out, slope = np.empty((states.shape[0], n)), np.empty(n)
    voltage = _voltage_row(model)
    for k, state in enumerate(np.ascontiguousarray(states)):
        level = np.ascontiguousarray(np.repeat(drive[:, k, None], n, axis=1))
        if model.current is not None:
            model.current(state, level, problem.params, out[k], slope, 0, n)
        else:
            model.require("conductance")(state, problem.params, out[k], 0, n)
            out[k] *= level[voltage]
    return out


def _energy(t: np.ndarray, power: np.ndarray, power_before: np.ndarray, smooth: bool) -> tuple[np.ndarray, float]:
    """Return the energy [J] since the start at each row, and its estimated error; between the knots it is interpolated."""
    energy = np.zeros_like(power)
    if not smooth or t.size < 5:
        np.cumsum(0.5 * np.diff(t)[:, None] * (power[:-1] + power_before[1:]), axis=0, out=energy[1:])
        return energy, math.nan
    knots = np.arange(0, t.size, 4)  # a failed run may end between knots: its last rows get the last knot's energy
    length = np.diff(t[knots])[:, None]
    samples = np.stack([power[knots[:-1] + k] if k < 4 else power_before[knots[1:]] for k in range(5)])
    fine = length * np.tensordot(LOBATTO, samples, 1)
    coarse = length * np.tensordot(SIMPSON, samples, 1)
    energy[knots[1:]] = np.cumsum(fine, axis=0)
    for k in range(1, 4):
        rows = np.arange(k, t.size, 4)
        energy[rows] = energy[rows - k]
    return energy, float(np.abs(fine - coarse).sum(axis=0).max())
