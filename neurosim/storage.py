"""Files that are whole or absent, and hashes that tell damage.

A file is written to a temporary name in the same folder, flushed, synced and renamed; then the folder is synced. After
a crash at any moment a reader sees the old file or the new one, never half of one.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from neurosim.errors import StorageError

CHUNK = 1 << 20

_REMEDIES = {
    errno.ENOSPC: "The disk is full: free some space, then resume.",
    errno.EDQUOT: "The disk quota is used up: free some space, then resume.",
    errno.EACCES: "Choose a folder that you may write to.",
    errno.EPERM: "Choose a folder that you may write to.",
    errno.EROFS: "The file system is read-only: choose another folder.",
    errno.ENOTDIR: "A part of the path is a file: choose another folder.",
    errno.EISDIR: "The path is a folder: give the name of a file.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
}


def storage_error(path: str | Path, doing: str, error: OSError) -> StorageError:
    """Return the error to raise for a failed file operation: path, reason and remedy."""
    remedy = _REMEDIES.get(error.errno or 0, "Check the path and the disk.")
    return StorageError(f"{path}: cannot {doing}: {error.strerror or error}. {remedy}")


@contextmanager
def atomic_file(path: str | Path) -> Iterator[IO[bytes]]:
    """Give a binary file to write that appears under ``path`` only once it is complete and on disk.

    On any exception the temporary file is deleted and an existing file at ``path`` stays as it was. The folder must
    exist.

    Raises
    ------
    StorageError
        The file cannot be created, written or renamed.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise StorageError(f"{path}: cannot write the file: it is a folder. Give the name of a file.")
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise error if isinstance(error, StorageError) else storage_error(path, "write the file", error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _give_usual_mode(name)
        os.replace(name, path)
        sync_folder(path.parent)
    except OSError as error:
        unlink(name)
        raise error if isinstance(error, StorageError) else storage_error(path, "write the file", error) from error
    except BaseException:
        unlink(name)
        raise


def write_atomic(path: str | Path, data: bytes) -> str:
    """Write a whole file atomically and return the sha256 of its bytes."""
    with atomic_file(path) as file:
        file.write(data)
    return sha256(data)


def write_text(path: str | Path, text: str) -> str:
    """Write UTF-8 text atomically (no newline translation) and return the sha256 of its bytes."""
    return write_atomic(path, text.encode())


def write_json(path: str | Path, content: Any) -> str:
    """Write JSON atomically and return the sha256 of its bytes; NaN and infinity are refused, JSON has none."""
    try:
        text = json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise StorageError(f"{path}: cannot write JSON: {error}. Store such numbers as null or in an array file."
                           ) from error
    return write_text(path, text + "\n")


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray]) -> str:
    """Write named arrays atomically as an npz archive (with its checksums) and return the sha256 of the file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return write_atomic(path, buffer.getvalue())


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """Return the arrays of an npz archive; damage is found by the archive's checksums."""
    data = read_bytes(path)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except Exception as error:  # a flipped bit in a header asks for any method, password or size
        raise StorageError(f"{path}: damaged archive ({error}). Restore it from a copy or run again.") from error


def read_bytes(path: str | Path, expected_sha256: str = "") -> bytes:
    """Return the bytes of a file, checked against a hash where one is given.

    Raises
    ------
    StorageError
        The file cannot be read, or its bytes are not those that were written.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise storage_error(path, "read the file", error) from error
    if expected_sha256 and sha256(data) != expected_sha256:
        raise StorageError(f"{path}: damaged: {len(data)} bytes with sha256 {sha256(data)[:12]}..., expected "
                           f"{expected_sha256[:12]}.... Restore it from a copy or run again.")
    return data


def read_json(path: str | Path, expected_sha256: str = "") -> Any:
    """Return the content of a JSON file."""
    data = read_bytes(path, expected_sha256)
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise StorageError(f"{path}: not valid JSON: {error}. Restore it from a copy or run again.") from error


def make_folder(path: str | Path) -> Path:
    """Create a folder with its parents and return it."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(path, "create the folder", error) from error
    return path


def sha256(data: bytes) -> str:
    """Return the sha256 of bytes as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: str | Path) -> str:
    """Return the sha256 of a file, read in pieces."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
    except OSError as error:
        raise storage_error(path, "read the file", error) from error
    return digest.hexdigest()


def sha256_json(content: Any) -> str:
    """Return the sha256 of a value's canonical JSON: independent of the order of keys."""
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode())


def sync_folder(folder: str | Path) -> None:
    """Put the names in a folder on disk; without it a rename can be lost in a power cut."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync a folder; the file itself is already on disk.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)


def _give_usual_mode(name: str) -> None:
    """Replace the private mode of a temporary file by the mode that ``open`` would have given."""
    mask = os.umask(0)
    os.umask(mask)
    with suppress(OSError):
        os.chmod(name, 0o666 & ~mask)


def unlink(path: str | Path) -> None:
    """Delete a file if it is there and can be deleted."""
    with suppress(OSError):
        os.unlink(path)
