"""Modifiers that a card carries: put around its model when a device is built, and written back with their present values.

A value of a modifier has unit and origin like any other number of a card; options (a law, a number of states) are plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neurosim.card_file import Card, CardModifier, CardValue, in_unit
from neurosim.card_match import checked_state
from neurosim.errors import CardError, ParameterError, did_you_mean
from neurosim.frozen import frozen
from neurosim.modifiers.catalogue import CATALOGUE, Kind

if TYPE_CHECKING:
    from neurosim.card import Device


def with_modifiers(device: Device, card: Card) -> Device:
    """Return a device with the modifiers of its card around its model, and the start values that the card gives them.

    Raises
    ------
    CardError
        Unknown kind, value or state, wrong unit, out of range, or a model that cannot have it; names file and key.
    """
    from neurosim.modifiers.compose import modify_device

    for number, written in enumerate(card.modifiers):
        where = f"{card.where} [modifiers.{number}]"
        values = _values(written, where)
        try:
            device = modify_device(device, [{"kind": written.kind, **values}])
        except ParameterError as error:
            raise CardError(f"{where}: {error}") from error
        *before, last = device.modifiers
        device = replace(device, modifiers=(*before, replace(last, params=written.params)))
    state, own = np.array(device.state), device.model.state_index
    of_forms = {spec.name for model in (device.base, *device.base.forms.values()) for spec in model.states}
    for name, value in card.state.items():
        if name not in own and name in of_forms:
            continue
        if name not in own:
            raise CardError(f"{card.where} [state.{name}]: unknown state.{did_you_mean(name, own)}")
        state[own[name]] = checked_state(device.model.states[own[name]], value, f"{card.where} [state.{name}]", CardError)
    return replace(device, state=frozen(state))


def written_value(device: Device, name: str) -> CardValue | None:
    """Return a parameter as the card has it, of the model or of a modifier; None where the card leaves it out."""
    for modifier in device.modifiers:
        if (short := name.removeprefix(f"{modifier.prefix}_")) != name and short in modifier.params:
            return modifier.params[short]
    return device.card.params.get(name)


def own_params(device: Device) -> int:
    """Return how many parameters are those of the model itself: the first ones."""
    return len(device.model.params) - sum(len(CATALOGUE[modifier.kind].params) for modifier in device.modifiers)


def _values(written: CardModifier, where: str) -> dict[str, Any]:
    """Return options and SI values of a modifier."""
    kind = CATALOGUE.get(written.kind)
    if kind is None:
        raise CardError(f'{where}: no modifier "{written.kind}".{did_you_mean(written.kind, CATALOGUE)}')
    units = {spec.name: spec.unit for spec in kind.params}
    _refuse_unknown(kind, units, written, where)
    return {**written.options,
            **{name: in_unit(given.value, given.unit, units[name], f"{where[:-1]}.{name}]")
               for name, given in written.params.items()}}


def _refuse_unknown(kind: Kind, units: Mapping[str, str], written: CardModifier, where: str) -> None:
    for name in (*written.params, *written.options):
        if name not in units and name not in kind.options:
            raise CardError(f"{where[:-1]}.{name}]: {kind.name} has no such value."
                            + did_you_mean(name, [*units, *kind.options]))
        if name in written.options and name in units:
            raise CardError(f"{where[:-1]}.{name}]: unit and origin are missing. Write {name} = {{ value = ..., "
                            f'unit = "{units[name]}", origin = "assumed" }}.')
        if name in written.params and name in kind.options:
            raise CardError(f"{where[:-1]}.{name}]: an option of {kind.name} is a plain value. Write {name} = "
                            f"{kind.options[name].default!r}.")
