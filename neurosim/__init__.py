"""neurosim: neuromorphic hardware at device level, learning in place by equilibrium propagation.

Names are imported when they are first used: importing this package does not import numba.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "load_device": "library", "load_model": "library", "list_devices": "library",
    "Crossbar": "crossbar_spec", "Network": "network", "Inputs": "network", "Neurons": "network", "SettleOptions": "network",
    "Constant": "waveform", "Pulse": "waveform", "PulseTrain": "waveform", "Triangle": "waveform", "Sine": "waveform",
    "Config": "config", "load_config": "config", "build": "experiment", "simulate": "simulation.simulate",
    "modify_device": "modifiers.compose",
}
_MODULES = ("characterise", "datasets", "errors", "fitting", "learning", "plot", "units")
__all__ = sorted([*_WHERE, *_MODULES])  # noqa: PLE0605 the names are lazy


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"neurosim.{_WHERE[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"neurosim.{name}")
    raise AttributeError(f"module 'neurosim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
