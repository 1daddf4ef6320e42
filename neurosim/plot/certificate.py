"""Figure of an energy certificate: L on its way to rest, the gradient's error against beta, and what breaks the energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurosim.certify.certificate import Certificate
from neurosim.certify.networks import STARTS
from neurosim.certify.verdicts import FLOOR
from neurosim.errors import ParameterError
from neurosim.plot.panels import new_figure
from neurosim.plot.style import COLOURS, GREY, scaled, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

MARKERS = "os^dv"
KINDS = {"constant_current": "two-sided, constant current", "spring": "two-sided, spring", "one_sided": "one-sided"}


def certificate(result: Certificate, figure: FigureBase | None = None) -> FigureBase:
    """Return the figure of a certificate: three panels, without a potential two.

    Raises
    ------
    ParameterError
        Nothing was measured.
    """
    panels = [(draw, wanted) for draw, wanted in ((_energy, result.energy.size), (_errors, result.errors),
                                                  (_angle, result.sweeps)) if wanted]
    if not panels:
        raise ParameterError(f"{result.name}: nothing to draw: " + " ".join(verdict.text for verdict in result.verdicts))
    with styled():
        fig = new_figure(figure, (3.2 * len(panels) + 0.6, 3.0))
        for ax, (draw, _) in zip(np.ravel(fig.subplots(1, len(panels), squeeze=False)), panels, strict=True):
            draw(ax, result)
        fig.suptitle(f"{result.name}: {result.status.replace('_', ' ')}", x=0.01, ha="left", fontsize=10)
    return fig


def _energy(ax: Axes, result: Certificate) -> None:
    fall = result.energy - result.energy[-1]
    times, unit = scaled(result.times, "s")
    for k in range(fall.shape[1]):
        above = fall[:, k] / fall[0, k]
        shown, network = above > 1e-13, k // STARTS
        ax.plot(times[shown], above[shown], color=COLOURS[network % len(COLOURS)], linewidth=0.8,
                label=None if k % STARTS else f"network {network + 1}")
    ax.set_yscale("log")
    ax.set(xlabel=f"Time ({unit})", ylabel="L above its rest value, of its fall", title="L on the way to rest")
    ax.legend()


def _errors(ax: Axes, result: Certificate) -> None:
    betas = np.array(result.betas)
    for k, (kind, errors) in enumerate(result.errors.items()):
        ax.plot(betas, errors, marker=MARKERS[k], color=COLOURS[k], label=KINDS[kind])
    largest = np.nanmax([value for errors in result.errors.values() for value in errors])
    ax.plot(betas, 0.3 * largest * (betas / betas.max()) ** 2, ":", color=GREY, label="slope 2")
    ax.axhline(FLOOR, color=GREY, linewidth=0.8, linestyle="--")
    ax.text(betas.min(), FLOOR, "resolution", fontsize=7, color=GREY, va="bottom")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set(xlabel="Nudging strength beta (of g$_0$)", ylabel="Relative error", title="Gradient by nudging")
    ax.set_ylim(top=1e3 * largest)  # room for the legend
    ax.legend(loc="upper left")


def _angle(ax: Axes, result: Certificate) -> None:
    for k, (name, points) in enumerate(result.sweeps.items()):
        values = np.array([point.value for point in points])
        angle = np.degrees(np.arccos(np.clip([point.cosine for point in points], -1.0, 1.0)))
        share, label = (values, "asymmetry") if name == "asymmetry" else (values / values.max(), f"{name} / {values.max():.2g}")
        ax.plot(share, angle, marker=MARKERS[k % len(MARKERS)], color=COLOURS[k % len(COLOURS)], label=label)
        lost = np.array([not point.rested for point in points])
        ax.plot(share[lost], np.zeros(lost.sum()), "x", color=COLOURS[k % len(COLOURS)])
    ax.set(xlabel="Asymmetry, or share of the parameter", ylabel="Angle to the true gradient (degrees)")
    ax.set_title("What breaks it (x: no rest)")
    ax.set_ylim(bottom=0.0)
    ax.legend()
