"""Write a device as a card file that loads back bit for bit.

Python reads TOML but does not write it; a card needs strings, numbers, lists and tables only. Floats are written with
``repr``, which is the shortest text that reads back as the same float.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from neurosim.card_file import VALID_UNITS
from neurosim.units import convert

if TYPE_CHECKING:
    from neurosim.card import Device

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def device_toml(device: Device) -> str:
    """Return the text of a card for a device after its overrides."""
    card, model = device.card, device.model
    lines = ["schema = 1", f"model = {literal(card.model)}", "", "[source]"]
    lines += [f"{key} = {literal(getattr(card.source, key))}" for key in ("title", "authors", "year", "doi", "note")
              if getattr(card.source, key) != ""]
    lines += ["", "[params]"]
    changed = ", ".join(f"{name} = {value!r}" for name, value in device.overrides.items())
    for row, spec in enumerate(model.params):
        value, written = float(device.params[row]), card.params.get(spec.name)
        entry: dict[str, Any]
        if written is not None and convert(written.value, written.unit, spec.unit) == value:
            entry = {"value": written.value, "unit": written.unit, "origin": written.origin, "note": written.note}
        else:
            default = written is None and value == spec.default
            note = "model default" if default else f"changed with respect to {card.name}: {changed}"
            entry = {"value": value, "unit": spec.unit, "origin": "assumed", "note": note}
        lines.append(_line(spec.name, {key: part for key, part in entry.items() if key != "note" or part}))
    for name, written in card.params.items():
        if name not in model.param_index:
            entry = {"value": written.value, "unit": written.unit, "origin": written.origin}
            lines.append(_line(name, entry | ({"note": written.note} if written.note else {})))
    start = {**card.state, **{spec.name: float(device.state[row]) for row, spec in enumerate(model.states)}}
    lines += ["", "[state]", *[_line(name, value) for name, value in start.items()]]
    if card.valid:
        lines += ["", "[valid]"]
        lines += [_line(name, {"value": value, "unit": VALID_UNITS[name]}) for name, value in card.valid.items()]
    if card.expected and not device.overrides:
        lines = [f"expected = {literal(card.expected)}", *lines]
    return "\n".join(lines) + "\n"


def literal(value: Any) -> str:
    """Return a value as TOML text on one line.

    Examples
    --------
    >>> literal({"v": [1.0, 2], "name": "a"})
    '{ v = [1.0, 2], name = "a" }'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(literal(part) for part in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(_line(key, part) for key, part in value.items())} }}" if value else "{}"
    return value.isoformat()  # TOML dates


def _line(key: str, value: Any) -> str:
    return f"{key if _BARE_KEY.fullmatch(key) else literal(key)} = {literal(value)}"
