"""Single keys from a terminal, without Enter.

Contract: `with Keys() as keys`: `keys.wait(seconds)` sleeps until a key or the time has come, and gives the key or "".
Rules: only where both ends are a terminal and we are in its foreground; otherwise it only sleeps. The terminal is put
back as it was, whatever happens. Ctrl-C stays a signal.
"""

import os
import select
import sys
import termios
import time
import tty
from types import TracebackType
from typing import Any, Self


class Keys:
    """The keyboard."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None
        self._file = sys.stdin.fileno() if _is_ours() else None

    @property
    def are_there(self) -> bool:
        """Whether somebody can press keys."""
        return self._file is not None

    def wait(self, seconds: float) -> str:
        """The next key, in small letters; empty if none came in that time."""
        if self._file is None:
            time.sleep(seconds)
            return ""
        ready, _, _ = select.select([self._file], [], [], seconds)
        if not ready:
            return ""
        data = os.read(self._file, 32)
        if not data:  # the terminal has gone
            self._file = None
        return data[:1].decode("ascii", "ignore").lower()

    def __enter__(self) -> Self:
        if self._file is not None:
            self._before = termios.tcgetattr(self._file)
            tty.setcbreak(self._file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None and self._before is not None:
            termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)


def _is_ours() -> bool:
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
