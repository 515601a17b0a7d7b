"""What delivery writes: a sink's way through the log, and refusals.

Contract: each function is one durable transaction, or raises a StoreError with nothing written; but where grouping is
on, a settlement of accepted or silent messages waits in memory for the next transaction, `group` messages at most.
Rules: the cursor, the projection's state, the counters, the dead letters and what is known of the tries of those that
still wait commit together, however many messages a settlement is about; and the deletion of events that every sink has
passed rides along (decisions 1, 9, 10).
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.kernel.records import Cursor, LastSent
from agent.outbox.core import Core, passed_by_all
from agent.outbox.ledger import (
    DISABLED,
    WHOLE_LOG,
    Change,
    Drop,
    Note,
    Position,
    Tally,
    moved,
    noted_counts,
    passed_counts,
)
from agent.outbox.letters import Refusal, delete_letters, insert_letters, letter_values, next_letter, surplus
from agent.outbox.play_deliveries import lost, of_plays
from agent.outbox.retention import TRIM_FROM, trim
from agent.outbox.trials import TrialKey, Tried, write


def register(core: Core, sink: str, *, enabled: bool) -> None:
    """Make a sink known, or switch it on or off.

    A new sink starts at the head of the log: with what the others still wait for (decision 10). A disabled one is
    passed over: what it still waited for, and what happens until it is enabled, is counted as passed.
    """
    known = core.ledger.sinks.get(sink)
    if known is not None and known.enabled and enabled:
        return
    change = Change()
    if known is None:
        waiting = [position.cursor.sequence for position in core.ledger.enabled()]
        head = min(waiting, default=core.newest if core.ledger.sinks else 0)
        fresh = Position(sink, Cursor(head if enabled else core.newest), enabled=enabled)
        # What waits for it now is what was produced for it.
        waits = depth(core, fresh) if enabled else 0
        change.positions[sink] = replace(fresh, origin=core.newest - waits)
    else:
        number = depth(core, known) if known.enabled else core.newest - known.cursor.sequence
        change.positions[sink] = replace(known, cursor=Cursor(core.newest), enabled=enabled)
        change.counts = passed_counts(sink, {DISABLED: number})
    core.transactions.run(lambda connection: core.ledger.write(connection, change))
    core.ledger.accept(change)


def depth(core: Core, position: Position) -> int:
    """How many events a sink still waits for.

    Counted from the sequences, the gaps and the redeliveries: counting rows would read a quarter of a gigabyte.
    """
    return stretch(core, position.name, position.cursor.sequence, core.newest)


def stretch(core: Core, sink: str, after: int, upto: int) -> int:
    """How many events for `sink` there are behind sequence `after` up to `upto`."""
    if upto <= after:
        return 0
    connection = core.database.conn
    (gaps,) = connection.execute(
        # From the one range that may lie across `after` on: a dead destination keeps all that were ever made.
        "SELECT coalesce(sum(min(last, ?2) - max(first - 1, ?1)), 0) FROM tombstones WHERE last > ?1 AND first <= ?2"
        " AND first >= coalesce((SELECT max(first) FROM tombstones WHERE first <= ?1), 0)",
        (after, upto),
    ).fetchone()
    (foreign,) = connection.execute(
        "SELECT count(*) FROM redeliveries WHERE sequence > ? AND sequence <= ? AND sink <> ?", (after, upto, sink)
    ).fetchone()
    return int(upto - after - gaps - foreign)


def lose(core: Core, number: int, plays: int = 0) -> None:
    """Count `number` events that happened and could never be written: they were produced, and dropped; and the lines
    of so many `plays`."""
    change = Change(counts=Counter({(WHOLE_LOG, Tally.DROPPED, Drop.UNWRITTEN.value): number}))
    if plays:
        change.counts[(WHOLE_LOG, Tally.NOTED, Note.PLAYS_UNWRITTEN.value)] = plays
    for position in core.ledger.enabled():
        change.positions[position.name] = replace(position, origin=position.origin - number)
        change.counts[(position.name, Tally.DROPPED, Drop.UNWRITTEN.value)] = number
    core.transactions.run(lambda connection: core.ledger.write(connection, change))
    core.ledger.accept(change)


def settle(
    core: Core,
    sink: str,
    cursor: Cursor,
    *,
    projection: str,
    delivered: int,
    resent: int,
    passed: Mapping[str, int],
    noted: Mapping[Note, int],
    refusals: Sequence[Refusal],
    sent: LastSent | None,
    tried: Mapping[TrialKey, Tried],
    backlog_end: int,
) -> None:
    """Move a sink's cursor and write down what became of the messages on the way."""
    known = core.ledger.sinks[sink]
    position = moved(known, cursor, projection=projection, delivered=delivered, resent=resent, sent=sent)
    settled = stretch(core, sink, known.cursor.sequence, position.cursor.sequence)
    position = replace(position, backlog_end=max(position.backlog_end, backlog_end), settled=position.settled + settled)
    change = Change(positions={sink: position}, counts=passed_counts(sink, passed) + noted_counts(sink, noted))
    messages = max(delivered, 1)
    may_wait = not refusals and not tried and position.backlog_end == known.backlog_end
    if may_wait and core.ledger.owed + messages <= core.group:
        core.ledger.defer(change, messages)
        return
    surplus_letters: list[int] = []
    rows: list[tuple[Any, ...]] = []
    if refusals:
        number = next_letter(core)
        for refusal in refusals:
            change.counts[(sink, Tally.REFUSED, refusal.code)] += 1
            # None where the sink was disabled while the message was under way: then the event may have left already.
            found = core.reader.events("WHERE e.sequence = ?", (refusal.sequence,))
            if not found:
                change.counts[(sink, Tally.DROPPED, Drop.EVENT_GONE.value)] += 1
            for event in found:
                rows.append(letter_values(number + len(rows), sink, refusal, event))
        surplus_letters = surplus(core, sink, len(rows), change)

    def beside(connection: sqlite3.Connection) -> None:
        insert_letters(connection, rows)
        delete_letters(connection, surplus_letters)
        if refusals:
            lost(connection, sink, of_plays(connection, [refusal.sequence for refusal in refusals]))
        write(connection, sink, tried)

    _commit(core, change, beside)


def flush(core: Core) -> None:
    """Write what is owed, if anything is."""
    if core.ledger.owed:
        _commit(core, Change(), lambda _: None)


def _commit(core: Core, change: Change, beside: Callable[[sqlite3.Connection], None]) -> None:
    """Write `change` and what is `beside` it, and delete what every sink has passed with it."""
    trimmed: int | None = None

    def work(connection: sqlite3.Connection) -> None:
        nonlocal trimmed
        beside(connection)
        core.ledger.write(connection, change)
        trimmable = passed_by_all(core, change.positions)
        if trimmable - core.oldest + 1 >= TRIM_FROM:
            trimmed = trim(connection, core, trimmable)

    core.transactions.run(work)
    core.ledger.accept(change)
    core.oldest = trimmed or core.oldest
