"""Dead letters: messages that a destination refused for good, kept whole.

Contract: a refusal becomes a row inside the settlement's transaction; `choose` finds the letters that somebody named,
all of them or none; `discard` throws them away, counted. `appending.retry` puts them back at the tail of the log.
Rules: a letter stands alone, since its event leaves the log when every sink has passed it. A retry has its old
identity and times, goes to the one sink that refused it, and carries the sink's state from before the event, so that
it projects to the same message (decision 9); and it goes on counting answered errors, since the service keeps an error
for 120 s and would give it again to an equal request. The number of letters is bounded; the oldest goes, counted.
A letter's number is never used again: somebody may still have the old list on the screen.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.kernel.attribution import Attribution, Identity
from agent.kernel.instants import Instant
from agent.kernel.records import Origin, Priority, Redelivery, StoredEvent
from agent.outbox.core import Core
from agent.outbox.ledger import Change, Drop, Tally
from agent.outbox.rows import attribution_text, frozen
from agent.outbox.schema import COLUMNS

LETTERS_KEPT = 1000
"""For each sink; at about 1 kB a letter they stay near 1 MB. Whoever has that many has one fault, not a thousand."""

DELETE_LETTER = "DELETE FROM dead_letters WHERE id = ?"

LETTER_COLUMNS = ", ".join(COLUMNS["dead_letters"])


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that the destination refused: `part` of the event `sequence`.

    `message` is its name for people (PLAY), `code` and `answer` the server's. `projection`: the sink's state from
    before the event. `attempt`: how many answered errors it had, this one included. `fields`: what was sent, in the
    destination's words and without credentials.
    """

    sequence: int
    part: int
    message: str
    code: str
    answer: str
    projection: str
    attempt: int = 1
    fields: Mapping[str, str] = field(default_factory=dict)


class UnknownLettersError(LookupError):
    """Somebody named dead letters that are not there; `numbers`, rising."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(f"there is no dead letter {', '.join(map(str, numbers))}")
        self.numbers = tuple(numbers)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refusal with its event. `number` names it in commands; the event's `sequence` is its identity's."""

    number: int
    sink: str
    part: int
    message: str
    code: str
    answer: str
    projection: str
    event: StoredEvent
    attempt: int = 1
    fields: Mapping[str, str] = field(default_factory=dict)


def next_letter(core: Core) -> int:
    """The number of the next dead letter.

    There were never more letters than refusals, so the count of those is a number that no letter ever had; the largest
    that is kept counts too, since a damaged store may have lost its counters.
    """
    (largest,) = core.database.conn.execute("SELECT max(id) FROM dead_letters").fetchone()
    ever = sum(sum(core.ledger.counts(name, Tally.REFUSED).values()) for name in core.ledger.sinks)
    return max(int(largest or 0), ever) + 1


def letter_values(number: int, sink: str, refusal: Refusal, event: StoredEvent) -> tuple[Any, ...]:
    """The row of a refusal."""
    instant = event.instant
    return (
        number,
        sink,
        refusal.part,
        refusal.message,
        refusal.code,
        refusal.answer,
        refusal.projection,
        event.kind,
        int(event.priority),
        int(event.origin),
        attribution_text(event.attribution),
        instant.boot_id,
        instant.boottime,
        instant.wall,
        int(instant.synced),
        event.body,
        event.frozen_time,
        event.identity.generation,
        event.identity.sequence,
        refusal.attempt,
        json.dumps(dict(refusal.fields), separators=(",", ":")),
    )


def insert_letters(connection: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> None:
    """Write the rows of `letter_values`."""
    marks = ", ".join("?" * len(COLUMNS["dead_letters"]))
    for row in rows:
        connection.execute(f"INSERT INTO dead_letters ({LETTER_COLUMNS}) VALUES ({marks})", row)


def surplus(core: Core, sink: str, added: int, change: Change) -> list[int]:
    """The oldest letters of `sink` that must go so that `added` more can come; counted in `change`."""
    connection = core.database.conn
    (kept,) = connection.execute("SELECT count(*) FROM dead_letters WHERE sink = ?", (sink,)).fetchone()
    over = kept + added - LETTERS_KEPT
    if over <= 0:
        return []
    change.counts[(sink, Tally.DROPPED, Drop.DEAD_LETTERS.value)] += over
    query = "SELECT id FROM dead_letters WHERE sink = ? ORDER BY id LIMIT ?"
    return [number for (number,) in connection.execute(query, (sink, over)).fetchall()]


def delete_letters(connection: sqlite3.Connection, numbers: list[int]) -> None:
    """Take letters away."""
    for number in numbers:
        connection.execute(DELETE_LETTER, (number,))


def choose(connection: sqlite3.Connection, sink: str | None, numbers: Sequence[int] | None) -> list[tuple[int, str]]:
    """Number and sink of the letters of `sink` (None: of any) with these `numbers` (None: all), rising.

    Raises UnknownLettersError where one of the numbers is not there: a slip must not do half of what was asked.
    """
    rows = connection.execute(
        "SELECT id, sink FROM dead_letters WHERE ?1 IS NULL OR sink = ?1 ORDER BY id", (sink,)
    ).fetchall()
    if numbers is None:
        return rows
    wanted = set(numbers)
    missing = wanted - {number for number, _ in rows}
    if missing:
        raise UnknownLettersError(sorted(missing))
    return [(number, owner) for number, owner in rows if number in wanted]


def discard(core: Core, chosen: Sequence[tuple[int, str]]) -> None:
    """Take the letters that `choose` found away for good, counted as dropped for their sinks."""
    change = Change(counts=Counter((sink, Tally.DROPPED, Drop.DISCARDED.value) for _, sink in chosen))

    def work(connection: sqlite3.Connection) -> None:
        delete_letters(connection, [number for number, _ in chosen])
        core.ledger.write(connection, change)

    core.transactions.run(work)
    core.ledger.accept(change)


def read_letters(connection: sqlite3.Connection, condition: str, parameters: tuple[Any, ...]) -> list[DeadLetter]:
    """The letters that fulfil an SQL condition."""
    rows = connection.execute(f"SELECT {LETTER_COLUMNS} FROM dead_letters {condition}", parameters).fetchall()
    return [_letter(row) for row in rows]


def _letter(row: tuple[Any, ...]) -> DeadLetter:
    (number, sink, part, message, code, answer, projection, kind, priority, origin, attribution) = row[:11]
    (boot_id, boottime, wall, synced, body, frozen_time, generation, original, attempt, sent) = row[11:]
    instant = Instant(boot_id, boottime, wall, bool(synced))
    event = StoredEvent(
        sequence=original,
        identity=Identity(generation, original),
        kind=kind,
        body=body,
        priority=Priority(priority),
        attribution=Attribution(**json.loads(attribution)),
        instant=instant,
        frozen_time=frozen(frozen_time, instant),
        origin=Origin(origin),
        redelivery=Redelivery(sink, part, projection),
    )
    return DeadLetter(number, sink, part, message, code, answer, projection, event, attempt, json.loads(sent))
