"""The two tables of ``README.md``, written from the code: what each modifier does, and which model takes which."""

from __future__ import annotations

from pathlib import Path

from neurosim.device import DeviceModel
from neurosim.library import list_models, load_model
from neurosim.modifiers.catalogue import CATALOGUE, Kind, why_not
from neurosim.units import format_quantity

README = Path(__file__).with_name("README.md")
COLUMNS = {"series_resistance": "series R", "johnson_shot": "Johnson, shot", "self_heating": "self-heating", "rtn": "RTN",
           "flicker": "1/f"}
SPREADS = {"g_min": "g", "g_max": "g", "rate": "rate", "threshold_up": "v", "threshold_down": "v"}


def cell(kind: Kind, model: DeviceModel) -> str:
    """Return how a modifier works on a model: ``yes``, ``steps`` (with sub-steps), ``own`` (a part of its law) or ``-``."""
    reason = why_not(kind, model)
    if reason:
        return "own" if reason.startswith("has ") else "-"
    return "steps" if kind.sub_steps else "yes"


def step_error(model: DeviceModel) -> str:
    """Return how exact the step of a model itself is."""
    return "pulse" if model.pulse else "exact" if model.exact_advance else f"{model.advance_tolerance:.0e}"


def device_spread(model: DeviceModel) -> str:
    """Return what can be spread from device to device: conductances (g), rate, threshold voltages (v), or its own spreads."""
    found = list(dict.fromkeys(short for handle, short in SPREADS.items() if handle in model.handles))
    return " ".join([*found, *(["own"] if model.populate is not None else [])]) or "-"


def cycle_spread(model: DeviceModel) -> str:
    """Return whose the noise from write to write is: the model's, that of its law, or added by the engine."""
    if not model.programmable:
        return "-"
    return "own" if "sigma_step" in model.param_index else "law" if model.noises else "engine"


def modifier_table() -> str:
    """Return the table of all modifiers."""
    lines = ["| kind | what | law | values (default) | step |", "|---|---|---|---|---|"]
    for kind in CATALOGUE.values():
        values = [f"`{spec.name}` ({'from the card' if spec.name in kind.derived else _shown(spec.default, spec.unit)})"
                  for spec in kind.params]
        values += [f"`{name}` ({option.default})" for name, option in kind.options.items()]
        step = "sub-steps" if kind.sub_steps else "as the model's"
        step = "none" if kind.name in ("levels", "johnson_shot") else step
        law = kind.law.replace("|", "\\|")
        lines.append(f"| `{kind.name}` | {kind.meaning} | {law} | {', '.join(values)} | {step} |")
    return "\n".join(lines)


def matrix() -> str:
    """Return the table model x modifier; models that are no two-terminal devices are named below it."""
    titles = ["model", "its step", *(COLUMNS.get(name, name) for name in CATALOGUE), "device to device", "cycle to cycle"]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    notes: dict[tuple[str, str], list[str]] = {}
    others = []
    for name in sorted(list_models()):
        model = load_model(name)
        if model.conductance is None or len(model.drives) != 1 or model.drives[0].unit != "V":
            others.append(name)
            continue
        cells = [cell(kind, model) for kind in CATALOGUE.values()]
        lines.append(f"| `{name}` | {' | '.join([step_error(model), *cells, device_spread(model), cycle_spread(model)])} |")
        reasons: dict[str, list[str]] = {}
        for kind in CATALOGUE.values():
            if reason := why_not(kind, model):
                reasons.setdefault(reason, []).append(COLUMNS.get(kind.name, kind.name))
        for reason, kinds in reasons.items():
            notes.setdefault((", ".join(kinds), reason), []).append(f"`{name}`")
    lines += ["", f"Not two-terminal devices driven by one voltage: {', '.join(others)}.", "", "Why not:", ""]
    lines += [f"- {kinds} on {', '.join(names)}: {reason}" for (kinds, reason), names in sorted(notes.items())]
    return "\n".join(lines)


def updated(text: str) -> str:
    """Return the README with both tables as they are now."""
    for name, table in (("modifiers", modifier_table()), ("matrix", matrix())):
        before, _, rest = text.partition(f"<!-- {name} -->\n")
        _, _, after = rest.partition(f"<!-- end of {name} -->")
        text = f"{before}<!-- {name} -->\n{table}\n<!-- end of {name} -->{after}"
    return text


def _shown(value: float, unit: str) -> str:
    return format_quantity(value, unit) if 1e-15 < abs(value) < 1e15 or value == 0.0 else f"{value:g} {unit}".rstrip()
