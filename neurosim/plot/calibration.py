"""Figure of a calibration: the levels of detail of one device, which should lie on each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from neurosim.calibration import Calibration, Panel
from neurosim.errors import ParameterError
from neurosim.plot.panels import new_figure
from neurosim.plot.style import COLOURS, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

DASHES = ("-", "--", ":", "-.")


def calibration(result: Calibration, name: str = "", figure: FigureBase | None = None) -> FigureBase:
    """Return the figure of a calibration, two panels a row.

    Raises
    ------
    ParameterError
        The calibration has no panels.
    """
    if not result.panels:
        raise ParameterError("calibration: no panel to draw: " + " ".join(result.notes))
    rows = math.ceil(len(result.panels) / 2)
    with styled():
        fig = new_figure(figure, (7.2, 2.9 * rows))
        axes = np.ravel(fig.subplots(rows, 2, squeeze=False))
        for ax, panel in zip(axes, result.panels, strict=False):
            _draw(ax, panel)
        for ax in axes[len(result.panels):]:
            ax.set_visible(False)
        if name:
            fig.suptitle(f"{name}: levels of detail", x=0.01, ha="left", fontsize=10)
    return fig


def _draw(ax: Axes, panel: Panel) -> None:
    lines = 0
    for number, curve in enumerate(panel.curves):
        colour = COLOURS[number % len(COLOURS)]
        if curve.error is not None:
            ax.errorbar(curve.x, curve.y, curve.error, fmt="o", color=colour, label=curve.label, capsize=2, zorder=3)
        else:
            ax.plot(curve.x, curve.y, DASHES[lines % len(DASHES)], color=colour, label=curve.label)
            lines += 1
    if panel.log_y:
        ax.set_yscale("log")
    ax.set_title(panel.title)
    ax.set_xlabel(panel.x_label)
    ax.set_ylabel(panel.y_label)
    ax.legend()
