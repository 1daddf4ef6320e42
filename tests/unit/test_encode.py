"""From data to line voltages: centred on the training means, one scale that puts the largest training value at v_read."""

import numpy as np
import pytest

from neurosim.experiment import encode

TRAIN = np.array([[0.0, 0.0], [4.0, 2.0]])  # means 2 and 1, largest distance 2: 0.1 V per unit at v_read = 0.2 V


def test_line_voltages_follow_from_means_and_largest_value_by_hand():
    train, test, clipped = encode(TRAIN, np.array([[3.0, 1.0], [1.5, 2.5]]), 0.2)
    np.testing.assert_allclose(train, [[-0.2, -0.1], [0.2, 0.1]], rtol=1e-15)
    np.testing.assert_allclose(test, [[0.1, 0.0], [-0.05, 0.15]], rtol=1e-15)
    assert clipped == 0.0


def test_test_values_beyond_the_training_range_are_clipped_and_counted():
    # 8 and -5 units from the means ask for 0.8 and -0.5 V; -2 units are exactly -v_read and not clipped.
    _, test, clipped = encode(TRAIN, np.array([[10.0, 1.0], [0.0, -4.0], [2.0, 1.5]]), 0.2)
    np.testing.assert_allclose(test, [[0.2, 0.0], [-0.2, -0.2], [0.0, 0.05]], rtol=1e-15)
    assert clipped == 2 / 6


@pytest.mark.parametrize("v_read", [0.2, 0.05])
def test_training_and_test_data_have_one_scale(v_read):
    data = np.random.default_rng(0).gamma(2.0, 3.0, (50, 7))
    train, test, clipped = encode(data, data, v_read)
    np.testing.assert_array_equal(train, test)
    np.testing.assert_allclose(np.abs(train).max(), v_read, rtol=1e-15)
    np.testing.assert_allclose(train.mean(axis=0), 0.0, rtol=0, atol=50 * 2e-16 * v_read)  # rounding of 50 terms
    np.testing.assert_allclose(train / v_read, (data - data.mean(axis=0)) / np.abs(data - data.mean(axis=0)).max(), rtol=1e-12)
    assert clipped == 0.0


def test_constant_training_data_give_zero_and_test_data_their_distance_in_units_of_v_read():
    train, test, clipped = encode(np.full((3, 2), 7.0), np.array([[7.0, 7.5]]), 0.2)
    np.testing.assert_array_equal(train, np.zeros((3, 2)))
    np.testing.assert_allclose(test, [[0.0, 0.1]], rtol=1e-15)
    assert clipped == 0.0
