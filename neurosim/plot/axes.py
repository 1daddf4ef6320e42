"""What the figures of devices share: quantities as text, ticks of logarithmic axes, a legend that covers no data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from neurosim.units import format_quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW_DECADES = 1.7  # below which the ticks between the decades get numbers
_MICRO = re.compile(r" u(?=[A-Za-z])")


def shown(value: float, unit: str) -> str:
    """Return a quantity for a figure: "−900 mV", "4.37 µs"."""
    return _MICRO.sub(" µ", format_quantity(value, unit)).replace("-", "−")


def legend_above(ax: Axes, columns: int = 3) -> None:
    """Put the legend in a line between the title and the axes, where it covers nothing."""
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncol=columns, borderaxespad=0.2, handlelength=1.6,
                  columnspacing=1.2, borderpad=0.1)
        rows = -(-len(ax.get_legend_handles_labels()[0]) // columns)
        ax.set_title(ax.get_title(loc="left"), loc="left", pad=6.0 + 13.0 * rows)


def log_ticks(axis: Any, unit: str = "") -> None:
    """Give a logarithmic axis numbers that are read at a glance: 1 µs, 10 ms where a unit is given, else 0.2, 5, 100."""
    from matplotlib.ticker import EngFormatter, FuncFormatter, LogLocator, NullFormatter

    low, high = axis.get_view_interval()
    few = 0.0 < low < high < low * 10.0**FEW_DECADES
    plain = EngFormatter(unit=unit, sep=" ") if unit else FuncFormatter(lambda value, _: f"{value:g}")
    if few:
        axis.set_minor_locator(LogLocator(subs=(2.0, 5.0) if high > 3.0 * low else (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)))
    axis.set_minor_formatter(plain if few else NullFormatter())
    if unit or few or (low >= 1e-3 and high <= 1e4):
        axis.set_major_formatter(plain)
