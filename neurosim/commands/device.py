"""``neurosim device``: look at cards, check and plot one device."""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from neurosim.card_modifiers import written_value
from neurosim.commands.catalogue import catalogue
from neurosim.commands.run import print_json
from neurosim.errors import EXIT_FAILED_RUN, EXIT_OK
from neurosim.library import load_device
from neurosim.units import format_quantity

PAGE_WIDTH = 150  # characters, where the output is not a terminal
MOST_STATES = 6  # named in the list
COLUMNS: tuple[tuple[str, Literal["left", "right"], int], ...] = (
    ("  card", "left", 32), ("conductance", "right", 20), ("on/off", "right", 8), ("read up to", "right", 10),
    ("write pulses", "right", 18), ("10-90 % in", "right", 18), ("source (values are)", "left", 30))


def device_list(options: argparse.Namespace) -> None:
    """Print every card: what it is, its window, read limit, pulses, switching times, source."""
    rows, broken = catalogue()
    if options.json:
        print_json({"devices": rows, "broken": broken})
        return
    console = Console()
    console = console if console.is_terminal else Console(width=max(PAGE_WIDTH, console.width))
    rows.sort(key=lambda item: (item["family"], item["model"], item["name"]))
    for (family, model), group in groupby(rows, key=lambda item: (item["family"], item["model"])):
        cards = list(group)
        states = cards[0]["states"]
        listed = ", ".join(states) if len(states) <= MOST_STATES else f"{len(states)} of them"
        console.print(f"[bold]{family}/{model}[/bold]  {escape(cards[0]['doc'])} States: {listed or 'none'}.")
        measured = any(item["g_min"] is not None for item in cards)
        table = Table(box=None, pad_edge=False, show_header=measured, header_style="dim")
        for title, justify, width in COLUMNS:
            table.add_column(title, justify=justify, min_width=width, no_wrap=not title.startswith("source"))
        for item in cards:
            table.add_row(*_cells(item))
        console.print(table)
        console.print()
    print("Write pulses: the programmers' default, raising / lowering. More: neurosim device show CARD, device plot CARD.")
    for line in broken:
        print(f"not usable: {line}")


def _cells(item: dict[str, Any]) -> list[str]:
    low, high = item["g_min"], item["g_max"]
    return ["  " + item["name"], f"{_short(low, 'S')} to {_short(high, 'S')}" if low is not None else "",
            f"{high / low:.3g}" if low else "", _short(item["v_read_max"], "V"), _pair(item["write_voltages"], "V"),
            _pair(item["switching_seconds"], "s"), f"{item['authors']} {item['year']} ({', '.join(item['origins'])})"]


def device_show(options: argparse.Namespace) -> None:
    """Print the parameters of a card with units, meaning and origin."""
    device = load_device(options.card)
    specs = device.model.params
    if options.json:
        print_json({"name": device.name, "model": device.model.name, "sha256": device.sha256,
                    "params": {spec.name: {"value": device.value(spec.name), "unit": spec.unit} for spec in specs}})
        return
    card = device.card
    print(f"{device.name}: {card.source.title}\n{card.source.authors}, {card.source.year}"
          + (f", doi:{card.source.doi}" if card.source.doi else ""))
    if card.source.note:
        print(card.source.note.strip())
    table = Table(title_justify="left")
    for title in ("parameter", "value", "origin", "meaning"):
        table.add_column(title)
    for spec in specs:
        given = written_value(device, spec.name)
        table.add_row(spec.name, format_quantity(device.value(spec.name), spec.unit), given.origin if given else "default",
                      spec.meaning)
    Console().print(table)
    print((device.model.doc or "").strip())


def device_check(options: argparse.Namespace) -> int:
    """Run the self tests of a card and the contract of its model; print expected against found."""
    from neurosim.contract_check import check_contract
    from neurosim.self_test import check_card

    device = load_device(options.card)
    contract = check_contract(device)
    compiled = contract[0].ok
    results = check_card(device) if compiled else []  # kernels that are not compiled cannot be measured
    failed = not all([*(result.ok for result in results), *(finding.ok for finding in contract)])
    if options.json:
        print_json({"name": options.card, "status": "failed" if failed else "ok",
                    "tests": [result.as_dict() for result in results],
                    "contract": [finding.as_dict() for finding in contract]})
    else:
        for ok, text in [*((result.ok, result.text) for result in results), *((part.ok, part.text) for part in contract)]:
            print(f"{'ok  ' if ok else 'FAIL'}  {text}")
        if compiled and not results:
            print(f"{options.card} has no expected numbers of its own.")
    return EXIT_FAILED_RUN if failed else EXIT_OK


def device_plot(options: argparse.Namespace) -> None:
    """Draw every figure that makes sense for a card."""
    from neurosim.plot.device_page import draw_device

    for path in draw_device(load_device(options.card), Path(options.out)):
        print(path)


def _short(value: float | None, unit: str) -> str:
    return "" if value is None else format_quantity(float(f"{value:.3g}"), unit)


def _pair(values: list[float | None] | None, unit: str) -> str:
    return "" if values is None else " / ".join("never" if v is None else _short(v, unit) for v in values)
