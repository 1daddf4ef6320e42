"""Devices of cards: overrides act on the right parameters, and what contradicts the card is refused."""

import dataclasses
import math

import numpy as np
import pytest
from toy_card import GOOD, MIXED, device

from neurosim.card import Device
from neurosim.card_file import parse_card
from neurosim.errors import ParameterError


def test_device_cannot_be_changed():
    built = device()
    for array in (built.params, built.state):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        built.name = "x"
    with pytest.raises(TypeError):
        built.card.params["r_on"] = None


def test_card_without_a_read_limit_says_not_a_number():
    text = GOOD.replace('v_read_max = { value = 200, unit = "mV" }\n', "")
    assert math.isnan(device(text).v_read_max)


def test_override_by_parameter_takes_units_or_si():
    assert device().override(r_on="20 kohm").value("r_on") == 2e4
    assert device().override(r_on=2e4).value("r_on") == 2e4
    assert device().override(shape="250 %").value("shape") == 2.5
    assert device().override(x=0.75).state[0] == 0.75


def test_override_leaves_the_original_alone():
    built = device()
    built.override(r_on=2e4)
    assert built.value("r_on") == 1e4


def test_conductance_handle_sets_the_reciprocal_resistance():
    changed = device().override(g_max="125 uS", g_min="5 uS")
    np.testing.assert_allclose(changed.params[:2], [8e3, 2e5], rtol=1e-15, atol=0)
    assert changed.value("g_max") == pytest.approx(125e-6, rel=1e-15, abs=0)
    np.testing.assert_array_equal(changed.params[2:], device().params[2:])
    assert changed.unit("g_max") == "S"


def test_handle_on_one_parameter_sets_it():
    assert device().override(threshold_up="-0.7 V").value("v_on") == -0.7


def test_rate_is_a_multiplier_of_all_its_parameters():
    changed = device().override(rate=3)
    assert (changed.value("k_up"), changed.value("k_down")) == (3e3, -6e3)
    stuck = device().override(rate=0)
    assert (stuck.value("k_up"), stuck.value("k_down")) == (0.0, 0.0)
    assert dict(changed.override(rate=2).overrides) == {"rate": 6.0}


def test_conductance_handle_on_several_parameters_scales_the_read_conductance():
    text = 'schema = 1\nmodel = "mixed"\n[source]\ntitle = "t"\nauthors = "a"\nyear = 2000\n[params]\n'
    mixed = Device.build(parse_card(text.encode(), "m.toml"), MIXED)
    assert mixed.value("g_max") == 1e-4
    changed = mixed.override(g_max="50 uS")
    # Both parameters halve; the ratio of the window stays.
    np.testing.assert_allclose(changed.params, [0.5e-6, 0.5e-4], rtol=1e-14, atol=0)
    assert changed.value("g_max") == pytest.approx(50e-6, rel=1e-14, abs=0)


@pytest.mark.parametrize(("overrides", "message"), [
    ({"g_max": "5 uS"}, r"toy/paper: g_max = 5 uS is below g_min = 10 uS \(from your override\). Raise g_max or lower"),
    ({"g_max": "10 uS"}, "g_max = 10 uS equals g_min = 10 uS"),
    ({"g_maxx": 1}, r'toy/paper: unknown override "g_maxx". Did you mean "g_max"\?'),
    ({"zzz": 1}, r'unknown override "zzz". Known: '),
    ({"r_on": "5 kV/m"}, "toy/paper: r_on: .*wrong unit"),
    ({"r_on": math.nan}, "r_on: nan is not a finite"),
    ({"r_on": True}, "bool"),
    ({"r_on": None}, "NoneType"),
    ({"r_on": 1e10}, r"toy/paper: r_on = 1e\+10 ohm is outside"),
    ({"g_max": 0}, "would make r_on infinite"),
    ({"g_max": "-1 uS"}, r"r_on = -1e\+06 ohm is outside"),
    ({"g_max": "1 GS"}, r"with g_max = 1 GS: r_on = 1e-09 ohm is outside"),
    ({"r_on": 1e4, "g_max": 1e-4}, "g_max and r_on both change r_on"),
    ({"rate": -1}, "multiplier and cannot be negative"),
    ({"rate": "2 1/s"}, "pure number"),
    ({"x": 1.5}, r"x = 1.5 is outside \[0, 1\]"),
    ({"form": "ful"}, r'no form "ful". Did you mean "full"\?'),
])
def test_bad_override_is_refused(overrides, message):
    with pytest.raises(ParameterError, match=message):
        device().override(**overrides)


def test_model_without_forms_says_so():
    text = 'schema = 1\nmodel = "mixed"\n[source]\ntitle = "t"\nauthors = "a"\nyear = 2000\n[params]\n'
    with pytest.raises(ParameterError, match="one form only"):
        Device.build(parse_card(text.encode(), "m.toml"), MIXED).override(form="llg")


def test_form_takes_the_same_card_and_keeps_overrides():
    text = GOOD.replace("[state]", 'extra = { value = 2, unit = "A/m", origin = "assumed" }\n\n[state]\ny = 0.5')
    changed = device(text).override(g_max="50 uS").override(form="full")
    assert changed.model.name == "toy_full"
    np.testing.assert_allclose(changed.params, [2.0, 2e4], rtol=1e-15, atol=0)
    np.testing.assert_array_equal(changed.state, [0.5])
    back = changed.override(form="")
    assert back.model.name == "toy"
    assert back.value("r_on") == changed.value("r_on")


def test_fingerprint_tells_devices_apart():
    prints = {device().fingerprint, device().override(r_on=2e4).fingerprint, device().override(x=0.5).fingerprint}
    assert len(prints) == 3
    assert device().fingerprint == device().override(r_on=1e4).fingerprint


def test_voltage_beyond_the_card_warns_and_is_an_error_when_strict():
    built = device()
    built.check_voltage(-1.0, 1.2)
    with pytest.warns(UserWarning, match="leave the range of the card, -1 V to 1.2 V"):
        built.check_voltage(-1.0, 1.3)
    with pytest.raises(ParameterError, match="-2 V to 1 V"):
        built.check_voltage(-2.0, 1.0, strict=True)


def test_short_text_of_a_device_shows_name_and_changes():
    assert repr(device().override(g_max="37 uS", rate=2)) == "Device(\"toy/paper\", g_max='37 uS', rate='2')"
