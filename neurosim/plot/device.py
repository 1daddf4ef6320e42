"""Figures of one device: current-voltage loop, pulse train, switching time, retention and read disturb, noise spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neurosim.plot.axes import entitle, legend_above, log_ticks, shown
from neurosim.plot.style import BLACK, BLUE, COLOURS, GREY, VERMILION, new_axes, scaled, spans_decades, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurosim.characterise import Loop, NoiseSpectrum, PulseResponse, Retention, SwitchingTimes

STILL = 1e-3  # of the window: a smaller change is called none
HELD_LOOKS: tuple[dict[str, Any], ...] = (  # left alone, at +v_read, at -v_read: each is seen where all three lie on one line
    {"linestyle": "-", "linewidth": 3.6, "alpha": 0.4, "solid_capstyle": "butt"}, {"linestyle": (0, (4, 4))},
    {"linestyle": (2.8, (1.6, 6.4))})
WIDE_CURRENT = 1e4  # of a current without memory over its mean: drawn on a logarithmic axis


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
        duration = shown(result.time[-1] - result.time[0], "s")
        voltage, voltage_unit = scaled(result.voltage, "V")
        ax.set_xlabel(f"voltage ({voltage_unit})")
        if not result.state.size and np.abs(result.current).max() > WIDE_CURRENT * np.median(np.abs(result.current)):
            order = np.argsort(voltage)
            ax.semilogy(voltage[order], np.abs(result.current[order]), color=BLUE)
            log_ticks(ax.yaxis, "A")
            ax.set_ylabel("magnitude of the current")
            entitle(ax, result.device, "current against voltage (no state)")
            return ax
        current, current_unit = scaled(result.current, "A")
        loop(ax, voltage, current)
        ax.set_ylabel(f"current ({current_unit})")
        entitle(ax, result.device, f"current-voltage loop, {duration} long")
        if result.state.size:
            legend_above(ax)
        return ax


def loop(ax: Axes, voltage: np.ndarray, value: np.ndarray) -> None:
    """Draw a value over a voltage sweep: one colour for each direction, arrows, lines through the origin."""
    slope = np.diff(voltage)
    rising = np.append(slope, slope[-1]) > 0.0
    for mask, colour, label in ((rising, BLUE, "voltage rising"), (~rising, VERMILION, "voltage falling")):
        # Both ends of each segment are drawn, so that the two colours meet.
        drawn = mask | np.roll(mask, 1) & (np.arange(mask.size) > 0)
        if mask.any():
            ax.plot(np.where(drawn, voltage, np.nan), np.where(drawn, value, np.nan), color=colour, label=label)
    _arrows(ax, voltage, value, rising)
    ax.axhline(0.0, color=GREY, linewidth=0.6, zorder=0.5)
    ax.axvline(0.0, color=GREY, linewidth=0.6, zorder=0.5)


def pulses(result: PulseResponse, ax: Axes | None = None, *, whole: Sequence[float] = (),
           noisy: PulseResponse | None = None) -> Axes:
    """Draw the conductance after each pulse of potentiation and of depression, log scale beyond a decade.

    Parameters
    ----------
    result : PulseResponse
        From :func:`neurosim.characterise.pulse_response`.
    ax : matplotlib Axes, optional
        Where to draw; a new figure where it is left out.
    whole : pair of float, optional
        Widths [s] of one pulse of a device that counts pulses: the legend then says how many make one step.
    noisy : PulseResponse, optional
        The same train on noisy instances, drawn thin behind the mean.

    Returns
    -------
    matplotlib Axes
    """
    with styled():
        ax = new_axes(ax)
        conductance, unit = scaled(result.conductance, "S")
        if noisy is not None:
            factor = conductance.max() / result.conductance.max()
            for one in noisy.conductances:
                ax.plot(one * factor, color=GREY, linewidth=0.6, alpha=0.7, zorder=1.5)
        if result.n_up:
            ax.plot(np.arange(result.n_up + 1), conductance[:result.n_up + 1], color=BLUE, marker="o", markersize=2.5,
                    label=f"up{_pulse(result.v_raise, result.width_up, *whole[:1])}")
        if result.n_down:
            ax.plot(np.arange(result.n_up, result.n_up + result.n_down + 1), conductance[result.n_up:], color=VERMILION,
                    marker="s", markersize=2.5, label=f"down{_pulse(result.v_lower, result.width_down, *whole[1:])}")
        if noisy is not None:
            ax.plot([], [], color=GREY, linewidth=0.6, label=f"{len(noisy.conductances)} single devices, with noise")
        if spans_decades(conductance):
            ax.set_yscale("log")
            log_ticks(ax.yaxis)
        several = any(_count(*half) > 1 for half in zip((result.width_up, result.width_down), whole, strict=False))
        ax.set_xlabel("step number" if several else "pulse number")
        ax.set_ylabel(f"conductance at {shown(result.v_read, 'V')} ({unit})")
        entitle(ax, result.device, f"conductance after identical {'steps' if several else 'pulses'}")
        legend_above(ax, 2)
        return ax


def _pulse(voltage: float, width: float, whole: float = 0.0) -> str:
    """Return ": +900 mV, 100 ns" or ": 20 pulses of +900 mV, 100 ns", or nothing for pulses of another shape."""
    if np.isnan(voltage):
        return ""
    count = _count(width, whole)
    pulse = f"{'+' if voltage > 0.0 else ''}{shown(voltage, 'V')}, {shown(whole or width, 's')}"
    return f": {pulse}" if count == 1 else f": {count} x ({pulse})"


def _count(width: float, whole: float) -> int:
    """Return how many whole pulses make one step."""
    return round(width / whole) if whole else 1


def switching_times(results: Sequence[SwitchingTimes], ax: Axes | None = None) -> Axes:
    """Draw the switching time against the magnitude of the voltage, one curve per polarity, both axes as they are measured.

    Parameters
    ----------
    results : sequence of SwitchingTimes
        From :func:`neurosim.characterise.switching_time`, usually one per polarity.
    """
    with styled():
        ax = new_axes(ax)
        volts, unit = scaled(np.concatenate([result.voltage for result in results]), "V")
        factor = np.abs(volts).max() / max(np.abs(result.voltage).max() for result in results)
        looks: tuple[dict[str, Any], ...] = ({"color": BLUE, "marker": "o", "markersize": 4.5},
                                             {"color": VERMILION, "marker": "s", "markersize": 2.5, "linestyle": "--"})
        for result, look in zip(results, looks, strict=False):
            finite = np.isfinite(result.seconds)
            name = "positive voltage" if np.all(result.voltage > 0.0) else "negative voltage"
            if finite.any():
                ax.plot(np.abs(result.voltage[finite]) * factor, result.seconds[finite], label=name, **look)
            else:
                ax.plot([], [], label=f"{name}: never here", **look)
        if spans_decades(np.abs(volts)):
            ax.set_xscale("log")
            log_ticks(ax.xaxis)
        ax.set_xlabel(f"magnitude of the voltage ({unit})")
        ax.set_ylabel("switching time")
        shares = f"{100 * results[0].start:g} % to {100 * results[0].stop:g} %"
        entitle(ax, results[0].device, f"time from {shares} of the window")
        if any(np.isfinite(result.seconds).any() for result in results):
            ax.set_yscale("log")
            log_ticks(ax.yaxis, "s")
        else:
            ax.text(0.5, 0.5, "does not switch at these voltages", transform=ax.transAxes, ha="center")
        legend_above(ax)
        return ax


def retention(result: Retention, ax: Axes | None = None, *, disturb: Sequence[Retention] = ()) -> Axes:
    """Draw conductances left alone (wide lines) and held at read voltages (dashes, dots) over time; one colour a start.

    Parameters
    ----------
    result : Retention
        From :func:`neurosim.characterise.retention`.
    disturb : sequence of Retention
        From :func:`neurosim.characterise.read_disturb`.
    """
    with styled():
        ax = new_axes(ax)
        factor, unit = _common_scale([result, *disturb])
        for held, look in zip((result, *disturb), HELD_LOOKS, strict=False):
            for k, colour in zip(range(held.conductance.shape[1]), COLOURS, strict=False):
                ax.plot(held.time[1:], held.conductance[1:, k] * factor, color=colour, **look)
        for k, colour in zip(range(len(result.start)), COLOURS, strict=False):
            ax.plot([], [], color=colour, label=f"from {100.0 * result.start[k]:g} % of the window" if k == 0 else
                    f"{100.0 * result.start[k]:g} %")
        held_keys(ax, [held.voltage for held in (result, *disturb)])
        ax.set_xscale("log")
        every = np.concatenate([held.conductance.ravel() for held in (result, *disturb)])
        if spans_decades(every):
            ax.set_yscale("log")
            log_ticks(ax.yaxis)
        largest = max(float(np.abs(held.change).max()) for held in (result, *disturb))
        if largest < STILL:
            ax.margins(y=0.15)
            ax.text(0.5, 0.03, f"moves by less than {100 * STILL:g} % of the window", transform=ax.transAxes, ha="center",
                    color=GREY)
        ax.set_xlabel("time (s)")
        ax.set_ylabel(f"conductance ({unit})")
        entitle(ax, result.device, "retention and read disturb" if disturb else "retention")
        legend_above(ax, min(len(result.start), len(COLOURS)) if disturb else 4)
        return ax


def held_keys(ax: Axes, voltages: Sequence[float]) -> None:
    """Name the lines of ``HELD_LOOKS`` in the legend by the voltages [V] at which devices were held."""
    for voltage, look in zip(voltages, HELD_LOOKS, strict=False):
        sign = "+" if voltage > 0.0 else ""
        ax.plot([], [], color=BLACK, label=f"at {sign}{shown(voltage, 'V')}" if voltage else "left alone", **look)


def spectrum(result: NoiseSpectrum, ax: Axes | None = None) -> Axes:
    """Draw the spectral density of a read current, over two decades at least.

    Parameters
    ----------
    result : NoiseSpectrum
        From :func:`neurosim.characterise.noise_spectrum`.
    """
    with styled():
        ax = new_axes(ax)
        ax.loglog(result.frequency, result.density, color=BLUE, linewidth=1.0)
        middle = float(np.sqrt(result.density.min() * result.density.max()))
        if not spans_decades(result.density, 2.0):
            ax.set_ylim(middle / 10.0, middle * 10.0)
        log_ticks(ax.xaxis, "Hz")
        ax.set_xlabel("frequency")
        ax.set_ylabel("spectral density (A²/Hz)")
        share = 100.0 * result.deviation / abs(result.mean) if result.mean else np.nan
        entitle(ax, result.device, f"current noise at {shown(result.voltage, 'V')}, {share:.2g} % rms")
        return ax


def _common_scale(results: Sequence[Retention]) -> tuple[float, str]:
    """Return factor and unit that suit all conductances together."""
    values = np.concatenate([result.conductance.ravel() for result in results])
    scaled_values, unit = scaled(values, "S")
    largest = np.argmax(np.abs(values))
    return float(scaled_values[largest] / values[largest]), unit


def _arrows(ax: Axes, voltage: np.ndarray, value: np.ndarray, rising: np.ndarray) -> None:
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
                ax.annotate("", xy=(voltage[k + 1], value[k + 1]), xytext=(voltage[k], value[k]),
                            arrowprops={"arrowstyle": "-|>", "color": BLUE if direction else VERMILION,
                                        "shrinkA": 0, "shrinkB": 0, "mutation_scale": 11})
