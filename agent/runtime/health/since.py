"""For how long something has been as it is.

Contract: `Since.look` is told the present value as often as the main loop steps; `lasts` answers for how many seconds
the last one has been there.
"""

from collections.abc import Hashable


class Since:
    """Of one value; `now`: boot-time seconds."""

    def __init__(self, now: float) -> None:
        self._value: Hashable = None
        self._at = now

    def look(self, value: Hashable, now: float) -> None:
        """It is `value` now."""
        if value != self._value:
            self._value, self._at = value, now

    def lasts(self, now: float) -> float:
        """Since when, in seconds."""
        return max(now - self._at, 0.0)
