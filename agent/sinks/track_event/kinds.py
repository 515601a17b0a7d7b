"""The events of analytics.trackEvent: their numbers, and how old each may be told.

Contract: values only. The numbers of player events are the reference player's, those of application events the
guide's.
Rules: an event that becomes several messages is as old as its most important one may be, so that an outage that ends
it between two of them leaves no half: PLAY and the wait before it are told together or not at all.
Reasons: kaltura.md section 3, the guide's section 6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final


class Kind(IntEnum):
    """What is sent. SOURCE_SELECTED (39) is missing: it is a viewer's choice of a rendition, which a kiosk has not."""

    IMPRESSION = 1
    PLAY_REQUEST = 2
    PLAY = 3
    RESUME = 4
    PLAY_REACHED_25_PERCENT = 11
    PLAY_REACHED_50_PERCENT = 12
    PLAY_REACHED_75_PERCENT = 13
    PLAY_REACHED_100_PERCENT = 14
    PLAY_REACHED_90_PERCENT = 15
    SHARE_CLICKED = 21
    DOWNLOAD = 23
    ENTER_FULLSCREEN = 31
    EXIT_FULLSCREEN = 32
    PAUSE = 33
    REPLAY = 34
    SEEK = 35
    RELATED_SELECTED = 37
    CAPTIONS = 38
    SPEED = 41
    AUDIO_SELECTED = 42
    FLAVOR_SWITCH = 43
    BUFFER_START = 45
    BUFFER_END = 46
    ERROR = 98
    VIEW = 99
    BUTTON_CLICKED = 10002
    PAGE_LOAD = 10003


class Weight(Enum):
    """What an event counts for; the words stand in the reason for which it was passed over."""

    DETAIL = "detail"
    PLAY = "play"
    APPLICATION = "application"


_DETAILS: Final = frozenset(
    {
        Kind.RESUME,
        Kind.ENTER_FULLSCREEN,
        Kind.EXIT_FULLSCREEN,
        Kind.PAUSE,
        Kind.SEEK,
        Kind.CAPTIONS,
        Kind.SPEED,
        Kind.AUDIO_SELECTED,
        Kind.FLAVOR_SWITCH,
        Kind.BUFFER_START,
        Kind.BUFFER_END,
        Kind.VIEW,
    }
)


def weight(kinds: Iterable[Kind]) -> Weight:
    """What the messages of one player event count for together."""
    return Weight.DETAIL if all(kind in _DETAILS for kind in kinds) else Weight.PLAY


@dataclass(frozen=True, slots=True)
class MaxAge:
    """How old (s) an event may be and still be told: the service dates it when it arrives."""

    application: float = 3600.0
    play: float = 3600.0
    detail: float = 300.0

    def of(self, counted: Weight) -> float:
        """The limit of one weight."""
        return {Weight.APPLICATION: self.application, Weight.PLAY: self.play, Weight.DETAIL: self.detail}[counted]

    def passed(self, counted: Weight, age: float | None) -> str | None:
        """The reason for which an event of this age (s; None: unknown) is not told any more; None where it is."""
        return None if age is None or age <= self.of(counted) else f"too-old-{counted.value}"
