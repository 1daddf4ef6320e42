"""Panels of one write in time: the row being written, the voltage across some devices, and what it does to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from neurosim.plot.panels import required
from neurosim.plot.style import BLACK, COLOURS, GREY, scaled
from neurosim.units import format_quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase
    from matplotlib.gridspec import SubplotSpec

WHAT = "trace of one write"
LANE = 1.25  # distance of two lanes over the span of the largest voltages of both signs
FULL = 0.75  # of the largest voltage: below, a device is only half selected


def programming(figure: FigureBase, place: SubplotSpec, trace: Mapping[str, Any]) -> list[Axes]:
    """Draw a write, and return its axes from top to bottom; call it inside ``styled``.

    Parameters
    ----------
    figure : matplotlib Figure or SubFigure
    place : SubplotSpec
        Where in its grid.
    trace : mapping
        The ends ``program_time`` (p,) [s] of all parts of the write with their ``program_row`` (p,). Optional, for d devices:
        ``program_device_voltage`` (e, d) [V] from each of the times ``program_edge`` (e,) [s] on; ``program_conductance``
        (p + 1, d) [S] before the write and after each part, of nominal devices where ``program_nominal`` is true; their
        numbers ``program_device`` (d,) in the crossbar, and its ``program_columns`` and number ``program_crossbar`` from 0.
    """
    time, unit = scaled(np.append(0.0, np.asarray(trace["program_time"], float)), "s")
    factor = time[-1] / float(trace["program_time"][-1])
    draws = [lambda ax: _rows(ax, time, trace)]
    if np.size(trace.get("program_device_voltage", ())) and "program_edge" in trace:
        draws.append(lambda ax: _voltages(ax, factor * np.asarray(trace["program_edge"], float), trace))
    if np.size(trace.get("program_conductance", ())):
        draws.append(lambda ax: _changes(ax, time, trace))
    grid = place.subgridspec(len(draws), 1, height_ratios=(0.7, 1.25, 1.05)[:len(draws)])
    axes = [figure.add_subplot(grid[k]) for k in range(len(draws))]
    for ax, draw in zip(axes, draws, strict=True):
        draw(ax)
        ax.set_xlim(time[0], 1.04 * time[-1])  # the last write shows
        ax.tick_params(labelbottom=ax is axes[-1])
    axes[-1].set_xlabel(f"time since programming began ({unit})")
    return axes


def device_names(trace: Mapping[str, Any]) -> list[str]:
    """Return "row 12, column 40" for each device, or its number where the columns of the crossbar are not told."""
    devices = np.asarray(trace.get("program_device", range(np.shape(trace["program_device_voltage"])[1])))
    if "program_columns" not in trace:
        return [f"device {device}" for device in devices]
    return ["row {}, column {}".format(*divmod(int(device), int(trace["program_columns"]))) for device in devices]


def _rows(ax: Axes, time: np.ndarray, trace: Mapping[str, Any]) -> None:
    row = required(trace, "program_row", WHAT)
    several = bool(trace.get("program_coincident", False))
    which = f" crossbar {int(trace['program_crossbar']) + 1}" if "program_crossbar" in trace else ""
    ax.step(time, np.append(row, row[-1]), where="post", color=BLACK, linewidth=1.2)
    ax.locator_params(axis="y", integer=True, min_n_ticks=1, nbins=4)
    ax.set_ylabel("first row" if several else "row")
    ax.set_title(f"Programming{which}: " + ("first of the firing rows" if several else "the row being written"))


def _voltages(ax: Axes, when: np.ndarray, trace: Mapping[str, Any]) -> None:
    """Draw one lane per device, the first on top; full pulses are filled."""
    voltage = np.asarray(trace["program_device_voltage"], float)
    largest = np.abs(voltage).max() or 1.0
    step = LANE * ((voltage.max() - voltage.min()) or 1.0)
    lanes = -step * np.arange(voltage.shape[1])
    for k, lane in enumerate(lanes):
        colour, values = COLOURS[k % len(COLOURS)], voltage[:, k]
        ax.axhline(lane, color=GREY, linewidth=0.5, zorder=0.5)
        ax.fill_between(when, lane, lane + np.where(np.abs(values) > FULL * largest, values, 0.0), step="post", color=colour,
                        alpha=0.6, linewidth=0)
        ax.step(when, lane + values, where="post", color=colour, linewidth=0.8)
    ax.set_yticks(lanes, device_names(trace), fontsize=7)
    for k, label in enumerate(ax.get_yticklabels()):
        label.set_color(COLOURS[k % len(COLOURS)])
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False)
    ax.set_ylim(lanes[-1] + min(voltage.min(), 0.0) - 0.1 * step, max(voltage.max(), 0.0) + 0.1 * step)
    ends = [end for end in (voltage.max(), voltage.min()) if abs(end) > FULL * largest]
    if len(ends) == 2 and ends[0] == -ends[1]:
        full = f"±{format_quantity(ends[0], 'V')}"
    else:
        full = " or ".join(("+" if end > 0.0 else "−") + format_quantity(abs(end), "V") for end in ends)
    ax.set_title("Device voltages" + (f", filled at full {full}" if full else ""))



def _changes(ax: Axes, time: np.ndarray, trace: Mapping[str, Any]) -> None:
    """Draw how far each conductance is from its value before the write."""
    conductance = np.asarray(trace["program_conductance"], float)
    change, unit = scaled(conductance - conductance[0], "S")
    for k in range(change.shape[1]):
        # The last value is held beyond the axis, so that the last write shows.
        ax.step(np.append(time, 2.0 * time[-1]), np.append(change[:, k], change[-1, k]), where="post",
                color=COLOURS[k % len(COLOURS)], linewidth=1.3)
    ax.axhline(0.0, color=GREY, linewidth=0.6, zorder=0.5)
    ax.margins(y=0.12)
    ax.set_ylabel(f"ΔG ({unit})")
    ax.set_title("Change of conductance" + (", as of nominal devices" if trace.get("program_nominal") else ""))
