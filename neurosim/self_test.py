"""Self tests of a card: the numbers under ``[expected]`` against what its device does.

=====================  =========================================  ======================================================
kind                   keys of a row                              what is measured
=====================  =========================================  ======================================================
``switching_time``     voltage, from, to (state), seconds         time of the first state at frozen voltage, by bisection
``relaxation_time``    voltage, seconds                           time constant of the approach to rest
``resistance_after``   voltage, seconds, from, to (ohm)           ``r_min + (r_max - r_min) x`` after a pulse
``current``            voltage, ampere                            current in the start state
another name           a number                                   function of that name, of the parameters by name, in the
                                                                  module of the model's slow twins
=====================  =========================================  ======================================================

Each row has its own ``rtol``; a bare number is held to the three digits that a paper prints. A name without a check is a
failed test: a promise that nobody verifies is worth nothing.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim.card import Device
from neurosim.errors import NeurosimError, ParameterError, did_you_mean
from neurosim.units import format_quantity

PRINTED = 5e-3  # relative tolerance of a bare number: three printed digits
BISECTIONS = 60


@dataclass(frozen=True)
class TestResult:
    """One expected number of a card and what was found.

    Attributes
    ----------
    kind, text : str
        Name under ``[expected]``, and one line for people.
    expected, found : float
        In SI units; ``found`` is NaN where the measurement failed.
    rtol : float
        Relative tolerance.
    """

    __test__ = False  # not a class of tests, for pytest

    kind: str
    text: str
    expected: float
    found: float
    rtol: float

    @property
    def ok(self) -> bool:
        """Whether the found number is the expected one within its tolerance."""
        return abs(self.found - self.expected) <= self.rtol * abs(self.expected)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; what could not be measured is null."""
        expected, found = (value if math.isfinite(value) else None for value in (self.expected, self.found))
        return {"kind": self.kind, "ok": self.ok, "text": self.text, "expected": expected, "found": found,
                "rtol": self.rtol}


def check_card(device: Device) -> list[TestResult]:
    """Return one result for each expected number of the device's card, in the order of the card.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> all(result.ok for result in check_card(load_device("vteam/technion")))
    True
    """
    expected = device.card.expected
    if not isinstance(expected, Mapping):
        return [_failed("expected", "tests must have names, for example [[expected.switching_time]]")]
    results = []
    for kind, rows in expected.items():
        for row in rows if isinstance(rows, list) else [rows]:
            try:
                results.append(_check(device, kind, row))
            except KeyError as error:
                results.append(_failed(kind, f"the key {error} is missing from [expected.{kind}]"))
            except NeurosimError as error:
                results.append(_failed(kind, str(error)))
    return results


def _check(device: Device, kind: str, row: Any) -> TestResult:
    if kind in _MEASURES and isinstance(row, Mapping):
        measure, key, unit, condition = _MEASURES[kind]
        found, expected, rtol = measure(device, row), float(row[key]), float(row.get("rtol", PRINTED))
        name = f"{kind.replace('_', ' ')} {condition.format(**row)}"
    elif (figure := _figure(device, kind)) and isinstance(row, (int, float)):
        values = {spec.name: float(value) for spec, value in zip(device.model.params, device.params, strict=True)}
        found, expected, rtol, unit = float(figure(values)), float(row), PRINTED, ""
        name = kind.replace("_", " ")
    else:
        raise ParameterError(f"no check for [expected.{kind}].{did_you_mean(kind, _MEASURES)}")
    text = (f"{name}: found {format_quantity(found, unit, 6)}, expected "
            f"{format_quantity(expected, unit, 6)} within {100 * rtol:g} %")
    return TestResult(kind, text, expected, found, rtol)


def _figure(device: Device, kind: str) -> Callable[[Mapping[str, float]], float] | None:
    """Return the function that computes a figure of a model, found beside its slow twins."""
    twin = device.base.twins.get("rate")  # that of the model itself, whatever was put around it
    found = getattr(sys.modules.get(twin.__module__), kind, None) if twin else None
    return found if callable(found) else None


def _failed(kind: str, reason: str) -> TestResult:
    return TestResult(kind, f"{kind}: {reason}", math.nan, math.nan, 0.0)


def _after(device: Device, voltage: float, state: float, seconds: float) -> float:
    """Return the first state after ``seconds`` at frozen voltage, without noise."""
    params = np.array(device.params).reshape(-1, 1)
    model = device.model.select(params) if device.model.select else device.model
    x = np.array(device.state).reshape(-1, 1)
    x[0, 0] = state
    noise = np.zeros((max(len(model.noises), 1), 1))
    model.require("advance")(x, np.array([[float(voltage)]]), params, noise, np.array([float(seconds)]), 0, 1)
    return float(x[0, 0])


def _switching_time(device: Device, row: Mapping[str, Any]) -> float:
    """Return the time [s] at which the state first reaches its goal, NaN if it needs twice the expected time."""
    sign = math.copysign(1.0, row["to"] - row["from"])
    early, late = 0.0, 2.0 * row["seconds"]

    def arrived(seconds: float) -> bool:
        return sign * (_after(device, row["voltage"], row["from"], seconds) - row["to"]) >= 0.0

    if not arrived(late):
        return math.nan
    for _ in range(BISECTIONS):
        middle = 0.5 * (early + late)
        early, late = (early, middle) if arrived(middle) else (middle, late)
    return late


def _relaxation_time(device: Device, row: Mapping[str, Any]) -> float:
    """Return the time constant [s]: the distance to rest shrinks by exp(-step / tau)."""
    step = 0.5 * row["seconds"]
    spec = device.model.states[0]
    first = spec.low + 0.2 * (spec.high - spec.low)
    rest = _after(device, row["voltage"], first, 1e9 * row["seconds"])
    ratio = (_after(device, row["voltage"], first, step) - rest) / (first - rest)
    return -step / math.log(ratio) if 0.0 < ratio < 1.0 else math.nan


def _resistance_after(device: Device, row: Mapping[str, Any]) -> float:
    """Return the resistance [ohm] after a pulse of ``seconds``."""
    low, high = device.value("r_min"), device.value("r_max")
    return low + (high - low) * _after(device, row["voltage"], (row["from"] - low) / (high - low), row["seconds"])


def _current(device: Device, row: Mapping[str, Any]) -> float:
    """Return the current [A] in the start state."""
    current, slope = np.zeros(1), np.zeros(1)
    device.model.require("current")(np.array(device.state).reshape(-1, 1), np.array([[float(row["voltage"])]]),
                                    np.array(device.params).reshape(-1, 1), current, slope, 0, 1)
    return float(current[0])


_MEASURES: Mapping[str, tuple[Callable[[Device, Mapping[str, Any]], float], str, str, str]] = {
    "switching_time": (_switching_time, "seconds", "s", "at {voltage:g} V from state {from:g} to {to:g}"),
    "relaxation_time": (_relaxation_time, "seconds", "s", "at {voltage:g} V"),
    "resistance_after": (_resistance_after, "to", "ohm", "{seconds:g} s at {voltage:g} V from {from:g} ohm"),
    "current": (_current, "ampere", "A", "at {voltage:g} V"),
}
