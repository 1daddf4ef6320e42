"""One way to compile: ``@kernel`` (array kernels, cached on disk) and ``@scalar_kernel`` (inlined helpers).

Why not plain ``numba.njit(cache=True)``: numba keys its cache by the decorated function's own file, so editing a helper in
another file silently returns stale results, and a truncated cache file crashes every later run. Here each *module* has a
cache folder named by the sha256 of its own source, the sources of every project module it imports, the compiler versions and
the flags. Editing a device therefore recompiles that device alone, and a damaged folder is deleted and built again.

Flags: ``error_model="numpy"`` always (no zero-division branch, loops vectorise). ``contract`` (fused multiply-add) always,
unless ``NEUROSIM_STRICT=1``: without it the bits no longer depend on the processor. Never ``nnan`` or ``ninf``: they delete
the NaN checks. ``reassoc`` only for reductions that ask for it, where the order is then fixed per processor type.

A kernel may be a closure over other kernels, numbers, strings and tuples of them (a modifier around a device). Numba pickles
what is closed over, which differs in every process, so its cache would grow and never hit; here such a kernel is known by
the sources and the byte code of all that it closes over, and each combination has a folder of its own.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

import llvmlite
import numba
from numba import njit
from numba.core.caching import FunctionCache
from numba.core.typeinfer import register_dispatcher

from neurosim.kernels.cache_folder import cache_root

Function = TypeVar("Function", bound=Callable[..., Any])

numba_config: Any = numba.config
STRICT = os.environ.get("NEUROSIM_STRICT", "") == "1"
WAITS, WAIT = 4, 0.25  # times, seconds
KEPT_VERSIONS = 3  # cache folders kept per module, so that switching between two branches does not recompile


def flags(reassociate: bool = False) -> dict[str, Any]:
    """Return the numba options used for every kernel."""
    fast = set() if STRICT else {"contract"}
    if reassociate and not STRICT:
        fast.add("reassoc")
    return {"error_model": "numpy", "fastmath": fast or False}


def kernel(signature: Any, *, reassociate: bool = False) -> Callable[[Function], Function]:
    """Compile a function for one explicit numba signature and keep the machine code on disk.

    Parameters
    ----------
    signature : numba signature
        Return and argument types, for example one of :mod:`neurosim.kernels.signatures`.
    reassociate : bool
        Let the compiler vectorise reductions; the summation order is then fixed per processor type.
    """

    def decorate(function: Function) -> Function:
        folder = _cache_folder(function.__module__)
        options = flags(reassociate)
        try:
            closure = _named_apart(function)
        except _UnknownSourceError:
            folder = None
        if folder is None:
            return njit(signature, **options)(function)
        for attempt in (1, 2):
            try:
                return _compile_cached(function, signature, options, folder, closure)
            except Exception as error:
                if attempt == 2 or not _looks_damaged(error):
                    raise
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True, exist_ok=True)
        raise AssertionError("unreachable")

    return decorate


def scalar_kernel(function: Function) -> Function:
    """Compile a scalar helper lazily; it is always inlined (a call would stop vectorisation) and cached with its callers."""
    with contextlib.suppress(_UnknownSourceError):  # its callers are not cached then
        _named_apart(function)
    return njit(forceinline=True, **flags())(function)


def _compile_cached(function: Function, signature: Any, options: dict[str, Any], folder: Path, closure: str) -> Function:
    previous = numba_config.CACHE_DIR
    numba_config.CACHE_DIR = str(folder / closure[:16])
    try:
        if closure:
            compiled = _compile_closure(function, signature, options, closure)
        else:
            compiled = njit(signature, cache=True, **options)(function)
    finally:
        numba_config.CACHE_DIR = previous
    _write_checksums(folder)
    return compiled


class _ClosureCache(FunctionCache):
    """Numba's cache of one function, keyed by a given identity instead of the pickled closure."""

    def __init__(self, function: Any, key: str) -> None:
        super().__init__(function)
        self._key = key

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        return sig, codegen.magic_tuple(), self._key


def _compile_closure(function: Any, signature: Any, options: dict[str, Any], key: str) -> Any:
    """Do what ``njit(signature, cache=True)`` does, with the cache of :class:`_ClosureCache`."""
    compiled: Any = njit(**options)(function)
    compiled._cache = _ClosureCache(function, key)
    with register_dispatcher(compiled):
        compiled.compile(signature)
        compiled.disable_compile()
    return compiled


def _named_apart(function: Any) -> str:
    """Return the identity of a closure after adding it to its name; ``""`` for a function that closes over nothing.

    Symbols of machine code are made of the name and a number that each process counts anew. Two closures of one function, one
    compiled here and one loaded, could have the same symbol, and the linker would silently take the wrong one.
    """
    if not function.__closure__ or _writable_root() is None:
        return ""
    key = identity(function)
    function.__qualname__ += f"_{key[:16]}"
    return key


class _UnknownSourceError(Exception):
    """A kernel was typed in, not read from a file: nothing tells whether a cached version of it is still the same."""


def identity(value: Any) -> str:
    """Return a sha256 of a kernel, the same in every process: sources of its module, byte code, and all it closes over.

    Raises
    ------
    TypeError
        It closes over something else than kernels, numbers, strings and tuples.
    """
    function = getattr(value, "py_func", value)
    if isinstance(function, (bool, int, float, str)):
        return f"{type(function).__name__}:{function!r}"
    if isinstance(function, tuple):
        return f"({', '.join(identity(item) for item in function)})"
    if not isinstance(function, FunctionType):
        raise TypeError(f"a kernel closes over {value!r}: only kernels, numbers, strings and tuples of them can be cached.")
    if _source_path(function.__module__) is None:
        raise _UnknownSourceError(function.__module__)
    code = function.__code__
    digest = hashlib.sha256(f"{_frozen_key(function.__module__)} {function.__qualname__} {code.co_firstlineno}".encode())
    digest.update(code.co_code)
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        digest.update(f"{name}={identity(cell.cell_contents)}".encode())
    return digest.hexdigest()


@functools.cache
def _frozen_key(module: str) -> str:
    """Return the key of a module as it was when this process first used it."""
    return module_key(module)


def _looks_damaged(error: Exception) -> bool:
    """Tell a damaged cache file from a typing error in the kernel itself."""
    return not isinstance(error, (numba.core.errors.NumbaError, NameError, SyntaxError))


@functools.cache
def _writable_root() -> Path | None:
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    for root in (cache_root(), Path(tempfile.gettempdir()) / f"neurosim-kernels-{user}"):
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            if hasattr(os, "getuid") and root.stat().st_uid != os.getuid():
                continue  # somebody else could plant machine code there
            with tempfile.TemporaryFile(dir=root):
                return root
        except OSError:
            continue
    warnings.warn("no writable cache folder: kernels are compiled anew in every process "
                  "(set NEUROSIM_CACHE_DIR to a writable folder)", RuntimeWarning, stacklevel=2)
    return None


@functools.cache
def _cache_folder(module: str) -> Path | None:
    """Return the verified cache folder of a module, None where nothing can be cached."""
    root = _writable_root()
    if root is None or numba_config.DISABLE_JIT or _source_path(module) is None:
        return None
    folder = root / f"{module}-{module_key(module)[:16]}"
    if folder.exists() and not _checksums_hold(folder):
        shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _prune(root, module, keep=folder)
    return folder


def module_key(module: str) -> str:
    """Return the sha256 of a module's source, of all project sources it imports, and of compiler and flags."""
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__} {sys.version_info[:2]} {STRICT}".encode())
    for path in sorted(_project_sources(module)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@functools.cache
def _project_sources(module: str) -> frozenset[Path]:
    """Return the source files reached from a module through module-level imports inside the same projects."""
    roots = {module.partition(".")[0], __name__.partition(".")[0]}
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or name.partition(".")[0] not in roots:
            continue
        path = _source_path(name)
        if path is None:
            continue
        found[name] = path
        waiting += _imported_modules(name, path)
    return frozenset(found.values())


def _imported_modules(name: str, path: Path) -> list[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    names: list[str] = []
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(base, package) if node.level else base
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return names


@functools.cache
def _source_path(module: str) -> Path | None:
    loaded = sys.modules.get(module)
    origin = getattr(loaded, "__file__", None)
    if origin is None:
        try:
            spec = importlib.util.find_spec(module)
        except (ImportError, ValueError, AttributeError):
            return None
        origin = spec.origin if spec else None
    return Path(origin) if origin and origin.endswith(".py") and Path(origin).exists() else None


def _write_checksums(folder: Path) -> None:
    for path in folder.rglob("*.nb?"):
        mark = path.with_suffix(path.suffix + ".sum")
        if not mark.exists() or mark.stat().st_mtime_ns < path.stat().st_mtime_ns:
            partial = mark.with_name(f"{mark.name}.{os.getpid()}")
            partial.write_text(hashlib.sha256(path.read_bytes()).hexdigest())
            os.replace(partial, mark)


def _checksums_hold(folder: Path) -> bool:
    """Tell whether every cached file still has the bytes that were written (machine code is never run unchecked)."""
    for _ in range(WAITS):
        try:
            return all(path.with_suffix(path.suffix + ".sum").read_text() == hashlib.sha256(path.read_bytes()).hexdigest()
                       for path in folder.rglob("*.nb?"))
        except OSError:
            time.sleep(WAIT)  # another process may be between writing a file and its checksum
    return False


def _prune(root: Path, module: str, keep: Path) -> None:
    """Delete the oldest folders of a module beyond the number kept."""
    stem = len(module) + 17
    versions = [path for path in root.glob(f"{module}-*") if len(path.name) == stem and path != keep]
    versions.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in versions[KEPT_VERSIONS - 1:]:
        shutil.rmtree(path, ignore_errors=True)
