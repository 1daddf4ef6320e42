"""``neurosim device fit``: from a measured device to a card."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from neurosim.card import Device
from neurosim.commands.run import print_json
from neurosim.errors import ParameterError
from neurosim.fitting import fit_device, fitted_device, read_measurement
from neurosim.library import list_devices, load_device
from neurosim.storage import write_atomic
from neurosim.units import format_quantity


def device_fit(options: argparse.Namespace) -> None:
    """Fit a model to a CSV file; write the card and the figure, print values with intervals."""
    if options.out and Path(options.out).suffix != ".toml":
        raise ParameterError(f'fit: --out {options.out}: a card is a file that ends in .toml. Write for example chip3.toml.')
    start = _start(options.model)
    free = [name.strip() for name in options.free.split(",") if name.strip()] if options.free else []
    result = fit_device(start, read_measurement(options.data), free, options.read_voltage)
    card = Path(options.out or f"{Path(options.data).stem}-{start.model.name}.toml")
    card.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(card, fitted_device(result).to_toml().encode())
    from neurosim.plot import style
    from neurosim.plot.fit import fit as draw

    figure = card.with_suffix(".png")
    style.save(draw(result), figure)
    free = [value.name for value in result.values]
    kept = [spec.name for spec in start.model.params if spec.name not in free]
    if options.json:
        print_json({"status": result.status, "cautions": list(result.cautions), "card": str(card),
                    "figure": str(figure), "deviation": result.deviation, "free": free, "kept": kept,
                    "values": [value.as_dict() for value in result.values],
                    "strong_correlations": [list(pair) for pair in result.strong]})
        return
    table = Table(title=f"{start.model.name} fitted to {Path(options.data).name}", title_justify="left")
    for title in ("parameter", "value", "95 % interval", "identified"):
        table.add_column(title)
    for value in result.values:
        table.add_row(value.name, format_quantity(value.value, value.unit, 4),
                      f"{format_quantity(value.low, value.unit, 4)} to {format_quantity(value.high, value.unit, 4)}"
                      if value.identified else "-",
                      "yes" if value.identified else f"no: {value.why}")
    Console().print(table)
    print(f"Fitted: {', '.join(free)}. Kept as in {start.name}: {', '.join(kept) or 'nothing'}.")
    print(f"Deviation {100 * result.deviation:.2g} % (root mean square of the relative residuals).")
    for a, b, correlation in result.strong:
        print(f"{a} and {b} are hardly told apart by these data (correlation {correlation:+.3f}).")
    for caution in result.cautions:
        print(f"Caution: {caution}")
    print(f"Card:   {card}\nFigure: {figure}")


def _start(name: str) -> Device:
    """Return the start of a search: a card, or the nominal or first card of a model."""
    if "/" in name or name.endswith(".toml"):
        return load_device(name)
    cards = [row.name for row in list_devices() if row.name.partition("/")[0] == name]
    if not cards:
        raise ParameterError(f'fit: no card of a model "{name}". Give --model vteam, or a card to start from, vteam/nominal.')
    return load_device(next((card for card in cards if card.endswith("/nominal")), cards[0]))
