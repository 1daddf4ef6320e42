"""Cards: what is malformed is named by file and key; overrides act on the right parameters; a device writes itself."""

import dataclasses
import hashlib
import math
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.card import Device
from neurosim.card_file import Card, parse_card, read_card
from neurosim.card_toml import literal
from neurosim.device import DeviceModel, Handle, ParamSpec, StateSpec
from neurosim.errors import CardError, ParameterError, StorageError


def conductance(state, params, out, start, stop):
    """Mixture of a low and a high conductance: g = (1 - x) low + x high."""
    out[start:stop] = (1 - state[0, start:stop]) * params[0, start:stop] + state[0, start:stop] * params[1, start:stop]


def nothing(*_):
    return None


RESISTIVE = DeviceModel(
    name="toy",
    params=(ParamSpec("r_on", "ohm", 1e4, 1.0, 1e9, "lowest resistance"),
            ParamSpec("r_off", "ohm", 1e5, 1.0, 1e9, "highest resistance"),
            ParamSpec("k_up", "1/s", 1e3, 0.0, 1e12, "rate up"),
            ParamSpec("k_down", "1/s", -2e3, -1e12, 0.0, "rate down"),
            ParamSpec("v_on", "V", -0.5, -10.0, 0.0, "threshold"), ParamSpec("shape", "", 3.0, 1.0, 10.0, "exponent")),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "boundary"),), drives=(), rate=nothing, conductance=nothing,
    handles={"g_max": Handle(("r_on",), -1.0), "g_min": Handle(("r_off",), -1.0), "rate": Handle(("k_up", "k_down")),
             "threshold_up": Handle(("v_on",))},
    forms={"full": DeviceModel(
        name="toy_full", params=(ParamSpec("extra", "A/m", 7.0, 0.0, 10.0, "only here"),
                                 ParamSpec("r_on", "ohm", 1e4, 1.0, 1e9, "lowest resistance")),
        states=(StateSpec("y", "", -1.0, 1.0, 0.0, "other state"),), drives=(), rate=nothing)},
)
MIXED = DeviceModel(
    name="mixed", params=(ParamSpec("low", "S", 1e-6, 0.0, 1.0, "low"), ParamSpec("high", "S", 1e-4, 0.0, 1.0, "high")),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "mixture"),), drives=(), rate=nothing, conductance=conductance,
    handles={"g_max": Handle(("low", "high")), "g_min": Handle(("low",))},
)

GOOD = """\
schema = 1
model = "toy"

[source]
title = "A \\"toy\\" cell"
authors = ["A. Author", "B. Author"]
year = 2020
doi = "10.1/toy"

[params]
r_on = { value = 10, unit = "kohm", origin = "measured", note = "Fig. 2" }
r_off = { value = 1e5, unit = "ohm", origin = "fitted" }
k_up = { value = 1.0, unit = "1/ms", origin = "assumed" }
v_on = { value = -500, unit = "mV", origin = "published" }
shape = { value = 3, unit = "", origin = "fitted" }

[state]
x = 0.25

[valid]
v_min = { value = -1, unit = "V" }
v_max = { value = 1200, unit = "mV" }
v_read_max = { value = 200, unit = "mV" }

[[expected.switching]]
voltage = 1.0
seconds = 1e-6
"""


def card(text=GOOD) -> Card:
    return parse_card(text.encode(), "cards/toy/paper.toml", "toy/paper")


def device(text=GOOD) -> Device:
    return Device.build(card(text), RESISTIVE)


def test_values_arrive_in_model_order_and_si_units():
    built = device()
    # k_down is not on the card: the model's default.
    np.testing.assert_array_equal(built.params, [1e4, 1e5, 1e3, -2e3, -0.5, 3.0])
    np.testing.assert_array_equal(built.state, [0.25])
    assert built.defaulted == ("k_down",)
    assert built.name == "toy/paper"
    assert built.v_read_max == 0.2
    assert built.card.source.authors == "A. Author, B. Author"
    assert built.card.expected == {"switching": [{"voltage": 1.0, "seconds": 1e-6}]}
    assert built.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()


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


@pytest.mark.parametrize(("old", "new", "message"), [
    ("v_on =", "v_onn =", r'\[params.v_onn\]: unknown parameter. Did you mean "v_on"\?'),
    ("shape = { value = 3, unit = \"\"", "shape = { value = 3", r"\[params.shape\]: unit is missing. Write unit"),
    ('origin = "measured", ', "", r"\[params.r_on\]: origin is missing"),
    ('"measured"', '"guessed"', r"\[params.r_on.origin\].*'measured', 'fitted', 'assumed' or 'published'"),
    ("value = 10,", "value = nan,", r"\[params.r_on.value\]: nan is not a finite number"),
    ("value = 10,", "value = -inf,", r"\[params.r_on.value\]: -inf is not a finite"),
    ("value = 10,", "value = 1e400,", r"\[params.r_on.value\]: inf is not a finite"),
    ("value = 10,", 'value = "10",', r"\[params.r_on.value\]"),
    ("value = 10,", "value = true,", r"\[params.r_on.value\]"),
    ("value = 10,", "value = 10, values = 3,", r'\[params.r_on.values\]: unknown key. Did you mean "value"\?'),
    ('"kohm"', '"kV/m"', r"\[params.r_on\].*wrong unit.*ohm"),
    ('"kohm"', '"kOhmm"', r"\[params.r_on\].*unknown unit"),
    ('"kohm"', '"Tohm"', r"\[params.r_on\]: r_on = 1e\+13 ohm is outside \[1, 1e\+09\] ohm"),
    ("value = -500", "value = 500", r"v_on = 0.5 V is outside \[-10, 0\]"),
    ("schema = 1", "schema = 2", r"\[schema\]: 2 is not a known layout, allowed is schema = 1"),
    ("schema = 1\n", "", "schema is missing"),
    ("schema = 1", "schema = true", r"\[schema\]"),
    ('model = "toy"', 'model = "top"', 'card is for "top", the model is "toy"'),
    ('model = "toy"', 'modle = "toy"', r'\[modle\]: unknown key. Did you mean "model"\?'),
    ("year = 2020", "year = 20200", r"\[source.year\]"),
    ("year = 2020", 'yaer = 2020', r'\[source.yaer\]: unknown key. Did you mean "year"\?'),
    ('title = "A \\"toy\\" cell"', 'title = ""', r"\[source.title\]"),
    ("x = 0.25", "x = 1.5", r"\[state.x\] = 1.5 is outside \[0, 1\]"),
    ("x = 0.25", "xx = 0.5", r'\[state.xx\]: unknown state. Did you mean "x"\?'),
    ("x = 0.25", "x = nan", r"\[state.x\]: nan is not a finite"),
    ("v_read_max", "v_raed_max", r'\[valid.v_raed_max\]: unknown limit. Did you mean "v_read_max"\?'),
    ('value = 200, unit = "mV"', 'value = 200, unit = "ms"', r"\[valid.v_read_max\].*wrong unit"),
    ('value = 200, unit = "mV"', "value = 200", r"\[valid.v_read_max\]: unit is missing"),
    ("value = 1200", "value = -1200", r"\[valid.v_max\].*not above v_min"),
    ("seconds = 1e-6", "seconds = inf", r"\[expected.switching.0.seconds\]: inf"),
    ("r_off = { value = 1e5", "r_off = { value = 1e3", "g_max = 100 uS is below g_min = 1 mS.*from the card"),
    ("[state]", "[state", "not valid TOML.*line"),
    ("[state]", "[params]", "not valid TOML"),
    ("year = 2020", "year = 2020\nyear = 2021", "not valid TOML"),
])
def test_malformed_card_names_file_and_key(old, new, message):
    assert old in GOOD
    with pytest.raises(CardError, match=message) as caught:
        device(GOOD.replace(old, new, 1))
    assert str(caught.value).startswith("cards/toy/paper.toml")
    assert "\n" not in str(caught.value).replace("\\n", "")[:80]
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"\x00" * 10, b"a = " + b"[" * 5000, b"x" * 2_000_000,
                                  b"[" * 99, b'schema = 1\nmodel = "toy"\nsource = 3\nparams = []'])
def test_bytes_that_are_no_card_give_a_card_error(data):
    with pytest.raises(CardError, match=r"toy\.toml"):
        parse_card(data, "toy.toml")


@given(st.binary(max_size=200))
def test_no_bytes_escape_the_card_error(data):
    with pytest.raises(CardError):
        parse_card(data, "toy.toml")


def test_byte_order_mark_and_windows_line_ends_are_accepted():
    built = Device.build(parse_card(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(), "toy.toml"), RESISTIVE)
    np.testing.assert_array_equal(built.params, device().params)


def test_missing_file_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match=r"none\.toml: cannot read"):
        read_card(tmp_path / "none.toml")
    with pytest.raises(StorageError):
        read_card(tmp_path)


def test_name_of_a_users_card_comes_from_model_and_file(tmp_path):
    (tmp_path / "mine.toml").write_text(GOOD)
    assert read_card(tmp_path / "mine.toml").name == "toy/mine"


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


@pytest.mark.parametrize("overrides", [{}, {"g_max": "37 uS"}, {"rate": 0.1, "x": 0.3}, {"k_down": -1 / 3}])
def test_written_card_loads_as_the_same_device(overrides):
    changed = device().override(**overrides)
    again = Device.build(parse_card(changed.to_toml().encode(), "copy.toml", changed.name), RESISTIVE)
    np.testing.assert_array_equal(again.params, changed.params)
    np.testing.assert_array_equal(again.state, changed.state)
    assert again.fingerprint == changed.fingerprint
    assert dict(again.card.valid) == dict(changed.card.valid)
    assert again.card.source == changed.card.source


def test_written_card_keeps_origins_and_marks_what_changed():
    written = tomllib.loads(device().override(r_off=3e5).to_toml())["params"]
    assert written["r_on"] == {"value": 10, "unit": "kohm", "origin": "measured", "note": "Fig. 2"}
    assert written["r_off"]["origin"] == "assumed"
    assert "r_off = 300000.0" in written["r_off"]["note"]
    assert written["k_down"]["note"] == "model default"


def test_expected_numbers_are_dropped_when_they_no_longer_hold():
    assert "expected" in tomllib.loads(device().to_toml())
    assert "expected" not in tomllib.loads(device().override(r_on=2e4).to_toml())


LEAVES = st.text(max_size=8) | st.integers(-2**63, 2**63 - 1) | st.booleans() | st.floats(allow_nan=False,
                                                                                           allow_infinity=False)


@given(st.recursive(LEAVES, lambda part: st.lists(part, max_size=3)
                    | st.dictionaries(st.text(max_size=4), part, max_size=3)))
def test_toml_literal_reads_back_equal(value):
    assert tomllib.loads(f"key = {literal(value)}")["key"] == value


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
