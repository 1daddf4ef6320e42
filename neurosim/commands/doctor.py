"""``neurosim doctor``: tells whether everything is here that a run needs, and whether a kernel computes the right law."""

from __future__ import annotations

import argparse
import platform
import time
import warnings
from collections.abc import Callable

from neurosim.commands.run import print_json
from neurosim.errors import EXIT_FAILED_RUN, EXIT_OK

WARNING = "warning: "  # begins the detail of a check that passes with a remark


def doctor(options: argparse.Namespace) -> int:
    """Print one line per check; exit 1 if one fails."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("python", platform.python_version), ("packages", _packages), ("kernel cache", _cache), ("kernels", _kernels),
        ("device library", _library), ("data", _data), ("figures", _figures),
    ]
    if options.compile:
        checks.insert(2, ("compiled", _compiled))
    results, ok = {}, True
    for name, check in checks:
        try:
            text, good = check(), True
        except Exception as error:  # a diagnosis must survive every kind of broken installation
            text, good = f"{type(error).__name__}: {error}", False
        ok &= good
        results[name] = {"ok": good, "detail": text}
        if not options.json:
            print(f"{_word(good, text)}  {name:15s} {text.removeprefix(WARNING)}")
    if options.json:
        print_json({"status": "ok" if ok else "failed", "checks": results})
    return EXIT_OK if ok else EXIT_FAILED_RUN


def _word(good: bool, text: str) -> str:
    return "FAIL" if not good else "warn" if text.startswith(WARNING) else "ok  "


def _packages() -> str:
    from importlib import metadata

    return ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "scipy", "numba", "matplotlib", "pydantic"))


def _cache() -> str:
    from neurosim.kernels import jit

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted, used = jit.cache_root(), jit._writable_root()
    if used == wanted:
        return str(used)
    instead = f"{used} is used instead" if used else "kernels are compiled anew in every process"
    return (f"{WARNING}{wanted} is not usable (not writable, or owned by somebody else): {instead}. "
            f"Set NEUROSIM_CACHE_DIR to a folder of yours.")


def _compiled() -> str:
    from neurosim.compile_ahead import compile_ahead

    return f"engine and all device models, in {compile_ahead():.0f} s"


def _kernels() -> str:
    import numpy as np

    began = time.perf_counter()
    from neurosim.kernels.rng import fill_normal

    out = np.empty((1, 4096))
    fill_normal(out, np.uint64(1), 0, 0, 0, 4096)
    if abs(out.mean()) > 0.1 or abs(out.std() - 1) > 0.1:
        raise RuntimeError("normal numbers have the wrong law")
    return f"loaded and checked in {time.perf_counter() - began:.2f} s"


def _library() -> str:
    from neurosim.library import list_devices, problems

    if problems():
        raise RuntimeError("; ".join(problems()))
    return f"{len(list_devices())} cards"


def _data() -> str:
    from neurosim.datasets import digits

    return f"digits, sha256 {digits().sha256[:12]}"


def _figures() -> str:
    import matplotlib

    return f"matplotlib backend {matplotlib.get_backend()}"
