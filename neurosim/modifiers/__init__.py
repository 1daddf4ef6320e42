"""Modifiers: nonidealities that can be put around any two-terminal device model, in any number and order.

:func:`modify` takes a :class:`~neurosim.device.DeviceModel` and returns one; :func:`modify_device` does the same with a card.
What there is, and which model takes what, stands in ``README.md`` of this folder (``python -m neurosim.modifiers``).
"""

from __future__ import annotations

import importlib
from typing import Any

_WHERE = {"modify": "compose", "modify_device": "compose", "CATALOGUE": "catalogue", "why_not": "catalogue",
          "ModifierTable": "schema"}
__all__ = sorted(_WHERE)  # noqa: PLE0605 the names are lazy


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"neurosim.modifiers.{_WHERE[name]}"), name)
    raise AttributeError(f"module 'neurosim.modifiers' has no attribute {name!r}")
