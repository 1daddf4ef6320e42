"""``device``, ``iv``, ``pulses``, ``doctor``: every card can be listed, shown, measured and checked."""

import json

import numpy as np
import pytest

from neurosim.library import list_devices, load_device
from neurosim.self_test import check_card

CARD = """
schema = 1
model = "vteam"
[source]
title = "A card of a test"
authors = "nobody"
year = 2026
[params]
k_off = { value = 1e5, unit = "1/s", origin = "assumed" }
[[expected.switching_time]]
voltage = 1.0
from = 0.0
to = 1.0
seconds = 10e-6
rtol = 1e-9
"""


@pytest.mark.parametrize("name", [row.name for row in list_devices()])
def test_every_card_passes_its_own_tests(name):
    failed = [result.text for result in check_card(load_device(name)) if not result.ok]
    assert failed == []


def test_check_passes_a_true_promise_and_fails_a_false_one(call, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(CARD)  # 1 V is twice the default threshold: the rate is k_off itself, 1 / (10 us)
    good = call("device", "check", path, "--json")
    assert good.returncode == 0
    result = json.loads(good.stdout)["tests"][0]
    assert result["ok"]
    assert abs(result["found"] - 1e-5) <= 1e-14
    path.write_text(CARD.replace("10e-6", "10.001e-6"))
    bad = call("device", "check", path)
    assert bad.returncode == 1
    assert bad.stdout.startswith("FAIL")
    assert "10.001 us" in bad.stdout


@pytest.mark.parametrize(("old", "new", "word"), [("[expected.switching_time]", "[expected.switching_tme]", "switching_time"),
                                                  ("voltage = 1.0", "volt = 1.0", "voltage"),
                                                  ("voltage = 1.0", "voltage = 0.3", "nan")])
def test_promise_that_cannot_be_measured_fails(call, tmp_path, old, new, word):
    path = tmp_path / "mine.toml"
    path.write_text(CARD.replace(old, new))
    done = call("device", "check", path, "--json")
    assert done.returncode == 1
    result = json.loads(done.stdout)["tests"][0]
    assert not result["ok"]
    assert result["found"] is None
    assert word in result["text"]


def test_list_names_every_card_with_its_source(call):
    listed = {item["name"]: item for item in json.loads(call("device", "list", "--json").stdout)["devices"]}
    assert set(listed) == {row.name for row in list_devices()}
    assert "Kvatinsky" in listed["vteam/technion"]["source"]
    assert "vteam/nominal" in call("device", "list").stdout


def test_show_gives_values_with_units(call):
    shown = json.loads(call("device", "show", "vteam/nominal", "--json").stdout)
    assert shown["params"]["r_on"] == {"value": 1e4, "unit": "ohm"}
    assert "10 kohm" in call("device", "show", "vteam/nominal").stdout


def test_iv_json_obeys_ohms_law_below_threshold(call):
    data = json.loads(call("iv", "vteam/nominal", "--amplitude", "0.4 V", "--json").stdout)
    # The state stays at 0.5: 10 kohm + 190 kohm / 2.
    np.testing.assert_allclose(data["current"], np.array(data["voltage"]) / 105e3, rtol=1e-12)


def test_pulses_json_returns_to_its_start_after_equal_trains(call):
    options = ("--number", "5", "--amplitude", "0.9 V", "--width", "100 ns", "--json")
    g = json.loads(call("pulses", "vteam/nominal", *options).stdout)["conductance"]
    assert len(g) == 11
    np.testing.assert_allclose(g[-1], g[0], rtol=1e-9)
    assert max(g) == g[5]


def test_figures_are_written(call, tmp_path):
    assert call("device", "plot", "vteam/nominal", "--out", tmp_path).returncode == 0
    assert call("iv", "vteam/nominal", "--out", tmp_path / "loop.png").returncode == 0
    for path in tmp_path.glob("*.png"):
        assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert {path.name for path in tmp_path.glob("*.png")} == {"loop.png", *(
        f"vteam-nominal-{name}.png" for name in ("iv", "pulses", "switching", "retention"))}


def test_doctor_finds_everything_in_order(call):
    done = call("doctor", "--json")
    checks = json.loads(done.stdout)["checks"]
    assert {name for name, check in checks.items() if not check["ok"]} <= {"packages"}  # a source tree may lack metadata
    assert set(checks) >= {"kernels", "device library", "data", "figures"}


@pytest.mark.parametrize(("arguments", "words"), [
    (["iv", "vteam/nominal", "--out", "loop.xyz"], ["loop.xyz", ".xyz", "png"]),
    (["iv", "vteam/nominal", "--amplitude", "0"], ['"0" has no unit', '"1.5 V"', "text always needs its unit"]),
    (["pulses", "vteam/nominal", "--number", "100000000"], ["100000000", "0 to 1000000"])])
def test_measurement_that_cannot_be_is_one_clear_line(call, arguments, words):
    done = call(*arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert all(word in done.stderr for word in words), done.stderr


def test_a_voltage_beyond_the_card_is_one_line_of_caution(command):
    done = command("iv", "vteam/nominal", "--amplitude", "3 V")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("neurosim: caution: vteam/nominal: voltages from -3 V to 3 V leave the range of the card")
