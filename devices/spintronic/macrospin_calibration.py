"""The macrospin at every level of detail: magnetisation dynamics, exact rates, telegraph, and the numbers that design needs.

A moment with one axis (anisotropy, shape and coupling add up to a tensor with an axis of symmetry, the reference layer on it)
has exact rates (``fokker_planck``), a telegraph that follows them (``telegraph_fit``) and, where the barrier is low enough to
be crossed in a simulation, thermal dynamics to compare with. The torque of the current acts as the field
h = (1/alpha + b) a_d/H_k,eff along the axis. Other moments get the numbers of the linearised motion only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from devices.spintronic.fokker_planck import HIGHEST, boltzmann_mean, occupation, slowest_rate
from devices.spintronic.llg import GAMMA_0, TORQUE_PER_AMPERE
from devices.spintronic.macrospin_ensemble import Relaxation, relax
from devices.spintronic.macrospin_parameters import PARAMS
from devices.spintronic.macrospin_scales import Values
from devices.spintronic.macrospin_steps import largest_step
from devices.spintronic.stability import astroid, critical_drive, resonance
from devices.spintronic.telegraph_fit import TelegraphFit, fit_telegraph
from neurosim.calibration import Calibration, Curve, Number, Panel, SimplerCard
from neurosim.errors import ParameterError
from neurosim.units import BOLTZMANN, MU_0

DRIVES = (-0.2, -0.1, 0.0, 0.1, 0.2)  # reduced, of the simulated points
LARGEST_DRIVE = 0.5                   # reduced, of the telegraph fit
SAME = 2e-3                           # relative: two directions that count as equal


@dataclass(frozen=True)
class Moment:
    """A macrospin seen along the axis of its smallest energy.

    ``axis`` unit vector; ``h_k`` effective anisotropy field [A/m] of the lowest saddle, ``stiffness`` the mean of
    those of both saddles, which times alpha is the torque field of instability; ``sigma`` its barrier over kT;
    ``tau_n`` free-diffusion time [s]; ``field_per_ampere`` equivalent axial field of the current [A/m per A]; ``why`` says
    what keeps the exact rates from holding, empty where they hold.
    """

    axis: np.ndarray = field(repr=False)
    h_k: float
    stiffness: float
    sigma: float
    tau_n: float
    field_per_ampere: float
    why: str = ""


def moment(params: Values) -> Moment:
    """Return axis, barrier and time scale of a macrospin; its parameters by name [SI]."""
    u, p = (_unit(params, name) for name in "up")
    layer = MU_0 * params["m_s"] * params["thickness"]
    shape = np.array([params[f"n_{axis}"] for axis in "xyz"])
    tensor = (params["h_k"] * np.outer(u, u) - params["m_s"] * np.diag(shape) + 2.0 * params["j_2"] / layer * np.outer(p, p))
    levels, vectors = np.linalg.eigh(tensor)
    h_k, axis = float(levels[2] - levels[1]), vectors[:, 2] * math.copysign(1.0, vectors[:, 2] @ p or 1.0)
    per_ampere = TORQUE_PER_AMPERE * params["eta"] / (params["m_s"] * params["volume"])
    thermal = BOLTZMANN * params["temperature"]
    size = MU_0 * params["m_s"] * params["volume"]
    sigma = 0.5 * size * h_k / thermal if thermal else math.inf
    tau_n = size * (1.0 + params["alpha"] ** 2) / (2.0 * params["alpha"] * GAMMA_0 * thermal) if thermal else math.inf
    reasons = {
        "the temperature is zero": not thermal,
        "it has no easy axis": not h_k > SAME * abs(levels).max(),
        "the two hard axes differ": levels[1] - levels[0] > SAME * h_k,
        "the reference layer is not along the easy axis": abs(axis @ p) < 1.0 - 0.5 * SAME**2,
        "it has second-order anisotropy": params["h_k2"] != 0.0,
        "it has bilinear coupling": params["j_1"] != 0.0,
        "its torque is asymmetric in the angle": params["asymmetry"] != 1.0,
        f"its barrier is above {HIGHEST / (1 + LARGEST_DRIVE) ** 2:g} kT": sigma > HIGHEST / (1 + LARGEST_DRIVE) ** 2,
    }
    stiffness = float(levels[2] - 0.5 * (levels[0] + levels[1]))
    return Moment(axis, h_k, stiffness, sigma, tau_n, (1.0 / params["alpha"] + params["field_like_ratio"]) * per_ampere,
                  "; ".join(reason for reason, holds in reasons.items() if holds))


def calibrate(params: Values, seed: int = 1) -> Calibration:
    """Return the calibration of a macrospin: numbers, the card of its telegraph, curves of all levels.

    Parameters
    ----------
    params : mapping of str to float
        Every parameter by name [SI].
    seed : int
        Of the simulated points.
    """
    seen = moment(params)
    numbers, notes = _linear_numbers(params, seen), []
    if params["vcma"]:
        notes.append("Voltage control of the anisotropy is left out of the rates: they are those at small voltage.")
    if seen.why:
        notes.append(f"No exact rates and no telegraph card: {seen.why}.")
        return Calibration(tuple(numbers), notes=tuple(notes))
    fit = fit_telegraph(seen.sigma, LARGEST_DRIVE)
    rate = slowest_rate(seen.sigma) / seen.tau_n
    ampere = seen.h_k / seen.field_per_ampere if seen.field_per_ampere else math.inf
    numbers += [
        Number("free_diffusion_time", seen.tau_n, "s", "tau_N, in which a moment without anisotropy forgets its direction"),
        Number("dwell_time", 2.0 / rate, "s", "mean time in either well at zero drive, exact"),
        Number("telegraph_delta", fit.delta, "", f"of the telegraph, for |h| <= {LARGEST_DRIVE:g}"),
        Number("telegraph_n", fit.n, "", "exponent of its barriers"),
        Number("telegraph_tau_0", math.exp(fit.log_tau_0) * seen.tau_n, "s", "its attempt time"),
    ]
    cards = []
    if math.isfinite(ampere):
        numbers.append(Number("telegraph_i_c", fit.h_c * abs(ampere), "A", "at which a barrier of the telegraph vanishes"))
        cards.append(_telegraph_card(fit, seen, abs(ampere)))
    points = relax(params, seen.axis, seen.sigma, seen.h_k, seen.tau_n, DRIVES, seed)
    if not points:
        notes.append("The barrier is crossed too rarely for a simulation: the rates are those of the Fokker-Planck equation.")
    panels = (_rate_panel(seen, fit, points), _mean_panel(seen, fit, points), _astroid_panel(params, seen),
              _decay_panel(params, seen, ampere))
    if points:
        worst = max(abs(point.rate - slowest_rate(seen.sigma, point.h) / seen.tau_n) / point.rate_error for point in points)
        notes.append(f"Simulated rates lie within {worst:.1f} standard errors of the exact ones.")
    return Calibration(tuple(numbers), tuple(cards), panels, tuple(notes), {"telegraph against exact rates": fit.deviation})


def _linear_numbers(params: Values, seen: Moment) -> list[Number]:
    """Return the numbers of statics and of the linearised motion, which every moment has."""
    column = np.array([[params[spec.name]] for spec in PARAMS])
    found = resonance(params, (0.0,) * 5, _off(seen.axis))
    numbers = [
        Number("anisotropy_field", seen.h_k, "A/m", "effective, between the easy axis and the lowest saddle"),
        Number("resonance", found.frequency, "Hz", "of the small motion at rest"),
        Number("decay", found.decay, "1/s", "of its amplitude"),
        Number("largest_step", largest_step("heun_stratonovich", column, np.zeros(5)), "s", "safe thermal step without drive"),
        Number("r_p", params["r_p"], "ohm", "junction, parallel"),
        Number("r_ap", params["r_p"] * (1.0 + params["tmr"]), "ohm", "junction, antiparallel, at small voltage"),
    ]
    if math.isfinite(seen.sigma):
        numbers.insert(1, Number("thermal_stability", seen.sigma, "", "barrier over kT"))
    numbers += _critical_currents(params, seen)
    return numbers


def _critical_currents(params: Values, seen: Moment) -> list[Number]:
    """Return the currents of junction and line at which the state along the axis leaves; nothing for one that cannot do it."""
    line = TORQUE_PER_AMPERE * params["theta_sh"] / (params["m_s"] * params["thickness"] * params["line_area"])
    found = []
    for name, row, axis, per_ampere, what in (
            ("critical_current", 3, _unit(params, "p"), params["alpha"] * seen.field_per_ampere, "junction current"),
            ("critical_line_current", 4, _unit(params, "s"), line, "line current")):
        along = float(axis @ seen.axis)
        if abs(along) < 0.5 or per_ampere == 0.0 or not seen.h_k > 0.0:
            continue  # a spin across the axis switches in another way: no instability of the state along the axis
        highest = -2.0 * params["alpha"] * seen.stiffness / (per_ampere * along)
        try:
            size = critical_drive(params, _off(seen.axis), _current_in(row), highest)
        except ParameterError:
            continue
        found.append(Number(name, abs(size), "A", f"{what} at which the state along the axis loses its stability"))
    return found


def _telegraph_card(fit: TelegraphFit, seen: Moment, ampere: float) -> SimplerCard:
    values = {"delta": fit.delta, "i_c": fit.h_c * ampere, "n": fit.n, "tau_0": math.exp(fit.log_tau_0) * seen.tau_n}
    return SimplerCard(
        "telegraph.toml", "smtj", values, "Telegraph of a macrospin",
        f"Fitted to the exact thermal rates of a uniaxial macrospin with a barrier of {seen.sigma:.4g} kT, for currents up to "
        f"{LARGEST_DRIVE * ampere:.3g} A; largest deviation of a rate {100 * fit.deviation:.2g} %. One card serves the "
        "telegraph and its mean field (forms of the model). Output voltage and read power are model defaults, not derived.",
        tuple(values))


def _rate_panel(seen: Moment, fit: TelegraphFit, points: list[Relaxation]) -> Panel:
    h = np.linspace(-LARGEST_DRIVE, LARGEST_DRIVE, 41)
    exact = np.array([slowest_rate(seen.sigma, float(value)) for value in h]) / seen.tau_n
    up, down = (np.exp(values) / seen.tau_n for values in fit.log_rates(h))
    curves = [Curve("Fokker-Planck, exact", h, exact), Curve("telegraph", h, up + down)]
    if points:
        curves.append(Curve("thermal dynamics", *_columns(points, "rate", "rate_error")))
    return Panel("Rate of switching", "drive h = H/H_k = I/I_c0", "rate up + down (1/s)", tuple(curves), log_y=True)


def _mean_panel(seen: Moment, fit: TelegraphFit, points: list[Relaxation]) -> Panel:
    h = np.linspace(-LARGEST_DRIVE, LARGEST_DRIVE, 81)
    up, down = fit.log_rates(h)
    curves = [Curve("Boltzmann, exact", h, np.array([2.0 * occupation(seen.sigma, float(value)) - 1.0 for value in h])),
              Curve("telegraph", h, np.tanh(0.5 * (up - down))),
              Curve("mean of m, exact", h, np.array([boltzmann_mean(seen.sigma, float(value)) for value in h]))]
    if points:
        curves.append(Curve("thermal dynamics", *_columns(points, "mean", "mean_error")))
    return Panel("Mean state (p-bit curve)", "drive h = H/H_k = I/I_c0", "mean of the sign of m", tuple(curves))


def _astroid_panel(params: Values, seen: Moment) -> Panel:
    angles, across = np.radians([4, 12, 22, 33, 45, 57, 68, 78, 86]), _across(seen.axis)
    found = []
    for psi in angles:
        direction = math.sin(psi) * across - math.cos(psi) * seen.axis
        size = critical_drive(params, _off(seen.axis), _field_along(direction), 1.3 * seen.h_k)
        found.append(size / seen.h_k)
    smooth = np.linspace(0.0, 0.5 * math.pi, 181)
    curves = (Curve("closed form", np.sin(smooth) * astroid(smooth), np.cos(smooth) * astroid(smooth)),
              Curve("loss of stability", np.sin(angles) * np.array(found), np.cos(angles) * np.array(found),
                    np.zeros(angles.size)))
    return Panel("Switching field (astroid)", "field across the axis over H_k", "field against m over H_k", curves)


def _current_in(row: int) -> Callable[[float], tuple[float, ...]]:
    """Return the drive for a current in the junction (row 3) or in the line (row 4)."""
    return lambda size: tuple(size if k == row else 0.0 for k in range(5))


def _field_along(direction: np.ndarray) -> Callable[[float], tuple[float, ...]]:
    """Return the drive for a field of a size along a direction."""
    return lambda size: (*(size * direction).tolist(), 0.0, 0.0)


def _decay_panel(params: Values, seen: Moment, ampere: float) -> Panel:
    shares = np.linspace(0.0, 1.2, 13)
    unit = GAMMA_0 * seen.h_k * params["alpha"] / (1.0 + params["alpha"] ** 2)
    per_field = (0.0, 0.0, 0.0)
    scale = ampere / (1.0 + params["alpha"] * params["field_like_ratio"]) if math.isfinite(ampere) else 0.0
    found = [resonance(params, (*per_field, -share * scale, 0.0), seen.axis.tolist()).decay for share in shares]
    law = 1.0 - shares * (1.0 if scale else 0.0)
    return Panel("Stability under current", "I/I_c0 against the state", "decay of small motion (1/s)",
                 (Curve("closed form", shares, unit * law), Curve("linearised motion", shares, np.array(found), np.zeros(13))))


def _columns(points: list[Relaxation], value: str, error: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (np.array([point.h for point in points]), np.array([getattr(point, value) for point in points]),
            np.array([getattr(point, error) for point in points]))


def _off(axis: np.ndarray) -> tuple[float, float, float]:
    """Return a unit vector a little off the axis."""
    vector = axis + 1e-3 * _across(axis)
    x, y, z = vector / np.linalg.norm(vector)
    return float(x), float(y), float(z)


def _across(axis: np.ndarray) -> np.ndarray:
    vector = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    return vector / np.linalg.norm(vector)


def _unit(params: Values, name: str) -> np.ndarray:
    vector = np.array([params[f"{name}_{axis}"] for axis in "xyz"])
    return vector / np.linalg.norm(vector)
