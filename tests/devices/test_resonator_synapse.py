"""The spin-diode resonator: its line shape, its chains with crosstalk, and weights that are written by pulses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from devices.spintronic import resonator_chain as chain
from devices.spintronic.resonator_synapse import MODEL
from neurosim.errors import ParameterError
from neurosim.library import load_device

K = 8838.8


def weights(x, **rows):
    n = np.size(x)
    params = MODEL.default_params(n)
    for name, value in rows.items():
        params[MODEL.param_index[name]] = value
    out = np.empty((1, n))
    MODEL.output(np.atleast_2d(np.asarray(x, dtype=float)), params, out, 0, n)
    return out[0]


def pulsed(x, current, seconds, count=1, **rows):
    n = np.size(x)
    params, state = MODEL.default_params(n), np.array(x, dtype=float).reshape(1, n)
    for name, value in rows.items():
        params[MODEL.param_index[name]] = value
    for _ in range(count):
        MODEL.advance(state, np.full((1, n), current), params, np.empty((0, n)), np.full(n, seconds), 0, n)
    return state[0]


@pytest.mark.parametrize("alpha", [0.003, 0.01, 0.05])
def test_rectified_voltage_vanishes_on_resonance_and_has_its_extremes_one_line_width_away(alpha):
    f_r = 5e9
    assert chain.responsivity(f_r, f_r, alpha, K) == 0.0
    ends = chain.responsivity(f_r * np.array([1 + alpha, 1 - alpha]), f_r, alpha, K)
    np.testing.assert_allclose(ends, [K, -K], rtol=1e-12, atol=0)
    detuning = np.linspace(0.01, 30, 400) * alpha * f_r
    above, below = (chain.responsivity(f_r + sign * detuning, f_r, alpha, K) for sign in (1, -1))
    np.testing.assert_allclose(above, -below, rtol=1e-6, atol=0)  # rounding of f_in - f_r
    assert np.all(np.abs(above) <= K * (1 + 1e-12))
    far = detuning[-1] / (alpha * f_r)
    np.testing.assert_allclose(above[-1], 2 * K * far / (1 + far**2), rtol=1e-9, atol=0)


def test_device_weight_is_the_same_law_at_its_own_input():
    f_r = 7e7 * (1 + 0.01 * (2 * np.array([0.0, 0.3, 0.5, 1.0]) - 1))
    np.testing.assert_allclose(weights([0.0, 0.3, 0.5, 1.0]), chain.responsivity(7e7, f_r, 0.01, K), rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(weights([0.3], orientation=-1.0), -weights([0.3]))
    # f_in = f_r (1 + alpha)
    np.testing.assert_allclose(weights([0.5], f_input=7e7 * 1.01), K, rtol=1e-12, atol=0)


def test_tuning_range_of_one_line_width_reaches_every_weight_monotonically():
    found = weights(np.linspace(0, 1, 201))
    assert np.all(np.diff(found[1:]) < 0.0)  # the maximum is at x = 0.00495, f_r = f_in / (1 + alpha)
    np.testing.assert_allclose(found[[0, -1]], [K, -K], rtol=1e-3, atol=0)
    for w in (-1.0, -0.4, 0.0, 0.9, 1.0):
        np.testing.assert_allclose(chain.responsivity(7e7, chain.frequency_of_weight(w, 7e7, 0.01), 0.01, 1.0), w,
                                   rtol=1e-7, atol=1e-12)
    with pytest.raises(ParameterError, match=r"outside \[-1, 1\]"):
        chain.frequency_of_weight(1.1, 7e7, 0.01)


def test_sensitivity_of_ten_microampere_junctions_is_the_published_factor():
    np.testing.assert_allclose(chain.spin_diode_sensitivity(1.0, 1e-5), 0.088388 / 1e-5, rtol=1e-5, atol=0)
    np.testing.assert_allclose(load_device("resonator_synapse/ross2023").value("sensitivity"),
                               chain.spin_diode_sensitivity(1.0, 1e-5), rtol=1e-5, atol=0)
    with pytest.raises(ParameterError, match="must be positive"):
        chain.spin_diode_sensitivity(1.0, 0.0)


def test_chain_adds_the_voltages_of_all_junctions_for_all_inputs():
    rng = np.random.default_rng(3)
    f_in, f_r, power = rng.uniform(2e7, 1.2e8, 5), rng.uniform(2e7, 1.2e8, (3, 4)), rng.uniform(0, 1e-6, 5)
    alpha, sensitivity = rng.uniform(0.005, 0.02, (3, 4)), rng.uniform(5e3, 1e4, (3, 4))
    found = chain.chain_weights(f_in, f_r, alpha, sensitivity) @ power
    for j in range(3):
        volts = 0.0
        for k in range(4):
            for i in range(5):
                width, detuning = alpha[j, k] * f_r[j, k], f_in[i] - f_r[j, k]
                volts += (-1) ** k * power[i] * sensitivity[j, k] * 2 * width * detuning / (width**2 + detuning**2)
        np.testing.assert_allclose(found[j], volts, rtol=1e-10, atol=1e-15)


def test_well_separated_inputs_see_only_their_own_resonator():
    f_in = 1e8 * 1.5 ** np.arange(6)
    goal = np.array([0.8, -0.3, 0.5, -0.9, 0.1, 0.6])
    sign = (-1.0) ** np.arange(6)
    f_r = np.array([chain.frequency_of_weight(w * s, f, 1e-4) for w, s, f in zip(goal, sign, f_in, strict=True)])
    np.testing.assert_allclose(chain.chain_weights(f_in, f_r, 1e-4)[0], goal, rtol=0, atol=2e-3)  # tails ~ 2 alpha f/df each


def test_head_to_tail_connection_cancels_the_tails_of_neighbours():
    f_r = np.linspace(2e7, 1.2e8, 64)
    alternating, parallel = (chain.chain_weights(np.array([2e8]), f_r, 0.01, 1.0, sign)[0, 0]
                             for sign in (None, np.ones(64)))
    assert abs(alternating) < 0.05 * abs(parallel)


def test_pulses_above_threshold_move_the_weight_and_weaker_ones_do_nothing():
    assert pulsed([0.3], 0.99e-4, 1.0)[0] == 0.3
    assert pulsed([0.3], -0.99e-4, 1.0)[0] == 0.3
    time = 2e-8
    np.testing.assert_allclose(pulsed([0.3], 2e-4, time), 1 - 0.7 * math.exp(-1e11 * 1e-4 * time), rtol=1e-13, atol=0)
    np.testing.assert_allclose(pulsed([0.3], -3e-4, time), 0.3 * math.exp(-1e11 * 2e-4 * time), rtol=1e-13, atol=0)
    np.testing.assert_allclose(pulsed([0.3], 2e-4, time, 5), pulsed([0.3], 2e-4, 5 * time), rtol=1e-13, atol=0)


def test_no_bound_locks_the_frequency():
    assert pulsed([0.0], 2e-4, 1e-8)[0] > 0.05
    assert pulsed([1.0], -2e-4, 1e-8)[0] < 0.95
    np.testing.assert_array_equal(pulsed([0.2, 0.2], 1.0, 1e9), [1.0, 1.0])


def test_it_says_that_a_crossbar_cannot_hold_it():
    assert not MODEL.programmable
    with pytest.raises(ParameterError, match="conductance"):
        MODEL.require("conductance")
