"""Figures of one device: current-voltage loop, pulse train, switching time, retention and read disturb, noise spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from neurosim.plot.style import BLUE, GREY, VERMILION, new_axes, scaled, spans_decades, styled
from neurosim.units import format_quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neurosim.characterise import Loop, NoiseSpectrum, PulseResponse, Retention, SwitchingTimes


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
        if result.n_up:
            ax.plot(np.arange(result.n_up + 1), conductance[:result.n_up + 1], color=BLUE, marker="o", markersize=2.5,
                    label=f"potentiation{_pulse(result.v_raise, result.width_up)}")
        if result.n_down:
            ax.plot(np.arange(result.n_up, result.n_up + result.n_down + 1), conductance[result.n_up:], color=VERMILION,
                    marker="s", markersize=2.5, label=f"depression{_pulse(result.v_lower, result.width_down)}")
        if spans_decades(conductance):
            ax.set_yscale("log")
        ax.set_xlabel("pulse number")
        ax.set_ylabel(f"conductance at {format_quantity(result.v_read, 'V')} ({unit})")
        ax.set_title(f"{result.device}: conductance after identical pulses")
        ax.legend(loc="best")
        return ax


def _pulse(voltage: float, width: float) -> str:
    """Return ", +900 mV for 100 ns", or nothing for pulses of another shape."""
    if np.isnan(voltage):
        return ""
    sign = "+" if voltage > 0.0 else "−"
    return f", {sign}{format_quantity(abs(voltage), 'V')} for {format_quantity(width, 's').replace('us', 'µs')}"


def switching_times(results: Sequence[SwitchingTimes], ax: Axes | None = None) -> Axes:
    """Draw the switching time against the magnitude of the voltage, one curve per polarity, both axes as they are measured.

    Parameters
    ----------
    results : sequence of SwitchingTimes
        From :func:`neurosim.characterise.switching_time`, usually one per polarity.
    """
    with styled():
        ax = new_axes(ax)
        for result, colour, marker in zip(results, (BLUE, VERMILION), "os", strict=False):
            finite = np.isfinite(result.seconds)
            label = "positive voltage" if np.all(result.voltage > 0.0) else "negative voltage"
            ax.plot(np.abs(result.voltage[finite]), result.seconds[finite], color=colour, marker=marker, markersize=3,
                    label=label)
        ax.set_yscale("log")
        ax.set_xlabel("magnitude of the voltage (V)")
        ax.set_ylabel("switching time (s)")
        shares = f"{100 * results[0].start:g} % to {100 * results[0].stop:g} %"
        ax.set_title(f"{results[0].device}: time from {shares} of the window")
        if any(np.isfinite(result.seconds).any() for result in results):
            ax.legend(loc="best")
        else:
            ax.text(0.5, 0.5, "does not switch at these voltages", transform=ax.transAxes, ha="center")
        return ax


def retention(result: Retention, ax: Axes | None = None, *, disturb: Sequence[Retention] = ()) -> Axes:
    """Draw conductances left alone (lines) and held at read voltages (dashed) over time.

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
        styles = ("-", "--", ":")
        for held, style in zip((result, *disturb), styles, strict=False):
            for k, colour in zip(range(held.conductance.shape[1]), (BLUE, GREY, VERMILION), strict=False):
                label = "left alone" if held.voltage == 0.0 else f"at {'+' if held.voltage > 0 else '−'}" \
                    f"{format_quantity(abs(held.voltage), 'V')}"
                ax.plot(held.time[1:], held.conductance[1:, k] * factor, color=colour, linestyle=style,
                        label=label if k == 0 else None)
        ax.set_xscale("log")
        if spans_decades(np.concatenate([held.conductance.ravel() for held in (result, *disturb)])):
            ax.set_yscale("log")
        ax.set_xlabel("time (s)")
        ax.set_ylabel(f"conductance ({unit})")
        ax.set_title(f"{result.device}: retention and read disturb" if disturb else f"{result.device}: retention")
        ax.legend(loc="best")
        return ax


def spectrum(result: NoiseSpectrum, ax: Axes | None = None) -> Axes:
    """Draw the spectral density of a read current.

    Parameters
    ----------
    result : NoiseSpectrum
        From :func:`neurosim.characterise.noise_spectrum`.
    """
    with styled():
        ax = new_axes(ax)
        ax.loglog(result.frequency, result.density, color=BLUE, linewidth=1.0)
        ax.set_xlabel("frequency (Hz)")
        ax.set_ylabel("spectral density (A²/Hz)")
        ax.set_title(f"{result.device}: current noise at {format_quantity(result.voltage, 'V')}")
        return ax


def _common_scale(results: Sequence[Retention]) -> tuple[float, str]:
    """Return factor and unit that suit all conductances together."""
    values = np.concatenate([result.conductance.ravel() for result in results])
    shown, unit = scaled(values, "S")
    largest = np.argmax(np.abs(values))
    return float(shown[largest] / values[largest]), unit


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
