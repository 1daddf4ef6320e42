"""The TOML layout of a device card, checked by pydantic; imported only when a card is read.

Schema 1::

    schema = 1
    model = "vteam"

    [source]
    title = "..."
    authors = "..."          # or a list of names
    year = 2015
    doi = "10...."           # optional, like note

    [params]                 # every value with its unit and where it comes from
    v_on = { value = -0.2, unit = "V", origin = "fitted", note = "Table I" }

    [state]                  # optional: start values
    x = 0.5

    [valid]                  # optional: range in which the card may be used
    v_read_max = { value = 100, unit = "mV" }

    [[expected.switching]]   # optional: numbers that the self test must reproduce, free form
    amplitude = 1.0

    [[modifiers]]            # optional: nonidealities around the model, the first one innermost (neurosim/modifiers)
    kind = "selector"
    current = { value = 1, unit = "uA", origin = "measured" }
    law = "transistor"       # options are plain values

``origin`` is ``measured`` (read off an experiment), ``fitted``, ``assumed`` or ``published`` (the source says no more); a limit
may also be ``computed`` with the model. ``v_read_max`` is at most the voltage at which the standard read, one pulse of 1 us,
moves the conductance by 1e-3 of the window (:func:`neurosim.characterise.read_limit`), and lower where the source says so.
"""

from __future__ import annotations

import tomllib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from neurosim.card_file import VALID_UNITS
from neurosim.errors import CardError, did_you_mean

MAX_BYTES = 1_000_000


def _joined(names: Any) -> Any:
    if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
        return ", ".join(names)
    return names


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, populate_by_name=True)


class SourceTable(_Strict):
    """Where the numbers come from."""

    title: str = Field(min_length=1)
    authors: Annotated[str, BeforeValidator(_joined)] = Field(min_length=1)
    year: int = Field(ge=1800, le=2200)
    doi: str = ""
    note: str = ""


class ParamTable(_Strict):
    """One parameter: value, unit and origin are all required."""

    value: float
    unit: str
    origin: Literal["measured", "fitted", "assumed", "published"]
    note: str = ""


class ValidTable(_Strict):
    """One limit of the range in which the card may be used."""

    value: float
    unit: str
    origin: Literal["measured", "fitted", "assumed", "published", "computed"] = "assumed"
    note: str = ""


class CardModifierTable(_Strict):
    """One modifier: its kind, parameters as in ``[params]``, and plain options."""

    kind: str = Field(min_length=1)
    params: dict[str, ParamTable] = {}
    options: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _sorted(cls, raw: Any) -> Any:
        """Tell parameters, which are tables, from options."""
        if not isinstance(raw, dict):
            return raw
        values = {key: value for key, value in raw.items() if key != "kind"}
        return {**{key: raw[key] for key in ("kind",) if key in raw},
                "params": {key: value for key, value in values.items() if isinstance(value, dict)},
                "options": {key: value for key, value in values.items() if not isinstance(value, dict)}}


class CardTable(_Strict):
    """A whole card file."""

    version: int = Field(alias="schema", ge=1, le=1)
    model: str = Field(min_length=1)
    source: SourceTable
    params: dict[str, ParamTable]
    state: dict[str, float] = {}
    valid: dict[str, ValidTable] = {}
    expected: dict[str, Any] | list[Any] = {}
    modifiers: list[CardModifierTable] = []


_KNOWN: dict[tuple[int | str, ...], list[str]] = {
    (): ["schema", "model", "source", "params", "state", "valid", "expected", "modifiers"],
    ("source",): list(SourceTable.model_fields),
    ("params",): list(ParamTable.model_fields),
    ("valid",): list(ValidTable.model_fields),
    ("modifiers",): list(ParamTable.model_fields),
}


def parse(data: bytes, where: str) -> CardTable:
    """Return the checked content of a card file.

    Parameters
    ----------
    data : bytes
        The file, UTF-8 TOML.
    where : str
        Name of the file for messages.

    Raises
    ------
    CardError
        Not UTF-8, not TOML, unknown key, missing unit, wrong type, NaN or infinite number.
    """
    if len(data) > MAX_BYTES:
        raise CardError(f"{where}: {len(data)} bytes, a card has at most {MAX_BYTES}. Is this the right file?")
    try:
        content = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise CardError(f"{where}: not a text file in UTF-8 (byte {error.start}).") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CardError(f"{where}: not valid TOML: {error}.") from error
    try:
        card = CardTable.model_validate(content)
    except ValidationError as error:
        raise CardError(_explain(error, where)) from error
    _check_finite(card.expected, "expected", where)
    return card


def _explain(error: ValidationError, where: str) -> str:
    """Return one line for each problem of the file."""
    problems = error.errors(include_url=False)
    unknown = [problem["loc"] for problem in problems if problem["type"] == "extra_forbidden"]
    # A misspelt key gives "missing" and "unknown": the unknown one names the typing error.
    told = [problem for problem in problems if problem["type"] != "missing"
            or not any(path[:-1] == problem["loc"][:-1] and _close(str(path[-1]), str(problem["loc"][-1])) for path in unknown)]
    told.sort(key=lambda problem: problem["type"] != "extra_forbidden")
    return "\n".join(_one_line(problem, where) for problem in told)


def _close(given: str, known: str) -> bool:
    """Tell whether one name is a misspelling of another."""
    return "Did you mean" in did_you_mean(given, [known])


def _one_line(problem: Any, where: str) -> str:
    """Return what is wrong with one key of the file."""
    path, kind, given = problem["loc"], problem["type"], problem.get("input")
    if path[:1] == ("modifiers",):  # parameters and options stand side by side in the file
        path = (*path[:2], *path[3:]) if path[2:3] in (("params",), ("options",)) else path
    key = f"{where} [{'.'.join(str(part) for part in path)}]"
    if kind == "extra_forbidden":
        known = _KNOWN.get(path[:-1]) or _KNOWN.get(path[:1]) or []
        return f"{key}: unknown key.{did_you_mean(str(path[-1]), known)}"
    if kind == "missing":
        hint = ' Write unit = "" for a pure number.' if path[-1] == "unit" else ""
        if path == ("schema",):
            hint = " Write schema = 1 in the first line."
        return f"{where} [{'.'.join(str(part) for part in path[:-1])}]: {path[-1]} is missing.{hint}".replace(" []", "")
    if kind == "model_type" and len(path) == 2 and path[0] in ("params", "valid"):
        unit = VALID_UNITS.get(str(path[1]), "...") if path[0] == "valid" else "..."
        shown = f"{given:g}" if isinstance(given, (int, float)) and not isinstance(given, bool) else "..."
        return (f'{key}: {repr(given)[:60]} has neither unit nor origin. Write {path[1]} = {{ value = {shown}, '
                f'unit = "{unit}", origin = "..." }}; the unit of a pure number is "".')
    if path[:1] == ("state",) and len(path) == 2 and isinstance(given, dict):
        return f"{key}: a start value is a plain number in the unit of the model. Write {path[1]} = {given.get('value', 0.5)}."
    if kind == "finite_number":
        return f"{key}: {given!r} is not a finite number."
    if path == ("schema",):
        return f"{key}: {given!r} is not a known layout, allowed is schema = 1."
    return f"{key}: {str(problem['msg'])[:1].lower()}{str(problem['msg'])[1:]}, got {str(given)[:60]!r}."


def _check_finite(value: Any, key: str, where: str) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            _check_finite(part, f"{key}.{name}", where)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _check_finite(part, f"{key}.{index}", where)
    elif isinstance(value, float) and not abs(value) < float("inf"):
        raise CardError(f"{where} [{key}]: {value!r} is not a finite number.")
