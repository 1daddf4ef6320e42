"""One look for every figure: readable at the width of a journal column, and for colour-blind readers.

Colours: M. Okabe and K. Ito, Color Universal Design (2008), dark ones first; yellow is left out, it vanishes on white.
Nothing global is changed: :func:`styled` sets the style inside a ``with`` block only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from neurosim.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
GREY = "#6E6E6E"
SEQUENTIAL, DIVERGING = "viridis", "RdBu_r"
SINGLE = (4.8, 3.4)   # inches: text of 9 points stays readable when printed at 85 mm
WIDE = (7.2, 3.4)
DPI = 300

_SETTINGS: Mapping[str, Any] = MappingProxyType({
    "figure.dpi": 110, "savefig.dpi": DPI, "savefig.bbox": "tight", "figure.constrained_layout.use": True,
    "font.size": 9, "axes.titlesize": 9.5, "axes.labelsize": 9, "legend.fontsize": 8, "xtick.labelsize": 8,
    "ytick.labelsize": 8, "axes.titlelocation": "left", "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": "#DDDDDD", "grid.linewidth": 0.6, "axes.axisbelow": True, "lines.linewidth": 1.4,
    "lines.markersize": 4, "legend.frameon": True, "legend.framealpha": 0.85, "legend.edgecolor": "none",
    "image.cmap": SEQUENTIAL, "axes.formatter.useoffset": False, "pdf.fonttype": 42, "svg.fonttype": "none",
})
_PREFIXES = ((-15, "f"), (-12, "p"), (-9, "n"), (-6, "µ"), (-3, "m"), (0, ""), (3, "k"), (6, "M"), (9, "G"))


@contextmanager
def styled() -> Iterator[None]:
    """Apply the style inside a ``with`` block."""
    import matplotlib
    from cycler import cycler

    settings: dict[Any, Any] = {**_SETTINGS, "axes.prop_cycle": cycler(color=COLOURS)}
    with matplotlib.rc_context(settings):
        yield


def new_axes(ax: Axes | None = None, size: tuple[float, float] = SINGLE) -> Axes:
    """Return the given axes, or those of a new figure of ``size`` [inches]; call it inside :func:`styled`."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size)[1]


def scaled(values: Any, unit: str) -> tuple[np.ndarray, str]:
    """Return values in a readable multiple of the unit, and its name: (array, "µA")."""
    array = np.asarray(values, dtype=float)
    finite = np.abs(array[np.isfinite(array)])
    largest = float(finite.max()) if finite.size else 0.0
    if largest == 0.0 or not unit:
        return array, unit
    exponent, prefix = next((pair for pair in reversed(_PREFIXES) if largest >= 10.0 ** pair[0]), _PREFIXES[0])
    return array / 10.0**exponent, prefix + unit.replace("ohm", "Ω")


def spans_decades(values: Any, decades: float = 1.0) -> bool:
    """Tell whether positive values cover more than the given decades, so that a log scale shows them better."""
    array = np.asarray(values, dtype=float)
    return bool(array.size and array.min() > 0.0 and array.max() > array.min() * 10.0**decades)


def save(drawing: Any, path: str | Path) -> None:
    """Write the figure of axes, or a figure itself, to a file and close it; the ending of the name chooses the format.

    Raises
    ------
    ParameterError
        The ending is no format of figures.
    """
    import matplotlib.pyplot as plt

    figure = drawing if hasattr(drawing, "savefig") else drawing.get_figure(root=True)
    ending, known = Path(path).suffix[1:].lower(), figure.canvas.get_supported_filetypes()
    if ending and ending not in known:
        plt.close(figure)
        raise ParameterError(f'{path}: ".{ending}" is no format of figures. Use one of {", ".join(sorted(known))}; '
                             f"for the data give --json.")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plt.close(figure)
