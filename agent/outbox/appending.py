"""The hot path: events and named texts in one transaction; and refused messages that come again.

Contract: `append` returns a ticket when everything is durable, or raises a StoreError with nothing written.
Rules: written-out SQL with explicit ids on the bare connection; sqlite-utils' insert costs three look-ups a row. The
attribution of the newest event is remembered, so that a session writes one row of it and looks nothing up.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.kernel.boots import Boots
from agent.kernel.plays import PlayFacts
from agent.kernel.records import Origin, Record
from agent.outbox.core import Core, passed_by_all
from agent.outbox.errors import StoreFull
from agent.outbox.ledger import WHOLE_LOG, Change, Note, Tally
from agent.outbox.letters import DELETE_LETTER, DeadLetter
from agent.outbox.packing import packed
from agent.outbox.play_lines import Lines
from agent.outbox.retention import TRIM_FROM, trim
from agent.outbox.rows import (
    INSERT_ATTRIBUTION,
    INSERT_EVENT,
    INSERT_FROZEN_TIME,
    INSERT_IDENTITY,
    INSERT_KIND,
    INSERT_REDELIVERY,
    WRITE_STATE,
    attribution_values,
    frozen,
    values,
)
from agent.outbox.trials import WRITE_TRIAL

LOCAL = int(Origin.LOCAL)


@dataclass(frozen=True, slots=True)
class Ticket:
    """The sequences that an append gave, both included; `last` is `first` - 1 for an append of texts alone."""

    first: int
    last: int

    def wait(self) -> None:
        """Return when the append is durable (decision 27). Today it is by the time the ticket exists."""


def append(core: Core, records: Sequence[Record], states: Mapping[str, str], boots: Boots | None = None) -> Ticket:
    """Write `records` and `states` durably, all or nothing. Raises StoreFull, StoreDamaged, StoreFailed.

    `boots`: what `states` tell of this device's boots, where that is news.
    """
    if len(records) == 1 and not states and (ticket := _append_one(core, records[0])) is not None:
        return ticket
    draft = Draft(core, boots)
    for record in records:
        draft.add(record)
    draft.statements += [(WRITE_STATE, (name, packed(text))) for name, text in states.items()]
    return draft.write()


def _append_one(core: Core, record: Record) -> Ticket | None:
    """The short way for one more event of the same owner; None: it is not that simple.

    A statement alone needs no BEGIN and COMMIT; with the long way an append would compute twice what the bare INSERT
    does, which shows where flushing is fast.
    """
    owner, instant = core.owner, record.instant
    kind = core.kinds.get(record.kind)
    if (
        kind is None
        or owner is None
        or record.play is not None
        or record.attribution is not owner[0]
        or instant.boot_id != owner[1]
        or not core.ledger.anyone_waits
        or core.ledger.owed
    ):
        return None
    sequence = core.newest + 1
    core.transactions.single(INSERT_EVENT, values(sequence, record, kind, core.owner_id, LOCAL))
    core.newest = sequence
    return Ticket(sequence, sequence)


def retry(core: Core, letters: Sequence[DeadLetter]) -> None:
    """Move `letters` back into the log, at the tail, for the sinks that refused them (decision 9)."""
    draft = Draft(core)
    for letter in letters:
        draft.account(letter.sink)
        event = letter.event
        record = Record(event.kind, event.body, event.priority, event.attribution, event.instant)
        sequence = draft.add(record, int(event.origin))
        identity = (sequence, event.identity.generation, event.identity.sequence)
        draft.statements.append((INSERT_IDENTITY, identity))
        draft.statements.append((INSERT_REDELIVERY, (sequence, letter.sink, letter.part, letter.projection)))
        draft.statements.append((WRITE_TRIAL, (sequence, letter.sink, letter.part, letter.attempt, 0, 0, 0)))
        if event.frozen_time is not None and event.frozen_time != frozen(None, event.instant):
            draft.statements.append((INSERT_FROZEN_TIME, (sequence, event.frozen_time)))
        draft.statements.append((DELETE_LETTER, (letter.number,)))
    draft.write()


class Draft:
    """Events on their way into the log: the statements of one transaction, and the numbers they use."""

    def __init__(self, core: Core, boots: Boots | None = None) -> None:
        self._core = core
        self._boots = boots
        self._plays: list[PlayFacts] = []
        self._first = self._next = core.newest + 1
        self._owner_id, self._owner = core.owner_id, core.owner
        self._kinds: dict[str, int] = {}
        self._change = Change()
        self.statements: list[tuple[str, tuple[Any, ...]]] = []

    def add(self, record: Record, origin: int = LOCAL) -> int:
        """Add an event; returns its sequence."""
        owner, boot_id = self._owner, record.instant.boot_id
        # Nearly always the very object that came last; comparing ten fields costs more than the row's other work.
        if (
            owner is None
            or (record.attribution is not owner[0] and record.attribution != owner[0])
            or boot_id != owner[1]
        ):
            self._owner_id, self._owner = self._owner_id + 1, (record.attribution, boot_id)
            self.statements.append((INSERT_ATTRIBUTION, attribution_values(self._owner_id, self._owner)))
        kind = self._core.kinds.get(record.kind) or self._kinds.get(record.kind)
        if kind is None:
            kind = self._kinds[record.kind] = len(self._core.kinds) + len(self._kinds) + 1
            self.statements.append((INSERT_KIND, (kind, record.kind)))
        sequence = self._next
        self.statements.append((INSERT_EVENT, values(sequence, record, kind, self._owner_id, origin)))
        if record.play is not None:
            self._plays.append(replace(record.play, last=sequence))
        self._next = sequence + 1
        return sequence

    def account(self, sink: str) -> None:
        """Count an event that comes again for `sink`: it is produced once more, and for nobody else.

        A sink that is off passes over all that comes, this one too.
        """
        positions = self._change.positions
        for position in self._core.ledger.enabled():
            if position.name != sink:
                known = positions.get(position.name, position)
                positions[position.name] = replace(known, origin=known.origin + 1)
        self._change.counts[(sink, Tally.NOTED, Note.RETRIED.value)] += 1

    def write(self) -> Ticket:
        """Make it durable; what no room is left for of the ledger is counted. Raises StoreFull, StoreDamaged,
        StoreFailed.
        """
        if not self._plays and self._boots is None:
            return self._write(with_plays=False)
        try:
            return self._write(with_plays=True)
        except StoreFull:
            # The ledger costs no event.
            if self._plays:
                self._change.counts[(WHOLE_LOG, Tally.NOTED, Note.PLAYS_UNWRITTEN.value)] = len(self._plays)
            return self._write(with_plays=False)

    def _write_lines(self, connection: sqlite3.Connection) -> Lines:
        """Made anew for each try: the one before may have made room by giving up old plays, and their names."""
        core = self._core
        lines = Lines(connection, core.chain, core.boots if self._boots is None else self._boots)
        lines.clocks()
        for play in self._plays:
            lines.play(play)
        lines.finish()
        if lines.missing:
            self._change.counts[(WHOLE_LOG, Tally.NOTED, Note.PLAYS_UNWRITTEN.value)] = lines.missing
        return lines

    def _write(self, *, with_plays: bool) -> Ticket:
        core, statements = self._core, self.statements
        lines: Lines | None = None
        # Where nothing is settled with it, only a log whose sinks are all disabled: otherwise the settlements do it.
        passed = 0 if core.ledger.anyone_waits and not core.ledger.owed else passed_by_all(core)
        trimmed: int | None = None

        def work(connection: sqlite3.Connection) -> None:
            nonlocal trimmed, lines
            # The events first: where a write in doubt was done, they say so, and the lines are those of that try.
            for statement, parameters in statements:
                connection.execute(statement, parameters)
            if with_plays:
                lines = self._write_lines(connection)
            core.ledger.write(connection, self._change)
            if passed - core.oldest >= TRIM_FROM:
                trimmed = trim(connection, core, passed)

        core.transactions.run(work)
        core.ledger.accept(self._change)
        core.newest = self._next - 1
        core.oldest = trimmed or core.oldest or (core.newest and self._first)
        core.owner_id, core.owner = self._owner_id, self._owner
        core.kinds |= self._kinds
        if lines is not None:
            core.chain = lines.chain
        return Ticket(self._first, core.newest)
