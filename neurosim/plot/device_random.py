"""Figures of devices that switch at random: loops of single devices, and the share of many that still hold their state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.characterise.one_pulse import window_states
from neurosim.characterise.pulses import read_voltage
from neurosim.plot.axes import entitle, legend_above, shown
from neurosim.plot.device import HELD_LOOKS, held_keys
from neurosim.plot.style import BLUE, COLOURS, VERMILION, new_axes, scaled, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurosim.characterise import Loop

COPIES = 1000  # of each state
HOLD_TIMES = np.logspace(-6, 8, 57)  # s
CYCLE = 1.0  # s, of each pulse at the card's limits before the state is left alone


def noisy_loops(results: Sequence[Loop], cycles: int = 1, ax: Axes | None = None) -> Axes:
    """Draw the loops of devices that switch at random, one colour each."""
    with styled():
        ax = new_axes(ax)
        factor = 1.0
        for k, (result, colour) in enumerate(zip(results, COLOURS, strict=False)):
            voltage, voltage_unit = scaled(result.voltage, "V")
            if k == 0:
                current, unit = scaled(result.current, "A")
                factor = np.abs(current).max() / np.abs(result.current).max()
            ax.plot(voltage, result.current * factor, color=colour, linewidth=0.9, label=f"{'device ' * (k == 0)}{k + 1}")
        ax.set_xlabel(f"voltage ({voltage_unit})")
        ax.set_ylabel(f"current ({unit})")
        first = results[0]
        each = f", {cycles} cycles each" if cycles > 1 else ""
        entitle(ax, first.device, f"loops of {len(results)} devices{each}, {shown(first.time[-1], 's')} long")
        legend_above(ax, 5)
        return ax


def held_share(device: Device, voltage: float, times: Sequence[float] | np.ndarray = HOLD_TIMES, *, copies: int = COPIES,
               seed: int = 0) -> np.ndarray:
    """Return the share of noisy copies that are found in the state they were put in, (n_time, 2): OFF copies, ON copies.

    Parameters
    ----------
    device : Device
        Binary: only ever at one of the two ends of its window.
    voltage : float
        Held [V].
    times : sequence of float
        Increasing, > 0 [s].

    Notes
    -----
    Every copy is first switched to the other state and back by pulses at the card's limits, so that what it draws for its next
    attempt is its own; copies that did not come back are left out.
    """
    v_read, ends = read_voltage(device, None), window_states(device)
    both = Cells(device, 2)
    both.state[:] = ends
    middle = float(both.conductance(v_read).mean())
    cells = Cells(device, 2 * copies, noisy=True, seed=seed)
    was_on = np.arange(2 * copies) >= copies
    cells.state[:] = np.where(was_on, ends[:, 1:], ends[:, :1])
    high, low = device.card.valid.get("v_max", 1.0), device.card.valid.get("v_min", -1.0)
    raise_, lower = (high, low) if device.model.increase_sign > 0 else (low, high)
    cells.advance(np.where(was_on, lower, raise_), CYCLE)
    cells.advance(np.where(was_on, raise_, lower), CYCLE)
    ready = (cells.conductance(v_read) > middle) == was_on
    shares = []
    for wait in np.diff(np.asarray(times, dtype=float), prepend=0.0):
        cells.advance(voltage, float(wait))
        kept = (cells.conductance(v_read) > middle) == was_on
        shares.append([kept[ready & (was_on == on)].mean() for on in (False, True)])
    return np.array(shares)


def hold(device: Device, ax: Axes | None = None) -> Axes:
    """Draw the share of binary devices that still hold their state, left alone and at both read voltages."""
    v_read = read_voltage(device, None)
    voltages = (0.0, v_read, -v_read)
    with styled():
        ax = new_axes(ax)
        for voltage, look in zip(voltages, HELD_LOOKS, strict=True):
            share = held_share(device, voltage)
            for column, colour in enumerate((BLUE, VERMILION)):
                ax.plot(HOLD_TIMES, 100.0 * share[:, column], color=colour, **look)
        for name, colour in (("put to OFF", BLUE), ("put to ON", VERMILION)):
            ax.plot([], [], color=colour, label=name)
        held_keys(ax, voltages)
        ax.set_xscale("log")
        ax.set_ylim(-3.0, 103.0)
        ax.set_xlabel("time (s)")
        ax.set_ylabel("still in their state (% of the devices)")
        entitle(ax, device.name, f"retention and read disturb of {COPIES} devices")
        legend_above(ax, 3)
        return ax
