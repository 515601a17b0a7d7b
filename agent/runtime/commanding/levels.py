"""A log level for a time.

Contract: `set` changes the level until a boot-time second, `tick` goes back to the configured one when that has come;
`configure` is told when the configuration says another. `deadline` is when `tick` is due.
Rules: the later of two wishes counts. While one lasts, a new configured level waits. A restart ends it.
"""

from collections.abc import Callable
from typing import Any

import structlog

from agent.config.model import Level

log = structlog.get_logger()


class Levels:
    """`apply` changes the level of the process."""

    def __init__(self, configured: Level, *, apply: Callable[[Level], None]) -> None:
        self._configured = configured
        self._apply = apply
        self._wished: Level | None = None
        self.deadline: float | None = None

    def set(self, level: Level, *, until: float) -> None:
        """Log at `level` until then (boot-time s)."""
        self._wished, self.deadline = level, until
        self._apply(level)

    def configure(self, level: Level) -> None:
        """The configuration says `level` from now on."""
        self._configured = level
        if self._wished is None:
            self._apply(level)

    def tick(self, now: float) -> None:
        """It is `now` (boot-time s)."""
        if self.deadline is not None and now >= self.deadline:
            self._wished = self.deadline = None
            self._apply(self._configured)
            log.info("log level as configured again", configured=self._configured.value)

    def status(self, now: float) -> dict[str, Any] | None:
        """The wish that lasts, for `status`; None where there is none."""
        if self._wished is None or self.deadline is None:
            return None
        return {"level": self._wished.value, "left_s": max(self.deadline - now, 0.0)}
