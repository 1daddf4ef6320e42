"""Device cards (published parameter sets) and :class:`Device`: a model with the nominal numbers of one card.

A card is a TOML file (layout in :mod:`neurosim.card_schema`). Reading it checks every key, unit and range against the
model's :class:`~neurosim.device.ParamSpec`; what the card leaves out takes the model's default and is listed in
``Device.defaulted``. Overrides act by parameter name, by state name, or by a handle of the model:

- ``g_max="120 uS"`` sets ``r_on = 1 / g_max`` where the handle is ``Handle(("r_on",), -1.0)``;
- a handle on several parameters, and always ``rate``, is a multiplier (``rate=0`` means stuck). For ``g_min`` and
  ``g_max`` the multiplier is worked out from the read conductance at the bounds of the state.
"""

from __future__ import annotations

import hashlib
import itertools
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from neurosim.device import DeviceModel, Handle, ParamSpec, StateSpec
from neurosim.errors import CardError, ParameterError, StorageError, did_you_mean
from neurosim.units import check_unit, convert, format_quantity, quantity

VALID_UNITS: Mapping[str, str] = MappingProxyType({
    "v_min": "V", "v_max": "V", "v_read_max": "V", "i_min": "A", "i_max": "A", "g_min": "S", "g_max": "S",
    "t_min": "s", "t_max": "s", "pulse_min": "s", "pulse_max": "s", "temperature_min": "K", "temperature_max": "K",
    "frequency_min": "Hz", "frequency_max": "Hz", "field_min": "A/m", "field_max": "A/m", "b_min": "T", "b_max": "T",
})
CONDUCTANCE_HANDLES = ("g_min", "g_max")


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
class Card:
    """A card file: checked for layout and finite numbers, not yet matched with a model.

    ``valid`` holds SI values (units in ``VALID_UNITS``); ``params`` keeps values and units as written.
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
    params = {key: CardValue(part.value, part.unit, part.origin, part.note) for key, part in table.params.items()}
    valid = {}
    for key, part in table.valid.items():
        if key not in VALID_UNITS:
            raise CardError(f"{where} [valid.{key}]: unknown limit.{did_you_mean(key, VALID_UNITS)}")
        valid[key] = _converted(part.value, part.unit, VALID_UNITS[key], f"{where} [valid.{key}]")
    for low in [key for key in valid if key.endswith("_min")]:
        high = low.removesuffix("_min") + "_max"
        if high in valid and not valid[low] < valid[high]:
            raise CardError(f"{where} [valid.{high}]: {valid[high]:g} is not above {low} = {valid[low]:g}.")
    return Card(name=name or f"{table.model}/{Path(where).stem}", model=table.model,
                source=Source(**table.source.model_dump()), params=MappingProxyType(params),
                state=MappingProxyType(dict(table.state)), valid=MappingProxyType(valid), expected=table.expected,
                where=where, sha256=hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, eq=False)
class Device:
    """A device model with the nominal parameters and start state of one card.

    Attributes
    ----------
    name : str
        ``"model/paper"``.
    model : DeviceModel
    params : ndarray, shape (n_param,)
        SI values in the order of ``model.params``, read-only.
    state : ndarray, shape (n_state,)
        Start values in the order of ``model.states``, read-only.
    card : Card
    overrides : mapping of str to float
        What was changed with respect to the card, SI values (multipliers for ``rate``-like handles).
    defaulted : tuple of str
        Parameters that the card leaves to the model's default.
    form : str
        Name in ``model.forms`` of the form in use, ``""`` for the model itself.
    """

    name: str
    model: DeviceModel
    params: np.ndarray
    state: np.ndarray
    card: Card
    overrides: Mapping[str, float] = field(default_factory=dict)
    defaulted: tuple[str, ...] = ()
    form: str = ""
    base: DeviceModel = field(default=None, repr=False)  # type: ignore[assignment]

    @classmethod
    def build(cls, card: Card, model: DeviceModel, form: str = "") -> Device:
        """Match a card with its model: every name, unit and range is checked.

        Raises
        ------
        CardError
            Unknown parameter or state, wrong dimension, out of range, contradiction; names file and key.
        """
        if card.model != model.name:
            raise CardError(f'{card.where} [model]: the card is for "{card.model}", the model is "{model.name}".')
        chosen = _pick_form(model, form, card.name)
        family = (model, *model.forms.values())
        _check_names(card, family)
        specs = {spec.name: spec for member in reversed(family) for spec in member.params}
        values = {key: _card_param(card, key, specs[key]) for key in card.params}
        params = [values.get(spec.name, spec.default) for spec in chosen.params]
        state = [_checked_state(spec, card.state.get(spec.name, spec.initial), f"{card.where} [state.{spec.name}]")
                 for spec in chosen.states]
        defaulted = tuple(spec.name for spec in chosen.params if spec.name not in card.params)
        device = cls(name=card.name, model=chosen, params=_frozen(params), state=_frozen(state), card=card,
                     overrides=MappingProxyType({}), defaulted=defaulted, form=form, base=model)
        device._check_rules(f"{card.where}", "from the card", CardError)
        return device

    @property
    def sha256(self) -> str:
        """Hash of the card file's bytes."""
        return self.card.sha256

    @property
    def fingerprint(self) -> str:
        """Hash of everything that fixes the behaviour: model, parameters and start state after overrides."""
        text = f"{self.model.name}|{[spec.name for spec in self.model.params]}"
        return hashlib.sha256(text.encode() + self.params.tobytes() + self.state.tobytes()).hexdigest()

    @property
    def v_read_max(self) -> float:
        """Largest read voltage [V] that leaves the state alone, NaN where the card does not say."""
        return self.card.valid.get("v_read_max", float("nan"))

    def value(self, name: str) -> float:
        """Return a parameter, start state or single-valued handle (``g_max``) as an SI float."""
        if name in self.model.param_index:
            return float(self.params[self.model.param_index[name]])
        if name in self.model.state_index:
            return float(self.state[self.model.state_index[name]])
        if name in self.model.handles:
            handle = self.model.handles[name]
            if _sets_value(name, handle):
                return float(self.value(handle.params[0]) ** handle.power)
            return self._conductance_bound(name) if name in CONDUCTANCE_HANDLES else 1.0
        raise ParameterError(f'{self.name}: no parameter, state or handle "{name}".{did_you_mean(name, self._names())}')

    def unit(self, name: str) -> str:
        """Return the SI unit of a parameter, state or handle."""
        if name in self.model.param_index:
            return self.model.params[self.model.param_index[name]].unit
        if name in self.model.state_index:
            return self.model.states[self.model.state_index[name]].unit
        if name in CONDUCTANCE_HANDLES:
            return "S"
        handle = self.model.handles[name]
        unit = self.unit(handle.params[0])
        if not _sets_value(name, handle) or not unit:
            return ""
        return unit if handle.power == 1.0 else f"1/({unit})"

    def override(self, *, form: str | None = None, **values: str | float) -> Device:
        """Return a device with some values changed.

        Parameters
        ----------
        form : str, optional
            Another form of the same model (``"llg"``), ``""`` for the model itself.
        **values : str or float
            By parameter, state or handle name; strings with units or SI floats.

        Raises
        ------
        ParameterError
            Unknown name, wrong unit, out of range, or a contradiction such as ``g_max`` below ``g_min``.

        Examples
        --------
        >>> import neurosim as ns
        >>> ns.load_device("vteam/nominal").override(g_max="120 uS").value("g_max")  # doctest: +SKIP
        0.00012
        """
        start = self
        if form is not None and form != self.form:
            start = self._in_form(form)
        params, state = np.array(start.params), np.array(start.state)
        touched: dict[str, str] = {}
        numbers: dict[str, float] = {}
        for name, given in values.items():
            if name not in start._names():
                raise ParameterError(f'{self.name}: unknown override "{name}".{did_you_mean(name, start._names())}')
            number = numbers[name] = quantity(given, start.unit(name), f"{self.name}: {name}")
            for target, changed in start._targets(name, number).items():
                if target in touched:
                    raise ParameterError(f"{self.name}: {name} and {touched[target]} both change {target}. "
                                         f"Give one of them.")
                touched[target] = name
                where = self.name if target == name else f"{self.name}: with {name} = {_show(number, start.unit(name))}"
                if target in start.model.param_index:
                    row = start.model.param_index[target]
                    params[row] = start.model.params[row].check(changed, where)
                else:
                    row = start.model.state_index[target]
                    state[row] = _checked_state(start.model.states[row], changed, f"{where}: {target}", ParameterError)
        device = replace(start, params=_frozen(params), state=_frozen(state),
                         overrides=MappingProxyType(start._merged(numbers)))
        device._check_rules(self.name, "from your override", ParameterError)
        return device

    def check_voltage(self, lowest: float, highest: float, *, strict: bool = False) -> None:
        """Warn (or raise, if strict) when voltages [V] leave the range in which the card may be used."""
        low, high = self.card.valid.get("v_min", -np.inf), self.card.valid.get("v_max", np.inf)
        if lowest >= low and highest <= high:
            return
        message = (f"{self.name}: voltages from {_show(lowest, 'V')} to {_show(highest, 'V')} leave the range of the "
                   f"card, {_show(low, 'V')} to {_show(high, 'V')}. Lower the amplitude or take another card.")
        if strict:
            raise ParameterError(message)
        warnings.warn(message, UserWarning, stacklevel=2)

    def to_toml(self) -> str:
        """Return a card file that loads as this device, bit for bit; changed values say so in their note."""
        from neurosim.card_toml import device_toml

        return device_toml(self)

    def __repr__(self) -> str:
        changes = "".join(f", {name}={_show(value, self.unit(name))!r}" for name, value in self.overrides.items())
        form = f", form={self.form!r}" if self.form else ""
        return f'Device("{self.name}"{form}{changes})'

    def _in_form(self, form: str) -> Device:
        """Return this device in another form of its model; parameters and overridden states keep their values."""
        other = Device.build(self.card, self.base, form)
        params = [self.value(spec.name) if spec.name in self.model.param_index else other.params[row]
                  for row, spec in enumerate(other.model.params)]
        state = [self.value(spec.name) if spec.name in self.overrides else other.state[row]
                 for row, spec in enumerate(other.model.states)]
        return replace(other, params=_frozen(params), state=_frozen(state), overrides=self.overrides)

    def _names(self) -> list[str]:
        return list(dict.fromkeys([*self.model.param_index, *self.model.state_index, *self.model.handles]))

    def _targets(self, name: str, number: float) -> dict[str, float]:
        """Return the parameters or states that an override sets, with their new SI values."""
        if name in self.model.param_index or name in self.model.state_index:
            return {name: number}
        handle = self.model.handles[name]
        if number < 0.0 and not _sets_value(name, handle):
            raise ParameterError(f"{self.name}: {name} = {number:g} is a multiplier and cannot be negative.")
        if number == 0.0 and (handle.power < 0.0 or name in CONDUCTANCE_HANDLES):
            raise ParameterError(f"{self.name}: {name} = 0 {self.unit(name)} would make {handle.params[0]} infinite or "
                                 f"zero. Give a positive value.")
        if _sets_value(name, handle):
            return {handle.params[0]: number if handle.power == 1.0 else 1.0 / number}
        factor = number / self._conductance_bound(name) if name in CONDUCTANCE_HANDLES else number
        return {target: self.value(target) * factor**handle.power for target in handle.params}

    def _merged(self, numbers: Mapping[str, float]) -> dict[str, float]:
        """Return the record of overrides: later values replace earlier ones, multipliers accumulate."""
        merged = dict(self.overrides)
        for name, number in numbers.items():
            handle = self.model.handles.get(name)
            multiplies = (name not in self.model.param_index and handle is not None
                          and not _sets_value(name, handle) and name not in CONDUCTANCE_HANDLES)
            merged[name] = number * merged.get(name, 1.0) if multiplies else number
        return merged

    def _conductance_bound(self, name: str) -> float:
        """Return the smallest or largest read conductance [S] over the corners of the state box."""
        kernel = self.model.require("conductance")
        corners = itertools.product(*[(spec.low, spec.high) if np.isfinite([spec.low, spec.high]).all()
                                      else (spec.initial,) for spec in self.model.states])
        state = np.ascontiguousarray(np.array(list(corners), dtype=float).T)
        count = state.shape[1]
        out = np.zeros(count)
        kernel(state, np.repeat(self.params[:, None], count, axis=1), out, 0, count)
        return float(out.min() if name == "g_min" else out.max())

    def _check_rules(self, where: str, origin: str, error: type[ParameterError]) -> None:
        if not all(name in self.model.handles for name in CONDUCTANCE_HANDLES):
            return
        g_min, g_max = self.value("g_min"), self.value("g_max")
        if not g_min < g_max:
            relation = "equals" if g_max == g_min else "is below"
            raise error(f"{where}: g_max = {_show(g_max, 'S')} {relation} g_min = {_show(g_min, 'S')} ({origin}). "
                        f"Raise g_max or lower g_min.")


def _sets_value(name: str, handle: Handle) -> bool:
    """Tell a handle that stands for one parameter (g_max for r_on) from a multiplier (rate)."""
    return name != "rate" and len(handle.params) == 1 and handle.power in (1.0, -1.0)


def _pick_form(model: DeviceModel, form: str, name: str) -> DeviceModel:
    if not form:
        return model
    if form not in model.forms:
        known = did_you_mean(form, model.forms) or " This model has one form only."
        raise ParameterError(f'{name}: no form "{form}".{known}')
    return model.forms[form]


def _check_names(card: Card, family: tuple[DeviceModel, ...]) -> None:
    known_params = [spec.name for model in family for spec in model.params]
    known_states = [spec.name for model in family for spec in model.states]
    for key in card.params:
        if key not in known_params:
            raise CardError(f"{card.where} [params.{key}]: unknown parameter.{did_you_mean(key, known_params)}")
    for key in card.state:
        if key not in known_states:
            raise CardError(f"{card.where} [state.{key}]: unknown state.{did_you_mean(key, known_states)}")


def _card_param(card: Card, key: str, spec: ParamSpec) -> float:
    where = f"{card.where} [params.{key}]"
    written = card.params[key]
    value = _converted(written.value, written.unit, spec.unit, where)
    try:
        return spec.check(value, where)
    except ParameterError as error:
        raise CardError(str(error)) from error


def _converted(value: float, given: str, unit: str, where: str) -> float:
    try:
        check_unit(given, where)
        return convert(value, given, unit, where)
    except ParameterError as error:
        raise CardError(str(error)) from error


def _checked_state(spec: StateSpec, value: float, where: str, error: type[ParameterError] = CardError) -> float:
    if not spec.low <= value <= spec.high:
        raise error(f"{where} = {value:g} {spec.unit} is outside [{spec.low:g}, {spec.high:g}] ({spec.meaning})."
                    .replace("  ", " "))
    return float(value)


def _frozen(values: Any) -> np.ndarray:
    array = np.array(values, dtype=float)
    array.setflags(write=False)
    return array


def _show(value: float, unit: str) -> str:
    return format_quantity(value, unit)
