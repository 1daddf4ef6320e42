"""Cycle-to-cycle noise of VTEAM devices in a crossbar: sigma_c2c of each step, sigma_c2c_range of the range, in quadrature."""

import numpy as np
import pytest

from neurosim.crossbar import CrossbarArray
from neurosim.crossbar_spec import Crossbar
from neurosim.library import load_device

ROWS, COLUMNS = 100, 40
N = ROWS * COLUMNS
VOLTAGE, WIDTH = 0.9, 1e-6
STEP = 1.25e5 * (VOLTAGE / 0.5 - 1) ** 3 * WIDTH  # 0.064 of the range: the law of vteam/nominal
SIGMAS = [(0.1, 0.0), (0.0, 0.004), (0.05, 0.003)]


def array(sigma_c2c, sigma_c2c_range, **params):
    device = load_device("vteam/nominal", **params)
    spec = Crossbar(device=device, sigma_c2c=sigma_c2c, sigma_c2c_range=sigma_c2c_range)
    return CrossbarArray(spec, ROWS - 1, COLUMNS // 2, seed=6, name="crossbar0")


def write(crossbar, sign, width=WIDTH):
    """Give every device one pulse from the middle of its range; return the changes of state, positive raises g."""
    crossbar.population.state[:] = 0.5
    crossbar.program_in_place(np.full((ROWS, COLUMNS), sign * width), -VOLTAGE, VOLTAGE, WIDTH)
    return 0.5 - crossbar.population.state[0]


def assert_normal(x, mean, sigma):
    assert abs(x.mean() - mean) <= 5 * sigma / np.sqrt(x.size)
    assert abs(x.std() / sigma - 1) <= 5 / np.sqrt(2 * x.size)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("c2c", "c2c_range"), SIGMAS)
def test_spread_of_a_pulse_is_that_of_the_step_and_that_of_the_range_in_quadrature(c2c, c2c_range, sign):
    assert_normal(write(array(c2c, c2c_range), sign), sign * STEP, np.hypot(c2c * STEP, c2c_range))


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_noise_of_the_step_shrinks_with_the_step_and_noise_of_the_range_does_not(share):
    assert_normal(write(array(0.1, 0.0), 1, share * WIDTH), share * STEP, 0.1 * share * STEP)
    assert_normal(write(array(0.0, 0.003), 1, share * WIDTH), share * STEP, 0.003)


def test_noise_is_the_same_for_exponents_that_are_no_integers():
    # alpha = 2.5: the law is evaluated through logarithms, in another loop.
    step = 1.25e5 * (VOLTAGE / 0.5 - 1) ** 2.5 * WIDTH
    assert_normal(write(array(0.05, 0.003, alpha_on=2.5, alpha_off=2.5), 1), step, np.hypot(0.05 * step, 0.003))


def test_noise_of_successive_pulses_and_of_neighbours_is_independent():
    crossbar = array(0.1, 0.002)
    pulses = np.array([write(crossbar, sign) - sign * STEP for sign in (1, 1, -1, 1)])
    assert np.abs(np.corrcoef(pulses) - np.eye(4)).max() <= 5 / np.sqrt(N)
    first = pulses[0].reshape(ROWS, COLUMNS)
    for a, b in ((first[1:], first[:-1]), (first[:, 1:], first[:, :-1])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) <= 5 / np.sqrt(a.size)


def test_noise_of_many_pulses_grows_as_their_root():
    crossbar = array(0.0, 0.002)
    crossbar.population.state[:] = 0.5
    n = 9
    for k in range(n):
        crossbar.program_in_place(np.full((ROWS, COLUMNS), (-1) ** k * WIDTH), -VOLTAGE, VOLTAGE, WIDTH)
    assert_normal(0.5 - crossbar.population.state[0], STEP, 0.002 * np.sqrt(n))


def test_noise_never_leaves_the_range_and_devices_without_a_pulse_have_none():
    crossbar = array(0.0, 0.2)
    width = np.zeros((ROWS, COLUMNS))
    width[:, ::2] = WIDTH
    crossbar.program_in_place(width, -VOLTAGE, VOLTAGE, WIDTH)
    state = crossbar.population.state[0].reshape(ROWS, COLUMNS)
    np.testing.assert_array_equal(state[:, 1::2], 0.5)
    assert 0.0 <= state.min() <= state.max() <= 1.0
    assert np.count_nonzero(state == 0.0) > 0


@pytest.mark.parametrize(("card", "pulse"), [("vteam/nominal", WIDTH), ("pershin/biolek2013", 1e-10)])
def test_half_selected_devices_of_other_rows_move_with_the_noise_of_their_own_step(card, pulse):
    # One pulse per column in the first row disturbs 99 x 40 devices at half the voltage, more than one batch of the kernel;
    # the second model has no noise of its own, so the array adds it.
    device, sigma_step, sigma_range, width = load_device(card), 0.1, 1e-4, np.zeros((ROWS, COLUMNS))
    full, width[0] = 2.4 * abs(device.value("v_on")), pulse
    changes = []
    for c2c, c2c_range in ((0.0, 0.0), (sigma_step, sigma_range)):
        spec = Crossbar(device=device, v_read=0.01, sigma_c2c=c2c, sigma_c2c_range=c2c_range)
        crossbar = CrossbarArray(spec, ROWS - 1, COLUMNS // 2, seed=6, name="crossbar0")
        crossbar.population.state[:] = 0.5
        crossbar.program_in_place(width, -full, full, pulse)
        changes.append(crossbar.population.state[0].reshape(ROWS, COLUMNS)[1:] - 0.5)
    quiet, noisy = changes
    assert np.unique(np.round(quiet, 12)).size == 1
    step = quiet[0, 0]
    assert 0.001 < abs(step) < 0.2
    z = (noisy - quiet) / np.hypot(sigma_step * step, sigma_range)
    assert_normal(z, 0.0, 1.0)
