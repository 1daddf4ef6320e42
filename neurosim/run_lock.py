"""The lock of a run folder: two writers in one folder would mix their results.

It is a file that names process and host, created by a hard link (atomic, also on network file systems). It is stale
when that process of this host is gone, or its number now belongs to a younger process. A process of another host cannot
be checked: the user decides.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from neurosim.errors import StorageError
from neurosim.storage import storage_error, unlink, write_atomic

LOCK_NAME = "run.lock"
TAKEOVER_SECONDS = 10.0  # an unreadable or half-taken lock younger than this may still be in the making


class RunLock:
    """Exclusive right to write in a run folder, as a context manager.

    Parameters
    ----------
    folder : str or Path
        An existing run folder.

    Raises
    ------
    StorageError
        Another writer holds it; the message names process and host.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, RunLock(folder) as lock:
    ...     lock.held
    True
    """

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder) / LOCK_NAME
        self._token = secrets.token_hex(8)

    def acquire(self) -> RunLock:
        """Take the lock, replacing a stale one."""
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "born": _birth(os.getpid()), "token": self._token,
                 "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        partial = self.path.with_name(f".{LOCK_NAME}.{self._token}.part")
        try:
            write_atomic(partial, json.dumps(owner).encode())
            if not _link(partial, self.path):
                self._take_over(partial)
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise storage_error(self.path, "lock the run", error) from error
        finally:
            unlink(partial)
        return self

    def release(self) -> None:
        """Give the lock back; nothing happens where another process has taken it over."""
        if self.held:
            unlink(self.path)

    @property
    def held(self) -> bool:
        """Whether the lock file is still ours."""
        return _read_owner(self.path).get("token") == self._token

    def __enter__(self) -> RunLock:
        return self.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.release()

    def _take_over(self, partial: Path) -> None:
        """Replace a stale lock. A second file serialises this: of two processes that see it stale, one wins."""
        gate = self.path.with_name(f".{LOCK_NAME}.takeover")
        if _age(gate) > TAKEOVER_SECONDS:
            unlink(gate)
        if not _link(partial, gate):
            raise StorageError(f"{self.path.parent}: another process is taking over this run. Try again in a moment.")
        try:
            if _link(partial, self.path):  # released in the meantime
                return
            owner = _read_owner(self.path)
            if not _is_stale(owner, self.path):
                who = f"process {owner.get('pid', '?')} on {owner.get('host', 'an unknown host')}"
                raise StorageError(f"{self.path.parent}: in use by {who} since {owner.get('since', '?')}. Wait for it, "
                                   f"choose another folder, or delete {self.path.name} if that process is surely gone.")
            os.replace(partial, self.path)
        finally:
            unlink(gate)


def _is_stale(owner: dict[str, Any], path: Path) -> bool:
    if not owner:
        return _age(path) > TAKEOVER_SECONDS
    if owner.get("host") != socket.gethostname() or os.name != "posix":
        return False
    pid = owner.get("pid")
    if not isinstance(pid, int) or isinstance(pid, bool) or pid <= 0:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    # Same number, other process: process numbers are used again, after a reboot at once.
    return bool(owner.get("born")) and owner["born"] != _birth(pid)


def _birth(pid: int) -> str:
    """Return boot and start time of a process, empty where the system does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
    return f"{boot}:{started}"


def _read_owner(path: Path) -> dict[str, Any]:
    try:
        owner = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return owner if isinstance(owner, dict) else {}


def _link(source: Path, target: Path) -> bool:
    """Create ``target`` with the content of ``source`` unless it exists, atomically; tell whether it was created."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError:
        # No hard links here (FAT, some network shares): exclusive creation is atomic, its content is not.
        try:
            with open(target, "xb") as file:
                file.write(source.read_bytes())
        except FileExistsError:
            return False
    return True


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return -1.0
