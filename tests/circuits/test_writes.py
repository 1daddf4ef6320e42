"""Writing a crossbar: who sees which voltage for how long, what it dissipates, how long it takes."""

import dataclasses

import numpy as np
import pytest

from neurosim.crossbar import CrossbarArray
from neurosim.crossbar_spec import Crossbar
from neurosim.errors import ParameterError
from neurosim.learning.accumulators import Accumulator
from neurosim.learning.programmers import DevicePulses
from neurosim.library import load_device
from neurosim.nominal_write import NominalWrite

# The card vteam/nominal: R = 10 kohm + 190 kohm x, dx/dt = +-1.25e5 (|v| / 0.5 V - 1)^3 / s beyond +-0.5 V.
R_ON, R_OFF, RATE, ALPHA, THRESHOLD = 1e4, 2e5, 1.25e5, 3.0, 0.5
WIDTH, PART = 1.0e-6, 2.5e-6
ROW, COLUMN = 1, 2


def array(**nonidealities):
    return CrossbarArray(Crossbar(device=load_device("vteam/nominal"), **nonidealities), 3, 2, seed=0, name="crossbar0")


def one_pulse(sign=1.0):
    width = np.zeros((4, 4))
    width[ROW, COLUMN] = sign * WIDTH
    return width


def speed(v):
    """Return dx/dt [1/s] of the nominal law; negative voltages lower the resistance."""
    return np.sign(v) * RATE * max(abs(v) / THRESHOLD - 1.0, 0.0) ** ALPHA


def joule(v, x, duration):
    """Return the energy [J] of a device held at v: v^2 times the integral of dt / R with R linear in time."""
    r_0 = R_ON + (R_OFF - R_ON) * x
    r_1 = r_0 + (R_OFF - R_ON) * speed(v) * duration
    slope = (r_1 - r_0) / duration
    return v**2 * (np.log(r_1 / r_0) / slope if slope else duration / r_0), x + speed(v) * duration


def expected(full, sign):
    """Return states and energy [J] after one pulse on (ROW, COLUMN), device by device from the law above."""
    state, total = np.full((4, 4), 0.5), 0.0
    for row in range(4):
        for column in range(4):
            periods = {(True, True): [(full, WIDTH), (0.5 * full, PART - WIDTH)], (True, False): [(0.5 * full, PART)],
                       (False, True): [(0.5 * full, WIDTH)], (False, False): []}[row == ROW, column == COLUMN]
            for voltage, duration in periods:
                part, state[row, column] = joule(-sign * voltage, state[row, column], duration)
                total += part
    return state, total


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("full", [0.9, 1.2])
def test_each_device_moves_and_dissipates_by_the_law_at_its_own_voltage(full, sign):
    crossbar = array()
    energy, pulses, rows = crossbar.program_in_place(one_pulse(sign), -full, full, PART)
    state, total = expected(full, sign)
    np.testing.assert_allclose(crossbar.population.state.reshape(4, 4), state, rtol=1e-12)
    np.testing.assert_allclose(energy, total, rtol=1e-12)
    np.testing.assert_allclose(crossbar.g, 1 / (R_ON + (R_OFF - R_ON) * state), rtol=1e-12)
    assert (pulses, rows) == (1, 1)
    assert np.sign(crossbar.g[ROW, COLUMN] - crossbar.g[0, 0]) == sign


def test_half_selected_devices_below_threshold_keep_their_bits():
    crossbar = array(sigma_d2d=0.1, sigma_threshold=0.005, sigma_c2c=0.1, sigma_c2c_range=0.001)
    assert crossbar._dead_high.min() > 0.45
    before = crossbar.population.state.copy()
    crossbar.program_in_place(one_pulse(), -0.9, 0.9, PART)
    moved = np.flatnonzero(before[0] != crossbar.population.state[0])
    np.testing.assert_array_equal(moved, [ROW * 4 + COLUMN])


def test_half_selected_devices_above_threshold_are_disturbed():
    crossbar = array()
    crossbar.program_in_place(one_pulse(), -1.2, 1.2, PART)
    moved = (crossbar.population.state[0] != 0.5).reshape(4, 4)
    lines = np.zeros((4, 4), dtype=bool)
    lines[ROW] = lines[:, COLUMN] = True
    np.testing.assert_array_equal(moved, lines)


def test_stuck_devices_never_move():
    crossbar = array(stuck_fraction=1.0)
    before = crossbar.population.state.copy()
    assert set(np.unique(before)) <= {0.0, 1.0}
    energy, *_ = crossbar.program_in_place(np.full((4, 4), WIDTH), -1.2, 1.2, PART)
    np.testing.assert_array_equal(crossbar.population.state, before)
    assert energy > 0.0


def test_rows_without_a_pulse_cost_nothing():
    crossbar = array()
    np.testing.assert_array_equal(crossbar.program_in_place(np.zeros((4, 4)), -0.9, 0.9, PART), [0.0, 0.0, 0.0])


def test_write_time_is_rows_times_slot():
    crossbar = array()
    low, high = crossbar.spec.nominal_window()
    nominal = NominalWrite.of(crossbar.spec.device, 0.9, 0.02)
    content = np.zeros((4, 2))
    content[[0, 2, 3], [0, 1, 1]] = 0.01 * (high - low)
    report = DevicePulses(step_max=0.02).write(crossbar, nominal, Accumulator(), content)
    # dG/dt at the middle conductance G: G^2 (R_off - R_on) dx/dt; a slot has two parts of the longest pulse each.
    middle = 0.5 * (1 / R_ON + 1 / R_OFF)
    longest = 0.02 * (1 / R_ON - 1 / R_OFF) / (middle**2 * (R_OFF - R_ON) * speed(0.9))
    assert report.rows == 3
    assert report.pulses == 6
    np.testing.assert_allclose(report.time, 3 * 2 * longest, rtol=1e-3)  # the slope is taken over a finite trial step


def test_requested_change_is_what_a_nominal_device_at_mid_window_makes():
    low, high = 1 / R_OFF, 1 / R_ON
    crossbar = array()
    crossbar.form(np.zeros((4, 2)), low, high)
    nominal = NominalWrite.of(crossbar.spec.device, 0.9, 0.02)
    content = np.zeros((4, 2))
    content[1, 0], content[2, 1] = 0.01 * nominal.window, -0.01 * nominal.window
    before = crossbar.weights()
    DevicePulses(levels=1000).write(crossbar, nominal, Accumulator(), content.copy())
    change = crossbar.weights() - before
    # Each device of a pair takes the whole request; dG/dx ~ G^2 bends by about 2 dG / G = 4 % each way, which cancels.
    np.testing.assert_allclose(change[[1, 2], [0, 1]], 2 * content[[1, 2], [0, 1]], rtol=5e-3)


def test_cycle_noise_has_its_stated_spread_and_never_repeats():
    steps = []
    crossbar = array(sigma_c2c=0.1)
    for _ in range(400):
        crossbar.population.state[:] = 0.5
        crossbar.program_in_place(np.full((4, 4), 1e-8), -0.9, 0.9, 1e-8)
        steps.append(crossbar.population.state[0] - 0.5)
    steps = np.ravel(steps)
    step = speed(0.9) * 1e-8
    n = steps.size
    assert abs(steps.mean() + step) <= 5 * 0.1 * step / np.sqrt(n)
    assert abs(steps.std() / (0.1 * step) - 1) <= 5 / np.sqrt(2 * n)
    assert np.unique(steps).size == n


def test_traced_write_gives_the_same_bits():
    width = np.random.default_rng(0).uniform(-1, 1, (4, 4)) * WIDTH
    plain, traced = (array(sigma_d2d=0.1, sigma_c2c=0.1, sigma_threshold=0.05) for _ in range(2))
    traced.trace = []
    for _ in range(2):
        a, b = (crossbar.program_in_place(width, -1.2, 1.2, PART) for crossbar in (plain, traced))
        np.testing.assert_allclose(a, b, rtol=1e-12)
    np.testing.assert_array_equal(plain.population.state, traced.population.state)
    np.testing.assert_array_equal(plain.g, traced.g)
    assert plain.events == traced.events


def test_without_charge_the_energy_of_a_pulse_is_the_trapezoid_of_its_conductance():
    device = load_device("vteam/nominal")
    bare = dataclasses.replace(device, model=dataclasses.replace(device.model, charge=None, select=None))
    crossbar = CrossbarArray(Crossbar(device=bare), 3, 2, seed=0, name="crossbar0")
    before = crossbar.g.copy()
    energy, _, _ = crossbar.program_in_place(one_pulse(), -0.9, 0.9, PART)
    full, half = 0.9**2, 0.45**2
    total = full * WIDTH * 0.5 * (before[ROW, COLUMN] + crossbar.g[ROW, COLUMN])
    total += half * (PART - WIDTH) * crossbar.g[ROW, COLUMN]
    total += half * PART * (before[ROW].sum() - before[ROW, COLUMN])
    total += half * WIDTH * (before[:, COLUMN].sum() - before[ROW, COLUMN])
    np.testing.assert_allclose(energy, total, rtol=1e-12)
    exact, _, _ = array().program_in_place(one_pulse(), -0.9, 0.9, PART)
    np.testing.assert_allclose(energy, exact, rtol=1e-3)


@pytest.mark.parametrize("card", ["two_state/knowm_sdc", "linear_ion_drift/biolek2009"])
def test_cycle_noise_of_a_model_without_its_own_has_the_stated_spread(card):
    sigma_step, sigma_range = 0.2, 1e-4
    rows, columns = 100, 20
    spec = Crossbar(device=load_device(card), v_read=0.01, sigma_c2c=sigma_step, sigma_c2c_range=sigma_range)
    noisy = CrossbarArray(spec, rows - 1, columns // 2, seed=3, name="noisy")
    spec = dataclasses.replace(spec, sigma_c2c=0.0, sigma_c2c_range=0.0)
    quiet = CrossbarArray(spec, rows - 1, columns // 2, seed=3, name="quiet")
    duration, voltage = 1e-4, 0.3
    for crossbar in (noisy, quiet):
        crossbar.population.state[0] = 0.5
        crossbar.drive_lines_in_place(np.full(rows, voltage), np.zeros(columns), duration)
    step = quiet.population.state[0] - 0.5
    assert np.all(step != 0.0)
    sigma = np.hypot(sigma_step * step[0], sigma_range)
    z = (noisy.population.state[0] - quiet.population.state[0]) / sigma
    n = z.size
    assert abs(z.mean()) < 5 / np.sqrt(n)
    assert abs(z.std() - 1) < 5 / np.sqrt(2 * n)


@pytest.mark.filterwarnings("ignore:.*has no threshold_down")
def test_a_spread_without_a_parameter_is_left_out_with_a_warning():
    with pytest.warns(RuntimeWarning, match="has no threshold_up"):
        CrossbarArray(Crossbar(device=load_device("linear_ion_drift/biolek2009"), v_read=0.01, sigma_threshold=0.03), 3, 2,
                      seed=0, name="crossbar0")


def test_devices_age_between_writes_by_their_own_law():
    # Constant rates: x relaxes to up / (up + down) as exp(-(up + down) t).
    device = load_device("two_state/knowm_sdc", rate_plus=3e3, rate_minus=1e3, w_plus=1e30, w_minus=1e30, saturation=0.0)
    crossbar = CrossbarArray(Crossbar(device=device, v_read=0.01), 3, 2, seed=0, name="crossbar0")
    assert crossbar.ages
    before = crossbar.population.state[0].copy()
    crossbar.wait(2e-4)
    np.testing.assert_allclose(crossbar.population.state[0], 0.75 + (before - 0.75) * np.exp(-4e3 * 2e-4), rtol=1e-12)
    np.testing.assert_array_equal(crossbar.g.ravel(), crossbar.population.conductance())


def test_a_threshold_device_does_not_age():
    crossbar = array(sigma_d2d=0.1, sigma_c2c=0.1, sigma_c2c_range=0.001)
    assert not crossbar.ages
    before, events = crossbar.population.state.tobytes(), crossbar.events
    crossbar.wait(1e9)
    assert crossbar.population.state.tobytes() == before
    assert crossbar.events == events


@pytest.mark.parametrize("bad", [{"read_noise": "5 V"}, {"read_noise": np.inf}, {"v_read": 0}, {"v_read": -0.1},
                                 {"v_read": np.nan}, {"sigma_d2d": -0.1}, {"sigma_c2c": 3.0}, {"stuck_fraction": 1.1}])
def test_a_nonsense_crossbar_is_refused_where_it_is_described(bad):
    with pytest.raises(ParameterError, match=next(iter(bad))):
        Crossbar(device=load_device("vteam/nominal"), **bad)


def test_a_crossbar_takes_units():
    crossbar = Crossbar(device=load_device("vteam/nominal"), v_read="100 mV", sigma_d2d="10 %")
    assert (crossbar.v_read, crossbar.sigma_d2d) == (0.1, 0.1)


def test_a_read_voltage_beyond_the_card_is_refused():
    with pytest.raises(ParameterError, match=r"-1 kV to 1 kV leave the range of the card"):
        Crossbar(device=load_device("linear_ion_drift/biolek2009"), v_read=1000.0)


@pytest.mark.filterwarnings("error:.*above the threshold")
@pytest.mark.filterwarnings("ignore:.*its spread is left out")
def test_devices_without_a_threshold_are_not_warned_of_by_one():
    array = CrossbarArray(Crossbar(device=load_device("gap/sky130"), v_read=0.2), 3, 2, seed=0, name="crossbar0")
    assert array.population.model.dead_zone is not None
