"""Ion gate (ECRAM) against the frozen trace of the array simulator that it stands for, leak and bounds."""

from __future__ import annotations

import numpy as np
import pytest

from devices.memristor.ion_gate import MODEL
from neurosim.library import load_device

W_MIN, W_MAX = -0.8276, 1.1724


def after(x, v, seconds, card="tang2018", **values):
    params = load_device(f"ion_gate/{card}").override(**values).params[:, None].copy()
    state = np.array([[float(x)]])
    MODEL.advance(state, np.array([[float(v)]]), params, np.zeros((0, 1)), np.array([float(seconds)]), 0, 1)
    return state[0, 0]


def test_pulse_train_is_the_frozen_trace_of_the_linear_step_device():
    # aihwkit 1.2.0, EcRam preset, all noise off: 200 pulses up from w = 0, 200 down.
    expected = {10: 0.019982, 100: 0.198065, 200: 0.392272, 210: 0.367589, 300: 0.158577, 400: -0.048079}
    x = -W_MIN / (W_MAX - W_MIN)
    for pulse in range(1, 401):
        x = after(x, 1.0 if pulse <= 200 else -1.0, 1e-6)
        if pulse in expected:
            np.testing.assert_allclose(W_MIN + (W_MAX - W_MIN) * x, expected[pulse], rtol=0.0, atol=1e-6)


@pytest.mark.parametrize(("card", "up", "down"), [("tang2018", 965, 924), ("kim2019", 7351, 6997)])
def test_pulses_to_95_percent_of_the_range(card, up, down):
    assert after(0.0, 1.0, up * 1e-6, card) >= 0.95 > after(0.0, 1.0, (up - 1) * 1e-6, card)
    assert after(1.0, -1.0, down * 1e-6, card) <= 0.05 < after(1.0, -1.0, (down - 1) * 1e-6, card)


def test_leak_is_exponential_at_any_read_voltage():
    for v in (0.0, 0.4):
        np.testing.assert_allclose(after(0.9, v, 3.0, leak=0.5, x_rest=0.2), 0.2 + 0.7 * np.exp(-1.5), rtol=1e-14)


def test_within_the_gate_selector_nothing_moves_without_a_leak():
    assert after(0.3, 0.5, 1e9) == 0.3
    assert after(0.3, 5.0, 1.0, rate=0.0) == 0.3


def test_dead_zone_appears_without_a_leak_and_says_stuck():
    params = np.repeat(load_device("ion_gate/tang2018").params[:, None], 3, axis=1)
    for row in ("rate_up", "rate_down"):
        params[MODEL.param_index[row], 1] = 0.0
    low, high = np.zeros(3), np.zeros(3)
    MODEL.select(params).dead_zone(params, low, high, 0, 3)
    np.testing.assert_array_equal(low, [-0.5, -1e30, -0.5])
    np.testing.assert_array_equal(high, [0.5, 1e30, 0.5])
    params[MODEL.param_index["leak"], 2] = 1.0
    assert MODEL.select(params).dead_zone is None


def test_bounds_are_reached_kept_and_left():
    assert after(0.5, 1.0, 1.0) == 1.0
    assert after(0.5, -1.0, 1.0) == 0.0
    assert after(1.0, -1.0, 1e-5) < 1.0
    assert after(0.0, 1.0, 1e-5) > 0.0
    assert 0.0 <= after(0.5, 1e300, 1e300) <= 1.0
