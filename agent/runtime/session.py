"""The Kaltura session (KS) that an operator keeps in a file.

Contract: `SessionFile.current` gives the session to send with; it never raises and never shows the secret.
`SessionWatch` has delivery try at once when the file has changed, for a refused session is otherwise retried slowly.
Rules: the file is read again when it has changed, so that whoever renews it need not restart the agent. While it
cannot be read the last session stays in use; that failure is logged once, and so is its end. An event that is sent with
an old session is refused and held, one that is sent without would count for nobody.
"""

from collections.abc import Callable
from pathlib import Path

import structlog

from agent.config.secrets import SecretError, read_secret

log = structlog.get_logger()

LOOK_EVERY_S = 2.0

Signature = tuple[int, int, int]


def signature(path: Path) -> Signature:
    """What changes when the file does. Raises OSError."""
    status = path.stat()
    return status.st_mtime_ns, status.st_ino, status.st_size


class SessionWatch:
    """Looks at the file every `LOOK_EVERY_S` seconds; `look` is told the boot-time second."""

    def __init__(self, path: Path, changed: Callable[[], None]) -> None:
        self._path = path
        self._changed = changed
        self._due = 0.0
        self._seen = self._signature()

    def look(self, now: float) -> None:
        """Call `changed` where another file stands there than at the last look."""
        if now < self._due:
            return
        self._due = now + LOOK_EVERY_S
        found = self._signature()
        if found != self._seen:
            self._seen = found
            self._changed()

    def _signature(self) -> Signature | None:
        try:
            return signature(self._path)
        except OSError:
            return None


class SessionFile:
    """One file's session. Used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: Signature | None = None
        self._session: str | None = None
        self._failing = False

    def current(self) -> str | None:
        """The session, or None where the file never held one."""
        try:
            seen = signature(self._path)
            if seen != self._seen:
                self._session = read_secret(self._path)
                self._seen = seen
        except (OSError, SecretError) as error:
            if not self._failing:
                text = str((isinstance(error, OSError) and error.strerror) or error)
                log.error("session file unreadable, the last session stays in use", file=str(self._path), error=text)
            self._failing = True
        else:
            if self._failing:
                log.info("session file readable again", file=str(self._path))
            self._failing = False
        return self._session
