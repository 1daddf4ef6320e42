"""Coincidence writes: the expected change is the outer product of the phases, with signs, and energy by v^2 g."""

import numpy as np

from neurosim.crossbar import CrossbarArray
from neurosim.crossbar_spec import Crossbar
from neurosim.learning.outer_product import OuterProduct
from neurosim.library import load_device
from neurosim.nominal_write import NominalWrite

SOURCE_A, TARGET_A = np.array([0.2, -0.1, 0.05, 0.2]), np.array([0.05, -0.03])
SOURCE_B, TARGET_B = np.array([0.2, -0.12, 0.0, 0.2]), np.array([-0.02, 0.04])


def array():
    crossbar = CrossbarArray(Crossbar(device=load_device("vteam/nominal")), 3, 2, seed=0, name="crossbar0")
    crossbar.form(np.zeros((4, 2)), *crossbar.spec.nominal_window())
    return crossbar, NominalWrite.of(crossbar.spec.device, 0.9, 0.02)


def test_expected_change_is_the_difference_of_outer_products():
    crossbar, nominal = array()
    start = crossbar.population.state.copy()
    # Small steps keep dG on the slope at mid window: 16 trials of 6.25e-6 windows each per phase; a pair of lines at
    # 0.2 V and 0.05 V (product 0.01 V^2) fires together in a fifth of them.
    programmer = OuterProduct(bits=16, step_max=1e-4)
    coefficient = 0.2 * programmer.step_max * nominal.window / 0.01
    wanted = coefficient * (np.outer(SOURCE_A, TARGET_A) - np.outer(SOURCE_B, TARGET_B))
    changes = []
    for _ in range(300):
        crossbar.population.state[:] = start
        crossbar.refresh()
        before = crossbar.g.copy()
        report = programmer.write_outer(crossbar, nominal, ((SOURCE_A, TARGET_A), (SOURCE_B, TARGET_B)), coefficient)
        changes.append(crossbar.g - before)
        assert report.clipped == 0
    changes = np.array(changes)
    mean, error = changes.mean(axis=0), changes.std(axis=0) / np.sqrt(len(changes))
    # Plus devices move by the wanted change, minus devices against it; one part in 1000 for the curvature of G(x).
    expected = np.concatenate([wanted, -wanted], axis=1)
    assert np.all(np.abs(mean - expected) <= 5 * error + 2e-3 * np.abs(expected))
    assert np.all(np.abs(expected[:2]) > 5 * error[:2])


def test_equal_phases_cancel_on_average_but_not_in_one_write():
    crossbar, nominal = array()
    before = crossbar.g.copy()
    programmer = OuterProduct(bits=16, step_max=1e-3)
    coefficient = 0.2 * programmer.step_max * nominal.window / 0.01
    programmer.write_outer(crossbar, nominal, ((SOURCE_A, TARGET_A), (SOURCE_A, TARGET_A)), coefficient)
    assert np.any(crossbar.g != before)


def test_lines_below_threshold_dissipate_v_squared_g_and_move_nothing():
    crossbar, _ = array()
    before = crossbar.population.state.copy()
    rows, columns = np.array([0.45, 0.0, 0.45, 0.0]), np.array([0.0, 0.0, 0.0, 0.0])
    energy = crossbar.drive_lines_in_place(rows, columns, 1e-6)
    np.testing.assert_allclose(energy, 1e-6 * 0.45**2 * (crossbar.g[0].sum() + crossbar.g[2].sum()), rtol=1e-12)
    np.testing.assert_array_equal(crossbar.population.state, before)


def test_coincidence_moves_only_the_crossing():
    crossbar, _ = array()
    before = crossbar.population.state[0].reshape(4, 4).copy()
    rows, columns = np.zeros(4), np.zeros(4)
    rows[1], columns[2] = 0.45, -0.45
    crossbar.drive_lines_in_place(rows, columns, 1e-6)
    after = crossbar.population.state[0].reshape(4, 4)
    # 0.9 V over 0.5 V: dx/dt = 1.25e5 * 0.8^3 / s.
    np.testing.assert_allclose(after[1, 2] - before[1, 2], 1.25e5 * 0.8**3 * 1e-6, rtol=1e-11)
    after[1, 2] = before[1, 2]
    np.testing.assert_array_equal(after, before)
