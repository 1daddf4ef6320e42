"""Ctrl-C is answered at once wherever the process is: while modules load, while kernels compile, while a command works.

Python runs signal handlers between two of its own instructions, and compiling one kernel can keep it away from them for a
second. So the answer comes from a thread that the operating system wakes; the main thread unwinds with a
:class:`KeyboardInterrupt`. Where something on its way swallows that (a finaliser, a callback of the compiler), the thread
repeats it and, in the end, stops the process.
"""

from __future__ import annotations

import _thread
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from types import FrameType, TracebackType

from neurosim.errors import EXIT_INTERRUPTED

GRACE = 0.5  # s that the main thread has for unwinding (locks, temporary files) before it is interrupted again
TRIES = 4
ANSWER = "neurosim: interrupted.\n"


class AnsweredInterrupt(KeyboardInterrupt):
    """Ctrl-C whose one line on standard error is already printed."""


class Interrupts:
    """Context of a whole process: Ctrl-C prints one line and exits 130, without a traceback.

    Other handlers of SIGINT that are installed inside (a training run that stops between two samples) take precedence.
    """

    def __init__(self) -> None:
        self._answering, self._answered = threading.Lock(), threading.Event()
        self._previous = signal.signal(signal.SIGINT, self._interrupt)
        self._receiver, self._sender = socket.socketpair()

    def __enter__(self) -> Interrupts:
        self._sender.setblocking(False)
        signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._watch, name="interrupts", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._answering.locked():  # modules may be half loaded: their clean-up at exit would complain
            self._answered.wait(GRACE)
            _end()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, self._previous)
        self._sender.close()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._answer()
        raise AnsweredInterrupt

    def _watch(self) -> None:
        while numbers := self._receiver.recv(64):
            if signal.SIGINT in numbers and signal.getsignal(signal.SIGINT) == self._interrupt:
                self._answer()
                for _ in range(TRIES):
                    time.sleep(GRACE)
                    _thread.interrupt_main()
                _end()
        self._receiver.close()

    def _answer(self) -> None:
        if not self._answering.acquire(blocking=False):
            return
        sys.unraisablehook = lambda _: None  # an interrupt inside a finaliser or a callback is no news
        _write("\n" + ANSWER if os.isatty(2) else ANSWER)
        self._answered.set()


def _write(text: str) -> None:
    with suppress(OSError):
        os.write(2, text.encode())


def _end() -> None:
    """End the process at once, as a user who interrupts it expects."""
    with suppress(Exception):
        sys.stdout.flush()
    if os.isatty(2):
        _write("\033[?25h")  # a progress bar hides the cursor
    os._exit(EXIT_INTERRUPTED)
