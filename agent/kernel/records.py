"""An event as the log keeps it: the door between the kernel's facts and the outbox's rows.

Contract: a `Record` goes in, a `StoredEvent` comes out. `kind` and `body` are the codec's (agent.kernel.codec): the
outbox never looks inside.
Reasons: decisions 3, 5, 6, 26.
"""

from dataclasses import dataclass
from enum import IntEnum

from agent.kernel.attribution import Attribution, Identity
from agent.kernel.instants import Instant
from agent.kernel.plays import PlayFacts


class Priority(IntEnum):
    """What goes first when the log is full: the lowest number is dropped first."""

    TELEMETRY = 0
    DETAIL = 1
    PLAY = 2


class Origin(IntEnum):
    """Where an event was made."""

    LOCAL = 0
    IMPORTED = 1


@dataclass(frozen=True, slots=True)
class Record:
    """What is appended. `body`: compact JSON text. `play`: of the event that ends a play, its line in the ledger."""

    kind: str
    body: str
    priority: Priority
    attribution: Attribution
    instant: Instant
    play: PlayFacts | None = None


@dataclass(frozen=True, slots=True)
class Redelivery:
    """A refused message that somebody asked to send again (decision 9): only message `part` of the event, to `sink`.

    `projection` is the sink's state from before the event; the retry projects from it and commits no new state.
    """

    sink: str
    part: int
    projection: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """It stands in the log in the place of events that were given up: of all sequences from `first` to `last`.

    `reason`: the word under which they are counted as dropped. `since`, `until`: when the earliest and the latest of
    them happened, in wall seconds by the best clock there was; 0 where nobody knows.
    """

    first: int
    last: int
    reason: str
    since: float
    until: float

    @property
    def number(self) -> int:
        """How many events it stands for."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """What is read back. `sequence` orders the log; `frozen_time` is the wall time (s) that the first attempt sent.

    `redelivery`: this row is a dead letter on its second way, with its old identity and times. `before`: what was
    given up between this event and the one before it that the same destination was given, in order.
    """

    sequence: int
    identity: Identity
    kind: str
    body: str
    priority: Priority
    attribution: Attribution
    instant: Instant
    frozen_time: float | None
    origin: Origin
    redelivery: Redelivery | None = None
    before: tuple[Tombstone, ...] = ()


@dataclass(frozen=True, slots=True)
class LastSent:
    """The last message that a sink sent: its session's id, and its time in wall seconds."""

    session: str
    time: float


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """How far a sink has come: `parts` messages of the event after `sequence` were already accepted."""

    sequence: int
    parts: int = 0
