"""Write a device as a card file that loads back bit for bit.

Python reads TOML but does not write it; a card needs strings, numbers, lists and tables only. Floats are written with
``repr``, which is the shortest text that reads back as the same float.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from neurosim.card_file import VALID_UNITS, CardValue
from neurosim.modifiers.catalogue import CATALOGUE
from neurosim.units import convert

if TYPE_CHECKING:
    from neurosim.card import Device

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def device_toml(device: Device) -> str:
    """Return the text of a card for a device after its overrides."""
    from neurosim.card_modifiers import own_params, written_value

    card, specs = device.card, device.model.params
    own = own_params(device)
    lines = ["schema = 1", f"model = {literal(card.model)}", "", "[source]"]
    lines += [f"{key} = {literal(getattr(card.source, key))}" for key in ("title", "authors", "year", "doi", "note")
              if getattr(card.source, key) != ""]
    lines += ["", "[params]"]
    changed = ", ".join(f"{name} = {value!r}" for name, value in device.overrides.items())

    def entry(row: int) -> dict[str, Any]:
        spec, value = specs[row], float(device.params[row])
        written = written_value(device, spec.name)
        if written is not None and convert(written.value, written.unit, spec.unit) == value:
            return _as_written(written)
        note = f"changed with respect to {card.name}: {changed}"
        if written is None and value == spec.default:
            note = "model default" if row < own else "modifier default" if spec.name in device.defaulted else ""
        return _as_written(CardValue(value, spec.unit, "assumed", note))

    lines += [_line(spec.name, entry(row)) for row, spec in enumerate(specs[:own])]
    lines += [_line(name, _as_written(written)) for name, written in card.params.items()
              if name not in device.model.param_index]
    start = {**card.state, **{spec.name: float(device.state[row]) for row, spec in enumerate(device.model.states)}}
    lines += ["", "[state]", *[_line(name, value) for name, value in start.items()]]
    if card.valid:
        lines += ["", "[valid]"]
        lines += [_line(name, {"value": value, "unit": VALID_UNITS[name]}) for name, value in card.valid.items()]
    for modifier in device.modifiers:
        lines += ["", "[[modifiers]]", _line("kind", modifier.kind)]
        for row, spec in enumerate(specs[own:], own):
            if spec.name in (f"{modifier.prefix}_{part.name}" for part in CATALOGUE[modifier.kind].params):
                lines.append(_line(spec.name.removeprefix(f"{modifier.prefix}_"), entry(row)))
        lines += [_line(name, value) for name, value in modifier.options.items()]
    if card.expected and not device.overrides and len(device.modifiers) == len(card.modifiers):
        lines = [f"expected = {literal(card.expected)}", *lines]
    return "\n".join(lines) + "\n"


def _as_written(value: CardValue) -> dict[str, Any]:
    """Return a value as a TOML table; an empty note is left out."""
    table = {"value": value.value, "unit": value.unit, "origin": value.origin}
    return {**table, "note": value.note} if value.note else table


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
