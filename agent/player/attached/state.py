"""What a player that is not ours shows of itself, whichever way it was asked.

Contract: values only. A source (MPRIS, HTTP) makes a `State` of what it hears; the observer compares two of them.
Rules: lengths and positions in seconds, the volume 1.0 at 100 %. What the source cannot know is None.
"""

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """What the player does."""

    PLAYING = "playing"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Item:
    """What lies in the player. `place`: its own name for the place in its list; `length` None while unknown."""

    place: str
    uri: str
    title: str | None = None
    length: float | None = None

    def is_the_same(self, other: "Item") -> bool:
        """Titles and lengths become known while an item plays; place and address do not change."""
        return (self.place, self.uri) == (other.place, other.uri)


@dataclass(frozen=True, slots=True)
class State:
    """The player at one moment."""

    status: Status = Status.STOPPED
    item: Item | None = None
    rate: float = 1.0
    fullscreen: bool = False
    volume: float | None = None
    seekable: bool | None = None
