"""How events leave the log: because every sink has passed them, or because there is no room for them.

Contract: `trim` works inside the caller's transaction; `drop` makes one of its own; `victims` only chooses.
Rules: passed events go in batches of 10 to 50, inside transactions that happen anyway. When the store is too large,
the events that the fewest sinks still wait for go first, so that one dead destination evicts nobody else's events
(decision 10); among them the lowest priority class; within it the oldest, or the newest where that is set. The newest
row and what delivery has in its hands always stay. Every drop is counted for each sink that still waited, and once for
the log, told by kind and time (agent.outbox.givenup), and has a tombstone in its place (agent.outbox.tombstones).
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.kernel.instants import Instant
from agent.kernel.records import Cursor, Priority, Tombstone
from agent.outbox import givenup
from agent.outbox.bounds import age_between
from agent.outbox.core import Core
from agent.outbox.givenup import Account
from agent.outbox.ledger import WHOLE_LOG, Change, Drop, Tally
from agent.outbox.play_deliveries import lost, of_plays
from agent.outbox.rows import WRITE_STATE
from agent.outbox.schema import BESIDE_EVENTS
from agent.outbox.tombstones import bury, graves

BATCH = 50
"""Rows a dropping transaction; small, since on a full disk the WAL has room for little (edge.md section 1)."""

TRIM_FROM = 32
"""Passed rows that gather before they are deleted: batches of 10 to 50 write half of what single ones do."""

TRIM_MOST = 500
"""Rows that one settlement deletes at most, so that a drained backlog does not make one transaction huge."""

LOOK = 10_000
"""Rows that one look for a class reads, where there is time: some 2 MB. The first look for heartbeats where there are
none would read the whole log, seconds on a slow card, and the main loop waits for it."""

AGE_SCAN = 200
"""Rows that one look for aged events reads."""


def trim(connection: sqlite3.Connection, core: Core, passed: int, *, least: int = TRIM_FROM) -> int:
    """Delete rows up to `passed` if at least `least` have gathered; returns the log's oldest sequence after that."""
    if not core.oldest or passed - core.oldest + 1 < least:
        return core.oldest
    last = min(passed, core.oldest + TRIM_MOST - 1)
    connection.execute("DELETE FROM events WHERE sequence <= ?", (last,))
    for table in BESIDE_EVENTS:
        connection.execute(f"DELETE FROM {table} WHERE sequence <= ?", (last,))
    # The first condition follows from the second, and is what the table is sorted by.
    connection.execute("DELETE FROM tombstones WHERE first <= ?1 AND last <= ?1", (last,))
    return refresh_oldest(connection)


def refresh_oldest(connection: sqlite3.Connection) -> int:
    """The oldest sequence in the log, after rows went; the attributions that only they needed go too."""
    row = connection.execute("SELECT sequence, attribution FROM events ORDER BY sequence LIMIT 1").fetchone()
    connection.execute("DELETE FROM attributions WHERE id < ?", (row[1],))
    return int(row[0])


def _held(core: Core, sequence: int) -> bool:
    """Whether delivery may be sending the event at this moment."""
    return any(
        position.cursor.sequence < sequence <= core.handed_out.get(position.name, 0)
        for position in core.ledger.enabled()
    )


def _stretches(core: Core) -> Iterator[tuple[int, int]]:
    """The log cut at the sinks' cursors, as (after, up to): the first is waited for by the fewest sinks."""
    edges = sorted({position.cursor.sequence for position in core.ledger.enabled()}) or [0]
    ends = [*edges[1:], core.newest - 1]
    for after, upto in zip(edges, ends, strict=True):
        if after < upto:
            yield after, upto


def victims(core: Core, floors: dict[Priority, int], *, is_thorough: bool = True) -> list[int]:
    """Up to BATCH sequences that go next, of one class. `floors` remembers how far each class is used up.

    Not `is_thorough`: at most LOOK rows are read, and nothing found means that the next look may find more.
    """
    for after, upto in _stretches(core):
        for priority in Priority:
            if core.newest_first:
                start = max(after, floors.get(priority, 0))
                found = _newest_of(core, priority, start, upto, look=upto if is_thorough else LOOK)
                is_done = core.emptied.get(priority, (start, upto))[0] <= start
            else:
                found = _oldest_of(core, priority, floors, after, upto, look=upto if is_thorough else LOOK)
                is_done = floors[priority] >= upto
            if found or not (is_done or is_thorough):
                return found
    return []


def _oldest_of(
    core: Core, priority: Priority, floors: dict[Priority, int], after: int, upto: int, *, look: int
) -> list[int]:
    """Up to BATCH sequences of a class, the oldest, among the next `look`."""
    start = max(after, floors.get(priority, 0))
    end = min(upto, start + look)
    rows = core.database.conn.execute(
        "SELECT sequence FROM events WHERE sequence > ? AND sequence <= ? AND priority = ? ORDER BY sequence LIMIT ?",
        (start, end, int(priority), BATCH),
    ).fetchall()
    floors[priority] = max(start, rows[-1][0] if rows else end)
    return [sequence for (sequence,) in rows if not _held(core, sequence)]


def _newest_of(core: Core, priority: Priority, after: int, upto: int, *, look: int) -> list[int]:
    """Up to BATCH sequences of a class, the newest, among what is new and `look` more. What was looked through is
    not looked through again."""
    low, high = core.emptied.get(priority, (upto, upto))
    query = (
        "SELECT sequence FROM events WHERE sequence > ? AND sequence <= ? AND priority = ?"
        " ORDER BY sequence DESC LIMIT ?"
    )
    execute = core.database.conn.execute
    found = [row[0] for row in execute(query, (max(after, high), upto, int(priority), BATCH)).fetchall()]
    if len(found) < BATCH:
        rest, top = BATCH - len(found), min(low, upto)
        bottom = max(after, top - look)
        older = [row[0] for row in execute(query, (bottom, top, int(priority), rest)).fetchall()]
        found += older
        core.emptied[priority] = ((older[-1] - 1) if len(older) == rest else bottom, max(upto, high))
    return [sequence for sequence in found if not _held(core, sequence)]


def aged(core: Core, now: Instant, limit: float, after: int) -> tuple[list[int], int]:
    """Up to BATCH sequences older than `limit` seconds, and the sequence behind which to look the next time.

    The log is in order, so the look ends at the first event that is known to be young enough. An event whose age
    cannot be known is passed over and stays; where it never will be known (an earlier boot that never saw the time),
    the next look starts behind it.
    """
    rows = core.database.conn.execute(
        "SELECT e.sequence, e.boottime, e.wall, e.synced, e.attribution FROM events e"
        " WHERE e.sequence > ? AND e.sequence < ? ORDER BY e.sequence LIMIT ?",
        (after, core.newest, AGE_SCAN),
    ).fetchall()
    found: list[int] = []
    unbroken = True
    for sequence, boottime, wall, synced, owner in rows:
        _, boot_id = core.reader.owner(owner)
        then = core.boots.corrected(Instant(boot_id, boottime, wall, bool(synced)))
        age = age_between(then, core.boots.corrected(now))
        if age is None:
            unbroken = unbroken and not then.synced
            after = sequence if unbroken else after
        elif age <= limit or len(found) == BATCH:
            break
        elif _held(core, sequence):
            unbroken = False
        else:
            found.append(sequence)
    return found, after


def drop(core: Core, sequences: list[int], reason: Drop, *, durably: bool = True) -> Change:
    """Take `sequences` out of the log, count them and leave tombstones, in one transaction.

    `durably` False: one try only, for use while a failed write waits for room; raises sqlite3.Error.
    """
    plan, oldest = _planned(core, sequences, reason), core.oldest

    def work(connection: sqlite3.Connection) -> None:
        nonlocal plan, oldest
        if plan.known is not core.given_up:
            # A try before this one had no room, and what made room for it may have been these very events.
            plan = _planned(core, sequences, reason)
        marks = ",".join("?" * len(plan.sequences))
        connection.execute(f"DELETE FROM events WHERE sequence IN ({marks})", plan.sequences)
        for table in BESIDE_EVENTS:
            connection.execute(f"DELETE FROM {table} WHERE sequence IN ({marks})", plan.sequences)
        for stone in plan.stones:
            bury(connection, stone)
        # Behind the deletions, which make room for it.
        for sink, waited in plan.waiting.items():
            lost(connection, sink, waited)
        oldest = refresh_oldest(connection)
        connection.execute(WRITE_STATE, (givenup.STATE_NAME, givenup.text(plan.told)))
        core.ledger.write(connection, plan.change)

    if durably:
        core.transactions.run(work)
    else:
        core.transactions.once(work)
    core.oldest = oldest
    core.given_up = plan.told
    core.ledger.accept(plan.change)
    return plan.change


@dataclass(frozen=True, slots=True)
class _Plan:
    """What goes, and what is written for it. `known`: the account of what made way, which becomes `told`; `waiting`:
    the events of plays that each destination waited for."""

    known: Account
    told: Account
    sequences: list[int]
    stones: list[Tombstone]
    waiting: dict[str, list[int]]
    change: Change


def _planned(core: Core, chosen: list[int], reason: Drop) -> _Plan:
    """What of the `chosen` sequences is in the log, and what its going means."""
    going = _going(core, chosen)
    sequences = [sequence for sequence, _, _ in going]
    marks = ",".join("?" * len(sequences))
    owned = dict(
        core.database.conn.execute(
            f"SELECT sequence, sink FROM redeliveries WHERE sequence IN ({marks})", sequences
        ).fetchall()
    )
    change = Change(counts=Counter({(WHOLE_LOG, Tally.DROPPED, reason.value): len(sequences)} if sequences else {}))
    waiting: dict[str, list[int]] = {}
    for position in core.ledger.enabled():
        waited = [s for s in sequences if s > position.cursor.sequence and owned.get(s, position.name) == position.name]
        if waited:
            change.counts[(position.name, Tally.DROPPED, reason.value)] = len(waited)
            waiting[position.name] = of_plays(core.database.conn, waited)
        # A partly sent event that goes must not lend its parts to the next one.
        if position.cursor.parts:
            started = _next_for(core, position.name, position.cursor.sequence)
            if started in sequences:
                change.positions[position.name] = replace(position, cursor=Cursor(started))
    return _Plan(
        known=core.given_up,
        told=givenup.added(core.given_up, reason.value, [(kind, instant) for _, kind, instant in going]),
        sequences=sequences,
        stones=graves([(sequence, instant) for sequence, _, instant in going], reason.value),
        waiting=waiting,
        change=change,
    )


def _going(core: Core, sequences: list[int]) -> list[tuple[int, str, Instant]]:
    """Sequence, kind and time of these events."""
    marks = ",".join("?" * len(sequences))
    rows = core.database.conn.execute(
        "SELECT sequence, kind, attribution, boottime, wall, synced FROM events"
        f" WHERE sequence IN ({marks}) ORDER BY sequence",
        sequences,
    ).fetchall()
    return [
        (
            sequence,
            core.reader.kind(kind),
            core.boots.corrected(Instant(core.reader.owner(owner)[1], boottime, wall, bool(synced))),
        )
        for sequence, kind, owner, boottime, wall, synced in rows
    ]


def _next_for(core: Core, sink: str, after: int) -> int:
    """The first event after a cursor that is meant for `sink`; 0 where there is none."""
    row = core.database.conn.execute(
        "SELECT e.sequence FROM events e LEFT JOIN redeliveries r ON r.sequence = e.sequence"
        " WHERE e.sequence > ? AND (r.sink IS NULL OR r.sink = ?) ORDER BY e.sequence LIMIT 1",
        (after, sink),
    ).fetchone()
    return 0 if row is None else int(row[0])
