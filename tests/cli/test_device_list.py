"""The list of devices: it fits its page, says why a cell is empty, and can be narrowed and sorted."""

import argparse
import json
import re

import pytest

from neurosim.cli import run
from neurosim.commands import device_list
from neurosim.commands.device_list import chosen
from neurosim.errors import ParameterError


def listed(capsys, *arguments):
    assert run(["device", "list", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_no_line_is_longer_than_the_page(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = listed(capsys).splitlines()
    assert max(map(len, lines)) <= width
    one_per_card = [line for line in lines if (line[:1] == " " and line[1] != " ") or "/" in line.split(" ")[0]]
    assert len(one_per_card) >= 96
    assert any("Jiang 2016" in line for line in lines) == (width >= 120)


def test_a_card_is_told_in_one_line(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    text = listed(capsys, "--model", "gap")
    row = next(line for line in text.splitlines() if line.startswith("gap/stanford "))
    for part in ("4.46 µS–1.8 mS", " 403 ", "two-way", " p ", "Jiang 2016"):
        assert part in row


@pytest.mark.parametrize(("name", "said"), [("mott_nbo2", "by itself"), ("memdiode", " no "), ("resistor", " - ")])
def test_what_a_device_cannot_do_is_said(capsys, monkeypatch, name, said):
    monkeypatch.setenv("COLUMNS", "120")
    assert said in listed(capsys, "--model", name)


def test_filters_narrow_the_list(capsys):
    def names(*arguments):
        return {row["name"] for row in json.loads(listed(capsys, *arguments, "--json"))["devices"]}

    every, synapses = names(), names("--programmable")
    assert "macrospin/ikeda2010" in every - synapses
    assert "vteam/nominal" in synapses
    assert "diffusive/nominal" in every - synapses  # it forgets what is written
    magnets = names("--family", "spintronic")
    assert {"macrospin/ikeda2010", "hard_axis_mtj/nominal"} <= magnets
    assert "vteam/nominal" not in magnets
    assert names("kvatinsky", "vteam") == {"vteam/technion"}


def test_sorting_puts_the_largest_ratio_and_the_fastest_first(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    by_ratio, by_speed = (listed(capsys, "--programmable", "--sort", key).splitlines() for key in ("ratio", "speed"))
    assert "∞" in by_ratio[1]
    assert by_speed[1].startswith("gap/hfo2_granada")


def test_wrong_filters_are_explained(capsys):
    assert run(["device", "list", "--model", "vtem"]) != 0
    assert 'Did you mean "vteam"' in capsys.readouterr().err
    with pytest.raises(ParameterError, match=r"no usable card .* lab_cell/first: half installed"):
        chosen([], argparse.Namespace(family=None, model="lab_cell"), ["lab_cell/first: half installed"])
    assert run(["device", "list", "zzzz"]) != 0
    assert "no card passes these filters" in capsys.readouterr().err


def test_words_match_what_a_card_is_for(capsys):
    def names(*arguments):
        return {row["name"] for row in json.loads(listed(capsys, *arguments, "--json"))["devices"]}

    assert {"vteam/nominal", "pulse_step/epiram", "resonator_synapse/ross2023"} <= names("synapse")
    assert {"smtj/nominal", "stno/torrejon2017"} <= names("neuron")
    assert "vteam/nominal" not in names("neuron")
    assert names("threshold", "switch", "mott") == {"mott_nbo2/biolek2013"}


@pytest.mark.parametrize(("name", "parts"), [
    ("hard_axis_mtj/nominal", ["±50 mV", " i ±"]), ("stno/torrejon2017", ["0–4", " i +"]),
    ("macrospin/ikeda2010", ["−1–0", " i −"]),
])
def test_a_neuron_has_its_output_and_its_drive(capsys, monkeypatch, name, parts):
    monkeypatch.setenv("COLUMNS", "140")
    row = next(line for line in listed(capsys, "--family", "spintronic").splitlines() if line.startswith(name))
    assert all(part in row for part in parts), row


def test_one_card_is_singular(capsys):
    assert "1 card ─" in listed(capsys, "--model", "smtj")


@pytest.mark.parametrize("arguments", [(), ("--sort", "ratio"), ("--sort", "speed")])
@pytest.mark.parametrize("width", [80, 105, 115, 125, 132])
def test_the_footer_tells_the_width_at_which_columns_appear(capsys, monkeypatch, width, arguments):
    monkeypatch.setenv("COLUMNS", str(width))
    text = listed(capsys, *arguments)
    found = re.search(r"At (\d+) columns", text)
    shown = any("Jiang 2016" in line for line in text.splitlines())
    assert shown == (found is None)
    if found:
        monkeypatch.setenv("COLUMNS", found[1])
        whole = listed(capsys, *arguments)
        assert "Jiang 2016" in whole
        assert "there are also" not in whole
        monkeypatch.setenv("COLUMNS", str(int(found[1]) - 1))
        assert "Jiang 2016" not in listed(capsys, *arguments)


@pytest.mark.parametrize("arguments", [("--model", "lab_cell"), ("lab_cell",)])
def test_a_broken_card_is_named_where_it_was_looked_for(capsys, monkeypatch, arguments):
    rows, _ = device_list.catalogue()
    broken = ["lab_cell/mine: /somewhere/mine.toml: schema is missing.", "other/one: no such model"]
    monkeypatch.setattr(device_list, "catalogue", lambda: (rows, broken))
    assert run(["device", "list", *arguments]) != 0
    said = capsys.readouterr().err
    assert "schema is missing" in said
    assert "other/one" not in said


def test_times_that_no_pulse_has_are_not_told(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    row = next(line for line in listed(capsys, "--model", "gap").splitlines() if "granada" in line)
    assert "<1 ns" in row
    assert " fs" not in row
