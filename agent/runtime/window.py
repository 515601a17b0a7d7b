"""How long what happened may wait in memory before it is written, since each commit costs flash.

Contract: pure. Told what waits at each step of the main loop, it says when that must be written: `is_over` for events,
`is_owed_long` for settlements, which wait in the store's memory (agent.outbox.owing) and are written with the next
events if there are some in time. `deadline` is the boot-time second at which events must be.
Rules: the window begins with the first that waits, so nothing waits longer, however much comes behind it. A window of
0 seconds has everything written at once. Settlements may wait longer than events, since the next events come soon in a
list of clips: a power cut has those that wait sent once more after the next start, under the identities that they had.
"""

from typing import Final

SETTLE_WITHIN_S: Final = 10.0
"""On top of the window. Longer than a quarter of a clip of 30 s, so that its settlements ride along, which saves a
fifth of all bytes. A film's quarters are minutes apart, and then a commit for the settlement alone is no matter."""


class Window:
    """One of `seconds`. What was there from the beginning has waited long enough."""

    def __init__(self, seconds: float, *, waiting: bool, now: float) -> None:
        self._seconds = seconds
        self._since = now - seconds if waiting else None
        self._owed_since: float | None = None

    @property
    def deadline(self) -> float | None:
        """When the events must be written; None: there are none."""
        return None if self._since is None else self._since + self._seconds

    def is_over(self, now: float, *, waiting: bool) -> bool:
        """Whether the events that are `waiting` must be written now."""
        if not waiting:
            return False
        self._since = now if self._since is None else self._since
        return now >= self._since + self._seconds

    def is_owed_long(self, now: float, messages: int) -> bool:
        """Whether the settlements of so many messages must be written now."""
        if not messages:
            self._owed_since = None
            return False
        self._owed_since = now if self._owed_since is None else self._owed_since
        return now >= self._owed_since + (self._seconds + SETTLE_WITHIN_S if self._seconds else 0.0)

    def close(self) -> None:
        """All was written."""
        self._since = self._owed_since = None
