"""One record of where a result comes from: versions, machine, code state, inputs, seeds and times.

The record is plain data (JSON), with its own schema version. Collecting it never fails a run: what cannot be found out
is null. The idea follows the provenance schema of tskit (J. Kelleher et al., PLoS Comput. Biol. 14, e1006581 (2018)).
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import neurosim
from neurosim.storage import write_json

if TYPE_CHECKING:
    from neurosim.card import Device
    from neurosim.datasets import Dataset

SCHEMA = 1
PACKAGES = ("numpy", "scipy", "numba", "llvmlite", "pydantic", "pint", "matplotlib")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
                    "NEUROSIM_STRICT")
GIT_SECONDS = 3.0
# Two runs that agree in these, and in their inputs, give the same bits.
_NOT_COMPARED = ("times", "argv", "folder", "machine")


def collect(*, seeds: Mapping[str, int], devices: Iterable[Device] = (), dataset: Dataset | None = None,
            config_sha256: str | None = None, argv: Sequence[str] | None = None,
            started: float | None = None) -> dict[str, Any]:
    """Return the provenance record of a run.

    Parameters
    ----------
    seeds : mapping of str to int
        Every seed by role.
    devices : iterable of Device
        Devices in use: card hash, overrides and fingerprint are recorded.
    dataset : Dataset, optional
        Its name, split and hash are recorded.
    config_sha256 : str, optional
        Hash of the resolved experiment configuration.
    argv : sequence of str, optional
        Command line; that of this process where it is left out.
    started : float, optional
        ``time.time()`` at the start; now where it is left out.

    Returns
    -------
    dict
        JSON-ready. ``times.finished`` and ``times.seconds`` are null until :func:`finish`.
    """
    return {
        "schema": SCHEMA,
        "neurosim": neurosim.__version__,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "machine": {"system": platform.platform(), "cpu": _cpu(), "cores": os.cpu_count(), "host": platform.node()},
        "threads": {name: os.environ.get(name) for name in THREAD_VARIABLES},
        "code": git_state(Path(neurosim.__file__).resolve().parent),
        "argv": list(sys.argv if argv is None else argv),
        "folder": str(Path.cwd()),
        "seeds": {role: int(seed) for role, seed in seeds.items()},
        "config_sha256": config_sha256,
        "devices": [_device(device) for device in devices],
        "data": None if dataset is None else {"name": dataset.name, "split": dataset.split, "sha256": dataset.sha256,
                                              "attribution": dataset.attribution},
        "times": {"started": _iso(time.time() if started is None else started), "finished": None, "seconds": None},
    }


def finish(record: Mapping[str, Any], finished: float | None = None) -> dict[str, Any]:
    """Return the record with the time of its end and the seconds since its start."""
    end = time.time() if finished is None else finished
    begin = datetime.fromisoformat(record["times"]["started"]).timestamp()
    times = {**record["times"], "finished": _iso(end), "seconds": round(end - begin, 3)}
    return {**record, "times": times}


def write(path: str | Path, record: Mapping[str, Any]) -> str:
    """Write a record as JSON, atomically, and return the sha256 of the file."""
    return write_json(path, dict(record))


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Return one line for each entry in which two records differ; times, machine and command line are left out.

    Examples
    --------
    >>> differences({"neurosim": "0.1", "seeds": {"a": 1}}, {"neurosim": "0.1", "seeds": {"a": 2}})
    ['seeds.a: 1 -> 2']
    """
    flat_first, flat_second = _flat(first), _flat(second)
    keys = [key for key in dict.fromkeys([*flat_first, *flat_second]) if key.split(".")[0] not in _NOT_COMPARED]
    return [f"{key}: {flat_first.get(key)} -> {flat_second.get(key)}" for key in keys
            if flat_first.get(key) != flat_second.get(key)]


def git_state(folder: Path) -> dict[str, Any] | None:
    """Return commit and whether files differ from it, None where ``folder`` is not in its project's own checkout.

    A package installed into an environment inside someone's repository is not that repository's code: the package must
    lie directly in the checkout and be tracked there.
    """
    root = _git(folder, "rev-parse", "--show-toplevel")
    if root is None or Path(root).resolve() != folder.parent:
        return None
    if not _git(folder, "ls-files", "--", "errors.py"):
        return None
    changes = _git(folder.parent, "status", "--porcelain", "--untracked-files=no")
    return {"commit": _git(folder, "rev-parse", "HEAD"), "changed": None if changes is None else bool(changes)}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        # Optional locks off: asking must not disturb a git command of the user.
        done = subprocess.run(["git", "--no-optional-locks", "-C", str(folder), *arguments], capture_output=True,
                              text=True, check=True, timeout=GIT_SECONDS, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip()


def _device(device: Device) -> dict[str, Any]:
    return {"name": device.name, "form": device.form, "card_sha256": device.sha256, "overrides": dict(device.overrides),
            "fingerprint": device.fingerprint, "source": device.card.source.doi or device.card.source.title}


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cpu() -> str | None:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or None


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _flat(record: Any, prefix: str = "") -> dict[str, Any]:
    if isinstance(record, Mapping):
        parts = record.items()
    elif isinstance(record, (list, tuple)):
        parts = [(str(index), part) for index, part in enumerate(record)]  # type: ignore[assignment]
    else:
        return {prefix.rstrip("."): record}
    return {key: value for name, part in parts for key, value in _flat(part, f"{prefix}{name}.").items()}
