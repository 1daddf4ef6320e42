"""Figures of crossbars: how conductances evolve while learning, and weights before and after as images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from neurosim.errors import ParameterError
from neurosim.plot.panels import letter_panels, new_figure, required, sample_axis, short_count
from neurosim.plot.style import BLACK, BLUE, DIVERGING, GREY, VERMILION, new_axes, scaled, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

WHAT = "records of conductances"
BANDS = ((0, 6, "1–99 %", "#DCE9F3"), (1, 5, "5–95 %", "#BBD5E9"), (2, 4, "25–75 %", "#8DB9DA"))
FIELD_SPREAD = 99.5  # percentile of |weight| at which colours end, so that one outlier does not wash out all others


def conductance_band(records: Mapping[str, np.ndarray], ax: Axes | None = None, *, crossbar: int = 0) -> Axes:
    """Draw percentiles of all conductances of a crossbar over the samples learned, with the traced devices on top.

    Parameters
    ----------
    records : mapping
        ``samples`` (r,), ``edges`` (b + 1,) [S], ``percentiles{k}`` (r, 7) [S] for 1, 5, 25, 50, 75, 95, 99 %,
        ``traces{k}`` (r, n_traced) [S], for crossbar ``k``.
    ax : matplotlib Axes, optional
        Where to draw; a new figure where it is left out.
    crossbar : int
        Which crossbar.

    Returns
    -------
    matplotlib Axes
    """
    samples, edges, unit = _sampled(records)
    percentiles = required(records, f"percentiles{crossbar}", WHAT) / unit[1]
    traces = required(records, f"traces{crossbar}", WHAT) / unit[1]
    with styled():
        import matplotlib

        ax = new_axes(ax, (5.2, 3.4))
        for low, high, label, colour in BANDS:
            ax.fill_between(samples, percentiles[:, low], percentiles[:, high], color=colour, linewidth=0, label=label)
        ax.plot(samples, percentiles[:, 3], color=BLUE, linewidth=2.2, label="median", zorder=3,
                marker="o" if samples.size == 1 else None)
        # Colour by where a device ends: ten crossing lines stay apart.
        order = np.argsort(np.argsort(traces[-1]))
        shades = matplotlib.colormaps["YlOrBr"](np.linspace(0.4, 1.0, traces.shape[1]))
        for k, rank in enumerate(order):
            ax.plot(samples, traces[:, k], color=shades[rank], linewidth=0.9, marker="." if samples.size == 1 else None,
                    label="traced devices" if rank == len(order) // 2 else None)
        sample_axis(ax, samples)
        ax.set_ylim(0.0, max(edges[-1], 1.02 * percentiles[:, -1].max()))
        ax.set_ylabel(f"conductance ({unit[0]})")
        ax.set_title(f"Crossbar {crossbar + 1}: all devices, {traces.shape[1]} traced")
        ax.legend(loc="upper left", fontsize=7, handlelength=1.4, labelspacing=0.25)
        return ax


def conductance_heat_map(records: Mapping[str, np.ndarray], ax: Axes | None = None, *, crossbar: int = 0,
                         colour_bar: bool = True) -> Axes:
    """Draw the histogram of a crossbar's conductances over the samples learned; colour is the share of devices.

    Parameters
    ----------
    records : mapping
        ``samples`` (r,), ``edges`` (b + 1,) [S], ``histograms{k}`` (r, b), for crossbar ``k``.
    ax : matplotlib Axes, optional
        Where to draw; a new figure where it is left out.
    crossbar : int
        Which crossbar.
    colour_bar : bool
        Add the colour bar.

    Returns
    -------
    matplotlib Axes
    """
    samples, edges, unit = _sampled(records)
    share = _shares(records, crossbar)
    with styled():
        import matplotlib
        from matplotlib.colors import LogNorm
        from matplotlib.ticker import FuncFormatter, NullFormatter

        ax = new_axes(ax, (5.2, 3.4))
        top = max(share.max(), 0.1)
        colours = matplotlib.colormaps["magma_r"].with_extremes(bad="white", under="white")
        image = ax.pcolormesh(_cells(samples), edges, np.ma.masked_less_equal(share, 0.0).T, cmap=colours,
                              norm=LogNorm(max(top / 1000.0, share[share > 0.0].min(initial=top / 10.0)), top),
                              rasterized=True)
        ax.grid(visible=False)
        if colour_bar:
            bar = ax.figure.colorbar(image, ax=ax, pad=0.02, format=FuncFormatter(lambda value, _: short_count(value)))
            bar.ax.yaxis.set_minor_formatter(NullFormatter())
            bar.ax.set_title("%", fontsize=8, loc="center")
            bar.outline.set_visible(False)
        sample_axis(ax, samples)
        ax.set_ylim(0.0, edges[-1])
        ax.set_ylabel(f"conductance ({unit[0]})")
        ax.set_title("Share of devices per bin (%)")
        return ax


def conductance_evolution(records: Mapping[str, np.ndarray], *, figure: FigureBase | None = None) -> FigureBase:
    """Draw how all conductances evolve while learning, one row per crossbar: percentiles and traces, histogram, ends.

    Parameters
    ----------
    records : mapping
        ``samples`` (r,), ``edges`` (b + 1,) [S] and for each crossbar k ``percentiles{k}`` (r, 7) [S], ``traces{k}``
        (r, n_traced) [S], ``histograms{k}`` (r, b).
    figure : matplotlib Figure or SubFigure, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib Figure
    """
    _, edges, _ = _sampled(records)
    count = sum(name.startswith("percentiles") for name in records)
    if not count:
        raise ParameterError(f"{WHAT}: no percentiles0. Record conductances of at least one crossbar.")
    with styled():
        figure = new_figure(figure, (9.6, 0.4 + 2.75 * count))
        axes = figure.subplots(count, 3, width_ratios=(1.3, 1.25, 0.5), squeeze=False, sharey="row")
        for k, (left, middle, right) in enumerate(axes):
            conductance_band(records, left, crossbar=k)
            conductance_heat_map(records, middle, crossbar=k)
            share = _shares(records, k)
            start = f"start, to {share[0].max():.0f} %" if share[0].max() > 3.0 * share[-1].max() else "start"
            right.stairs(share[0], edges, orientation="horizontal", color=GREY, fill=True, alpha=0.45, label=start)
            right.stairs(share[-1], edges, orientation="horizontal", color=VERMILION, linewidth=1.3, label="end")
            right.set_xlabel("devices per bin (%)")
            # The start is often a narrow peak: the axis follows the end, and the peak that leaves it is told as a number.
            widest = max(share[-1].max(), min(share[0].max(), 3.0 * share[-1].max()))
            right.set_xlim(0.0, 1.12 * widest if widest else None)
            right.set_title("Start and end")
            right.legend(loc="upper right", fontsize=7, handlelength=1.2)
            for ax in (middle, right):
                ax.set_ylabel("")
        letter_panels(axes.ravel())
        return figure


def weight_maps(before: Sequence[np.ndarray], after: Sequence[np.ndarray], *, n_fields: int = 16,
                figure: FigureBase | None = None) -> FigureBase:
    """Draw signed weights before and after learning: receptive fields of the first crossbar, the others as matrices.

    Parameters
    ----------
    before, after : sequences of ndarray, shapes (n_rows, n_targets)
        Signed weights ``G+ - G-`` [S] of each crossbar; the last row is the bias line.
    n_fields : int
        How many receptive fields are drawn, each with its bias as a bar below: those with the largest norm after learning.
        Where the rows without the bias are no square image, the first crossbar is drawn as a matrix, too.
    figure : matplotlib Figure or SubFigure, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib Figure
    """
    before, after = [np.asarray(w, float) for w in before], [np.asarray(w, float) for w in after]
    shapes = [[w.shape for w in weights] for weights in (before, after)]
    if not after or shapes[0] != shapes[1] or any(w.ndim != 2 or not w.size for w in after):
        raise ParameterError(f"weight_maps: shapes before {shapes[0]} and after {shapes[1]} must be equal, non-empty lists "
                             "of (n_rows, n_targets).")
    side = int(np.sqrt(after[0].shape[0] - 1))
    square = side >= 3 and side * side == after[0].shape[0] - 1
    heights = [np.clip(0.9 + 3.0 * w.shape[1] / w.shape[0], 2.0, 3.0) for w in after]
    if square:
        heights[0] = 3.9
    with styled():
        figure = new_figure(figure, (7.4, sum(heights)))
        rows = figure.subfigures(len(after), 1, height_ratios=heights, squeeze=False)[:, 0]
        for k, (row, old, new) in enumerate(zip(rows, before, after, strict=True)):
            both, unit = scaled(np.array([old, new]), "S")
            limit = np.percentile(np.abs(both), FIELD_SPREAD, method="higher") or 1.0
            if square and k == 0:
                chosen = np.argsort(-np.linalg.norm(both[1, :-1], axis=0), kind="stable")[:max(n_fields, 1)]
                row.suptitle(f"Crossbar 1: weights from {side} × {side} pixels, and from the bias (bar below), to "
                             f"{chosen.size} of {new.shape[1]} neurons", fontsize=9.5)
                axes, image = _fields(row, both, chosen, side, limit)
            else:
                row.suptitle(f"Crossbar {k + 1}: {new.shape[0] - 1} source lines and bias (last) to {new.shape[1]} neurons",
                             fontsize=9.5)
                axes, image = _matrices(row, both, limit)
            shape = {"shrink": 0.85, "aspect": 22} if square and k == 0 else {"shrink": 1.0, "aspect": 10}
            bar = row.colorbar(image, ax=axes, pad=0.015, **shape,
                               extend="both" if np.abs(both).max() > limit else "neither")
            beyond = f"\ncolours end at ±{limit:.3g}" if np.abs(both).max() > limit else ""
            bar.set_label(f"weight ({unit}){beyond}")
            bar.outline.set_visible(False)
        return figure


def _fields(row, both, chosen, side, limit):
    """Draw two blocks of receptive fields and return all axes and one image."""
    columns = int(np.ceil(np.sqrt(chosen.size)))
    lines = int(np.ceil(chosen.size / columns))
    # One image per block with gaps of nan: fast, and pixels stay square.
    axes = row.subplots(1, 2)
    for ax, weights, title in zip(axes, both, ("before learning", "after learning"), strict=True):
        mosaic = np.full((lines * (side + 2), columns * (side + 1) - 1), np.nan)
        for place, neuron in enumerate(chosen):
            top, left = (side + 2) * (place // columns), (side + 1) * (place % columns)
            mosaic[top:top + side, left:left + side] = weights[:-1, neuron].reshape(side, side)
            ax.add_patch(_frame(left, top, side, side))
        image = ax.imshow(mosaic, cmap=DIVERGING, vmin=-limit, vmax=limit, interpolation="nearest")
        for place, neuron in enumerate(chosen):
            bar = _frame((side + 1) * (place % columns), (side + 2) * (place // columns) + side + 0.3, side, 0.9)
            bar.set(fill=True, facecolor=image.to_rgba(weights[-1, neuron]))
            ax.add_patch(bar)
        ax.set_title(title, loc="center")
        ax.set_axis_off()
    return axes, image


def _frame(left, top, width, height):
    from matplotlib.patches import Rectangle

    return Rectangle((left - 0.5, top - 0.5), width, height, fill=False, edgecolor="#BBBBBB", linewidth=0.5)


def _matrices(row, both, limit):
    """Draw two weight matrices, targets down and source lines across, and return both axes and one image."""
    axes = row.subplots(1, 2, sharey=True)
    for ax, weights, title in zip(axes, both, ("before learning", "after learning"), strict=True):
        image = ax.imshow(weights.T, cmap=DIVERGING, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
        ax.axvline(weights.shape[0] - 1.5, color=BLACK, linewidth=0.6)
        ax.set_title(title, loc="center")
        ax.grid(visible=False)
        ax.locator_params(integer=True, min_n_ticks=1, nbins=6, steps=[1, 2, 5, 10])
        ax.set_xlabel("source line")
    axes[0].set_ylabel("neuron")
    return axes, image


def _sampled(records):
    """Return samples, edges in a readable unit, and (unit, its size in siemens)."""
    samples, edges = required(records, "samples", WHAT), required(records, "edges", WHAT)
    if not samples.size:
        raise ParameterError(f"{WHAT}: none was taken. Lower record.every below the number of samples of the run.")
    shown, unit = scaled(edges, "S")
    return samples, shown, (unit, edges[-1] / shown[-1])


def _shares(records, crossbar):
    """Return histograms as a share of all devices [%], shape (r, b)."""
    counts = required(records, f"histograms{crossbar}", WHAT).astype(float)
    return 100.0 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)


def _cells(samples):
    """Return the borders of the records' columns: half-way between them, geometrically where both are positive."""
    if samples.size == 1:
        return np.array([samples[0] - 0.5, samples[0] + 0.5])
    low, high = samples[:-1].astype(float), samples[1:].astype(float)
    inner = np.where(low > 0.0, np.sqrt(low * high), 0.5 * (low + high))
    return np.concatenate([[low[0]], inner, [high[-1]]])
