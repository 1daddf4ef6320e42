"""What the figures of devices share: quantities as text, ticks of logarithmic axes, a legend that covers no data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from neurosim.units import format_quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST_TITLE = 56  # characters that fit above axes of half a page
FEW_DECADES = 2.0  # below which the ticks between the decades get numbers
_MICRO = re.compile(r" u(?=[A-Za-z])")


def shown(value: float, unit: str) -> str:
    """Return a quantity for a figure: "−900 mV", "4.37 µs"."""
    return _MICRO.sub(" µ", format_quantity(value, unit)).replace("-", "−")


def entitle(ax: Axes, device: str, text: str) -> None:
    """Write the title "device: text", in two lines where one would run past the axes."""
    ax.set_title(f"{device}{': ' if len(device) + len(text) + 2 <= LONGEST_TITLE else chr(10)}{text}")


def legend_above(ax: Axes, columns: int = 3) -> None:
    """Put the legend in lines, filled one after the other, between the title and the axes, where it covers nothing."""
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        order = [k for column in range(columns) for k in range(column, len(handles), columns)]  # matplotlib fills columns
        ax.legend([handles[k] for k in order], [labels[k] for k in order], loc="lower left", bbox_to_anchor=(0.0, 1.0),
                  ncol=columns, borderaxespad=0.2, handlelength=2.0, columnspacing=1.2, borderpad=0.1)
        rows = -(-len(handles) // columns)
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
