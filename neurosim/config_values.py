"""The kinds of values in an experiment file: quantities with units, bounded numbers, words, and tables without unknown keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic import ValidationInfo as Info

from neurosim.errors import ParameterError
from neurosim.units import quantity


def in_unit(unit: str) -> BeforeValidator:
    def read(value: Any) -> float:
        try:
            return quantity(value, unit)
        except ParameterError as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(read)


Volt = Annotated[float, in_unit("V")]
Second = Annotated[float, in_unit("s")]


def or_word(word: str, unit: str) -> BeforeValidator:
    """Accept one word, or a positive quantity in ``unit``."""
    def read(value: Any) -> float | str:
        if value == word:
            return word
        try:
            number = quantity(value, unit)
        except ParameterError as error:
            raise ValueError(f'{error} Or write "{word}".') from None
        if not number > 0:
            raise ValueError(f'{value} must be > 0, or "{word}"')
        return number

    return BeforeValidator(read)


VoltOrCard = Annotated[float | Literal["card"], or_word("card", "V")]
Fraction = Annotated[float, in_unit(""), Field(ge=0, le=1)]
MOST_SPREAD = 2.0
Spread = Annotated[float, in_unit(""), Field(ge=0, le=MOST_SPREAD)]
LARGEST_WEIGHT = 1000.0  # in units of the activation: far beyond any conductance window


def card_value(value: Any) -> Any:
    """Refuse what is no value of a card parameter, in one sentence instead of one per allowed type."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('must be a number or a string with a unit, such as "5 kohm"')
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be finite")
    return value


CardValue = Annotated[str | float, BeforeValidator(card_value)]


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, info: Info) -> Any:
        wants_bool = cls.model_fields[str(info.field_name)].annotation is bool
        if not wants_bool and any(isinstance(item, bool) for item in (value if isinstance(value, list) else [value])):
            raise ValueError("true and false are no numbers")
        return value


def without(values: dict[str, Any], where: str, names: Sequence[str], section: str) -> dict[str, Any]:
    for name in names:
        if name in values:
            raise ValueError(f"{where}.{name} is not an option there: set {section}.{name} instead")
    return values
