"""Cards that carry modifiers: they load, write themselves, reproduce, and say what is wrong by file and key."""

import json
import tomllib

import numpy as np
import pytest

import neurosim as ns
from neurosim.card import Device
from neurosim.card_file import parse_card
from neurosim.config import load_config, parse_config
from neurosim.errors import CardError, ParameterError
from neurosim.experiment import build_network
from neurosim.library import load_model
from neurosim.modifiers import modify_device
from neurosim.run import start_run

TABLES = """
[[modifiers]]
kind = "rtn"
amplitude = { value = 5, unit = "%", origin = "measured", note = "Fig. 3" }
capture_time = { value = 40, unit = "us", origin = "assumed" }

[[modifiers]]
kind = "rtn"
amplitude = { value = 0.01, unit = "", origin = "fitted" }

[[modifiers]]
kind = "flicker"
states = 3
"""


@pytest.fixture(scope="module")
def text():
    """Return the text of a plain card."""
    return ns.load_device("vteam/nominal").to_toml()


def built(text, tables=TABLES):
    return Device.build(parse_card((text + tables).encode(), "cards/vteam/noisy.toml"), load_model("vteam"))


def reloaded(device):
    return Device.build(parse_card(device.to_toml().encode(), "copy.toml", device.name), load_model("vteam"))


def test_a_card_with_modifiers_is_the_device_that_they_make(text):
    made = modify_device(ns.load_device("vteam/nominal"), [
        {"kind": "rtn", "amplitude": 0.05, "capture_time": "40 us"}, {"kind": "rtn", "amplitude": 0.01},
        {"kind": "flicker", "states": 3}])
    device = built(text)
    assert device.model.name == "vteam+rtn+rtn2+flicker"
    assert device.fingerprint == made.fingerprint
    assert device.value("rtn_capture_time") == 40e-6
    assert device.value("rtn2_amplitude") == 0.01
    assert len(device.model.states) == 1 + 1 + 1 + 3


@pytest.mark.parametrize("overrides", [{}, {"rtn_amplitude": "7 %", "g_max": "80 uS"}, {"flicker_u2": -1.25, "rtn_trap": 1.0}])
def test_a_modified_device_writes_itself_and_loads_as_the_same_device(text, overrides):
    device = built(text).override(**overrides)
    again = reloaded(device)
    assert again.fingerprint == device.fingerprint
    np.testing.assert_array_equal(again.params, device.params)
    np.testing.assert_array_equal(again.state, device.state)
    assert [spec.name for spec in again.model.params] == [spec.name for spec in device.model.params]
    assert reloaded(again).fingerprint == device.fingerprint


def test_written_modifiers_keep_unit_origin_and_note(text):
    first, second, third = tomllib.loads(built(text).override(rtn2_amplitude=0.02).to_toml())["modifiers"]
    assert first["amplitude"] == {"value": 5, "unit": "%", "origin": "measured", "note": "Fig. 3"}
    assert first["emission_time"]["note"] == "modifier default"
    assert second["amplitude"]["origin"] == "assumed"
    assert "rtn2_amplitude = 0.02" in second["amplitude"]["note"]
    assert (third["kind"], third["states"]) == ("flicker", 3)


def test_modifiers_of_a_session_are_written_like_those_of_a_card():
    device = modify_device(ns.load_device("vteam/nominal"), [
        {"kind": "selector", "law": "transistor", "current": "20 uA"}, {"kind": "levels", "count": 12},
        {"kind": "stuck", "off_fraction": 0.25}])
    again = reloaded(device)
    assert again.fingerprint == device.fingerprint
    assert [(part.kind, dict(part.options)) for part in again.modifiers] == [
        (part.kind, dict(part.options)) for part in device.modifiers]
    written = tomllib.loads(device.to_toml())
    assert written["modifiers"][0]["current"] == {"value": 2e-5, "unit": "A", "origin": "assumed"}
    assert "selector_current" not in written["params"]
    drawn = [ns.population.build_population(part, 400, seed=2).params.tobytes() for part in (device, again)]
    assert drawn[0] == drawn[1]


def test_options_are_a_part_of_the_fingerprint():
    plain = ns.load_device("vteam/nominal")
    diode, transistor = (modify_device(plain, [{"kind": "selector", "law": law}]) for law in ("diode", "transistor"))
    assert diode.fingerprint != transistor.fingerprint


def test_expected_numbers_of_the_plain_device_are_not_those_of_the_modified_one():
    plain = ns.load_device("vteam/technion")
    assert "expected" in tomllib.loads(plain.to_toml())
    assert "expected" not in tomllib.loads(modify_device(plain, [{"kind": "levels"}]).to_toml())


@pytest.mark.parametrize(("old", "new", "message"), [
    ('kind = "flicker"', 'kind = "fliker"', r'\[modifiers.2\]: no modifier "fliker". Did you mean "flicker"\?'),
    ('kind = "flicker"\n', "", r"\[modifiers.2\]: kind is missing"),
    ('unit = "%"', 'unit = "V"', r"\[modifiers.0.amplitude\].*wrong unit"),
    ("value = 5", "value = 500", r"\[modifiers.0\].*rtn_amplitude|\[modifiers.0\].*amplitude = 5 .*outside"),
    (', origin = "fitted"', "", r"\[modifiers.1.amplitude\]: origin is missing"),
    ("capture_time =", "capture_tme =", r'\[modifiers.0.capture_tme\].*Did you mean "capture_time"\?'),
    ('{ value = 0.01, unit = "", origin = "fitted" }', "0.01", r"\[modifiers.1.amplitude\]: unit and origin are missing"),
    ("states = 3", 'states = { value = 3, unit = "", origin = "assumed" }', r"\[modifiers.2.states\]: an option .* plain"),
    ("states = 3", "states = 1", r"\[modifiers.2\].*states = 1, allowed is a whole number"),
    ("states = 3", "stats = 3", r'\[modifiers.2.stats\].*Did you mean "states"\?'),
    ("[[modifiers]]\nkind = \"flicker\"", "[modifiers]\nkind = \"flicker\"", "not valid TOML"),
])
def test_a_malformed_modifier_names_file_and_key(text, old, new, message):
    assert old in TABLES
    with pytest.raises(CardError, match=message) as caught:
        built(text, TABLES.replace(old, new, 1))
    assert str(caught.value).startswith("cards/vteam/noisy.toml")


def test_a_state_that_neither_model_nor_modifier_has_is_refused(text):
    with pytest.raises(CardError, match=r'\[state.rtn_tarp\]: unknown state. Did you mean "rtn_trap"\?'):
        built(text.replace("[state]\n", "[state]\nrtn_tarp = 1.0\n"))
    with pytest.raises(CardError, match=r"\[state.rtn_trap\] = 2"):
        built(text.replace("[state]\n", "[state]\nrtn_trap = 2.0\n"))


def test_a_form_is_chosen_before_the_modifiers():
    device = modify_device(ns.load_device("vteam/nominal"), [{"kind": "levels"}])
    with pytest.raises(ParameterError, match="choose the form before the modifiers"):
        device.override(form="other")


def test_configuration_and_cards_that_a_run_keeps_reproduce_its_devices(tiny, tmp_path):
    config = parse_config(tiny(synapse__modifiers=[{"kind": "rtn", "amplitude": "3 %"}, {"kind": "levels", "count": 40}],
                               synapse__params={"r_on": "11 kohm"}, training__epochs=1))
    start_run(config, tmp_path / "run", figures=False)
    kept = load_config(tmp_path / "run/config.json")
    raw = json.loads(config.to_json())
    raw["synapse"].update(card=str(tmp_path / "run/devices/vteam-nominal.toml"), modifiers=[], params={})
    first, second, third = (build_network(part, 2, 2) for part in (config, kept, parse_config(raw)))
    for other in (second, third):
        assert other.synapse.device.fingerprint == first.synapse.device.fingerprint
        assert other.crossbars[0].g.tobytes() == first.crossbars[0].g.tobytes()
    neuron = ns.load_device(tmp_path / "run/devices/hard_axis_mtj-nominal.toml")
    assert neuron.fingerprint == first.layers[1].device.fingerprint
