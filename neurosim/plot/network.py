"""Figure of one learned sample in time: free phase, nudged phases, then the pulses that program the devices."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from neurosim.errors import ParameterError
from neurosim.plot.panels import letter_panels, new_figure, required
from neurosim.plot.programming import programming
from neurosim.plot.style import BLUE, GREY, VERMILION, scaled, styled

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

WHAT = "trace of one sample"
FREE, PLUS, MINUS = 0, 1, 2
SHADES = {FREE: ("#F1F1F1", "free"), PLUS: ("#FBE3D0", "nudged, +β"), MINUS: ("#D9EAF6", "nudged, −β")}


def phase_sequence(trace: Mapping[str, Any], *, figure: FigureBase | None = None) -> FigureBase:
    """Draw neurons through free and nudged phases, how far nudging moves them, and the programming that follows.

    Parameters
    ----------
    trace : mapping
        ``time`` (m,) [s]; ``phase`` (m,), 0 free, 1 nudged with +beta, 2 with -beta, 3 program; ``voltage`` (m, n_neurons)
        [V], output neurons last; ``n_output``. Optional: ``target`` (n_output,) [V]; ``program_time``, ``program_row`` and all
        others that :func:`neurosim.plot.programming.programming` draws.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib Figure

    Notes
    -----
    Programming is much slower than settling: it has an axis of its own. Each phase starts where the one before it ended.
    """
    phase = required(trace, "phase", WHAT).astype(int)
    keep = np.isin(phase, list(SHADES))
    phase, time, voltage = phase[keep], required(trace, "time", WHAT)[keep], required(trace, "voltage", WHAT)[keep]
    n_output = int(required(trace, "n_output", WHAT))
    if not time.size:
        raise ParameterError(f"{WHAT}: no point of a free or nudged phase. Settle with record > 0.")
    if not 1 <= n_output <= voltage.shape[1]:
        raise ParameterError(f"{WHAT}: n_output = {n_output} is outside 1..{voltage.shape[1]}, the number of neurons.")
    shown_time, time_unit = scaled(time, "s")
    spans = _spans(phase)
    program = np.size(trace.get("program_time", ())) > 1
    with styled():
        figure = new_figure(figure, (9.6, 5.6) if program else (5.8, 5.6))
        grid = figure.add_gridspec(6, 2 if program else 1, width_ratios=(1.25, 1) if program else None)
        left = [figure.add_subplot(grid[2 * k:2 * k + 2, 0]) for k in range(3)]
        _outputs(left[0], shown_time, voltage[:, -n_output:], spans, trace.get("target"))
        hidden = voltage[:, :-n_output] if n_output < voltage.shape[1] else voltage
        name = "hidden" if n_output < voltage.shape[1] else "output"
        _lines(left[1], shown_time, hidden, spans, f"All {hidden.shape[1]} {name} neurons", "voltage")
        free = np.flatnonzero(phase == FREE)
        moved = hidden - hidden[free[-1] if free.size else 0]
        _lines(left[2], shown_time, moved, [span for span in spans if span[0] != FREE],
               f"What nudging changes in the {name} neurons", "V − V$_{free}$")
        for ax in left:
            for number, start, stop in spans:
                end = shown_time[stop] if stop < time.size else shown_time[-1]
                ax.axvspan(shown_time[start], end, color=SHADES[number][0], linewidth=0, zorder=0)
                if ax is left[0]:
                    ax.text(0.5 * (shown_time[start] + end), 0.97, SHADES[number][1], fontsize=8, ha="center", va="top",
                            color="#333333", transform=ax.get_xaxis_transform())
            ax.set_xlim(shown_time[0], shown_time[-1] if shown_time[-1] > shown_time[0] else shown_time[0] + 1.0)
            ax.tick_params(labelbottom=ax is left[2])
        left[2].set_xlabel(f"time ({time_unit})")
        axes = left + (programming(figure, grid[:, 1], trace) if program else [])
        letter_panels(axes)
        figure.align_ylabels(left)
        return figure


def _spans(phase):
    """Return (phase, start, stop) of each stretch of equal phase."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(phase)) + 1, [phase.size]])
    return [(int(phase[a]), int(a), int(b)) for a, b in pairwise(starts)]


def _outputs(ax, time, voltage, spans, target):
    """Draw the output neurons; one stands out: the class of the target, else the highest at the end of the free phase."""
    free_end = next((stop for number, _, stop in spans if number == FREE), 1) - 1
    told = target is not None
    levels = scaled(np.concatenate([voltage.ravel(), np.ravel(target) if told else []]), "V")
    volts, unit = levels[0][:voltage.size].reshape(voltage.shape), levels[1]
    best = int(np.argmax(target)) if told else int(np.argmax(voltage[free_end]))
    for k in [j for j in range(volts.shape[1]) if j != best] + [best]:
        for part, (_, start, stop) in enumerate(spans):
            label = None
            if part == 0 and k == best:
                label = f"output {k}, " + ("the true class" if told else "highest when free")
            elif part == 0 and k == (0 if best else 1):
                label = "other outputs"
            ax.plot(time[start:stop], volts[start:stop, k], color=VERMILION if k == best else BLUE, label=label,
                    linewidth=1.8 if k == best else 0.8, alpha=1.0 if k == best else 0.7)
    if told:
        for level, colour in {float(v): VERMILION if j == best else BLUE
                              for j, v in enumerate(levels[0][voltage.size:])}.items():
            ax.axhline(level, color=colour, linewidth=1.0, linestyle=(0, (2, 2)))
        ax.plot([], [], color=GREY, linewidth=1.0, linestyle=(0, (2, 2)), label="target levels")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.16 * (high - low))  # room for the names of the phases
    ax.grid(visible=False)
    ax.set_ylabel(f"voltage ({unit})")
    ax.set_title(f"The {volts.shape[1]} output neurons")
    ax.legend(loc="upper right", ncols=3, fontsize=7, bbox_to_anchor=(1.0, -0.03), handlelength=1.4, columnspacing=1.0,
              borderaxespad=0.0, borderpad=0.2)


def _lines(ax, time, values, spans, title, label):
    """Draw one thin line per neuron, shaded by its final size so that neighbours stay apart."""
    import matplotlib

    shown, unit = scaled(values, "V")
    colours = matplotlib.colormaps["viridis"](np.linspace(0.0, 0.9, shown.shape[1]))
    rank = np.argsort(np.argsort(shown[spans[0][2] - 1 if spans else 0]))
    for _, start, stop in spans:
        for k in range(shown.shape[1]):
            ax.plot(time[start:stop], shown[start:stop, k], color=colours[rank[k]], linewidth=0.6, alpha=0.8)
    ax.grid(visible=False)
    ax.set_ylabel(f"{label} ({unit})")
    ax.set_title(title)
