"""What figures of several panels share: the figure itself, panel letters, the sample axis, columns of a history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neurosim.errors import ParameterError, did_you_mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

LOG_SPACED = 8.0  # ratio of the largest to the smallest gap between records above which the sample axis is logarithmic


def new_figure(figure: FigureBase | None, size: tuple[float, float]) -> FigureBase:
    """Return the given figure or subfigure, or a new one of ``size`` [inches]; call it inside ``styled``."""
    if figure is not None:
        return figure
    import matplotlib.pyplot as plt

    return plt.figure(figsize=size, layout="constrained")


def epoch_column(history: Sequence[Mapping[str, float]], name: str) -> np.ndarray:
    """Return one quantity of a training history, shape (n_epochs,).

    Raises
    ------
    ParameterError
        The history is empty or an epoch has no such key.
    """
    if not len(history):
        raise ParameterError("history: no finished epoch to draw. Train at least one epoch, or load the history of a run.")
    for row, epoch in enumerate(history):
        if name not in epoch:
            raise ParameterError(f'history, epoch entry {row}: no "{name}".{did_you_mean(name, epoch)}')
    return np.array([float(epoch[name]) for epoch in history])


def per_sample(history: Sequence[Mapping[str, float]], name: str) -> np.ndarray:
    """Return one summed quantity of a training history per sample; nan where an epoch has no samples."""
    samples = epoch_column(history, "samples")
    return np.divide(epoch_column(history, name), samples, out=np.full(samples.size, np.nan), where=samples > 0)


def required(data: Mapping[str, Any], name: str, what: str) -> np.ndarray:
    """Return an array of a result by name, or raise a ParameterError that names what is missing."""
    if name not in data:
        raise ParameterError(f'{what}: no "{name}".{did_you_mean(name, data)}')
    return np.asarray(data[name])


def epoch_axis(ax: Axes, epochs: np.ndarray) -> None:
    """Number epochs from 1, at whole numbers only, with room for a single one."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlim(epochs[0] - 0.6, epochs[-1] + 0.6)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7, min_n_ticks=1, steps=[1, 2, 5, 10]))
    ax.set_xlabel("epoch")


def sample_axis(ax: Axes, samples: np.ndarray) -> None:
    """Count samples along x: linear, or linear to 1 and logarithmic beyond where the records are log-spaced."""
    from matplotlib.ticker import FuncFormatter

    gaps = np.diff(samples)
    if gaps.size and gaps.max() > LOG_SPACED * gaps.min():
        ax.set_xscale("symlog", linthresh=1.0, linscale=0.35)
        ax.set_xticks([0, *10 ** np.arange(int(np.log10(samples[-1])) + 1)])
        ax.xaxis.set_minor_locator(_minor_decades())
        ax.set_xlim(samples[0], samples[-1])
    elif gaps.size:
        ax.set_xlim(samples[0], samples[-1])
    else:
        ax.set_xticks(samples)
        ax.set_xlim(samples[0] - 1.0, samples[0] + 1.0)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short_count(value)))
    ax.set_xlabel("samples learned")


def short_count(value: float) -> str:
    """Return a count in at most five characters: 0, 100, 10k, 2.5M."""
    for divisor, suffix in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= divisor:
            return f"{value / divisor:g}{suffix}"
    return f"{value:g}"


def plain_decades(ax: Axes) -> None:
    """Make the y axis logarithmic with plain numbers (0.1, 1, 10) while they stay short."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_count(value) if value >= 1e-3 else f"{value:.0e}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def letter_panels(axes: Iterable[Axes]) -> None:
    """Put a, b, c ... before the titles, so that a text can refer to a panel."""
    for letter, ax in zip("abcdefghijklmnopqrstuvwxyz", axes, strict=False):
        ax.set_title(f"{letter}  {ax.get_title(loc='left')}", loc="left")


def _minor_decades() -> Any:
    from matplotlib.ticker import SymmetricalLogLocator

    return SymmetricalLogLocator(base=10, linthresh=1.0, subs=list(range(2, 10)))
