"""``neurosim device calibrate``: numbers of a detailed model, cards of simpler ones, a figure of agreement."""

from __future__ import annotations

import argparse
import dataclasses
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from neurosim.calibration import SimplerCard
from neurosim.card import Device
from neurosim.card_toml import literal
from neurosim.commands.run import print_json
from neurosim.errors import ParameterError
from neurosim.library import load_device, load_model
from neurosim.storage import write_atomic
from neurosim.units import format_quantity


def device_calibrate(options: argparse.Namespace) -> None:
    """Write the cards and the figure of a calibration into a folder; print its numbers."""
    device = load_device(options.card)
    if device.model.calibrate is None:
        raise ParameterError(f"{device.name}: the model {device.model.name} has no simpler levels to calibrate. Give a card of "
                             "a detailed model, such as macrospin.")
    values = {spec.name: device.value(spec.name) for spec in device.model.params}
    result, folder = device.model.calibrate(values, options.seed), Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for card in result.cards:
        files.append(folder / card.file)
        write_atomic(files[-1], card_text(card, device).encode())
        load_device(str(files[-1]))  # a card that does not load is worth nothing
    if result.panels:
        from neurosim.plot import style
        from neurosim.plot.calibration import calibration as draw

        files.append(folder / "levels.png")
        style.save(draw(result, device.name), files[-1])
    if options.json:
        print_json({"status": "ok", "name": device.name, "files": [str(path) for path in files], "notes": list(result.notes),
                    "numbers": [dataclasses.asdict(number) for number in result.numbers],
                    "deviations": dict(result.deviations)})
        return
    table = Table(title=f"{device.name} calibrated", title_justify="left")
    for title in ("number", "value", "meaning"):
        table.add_column(title)
    for number in result.numbers:
        table.add_row(number.name, format_quantity(number.value, number.unit, 5), number.meaning)
    Console().print(table)
    for name, deviation in result.deviations.items():
        print(f"Largest difference, {name}: {100 * deviation:.2g} %")
    for line in (*result.notes, *(f"Written: {path}" for path in files)):
        print(line)


def card_text(card: SimplerCard, device: Device) -> str:
    """Return a simpler card as a card file; what was not derived takes the model's default and is left out."""
    units = {spec.name: spec.unit for spec in load_model(card.model).params}
    lines = ["schema = 1", f"model = {literal(card.model)}", "", "[source]",
             f"title = {literal(f'{card.title} {device.name}')}", 'authors = "calibrated by neurosim"',
             f"year = {datetime.now(UTC).year}",
             f"note = {literal(card.note + f' Card of the macrospin: sha256 {device.sha256}.')}", "", "[params]"]
    for name, value in card.params.items():
        origin = "fitted" if name in card.fitted else "assumed"
        lines.append(f"{name} = {literal({'value': float(value), 'unit': units[name], 'origin': origin})}")
    return "\n".join(lines) + "\n"
