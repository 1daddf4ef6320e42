"""The errors that users see, each with the process exit code of the command line.

Messages say what was wrong (name, value, unit), what is allowed, where it came from and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

EXIT_OK, EXIT_FAILED_RUN, EXIT_BAD_INPUT, EXIT_FAILED_ROWS, EXIT_DATA, EXIT_IO, EXIT_INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


class NeurosimError(Exception):
    """Base class: one clear line for the user, and an exit code."""

    exit_code = EXIT_FAILED_RUN


class ParameterError(NeurosimError, ValueError):
    """A value is outside its allowed range, has the wrong unit, or contradicts another value."""

    exit_code = EXIT_BAD_INPUT


class CardError(ParameterError):
    """A device card is malformed: unknown key, missing unit, value out of range."""


class ConfigError(ParameterError):
    """An experiment file or a ``--set`` override is malformed."""


class LibraryError(ParameterError):
    """A device, card or library name cannot be found or loaded."""


class DataError(NeurosimError):
    """A data set is missing, incomplete or does not have the expected hash."""

    exit_code = EXIT_DATA


class StorageError(NeurosimError, OSError):
    """A file or folder cannot be read or written, is damaged, or is in use."""

    exit_code = EXIT_IO


class NotSettledError(NeurosimError):
    """A phase did not reach rest within its time limit."""


class DivergedError(NeurosimError):
    """A state became non-finite or left every sensible range during integration."""


class InterruptedRunError(NeurosimError):
    """The user stopped the run; a checkpoint was written."""

    exit_code = EXIT_INTERRUPTED


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean "x"?`` for the closest known name, or the list of names where none is close."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f' Did you mean "{close[0]}"?'
    return f" Known: {', '.join(sorted(names))}." if names else ""
