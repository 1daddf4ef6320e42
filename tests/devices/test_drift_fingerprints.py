"""Fingerprints of a memristor on every shipped drift and threshold card: pinched, passive, bounded, smooth, not locked."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from devices import CARDS, LIBRARY
from neurosim.card import Device
from neurosim.card_file import read_card

MODELS = ("linear_ion_drift", "windowed_drift", "nonlinear_drift", "team", "vteam_windowed", "yakopcic", "laiho_biolek",
          "pershin", "namlab")
PATHS = [path for model in MODELS for path in sorted((CARDS / model).glob("*.toml"))]
N = 200


@pytest.fixture(params=PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def device(request):
    module, attribute = LIBRARY[request.param.parent.name].split(":")
    return Device.build(read_card(request.param), getattr(importlib.import_module(module), attribute))


def population(device):
    spec = device.model.states[0]
    x = np.random.default_rng(1).uniform(spec.low, spec.high, (1, N))
    x[0, :2] = spec.low, spec.high
    return x, np.repeat(np.array(device.params).reshape(-1, 1), N, axis=1)


def limits(device):
    """The voltages up to which the card is valid."""
    return (device.card.valid[name] for name in ("v_min", "v_max"))


def test_current_vanishes_with_the_voltage_and_never_delivers_power(device):
    x, params = population(device)
    low, high = limits(device)
    i, slope = np.ones(N), np.ones(N)
    device.model.current(x, np.zeros((1, N)), params, i, slope, 0, N)
    assert not np.any(i)
    for v in np.linspace(low, high, 11):
        device.model.current(x, np.full((1, N), v), params, i, slope, 0, N)
        assert np.all(i * v >= 0.0)


def test_slope_is_the_derivative_of_the_current(device):
    x, params = population(device)
    low, high = limits(device)
    step = 1e-4 * high
    i, slope, above, below, unused = (np.zeros(N) for _ in range(5))
    for v in (0.9 * low, 0.3 * low, 0.2 * high, 0.7 * high):
        device.model.current(x, np.full((1, N), v), params, i, slope, 0, N)
        device.model.current(x, np.full((1, N), v + step), params, above, unused, 0, N)
        device.model.current(x, np.full((1, N), v - step), params, below, unused, 0, N)
        # Truncation: (step / scale)^2 / 6 of the curvature; scales here are at least a tenth of the range.
        np.testing.assert_allclose((above - below) / (2.0 * step), slope, rtol=1e-5, atol=1e-11 * np.max(np.abs(i)) / step)


def test_ten_thousand_random_pulses_stay_within_bounds(device):
    x, params = population(device)
    low, high = limits(device)
    spec, rng = device.model.states[0], np.random.default_rng(2)
    for _ in range(50):
        seconds = 10.0 ** rng.uniform(-9.0, 1.0, N)
        device.model.advance(x, rng.uniform(low, high, (1, N)), params, np.zeros((1, N)), seconds, 0, N)
        assert np.all((x >= spec.low) & (x <= spec.high))


def test_state_driven_to_either_end_comes_back(device):
    # From the start state of the card: a device that needs a current is frozen at high resistance (team/pickett_b).
    params, spec, noise = np.array(device.params).reshape(-1, 1), device.model.states[0], np.zeros((1, 1))
    low, high = limits(device)
    for v in (high, low):
        there = np.array(device.state).reshape(-1, 1)
        for _ in range(10):
            device.model.advance(there, np.array([[v]]), params, noise, np.array([1e3]), 0, 1)
        back = there.copy()
        device.model.advance(back, np.array([[low + high - v]]), params, noise, np.array([1e3]), 0, 1)
        assert abs(back - there) > 1e-3 * (spec.high - spec.low)
