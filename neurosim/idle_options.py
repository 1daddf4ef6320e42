"""Options that were set and cannot change anything, because another choice leaves nothing for them to act on.

In an experiment file they are a caution: one file serves many programmers. As an override (``--set``) they are an error:
whoever overrides an option expects an effect. Options at their default that nobody wrote are never named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel

from neurosim.errors import ParameterError
from neurosim.library import load_card

if TYPE_CHECKING:
    from neurosim.config import Config


class Rule(NamedTuple):
    """Options that change nothing where ``idle`` holds, and why."""

    options: tuple[str, ...]
    idle: Callable[[Config], bool]
    reason: Callable[[Config], str]


def _programmer(*names: str) -> Callable[[Config], bool]:
    return lambda config: config.learning.programmer not in names


def _named(config: Config) -> str:
    return f'learning.programmer = "{config.learning.programmer}"'


def _no_white_noise(config: Config) -> bool:
    kinds = {table.kind for table in config.synapse.modifiers}
    with suppress(ParameterError):  # an unknown card is told where it is loaded
        kinds |= {modifier.kind for modifier in load_card(config.synapse.card).modifiers}
    return "johnson_shot" not in kinds


RULES = (
    Rule(("learning.amplitude", "learning.step_max", "synapse.sigma_c2c", "synapse.sigma_c2c_range"),
         _programmer("device", "pulse_step", "write_verify", "outer_product"), _named),
    Rule(("synapse.read_time",), _no_white_noise, lambda config: "devices without white noise (modifier johnson_shot)"),
    Rule(("learning.pulse_levels",), _programmer("device", "pulse_step"), _named),
    Rule(("learning.coincidence_bits",), _programmer("outer_product"), _named),
    Rule(tuple(f"learning.verify_{name}" for name in ("budget", "reads", "tolerance", "read_time")),
         _programmer("write_verify"), _named),
    # Float assignment empties the accumulator at once: only its resolution, range and noise (a part of the quantum) matter.
    Rule(("learning.accumulator.quantum",),
         lambda config: config.learning.programmer == "ideal" and not config.learning.accumulator.noise, _named),
    Rule(("learning.accumulator.leak_time",), lambda config: config.learning.programmer == "ideal", _named),
    Rule(tuple(f"learning.accumulator.{name}" for name in ("quantum", "bits", "limit", "leak_time", "noise")),
         lambda config: config.learning.accumulator.kind == "none", lambda config: 'learning.accumulator.kind = "none"'),
    Rule(("settle.sample_step", "settle.sample_time", "settle.burn_in"),
         lambda config: config.settle.mode != "sampled", lambda config: f'settle.mode = "{config.settle.mode}"'),
    Rule(("settle.t_max", "settle.distance", "settle.local_error", "record.sequence_at"),
         lambda config: config.settle.mode == "sampled", lambda config: 'settle.mode = "sampled"'),
    Rule(("settle.t_max", "settle.distance", "settle.local_error", "record.sequence_at"),
         lambda config: config.settle.mode == "equilibrium", lambda config: 'settle.mode = "equilibrium"'),
    Rule(("training.final_rate",), lambda config: config.training.schedule == "constant",
         lambda config: 'training.schedule = "constant"'),
)


def idle_options(config: Config) -> dict[str, list[str]]:
    """Return the options that were set without effect, by the choice that leaves them nothing to do."""
    given = set(_given(config))
    found: dict[str, list[str]] = {}
    for rule in RULES:
        if rule.idle(config):
            names = found.setdefault(rule.reason(config), [])
            names += [name for name in rule.options if name in given and name not in names]
    return {reason: names for reason, names in found.items() if names}


def idle_sentences(config: Config) -> list[str]:
    """Return one sentence for each choice that leaves options of the file without effect."""
    return [f"{', '.join(names)} change{'s' if len(names) == 1 else ''} nothing with {reason}: leave "
            f"{'it' if len(names) == 1 else 'them'} out or choose otherwise." for reason, names in idle_options(config).items()]


def idle_override(config: Config, overrides: Sequence[str]) -> tuple[str, str, str] | None:
    """Return the first override that sets an option without effect: the override, the option, the reason."""
    for reason, names in idle_options(config).items():
        for override in overrides:
            key = override.partition("=")[0].strip()
            for name in names:
                if name == key or name.startswith(f"{key}."):
                    return override, name, reason
    return None


def _given(section: BaseModel, prefix: str = "") -> Iterator[str]:
    for name in section.model_fields_set:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _given(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"
