"""A program at a terminal, and somebody who reads and types there."""

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

# Far beyond what anything here takes: a test that waits so long has failed.
PATIENCE_S = 90.0
_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A running program whose standard streams are one terminal; a context manager that ends it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        # Its controlling terminal: a hidden question is asked there.
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm", **environment},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.shown = ""
        self._read_to = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)

    def asks(self, question: str, answer: str) -> None:
        """Wait until `question` stands there, behind what was read before, and type the answer."""
        self.reads(question)
        os.write(self._master, f"{answer}\n".encode())

    def reads(self, text: str) -> None:
        """Wait until `text` stands there, behind what was read before."""
        until = time.monotonic() + PATIENCE_S
        while (at := self.shown.find(text, self._read_to)) < 0:
            assert self._more(until), f"not shown: {text}\n{self.shown}"
        self._read_to = at + len(text)

    def ends(self) -> int:
        """Wait until the program has ended; its exit status."""
        until = time.monotonic() + PATIENCE_S
        while self._more(until):
            pass
        return self._process.wait(PATIENCE_S)

    def _more(self, until: float) -> bool:
        """Read what comes next; False where nothing will."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, until - time.monotonic()))
        try:
            found = os.read(self._master, 4096) if ready else b""
        except OSError:  # the other end is closed
            return False
        self.shown = _STYLES.sub("", self.shown + found.decode("utf-8", "replace").replace("\r\n", "\n"))
        return bool(found)
