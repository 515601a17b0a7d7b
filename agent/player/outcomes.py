"""What became of the items: the figures for `status`, and the news for the log.

Contract: the list says what became of an item, whether it rests and that something plays; `passed` counts the items
given up, by reason; `tell` is called with each piece of news, for whoever keeps the log.
Rules: an item that fails is news once, and again only after it has played to its end or fails for another reason. A
list that rests is news once, and once when something plays again. What an operator or opening hours took from the
screen is no news.
Reasons: decision 19; house rule 5 (the same failure is logged once, recovery once with count and duration).
"""

from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass
from enum import Enum

from agent.config.redact import masked
from agent.player.items import Item


class Reason(Enum):
    """Why an item was given up. FAILED: it had played before. UNPLAYABLE: it never did.

    UNREACHED: a spot whose moment lies beyond the end of its content.
    """

    MISSING = "missing"
    UNPLAYABLE = "unplayable"
    FAILED = "failed"
    UNREACHED = "unreached"
    CLOSED = "closed"
    SKIPPED = "skipped"


FAULTS = frozenset({Reason.MISSING, Reason.UNPLAYABLE, Reason.FAILED, Reason.UNREACHED})


@dataclass(frozen=True, slots=True)
class ItemFailed:
    """An item of the list was gone on from. `uri` holds no password."""

    uri: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class ListRests:
    """No item could be played; the list is tried again after pauses."""


@dataclass(frozen=True, slots=True)
class ListPlays:
    """Something plays again, after `rests` pauses in `seconds`."""

    rests: int
    seconds: float


News = ItemFailed | ListRests | ListPlays
Tell = Callable[[News], None]


class Outcomes:
    """Of one process's life. Bounded: one reason for each item of the list."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told: dict[str, Reason] = {}
        self._rests = 0
        self._resting_since = 0.0
        self.passed: Counter[str] = Counter()

    def gave_up(self, item: Item, reason: Reason) -> None:
        """The list goes on from `item` before its end."""
        self.passed[reason.value] += 1
        if reason in FAULTS and self._told.get(item.media.key) is not reason:
            self._told[item.media.key] = reason
            self._tell(ItemFailed(masked(item.media.uri), reason))

    def ended(self, item: Item) -> None:
        """`item` played to its end."""
        self._told.pop(item.media.key, None)

    def keep(self, keys: Container[str]) -> None:
        """The list is another one now; what is not among `keys` is forgotten."""
        self._told = {key: reason for key, reason in self._told.items() if key in keys}

    def rests(self, now: float) -> None:
        """A pass had nothing but failures; `now` in boot-time seconds."""
        if self._rests == 0:
            self._resting_since = now
            self._tell(ListRests())
        self._rests += 1

    def plays(self, now: float) -> None:
        """Something is to be seen or heard."""
        if self._rests:
            self._tell(ListPlays(self._rests, now - self._resting_since))
            self._rests = 0
