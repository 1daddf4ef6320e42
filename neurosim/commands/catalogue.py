"""What the device list says about every card: from a library's own catalogue, or worked out where that is out of step.

Windows, pulse voltages and switching times need the compiled model: minutes for a whole library on a fresh machine. So a
library may ship ``catalogue.json`` in its folder of cards, by ``python -m neurosim.commands.catalogue FOLDER``; an entry
counts as long as its card has the same sha256.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from neurosim.card import Device
from neurosim.conductance import conductance_at_bounds
from neurosim.errors import NeurosimError
from neurosim.library import DeviceRow, list_devices, load_device, model_module
from neurosim.population import nominal_params

NAME = "catalogue.json"
START, END = "<!-- models: written by python -m neurosim.commands.catalogue devices/cards -->", "<!-- end of models -->"
USES = {"two-way": "synapse", "counts": "synapse, by the pulse", "binary": "random bit, binary synapse",
        "one-way": "fit of one direction", "volatile": "threshold switch", "unipolar": "memory cell", "domains": "memory cell",
        "no state": "circuit", "neuron": "neuron"}


def catalogue() -> tuple[list[dict[str, Any]], list[str]]:
    """Return one entry for each usable card, and one line for each that is not."""
    known: dict[Path, dict[str, Any]] = {}
    rows, broken = [], []
    for row in list_devices():
        folder = row.path.parent.parent
        if folder not in known:
            known[folder] = _read(folder / NAME)
        try:
            rows.append(_current(row, known[folder].get(row.name)))
        except NeurosimError as error:  # one bad card of some package must not hide the others
            broken.append(f"{row.name}: {error}")
    return rows, broken


def entry_of(device: Device) -> dict[str, Any]:
    """Return the entry of a loaded card: from the catalogue of its library where that is in step."""
    row = next((row for row in list_devices() if row.name == device.name), None)
    known = _read(row.path.parent.parent / NAME).get(device.name) if row is not None else None
    return known if known is not None and known.get("sha256") == device.sha256 else listed(device)


def _current(row: DeviceRow, entry: dict[str, Any] | None) -> dict[str, Any]:
    return entry if entry is not None and entry.get("sha256") == row.card.sha256 else listed(load_device(row.name))


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def listed(device: Device) -> dict[str, Any]:
    """Return what the list says about a card; None where a quantity does not apply."""
    from neurosim.characterise.drive import drive_of, half_drive, kind_of
    from neurosim.nominal_write import NominalWrite

    model, source, kind = device.model, device.card.source, kind_of(device)
    family, file = _place(device)
    item: dict[str, Any] = {
        "name": device.name, "sha256": device.sha256, "model": model.name, "family": family, "file": file,
        "kind": kind, "programmable": model.programmable, "doc": (model.doc or "").strip().partition("\n")[0],
        "states": [state.name for state in model.states], "origins": _origins(device), "v_read_max": _finite(device.v_read_max),
        "authors": _short_authors(source.authors), "year": source.year, "doi": source.doi,
        "source": f"{source.authors} {source.year}: {source.title}", "g_min": None, "g_max": None, "write_voltages": None,
        "switching_voltages": None, "switching_seconds": None, "switching": None,
        "neuron": _neuron(device) if kind == "neuron" else None}
    if kind in ("neuron", "no state"):
        return item
    item["g_min"], item["g_max"] = _window(device)
    if kind in ("two-way", "counts"):
        nominal = NominalWrite.of(device, None, 0.02)
        item["write_voltages"] = [nominal.v_raise, nominal.v_lower]
    volts, seconds = drive_of(device) if kind in ("two-way", "counts") else half_drive(device)
    item["switching"] = "10-90 %" if kind in ("two-way", "counts") else "half"
    item["switching_voltages"], item["switching_seconds"] = [_finite(v) for v in volts], [_finite(t) for t in seconds]
    return item


def _neuron(device: Device) -> dict[str, Any] | None:
    """Return drive and output of a neuron in three digits, None where neither a law nor a current says them."""
    from neurosim.characterise.neuron import neuron_range

    try:
        found = asdict(neuron_range(device))
    except NeurosimError:
        return None
    return {key: float(f"{value:.3g}") if isinstance(value, float) else value for key, value in found.items()}


def _place(device: Device) -> tuple[str, str]:
    """Return family and file of a model, from where it is defined: devices/memristor/vteam.py is a memristor."""
    *_, family, file = ("", *(model_module(device.base.name) or device.base.rate.__module__).split("."))
    return family, f"{file}.py"


def _window(device: Device) -> tuple[float, float]:
    """Return the conductances [S] of the lowest and the highest state, of all states together where there are many."""
    from neurosim.characterise.one_pulse import window_states

    if device.model.programmable:
        bounds = [float(g[0]) for g in conductance_at_bounds(device.model, nominal_params(device))]
    else:
        out = np.empty(2)
        device.model.require("conductance")(window_states(device), nominal_params(device, 2), out, 0, 2)
        bounds = [float(g) for g in out]
    return min(bounds), max(bounds)


def _origins(device: Device) -> dict[str, int]:
    """Return how many values of a card have each origin."""
    return dict(sorted(Counter(value.origin for value in device.card.params.values()).items()))


def with_models(text: str, entries: dict[str, dict[str, Any]]) -> str:
    """Return a README with its table of models, between ``START`` and ``END``, made anew; unchanged without these lines."""
    if START not in text or END not in text:
        return text
    before, rest = text.split(START, 1)
    lines = ["| model | cards | for | law |", "| --- | --- | --- | --- |"]
    by_model: dict[str, list[dict[str, Any]]] = {}
    for entry in sorted(entries.values(), key=lambda item: (item["family"], item["model"])):
        by_model.setdefault(entry["model"], []).append(entry)
    for model, cards in by_model.items():
        uses = ", ".join(dict.fromkeys(USES[card["kind"]] for card in cards))
        lines.append(f"| [{model}]({cards[0]['family']}/{cards[0]['file']}) | {len(cards)} | {uses} | {cards[0]['doc']} |")
    return before + START + "\n" + "\n".join(lines) + "\n" + END + rest.split(END, 1)[1]


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _short_authors(authors: str) -> str:
    names = authors.split(", ")
    return names[0] + (" et al." if len(names) > 1 else "")


def main() -> None:
    """Write the catalogue of a folder of cards, and the table of its models into the README beside that folder."""
    folder = Path(sys.argv[1]).resolve()
    rows = [row for row in list_devices() if row.path.resolve().parent.parent == folder]
    entries = {}
    for row in rows:
        try:
            entries[row.name] = listed(load_device(row.name))
        except NeurosimError as error:
            print(f"left out: {row.name}: {error}")
    (folder / NAME).write_text(json.dumps(entries, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    readme = folder.parent / "README.md"
    if readme.exists():
        readme.write_text(with_models(readme.read_text(encoding="utf-8"), entries), encoding="utf-8")
    print(f"{folder / NAME}: {len(entries)} cards")


if __name__ == "__main__":
    main()
