"""Put modifiers on a device model: ``modify(model, "rtn", amplitude="2 %")`` is again a device model.

The rows of the inner model come first, those of the modifier are appended, so inner kernels work on the same arrays without a
copy. Modifiers nest: the one applied last is the outermost. Names of parameters and states are ``<kind>_<name>``; a kind that
is applied again gets a number (``rtn2_amplitude``).
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from neurosim.card import Device
from neurosim.card_file import CardModifier
from neurosim.device import DeviceModel, Handle, ParamSpec
from neurosim.errors import ParameterError, did_you_mean
from neurosim.frozen import frozen
from neurosim.kernels.purposes import ROWS
from neurosim.library import DeviceLike, as_device
from neurosim.modifiers.catalogue import CATALOGUE, STEP_TOLERANCE, Kind, Option, why_not
from neurosim.units import format_quantity, quantity

Twin = Callable[..., Any]


@dataclass(frozen=True)
class Layer:
    """One modifier about to be put around ``inner``: its parameter specs with full names, its options, its rows."""

    inner: DeviceModel
    kind: Kind
    prefix: str
    params: tuple[ParamSpec, ...]
    options: Mapping[str, Any]

    @property
    def state_row(self) -> int:
        """Row of its first state."""
        return len(self.inner.states)

    @property
    def noise_row(self) -> int:
        """Row of its first noise."""
        return len(self.inner.noises)

    def row(self, name: str) -> int:
        """Row of one of its parameters, by short name."""
        names = [spec.name for spec in self.params]
        return len(self.inner.params) + names.index(f"{self.prefix}_{name}")

    def key(self, name: str) -> str:
        """Full name of one of its parameters, by short name."""
        return f"{self.prefix}_{name}"

    def require_order(self, lower: str, higher: str) -> None:
        """Raise a ParameterError unless the default of one parameter is below that of another."""
        values = {spec.name: (spec.default, spec.unit) for spec in self.params}
        (low, unit), (high, _) = values[self.key(lower)], values[self.key(higher)]
        if not low < high:
            raise ParameterError(f"{self.inner.name}: {self.kind.name}: {lower} = {format_quantity(low, unit)} is not below "
                                 f"{higher} = {format_quantity(high, unit)}. Raise {higher} or lower {lower}.")

    def extended(self, **changes: Any) -> DeviceModel:
        """Return the modified model; ``changes`` are its new kernels, states and noises, ``twins`` replace inner ones.

        A twin given as None drops the inner one; ``handles`` come on top of those of the parameters. Noise of the current is
        that of the outermost terminals, so it is made anew around every modifier.
        """
        inner, kind = self.inner, self.kind
        states, noises = changes.pop("states", ()), changes.pop("noises", ())
        twins = {role: twin for role, twin in {**inner.twins, **changes.pop("twins", {})}.items() if twin is not None}
        handles = {**inner.handles, **{spec.name: Handle((spec.name,)) for spec in self.params if spec.default > 0.0},
                   **changes.pop("handles", {})}
        exact = inner.exact_advance and not kind.sub_steps
        tolerance = max(inner.advance_tolerance, STEP_TOLERANCE) if kind.sub_steps else inner.advance_tolerance
        if kind.ages:
            changes = {"dead_zone": None, "rest_zone": inner.resting, **changes}
            twins.pop("dead_zone", None)
        model = dataclasses.replace(inner, **{
            "name": f"{inner.name}+{self.prefix}", "params": inner.params + self.params,
            "states": inner.states + tuple(states), "noises": inner.noises + tuple(noises), "twins": twins,
            "handles": handles, "exact_advance": exact, "advance_tolerance": tolerance, "select": self._select(),
            "forms": {}, "doc": f"{inner.doc} Modified: {kind.meaning}.", **changes})
        rows = len(model.noises) + ("sigma_step" not in model.param_index)  # an array adds write noise where the model has none
        if rows > ROWS:
            raise ParameterError(f"{model.name}: {rows} rows of random numbers for each device, an array has {ROWS}. Leave out "
                                 f"{kind.name} or another noise" + (", or give flicker fewer states." if "flicker" in model.name
                                                                    else "."))
        if inner.current_noise is None:
            return model
        return importlib.import_module("neurosim.modifiers.johnson_shot").with_current_noise(model)

    def _select(self) -> Callable[[np.ndarray], DeviceModel] | None:
        inner_select = self.inner.select
        if inner_select is None:
            return None

        def select(params: np.ndarray) -> DeviceModel:
            chosen = inner_select(np.ascontiguousarray(params[: len(self.inner.params)]))
            return build(dataclasses.replace(self, inner=chosen))

        return select


def modify(model: DeviceModel, kind: str, **values: Any) -> DeviceModel:
    """Return a model with one modifier around it.

    Parameters
    ----------
    model : DeviceModel
        Two-terminal device driven by one voltage; may be modified already.
    kind : str
        Name in :data:`neurosim.modifiers.catalogue.CATALOGUE`.
    **values : str or float
        Parameters and options of that kind by their short names, strings with units or SI floats. They become the defaults
        of the new model; parameters differ from instance to instance like any other.

    Raises
    ------
    ParameterError
        Unknown kind or parameter, wrong unit, out of range, or a model that cannot have this modifier.

    Examples
    --------
    >>> from neurosim.library import load_model
    >>> model = modify(load_model("vteam"), "rtn", amplitude="5 %")  # doctest: +SKIP
    """
    return build(_layer(model, kind, values, None))


def modify_device(device: DeviceLike, modifiers: Iterable[Mapping[str, Any]] | Mapping[str, Any]) -> Device:
    """Return the device of a card with modifiers around its model, the first one innermost.

    Parameters
    ----------
    device : Device or str
        From :func:`neurosim.library.load_device`, with its overrides, or the name of a card.
    modifiers : iterable of mapping, or one mapping
        Each with ``kind`` and the values of :func:`modify`: ``[{"kind": "rtn", "amplitude": "2 %"}]``.

    Notes
    -----
    Defaults that depend on the device (the window of ``levels``) are those of this card with its overrides. Overrides that come
    later act on all parameters: ``device.override(rtn_amplitude="3 %")``.
    """
    device = as_device(device)
    for table in [modifiers] if isinstance(modifiers, Mapping) else modifiers:
        if not isinstance(table, Mapping):
            raise ParameterError(f'{device.name}: a modifier is a {type(table).__name__}, allowed is a mapping: '
                                 '{"kind": "rtn"}.')
        values = dict(table)
        kind = values.pop("kind", None)
        if not isinstance(kind, str):
            raise ParameterError(f"{device.name}: a modifier needs kind = one of {', '.join(CATALOGUE)}.")
        layer = _layer(device.model, kind, values, device.params)
        model = build(layer)
        params = np.concatenate([device.params, [spec.default for spec in layer.params]])
        state = np.concatenate([device.state, [spec.initial for spec in model.states[len(device.model.states):]]])
        left_out = (layer.key(spec.name) for spec in layer.kind.params if spec.name not in values)
        device = dataclasses.replace(
            device, model=model, params=frozen(params), state=frozen(state), defaulted=(*device.defaulted, *left_out),
            modifiers=(*device.modifiers, CardModifier(kind, options=layer.options, prefix=layer.prefix)))
    return device


def build(layer: Layer) -> DeviceModel:
    """Return the model of a layer: its module compiles the kernels (once per inner kernel, and kept on disk)."""
    return importlib.import_module(layer.kind.module).build(layer)


def _layer(model: DeviceModel, name: str, values: Mapping[str, Any], params: np.ndarray | None) -> Layer:
    kind = CATALOGUE.get(name)
    if kind is None:
        raise ParameterError(f'{model.name}: no modifier "{name}".{did_you_mean(name, CATALOGUE)}')
    if reason := why_not(kind, model):
        raise ParameterError(f"{model.name}: {name} cannot be put on this model: {reason}.")
    where = f"{model.name}: {name}"
    options, numbers = read_values(kind, values, where)
    prefix, count = name, 1
    taken = [*model.param_index, *model.state_index]
    while any(key.startswith(f"{prefix}_") for key in taken):
        count += 1
        prefix = f"{name}{count}"
    if kind.derived:
        nominal = model.default_params() if params is None else np.array(params, dtype=float).reshape(-1, 1)
        derive = importlib.import_module(kind.module).derived
        numbers = {**dict(zip(kind.derived, derive(model, nominal), strict=True)), **numbers}
    specs = tuple(dataclasses.replace(spec, name=f"{prefix}_{spec.name}",
                                      default=spec.check(numbers.get(spec.name, spec.default), where))
                  for spec in kind.params)
    return Layer(model, kind, prefix, specs, MappingProxyType(options))


def read_values(kind: Kind, values: Mapping[str, Any], where: str) -> tuple[dict[str, Any], dict[str, float]]:
    """Return options and parameters in SI units of a modifier, checked against its catalogue entry.

    Raises
    ------
    ParameterError
        Unknown name, wrong unit, out of range.
    """
    specs = {spec.name: spec for spec in kind.params}
    options = {name: option.default for name, option in kind.options.items()}
    numbers: dict[str, float] = {}
    for name, value in values.items():
        if name in options:
            options[name] = _read_option(kind.options[name], value, f"{where}: {name}")
        elif name in specs:
            numbers[name] = specs[name].check(quantity(value, specs[name].unit, f"{where}: {name}"), where)
        else:
            raise ParameterError(f'{where}: unknown value "{name}".{did_you_mean(name, [*specs, *options])}')
    return options, numbers


def _read_option(option: Option, value: Any, where: str) -> Any:
    if option.allowed:
        if value not in option.allowed:
            raise ParameterError(f'{where} = {value!r}, allowed: {", ".join(option.allowed)}.')
        return value
    number = quantity(value, "", where)
    whole = isinstance(option.default, int)
    if not option.low <= number <= option.high or (whole and number != int(number)):
        raise ParameterError(f"{where} = {number:g}, allowed is {'a whole number' if whole else 'a number'} in "
                             f"[{option.low:g}, {option.high:g}] ({option.meaning}).")
    return int(number) if whole else number
