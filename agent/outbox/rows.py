"""Rows to values and back: the one place that knows the order of the columns.

Contract: what `values` writes, `Reader.events` reads back equal.
Rules: a wall time that was taken from a synchronised clock is frozen as it stands, so that a first attempt needs no
write of its own (decision 6); an unsynchronised one waits for `Outbox.freeze`.
"""

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, replace
from typing import Any

from agent.kernel.attribution import Attribution, Identity
from agent.kernel.instants import Instant
from agent.kernel.records import Origin, Priority, Record, Redelivery, StoredEvent
from agent.outbox.errors import StoreDamaged
from agent.outbox.tombstones import between, shared

INSERT_EVENT = (
    "INSERT INTO events (sequence, kind, priority, origin, attribution, boottime, wall, synced, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_KIND = "INSERT INTO kinds (id, kind) VALUES (?, ?)"
INSERT_FROZEN_TIME = "INSERT INTO frozen_times (sequence, time) VALUES (?, ?)"
INSERT_IDENTITY = "INSERT INTO identities (sequence, generation, number) VALUES (?, ?, ?)"
INSERT_REDELIVERY = "INSERT INTO redeliveries (sequence, sink, part, projection) VALUES (?, ?, ?, ?)"
INSERT_ATTRIBUTION = (
    "INSERT INTO attributions (id, boot_id, device_id, session_id, referrer, partner_id, entry_id, media_uri, user_id,"
    " uiconf_id, client_version, context_id, unique_viewer, widget_id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
WRITE_STATE = "INSERT INTO states (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text"
SELECT_EVENTS = (
    "SELECT e.sequence, i.generation, i.number, e.kind, e.body, e.priority, e.attribution, e.boottime, e.wall,"
    " e.synced, f.time, e.origin, r.sink, r.part, r.projection"
    " FROM events e LEFT JOIN redeliveries r ON r.sequence = e.sequence"
    " LEFT JOIN identities i ON i.sequence = e.sequence LEFT JOIN frozen_times f ON f.sequence = e.sequence "
)
SELECT_ATTRIBUTION = (
    "SELECT boot_id, device_id, session_id, referrer, partner_id, entry_id, media_uri, user_id, uiconf_id,"
    " client_version, context_id, unique_viewer, widget_id FROM attributions WHERE id = ?"
)

ATTRIBUTIONS_KEPT = 32
"""Read-ahead of a prefix touches a handful of sessions; each costs about 1 kB of memory."""

# A dictionary's look-up costs a tenth of an enumeration's, and a drain does a million of them.
PRIORITIES = {int(priority): priority for priority in Priority}
ORIGINS = {int(origin): origin for origin in Origin}

Owner = tuple[Attribution, str]
"""An attribution and the boot in which its events happened: what one row of `attributions` holds."""


def values(sequence: int, record: Record, kind: int, attribution: int, origin: int) -> tuple[Any, ...]:
    """The row of a record; called for every append, so it calls as little as possible itself."""
    instant = record.instant
    return (
        sequence,
        kind,
        int(record.priority),
        origin,
        attribution,
        instant.boottime,
        instant.wall,
        1 if instant.synced else 0,
        record.body,
    )


def attribution_values(identifier: int, owner: Owner) -> tuple[Any, ...]:
    """The row of an owner."""
    attribution, boot_id = owner
    return (identifier, boot_id, *astuple(attribution))


def attribution_text(attribution: Attribution) -> str:
    """An attribution as JSON, for a row that must stand alone."""
    return json.dumps(asdict(attribution), separators=(",", ":"))


def frozen(time: float | None, instant: Instant) -> float | None:
    """The wall time that an event is sent with, where it is settled already."""
    if time is not None:
        return time
    return instant.wall if instant.synced else None


class Reader:
    """Reads events through one connection; remembers the last few attributions.

    `generations` are (first sequence, generation) in rising order.
    """

    def __init__(self, connection: sqlite3.Connection, generations: Sequence[tuple[int, str]]) -> None:
        self._connection = connection
        self._firsts = [first for first, _ in generations]
        self._generations = [generation for _, generation in generations]
        self._owners: dict[int, Owner] = {}
        self._kinds: dict[int, str] = {}

    def events(self, condition: str, parameters: Iterable[Any]) -> list[StoredEvent]:
        """The events that fulfil an SQL condition. Raises StoreDamaged for a row that cannot be true."""
        rows = self._connection.execute(SELECT_EVENTS + condition, tuple(parameters)).fetchall()
        try:
            return [self._event(row) for row in rows]
        except (TypeError, ValueError, LookupError) as error:
            raise StoreDamaged(f"A row of the store makes no sense: {error}.", remedy="Start again.") from error

    def waiting(self, sink: str, after: int, *, limit: int) -> list[StoredEvent]:
        """The next events for a sink whose cursor stands at `after`, and what was given up between them."""
        condition = "WHERE e.sequence > ? AND (r.sink IS NULL OR r.sink = ?) ORDER BY e.sequence LIMIT ?"
        events = self.events(condition, (after, sink, limit))
        stones = between(self._connection, after, events[-1].sequence) if events else []
        if not stones:
            return events
        told = shared(stones, [(event.sequence, event.redelivery is None) for event in events])
        return [replace(event, before=stones) for event, stones in zip(events, told, strict=True)]

    def owner(self, identifier: int) -> Owner:
        """The attribution and boot of a row. Raises StoreDamaged where it is missing."""
        found = self._owners.get(identifier)
        if found is None:
            row = self._connection.execute(SELECT_ATTRIBUTION, (identifier,)).fetchone()
            if row is None:
                raise StoreDamaged(f"Attribution {identifier} is missing.", remedy="Start again.")
            if len(self._owners) >= ATTRIBUTIONS_KEPT:
                self._owners.clear()
            found = self._owners[identifier] = (Attribution(*row[1:]), row[0])
        return found

    def kind(self, identifier: int) -> str:
        """The name of a kind. Raises StoreDamaged where it is missing."""
        if identifier not in self._kinds:
            self._kinds.update(self._connection.execute("SELECT id, kind FROM kinds").fetchall())
            if identifier not in self._kinds:
                raise StoreDamaged(f"Kind {identifier} is missing.", remedy="Start again.")
        return self._kinds[identifier]

    def _event(self, row: tuple[Any, ...]) -> StoredEvent:
        sequence, generation, number, kind, body, priority, owner, boottime, wall, synced, time, origin = row[:12]
        if generation is None:
            # A salvaged store may have lost the first ranges' names; those rows get the next one's.
            place = max(0, bisect_right(self._firsts, sequence) - 1)
            generation, number = self._generations[place], sequence
        attribution, boot_id = self.owner(owner)
        instant = Instant(boot_id, boottime, wall, bool(synced))
        return StoredEvent(
            sequence=sequence,
            identity=Identity(generation, number),
            kind=self.kind(kind),
            body=body,
            priority=PRIORITIES[priority],
            attribution=attribution,
            instant=instant,
            frozen_time=frozen(time, instant),
            origin=ORIGINS[origin],
            redelivery=None if row[12] is None else Redelivery(*row[12:15]),
        )
