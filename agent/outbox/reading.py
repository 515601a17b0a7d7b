"""What can be read of the open store, without a change to it.

Contract: plain values of one moment. Any thread may call; each look takes the store's lock once. All raise StoreError
while there is trouble, where nothing else is said.
Reasons: README.md beside this file; agent.outbox.store writes.
"""

from agent.kernel.boots import Boots
from agent.kernel.plays import ChainHead, Play, Verified
from agent.kernel.records import Cursor, LastSent, StoredEvent
from agent.outbox import play_check, play_reading
from agent.outbox.core import Core
from agent.outbox.guard import Guard
from agent.outbox.letters import DeadLetter, read_letters
from agent.outbox.packing import unpacked


class Reading:
    """The readers' side of the outbox."""

    _core: Core
    _guard: Guard

    def state(self, name: str) -> str | None:
        """The named text that was last appended."""
        with self._guard:
            row = self._core.database.conn.execute("SELECT text FROM states WHERE name = ?", (name,)).fetchone()
        return None if row is None else unpacked(row[0])

    def position(self, sink: str) -> tuple[Cursor, str]:
        """A registered sink's cursor and its projection's state. Raises KeyError for one that is not registered."""
        position = self._core.ledger.sinks[sink]
        return position.cursor, position.projection

    @property
    def boots(self) -> Boots:
        """What is known of this device's boots: the text `BOOTS` that was last appended."""
        return self._core.boots

    @property
    def newest(self) -> int:
        """The largest sequence so far."""
        return self._core.newest

    @property
    def device_id(self) -> str:
        """The device whose store this is, by the id with which it was opened last."""
        with self._guard:
            row = self._core.database.conn.execute("SELECT value FROM properties WHERE name = 'device_id'").fetchone()
        return "" if row is None else str(row[0])

    def backlog_end(self, sink: str) -> int:
        """Up to which sequence a registered sink sends in batches; 0 where it never had a backlog."""
        return self._core.ledger.sinks[sink].backlog_end

    @property
    def grouped(self) -> int:
        """How many settled messages may wait in memory (agent.outbox.owing)."""
        return self._core.group

    def last_sent(self, sink: str) -> LastSent | None:
        """What a registered sink sent last, None before its first message."""
        return self._core.ledger.sinks[sink].sent

    def events(self, *, after: int = 0, limit: int = 100) -> list[StoredEvent]:
        """Events in the log behind sequence `after`, delivered or not."""
        with self._guard:
            return self._core.reader.events("WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?", (after, limit))

    def dead_letters(self, *, sink: str | None = None, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        """Dead letters behind number `after`, of `sink` or of all."""
        condition = "WHERE id > ?1 AND (?2 IS NULL OR sink = ?2) ORDER BY id LIMIT ?3"
        with self._guard:
            return read_letters(self._core.database.conn, condition, (after, sink, limit))

    def plays(self, after: int = 0, limit: int = 100) -> list[Play]:
        """Plays of the ledger behind number `after`, ascending, at most `limit`; dated as well as is possible now."""
        with self._guard:
            return play_reading.read(self._core, after, limit)

    def play_chain(self) -> ChainHead:
        """Where the ledger's chain ends."""
        chain = self._core.chain
        return ChainHead(chain.number, chain.link.hex(), chain.hung_on + 1, self._core.copied)

    def verify_plays_slice(self, seen: Verified) -> Verified:
        """Go on from `seen` (`Verified()` at the start) for some milliseconds."""
        with self._guard:
            return play_check.check(self._core, seen)

    def chain_passes(self, number: int, chained: str) -> bool:
        """Whether the ledger of now comes through the hash (hex) that its chain once ended with, at play `number`."""
        with self._guard:
            return play_check.passes(self._core, number, chained)

    def newest_plays(self, number: int) -> Verified:
        """Where `verify_plays_slice` begins that is to go through the newest plays alone, at least so many."""
        with self._guard:
            return play_check.recent(self._core, number)
