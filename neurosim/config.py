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

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic import ValidationInfo as Info

from neurosim.errors import ConfigError, ParameterError, did_you_mean
from neurosim.idle_options import idle_override
from neurosim.modifiers.schema import ModifierTable
from neurosim.units import quantity

SCHEMA = 1


def _in(unit: str) -> BeforeValidator:
    def read(value: Any) -> float:
        try:
            return quantity(value, unit)
        except ParameterError as error:
            raise ValueError(str(error)) from None

    return BeforeValidator(read)


Volt = Annotated[float, _in("V")]
Second = Annotated[float, _in("s")]


def _or_word(word: str, unit: str) -> BeforeValidator:
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


VoltOrCard = Annotated[float | Literal["card"], _or_word("card", "V")]
Fraction = Annotated[float, _in(""), Field(ge=0, le=1)]
MOST_SPREAD = 2.0
Spread = Annotated[float, _in(""), Field(ge=0, le=MOST_SPREAD)]
LARGEST_WEIGHT = 1000.0  # in units of the activation: far beyond any conductance window


def _card_value(value: Any) -> Any:
    """Refuse what is no value of a card parameter, in one sentence instead of one per allowed type."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError('must be a number or a string with a unit, such as "5 kohm"')
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be finite")
    return value


CardValue = Annotated[str | float, BeforeValidator(_card_value)]


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


def _without(values: dict[str, Any], where: str, names: Sequence[str], section: str) -> dict[str, Any]:
    for name in names:
        if name in values:
            raise ValueError(f"{where}.{name} is not an option there: set {section}.{name} instead")
    return values


class DataSection(Section):
    """Which data, which split; ``validation`` trains without the last training writers and tests on those."""

    name: str = "digits"
    split: str = ""
    validation: bool = False
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("options")
    @classmethod
    def _own_keys_elsewhere(cls, options: dict[str, Any]) -> dict[str, Any]:
        return _without(options, "data.options", ("split", "validation"), "data")


class NetworkSection(Section):
    """Layer sizes and the start of learning.

    ``target`` is the wanted output as a fraction of its swing, ``init_gain`` the Glorot gain of each crossbar in units of the
    activation per unit line, ``output_bias`` the first bias of the outputs in the same units.
    """

    hidden: list[Annotated[int, Field(ge=1, le=20_000)]] = [96]
    target: Annotated[float, _in(""), Field(gt=0, le=1)] = 0.5
    init_gain: list[Annotated[float, _in(""), Field(ge=0, le=LARGEST_WEIGHT)]] = [2.0, 0.3]
    output_bias: Annotated[float, _in(""), Field(ge=-LARGEST_WEIGHT, le=LARGEST_WEIGHT)] = -0.4


class NeuronSection(Section):
    """Card of all neurons, its form ("" for the card's own, "llg" for the full twin), overrides, and their spread.

    ``current_gain`` multiplies the current that the lines bring to every neuron. "matched": the full output voltage across the
    whole conductance window of a nominal synapse gives half of the neuron's saturation current, whatever the synapse card is.
    """

    card: str = "hard_axis_mtj/nominal"
    form: str = ""
    params: dict[str, CardValue] = Field(default_factory=dict)

    @field_validator("params")
    @classmethod
    def _form_elsewhere(cls, params: dict[str, Any]) -> dict[str, Any]:
        return _without(params, "neuron.params", ("form",), "neuron")

    current_gain: Annotated[float | Literal["matched"], _or_word("matched", "")] = "matched"
    sigma_stiffness: Spread = 0.05
    sigma_gain: Spread = 0.05
    reset_time: Annotated[float, _in("s"), Field(ge=0)] = 1e-8


class SynapseSection(Section):
    """Card of all synapses, overrides of its parameters, and its nonidealities (relative standard deviations).

    ``modifiers`` wrap every device, the first innermost (see ``neurosim/modifiers/README.md``). ``v_read = "card"`` is 0.2 V,
    or the card's ``v_read_max`` if that is lower.
    """

    card: str = "vteam/nominal"
    params: dict[str, CardValue] = Field(default_factory=dict)

    @field_validator("params")
    @classmethod
    def _no_form(cls, params: dict[str, Any]) -> dict[str, Any]:
        if "form" in params:
            raise ValueError("synapse.params.form: synapse cards have no forms")
        for name, option in (("sigma_step", "sigma_c2c"), ("sigma_range", "sigma_c2c_range")):
            if name in params:
                raise ValueError(f"synapse.params.{name} would be overwritten by synapse.{option}: set that instead")
        return params

    modifiers: list[ModifierTable] = []
    v_read: VoltOrCard = "card"
    sigma_d2d: Spread = 0.10
    sigma_rate: Spread = 0.20
    sigma_threshold: Spread = 0.03
    sigma_c2c: Spread = 0.10
    sigma_c2c_range: Spread = 0.001
    read_noise: Spread = 0.01
    stuck_fraction: Fraction = 0.01


class SettleSection(Section):
    """When a phase counts as settled; ``distance`` and ``local_error`` are fractions of each state's full scale."""

    mode: Literal["transient", "equilibrium"] = "transient"
    t_max: Annotated[float, _in("s"), Field(gt=0)] = 1e-6
    distance: Annotated[float, _in(""), Field(ge=1e-13, le=0.1)] = 1e-6
    local_error: Annotated[float, _in(""), Field(ge=1e-13, le=0.1)] = 1e-6


class AccumulatorSection(Section):
    """The net-update memory of each synapse; see :class:`neurosim.learning.accumulators.Accumulator`."""

    kind: Literal["none", "digital", "capacitor"] = "digital"
    quantum: Annotated[float, _in(""), Field(gt=0, le=1)] = 0.005
    bits: Annotated[int, Field(ge=0, le=32)] = 0
    limit: Annotated[float, _in(""), Field(gt=0)] = 1.0
    leak_time: Annotated[float, _in("s"), Field(ge=0)] = 0.0
    noise: Spread = 0.0


class LearningSection(Section):
    """Estimator, nudging and programmer; the defaults are those of the main job, ``experiments/digits.toml``.

    ``amplitude = "card"`` takes the pulse voltages from the card, see :mod:`neurosim.nominal_write`.
    """

    estimator: Literal["positive", "negative", "centered"] = "centered"
    beta: Annotated[float, _in(""), Field(gt=0)] = 1.0
    nudging: Literal["constant_current", "spring"] = "constant_current"
    programmer: Literal["device", "pulse_step", "write_verify", "outer_product", "ideal"] = "device"
    amplitude: VoltOrCard = "card"
    pulse_levels: Annotated[int, Field(ge=1, le=65536)] = 64
    step_max: Annotated[float, _in(""), Field(ge=1e-9, le=1)] = 0.02
    coincidence_bits: Annotated[int, Field(ge=1, le=1024)] = 8
    verify_budget: Annotated[int, Field(ge=1, le=1000)] = 8
    verify_reads: Annotated[int, Field(ge=1, le=100_000)] = 32
    verify_tolerance: Annotated[float, _in(""), Field(gt=0, le=1)] = 0.002
    verify_read_time: Annotated[float, _in("s"), Field(ge=0)] = 1e-8
    accumulator: AccumulatorSection = AccumulatorSection()


class TrainingSection(Section):
    """Epochs and learning rates (one per crossbar)."""

    epochs: Annotated[int, Field(ge=1, le=100_000)] = 30
    rate: list[Annotated[float, _in(""), Field(gt=0)]] = [0.005, 0.001]
    schedule: Literal["cosine", "constant"] = "cosine"
    final_rate: Fraction = 0.05


class RecordSection(Section):
    """What the run keeps: conductances every so many samples (log-spaced at the start), traced devices, one sample."""

    every: Annotated[int, Field(ge=1)] = 500
    log_spaced: bool = True
    traced_devices: Annotated[int, Field(ge=0, le=1000)] = 10
    sequence_at: Annotated[int, Field(ge=0)] = 100
    checkpoint_seconds: Annotated[float, _in("s"), Field(gt=0)] = 30.0


class Config(Section):
    """A whole experiment. ``nonideality_scale`` multiplies every nonideality (0 switches all of them off)."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    title: str = ""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    nonideality_scale: Annotated[float, _in(""), Field(ge=0, le=10)] = 1.0
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
