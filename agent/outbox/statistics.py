"""What `status` and `queue stats` show of the store.

Contract: plain values, read in one look under the store's lock, so that the numbers fit each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.kernel.instants import Instant
from agent.kernel.records import Cursor
from agent.outbox.accounting import Account, account
from agent.outbox.bounds import Bounds
from agent.outbox.core import Core
from agent.outbox.givenup import GivenUp
from agent.outbox.ledger import DISABLED, WHOLE_LOG, Note, Position, Tally
from agent.outbox.room import bytes_used
from agent.outbox.schema import SCHEMA
from agent.outbox.settling import depth
from agent.outbox.wear import written_bytes


@dataclass(frozen=True, slots=True)
class SinkStatistics:
    """One destination's account. The counts run since the store was created.

    `depth`: events that wait. `oldest`: when the first of them happened. `delivered` and `resent`: messages;
    `resent` those that were sent again after an answer was lost. `passed`, `dropped`: events by reason;
    `perhaps_repeated`: messages of the first request after a start, which the process before may have been sending
    when it died. `accepted_ahead`: accepted in a batch in which a message before them was not.
    `unverified`: delivered by an answer that says nothing, as a beacon's does; they are among the `delivered`.
    `refused`: messages by the server's code. `dead_letters`: those that are still kept. `account`: whether all of
    this adds up.
    """

    name: str
    enabled: bool
    cursor: Cursor
    depth: int
    oldest: Instant | None
    delivered: int
    resent: int
    perhaps_repeated: int
    accepted_ahead: int
    unverified: int
    passed: Mapping[str, int]
    dropped: Mapping[str, int]
    refused: Mapping[str, int]
    dead_letters: int
    account: Account


@dataclass(frozen=True, slots=True)
class LedgerStatistics:
    """The ledger of plays. `first`, `last`: numbers of the oldest and the newest play; `bytes_used`: about.

    `unwritten`: plays for whose line there was no room; `pruned`: too old or too many; `lost`: in damage.
    """

    first: int = 1
    last: int = 0
    bytes_used: int = 0
    bytes_bound: int = 0
    unwritten: int = 0
    pruned: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """The store as a whole. `newest`: the largest sequence, which is the number of events ever appended.

    `dropped`: events by reason, each counted once however many sinks waited. `estimated`: events that were sent
    with a time that no synchronised clock of this device gave (decision 22). `growth_stopped`: the disk was full.
    `trouble`: why the store takes nothing; the figures are then those of before. None where all is well.
    `unburied`: sequences that the full check missed in the log without a tombstone, at its last pass; 0 is right.
    `given_up`: what was dropped for want of room or by age, by reason and kind. `appended`, `written`: events, and
    bytes that this process wrote (None: the kernel does not tell), since the store was opened. `in_memory`: events that
    still wait to be written; every destination that is on waits for them too, so its depth and its account have them.
    """

    generation: str
    schema: int
    newest: int
    bytes_used: int
    bytes_bound: int
    age_bound: float
    growth_stopped: bool
    dropped: Mapping[str, int]
    estimated: int
    trouble: str | None
    unburied: int
    sinks: tuple[SinkStatistics, ...]
    given_up: tuple[GivenUp, ...] = ()
    appended: int = 0
    written: int | None = None
    in_memory: int = 0
    ledger: LedgerStatistics = LedgerStatistics()

    def waiting_too(self, events: int) -> "Statistics":
        """The same, with so many `events` more that happened and are not written yet."""
        return replace(self, in_memory=events, sinks=tuple(_with(sink, events) for sink in self.sinks))


def statistics(core: Core, bounds: Bounds, generation: str) -> Statistics:
    """The present account."""
    return Statistics(
        generation=generation,
        schema=SCHEMA,
        newest=core.newest,
        bytes_used=bytes_used(core),
        bytes_bound=bounds.total_bytes,
        age_bound=bounds.age,
        growth_stopped=core.growth_stopped,
        dropped=core.ledger.counts(WHOLE_LOG, Tally.DROPPED),
        estimated=core.ledger.counts(WHOLE_LOG, Tally.NOTED).get(Note.ESTIMATED.value, 0),
        trouble=None,
        unburied=core.unburied,
        sinks=tuple(_sink(core, position) for position in core.ledger.sinks.values()),
        given_up=tuple(core.given_up.values()),
        appended=core.newest - core.newest_before,
        written=_written(core),
        ledger=_ledger(core, bounds),
    )


def _ledger(core: Core, bounds: Bounds) -> LedgerStatistics:
    noted, chain = core.ledger.counts(WHOLE_LOG, Tally.NOTED), core.chain
    return LedgerStatistics(
        first=chain.hung_on + 1,
        last=chain.number,
        bytes_used=chain.bytes_used,
        bytes_bound=bounds.plays_bytes,
        unwritten=noted.get(Note.PLAYS_UNWRITTEN.value, 0),
        pruned=noted.get(Note.PLAYS_PRUNED.value, 0),
        lost=noted.get(Note.PLAYS_LOST.value, 0),
    )


def _with(sink: SinkStatistics, events: int) -> SinkStatistics:
    if not sink.enabled:
        return sink
    books = replace(sink.account, produced=sink.account.produced + events, queued=sink.account.queued + events)
    return replace(sink, depth=sink.depth + events, account=books)


def _written(core: Core) -> int | None:
    now, before = written_bytes(), core.written_before
    return None if now is None or before is None else now - before


def nothing_known(core: Core, bounds: Bounds, generation: str) -> Statistics:
    """What is said of a store that could not be asked yet."""
    return Statistics(
        generation=generation,
        schema=SCHEMA,
        newest=core.newest,
        bytes_used=0,
        bytes_bound=bounds.total_bytes,
        age_bound=bounds.age,
        growth_stopped=False,
        dropped={},
        estimated=0,
        trouble=None,
        unburied=0,
        sinks=(),
    )


def _sink(core: Core, position: Position) -> SinkStatistics:
    waiting = depth(core, position) if position.enabled else 0
    first = core.reader.waiting(position.name, position.cursor.sequence, limit=1) if waiting else []
    passed = core.ledger.counts(position.name, Tally.PASSED)
    noted = core.ledger.counts(position.name, Tally.NOTED)
    if not position.enabled and core.newest > position.cursor.sequence:
        passed[DISABLED] = passed.get(DISABLED, 0) + core.newest - position.cursor.sequence
    connection = core.database.conn
    (letters,) = connection.execute("SELECT count(*) FROM dead_letters WHERE sink = ?", (position.name,)).fetchone()
    return SinkStatistics(
        name=position.name,
        enabled=position.enabled,
        cursor=position.cursor,
        depth=waiting,
        oldest=first[0].instant if first else None,
        delivered=position.delivered,
        resent=position.resent,
        perhaps_repeated=noted.get(Note.PERHAPS_REPEATED.value, 0),
        accepted_ahead=noted.get(Note.ACCEPTED_AHEAD.value, 0),
        unverified=noted.get(Note.UNVERIFIED.value, 0),
        passed=passed,
        dropped=core.ledger.counts(position.name, Tally.DROPPED),
        refused=core.ledger.counts(position.name, Tally.REFUSED),
        dead_letters=letters,
        account=account(core, position, queued=waiting, letters=letters),
    )
