"""The figure of a fit: data and model, and what the model leaves over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neurosim.plot.style import BLACK, BLUE, GREY, VERMILION, WIDE, scaled, spans_decades, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from neurosim.fitting import Fit


def fit(result: Fit) -> Figure:
    """Draw measured and fitted values, and the residuals below zero and above, as percentages.

    Parameters
    ----------
    result : Fit
        From :func:`neurosim.fitting.fit_device`.
    """
    import matplotlib.pyplot as plt

    with styled():
        figure, (left, right) = plt.subplots(1, 2, figsize=WIDE)
        loop = result.measurement.kind == "iv"
        data, unit = scaled(result.data, "A" if loop else "S")
        largest = int(np.argmax(np.abs(result.data)))
        model = result.model * (data[largest] / result.data[largest])
        x = result.measurement["voltage"] if loop else np.arange(result.data.size)
        left.plot(x, data, color=GREY, marker="o", markersize=2, linestyle="none", label="measured")
        left.plot(x, model, color=VERMILION, linewidth=1.2, label=f"fitted: {result.device.model.name}")
        if not loop and spans_decades(data):
            left.set_yscale("log")
        left.set_xlabel("voltage (V)" if loop else "pulse number")
        left.set_ylabel(f"{'current' if loop else 'conductance'} ({unit})")
        left.set_title(f"deviation {100 * result.deviation:.2g} % (root mean square)")
        left.legend(loc="best")
        reference = np.abs(result.data).max() if loop else result.data
        right.axhline(0.0, color=BLACK, linewidth=0.6)
        right.plot(np.arange(result.data.size), 100.0 * (result.model - result.data) / reference, color=BLUE, marker="o",
                   markersize=2, linestyle="none")
        right.set_xlabel("row of the file" if loop else "pulse number")
        right.set_ylabel("residual (% of the largest current)" if loop else "residual (%)")
        right.set_title("A pattern here is missing physics")
        return figure
