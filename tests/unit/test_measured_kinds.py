"""Measurements of devices that are binary, volatile, one of a kind or without a state: laws where there are any, else words."""

import numpy as np
import pytest

from neurosim.characterise import (
    iv_sweep,
    noise_spectrum,
    pulse_response,
    read_disturb,
    retention,
    switching_probability,
    switching_time,
    symmetry_point,
)
from neurosim.errors import ParameterError
from neurosim.library import as_device, load_device
from neurosim.modifiers import modify_device
from neurosim.waveform import Pulse, Triangle

BINARY, VTEAM, RESISTOR = "stochastic_switch/gaba2013_ag_silicon", "vteam/nominal", "resistor/nominal"
TAU = 2.85e5 * np.exp(-3.0 / 0.156)  # s at 3 V, an OFF device of that card; an ON device stays at positive voltages


def test_copies_of_a_binary_device_keep_their_state_by_its_law():
    kept = retention(BINARY, [0.5 * TAU, TAU], voltage="3 V", copies=4000).kept
    # Binomial: five standard errors of 4000 copies are below 0.04.
    np.testing.assert_allclose(kept[:, 0], [1.0, np.exp(-0.5), np.exp(-1.0)], rtol=0.0, atol=0.04)
    np.testing.assert_array_equal(kept[:, 1], 1.0)


def test_a_binary_device_is_found_at_its_two_conductances_only():
    held = retention("stochastic_switch/jo2009_ag_silicon", ["1 us"])
    np.testing.assert_allclose(held.conductance, [[1e-9, 1e-6]] * 2, rtol=1e-12)
    assert held.start == (0.0, 1.0)
    assert [len(disturbed.start) for disturbed in read_disturb(BINARY, times=["1 us"])] == [2, 2]


def test_the_fall_of_a_volatile_device_is_no_retention_and_says_so():
    with pytest.warns(UserWarning, match="volatile, so no pulse leaves it at these conductances"):
        assert np.all(retention("mott_nbo2/biolek2013", ["1 us"]).change[1] < 0.0)


def test_copies_start_where_they_are_put():
    off = switching_probability(BINARY, "3 V", [TAU], copies=2000, start=0.0).probability
    np.testing.assert_allclose(off, 1.0 - np.exp(-1.0), rtol=0.0, atol=0.06)
    np.testing.assert_array_equal(off, switching_probability(BINARY, "3 V", [TAU], copies=2000).probability)
    assert switching_probability(BINARY, "-3 V", ["1 ps"], copies=10, start=1.0).probability[0] == 0.0


def test_domains_are_put_at_a_share_in_whole_numbers():
    device = load_device("ferroelectric_domains/hzo_deng2020")  # eight domains
    held = retention(device, ["1 us"], start=[0.0, 0.5, 0.55, 1.0])
    low, *_, high = held.conductance[0]
    np.testing.assert_allclose(held.conductance[0, 1:3], 0.5 * (low + high), rtol=1e-12)
    assert held.window == high - low
    np.testing.assert_allclose([low, high], [device.value("g_min"), device.value("g_max")], rtol=1e-12)


@pytest.mark.parametrize(("measure", "said"), [
    (lambda: retention(BINARY, ["1 us"], start=[0.5]), "only two conductances, 0 and 1"),
    (lambda: pulse_response(BINARY, "3 V", "1 ms", start=0.5), "only two conductances, 0 and 1"),
    (lambda: switching_probability(BINARY, "3 V", ["1 ms"], start=0.4), "only two conductances, 0 and 1"),
    (lambda: symmetry_point(BINARY, pairs=20), "binary, it has two conductances and no point between"),
    (lambda: symmetry_point(VTEAM, tolerance=-1), "tolerance = -1, allowed is a fraction > 0"),
    (lambda: symmetry_point("mott_nbo2/biolek2013"), "volatile, so no pulses .* Give amplitude= and width="),
    (lambda: pulse_response(BINARY), r"Give amplitude= and width=. Half of its window is moved by .* V for"),
    (lambda: switching_probability(BINARY, "-3.2 V", ["1 ns"]), "past the threshold before the pulse .* Give start=1"),
    (lambda: switching_probability(RESISTOR, "1 V", ["1 ns"]), "one conductance in every state"),
    (lambda: pulse_response("pulse_step/epiram", width="1 ns"), "counts whole pulses of 5 us, and a width of 1 ns is none"),
    (lambda: pulse_response("pulse_step/epiram", shape=(Pulse("1 V", "1 us"),) * 2), "their shape has no meaning"),
    (lambda: switching_time(RESISTOR, [1.5]), "resistor: no state"),
    (lambda: retention(RESISTOR), "resistor: no state"),
    (lambda: read_disturb(RESISTOR), "resistor: no state"),
    (lambda: retention("diode/nominal"), "diode: no state"),
    (lambda: pulse_response(RESISTOR), "resistor: no state"),
    (lambda: pulse_response(VTEAM, start="50 uS"), "start: .* has the wrong unit"),
    (lambda: pulse_response(VTEAM, shape=Pulse("1 V", "1 us")), "shape is a Pulse, allowed is a pair of waveforms"),
    (lambda: pulse_response(VTEAM, seed="a"), "seed = 'a', allowed is an integer from 0 up"),
    (lambda: noise_spectrum(VTEAM, sampling="100 ms"), "sampling: .* has the wrong unit"),
    (lambda: pulse_response(7), "got a int, allowed is a device"),
    (lambda: modify_device(VTEAM, ["rtn"]), "a modifier is a str, allowed is a mapping"),
])
def test_what_cannot_be_measured_is_said_with_the_remedy(measure, said):
    with pytest.raises(ParameterError, match=said):
        measure()


def test_the_name_of_a_card_is_as_good_as_its_device():
    device = load_device(VTEAM)
    assert as_device(device) is device
    triangle = Triangle("1.2 V", period="20 us")
    sweeps = [iv_sweep(given, triangle, steps=20).current for given in (device, VTEAM, device.card.where)]
    np.testing.assert_array_equal(sweeps[0], sweeps[1])
    np.testing.assert_array_equal(sweeps[0], sweeps[2])
    one, listed = (modify_device(VTEAM, given).fingerprint for given in ({"kind": "drift"}, [{"kind": "drift"}]))
    assert one == listed
    assert switching_time(VTEAM, "1 V", start="10 %", stop="90 %").seconds[0] == switching_time(device, 1.0).seconds[0]


def test_the_sampling_rate_may_be_text():
    device = load_device("two_state/nugent2014_aist", n_switches=1000.0)
    text, number = (noise_spectrum(device, sampling=rate, samples=64).density for rate in ("100 kHz", 1e5))
    np.testing.assert_array_equal(text, number)
