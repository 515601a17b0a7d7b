"""An event as the log keeps it: the door between the kernel's facts and the outbox's rows.

Contract: a `Record` goes in, a `StoredEvent` comes out. `kind` and `body` are the codec's (agent.kernel.codec): the
outbox never looks inside.
Reasons: decisions 3, 5, 6, 26.
"""

from dataclasses import dataclass
from enum import IntEnum

from agent.kernel.attribution import Attribution, Identity
from agent.kernel.instants import Instant


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
    """What is appended. `body`: compact JSON text."""

    kind: str
    body: str
    priority: Priority
    attribution: Attribution
    instant: Instant


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """What is read back. `sequence` orders the log; `frozen_time` is the wall time (s) that the first attempt sent."""

    sequence: int
    identity: Identity
    kind: str
    body: str
    priority: Priority
    attribution: Attribution
    instant: Instant
    frozen_time: float | None
    origin: Origin


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """How far a sink has come: `parts` messages of the event after `sequence` were already accepted."""

    sequence: int
    parts: int = 0
