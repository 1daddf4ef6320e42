"""Measurements of one device agree with closed forms of the nominal VTEAM card; figures say what they show."""

import numpy as np
import pytest

from neurosim import plot
from neurosim.characterise import iv_sweep, pulse_response
from neurosim.errors import ParameterError
from neurosim.library import load_device
from neurosim.plot.style import scaled, spans_decades
from neurosim.waveform import Pulse, Sine, Triangle

# vteam/nominal: R = 10 k + 190 k x ohm; |v| = 1.5 V moves x by 1 in 1 us; below 0.5 V nothing moves.
R_ON, R_SPAN = 10e3, 190e3


@pytest.fixture(scope="module")
def device():
    return load_device("vteam/nominal")


def test_pulses_move_the_state_by_equal_steps(device):
    train = pulse_response(device, "1.5 V", "100 ns", 4, 8)
    x = np.array([0.5, 0.4, 0.3, 0.2, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    np.testing.assert_allclose(train.conductance, 1 / (R_ON + R_SPAN * x), rtol=1e-12, atol=0)
    assert (train.v_raise, train.v_lower) == (-1.5, 1.5)  # increase_sign of this model
    assert (train.up.size, train.down.size) == (5, 9)
    assert train.up[-1] == train.down[0]


def test_conductance_stops_at_the_window(device):
    train = pulse_response(device, 1.5, 1e-6, 3, 3)
    np.testing.assert_allclose(train.conductance[[1, 2, 3, 4, 5, 6]], [1e-4] * 3 + [5e-6] * 3, rtol=1e-12, atol=0)


def test_loop_below_threshold_is_ohms_law(device):
    loop = iv_sweep(device, ([0, 1e-3, 3e-3, 4e-3], [0, 0.4, -0.4, 0]), steps=100)
    np.testing.assert_allclose(loop.current, loop.voltage / (R_ON + R_SPAN * 0.5), rtol=1e-14, atol=0)
    assert (loop.state == 0.5).all()


def test_ramp_moves_the_state_by_the_integral_of_the_law(device):
    # dx/dt = k (v/v_off - 1)^3, v = s t: x gains k v_off (v/v_off - 1)^4 / (4 s), here at v = 1 V.
    loop = iv_sweep(device, ([0, 1e-6], [0, 1.0]), steps=4000)
    assert loop.state[0, -1] - 0.5 == pytest.approx(1.25e5 * 0.5 / (4 * 1e6), rel=1e-6, abs=0)


def test_error_of_the_loop_falls_with_the_square_of_the_step(device):
    exact = 0.5 + 1.25e5 * 0.5 / (4 * 1e6)
    errors = [abs(iv_sweep(device, ([0, 1e-6], [0, 1.0]), steps=steps).state[0, -1] - exact)
              for steps in (20, 40, 80, 160, 320)]
    slope = np.polyfit(np.log([20, 40, 80, 160, 320]), np.log(errors), 1)[0]
    assert abs(slope + 2) < 0.2


def test_corner_between_steps_is_not_cut(device):
    loop = iv_sweep(device, ([0, 1.234e-7, 1e-6], [0, 0.3, 0.0]), steps=7)
    assert loop.voltage.max() == 0.3
    assert 1.234e-7 in loop.time


def test_device_is_left_alone_and_results_are_read_only(device):
    before = device.state.copy()
    loop, train = iv_sweep(device, ([0, 1e-6], [0, 1.0])), pulse_response(device, 1.0, 1e-7, 1, 1)
    np.testing.assert_array_equal(device.state, before)
    for array in (loop.current, loop.state, train.conductance):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize("waveform", [None, 3, ([0, 1],), ([0], [0]), ([0, 1], [0, 1, 2]), ([0, 0], [0, 1]),
                                      ([1, 0], [0, 1]), ([0, 1], [0, np.nan]), ([0, np.inf], [0, 1]), (["a", "b"], [0, 1]),
                                      ([[0, 1]], [[0, 1]])])
def test_malformed_waveform_is_refused(device, waveform):
    with pytest.raises(ParameterError):
        iv_sweep(device, waveform)


def test_waveforms_are_run_to_their_end_or_to_the_given_time(device):
    triangle = Triangle("1.2 V", "20 us")
    by_corners = iv_sweep(device, ([0, 5e-6, 15e-6, 20e-6], [0, 1.2, -1.2, 0]))
    np.testing.assert_allclose(iv_sweep(device, triangle).current[1:-1], by_corners.current[1:-1], rtol=1e-9, atol=1e-20)
    assert iv_sweep(device, triangle, duration="7 us").time[-1] == 7e-6
    with pytest.raises(ParameterError, match="without end"):
        iv_sweep(device, Sine(1.0, "1 MHz"))
    with pytest.raises(ParameterError, match="waveform is in A"):
        iv_sweep(device, Triangle("1 mA", "1 us", unit="A"))
    for bad in (0, -1e-6, np.inf, "1 V"):
        with pytest.raises(ParameterError, match="duration"):
            iv_sweep(device, triangle, duration=bad)


def test_jump_of_a_pulse_is_taken_at_its_edge(device):
    # 1.5 V for 100 ns moves x by 0.1 exactly, however coarse the steps are.
    loop = iv_sweep(device, Pulse("1.5 V", "100 ns", delay="33 ns"), duration="300 ns", steps=7)
    assert loop.state[0, -1] == pytest.approx(0.6, rel=1e-12, abs=0)


@pytest.mark.parametrize("change", [{"amplitude": 0}, {"amplitude": "-1 V"}, {"amplitude": "1 A"}, {"width": 0},
                                    {"width": np.nan}, {"n_up": -1}, {"n_down": 1.5}, {"n_up": True},
                                    {"n_up": 0, "n_down": 0}, {"v_read": 0}, {"v_read": "1 V"}])
def test_bad_pulse_train_is_refused(device, change):
    with pytest.raises(ParameterError):
        pulse_response(device, **{"amplitude": 1.0, "width": 1e-7, "n_up": 1, "n_down": 1, **change})


def test_bad_step_count_is_refused(device):
    for steps in (0, 1.5, True):
        with pytest.raises(ParameterError, match="steps"):
            iv_sweep(device, ([0, 1], [0, 1]), steps=steps)


def test_voltage_beyond_the_card_warns_or_raises(device):
    with pytest.warns(UserWarning, match="leave the range"):
        pulse_response(device, 2.5, 1e-9, 1, 0)
    with pytest.raises(ParameterError, match="leave the range"):
        iv_sweep(device, ([0, 1e-9], [0, 2.5]), strict=True)


def test_neuron_has_no_loop():
    with pytest.raises(ParameterError, match="not a two-terminal device"):
        iv_sweep(load_device("hard_axis_mtj/nominal"), ([0, 1], [0, 1]))


def test_figures_name_quantity_unit_and_device(device):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    settings = dict(matplotlib.rcParams)
    loop_axes = plot.iv(iv_sweep(device, ([0, 5e-6, 15e-6, 20e-6], [0, 1.2, -1.2, 0])))
    pulse_axes = plot.pulses(pulse_response(device, 1.5, 1e-7, 4, 8))
    assert loop_axes.get_xlabel() == "voltage (V)"
    assert loop_axes.get_ylabel() == "current (µA)"
    assert pulse_axes.get_xlabel() == "pulse number"
    assert pulse_axes.get_ylabel() == "conductance at 100 mV (µS)"
    for axes in (loop_axes, pulse_axes):
        assert "vteam/nominal" in axes.get_title(loc="left")
        assert len(axes.get_legend().get_texts()) == 2
    given = plt.subplots()[1]
    assert plot.pulses(pulse_response(device, 1.5, 1e-6, 2, 2), ax=given) is given
    assert given.get_yscale() == "log"
    assert dict(matplotlib.rcParams) == settings
    plt.close("all")


def test_values_are_scaled_to_a_readable_prefix():
    values, unit = scaled([1.5e-6, -3e-5], "A")
    np.testing.assert_allclose(values, [1.5, -30], rtol=1e-14, atol=0)
    assert unit == "µA"
    assert scaled([0.0], "V")[1] == "V"
    assert scaled([4.7e3], "ohm")[1] == "kΩ"
    assert spans_decades([1, 11])
    assert not spans_decades([1, 9])
    assert not spans_decades([0, 11])


def test_behavioural_device_is_measured_in_its_own_pulses():
    device = load_device("pulse_step/soft_bounds")
    train = pulse_response(device, n_up=3, n_down=2, start=0.0)
    assert (train.width_up, train.width_down) == (1e-7, 1e-7)
    x = np.array([0.0, 0.02, 0.0396, 0.058808, 0.058808 * 0.98, 0.058808 * 0.98**2])  # 2 % of the way to either bound
    np.testing.assert_allclose(train.conductance, 25e-6 + 50e-6 * x, rtol=1e-9)
    loop = iv_sweep(device, Triangle("1 V", period=40e-6))
    assert loop.time.size == 401  # steps of one pulse
    assert np.ptp(loop.state[0]) > 0.8
