"""Figures: ``plot.iv(result) -> Axes``. Each draws one result and names its units; showing and saving is left to you.

Importing this package does not import matplotlib; the first figure does.
"""

from __future__ import annotations

from neurosim.plot.device import iv, pulses

__all__ = ["iv", "pulses"]
