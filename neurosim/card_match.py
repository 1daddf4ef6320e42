"""Match a card with its model: every name, unit and range is checked against the model's specs.

A card may hold parameters and states of any form of its model (a one-state neuron and its full twin share a card); what
it leaves out takes the default of the form in use. Messages name file and key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from neurosim.card_file import Card, in_unit
from neurosim.device import DeviceModel, ParamSpec, StateSpec
from neurosim.errors import CardError, ParameterError, did_you_mean


def pick_form(model: DeviceModel, form: str, name: str) -> DeviceModel:
    """Return a form of a model, the model itself for ``""``; ``name`` is the card's, for messages."""
    if not form:
        return model
    if form not in model.forms:
        known = did_you_mean(form, model.forms) or " This model has one form only."
        raise ParameterError(f'{name}: no form "{form}".{known}')
    return model.forms[form]


def nominal_values(card: Card, model: DeviceModel, form: DeviceModel) -> tuple[list[float], list[float]]:
    """Return parameters and start states of a card in SI units, in the order of a form of its model.

    Raises
    ------
    CardError
        Unknown parameter or state, wrong dimension, out of range; names file and key, one line for each problem.
    """
    family = (model, *model.forms.values())
    problems = _unknown_names(card, family)
    specs = {spec.name: spec for member in reversed(family) for spec in member.params}
    values, state = {}, []
    for key in card.params:
        if key in specs:
            try:
                values[key] = _param(card, key, specs[key])
            except CardError as error:
                problems.append(str(error))
    for spec in form.states:
        try:
            state.append(checked_state(spec, card.state.get(spec.name, spec.initial), f"{card.where} [state.{spec.name}]",
                                       CardError))
        except CardError as error:
            problems.append(str(error))
    if problems:
        raise CardError("\n".join(problems))
    if form.derive is not None:
        full = {spec.name: values.get(spec.name, spec.default) for spec in form.params}
        try:
            values = {**form.derive(full, values.keys()), **values}
        except ParameterError as error:
            raise CardError(f"{card.where} [params]: {error}") from error
    return [values.get(spec.name, spec.default) for spec in form.params], state


def consequences(form: DeviceModel, before: Mapping[str, float], after: Mapping[str, float],
                 given: Collection[str]) -> dict[str, float]:
    """Return the parameters that change with others: what follows from the values ``after`` but not from those ``before``.

    Parameters
    ----------
    form : DeviceModel
    before, after : mapping of str to float
        Every parameter of the form [SI].
    given : collection of str
        The names that a card or an override gives.
    """
    if form.derive is None:
        return {}
    old, new = form.derive(before, given), form.derive(after, given)
    return {name: value for name, value in new.items() if name not in old or old[name] != value}


def checked_state(spec: StateSpec, value: float, where: str, error: type[ParameterError]) -> float:
    """Return a state if it lies within its bounds, else raise the error given."""
    if not spec.low <= value <= spec.high:
        raise error(f"{where} = {value:g} {spec.unit} is outside [{spec.low:g}, {spec.high:g}] ({spec.meaning})."
                    .replace("  ", " "))
    return float(value)


def _unknown_names(card: Card, family: tuple[DeviceModel, ...]) -> list[str]:
    known_params = [spec.name for model in family for spec in model.params]
    known_states = [spec.name for model in family for spec in model.states]
    return [*(f"{card.where} [params.{key}]: unknown parameter.{did_you_mean(key, known_params)}"
              for key in card.params if key not in known_params),
            *(f"{card.where} [state.{key}]: unknown state.{did_you_mean(key, known_states)}"
              for key in card.state if key not in known_states and not card.modifiers)]  # they have states of their own


def _param(card: Card, key: str, spec: ParamSpec) -> float:
    where = f"{card.where} [params.{key}]"
    written = card.params[key]
    value = in_unit(written.value, written.unit, spec.unit, where)
    try:
        return spec.check(value, where)
    except ParameterError as error:
        raise CardError(str(error)) from error
