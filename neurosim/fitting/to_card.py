"""The card of a fit: fitted values with their intervals, the rest as it was assumed, and where it may be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np

from neurosim.card import Device
from neurosim.card_file import Card, CardModifier, CardValue, Source
from neurosim.card_modifiers import own_params
from neurosim.characterise.cells import Cells
from neurosim.fitting.fit import Fit
from neurosim.fitting.intervals import FittedValue
from neurosim.modifiers.catalogue import CATALOGUE

OF_THE_START = ("v_read_max", "temperature_min", "temperature_max", "field_min", "field_max", "b_min", "b_max")
RTOL = 1e-6  # of the self test: the card holds every digit, compilers differ in the last ones


def fitted_device(result: Fit) -> Device:
    """Return the fitted device with a card of its own; ``.to_toml()`` gives the file.

    The card may be used at the voltages of the data. Its read limit, temperatures and fields are those of the start card. Its
    self test is one current of the fit.
    """
    device, values = result.device, {value.name: value for value in result.values}
    name, today = Path(result.measurement.source).name, datetime.now(UTC)
    own = {spec.name: _written(device, spec.name, values) for spec in device.model.params[:own_params(device)]}
    modifiers = tuple(_modifier(device, modifier, values) for modifier in device.modifiers)
    card = Card(name=f"{device.card.model}/{Path(name).stem}", model=device.card.model,
                source=Source(f"Measured: {name}", "fitted by neurosim", today.year, note=_note(result)),
                params=MappingProxyType({**device.card.params, **own}), state=device.card.state,
                valid=MappingProxyType(_valid(result)),
                expected={"current": [_self_test(result)]}, where=name, sha256="", modifiers=modifiers)
    return replace(device, name=card.name, card=card, overrides=MappingProxyType({}), modifiers=modifiers, defaulted=())


def _note(result: Fit) -> str:
    data = result.measurement
    hashed = f" (sha256 {data.sha256})" if data.sha256 else ""
    read = f" read at {result.read_voltage:g} V," if data.kind == "pulses" else ""
    unknown = ", ".join(f"{value.name} ({value.why})" for value in result.values if not value.identified)
    return " ".join([f"Fitted by neurosim to {Path(data.source).name}{hashed},{read} started from {result.device.name}; "
                     f"deviation {100 * result.deviation:.2g} %. Not identified: {unknown or 'nothing'}.",
                     *(f"Caution: {caution}" for caution in result.cautions)])


def _written(device: Device, name: str, fitted: dict[str, FittedValue]) -> CardValue:
    """Return a parameter with its origin: fitted where the data identify it, else assumed."""
    value = fitted.get(name)
    if value is None:
        return CardValue(device.value(name), device.unit(name), "assumed", f"as in {device.name}")
    if not value.identified:
        return CardValue(value.value, value.unit, "assumed", f"not identified: {value.why}")
    return CardValue(value.value, value.unit, "fitted", f"95 % interval {value.low:.4g} to {value.high:.4g}")


def _modifier(device: Device, modifier: CardModifier, fitted: dict[str, FittedValue]) -> CardModifier:
    """Return a modifier with the numbers that it has in the device."""
    names = [spec.name for spec in CATALOGUE[modifier.kind].params]
    return replace(modifier, params=MappingProxyType(
        {name: _written(device, f"{modifier.prefix}_{name}", fitted) for name in names}))


def _valid(result: Fit) -> dict[str, float]:
    """Return the range of the card: voltages of the data, the rest from the start card."""
    start, voltage = result.device.card.valid, result.measurement["voltage"]
    valid = {"v_min": float(min(voltage.min(), 0.0)), "v_max": float(max(voltage.max(), 0.0))}
    return valid | {name: start[name] for name in OF_THE_START if name in start}


def _self_test(result: Fit) -> dict[str, float]:
    """Return a row of ``[[expected.current]]``: the current in the start state, at the read or the largest voltage."""
    voltage = result.measurement["voltage"]
    at = float(voltage[np.argmax(np.abs(voltage))]) if result.measurement.kind == "iv" else result.read_voltage
    return {"voltage": at, "ampere": float(Cells(result.device).current(at)[0]), "rtol": RTOL}
