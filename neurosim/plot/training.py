"""Figures of a training run: accuracy, pulses and coupling norm, energy per sample, confusion matrix.

``history`` is a sequence with one mapping per epoch, the sums over its samples in SI units, as the trainer keeps it.
Epochs are numbered from 1 in figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from neurosim.errors import ParameterError
from neurosim.plot.panels import epoch_axis, epoch_column, letter_panels, new_figure, per_sample, plain_decades
from neurosim.plot.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    new_axes,
    scaled,
    spans_decades,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

History = Sequence[Mapping[str, float]]
PARTS = (("free_energy", "free phase", BLUE), ("nudge_energy", "nudged phases", SKY),
         ("program_energy", "programming", ORANGE), ("bias_energy", "neuron bias", GREY))


def accuracy(history: History, ax: Axes | None = None, *, test_accuracy: float | None = None) -> Axes:
    """Draw the share of training samples that the free phase classified correctly while they were being learned.

    Parameters
    ----------
    history : sequence of mappings
        One per epoch, with ``epoch``, ``samples`` and ``correct``.
    ax : matplotlib Axes, optional
        Where to draw; a new figure where it is left out.
    test_accuracy : float, optional
        Final accuracy on the test set, in [0, 1]; marked at the last epoch.

    Returns
    -------
    matplotlib Axes
    """
    if test_accuracy is not None and not 0.0 <= test_accuracy <= 1.0:
        raise ParameterError(f"test_accuracy = {test_accuracy:g} is outside [0, 1]. Give a share, not percent.")
    epochs, percent = epoch_column(history, "epoch") + 1, 100.0 * per_sample(history, "correct")
    with styled():
        ax = new_axes(ax)
        ax.plot(epochs, percent, color=BLUE, marker="o", markersize=3,
                label=f"training, while learning; last {percent[-1]:.1f} %")
        if test_accuracy is not None:
            tested = 100.0 * test_accuracy
            ax.plot(epochs[-1], tested, color=VERMILION, marker="D", markersize=6, linestyle="none",
                    markeredgecolor="white", markeredgewidth=0.8, clip_on=False, zorder=5)
            above = tested > percent[-1]
            ax.annotate(f"test {tested:.1f} %", (epochs[-1], tested), (2, 6 if above else -6), textcoords="offset points",
                        ha="right", va="bottom" if above else "top", color=VERMILION, fontsize=8)
        epoch_axis(ax, epochs)
        ax.set_ylim(top=min(ax.get_ylim()[1], 101.0))
        ax.set_ylabel("accuracy (%)")
        ax.set_title("Samples classified correctly")
        ax.legend(loc="best")
        return ax


def learning_curve(history: History, *, test_accuracy: float | None = None,
                   figure: FigureBase | None = None) -> FigureBase:
    """Draw accuracy, pulses per sample and coupling norm over the epochs.

    Parameters
    ----------
    history : sequence of mappings
        One per epoch, with ``epoch``, ``samples``, ``correct``, ``pulses``, ``clipped``, ``phases``,
        ``unsettled_phases`` and ``largest_norm``.
    test_accuracy : float, optional
        Final accuracy on the test set, in [0, 1].
    figure : matplotlib Figure or SubFigure, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib Figure
    """
    epochs = epoch_column(history, "epoch") + 1
    pulses, clipped = per_sample(history, "pulses"), per_sample(history, "clipped")
    norm = epoch_column(history, "largest_norm")
    unsettled, phases = epoch_column(history, "unsettled_phases").sum(), epoch_column(history, "phases").sum()
    with styled():
        figure = new_figure(figure, (7.2, 3.6))
        grid = figure.add_gridspec(2, 2, width_ratios=(1.35, 1))
        left = accuracy(history, figure.add_subplot(grid[:, 0]), test_accuracy=test_accuracy)
        if unsettled:
            left.text(0.985, 0.27, f"{unsettled:.0f} of {phases:.0f} phases did not settle", transform=left.transAxes,
                      ha="right", color=VERMILION, fontsize=8)
        top = figure.add_subplot(grid[0, 1])
        top.plot(epochs, pulses, color=PURPLE, marker="o", markersize=2.5, label="all pulses")
        if clipped.any():
            top.plot(epochs, np.where(clipped > 0.0, clipped, np.nan), color=BLACK, marker="s", markersize=2,
                     linewidth=1.0, label="clipped at the longest")
        shown = np.concatenate([pulses[pulses > 0.0], clipped[clipped > 0.0]])
        if spans_decades(shown):
            plain_decades(top)
            low, high = np.log10(top.get_ylim())
            top.set_ylim(top=10.0 ** (high + 0.3 * (high - low)))
        else:
            top.set_ylim(0.0, 1.35 * max(pulses.max(), 1.0))
        top.legend(loc="upper right", ncols=2, columnspacing=1.2, handlelength=1.5)
        top.set_ylabel("pulses per sample")
        top.set_title("Programming pulses")
        bottom = figure.add_subplot(grid[1, 1], sharex=top)
        bottom.axhline(1.0, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), label="1: rest points may be ambiguous")
        bottom.plot(epochs, norm, color=GREEN, marker="o", markersize=2.5)
        bottom.set_ylim(0.0, 1.25 * max(1.0, norm.max()))
        bottom.set_ylabel("coupling norm")
        bottom.set_title("Largest of each epoch")
        bottom.legend(loc="lower right")
        epoch_axis(bottom, epochs)
        top.set_xlabel("")
        top.tick_params(labelbottom=False)
        letter_panels((left, top, bottom))
        return figure


def energy_per_sample(history: History, *, figure: FigureBase | None = None) -> FigureBase:
    """Draw where the energy of one learned sample goes: per part over the epochs, and as shares of the total.

    Parameters
    ----------
    history : sequence of mappings
        One per epoch, with ``epoch``, ``samples``, ``free_energy``, ``nudge_energy``, ``program_energy`` and
        ``bias_energy`` [J].
    figure : matplotlib Figure or SubFigure, optional
        Where to draw; a new figure where it is left out.

    Returns
    -------
    matplotlib Figure

    Notes
    -----
    Parts are drawn as lines on a logarithmic axis beyond a decade, where stacked bars would mislead, else as stacked
    bars. Their sum is the total of a run's summary: the bias of the neurons is a part like the others.
    """
    epochs = epoch_column(history, "epoch") + 1
    parts = np.array([per_sample(history, name) for name, _, _ in PARTS])
    total = parts.sum(axis=0)
    everything, unit = scaled(np.vstack([parts, total]), "J")
    *drawn, drawn_total = everything
    positive = everything[everything > 0.0]
    logarithmic = spans_decades(positive)
    share = 100.0 * np.divide(parts, total, out=np.zeros_like(parts), where=total > 0.0)
    with styled():
        figure = new_figure(figure, (7.2, 3.4))
        left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
        bottom, bottom_share = np.zeros(epochs.size), np.zeros(epochs.size)
        for values, percent, (_, label, colour) in zip(drawn, share, PARTS, strict=True):
            if logarithmic:
                left.plot(epochs, np.where(values > 0.0, values, np.nan), color=colour, marker="o", markersize=2.5,
                          label=label)
            else:
                left.bar(epochs, values, 0.85, bottom, color=colour, label=label)
                bottom += values
            right.bar(epochs, percent, 0.85 if epochs.size < 40 else 1.0, bottom_share, color=colour, label=label)
            bottom_share += percent
        if logarithmic:
            left.plot(epochs, drawn_total, color=BLACK, linewidth=2.0, zorder=1.5, label="total")
            plain_decades(left)
        epoch_axis(left, epochs)
        epoch_axis(right, epochs)
        left.set_ylabel(f"energy per sample ({unit})")
        left.set_title("Energy of learning one sample")
        right.set_ylabel("share of the total (%)")
        right.set_ylim(0.0, 100.0)
        right.grid(visible=False)
        right.set_title("Where it goes")
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 5), frameon=False,
                      columnspacing=1.4, handlelength=1.8)
        letter_panels((left, right))
        return figure


def confusion(labels: np.ndarray, predictions: np.ndarray, ax: Axes | None = None, *, n_classes: int) -> Axes:
    """Draw how often each class was taken for each other one; cells carry the number of samples.

    Parameters
    ----------
    labels, predictions : ndarray of int, shape (n_samples,)
        True and predicted classes, in 0 .. ``n_classes`` - 1.
    ax : matplotlib Axes, optional
        Where to draw; a new figure where it is left out.
    n_classes : int
        Number of classes, at least 1.

    Returns
    -------
    matplotlib Axes
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.shape != predictions.shape or labels.ndim != 1 or labels.size == 0:
        raise ParameterError(f"confusion: labels {labels.shape} and predictions {predictions.shape} must be two "
                             "non-empty lists of the same length.")
    for name, values in (("labels", labels), ("predictions", predictions)):
        if values.min() < 0 or values.max() >= n_classes:
            raise ParameterError(f"confusion: {name} span {values.min()}..{values.max()}, allowed is "
                                 f"0..{n_classes - 1}. Raise n_classes or check the classes.")
    counts = np.zeros((n_classes, n_classes), dtype=int)
    np.add.at(counts, (labels, predictions), 1)
    rows = counts.sum(axis=1, keepdims=True)
    percent = 100.0 * np.divide(counts, rows, out=np.zeros(counts.shape), where=rows > 0)
    with styled():
        from matplotlib.colors import PowerNorm

        ax = new_axes(ax, (4.6, 4.0))
        # The square root keeps single mistakes visible beside a full diagonal.
        image = ax.imshow(percent, cmap="Blues", norm=PowerNorm(0.5, 0.0, 100.0))
        if n_classes <= 20:
            for row, column in zip(*np.nonzero(counts), strict=True):
                ax.text(column, row, counts[row, column], ha="center", va="center", fontsize=7 if n_classes > 6 else 9,
                        color="white" if percent[row, column] > 30.0 else "black")
            ax.set_xticks(range(n_classes))
            ax.set_yticks(range(n_classes))
        ax.grid(visible=False)
        for spine in ax.spines.values():
            spine.set_visible(False)
        ax.tick_params(length=0)
        bar = ax.figure.colorbar(image, ax=ax, ticks=[0, 1, 5, 20, 50, 100], shrink=0.85)
        bar.set_label("share of the true class (%)")
        bar.outline.set_visible(False)
        ax.set_xlabel("predicted class")
        ax.set_ylabel("true class")
        ax.set_title(f"{counts.trace()} of {labels.size} samples right ({100.0 * counts.trace() / labels.size:.1f} %)")
        return ax
