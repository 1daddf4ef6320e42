"""``neurosim device``, ``iv`` and ``pulses``: look at cards and measure one device."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from neurosim.card import Device
from neurosim.commands.run import print_json
from neurosim.errors import EXIT_FAILED_RUN, EXIT_OK
from neurosim.library import list_devices, load_device
from neurosim.units import format_quantity


def device_list(options: argparse.Namespace) -> None:
    """Print every card with its model, origins and source."""
    rows: list[dict[str, Any]] = []
    for row in list_devices():
        device = load_device(row.name)
        origins = sorted({value.origin for value in device.card.params.values()})
        rows.append({"name": row.name, "model": device.model.name, "states": [s.name for s in device.model.states],
                     "origins": origins, "v_read_max": device.v_read_max if device.v_read_max == device.v_read_max else None,
                     "source": f"{device.card.source.authors} {device.card.source.year}: {device.card.source.title}"})
    if options.json:
        print_json({"devices": rows})
        return
    table = Table(title="Device cards", title_justify="left")
    for title in ("card", "states", "read below", "values are", "source"):
        table.add_column(title)
    for item in rows:
        read = format_quantity(item["v_read_max"], "V") if item["v_read_max"] is not None else "-"
        table.add_row(item["name"], ", ".join(item["states"]), read, ", ".join(item["origins"]), item["source"])
    Console().print(table)


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
        given = card.params.get(spec.name)
        table.add_row(spec.name, format_quantity(device.value(spec.name), spec.unit), given.origin if given else "default",
                      spec.meaning)
    Console().print(table)
    print((device.model.doc or "").strip())


def device_check(options: argparse.Namespace) -> int:
    """Run the self tests of a card and print expected against found."""
    from neurosim.self_test import check_card

    results = check_card(load_device(options.card))
    failed = [result for result in results if not result.ok]
    if options.json:
        print_json({"name": options.card, "status": "failed" if failed else "ok",
                    "tests": [result.as_dict() for result in results]})
    else:
        for result in results:
            print(f"{'ok  ' if result.ok else 'FAIL'}  {result.text}")
        if not results:
            print(f"{options.card} has no self tests.")
    return EXIT_FAILED_RUN if failed else EXIT_OK


def device_plot(options: argparse.Namespace) -> None:
    """Draw the I-V loop and the pulse train of a card."""
    device = load_device(options.card)
    folder = Path(options.out)
    stem = device.name.replace("/", "-")
    print(_draw_iv(device, "1.2 V", "20 us", 2, folder / f"{stem}-iv.png"))
    print(_draw_pulses(device, "0.9 V", "100 ns", 50, folder / f"{stem}-pulses.png"))


def iv(options: argparse.Namespace) -> None:
    """Measure a current-voltage loop."""
    from neurosim.characterise import iv_sweep
    from neurosim.waveform import Triangle

    device = load_device(options.card)
    if options.out:
        print(_draw_iv(device, options.amplitude, options.period, options.cycles, Path(options.out)))
    loop = iv_sweep(device, Triangle(options.amplitude, period=options.period, cycles=options.cycles))
    if options.json:
        print(json.dumps({"voltage": loop.voltage.tolist(), "current": loop.current.tolist(), "time": loop.time.tolist()}))
    elif not options.out:
        print(f"{device.name}: {loop.current.size} points, current from {format_quantity(loop.current.min(), 'A')} to "
              f"{format_quantity(loop.current.max(), 'A')}. Give --out loop.png for the figure or --json for the data.")


def pulses(options: argparse.Namespace) -> None:
    """Measure conductances under a pulse train."""
    from neurosim.characterise import pulse_response

    device = load_device(options.card)
    if options.out:
        print(_draw_pulses(device, options.amplitude, options.width, options.number, Path(options.out)))
    train = pulse_response(device, options.amplitude, options.width, options.number, options.number)
    if options.json:
        print(json.dumps({"conductance": train.conductance.tolist()}))
    elif not options.out:
        g = train.conductance
        print(f"{device.name}: conductance from {format_quantity(g.min(), 'S')} to {format_quantity(g.max(), 'S')} over "
              f"{g.size} reads. Give --out train.png for the figure or --json for the data.")


def _draw_iv(device: Device, amplitude: str, period: str, cycles: int, path: Path) -> Path:
    from neurosim.characterise import iv_sweep
    from neurosim.plot import device as plot
    from neurosim.plot import style
    from neurosim.waveform import Triangle

    with style.styled():
        style.save(plot.iv(iv_sweep(device, Triangle(amplitude, period=period, cycles=cycles))), path)
    return path


def _draw_pulses(device: Device, amplitude: str, width: str, number: int, path: Path) -> Path:
    from neurosim.characterise import pulse_response
    from neurosim.plot import device as plot
    from neurosim.plot import style

    with style.styled():
        style.save(plot.pulses(pulse_response(device, amplitude, width, number, number)), path)
    return path
