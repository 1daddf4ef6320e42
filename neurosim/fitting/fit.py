"""Fit a device model to a measurement: least squares with confidence intervals, and what the data do not say.

The problem (scaled parameters, residuals) is :mod:`neurosim.fitting.problem`, its starts are :mod:`neurosim.fitting.starts`,
its intervals :mod:`neurosim.fitting.intervals`. The best of a few searches from different starts is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import optimize

from neurosim.card import Device
from neurosim.errors import DataError, ParameterError, did_you_mean
from neurosim.fitting.csv_file import read_measurement
from neurosim.fitting.free import default_free
from neurosim.fitting.intervals import FittedValue, intervals
from neurosim.fitting.measurement import SWAPPED, Measurement
from neurosim.fitting.problem import RELATIVE, FitProblem
from neurosim.fitting.starts import starts_of
from neurosim.frozen import frozen
from neurosim.units import format_quantity, quantity

MOST_EVALUATIONS = 200
POOR = 0.05  # root mean square of the relative residuals above which a fit is called poor, and a further start is tried
WAY = np.linspace(1.0, 0.0, 101)  # shares of the way back to the start that are tried for a value that does not matter
FAR = 10.0  # largest voltage of the data against that of the card, either way, from which columns may be swapped
OPPOSITE = 0.5  # share of all motion against the polarity of the model from which a bad fit is called a wrong sign


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
    read_voltage : float
        At which the conductances of the first row were read [V]; no meaning for a current-voltage record.
    cautions : tuple of str
        What speaks against the fit as a whole, for people.
    """

    device: Device
    measurement: Measurement
    values: tuple[FittedValue, ...]
    model: np.ndarray
    data: np.ndarray
    deviation: float
    strong: tuple[tuple[str, str, float], ...]
    read_voltage: float = 0.1
    cautions: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """``"ok"``, or ``"poor"`` where the deviation is too large for the values to mean much."""
        return "poor" if self.deviation > POOR else "ok"


def fit_device(device: Device, measurement: Measurement | str | Path, free: Sequence[str] | str = (),
               read_voltage: str | float | None = None) -> Fit:
    """Return the device fitted to a measurement.

    Parameters
    ----------
    device : Device
        Where the search starts, and the value of every parameter that is not free.
    measurement : Measurement, or path of its CSV file
    free : sequence of str
        Names of the parameters to fit; where it is empty, all that the noiseless law of the start card responds to
        (:mod:`neurosim.fitting.free`). The start state is always fitted.
    read_voltage : str or float, optional
        At which the conductances of a pulse record were read [V]; where it is left out, that of the data, else 0.1 V or the
        read limit of the card if that is lower.

    Raises
    ------
    ParameterError
        Unknown parameter, a device without a current, more unknowns than data, a current-voltage record for a model that counts
        pulses, or a read voltage for it.
    DataError
        The file is bad, or what fits best is no device of this model (``g_max`` below ``g_min``, the other polarity).

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.library import load_device
    >>> data = Measurement("pulses", "film", {"voltage": np.full(9, -0.9), "width": np.full(9, 1e-7),
    ...                                       "conductance": 1.0 / np.linspace(100e3, 90e3, 9)})
    >>> fitted = fit_device(load_device("vteam/nominal"), data, ["k_on"])
    >>> [(value.name, value.identified) for value in fitted.values]
    [('k_on', True), ('x', True)]
    """
    if not isinstance(measurement, Measurement):
        measurement = read_measurement(measurement)
    model = device.model
    names = [free] if isinstance(free, str) else list(free)
    for name in names:
        if name not in model.param_index:
            raise ParameterError(f"fit: {model.name} has no parameter {name}.{did_you_mean(name, model.param_index)}")
    if len(set(names)) < len(names):
        raise ParameterError(f"fit: free = {', '.join(names)} names a parameter twice. Name each once.")
    if not model.states:
        raise ParameterError(f"{device.name}: this model has no state, there is no dynamics to fit.")
    if measurement.kind == "iv" and model.pulse:
        raise ParameterError(f"fit: {model.name} counts whole pulses and has no current-voltage loop. Fit it to a pulse record "
                             "(voltage, width, conductance), or take a model such as vteam.")
    names = names or default_free(device)
    problem = FitProblem(device, measurement, names, _read_voltage(measurement, read_voltage))
    if measurement.size <= len(names) + 1:
        raise ParameterError(f"fit: {measurement.size} rows for {len(names) + 1} unknowns. Fix some parameters with free=....")
    best = None
    for start in starts_of(problem):
        found = optimize.least_squares(lambda z: problem.residuals(z[:, None])[:, 0], start, jac=problem.jacobian,
                                       bounds=(problem.low, problem.high), x_scale="jac", max_nfev=MOST_EVALUATIONS)
        if best is None or found.cost < best.cost:
            best = found
        if _deviation(problem, best.fun) < POOR:
            break
    assert best is not None
    return _report(problem, best)


def _report(problem: FitProblem, found: optimize.OptimizeResult) -> Fit:
    deviation = _deviation(problem, found.fun)
    if deviation > POOR and _opposite(problem):
        raise DataError(_no_device(problem, "it moves the other way"))
    z, residuals = _untouched_kept(problem, found)
    values, strong = intervals(problem, z, residuals)
    try:
        device = problem.device.override(form=None, **{value.name: value.value for value in values})
    except ParameterError as error:
        raise DataError(_no_device(problem, str(error).partition(": ")[2].partition(" (")[0])) from None
    return Fit(device, problem.measurement, values, frozen(problem.simulate(z[:, None])[:, 0]), problem.data, deviation, strong,
               float(problem.read[0]), _cautions(problem, deviation))


def _deviation(problem: FitProblem, residuals: np.ndarray) -> float:
    """Return the root mean square of the residuals as relative errors."""
    return float(np.sqrt(np.mean(residuals**2))) * (RELATIVE if problem.measurement.kind == "iv" else 1.0)


def _read_voltage(measurement: Measurement, given: str | float | None) -> float | None:
    if given is None:
        return None
    if measurement.kind == "iv":
        raise ParameterError("fit: a read voltage belongs to a pulse record; these data are a current-voltage record. "
                             "Leave it out.")
    volts = quantity(given, "V", "fit: read voltage")
    if volts == 0.0:
        raise ParameterError("fit: a read voltage of 0 V reads no conductance. Give the one of the measurement, such as 0.1 V.")
    return volts


def _cautions(problem: FitProblem, deviation: float) -> tuple[str, ...]:
    """Return what speaks against the fit as a whole."""
    said = []
    if deviation > POOR:
        said.append(f"The deviation of {100 * deviation:.2g} % is above {100 * POOR:g} %: {problem.device.model.name} as "
                    "fitted does not describe these data, and intervals mean little. Look at the figure; try other columns, "
                    "another model or another start card.")
    valid, largest = problem.device.card.valid, float(np.abs(problem.measurement["voltage"]).max())
    usual = max(abs(valid.get("v_min", 0.0)), abs(valid.get("v_max", 0.0)))
    if usual > 0.0 and not usual / FAR <= largest <= usual * FAR:
        said.append(f"The largest voltage of the data is {format_quantity(largest, 'V')}, that of {problem.device.name} "
                    f"{format_quantity(usual, 'V')}. {SWAPPED}")
    return tuple(said)


def _untouched_kept(problem: FitProblem, found: optimize.OptimizeResult) -> tuple[np.ndarray, np.ndarray]:
    """Return the minimum and its residuals; values that no residual depends on go back to the start card's.

    One that would change the residuals there (a threshold far above the data) goes as near to it as the data allow.
    """
    z, residuals = np.array(found.x), np.asarray(found.fun)
    start = problem.pack(problem.start_value, float(problem.device.state[0]))
    for k in np.flatnonzero(~problem.jacobian(z).any(axis=0)):
        trials = np.repeat(z[:, None], WAY.size, axis=1)
        trials[k] = np.where(WAY == 1.0, start[k], z[k] + WAY * (start[k] - z[k]))
        back = problem.residuals(trials)
        best = int(np.argmax(np.sum(back**2, axis=0) <= np.sum(residuals**2)))  # the last one is where it is
        z, residuals = trials[:, best], back[:, best]
    return z, residuals


def _opposite(problem: FitProblem) -> bool:
    """Tell whether nearly all pulses move the measured conductance against the polarity of the model."""
    data = problem.measurement
    if data.kind != "pulses":
        return False
    moves = np.diff(np.log(data["conductance"])) * np.sign(data["voltage"][1:]) * problem.device.model.increase_sign
    return bool(np.sum(moves) < -OPPOSITE * np.sum(np.abs(moves)))


def _no_device(problem: FitProblem, reason: str) -> str:
    model = problem.device.model
    raising = "positive" if model.increase_sign > 0 else "negative"
    return (f"{problem.measurement.source}: what fits best is no device of the model {model.name}: {reason}. In this model "
            f"{raising} voltages raise the conductance: change the sign of the voltage column if the data are the other way "
            f"round. Data that hardly switch cannot give both ends of the window: fit fewer parameters, or take another model.")
