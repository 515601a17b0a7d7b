"""What the host tells of the pictures that are shown.

Contract: `Pictures.look` is called by the owner loop of libvlc and answers what to say, or None where there is nothing
to say of this medium.
Rules: only counts are read, so a look costs less than a poll. Whether the screen answers is asked more rarely, and only
where a picture is wanted: behind null outputs there is none to see.
Reasons: agent.player.frozen; libvlc's own word for a lost output is none at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from agent.player import wire

DISPLAY_EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Counts:
    """libvlc's counts of the medium that it has: pictures decoded and displayed. `has_video`: a video track plays."""

    decoded: int
    displayed: int
    has_video: bool


class Counting(Protocol):
    """What is needed of libvlc."""

    def read_pictures(self) -> Counts | None:
        """The counts; None while there is no medium, or where libvlc counts nothing."""
        ...


@dataclass(slots=True)
class Pictures:
    """`display`: asks whether the screen answers, see agent.player.display; None: no picture is wanted."""

    player: Counting
    display: Callable[[], bool | None] | None
    _answers: bool | None = None
    _ask_at: float = 0.0

    def look(self, now: float, medium: int) -> wire.Pictures | None:
        """What is to be said at `now` (boot-time s) of the medium of that token."""
        counts = self.player.read_pictures()
        if counts is None:
            return None
        if self.display is not None and now >= self._ask_at:
            self._ask_at = now + DISPLAY_EVERY_S
            self._answers = self.display()
        return wire.Pictures(now, medium, counts.decoded, counts.displayed, counts.has_video, self._answers)
