"""How many of something may pass in a time.

Contract: `Allowance.passes` is told the time and says whether one more may pass. Pure.
"""

from typing import Final

BURST: Final = 50
"""At once: more than operators type."""

A_SECOND: Final = 10.0
"""From then on."""


class Allowance:
    """Begins full."""

    def __init__(self) -> None:
        self._left = float(BURST)
        self._at = 0.0

    def passes(self, now: float) -> bool:
        """Whether one more may pass at `now` (boot-time seconds)."""
        self._left = min(self._left + max(now - self._at, 0.0) * A_SECOND, BURST)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
