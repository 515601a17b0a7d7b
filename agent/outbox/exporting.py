"""Handing events over to a file that is carried away, for a device that never comes online.

Contract: `begin` takes what waits out of every destination's hands, durably, and returns the export; `page` reads its
rows for the file; `written` and `forget` say how far it has come. All calls raise StoreError, and change nothing then.
Rules:
1. An event is handed over before the first byte of the file is written, and never delivered by this device any more:
   whatever is cut off when, nobody delivers it twice. What was handed over and not written yet is written next.
2. The rows stay in the log until `forget`, so that a file that was lost can be written again, the same export under the
   same id. Nobody waits for them, so they are the first to go when the store needs room (agent.outbox.room).
3. The cut is between sessions: a play that goes on stays here whole, since what it becomes at a destination depends on
   how it began.
4. Not to be begun while a message is under way, whose answer nobody has heard yet: the caller sees to that.
5. Which tables travel: all but those that are this store's own (`STAYS`); a later schema's tables too.
Rejected: to move the cursors only once the file is written, for a cut between the two would leave the events in both
hands; to let the device go on delivering what was exported, for a service recognises a repeat for ten minutes only.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from agent.kernel.instants import Instant
from agent.kernel.records import Cursor
from agent.outbox.core import Core
from agent.outbox.guard import Guard
from agent.outbox.ledger import EXPORTED, Change, Position, Tally
from agent.outbox.packing import unpacked
from agent.outbox.rows import WRITE_STATE
from agent.outbox.schema import BESIDE_EVENTS, COLUMNS
from agent.outbox.settling import stretch

STATE_NAME = "exports"

CARRIED_STATES = ("boots",)
"""The named texts that travel: what is known of the device's clocks dates its events."""

STAYS = ("properties", "states", "counters", "sinks", "dead_letters")
"""Whose rows stay here. A refused message waits for somebody to decide, and the destinations' rows travel as they were
when the events were handed over."""

CLOSED = "closed"
"""The kind of the event that ends a session (agent.kernel.codec)."""

PAGE_ROWS = 500
"""Events of a page: about 300 kB of JSON, which takes the main loop some hundredths of a second."""

KEPT_AT_MOST = 64
"""Exports that are remembered, five years of a file a month; the oldest is forgotten."""


class UnknownExportError(LookupError):
    """There is no such export, or its rows have made way for new events."""


@dataclass(frozen=True, slots=True)
class Export:
    """What was handed over. `first` and `last`: sequences; `made`: wall s, by this device's clock; `made_synced`.

    `waiting`: how many events each destination waited for. `sinks`: their rows as they were. `states`: named texts.
    """

    id: str
    device: str
    generation: str
    first: int
    last: int
    made: float
    made_synced: bool
    is_written: bool
    waiting: dict[str, int]
    sinks: list[list[Any]]
    states: dict[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as (table, values…), and the sequence behind which the next page begins; None: this was the last one."""

    rows: list[list[Any]]
    after: int | None


class Exports:
    """The exports of an open store."""

    def __init__(self, core: Core, guard: Guard) -> None:
        self._core = core
        self._guard = guard
        self._known = _read(core)
        self._hold()

    def known(self) -> tuple[Export, ...]:
        """Those whose rows are kept, oldest first."""
        with self._guard:
            return tuple(export for export in self._known if self._is_whole(export))

    def begin(self, now: Instant) -> Export | None:
        """Hand over what waits, or go on with what was handed over and not written; None: nothing to hand over."""
        with self._guard:
            for export in self._known:
                if not export.is_written and self._is_whole(export):
                    return export
            # Settlements may wait in memory for the next transaction; what travels is read from the tables.
            self._write(self._known, Change())
            last = _cut(self._core)
            waiting = _waiting(self._core, last)
            if not waiting:
                return None
            export = self._drawn(waiting, last, now)
            positions = {position.name: _passed(position, last, export.waiting[position.name]) for position in waiting}
            counts = Counter({(name, Tally.PASSED, EXPORTED): number for name, number in export.waiting.items()})
            self._write([*self._known[-KEPT_AT_MOST + 1 :], export], Change(positions=positions, counts=counts))
            return export

    def page(self, identifier: str, after: int | None) -> Page:
        """The rows of the export's file behind `after` (None: from the beginning). Raises UnknownExportError."""
        with self._guard:
            export = self._export(identifier)
            if not self._is_whole(export):
                raise UnknownExportError(f"the events of export {identifier} are not in the queue any more")
            return _page(self._core, export, after)

    def written(self, identifier: str) -> None:
        """The file is on its medium, durably. Raises UnknownExportError."""
        with self._guard:
            chosen = self._export(identifier)
            self._write([replace(each, is_written=True) if each is chosen else each for each in self._known], Change())

    def forget(self, identifier: str) -> None:
        """Whoever took the file has delivered it: the rows may go. Raises UnknownExportError."""
        with self._guard:
            chosen = self._export(identifier)
            self._write([each for each in self._known if each is not chosen], Change())

    def _export(self, identifier: str) -> Export:
        for export in self._known:
            if export.id == identifier:
                return export
        raise UnknownExportError(f"there is no export {identifier[:80]}")

    def _is_whole(self, export: Export) -> bool:
        """Rows go from the oldest on, so the first one stands for all."""
        query = "SELECT count(*) FROM events WHERE sequence = ?"
        (found,) = self._core.database.conn.execute(query, (export.first,)).fetchone()
        return bool(found)

    def _drawn(self, waiting: Iterable[Position], last: int, now: Instant) -> Export:
        core = self._core
        connection = core.database.conn
        before = min(position.cursor.sequence for position in waiting)
        (first,) = connection.execute("SELECT min(sequence) FROM events WHERE sequence > ?", (before,)).fetchone()
        (generation,) = connection.execute("SELECT generation FROM generations ORDER BY first DESC LIMIT 1").fetchone()
        (device,) = connection.execute("SELECT value FROM properties WHERE name = 'device_id'").fetchone()
        numbers = {position.name: _number(core, position, last) for position in waiting}
        marks = ",".join("?" * len(numbers))
        columns = ", ".join(COLUMNS["sinks"])
        rows = connection.execute(f"SELECT {columns} FROM sinks WHERE name IN ({marks})", tuple(numbers)).fetchall()
        marks = ",".join("?" * len(CARRIED_STATES))
        texts = connection.execute(f"SELECT name, text FROM states WHERE name IN ({marks})", CARRIED_STATES).fetchall()
        # Each export ends behind the one before, so the name is its own; and a repeat of this very step gets the same.
        identifier = str(uuid5(UUID(generation), f"export/{last}"))
        return Export(
            id=identifier,
            device=device,
            generation=generation,
            first=first,
            last=last,
            made=now.wall,
            made_synced=now.synced,
            is_written=False,
            waiting=numbers,
            sinks=[list(row) for row in rows],
            states={name: unpacked(text) for name, text in texts},
        )

    def _write(self, exports: list[Export], change: Change) -> None:
        core = self._core
        text = json.dumps([asdict(export) for export in exports], separators=(",", ":"))

        def work(connection: Any) -> None:
            connection.execute(WRITE_STATE, (STATE_NAME, text))
            core.ledger.write(connection, change)

        core.transactions.run(work)
        core.ledger.accept(change)
        self._known = exports
        self._hold()

    def _hold(self) -> None:
        core = self._core
        core.kept_from = min((export.first for export in self._known), default=0)
        core.kept_to = max((export.last for export in self._known), default=0)


def _read(core: Core) -> list[Export]:
    row = core.database.conn.execute("SELECT text FROM states WHERE name = ?", (STATE_NAME,)).fetchone()
    return [] if row is None else [Export(**each) for each in json.loads(row[0])]


def _waiting(core: Core, last: int) -> list[Position]:
    """The destinations that wait for something up to `last`."""
    positions = [position for position in core.ledger.enabled() if position.cursor.sequence < last]
    return [position for position in positions if _number(core, position, last)]


def _number(core: Core, position: Position, last: int) -> int:
    """How many events up to `last` a destination waits for."""
    return stretch(core, position.name, position.cursor.sequence, last)


def _passed(position: Position, last: int, number: int) -> Position:
    return replace(position, cursor=Cursor(last), settled=position.settled + number)


def _cut(core: Core) -> int:
    """The last sequence before the session that goes on; the newest of all where none does.

    Bounded by that session's own rows: attribution ids never fall as the sequence rises. A dead letter on its second
    way is an old session's.
    """
    connection = core.database.conn
    row = connection.execute(
        "SELECT a.session_id FROM events e JOIN attributions a ON a.id = e.attribution"
        " LEFT JOIN redeliveries r ON r.sequence = e.sequence"
        " WHERE a.session_id <> '' AND r.sequence IS NULL ORDER BY e.sequence DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return core.newest
    (first,) = connection.execute("SELECT min(id) FROM attributions WHERE session_id = ?", row).fetchone()
    before = connection.execute(
        "SELECT sequence FROM events WHERE attribution < ? ORDER BY sequence DESC LIMIT 1", (first,)
    ).fetchone()
    begins_behind = 0 if before is None else int(before[0])
    ended = connection.execute(
        "SELECT 1 FROM events e JOIN attributions a ON a.id = e.attribution JOIN kinds k ON k.id = e.kind"
        " WHERE e.sequence > ? AND a.session_id = ? AND k.kind = ? LIMIT 1",
        (begins_behind, row[0], CLOSED),
    ).fetchone()
    return core.newest if ended else begins_behind


def _page(core: Core, export: Export, after: int | None) -> Page:
    connection = core.database.conn
    rows: list[list[Any]] = []
    if after is None:
        after = export.first - 1
        rows += _beginning(core, export)
    columns = ", ".join(COLUMNS["events"])
    events = connection.execute(
        f"SELECT {columns} FROM events WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?",
        (after, export.last, PAGE_ROWS),
    ).fetchall()
    if not events:
        return Page(rows, None)
    owner, last = COLUMNS["events"].index("attribution"), events[-1][0]
    rows += _rows(core, "attributions", "id > ? AND id <= ?", (_owner_at(core, export, after), events[-1][owner]))
    rows += [["events", *event] for event in events]
    for table in BESIDE_EVENTS:
        rows += _rows(core, table, "sequence > ? AND sequence <= ?", (after, last))
    return Page(rows, last if len(events) == PAGE_ROWS else None)


def _beginning(core: Core, export: Export) -> list[list[Any]]:
    """What stands before the events: the small tables, and how things were when the events were handed over."""
    rows: list[list[Any]] = [["sinks", *row] for row in export.sinks]
    rows += [["states", name, text] for name, text in export.states.items()]
    for table in COLUMNS:
        if table in (*STAYS, *BESIDE_EVENTS, "events", "attributions"):
            continue
        if table == "tombstones":
            rows += _rows(core, table, "last >= ? AND first <= ?", (export.first, export.last))
        else:
            rows += _rows(core, table, "true", ())
    return rows


def _owner_at(core: Core, export: Export, after: int) -> int:
    """The attribution up to which the pages before this one have told all."""
    query = "SELECT attribution FROM events WHERE sequence BETWEEN ? AND ? ORDER BY sequence DESC LIMIT 1"
    row = core.database.conn.execute(query, (export.first, after)).fetchone()
    if row is not None:
        return int(row[0])
    (first,) = core.database.conn.execute(
        "SELECT attribution FROM events WHERE sequence = ?", (export.first,)
    ).fetchone()
    return int(first) - 1


def _rows(core: Core, table: str, condition: str, parameters: tuple[Any, ...]) -> list[list[Any]]:
    columns = ", ".join(COLUMNS[table])
    query = f"SELECT {columns} FROM {table} WHERE {condition}"
    return [[table, *row] for row in core.database.conn.execute(query, parameters).fetchall()]
