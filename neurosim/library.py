"""Find device models and cards by name: ``load_device("vteam/nominal", g_max="120 uS")``.

A device library is any object with three attributes, announced under the entry-point group ``neurosim.devices``::

    name = "lab"
    models = {"my_cell": "lab_devices.my_cell:MY_CELL"}   # nothing is imported until a name is asked for
    cards = Path(__file__).parent / "cards"               # files <model>/<paper>.toml

A mapping ``LIBRARY`` of model names in a module that also has ``CARDS`` is the same thing. The library that comes with
neurosim is the first of them; a source tree that is not installed has no entry points, so it is also tried by name.
Cards of one library may belong to a model of another: a lab can add a card for ``vteam``.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosim.card import Device
from neurosim.card_file import Card, read_card
from neurosim.device import DeviceModel
from neurosim.errors import LibraryError, ParameterError, did_you_mean

GROUP = "neurosim.devices"
MOST = 8  # names in a message
SHIPPED = {"devices": "LIBRARY"}  # modules of this distribution that are tried without entry points


@dataclass(frozen=True)
class Library:
    """One device library: model names and where they are defined, and the folder of its cards."""

    name: str
    models: Mapping[str, str]
    cards: Path


@dataclass(frozen=True)
class DeviceRow:
    """One card that can be loaded: its name, model, library and file."""

    name: str
    model: str
    library: str
    path: Path

    @property
    def card(self) -> Card:
        """Read the card (source, origin of each value) without importing the model."""
        return read_card(self.path, self.name)


DeviceLike = Device | str | Path  # what measurements take: a device, the name of a card or the path of one


def load_device(name: str | Path, **overrides: Any) -> Device:
    """Return the device of a card.

    Parameters
    ----------
    name : str or Path
        ``"model/paper"`` of an installed library, or the path of a card file (ending in ``.toml``).
    **overrides : str or float
        Changed values by parameter, state or handle name, ``form="llg"`` for another form of the model;
        see :meth:`neurosim.card.Device.override`.

    Raises
    ------
    LibraryError
        No such card or model; the message gives the closest name.
    ParameterError
        An override is unknown, has the wrong unit, or contradicts the card.

    Examples
    --------
    >>> load_device("vteam/nominal", g_max="120 uS").value("g_max")  # doctest: +SKIP
    0.00012
    """
    card = load_card(name)
    device = Device.build(card, load_model(card.model))
    return device.override(**overrides) if overrides else device


def as_device(device: DeviceLike) -> Device:
    """Return a device; a card's name or file is loaded, as by :func:`load_device`.

    Examples
    --------
    >>> as_device("vteam/nominal").name
    'vteam/nominal'
    """
    if isinstance(device, Device):
        return device
    if isinstance(device, (str, Path)):
        return load_device(device)
    raise ParameterError(f"got a {type(device).__name__}, allowed is a device (neurosim.load_device) or the name of a card "
                         'such as "vteam/nominal".')


def load_card(name: str | Path) -> Card:
    """Return the card of a name or file, see :func:`load_device`, without importing its model.

    Raises
    ------
    LibraryError
        No such card; the message gives the closest name.
    """
    if isinstance(name, Path) or str(name).endswith(".toml"):
        return read_card(name)
    row = _rows().get(str(name))
    if row is None:
        raise LibraryError(_unknown_device(str(name)))
    return row.card


def load_model(name: str) -> DeviceModel:
    """Return a device model by name, importing its module.

    Raises
    ------
    LibraryError
        No installed library has it, or its module cannot be imported.
    """
    libraries, problems = _libraries()
    owners = [library for library in libraries if name in library.models]
    if not owners:
        known = [model for library in libraries for model in library.models]
        raise LibraryError(f'no device model "{name}".{did_you_mean(name, known)}{_say(problems)}')
    if len(owners) > 1:
        raise LibraryError(f'device model "{name}" is in two libraries, {owners[0].name} and {owners[1].name}. '
                           f"Rename one of them or uninstall one library.")
    return _import_model(owners[0].name, name, owners[0].models[name])


def list_devices() -> list[DeviceRow]:
    """Return one row for each card of every library, sorted by name; imports no model and reads no card."""
    return sorted(_rows().values(), key=lambda row: row.name)


def list_models() -> dict[str, str]:
    """Return the names of all models with the library they come from; imports no model."""
    return {model: library.name for library in _libraries()[0] for model in sorted(library.models)}


def model_module(name: str) -> str:
    """Return the module of a model as its library announces it, "" for a model of no library; imports nothing."""
    targets = [library.models[name] for library in _libraries()[0] if name in library.models]
    return targets[0].partition(":")[0] if targets else ""


def problems() -> tuple[str, ...]:
    """Return one line for each library that could not be loaded."""
    return _libraries()[1]


def _import_model(library: str, name: str, target: str) -> DeviceModel:
    module, _, attribute = target.partition(":")
    try:
        model = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # a device file may fail in any way
        raise LibraryError(f'{library}: device model "{name}" cannot be loaded from {target}: '
                           f"{type(error).__name__}: {error}.") from error
    if not isinstance(model, DeviceModel) or model.name != name:
        found = f'a model named "{model.name}"' if isinstance(model, DeviceModel) else type(model).__name__
        raise LibraryError(f'{library}: {target} should be the DeviceModel "{name}", found {found}.')
    return model


def _rows() -> dict[str, DeviceRow]:
    rows: dict[str, DeviceRow] = {}
    for library in _libraries()[0]:
        for path in sorted(library.cards.glob("*/*.toml")):
            name = f"{path.parent.name}/{path.stem}"
            if name in rows:
                raise LibraryError(f'card "{name}" is in two libraries: {rows[name].path} and {path}. Rename one.')
            rows[name] = DeviceRow(name, path.parent.name, library.name, path)
    return rows


def _unknown_device(name: str) -> str:
    rows = _rows()
    cards = [row.name for row in rows.values() if row.model == name]
    if cards:
        return f'"{name}" is a model; a device is a card of it. Cards: {", ".join(sorted(cards))}.'
    if Path(name).exists() or "\\" in name or name.startswith((".", "/", "~")):
        return f'no device "{name}". A path to a card must end in .toml.'
    if name and Path(f"{name}.toml").exists():
        return f'no device "{name}". A path to a card must end in .toml: "./{name}.toml".'
    papers = sorted(row.name for row in rows.values() if name and row.path.stem == name)
    if papers:
        more = f" and {len(papers) - MOST} more" if len(papers) > MOST else ""
        return f'no device "{name}": a device is model/paper. Cards of that name: {", ".join(papers[:MOST])}{more}.'
    model, _, paper = name.partition("/")
    if paper:
        hint = did_you_mean(name, [row.name for row in rows.values() if row.model == model] or rows)
    else:
        hint = did_you_mean(model, {row.model for row in rows.values()})
    return f'no device "{name}".{hint}{_say(_libraries()[1])}'


def _say(problems: tuple[str, ...]) -> str:
    return "".join(f"\n{problem}" for problem in problems)


@functools.cache
def _libraries() -> tuple[tuple[Library, ...], tuple[str, ...]]:
    """Return all libraries that load, ours first, and one line for each that does not."""
    found: dict[str, Library] = {}
    problems: list[str] = []
    points = importlib.metadata.entry_points(group=GROUP)
    targets = dict.fromkeys(f"{module}:{attribute}" for module, attribute in SHIPPED.items())
    targets |= dict.fromkeys(point.value.replace(" ", "") for point in points)
    for target in targets:
        module, _, attribute = target.partition(":")
        try:
            library = _checked(getattr(importlib.import_module(module), attribute), target)
        except Exception as error:  # one broken library must not take the others away
            problems.append(_why_not(module, attribute, error))
            continue
        if library.name not in found:
            found[library.name] = library
    if not found and not problems:
        problems.append("No device library is installed. Reinstall neurosim-ep, or run from its source tree.")
    return tuple(found.values()), tuple(problems)


def _checked(candidate: Any, target: str) -> Library:
    if isinstance(candidate, Mapping):
        module = target.partition(":")[0]
        return Library(module, dict(candidate), Path(sys.modules[module].CARDS))
    name, models, cards = (getattr(candidate, key, None) for key in ("name", "models", "cards"))
    if not isinstance(name, str) or not isinstance(models, Mapping) or cards is None:
        raise TypeError(f"{target} needs the attributes name, models and cards")
    return Library(name, dict(models), Path(str(cards)))


def _why_not(module: str, attribute: str, error: Exception) -> str:
    """Explain a library that did not load; a user's own ``devices.py`` that hides ours gets its own sentence."""
    if module in SHIPPED:
        loaded = sys.modules.get(module)
        hidden_by = getattr(loaded, "__file__", None) or next(iter(getattr(loaded, "__path__", [])), None)
        if hidden_by is None and not isinstance(error, ModuleNotFoundError):
            spec = importlib.util.find_spec(module)
            hidden_by = spec.origin if spec else None
        ours = Path(__file__).resolve().parent.parent / module
        if hidden_by and ours not in Path(hidden_by).resolve().parents and Path(hidden_by).resolve() != ours:
            other = Path(hidden_by).resolve()
            other = other.parent if other.name == "__init__.py" else other
            return (f"{other} hides the device library of neurosim, which is also imported as \"{module}\". "
                    f"Rename {other.name} (for example my_{other.name}) or start Python in another folder.")
    return f"Device library {module}:{attribute} cannot be loaded: {type(error).__name__}: {error}."
