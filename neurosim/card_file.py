"""The content of a card file: a published parameter set with its source, read but not yet matched with a model.

The layout is in :mod:`neurosim.card_schema`; :mod:`neurosim.card` makes a device of a card and its model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from neurosim.errors import CardError, ParameterError, StorageError, did_you_mean
from neurosim.units import check_unit, convert

if TYPE_CHECKING:
    from neurosim.card_schema import ParamTable

VALID_UNITS: Mapping[str, str] = MappingProxyType({
    "v_min": "V", "v_max": "V", "v_read_max": "V", "i_min": "A", "i_max": "A", "g_min": "S", "g_max": "S",
    "t_min": "s", "t_max": "s", "pulse_min": "s", "pulse_max": "s", "temperature_min": "K", "temperature_max": "K",
    "frequency_min": "Hz", "frequency_max": "Hz", "field_min": "A/m", "field_max": "A/m", "b_min": "T", "b_max": "T",
})


@dataclass(frozen=True)
class Source:
    """Publication that a card is taken from."""

    title: str
    authors: str
    year: int
    doi: str = ""
    note: str = ""


@dataclass(frozen=True)
class CardValue:
    """One number of a card as written there: ``value`` is in ``unit``, not yet SI."""

    value: float
    unit: str
    origin: str
    note: str = ""


@dataclass(frozen=True)
class CardModifier:
    """One modifier around the model (:mod:`neurosim.modifiers`): parameters as written, by short names, and plain options.

    ``prefix`` is empty until it is put on a device, where its parameters are called ``<prefix>_<name>``.
    """

    kind: str
    params: Mapping[str, CardValue] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    prefix: str = ""


@dataclass(frozen=True)
class Card:
    """A card file: checked for layout and finite numbers, not yet matched with a model.

    ``valid`` holds SI values (units in ``VALID_UNITS``); ``params`` keeps values and units as written. ``modifiers`` are in
    the order in which they are put around the model.
    """

    name: str
    model: str
    source: Source
    params: Mapping[str, CardValue]
    state: Mapping[str, float]
    valid: Mapping[str, float]
    expected: Any
    where: str
    sha256: str
    modifiers: tuple[CardModifier, ...] = ()


def read_card(path: str | Path, name: str = "") -> Card:
    """Return the card in a TOML file.

    Parameters
    ----------
    path : str or Path
        The file.
    name : str
        ``"model/paper"``; made from the model and the file name where it is left out.

    Raises
    ------
    StorageError
        The file cannot be read.
    CardError
        The file is malformed; the message names file and key.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot read the card: {error.strerror or error}.") from error
    return parse_card(data, where=str(path), name=name)


def parse_card(data: bytes, where: str, name: str = "") -> Card:
    """Return the card in the bytes of a TOML file; ``where`` names it in messages."""
    from neurosim.card_schema import parse

    table = parse(data, where)
    modifiers = tuple(CardModifier(part.kind, _values(part.params), MappingProxyType(dict(part.options)))
                      for part in table.modifiers)
    valid = {}
    for key, part in table.valid.items():
        if key not in VALID_UNITS:
            raise CardError(f"{where} [valid.{key}]: unknown limit.{did_you_mean(key, VALID_UNITS)}")
        valid[key] = in_unit(part.value, part.unit, VALID_UNITS[key], f"{where} [valid.{key}]")
    for low in [key for key in valid if key.endswith("_min")]:
        high = low.removesuffix("_min") + "_max"
        if high in valid and not valid[low] < valid[high]:
            raise CardError(f"{where} [valid.{high}]: {valid[high]:g} is not above {low} = {valid[low]:g}.")
    return Card(name=name or f"{table.model}/{Path(where).stem}", model=table.model,
                source=Source(**table.source.model_dump()), params=_values(table.params),
                state=MappingProxyType(dict(table.state)), valid=MappingProxyType(valid), expected=table.expected,
                where=where, sha256=hashlib.sha256(data).hexdigest(), modifiers=modifiers)


def _values(tables: Mapping[str, ParamTable]) -> Mapping[str, CardValue]:
    """Return the numbers of a table by name, as written."""
    return MappingProxyType({key: CardValue(part.value, part.unit, part.origin, part.note) for key, part in tables.items()})


def in_unit(value: float, given: str, unit: str, where: str) -> float:
    """Return a number of a card in another unit; a wrong unit is a CardError that names file and key."""
    try:
        check_unit(given, where)
        return convert(value, given, unit, where)
    except ParameterError as error:
        raise CardError(str(error)) from error
