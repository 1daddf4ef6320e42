"""A device: a model with the nominal numbers of one card, and overrides of them.

Building one checks every key, unit and range of the card (:mod:`neurosim.card_file`) against the model's
:class:`~neurosim.device.ParamSpec`; what the card leaves out takes the model's default and is listed in
``Device.defaulted``. Overrides act by parameter name, by state name, or by a handle of the model:

- ``g_max="120 uS"`` sets ``r_on = 1 / g_max`` where the handle is ``Handle(("r_on",), -1.0)``;
- a handle on several parameters, and always ``rate``, is a multiplier (``rate=0`` means stuck). For ``g_min`` and
  ``g_max`` the multiplier is worked out from the read conductance at the bounds of the state.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from neurosim.card_file import Card, CardModifier
from neurosim.card_match import checked_state, consequences, nominal_values, pick_form
from neurosim.conductance import conductance_extremes
from neurosim.device import DeviceModel, Handle
from neurosim.errors import CardError, ParameterError, did_you_mean
from neurosim.frozen import frozen
from neurosim.units import format_quantity, quantity

CONDUCTANCE_HANDLES = ("g_min", "g_max")


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
    modifiers : tuple of CardModifier
        What was put around the model, the first one innermost: those of the card, then those of
        :func:`neurosim.modifiers.modify_device`.
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
    modifiers: tuple[CardModifier, ...] = ()

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
        chosen = pick_form(model, form, card.name)
        params, state = nominal_values(card, model, chosen)
        defaulted = tuple(spec.name for spec in chosen.params if spec.name not in card.params)
        device = cls(name=card.name, model=chosen, params=frozen(params), state=frozen(state), card=card,
                     overrides=MappingProxyType({}), defaulted=defaulted, form=form, base=model)
        device._check_rules(f"{card.where}", "from the card", CardError)
        if card.modifiers:
            from neurosim.card_modifiers import with_modifiers

            device = with_modifiers(device, card)
        return device

    @property
    def sha256(self) -> str:
        """Hash of the card file's bytes."""
        return self.card.sha256

    @property
    def fingerprint(self) -> str:
        """Hash of everything that fixes the behaviour: model, parameters and start state after overrides."""
        text = f"{self.model.name}|{[spec.name for spec in self.model.params]}"
        text += "".join(f"|{modifier.kind} {sorted(modifier.options.items())}" for modifier in self.modifiers)
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
                given_as = format_quantity(number, start.unit(name))
                where = self.name if target == name else f"{self.name}: with {name} = {given_as}"
                if target in start.model.param_index:
                    row = start.model.param_index[target]
                    params[row] = start.model.params[row].check(changed, where)
                else:
                    row = start.model.state_index[target]
                    state[row] = checked_state(start.model.states[row], changed, f"{where}: {target}", ParameterError)
        self._follow(start, params, numbers, touched)
        device = replace(start, params=frozen(params), state=frozen(state),
                         overrides=MappingProxyType(start._merged(numbers)))
        device._check_rules(self.name, "from your override", ParameterError)
        return device

    def check_voltage(self, lowest: float, highest: float, *, strict: bool = False) -> None:
        """Warn (or raise, if strict) when voltages [V] leave the range in which the card may be used."""
        low, high = self.card.valid.get("v_min", -np.inf), self.card.valid.get("v_max", np.inf)
        if lowest >= low and highest <= high:
            return
        shown = [format_quantity(voltage, "V") for voltage in (lowest, highest, low, high)]
        message = (f"{self.name}: voltages from {shown[0]} to {shown[1]} leave the range of the card, {shown[2]} to "
                   f"{shown[3]}. Lower the amplitude or take another card.")
        if strict:
            raise ParameterError(message)
        warnings.warn(message, UserWarning, stacklevel=2)

    def to_toml(self) -> str:
        """Return a card file that loads as this device, bit for bit; changed values say so in their note."""
        from neurosim.card_toml import device_toml

        return device_toml(self)

    def __repr__(self) -> str:
        changes = "".join(f", {name}={format_quantity(value, self.unit(name))!r}" for name, value in self.overrides.items())
        form = f", form={self.form!r}" if self.form else ""
        return f'Device("{self.name}"{form}{changes})'

    def _in_form(self, form: str) -> Device:
        """Return this device in another form of its model; parameters and overridden states keep their values."""
        if len(self.modifiers) > len(self.card.modifiers):
            raise ParameterError(f"{self.name}: choose the form before the modifiers: load_device(name, form=...).")
        other = Device.build(self.card, self.base, form)
        params = [self.value(spec.name) if spec.name in self.model.param_index else other.params[row]
                  for row, spec in enumerate(other.model.params)]
        state = [self.value(spec.name) if spec.name in self.overrides else other.state[row]
                 for row, spec in enumerate(other.model.states)]
        return replace(other, params=frozen(params), state=frozen(state), overrides=self.overrides)

    def _follow(self, start: Device, params: np.ndarray, numbers: Mapping[str, float], touched: Mapping[str, str]) -> None:
        """Change in ``params`` what follows from overridden values, unless it is overridden itself."""
        names = [spec.name for spec in start.model.params]
        before, after = dict(zip(names, start.params, strict=True)), dict(zip(names, params, strict=True))
        try:
            changed = consequences(start.model, before, after, {*self.card.params, *self.overrides, *numbers})
        except ParameterError as error:
            raise ParameterError(f"{self.name}: {error}") from error
        for name, value in changed.items():
            if name not in touched and name not in self.overrides:
                row = start.model.param_index[name]
                params[row] = start.model.params[row].check(float(value), f"{self.name}: with {', '.join(numbers)}")

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
        return conductance_extremes(self.model, self.params)[CONDUCTANCE_HANDLES.index(name)]

    def _check_rules(self, where: str, origin: str, error: type[ParameterError]) -> None:
        if not all(name in self.model.handles for name in CONDUCTANCE_HANDLES):
            return
        g_min, g_max = self.value("g_min"), self.value("g_max")
        if not g_min < g_max:
            relation = "equals" if g_max == g_min else "is below"
            (top, more), (bottom, less) = self._end_of_window("g_max", True), self._end_of_window("g_min", False)
            raise error(f"{where}: {top} {relation} {bottom} ({origin}). {more.capitalize()} or {less}.")

    def _end_of_window(self, name: str, widen: bool) -> tuple[str, str]:
        """Return an end of the conductance window and how to move it outward, both in the words in which it was given."""
        handle, shown = self.model.handles[name], f"{name} = {format_quantity(self.value(name), 'S')}"
        by_handle = any(end in self.overrides for end in CONDUCTANCE_HANDLES)
        if name == handle.params[0] or by_handle or not _sets_value(name, handle):
            return shown, f"{'raise' if widen else 'lower'} {name}"
        given = handle.params[0]
        source = f"{given} = {format_quantity(self.value(given), self.unit(given))}"
        return f"{shown} of {source}", f"{'raise' if widen == (handle.power > 0.0) else 'lower'} {given}"


def _sets_value(name: str, handle: Handle) -> bool:
    """Tell a handle that stands for one parameter (g_max for r_on) from a multiplier (rate)."""
    return name != "rate" and len(handle.params) == 1 and handle.power in (1.0, -1.0)
