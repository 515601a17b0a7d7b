"""A process of ours: started, watched, ended, whatever happens to us.

Contract: `Process(name, command, log)` starts it with its output in `log`; `check` raises DemoError when it has died
unexpectedly; `stop` ends it in order and, where that takes too long, by force.

Rules: it stands in a session of its own, so a Ctrl-C on our terminal is ours alone; and the kernel ends it when we are
killed ourselves (setpriv is in Debian's util-linux, which every machine has). We may be killed before setpriv has asked
the kernel for that, so the child looks once, afterwards, whether we are still its parent.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tools.demo.failure import DemoError

_LOG_LINES = 15
_KILL_WITHIN_S = 5.0
_UNLESS_ORPHANED = '[ "$PPID" = "$0" ] || exit 1; exec "$@"'


class Process:
    """A running child."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        """Start it; what it writes is added to `log`. Raises DemoError where it cannot be started."""
        self.name = name
        self._log = log
        self._is_over = False
        tied = ["setpriv", "--pdeathsig", "TERM", "--", "sh", "-c", _UNLESS_ORPHANED, str(os.getpid()), *command]
        try:
            with log.open("ab") as output:
                self._child = subprocess.Popen(
                    tied, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
                )
        except OSError as error:
            raise DemoError(f"{name} could not be started: {error}") from error

    @property
    def pid(self) -> int:
        """Its number."""
        return self._child.pid

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._child.poll() is None

    def check(self) -> None:
        """Raise DemoError, with the end of its log, if it has died."""
        status = self._child.poll()
        if status is not None:
            raise self.failed(f"{self.name} ended unexpectedly, {_how(status)}.")

    def failed(self, reason: str) -> DemoError:
        """A DemoError that shows the end of this process's log and where the rest is."""
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        lines = text.splitlines()[-_LOG_LINES:]
        return DemoError(f"{reason} The end of {self._log}:" if lines else f"{reason} {self._log} is empty.", lines)

    def kill(self) -> None:
        """SIGKILL, to it alone; its own children have to notice by themselves."""
        self._child.kill()
        self._child.wait()

    def stop(self, patience_s: float) -> bool:
        """SIGTERM, and SIGKILL to all of its session after so long; whether it ended by itself. Once is enough."""
        if self._is_over:
            return True
        self._is_over = True  # from now on its number may belong to somebody else
        if self.is_alive():
            self._child.terminate()
        try:
            self._child.wait(patience_s)
            return True
        except subprocess.TimeoutExpired:
            return False
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._child.wait(_KILL_WITHIN_S)


def _how(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
