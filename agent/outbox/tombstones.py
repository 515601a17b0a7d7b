"""What stands in the log in the place of events that were given up.

Contract: `graves` makes ranges of the events that go, `bury` puts one into the open transaction, joined to its
neighbours; `between` and `shared` say what a destination is
to be told, and with which event.
Rules: a tombstone is no event: it has no number of its own, and no destination counts it. It is told with the first
event behind it, in its place in the order, and only to those that still waited for what it stands for. It goes when the
events round it go. Neighbours are joined where the reason is the same: a heartbeat here and there costs a small row
each, a month in a row costs one.
A retried dead letter is an old story and tells nothing; the next event does.
Reasons: decisions 10 and 26. Rejected: an event of its own at the tail, which would be written while the disk is full
and delivered long after the gap; a row of the log that is turned into a tombstone, for its number may have been sent.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from agent.kernel.instants import Instant
from agent.kernel.records import Tombstone
from agent.kernel.release import BUILD_EPOCH

ELSEWHERE: Final = ""
"""The reason where nothing was given up: another file has brought it. Also what an earlier schema gave all of them."""

_SELECT: Final = "SELECT first, last, reason, since, until FROM tombstones "

# From the one range that may lie across `after` on: a dead destination keeps all that were ever made.
_BETWEEN: Final = (
    _SELECT + "WHERE first < ?2 AND last > ?1"
    " AND first >= coalesce((SELECT max(first) FROM tombstones WHERE first <= ?1), 0) ORDER BY first"
)


def graves(events: Iterable[tuple[int, Instant]], reason: str) -> list[Tombstone]:
    """The ranges of these events, each a sequence and when it happened."""
    found: list[Tombstone] = []
    for sequence, instant in sorted(events, key=lambda event: event[0]):
        wall = instant.wall if instant.wall >= BUILD_EPOCH else 0.0
        stone = Tombstone(sequence, sequence, reason, wall, wall)
        if found and found[-1].last == sequence - 1:
            found[-1] = _joined(found[-1], stone)
        else:
            found.append(stone)
    return found


def bury(connection: sqlite3.Connection, stone: Tombstone) -> None:
    """Add a range to the tombstones."""
    neighbours = connection.execute(
        _SELECT + "WHERE first = ?2 + 1 OR first = (SELECT max(first) FROM tombstones WHERE first < ?1)",
        (stone.first, stone.last),
    ).fetchall()
    for other in (Tombstone(*row) for row in neighbours):
        if other.reason == stone.reason and (other.last == stone.first - 1 or other.first == stone.last + 1):
            connection.execute("DELETE FROM tombstones WHERE first = ?", (other.first,))
            stone = _joined(stone, other)
    connection.execute(
        "INSERT OR REPLACE INTO tombstones (first, last, reason, since, until) VALUES (?, ?, ?, ?, ?)",
        (stone.first, stone.last, stone.reason, stone.since, stone.until),
    )


def between(connection: sqlite3.Connection, after: int, upto: int) -> list[Tombstone]:
    """What was given up behind sequence `after` and before `upto`, in order; cut off at `after`."""
    return [
        Tombstone(max(first, after + 1), last, reason, since, until)
        for first, last, reason, since, until in connection.execute(_BETWEEN, (after, upto)).fetchall()
    ]


def shared(stones: Sequence[Tombstone], sequences: Sequence[tuple[int, bool]]) -> list[tuple[Tombstone, ...]]:
    """What each event tells. `sequences`, rising: whether the event there tells of gaps at all."""
    left = [stone for stone in stones if stone.reason != ELSEWHERE]
    found = []
    for sequence, tells in sequences:
        count = sum(1 for stone in left if stone.last < sequence) if tells else 0
        found.append(tuple(left[:count]))
        del left[:count]
    return found


def _joined(one: Tombstone, other: Tombstone) -> Tombstone:
    known = [since for since in (one.since, other.since) if since]
    return Tombstone(
        min(one.first, other.first),
        max(one.last, other.last),
        one.reason,
        min(known, default=0.0),
        max(one.until, other.until),
    )
