"""Where compiled kernels are kept; importing this costs nothing."""

from __future__ import annotations

import os
from pathlib import Path


def cache_root() -> Path:
    """Return the folder that holds compiled kernels (``NEUROSIM_CACHE_DIR`` or the user's cache folder)."""
    if chosen := os.environ.get("NEUROSIM_CACHE_DIR"):
        return Path(chosen)
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "neurosim" / "kernels"


def is_cold() -> bool:
    """Tell whether nothing has been compiled here yet."""
    try:
        return not any(cache_root().iterdir())
    except OSError:
        return True
