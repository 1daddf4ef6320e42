"""Devices under a waveform: integrate, record, account for the energy.

``simulate`` takes a population (or a card, or a bare model), applies one waveform per drive signal to all its devices, and
returns a :class:`neurosim.trace.Trace`. It never changes the population. Steps end exactly on the edges of the waveforms
and where these enter or leave the dead zone of a threshold device (:mod:`neurosim.simulation.dead_zone`).
Energy and its error estimate ``stats["energy_error"]``: :mod:`neurosim.simulation.energy`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from neurosim.card import Device
from neurosim.errors import ParameterError
from neurosim.simulation.dead_zone import dead_zone_crossings
from neurosim.simulation.grid import record_times, step_grid
from neurosim.simulation.integrate import run_noise, run_ode
from neurosim.simulation.own_steps import run_own_steps
from neurosim.simulation.problem import build_problem, drive_range, drive_waveforms, largest_drives
from neurosim.simulation.response import trace_of
from neurosim.simulation.schemes import SDE_SCHEMES, choose_scheme
from neurosim.trace import Trace
from neurosim.units import quantity
from neurosim.waveform_segments import Waveform


def simulate(devices: Any, waveform: Waveform | Mapping[str, Waveform], duration: str | float | None = None, *,
             scheme: str = "auto", record: int | Sequence[float] | None = None, rtol: float = 1e-6,
             step: str | float | None = None, max_step: str | float | None = None, max_steps: int = 10_000_000,
             seed: int | None = None, replica: int = 0, strict: bool = False) -> Trace:
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
    strict : bool
        Raise instead of warn where a voltage leaves the range of the card.

    Raises
    ------
    ParameterError
        Unknown scheme or drive, a scheme whose calculus is not that of the device, a missing step or seed, a scheme or a
        step that the device refuses.

    Notes
    -----
    The result may be a failed run: check ``trace.ok`` or call ``trace.raise_for_status()``.

    Examples
    --------
    ``simulate(population, Pulse("1.2 V", "50 ns"), "100 ns").raise_for_status()["energy"]``
    """
    model, waveforms = drive_waveforms(devices, waveform)
    end = _duration(duration, waveforms)
    if isinstance(devices, Device) and model.drives[0].unit == "V":
        devices.check_voltage(*drive_range(waveforms[0], end), strict=strict)
    problem = build_problem(devices, model, waveforms, end)
    name = choose_scheme(problem.model, scheme)
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
    if problem.model.check_run is not None:
        problem.model.check_run(name, min(h, longest), problem.params, largest_drives(problem.waveforms, end))
    times = record_times(record, end, problem.waveforms)
    kinks, shortest = (np.empty(0), math.inf) if stochastic else dead_zone_crossings(problem, end)
    grid, edge, keep = step_grid(times, problem.waveforms, end, inner=not stochastic, kinks=kinks)
    longest = min(longest, shortest)
    result = np.full((grid.size, problem.state.size), np.nan)
    if stochastic:
        run = run_own_steps if problem.model.noise_steps is not None else run_noise
        outcome = run(problem, name, grid, result, h=min(h, longest), max_steps=max_steps, seed=seed, replica=replica)
    else:
        outcome = run_ode(problem, name, grid, edge, result, rtol=rtol, h=h, max_step=longest, max_steps=max_steps,
                          switch=scheme == "auto")
    return trace_of(problem, grid, keep, result, outcome, smooth=not stochastic)


def _duration(duration: str | float | None, waveforms: Sequence[Waveform]) -> float:
    if duration is not None:
        return _positive(duration, "simulate: duration")
    longest = max(wave.duration for wave in waveforms)
    if not 0.0 < longest < math.inf:
        raise ParameterError("simulate: the waveform has no end of its own. Give duration, for example \"1 us\".")
    return longest


def _positive(value: str | float, name: str) -> float:
    number = quantity(value, "s", name)
    if number <= 0.0:
        raise ParameterError(f"{name} = {number:g} s must be above 0 s.")
    return number
