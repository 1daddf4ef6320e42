"""Card files: what is malformed is named by file and key; a device writes itself."""

import hashlib
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_card import GOOD, RESISTIVE, device

from neurosim.card import Device
from neurosim.card_file import parse_card, read_card
from neurosim.card_toml import literal
from neurosim.errors import CardError, StorageError


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
    ("schema = 1\n", "", "schema is missing. Write schema = 1 in the first line"),
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
    ("r_off = { value = 1e5", "r_off = { value = 1e3", "g_max = 100 uS of r_on = 10 kohm is "
     r"below g_min = 1 mS of r_off = 1 kohm \(from the card\). Lower r_on or raise r_off"),
    ('v_on = { value = -500, unit = "mV", origin = "published" }', "v_on = -0.5",
     r"\[params.v_on\]: -0.5 has neither unit nor origin. Write v_on = { value = -0.5, unit = \"...\", origin"),
    ('v_max = { value = 1200, unit = "mV" }', "v_max = 1.2",
     r"\[valid.v_max\]: .* Write v_max = { value = 1.2, unit = \"V\", origin"),
    ("x = 0.25", "x = { value = 3 }", r"\[state.x\]: a start value is a plain number .* Write x = 3\."),
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


def test_all_problems_of_a_card_are_told_at_once():
    layout = GOOD.replace('origin = "measured", ', "").replace("value = 3", "value = nan").replace("year = 2020", "yeer = 2020")
    with pytest.raises(CardError) as error:
        parse_card(layout.encode(), "toy.toml")
    lines = str(error.value).splitlines()
    assert len(lines) == 3
    assert "Did you mean" in lines[0]  # the missing year is the same problem as the unknown key
    assert "[params.r_on]: origin is missing" in str(error.value)
    assert "[params.shape.value]: nan" in str(error.value)


def test_all_values_that_do_not_fit_the_model_are_told_at_once():
    card = parse_card(GOOD.replace('"kohm"', '"Tohm"').replace("v_on =", "v_onn =").encode(), "toy.toml")
    with pytest.raises(CardError) as error:
        Device.build(card, RESISTIVE)
    assert 2 <= len(str(error.value).splitlines()) <= 3
    assert "[params.v_onn]: unknown parameter" in str(error.value)
    assert "[params.r_on]: r_on = 1e+13 ohm is outside" in str(error.value)
