"""Accumulators by their laws: leak, noise, resolution, range, and what is subtracted when a pulse is written."""

import numpy as np
import pytest

from neurosim.errors import ParameterError
from neurosim.learning.accumulators import Accumulator
from neurosim.learning.programmers import DevicePulses
from neurosim.nominal_write import NominalWrite

WINDOW = 1e-4  # S
KEY = np.uint64(7)
NOMINAL = NominalWrite(0.0, WINDOW, -0.9, 0.9, 2.0, 3.0)  # slopes in s/S: unequal on purpose


def deposit(accumulator, content, request, elapsed=0.0, event=0):
    content = np.array(content, dtype=float)
    full = accumulator.add_in_place(content, np.array(request, dtype=float), WINDOW, elapsed, KEY, event)
    return content, full


def test_capacitor_leaks_exponentially_before_it_adds():
    content, _ = deposit(Accumulator("capacitor", leak_time=2e-6), [[1e-6, -2e-6]], [[1e-7, 0.0]], elapsed=3e-6)
    np.testing.assert_allclose(content, [[1e-6 * np.exp(-1.5) + 1e-7, -2e-6 * np.exp(-1.5)]], rtol=1e-14)


def test_digital_content_does_not_leak():
    content, _ = deposit(Accumulator("digital"), [[1e-6]], [[1e-7]], elapsed=1.0)
    np.testing.assert_allclose(content, [[1.1e-6]], rtol=1e-15)


def test_digital_counter_rounds_to_its_bits():
    # 4 bits over +-0.08 windows: 16 steps of 1e-6 S.
    request = [[1.4e-6, 1.6e-6, -2.4e-6, 0.4e-6]]
    content, _ = deposit(Accumulator("digital", quantum=0.01, bits=4, limit=0.08), [[0.0] * 4], request)
    np.testing.assert_allclose(content, [[1e-6, 2e-6, -2e-6, 0.0]], rtol=1e-12)


def test_content_saturates_at_its_limit_and_is_counted():
    content, full = deposit(Accumulator("capacitor", quantum=0.01, limit=0.02), [[0.0, 1e-6, 0.0]], [[3e-6, 1.5e-6, -2.1e-6]])
    np.testing.assert_allclose(content, [[2e-6, 2e-6, -2e-6]], rtol=1e-14)
    assert full == 3


def test_noise_of_a_deposit_has_its_spread_and_spares_cells_without_request():
    n = 40000
    accumulator = Accumulator("capacitor", quantum=0.01, noise=0.2)
    request = np.full((1, n), 1e-9)
    request[0, ::2] = 0.0
    content, _ = deposit(accumulator, np.zeros((1, n)), request)
    assert not content[0, ::2].any()
    noise = content[0, 1::2] - 1e-9
    sigma = 0.2 * 0.01 * WINDOW
    assert abs(noise.mean()) <= 5 * sigma / np.sqrt(n / 2)
    assert abs(noise.std() / sigma - 1) <= 5 / np.sqrt(n)
    other, _ = deposit(accumulator, np.zeros((1, n)), request, event=1)
    assert abs(np.corrcoef(noise, other[0, 1::2])[0, 1]) <= 5 / np.sqrt(n / 2)


def test_without_accumulator_only_the_present_request_counts():
    content, _ = deposit(Accumulator("none"), [[5e-6]], [[1e-7]])
    np.testing.assert_array_equal(content, [[1e-7]])


def test_content_below_the_quantum_waits_and_above_it_is_written_in_whole_levels():
    pulses = DevicePulses(levels=10, step_max=0.01)  # level 1e-7 S, longest 1e-6 S
    content = np.array([[4.9e-7, 5.6e-7, -7.3e-7, 2.35e-6]])
    width, clipped = pulses.widths(NOMINAL, Accumulator(quantum=0.005), content)
    np.testing.assert_allclose(content, [[4.9e-7, 0.6e-7, -0.3e-7, 1.35e-6]], rtol=1e-9)
    # Plus devices first: raised with slope 2 s/S, lowered with 3 s/S; the minus device takes the opposite change.
    np.testing.assert_allclose(width, [[0.0, 1e-6, -2.1e-6, 2e-6, 0.0, -1.5e-6, 1.4e-6, -3e-6]], rtol=1e-9)
    assert clipped == 1


def test_without_accumulator_a_request_is_rounded_and_the_rest_is_lost():
    pulses = DevicePulses(levels=10, step_max=0.01)
    content = np.array([[0.4e-7, 0.6e-7, -1.6e-7]])
    width, clipped = pulses.widths(NOMINAL, Accumulator("none"), content)
    np.testing.assert_allclose(width[:, :3], [[0.0, 2e-7, -6e-7]], rtol=1e-9)
    assert not content.any()
    assert clipped == 0


def test_sum_of_writes_follows_the_sum_of_requests():
    rng = np.random.default_rng(2)
    pulses, accumulator = DevicePulses(levels=64, step_max=0.02), Accumulator(quantum=0.005)
    content, asked, written = np.zeros((3, 4)), np.zeros((3, 4)), np.zeros((3, 4))
    for event in range(300):
        request = rng.normal(1e-8, 2e-7, (3, 4))
        asked += request
        accumulator.add_in_place(content, request, WINDOW, 0.0, KEY, event)
        width, _ = pulses.widths(NOMINAL, accumulator, content)
        plus = width[:, :4]
        written += np.where(plus > 0, plus / NOMINAL.raise_slope, plus / NOMINAL.lower_slope)
    np.testing.assert_allclose(written + content, asked, rtol=0, atol=300 * 1e-21)  # 300 roundings of numbers below 1e-5
    assert np.abs(content).max() < accumulator.quantum * WINDOW


@pytest.mark.parametrize("bad", [{"kind": "analog"}, {"quantum": 0.0}, {"noise": -0.1}, {"bits": 33}, {"leak_time": 1e-6}])
def test_bad_accumulator_is_refused(bad):
    with pytest.raises(ParameterError):
        Accumulator(**bad)
