"""The list of devices: a shipped catalogue that is in step with the cards, and is not believed where it is not."""

import json
from pathlib import Path

import pytest

from neurosim.commands import catalogue as module
from neurosim.library import list_devices, load_device

SHIPPED = json.loads((Path(__file__).parents[2] / "devices/cards" / module.NAME).read_text(encoding="utf-8"))


def test_every_shipped_card_is_in_the_catalogue_with_its_hash():
    rows = {row.name: row.card.sha256 for row in list_devices()}
    remedy = "run python -m neurosim.commands.catalogue devices/cards"
    assert {name: entry["sha256"] for name, entry in SHIPPED.items()} == rows, remedy


def numbers_of(value):
    return [float("nan") if part is None else part for part in (value if isinstance(value, list) else [value])]


@pytest.mark.parametrize("name", ["vteam/nominal", "two_state/knowm_sdc", "resistor/nominal", "macrospin/ikeda2010",
                                  "pulse_step/capacitor", "gap/sky130", "mott_nbo2/biolek2013", "memdiode/dmm_a2",
                                  "ferroelectric_domains/hzo_deng2020"])
def test_the_catalogue_says_what_the_device_does(name):
    found, said = module.listed(load_device(name)), SHIPPED[name]
    numbers = ("g_min", "g_max", "v_read_max", "write_voltages", "switching_voltages", "switching_seconds")
    assert {key: found[key] for key in found if key not in numbers} == {key: said[key] for key in said if key not in numbers}
    for key in numbers:
        if said[key] is None:
            assert found[key] is None, key
        else:
            assert numbers_of(found[key]) == pytest.approx(numbers_of(said[key]), rel=1e-6, nan_ok=True), key


def test_an_entry_of_another_card_is_worked_out_anew(monkeypatch):
    wrong = {name: {**entry, "g_max": 1.0} for name, entry in SHIPPED.items()}
    wrong["vteam/nominal"]["sha256"] = "0" * 64
    monkeypatch.setattr(module, "_read", lambda path: wrong)
    rows = {item["name"]: item for item in module.catalogue()[0]}
    assert rows["vteam/nominal"]["g_max"] == pytest.approx(1e-4)
    assert rows["vteam/technion"]["g_max"] == 1.0
