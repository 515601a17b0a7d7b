"""A secret in a file that somebody else keeps: a session, an app token, an account's secret.

Contract: `KeptSecret.read` gives the secret, or `Held` where there never was one; it never raises, and no text shows
the secret. From any thread.
Rules: the file is read again when it has changed, so that whoever renews it need not restart the agent. While it cannot
be read the last secret stays in use; that failure is logged once, and so is its end. The setting's name stands for the
path in every text: a path may be the secret itself, pasted by mistake.
"""

import threading
from pathlib import Path

import structlog

from agent.config.secrets import SecretError, read_secret
from agent.kernel.verdict import Cause, Held
from agent.runtime.logs import hide

log = structlog.get_logger()

Signature = tuple[int, int, int]


def signature(path: Path) -> Signature:
    """What changes when the file does. Raises OSError."""
    status = path.stat()
    return status.st_mtime_ns, status.st_ino, status.st_size


class KeptSecret:
    """One file's secret. `setting`: what names the file, for example "kaltura.session.ks_file"."""

    def __init__(self, path: Path, setting: str) -> None:
        self._path = path
        self._setting = setting
        self._lock = threading.Lock()
        self._seen: Signature | None = None
        self._secret: str | None = None
        self._failing = False

    def read(self) -> str | Held:
        """The secret, or why there is none."""
        with self._lock:
            problem = self._look()
            self._tell(problem)
            if self._secret is not None:
                return self._secret
            return Held(Cause.SESSION, f"no session: the file of {self._setting} {problem}", answered=False)

    def _look(self) -> str | None:
        """Read the file if it has changed; what is wrong with it, None where nothing is."""
        try:
            seen = signature(self._path)
            if seen != self._seen:
                self._secret = read_secret(self._path)
                self._seen = seen
                hide(self._secret)
        except OSError as error:
            return f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
        except SecretError as error:
            return str(error)
        return None

    def _tell(self, problem: str | None) -> None:
        if problem is not None and not self._failing:
            log.error("secret's file unreadable, the last one stays in use", setting=self._setting, error=problem)
        elif problem is None and self._failing:
            log.info("secret's file readable again", setting=self._setting)
        self._failing = problem is not None
