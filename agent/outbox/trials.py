"""What is kept of a message's tries, from the first that failed with more than silence until its event leaves the log.

Contract: `read` answers for a stretch of the log in one look; `write` rides along with a settlement's transaction.
Rules: nothing is kept of a message that simply went, or that certainly never reached the service.
Reasons: decisions 6 and 8; kaltura.md section 1: the service recognises a request only where encoding, order and road
are the same, keeps an error for 120 s, and answers each message of a batch on its own.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

TrialKey = tuple[int, int]
"""An event's sequence and the part of it that the message is."""


@dataclass(frozen=True, slots=True)
class Tried:
    """`attempt`: answered errors so far. `lost`: the answer to a try may have been lost, so the message may be there.

    `batched`: the try whose answer was lost went in a batch, so the next one has to, to be recognised. `accepted`: it
    was, while a message before it was not: there is nothing to be sent any more.
    """

    attempt: int = 0
    lost: bool = False
    batched: bool = False
    accepted: bool = False


UNTRIED: Final = Tried()
NO_TRIALS: Final[Mapping[TrialKey, Tried]] = MappingProxyType({})

WRITE_TRIAL = (
    "INSERT INTO trials (sequence, sink, part, attempt, lost, batched, accepted) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (sequence, sink, part) DO UPDATE SET attempt = excluded.attempt, lost = excluded.lost,"
    " batched = excluded.batched, accepted = excluded.accepted"
)
READ_TRIALS = (
    "SELECT sequence, part, attempt, lost, batched, accepted FROM trials WHERE sequence BETWEEN ? AND ? AND sink = ?"
)


def read(connection: sqlite3.Connection, sink: str, first: int, last: int) -> dict[TrialKey, Tried]:
    """What is kept of the messages of the events `first` to `last`, both included; most have nothing."""
    return {
        (sequence, part): Tried(attempt, bool(lost), bool(batched), bool(accepted))
        for sequence, part, attempt, lost, batched, accepted in connection.execute(
            READ_TRIALS, (first, last, sink)
        ).fetchall()
    }


def write(connection: sqlite3.Connection, sink: str, trials: Mapping[TrialKey, Tried]) -> None:
    """Put what is known now into the open transaction."""
    for (sequence, part), tried in trials.items():
        connection.execute(
            WRITE_TRIAL,
            (sequence, sink, part, tried.attempt, int(tried.lost), int(tried.batched), int(tried.accepted)),
        )
