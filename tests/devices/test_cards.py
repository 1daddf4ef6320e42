"""Every shipped card: it loads, it survives a round trip, and the numbers that it promises hold."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from devices import CARDS, LIBRARY
from neurosim.card import Device
from neurosim.card_file import parse_card, read_card

PATHS = sorted(CARDS.glob("*/*.toml"))


def device_of(path):
    card = read_card(path)
    assert card.model == path.parent.name
    module, attribute = LIBRARY[card.model].split(":")
    return Device.build(card, getattr(importlib.import_module(module), attribute))


def after(device, voltage, x, seconds):
    model, state = device.model, device.state[:, None].copy()
    state[0, 0] = x
    model.advance(state, np.array([[voltage]]), device.params[:, None].copy(), np.zeros((len(model.noises), 1)),
                  np.array([seconds]), 0, 1)
    return float(state[0, 0])


def switching_time(device, row):
    """Just before the stated time the state is short of its goal, just after it is there."""
    sign = np.sign(row["to"] - row["from"])
    early, late = (after(device, row["voltage"], row["from"], row["seconds"] * (1.0 + s * row["rtol"])) for s in (-1, 1))
    assert sign * (row["to"] - early) > 0.0
    assert sign * (row["to"] - late) <= 0.0


def relaxation_time(device, row):
    """The distance to rest decays with the stated time constant."""
    x, rest = 0.2, after(device, row["voltage"], 0.2, 1e9 * row["seconds"])
    t = 0.5 * row["seconds"]
    found = -t / np.log((after(device, row["voltage"], x, t) - rest) / (x - rest))
    np.testing.assert_allclose(found, row["seconds"], rtol=row["rtol"])


def resistance_after(device, row):
    """A pulse moves the resistance as stated."""
    r_min, r_max = device.value("r_min"), device.value("r_max")
    end = after(device, row["voltage"], (row["from"] - r_min) / (r_max - r_min), row["seconds"])
    np.testing.assert_allclose(r_min + (r_max - r_min) * end, row["to"], rtol=row["rtol"])


def current(device, row):
    """The current at a voltage, in the start state."""
    i, slope = np.zeros(1), np.zeros(1)
    device.model.current(device.state[:, None].copy(), np.array([[row["voltage"]]]), device.params[:, None].copy(),
                         i, slope, 0, 1)
    np.testing.assert_allclose(i[0], row["ampere"], rtol=row["rtol"])


def thermal_stability(device, expected):
    scales = importlib.import_module("devices.spintronic.macrospin_scales")
    np.testing.assert_allclose(scales.thermal_stability(named(device)), expected, rtol=5e-3)


def critical_current(device, expected):
    scales = importlib.import_module("devices.spintronic.macrospin_scales")
    np.testing.assert_allclose(scales.critical_current(named(device)), expected, rtol=5e-3)


def figure(device, kind, expected):
    """A bare number is what the function of that name beside the slow twins says, to three digits."""
    module = importlib.import_module(device.model.twins["rate"].__module__)
    np.testing.assert_allclose(getattr(module, kind)(named(device)), expected, rtol=5e-3)


def named(device):
    return {spec.name: float(value) for spec, value in zip(device.model.params, device.params, strict=True)}


CHECKS = {check.__name__: check for check in (switching_time, relaxation_time, resistance_after, current,
                                              thermal_stability, critical_current)}


def expectations():
    rows_of = []
    for path in PATHS:
        for kind, rows in read_card(path).expected.items():
            for number, row in enumerate(rows if isinstance(rows, list) else [rows]):
                name = f"{path.parent.name}/{path.stem}-{kind}-{number}"
                rows_of.append(pytest.param(path, kind, row, id=name))
    return rows_of


def test_every_model_has_a_card():
    assert {path.parent.name for path in PATHS} == set(LIBRARY)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_card_loads_and_round_trips(path):
    device = device_of(path)
    again = Device.build(parse_card(device.to_toml().encode(), where="round trip"), device.model)
    assert again.fingerprint == device.fingerprint
    assert np.all(np.isfinite(device.params))


@pytest.mark.parametrize(("path", "kind", "row"), expectations())
def test_card_keeps_its_promise(path, kind, row):
    if kind in CHECKS:
        CHECKS[kind](device_of(path), row)
    else:
        figure(device_of(path), kind, row)
