"""The Kaltura session (KS) that an operator keeps in a file.

Contract: `SessionFile.current` gives the session to send with; it never raises and never shows the secret.
Rules: the file is read again when it has changed, so that whoever renews it need not restart the agent. While it
cannot be read the last session stays in use; that failure is logged once, and so is its end. An event that is sent with
an old session is refused and held, one that is sent without would count for nobody.
"""

from pathlib import Path

import structlog

from agent.config.secrets import SecretError, read_secret

log = structlog.get_logger()


class SessionFile:
    """One file's session. Used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._session: str | None = None
        self._failing = False

    def current(self) -> str | None:
        """The session, or None where the file never held one."""
        try:
            status = self._path.stat()
            seen = (status.st_mtime_ns, status.st_ino, status.st_size)
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
