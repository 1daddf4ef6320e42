"""Figures of one device: the current-voltage loop, and the response to a train of pulses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurosim.plot.style import BLUE, GREY, VERMILION, new_axes, scaled, spans_decades, styled
from neurosim.units import format_quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurosim.characterise import Loop, PulseResponse


def iv(result: Loop, ax: Axes | None = None) -> Axes:
    """Draw a current-voltage loop; arrows show the direction in which it is run through.

    Parameters
    ----------
    result : Loop
        From :func:`neurosim.characterise.iv_sweep`.
    ax : matplotlib Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib Axes
    """
    with styled():
        ax = new_axes(ax)
        voltage, voltage_unit = scaled(result.voltage, "V")
        current, current_unit = scaled(result.current, "A")
        slope = np.diff(voltage)
        rising = np.append(slope, slope[-1]) > 0.0
        for mask, colour, label in ((rising, BLUE, "voltage rising"), (~rising, VERMILION, "voltage falling")):
            # Both ends of each segment are drawn, so that the two colours meet.
            drawn = mask | np.roll(mask, 1) & (np.arange(mask.size) > 0)
            if mask.any():
                ax.plot(np.where(drawn, voltage, np.nan), np.where(drawn, current, np.nan), color=colour, label=label)
        _arrows(ax, voltage, current, rising)
        ax.axhline(0.0, color=GREY, linewidth=0.6, zorder=0.5)
        ax.axvline(0.0, color=GREY, linewidth=0.6, zorder=0.5)
        ax.set_xlabel(f"voltage ({voltage_unit})")
        ax.set_ylabel(f"current ({current_unit})")
        duration = format_quantity(result.time[-1] - result.time[0], "s").replace("us", "µs")
        ax.set_title(f"{result.device}: current-voltage loop, {duration} long")
        ax.legend(loc="best")
        return ax


def pulses(result: PulseResponse, ax: Axes | None = None) -> Axes:
    """Draw the conductance after each pulse of potentiation and of depression, log scale beyond a decade.

    Parameters
    ----------
    result : PulseResponse
        From :func:`neurosim.characterise.pulse_response`.
    ax : matplotlib Axes, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib Axes
    """
    with styled():
        ax = new_axes(ax)
        conductance, unit = scaled(result.conductance, "S")
        volts = format_quantity(abs(result.amplitude), "V")
        sign = "+" if result.amplitude > 0.0 else "−"
        opposite = "−" if sign == "+" else "+"
        if result.n_up:
            ax.plot(np.arange(result.n_up + 1), conductance[:result.n_up + 1], color=BLUE, marker="o", markersize=2.5,
                    label=f"potentiation, {sign}{volts}")
        if result.n_down:
            ax.plot(np.arange(result.n_up, result.n_up + result.n_down + 1), conductance[result.n_up:], color=VERMILION,
                    marker="s", markersize=2.5, label=f"depression, {opposite}{volts}")
        if spans_decades(conductance):
            ax.set_yscale("log")
        ax.set_xlabel("pulse number")
        ax.set_ylabel(f"conductance at {format_quantity(result.v_read, 'V')} ({unit})")
        width = format_quantity(result.width, "s").replace("us", "µs")
        ax.set_title(f"{result.device}: conductance after identical pulses of {width}")
        ax.legend(loc="best")
        return ax


def _arrows(ax: Axes, voltage: np.ndarray, current: np.ndarray, rising: np.ndarray) -> None:
    """Put arrow heads on the first pass through the loop where it is far from the origin."""
    reach = np.abs(voltage).max()
    if reach == 0.0:
        return
    for direction in (True, False):
        for side in (1.0, -1.0):
            near = np.flatnonzero((rising == direction) & (side * voltage > 0.55 * reach))
            near = near[near < voltage.size - 1]
            if near.size:
                k = near[np.argmin(np.abs(np.abs(voltage[near]) - 0.65 * reach))]
                ax.annotate("", xy=(voltage[k + 1], current[k + 1]), xytext=(voltage[k], current[k]),
                            arrowprops={"arrowstyle": "-|>", "color": BLUE if direction else VERMILION,
                                        "shrinkA": 0, "shrinkB": 0, "mutation_scale": 11})
