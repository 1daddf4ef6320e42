"""``neurosim device list``: one line for each card, the page to choose a device from."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from neurosim.commands.catalogue import USES, catalogue
from neurosim.commands.run import print_json
from neurosim.errors import ParameterError, did_you_mean
from neurosim.units import format_quantity

PAGE_WIDTH = 140  # characters, where the output is neither a terminal nor told by COLUMNS
MOST_STATES = 6  # named in the list
SHORTEST = 1e-9  # s: no circuit makes shorter pulses, so shorter times say no more than that
NEAR_ZERO = 1e-3  # of the other end of an output's range
SPOKEN = {"read ≤": "read limit", "from": "origin of the values"}  # columns that a footer names otherwise


class _Column(NamedTuple):
    """Title, alignment, width, and the least width of the page that has room for it."""

    title: str
    justify: Literal["left", "right"]
    width: int
    page: int


CARD = _Column("card", "left", 23, 0)
COLUMNS = (_Column("window", "right", 15, 0), _Column("on/off", "right", 6, 0), _Column("raised by", "right", 16, 0),
           _Column("lowered by", "right", 16, 0), _Column("read ≤", "right", 7, 100), _Column("kind", "left", 8, 100),
           _Column("from", "left", 4, 110), _Column("source", "left", 17, 119))
NEURON = ("window: its output; raised by: the drive that just saturates or switches it, ± where both signs do")
LEGEND = (
    ("window, on/off", "read conductances of the lowest and the highest state, and their ratio"),
    ("raised, lowered", "voltage, and the time in which it crosses 10-90 % of the window. For the kinds binary, one-way, "
                        "volatile, unipolar and domains: the width of one pulse that moves half of the window, or switches "
                        "with probability 1/2. never: no allowed voltage gets that far; no: none moves it this way; by "
                        "itself: it forgets; <1 ns: faster than any pulse"),
    ("read ≤", "highest read voltage: 1 µs of it moves less than 0.1 % of the window; ?: the card does not say"),
    ("from", "where the values come from: m measured, f fitted, p published, a assumed"),
)


def device_list(options: argparse.Namespace) -> None:
    """Print every chosen card: window, ratio, voltages and times, read limit, kind, origin of the values, source."""
    rows, broken = catalogue()
    rows = chosen(rows, options, broken)
    if options.json:
        print_json({"devices": rows, "broken": broken})
        return
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=PAGE_WIDTH, highlight=False)
    whole = CARD._replace(width=max(len(row["name"]) for row in rows))
    wider = max(0, whole.width - CARD.width)
    flat = options.sort != "name"
    pages = {column.title: column.page + wider * (flat and column.page > 0) for column in COLUMNS}
    columns = [column for column in COLUMNS if console.width >= pages[column.title]]
    full = flat or console.width >= COLUMNS[-1].page + wider  # names that can be copied, where there is room
    if flat:
        _flat(console, rows, [whole, *columns], options.sort)
    else:
        _grouped(console, rows, [whole if full else CARD, *columns], full=full)
    titles = [column.title for column in columns]
    _legend(console, rows, titles, {title: page for title, page in pages.items() if title not in titles})
    for line in broken:
        print(f"not usable: {line}")


def chosen(rows: list[dict[str, Any]], options: argparse.Namespace, broken: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the entries that pass every filter, sorted by family, model and name.

    ``broken`` has a line for each card that is not usable: what was looked for may be among them.

    Raises
    ------
    ParameterError
        A family or model that no card has, or filters that leave nothing.
    """
    for key in ("family", "model"):
        given, known = getattr(options, key), sorted({row[key] for row in rows})
        if given is not None and given not in known:
            unusable = _unusable([given], broken)
            hint = unusable or did_you_mean(given, known)
            raise ParameterError(f'device list --{key} {given}: no {"usable " * bool(unusable)}card has this {key}.{hint}')
    kept = [row for row in rows if (options.family or row["family"]) == row["family"]
            and (options.model or row["model"]) == row["model"] and (_written(row) or not options.programmable)
            and all(word.lower() in _searched(row) for word in options.words)]
    if not kept:
        raise ParameterError("device list: no card passes these filters. Leave one out, or search for fewer words."
                             + _unusable(options.words, broken))
    return sorted(kept, key=lambda row: (row["family"], row["model"], row["name"]))


def _unusable(words: Sequence[str], broken: Sequence[str]) -> str:
    """Return why cards that have every word cannot be used, or nothing where there are none."""
    lines = [line for line in broken if words and all(word.lower() in line.lower() for word in words)]
    return f" Not usable: {'; '.join(lines)}" if lines else ""


def _searched(row: dict[str, Any]) -> str:
    parts = (row["name"], row["family"], row["kind"], USES[row["kind"]], row["doc"], row["source"], row["doi"],
             *row["states"], *row["origins"])
    return " ".join(parts).lower()


def in_words(row: dict[str, Any]) -> list[str]:
    """Return the entry of one card as lines of a page."""
    from neurosim.characterise.drive import KINDS

    lines = [f"{row['kind']}: {KINDS[row['kind']]}"]
    if row["g_max"] is not None:
        lines.append(f"conductance {_window(row)}, ratio {_times(_ratio(row))}")
        means = "10-90 % of the window" if row["switching"] == "10-90 %" else "one pulse for half of the window"
        lines.append(f"raised by {_moved(row, 0)}, lowered by {_moved(row, 1)} ({means})")
    elif row.get("neuron"):
        neuron = row["neuron"]
        lines.append(f"output {neuron['output']} {_output(neuron)}, saturated or switched by {_drive(neuron)}")
    return lines


def _grouped(console: Console, rows: list[dict[str, Any]], columns: Sequence[_Column], *, full: bool) -> None:
    """Print families and models as headings, cards under them."""
    for family, of_family in groupby(rows, key=lambda row: row["family"]):
        console.rule(f"[bold]{family}[/bold]", align="left", characters="─")
        console.print(_table(columns, header=True))
        for model, of_model in groupby(of_family, key=lambda row: row["model"]):
            cards = list(of_model)
            states = cards[0]["states"]
            named = ", ".join(states) if 0 < len(states) <= MOST_STATES else f"{len(states) or 'no'} states"
            console.print(f"[bold cyan]{model}[/bold cyan] [dim]({named})[/dim] {escape(cards[0]['doc'])}", no_wrap=True,
                          overflow="ellipsis")
            table = _table(columns, header=False)
            for row in cards:
                table.add_row(row["name"] if full else " " + row["name"].partition("/")[2], *_cells(row, columns[1:]))
            console.print(table)


def _flat(console: Console, rows: list[dict[str, Any]], columns: Sequence[_Column], sort: str) -> None:
    """Print one table, best first: the largest ratio, or the fastest of the slower direction."""
    def rank(row: dict[str, Any]) -> float:
        if sort == "ratio":
            return -_ratio(row) if row["g_max"] is not None else 1.0
        times = row["switching_seconds"] or [None]
        return float("inf") if None in times else float(max(times))

    table = _table(columns, header=True)
    for row in sorted(rows, key=rank):
        table.add_row(row["name"], *_cells(row, columns[1:]))
    console.print(table)


def _table(columns: Sequence[_Column], *, header: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=header, header_style="dim", expand=False)
    for column in columns:
        last = column.title == "source"
        table.add_column(column.title, justify=column.justify, min_width=column.width, no_wrap=True,
                         max_width=None if last else column.width, overflow="ellipsis" if last else "fold")
    return table


def _cells(row: dict[str, Any], columns: Sequence[_Column]) -> list[str]:
    made = {"window": _window(row), "on/off": _times(_ratio(row)) if row["g_max"] else "-", "raised by": _moved(row, 0),
            "lowered by": _moved(row, 1), "read ≤": shown(row["v_read_max"], "V") if row["v_read_max"] is not None else "?",
            "kind": row["kind"], "from": "".join(name[0] for name in ("measured", "fitted", "published", "assumed")
                                                 if name in row["origins"]),
            "source": f"{_surname(row['authors'])} {row['year']}"}
    if row["kind"] in ("neuron", "no state"):
        made["read ≤"] = "-"
    if row.get("neuron"):
        made["window"], made["raised by"] = _output(row["neuron"]), _drive(row["neuron"])
    return [made[column.title] for column in columns]


def _window(row: dict[str, Any]) -> str:
    return "-" if row["g_max"] is None else f"{shown(row['g_min'], 'S')}–{shown(row['g_max'], 'S')}"


def _output(neuron: dict[str, Any]) -> str:
    """Return the range of an output: ±50 mV, 0–45 mV, −1–0.8."""
    low, high, unit = neuron["low"], neuron["high"], neuron["output_unit"]
    if _symmetric(neuron):
        return f"±{shown(high, unit)}"
    low, high = (0.0 if abs(end) < NEAR_ZERO * max(abs(low), abs(high)) else end for end in (low, high))
    return f"{shown(low, unit) if low else '0'}–{shown(high, unit) if high else '0'}".replace("-", "−")


def _drive(neuron: dict[str, Any]) -> str:
    """Return the drive that saturates or switches a neuron: i ±9.26 µA."""
    sign = "±" if _symmetric(neuron) else "+" if neuron["drive"] > 0.0 else "−"
    return f"{neuron['signal']} {sign}{shown(abs(neuron['drive']), neuron['drive_unit'])}"


def _symmetric(neuron: dict[str, Any]) -> bool:
    return bool(abs(neuron["low"] + neuron["high"]) < NEAR_ZERO * abs(neuron["high"]))


def _ratio(row: dict[str, Any]) -> float:
    return float("inf") if not row["g_min"] else float(row["g_max"] / row["g_min"])


def _times(ratio: float) -> str:
    """Return 13.4, 14.6k, 1M or ∞."""
    for factor, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if ratio >= 0.9995 * factor:
            return "∞" if ratio == float("inf") else f"{ratio / factor:.3g}{letter}"
    return f"{ratio:.3g}"


def _written(row: dict[str, Any]) -> bool:
    """Tell whether a crossbar can write a card and find it as it was; a volatile switch forgets."""
    return bool(row["programmable"]) and row["kind"] != "volatile"


def _moved(row: dict[str, Any], way: int) -> str:
    """Return what voltage moves a card up (0) or down (1) in what time, or why none does."""
    if row["switching_voltages"] is None:
        return "-"
    voltage, seconds = row["switching_voltages"][way], row["switching_seconds"][way]
    if row["kind"] == "volatile" and way == 1:
        return "by itself"
    if voltage is None:
        return "no"
    sign = "±" if row["kind"] == "volatile" else "+" if voltage > 0 else "−"
    taken = "never" if seconds is None else "<1 ns" if seconds < SHORTEST * (1.0 - 1e-9) else shown(seconds, "s")
    return f"{sign}{shown(abs(voltage), 'V')} {taken}"


def _surname(authors: str) -> str:
    """Return the first author without initials, or an institution without what is not its name."""
    words = authors.removesuffix(" et al.").removeprefix("The ").removesuffix(" Authors").removesuffix(" developers").split()
    while len(words) > 1 and words[0].endswith("."):
        words = words[1:]
    return " ".join(words)


def shown(value: float, unit: str) -> str:
    """Return three digits with a prefix and a real micro sign."""
    return format_quantity(float(f"{value:.3g}"), unit).replace(" u", " µ")


def _legend(console: Console, rows: list[dict[str, Any]], titles: Sequence[str], hidden: dict[str, int]) -> None:
    """Print what columns and kinds mean, and at which widths of the page there are those that are ``hidden``."""
    from neurosim.characterise.drive import KINDS

    console.rule(f"[bold]{len(rows)} card{'s' * (len(rows) != 1)}[/bold]", align="left", characters="─")
    lines = [line for line in LEGEND if "," in line[0] or line[0] in titles]
    if "kind" in titles:
        lines += [(kind, meaning) for kind, meaning in KINDS.items() if any(row["kind"] == kind for row in rows)]
    if any(row.get("neuron") for row in rows):
        lines.append(("neuron" if "kind" not in titles else "", NEURON))
    table = Table(box=None, show_header=False, pad_edge=False, style="dim")
    table.add_column(min_width=15, no_wrap=True)
    table.add_column()
    for title, meaning in lines:
        table.add_row(title, meaning)
    console.print(table)
    if hidden:
        *names, last = (SPOKEN.get(title, title) for title in hidden)
        console.print(f"At {max(hidden.values())} columns there {'are' if names else 'is'} also "
                      f"{', '.join(names)}{' and ' * bool(names)}{last}; --json has all.")
    console.print("One card: neurosim device show CARD, plot CARD, check CARD. Fewer cards: neurosim device list oxide "
                  "--family memristor --model vteam --programmable --sort ratio", style="bold")
