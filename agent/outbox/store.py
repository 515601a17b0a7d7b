"""The outbox: the event log, its sinks' cursors, and named texts that commit with events.

Contract: when a method that writes returns, its work is durable; when it raises, nothing of it was written (except
after StoreFailed and StoreDamaged, where nobody knows before `mend`). Order is strict; a sequence is never used twice,
not after a drain, not after a restart.
Rules: one connection behind one lock; any thread may call. This class only takes the lock and calls the module that
does the work. Nothing here reads a clock.
Reasons: decisions 3, 5 to 10, 25 to 30; README.md beside this file.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from agent.kernel.boots import Boots, is_right
from agent.kernel.instants import Instant
from agent.kernel.records import Cursor, LastSent, Record, StoredEvent
from agent.outbox import appending, freezing, letters, room, settling, trials, unclean
from agent.outbox.appending import Ticket
from agent.outbox.bounds import Bounds
from agent.outbox.checking import Check, check_slice
from agent.outbox.core import BOOTS, Core
from agent.outbox.errors import StoreDamaged, StoreError, StoreFailed, StoreTrouble
from agent.outbox.exporting import Exports
from agent.outbox.freezing import Freezing
from agent.outbox.generation import Device
from agent.outbox.guard import Guard
from agent.outbox.ledger import Drop, Note
from agent.outbox.letters import Refusal, read_letters
from agent.outbox.lock import Lock
from agent.outbox.mending import Mender, Reopen
from agent.outbox.opening import Opening, open_store
from agent.outbox.owing import Owing
from agent.outbox.reading import Reading
from agent.outbox.statistics import Statistics, nothing_known, statistics
from agent.outbox.trials import NO_TRIALS, TrialKey, Tried

NO_TEXTS: Mapping[str, str] = MappingProxyType({})
NO_COUNTS: Mapping[str, int] = MappingProxyType({})
NO_NOTES: Mapping[Note, int] = MappingProxyType({})


class Outbox(Reading):
    """The open store. Made by `open`."""

    def __init__(
        self, core: Core, opening: Opening, lock: Lock, bounds: Bounds, *, reopen: Reopen | None = None
    ) -> None:
        self._mender = Mender(core, reopen)
        self._core = core
        core.newest_first = bounds.newest_first
        self._process_lock = lock
        self._guard = Guard(core.folder)
        self._bounds = bounds
        self._check = Check(core)
        self.opening = opening
        self.generation = opening.generation
        self._left_by_the_last = core.newest
        self._figures = nothing_known(core, bounds, self.generation)
        self.exports = Exports(core, self._guard)
        self.owing = Owing(core, self._guard)

    @classmethod
    def open(cls, folder: Path, *, device_id: str, hardware_key: str, bounds: Bounds) -> "Outbox":
        """Open or create the store in `folder`. Raises StoreBusy, StoreTooNew, StoreUnusable."""
        lock = Lock.take(folder, make_folder=True)

        def reopen() -> tuple[Core, Opening]:
            device = Device(device_id, hardware_key)
            return open_store(folder, device, max_pages=room.pages(bounds), make_room=lambda: room.make_room(core))

        with lock.released_on_failure():
            core, opening = reopen()
        return cls(core, opening, lock, bounds, reopen=reopen)

    @property
    def left_by_the_last(self) -> int:
        """The newest sequence that was in the log before this process, which may have ended in the middle of a send."""
        return self._left_by_the_last

    @property
    def trouble(self) -> StoreTrouble | None:
        """Why the store takes nothing until `mend`; None while all is well, or while only the disk is full."""
        return self._guard.trouble

    def mend(self) -> Opening:
        """Open the store anew after trouble, repairing it as a start does; what was found. Raises StoreError."""
        with self._guard.mending():
            opening = self._mender.mend()
            self.generation = opening.generation
            return opening

    def append(self, records: Sequence[Record], *, states: Mapping[str, str] = NO_TEXTS) -> Ticket:
        """Write events and named texts in one transaction. Raises StoreFull, StoreDamaged, StoreFailed.

        After the last two, and a `mend`, the same records are written only if they are not there yet.
        """
        with self._guard:
            boots = Boots.read(states[BOOTS]) if BOOTS in states else None
            if self._mender.has_done("append", *records):
                appending.append(self._core, (), states, boots)
                self._mender.forget()
                ticket = Ticket(self._core.newest - len(records) + 1, self._core.newest)
            else:
                try:
                    ticket = appending.append(self._core, records, states, boots)
                except (StoreDamaged, StoreFailed):
                    self._mender.doubt("append", *records, events=len(records))
                    raise
            if boots is not None:
                self._core.boots = boots
            return ticket

    def register(self, sink: str, *, enabled: bool = True) -> None:
        """Make a destination known; it starts at the head of the log. Disabled, it is passed over and counted."""
        with self._guard:
            settling.register(self._core, sink, enabled=enabled)

    def peek(self, sink: str, limit: int, *, after: int | None = None) -> list[StoredEvent]:
        """The next events for `sink`, at most `limit`. They stay in the log at least until they are settled.

        `after`: a sequence beyond the sink's cursor, for whoever looks ahead; all up to there stays too.
        """
        with self._guard:
            cursor = self._core.ledger.sinks[sink].cursor.sequence
            events = self._core.reader.waiting(sink, cursor if after is None else max(after, cursor), limit=limit)
            if events:
                self._core.handed_out[sink] = events[-1].sequence
            return events

    def freeze(self, times: Sequence[Freezing]) -> list[float]:
        """Make each event's `time` its own for all its tries, in one transaction; what was frozen first stays.

        Returns the times that they have, in the same order. Is one another than was asked for, nothing was written.
        """
        with self._guard:
            return freezing.freeze(self._core, times)

    def trials(self, sink: str, first: int, last: int) -> dict[TrialKey, Tried]:
        """What is kept of the tries of `sink`'s messages of the events `first` to `last`; most have nothing."""
        with self._guard:
            return trials.read(self._core.database.conn, sink, first, last)

    def settle(
        self,
        sink: str,
        cursor: Cursor,
        *,
        projection: str,
        delivered: int = 0,
        resent: int = 0,
        passed: Mapping[str, int] = NO_COUNTS,
        noted: Mapping[Note, int] = NO_NOTES,
        refusals: Sequence[Refusal] = (),
        sent: LastSent | None = None,
        tried: Mapping[TrialKey, Tried] = NO_TRIALS,
        backlog_end: int = 0,
    ) -> None:
        """Move `sink` to `cursor` and count what happened on the way, in one transaction.

        `delivered`: messages accepted. `resent`: messages sent again after an answer was lost (decision 8).
        `passed`: events that became no message, by reason. `noted`: what makes a delivery less certain.
        `refusals` go to the dead letters. `sent`: the last message. `tried`: what is known now of messages that still
        wait. `backlog_end`: up to this sequence messages travel in batches from now on. A cursor or an end behind the
        stored one leaves that where it is.
        """
        write = (sink, cursor, projection, delivered, resent)
        with self._guard:
            if self._mender.has_done(*write):
                self._mender.forget()
                return
            try:
                settling.settle(
                    self._core,
                    sink,
                    cursor,
                    projection=projection,
                    delivered=delivered,
                    resent=resent,
                    passed=passed,
                    noted=noted,
                    refusals=refusals,
                    sent=sent,
                    tried=tried,
                    backlog_end=backlog_end,
                )
            except (StoreDamaged, StoreFailed):
                self._mender.doubt(*write, sink=sink)
                raise

    def lose(self, number: int, *, plays: int = 0) -> None:
        """Count `number` events that could not be kept while the store could not be written; with them the lines of
        so many `plays`."""
        with self._guard:
            settling.lose(self._core, number, plays)

    def tell_time(self, now: Instant) -> None:
        """The present moment, for what is written down of deliveries, and for dating plays. Costs nothing."""
        self._core.now = now
        right = self._core.boots.corrected(now)
        self._core.ledger.now = right.wall if is_right(right) else 0.0

    def retry(self, sink: str | None, numbers: Sequence[int] | None = None) -> int:
        """Put dead letters back at the tail, with their old identity and times; how many.

        `sink` None: whichever refused them; `numbers` None: all. Raises UnknownLettersError, and nothing has changed.
        """
        with self._guard:
            connection = self._core.database.conn
            chosen = letters.choose(connection, sink, numbers)
            found = [letter for number, _ in chosen for letter in read_letters(connection, "WHERE id = ?", (number,))]
            appending.retry(self._core, found)
            return len(found)

    def discard(self, sink: str | None, numbers: Sequence[int] | None = None) -> int:
        """Throw dead letters away for good, counted as dropped; otherwise as `retry`."""
        with self._guard:
            chosen = letters.choose(self._core.database.conn, sink, numbers)
            letters.discard(self._core, chosen)
            return len(chosen)

    def enforce(self, now: Instant) -> Mapping[Drop, int]:
        """Keep the store within its bounds; what was dropped, by reason. To be called about once a minute."""
        with self._guard:
            return room.enforce(self._core, self._bounds, now)

    def check_slice(self) -> bool:
        """Check a part of the file; True when that was the last part. Raises StoreDamaged."""
        with self._guard:
            return self._check.step()

    def check(self, after: int) -> int:
        """Check a part behind sequence `after` for whoever asks; where the next begins, 0 after the last."""
        with self._guard:
            return check_slice(self._core, after)[0]

    def statistics(self) -> Statistics:
        """The account for `status`; while there is trouble the last one, which says so."""
        try:
            with self._guard:
                self._figures = statistics(self._core, self._bounds, self.generation)
        except StoreTrouble as error:
            return replace(self._figures, trouble=str(error)).waiting_too(self.owing.unwritten)
        return self._figures.waiting_too(self.owing.unwritten)

    def close(self) -> None:
        """Close the file and let another process have it. Nothing is lost without it."""
        if self._guard.is_closed:
            return
        is_sound = self._guard.trouble is None
        with self._guard.mending():
            if is_sound:
                with suppress(StoreError):
                    settling.flush(self._core)
            self._guard.close()
            unclean.end(self._core.folder)
            try:
                self._core.database.conn.close()
            except sqlite3.Error as error:
                raise StoreError(f"The store did not close: {error}.", remedy="Check the disk.") from error
            finally:
                self._process_lock.release()
