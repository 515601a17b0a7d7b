"""The hot path: events and named texts in one transaction.

Contract: `append` returns a ticket when everything is durable, or raises a StoreError with nothing written.
Rules: written-out SQL with explicit ids on the bare connection; sqlite-utils' insert costs three look-ups a row. The
attribution of the newest event is remembered, so that a session writes one row of it and looks nothing up.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.kernel.records import Record
from agent.outbox.core import Core, passed_by_all
from agent.outbox.retention import TRIM_FROM, trim
from agent.outbox.rows import INSERT_ATTRIBUTION, INSERT_EVENT, attribution_values, values

WRITE_STATE = "INSERT INTO states (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The sequences that an append gave, both included; `last` is `first` - 1 for an append of texts alone."""

    first: int
    last: int

    def wait(self) -> None:
        """Return when the append is durable (decision 27). Today it is by the time the ticket exists."""


def append(core: Core, records: Sequence[Record], states: Mapping[str, str]) -> Ticket:
    """Write `records` and `states` durably, all or nothing. Raises StoreFull, StoreDamaged, StoreFailed."""
    first = core.newest + 1
    owner_id, owner = core.owner_id, core.owner
    owners: list[tuple[Any, ...]] = []
    rows: list[tuple[Any, ...]] = []
    for sequence, record in enumerate(records, start=first):
        if owner is None or record.attribution != owner[0] or record.instant.boot_id != owner[1]:
            owner_id, owner = owner_id + 1, (record.attribution, record.instant.boot_id)
            owners.append(attribution_values(owner_id, owner))
        rows.append(values(sequence, record, owner_id))
    # Only a log whose sinks are all disabled is trimmed here: otherwise the settlements do it.
    passed = 0 if core.ledger.enabled() else passed_by_all(core)
    trimmed: int | None = None

    def work(connection: sqlite3.Connection) -> None:
        nonlocal trimmed
        for row in owners:
            connection.execute(INSERT_ATTRIBUTION, row)
        for row in rows:
            connection.execute(INSERT_EVENT, row)
        for pair in states.items():
            connection.execute(WRITE_STATE, pair)
        if passed - core.oldest >= TRIM_FROM:
            trimmed = trim(connection, core, passed)

    core.transactions.run(work)
    core.newest += len(rows)
    core.oldest = trimmed or core.oldest or (core.newest and first)
    core.owner_id, core.owner = owner_id, owner
    return Ticket(first, core.newest)
