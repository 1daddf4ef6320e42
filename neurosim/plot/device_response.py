"""Figures of what pulse trains do not show: single pulses, steps of behavioural devices, gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.characterise.pulses import read_voltage
from neurosim.plot.axes import entitle, legend_above, log_ticks, shown
from neurosim.plot.device import loop
from neurosim.plot.style import BLUE, COLOURS, GREY, VERMILION, new_axes, scaled, spans_decades, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurosim.characterise import Loop
    from neurosim.characterise.one_pulse import OnePulse

POINTS = 101  # conductances at which a step is measured
SAME, COVERED = 0.01, 0.9  # of the range, of the voltages: curves that hide each other
WIDEST, THINNEST = 4.0, 1.0  # lines of the shortest and the longest pulse, points


def one_pulse(result: OnePulse, ax: Axes | None = None, *, probability: bool = False) -> Axes:
    """Draw the conductance after one pulse, or the probability to switch, against the voltage; one curve per width."""
    with styled():
        ax = new_axes(ax)
        voltage, unit = scaled(result.voltage, "V")
        if probability:
            values, label = result.moved, "switching probability"
        else:
            values, prefix = scaled(result.conductance, "S")
            label = f"conductance after the pulse ({prefix})"
        alike = (np.abs(np.diff(values, axis=0)) < SAME * np.ptp(values)).mean(axis=1)
        hidden = alike.size and alike.max() > COVERED  # one curve lies on another: both are to be seen
        thick = np.linspace(WIDEST, THINNEST, len(result.width)) if hidden else [None] * len(result.width)
        for width, row, colour, line in zip(result.width, values, COLOURS, thick, strict=False):
            for side in (voltage < 0.0, voltage > 0.0):
                ax.plot(voltage[side], row[side], color=colour, linewidth=line, label=shown(width, "s") if side[-1] else None)
        if probability:
            ax.set_ylim(-0.03, 1.03)
        elif spans_decades(values, 1.5):
            ax.set_yscale("log")
            log_ticks(ax.yaxis)
        ax.axvline(0.0, color=GREY, linewidth=0.6, zorder=0.5)
        starts = "" if np.ptp(result.before) == 0.0 else ", from OFF to raise and from ON to lower"
        ax.set_xlabel(f"voltage of the pulse ({unit}){starts}")
        ax.set_ylabel(label)
        entitle(ax, result.device, "probability that one pulse switches" if probability else "one pulse")
        legend_above(ax, 4)
        return ax


def steps(device: Device, ax: Axes | None = None) -> Axes:
    """Draw the change that one pulse of a behavioural device makes, without noise, against the conductance it starts from."""
    up = float(np.nextafter(device.card.valid.get("v_max", 1.0), 0.0))
    low, high = (v if device.model.increase_sign > 0 else -v for v in (device.card.valid.get("v_min", -up), up))
    v_read = read_voltage(device, None)
    cells = Cells(device, POINTS)
    with styled():
        ax = new_axes(ax)
        for voltage, name, colour in ((high, device.model.pulse[0], BLUE), (low, device.model.pulse[-1], VERMILION)):
            cells.put_at(np.linspace(0.0, 1.0, POINTS))
            before = cells.conductance(v_read)
            cells.advance(voltage, device.value(name))
            change = cells.conductance(v_read) - before
            g, unit = scaled(before, "S")
            label = f"{'raising' if voltage == high else 'lowering'} pulse, {shown(device.value(name), 's')}"
            ax.plot(g, 100.0 * np.abs(change) / np.ptp(before), color=colour, label=label,
                    linestyle="-" if voltage == high else "--")
        ax.set_ylim(bottom=0.0)
        ax.set_xlabel(f"conductance before the pulse ({unit})")
        ax.set_ylabel("size of the step (% of the window)")
        entitle(ax, device.name, "step of one pulse, without noise")
        legend_above(ax)
        return ax


def gate(device: Device, result: Loop, ax: Axes | None = None) -> Axes:
    """Draw the conductance of the channel over a gate sweep, for devices that carry no current while they are written."""
    cells = Cells(device, result.time.size)
    cells.state[:] = result.state
    with styled():
        ax = new_axes(ax)
        voltage, voltage_unit = scaled(result.voltage, "V")
        g, unit = scaled(cells.conductance(read_voltage(device, None)), "S")
        loop(ax, voltage, g)
        ax.set_xlabel(f"gate voltage ({voltage_unit})")
        ax.set_ylabel(f"conductance of the channel ({unit})")
        entitle(ax, result.device, f"gate sweep, {shown(result.time[-1], 's')} long")
        legend_above(ax)
        return ax
