"""``neurosim device show``, ``check`` and ``plot``: one card."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from neurosim.card_file import VALID_UNITS
from neurosim.card_modifiers import written_value
from neurosim.commands.catalogue import entry_of
from neurosim.commands.device_list import in_words, shown
from neurosim.commands.run import print_json
from neurosim.errors import EXIT_FAILED_RUN, EXIT_OK, NeurosimError
from neurosim.library import load_device


def device_show(options: argparse.Namespace) -> None:
    """Print a card: source, what it does, start state, range, and every value with unit, origin, meaning and note."""
    from neurosim.characterise.drive import reads_write

    device = load_device(options.card)
    card, specs, states = device.card, device.model.params, device.model.states
    try:
        told = entry_of(device)
    except NeurosimError as error:  # a model that cannot be measured still has a card
        told = {"name": device.name, "model": device.model.name, "sha256": device.sha256, "not measured": str(error)}
    if options.json:
        print_json({**told, "params": {spec.name: {"value": device.value(spec.name), "unit": spec.unit} for spec in specs},
                    "state": {spec.name: {"value": device.value(spec.name), "unit": spec.unit} for spec in states},
                    "valid": dict(card.valid)})
        return
    console = Console(highlight=False)
    console.print(f"[bold]{escape(device.name)}[/bold]  {escape(card.source.title)}")
    doi = f", doi:{card.source.doi}" if card.source.doi else ""
    console.print(escape(f"{card.source.authors}, {card.source.year}{doi}"))
    if card.source.note:
        console.print(escape(" ".join(card.source.note.split())), style="dim")
    console.print(escape(f"Model {device.model.name}: {(device.model.doc or '').strip()}"))
    for line in [told["not measured"]] if "not measured" in told else in_words(told):
        console.print(escape(f"  {line}"))
    if told.get("g_max") is not None and (caution := reads_write(device)):
        console.print(escape(f"  {caution}"))
    limits = [f"{name} = {shown(value, VALID_UNITS[name])}" for name, value in card.valid.items()]
    console.print(f"  valid for {', '.join(limits)}" if limits else "  the card does not say where it is valid")
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("parameter", "value", "origin", "meaning (note of the card)"):
        table.add_column(title, no_wrap=title != "meaning (note of the card)", justify="right" if title == "value" else "left")
    for spec in specs:
        given = written_value(device, spec.name)
        note = f" [dim]({escape(given.note)})[/dim]" if given and given.note else ""
        table.add_row(spec.name, shown(device.value(spec.name), spec.unit), given.origin if given else "default",
                      escape(spec.meaning) + note)
    for state in states:
        table.add_row(state.name, shown(device.value(state.name), state.unit), "start",
                      escape(f"state: {state.meaning}, {state.low:g} to {state.high:g}"))
    console.print(table)


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
