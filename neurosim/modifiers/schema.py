"""Modifiers in an experiment file, checked by pydantic: a list of tables, the first one innermost.

::

    [synapse]
    card = "vteam/nominal"
    modifiers = [
      { kind = "rtn", amplitude = "2 %", capture_time = "2 ms", emission_time = "1 ms" },
      { kind = "series_resistance", resistance = "500 ohm" },
    ]

A section takes them by one field, ``modifiers: list[ModifierTable] = []``, and gives ``[table.given() for table in modifiers]``
to :func:`neurosim.modifiers.modify_device`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from neurosim.errors import ParameterError, did_you_mean
from neurosim.modifiers.catalogue import CATALOGUE, Kind
from neurosim.modifiers.compose import read_values


def _schema(schema: dict[str, Any]) -> None:
    schema.clear()
    schema.update({"title": "ModifierTable", "oneOf": [_kind_schema(kind) for kind in CATALOGUE.values()]})


def _kind_schema(kind: Kind) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": {"const": kind.name}}
    for spec in kind.params:
        values[spec.name] = {"type": ["number", "string"], "description": f"{spec.meaning} [{spec.unit or '1'}]"}
    for name, option in kind.options.items():
        values[name] = ({"enum": list(option.allowed)} if option.allowed else {"type": ["number", "string"]}) | {
            "description": option.meaning}
    return {"type": "object", "description": kind.meaning, "properties": values, "required": ["kind"],
            "additionalProperties": False}


class ModifierTable(BaseModel):
    """One modifier: ``kind``, and values by their short names; strings with units become SI floats."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False, json_schema_extra=_schema)

    kind: str

    @model_validator(mode="before")
    @classmethod
    def _read(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("kind"), str):
            raise ValueError(f'a modifier is a table with kind = one of {", ".join(CATALOGUE)}')
        values = dict(raw)
        kind = CATALOGUE.get(values.pop("kind"))
        if kind is None:
            raise ValueError(f'no modifier "{raw["kind"]}".{did_you_mean(raw["kind"], CATALOGUE)}'.rstrip("."))
        try:
            options, numbers = read_values(kind, values, kind.name)
        except ParameterError as error:
            raise ValueError(str(error).rstrip(".")) from None
        return {"kind": kind.name, **{name: options[name] for name in kind.options if name in values}, **numbers}

    def given(self) -> dict[str, Any]:
        """Return kind and values, for :func:`neurosim.modifiers.modify_device`."""
        return {"kind": self.kind, **(self.model_extra or {})}
