"""Whose rules stats.collect follows where the guide and Kaltura's players disagree.

Contract: values only, and what each of them asks of the tracker.
Reasons: decision 17; kaltura.md section 4. README.md beside this file has the whole table.
"""

from enum import Enum
from typing import Final

QUARTERS: Final = (0.25, 0.5, 0.75)
"""The fractions of a playback, or of a spot, that have a number of their own."""

PLAYER_END: Final = 0.98
"""Where the player that speaks stats.collect says 100 % (kaltura.md section 4; 59 of 60 s, 588 of 600 s recorded)."""


class Semantics(Enum):
    """GUIDE is the published guide, PLAYER what Kaltura's own players do; the words are the configuration's."""

    GUIDE = "guide"
    PLAYER = "player"


def milestones(semantics: Semantics) -> tuple[float, ...]:
    """The fractions of a playback that this destination needs a `Progressed` for."""
    match semantics:
        case Semantics.GUIDE:
            return QUARTERS
        case Semantics.PLAYER:
            return (*QUARTERS, PLAYER_END)
