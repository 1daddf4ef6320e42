"""``neurosim device show``, ``check`` and ``plot``: one card."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from neurosim.card_modifiers import written_value
from neurosim.commands.run import print_json
from neurosim.errors import EXIT_FAILED_RUN, EXIT_OK
from neurosim.library import load_device
from neurosim.units import format_quantity


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
