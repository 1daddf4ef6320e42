"""The list of devices: it fits its page, says why a cell is empty, and can be narrowed and sorted."""

import json

import pytest

from neurosim.cli import run


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
    assert run(["device", "list", "zzzz"]) != 0
    assert "no card passes these filters" in capsys.readouterr().err
