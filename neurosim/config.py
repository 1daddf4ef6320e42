"""Experiment files: a versioned TOML schema with units, where every mistake is an error that names its key.

Any key can be overridden with ``--set section.key=value``; the value is read as TOML, or as text where that fails.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from neurosim.config_sections import (
    DataSection,
    LearningSection,
    NetworkSection,
    NeuronSection,
    RecordSection,
    SettleSection,
    SynapseSection,
    TrainingSection,
)
from neurosim.config_values import MOST_SPREAD, Section, in_unit
from neurosim.errors import ConfigError, did_you_mean
from neurosim.idle_options import idle_override


class Config(Section):
    """A whole experiment. ``nonideality_scale`` multiplies every nonideality (0 switches all of them off)."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    title: str = ""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    nonideality_scale: Annotated[float, in_unit(""), Field(ge=0, le=10)] = 1.0
    data: DataSection = DataSection()
    network: NetworkSection = NetworkSection()
    neuron: NeuronSection = NeuronSection()
    synapse: SynapseSection = SynapseSection()
    settle: SettleSection = SettleSection()
    learning: LearningSection = LearningSection()
    training: TrainingSection = TrainingSection()
    record: RecordSection = RecordSection()

    @model_validator(mode="after")
    def _one_value_per_crossbar(self) -> Config:
        n = len(self.network.hidden) + 1
        wrong = [f"{key} has {len(values)}" for key, values in (("network.init_gain", self.network.init_gain),
                                                                ("training.rate", self.training.rate)) if len(values) != n]
        if wrong:
            raise ValueError(f"network.hidden = {self.network.hidden} makes {n} crossbar{'s' if n > 1 else ''}, each needs one "
                             f"value, but {' and '.join(wrong)}")
        return self

    def scaled_nonidealities(self) -> dict[str, float]:
        """Return every nonideality of synapses and neurons times ``nonideality_scale``."""
        names = ("sigma_d2d", "sigma_rate", "sigma_threshold", "sigma_c2c", "sigma_c2c_range", "read_noise", "stuck_fraction")
        values = {name: getattr(self.synapse, name) * self.nonideality_scale for name in names}
        for name in ("sigma_stiffness", "sigma_gain"):
            values[name] = getattr(self.neuron, name) * self.nonideality_scale
        values["stuck_fraction"] = min(1.0, values["stuck_fraction"])
        for name, value in values.items():
            if value > MOST_SPREAD:
                raise ConfigError(f"nonideality_scale = {self.nonideality_scale:g} makes {name} = {value:g}, allowed is at "
                                  f"most {MOST_SPREAD:g}. Lower nonideality_scale or {name}.")
        return values

    def to_json(self) -> str:
        """Return the resolved configuration as JSON that :func:`load_config` reads back."""
        return json.dumps(self.model_dump(by_alias=True), indent=2)


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> Config:
    """Read an experiment file (TOML, or the resolved JSON of a run) and apply ``section.key=value`` overrides.

    Raises
    ------
    ConfigError
        For a missing file, malformed TOML, unknown keys, wrong units, values out of range, or an override without effect.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such experiment file. Give the path of a .toml file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as text ({error}).") from None
    try:
        raw = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not a valid experiment file: {error}.") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: not a valid experiment file: it holds no table.")
    if path.suffix == ".json":
        raw = _without_defaults(raw, Config().model_dump(by_alias=True))
    for override in overrides:
        _apply(raw, override)
    config = parse_config(raw, str(path))
    if idle := idle_override(config, overrides):
        raise ConfigError(f"--set {idle[0]}: {idle[1]} changes nothing with {idle[2]}. Leave it out or choose otherwise.")
    return config


def _without_defaults(raw: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """Return a resolved file without what nobody chose: values equal to the defaults."""
    kept = {}
    for key, value in raw.items():
        default = defaults.get(key)
        if isinstance(value, dict) and isinstance(default, dict) and default:
            value = _without_defaults(value, default)
        elif key in defaults and value == default:
            continue
        kept[key] = value
    return kept


def parse_config(raw: dict[str, Any], where: str = "config") -> Config:
    """Return a checked configuration from nested dictionaries."""
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(item, where) for item in error.errors())) from None


def _apply(raw: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise ConfigError(f'--set {override}: write it as section.key=value, for example --set learning.beta=0.2.')
    try:
        value: Any = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *parents, last = key.strip().split(".")
    table = raw
    for name in parents:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--set {override}: {name} is a value, not a section.")
    table[last] = value


def _explain(item: Any, where: str) -> str:
    """Turn one pydantic error into a line with file, key, cause and remedy."""
    path = ".".join(str(part) for part in item["loc"])
    value = item.get("input")
    if item["type"] == "extra_forbidden":
        return f"{where} [{path}]: unknown key.{did_you_mean(str(item['loc'][-1]), _known_keys(item['loc'][:-1]))}"
    message = item["msg"].removeprefix("Value error, ")
    shown = "" if isinstance(value, dict) or value is None else f" (got {value!r})"
    if isinstance(value, float) and not math.isfinite(value):
        message = "must be a finite number"
    return f"{where}{f' [{path}]' if path else ''}: {message}{shown}."


def _known_keys(parents: Sequence[Any]) -> list[str]:
    model: Any = Config
    for name in parents:
        field = model.model_fields.get(str(name))
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, BaseModel):
            return []
        model = field.annotation
    return [field.alias or name for name, field in model.model_fields.items()]
