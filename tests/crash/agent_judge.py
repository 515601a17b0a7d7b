"""What must be true of an agent's state folder after a power cut, whatever was cut.

Contract: `recover` starts the store, the tracker and the fleet's files as an agent does; `Judge` says what is wrong
with that at a moment of the recording.
Rules: the store is as one of its commits left it, no earlier than the last that was durable; what was told to others is
there; no cursor is ahead of an answer; the tracker remembers just the milestones that its events tell; the
configuration is whole and no older than what the broker was told.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from agent.kernel import checkpoint, codec
from agent.kernel.checkpoint import CheckpointError
from agent.kernel.events import Closed, Event, Fact, Opened, Progressed
from agent.outbox import opening
from agent.outbox.bounds import Bounds
from agent.outbox.connection import STORE_NAME
from agent.outbox.errors import StoreError
from agent.outbox.store import Outbox
from agent.remote.deeds import FILE_NAME, Deeds
from agent.remote.topics import Level
from agent.remote.vault import Vault
from tests.crash.agent_life import AgentLife
from tests.crash.agent_promises import heard
from tests.crash.book import sequences, unlined
from tests.crash.disk import Disk
from tests.crash.exploring import Workshop
from tests.crash.recording import Sync
from tests.crash.store_judge import Recovered, looked_at
from tests.support.outbox import MEGABYTE

T = TypeVar("T")

SINK = "stats.collect"


@dataclass(frozen=True, slots=True)
class Found:
    """`floors`: the highest revision that is known of each level. `commands`: those that are known."""

    store: Recovered
    floors: dict[Level, int]
    commands: frozenset[str]
    broken: str | None


def recover(folder: Path) -> Found:
    """Start everything that reads the folder."""
    stored = Vault(folder).load()
    deeds = Deeds(folder / FILE_NAME)
    floors = {level: shelf.floor for level, shelf in stored.desired.shelves.items()}
    known = frozenset(id for id in ("one", "two") if deeds.find(id) is not None)
    return Found(_store(folder), floors, known, stored.broken or deeds.damage)


def _store(folder: Path) -> Recovered:
    try:
        outbox = Outbox.open(folder, device_id="device-001", hardware_key="board", bounds=Bounds(8 * MEGABYTE))
    except StoreError as error:
        return Recovered(None, f"did not open: {error}")
    return looked_at(outbox)


class Judge:
    """Judges by the recording's own story."""

    def __init__(self, life: AgentLife) -> None:
        self._promises = heard(life)
        self._commits_at: list[int] = []
        self._books: list[dict[str, Any] | None] = []
        self.events: dict[int, Event] = {}
        self._follow(life)
        self._ever_sent = {number for _, number in self._promises.sent}

    @property
    def told(self) -> str:
        """What was promised, in numbers."""
        made = self._promises
        return (
            f"{len(self.events)} facts, {len(self._commits_at)} durable moments, {len(made.kept)} answers to the"
            f" application, {len(self._ever_sent)} messages sent, {len(made.documents)} documents and"
            f" {len(made.commands)} commands acknowledged"
        )

    @property
    def promised_everything(self) -> bool:
        """Whether there was something of each kind to be lost, milestones included."""
        made = self._promises
        kinds = (made.kept, made.sent, made.answered, made.documents, made.commands, self._commits_at)
        return all(kinds) and any(isinstance(fact, Progressed) for fact in self.events.values())

    def broken(self, found: Found, moment: int) -> Sequence[str]:
        """What is wrong with `found` after a cut when `moment` operations had happened."""
        wrong = self._configuration(found, moment)
        store = found.store
        commits = bisect_right(self._commits_at, moment)
        if store.book is None:
            return [*wrong, store.how]
        if store.how not in (opening.Created.__name__, opening.Opened.__name__):
            wrong.append(f"the store was {store.how}")
        if store.integrity != "ok":
            wrong.append(f"integrity: {store.integrity[:80]}")
        if commits and store.book not in self._books[commits - 1 : commits + 1]:
            wrong.append("the store is not as a commit left it, or an acknowledged commit is gone")
        present = sequences(store.book)
        if store.next <= max(present, default=0) or present != sorted(set(present)):
            wrong.append("a sequence is given twice, or events are doubled or out of order")
        promised = {*_until(self._promises.kept, moment), *_until(self._promises.sent, moment)}
        lost = {number for number in promised - set(present) if not present or number > present[0]}
        if lost:
            wrong.append(f"lost: {sorted(lost)}, which others had been told of")
        if store.book["ledger"]["faults"] or unlined(store.book):
            wrong.append(f"the ledger: {store.book['ledger']['faults']}, plays that end at {unlined(store.book)}")
        return [*wrong, *self._cursor(store.book, moment), *self._milestones(store.book)]

    def _follow(self, life: AgentLife) -> None:
        """Note the store after each fsync of its log, as an orderly start there finds it."""
        disk, random = Disk(life.recording.before), Random(0)
        logs = {number for number, name in enumerate(life.recording.names) if name == f"{STORE_NAME}-wal"}
        with Workshop() as workshop:
            for moment, operation in enumerate(life.recording.operations, start=1):
                disk.advance(operation)
                if isinstance(operation, Sync) and operation.file in logs:
                    found = _store(workshop.build(disk.state(disk.pending), random)).book
                    self._commits_at.append(moment)
                    self._books.append(found)
                    for sequence, _, _, kind, body, _ in found["events"] if found else []:
                        fact = codec.decode(kind, body)
                        if isinstance(fact, Fact):
                            self.events[sequence] = fact

    def _cursor(self, book: dict[str, Any], moment: int) -> list[str]:
        answered = set(_until(self._promises.answered, moment))
        waiting = min(self._ever_sent - answered, default=book["newest"] + 1)
        at = book["sinks"][SINK]["cursor"][0] if book["sinks"] else 0
        return [f"the cursor is at {at}, and {waiting} was not answered"] if at >= waiting else []

    def _milestones(self, book: dict[str, Any]) -> list[str]:
        text = book["states"]["tracker"]
        facts = [fact for sequence, fact in sorted(self.events.items()) if sequence <= book["newest"]]
        if text is None:
            return ["events without the tracker's memory"] if facts else []
        try:
            memory = checkpoint.load(text)
        except CheckpointError as error:
            return [str(error)]
        told = {(fact.session, fact.fraction) for fact in facts if isinstance(fact, Progressed)}
        if len(told) != sum(isinstance(fact, Progressed) for fact in facts):
            return ["a milestone was told twice"]
        opened = [fact.session for fact in facts if isinstance(fact, Opened)]
        closed = {fact.session for fact in facts if isinstance(fact, Closed)}
        left = [session for session in opened if session not in closed]
        if memory.open is None:
            return [f"sessions {left} are open for ever"] if left else []
        mine = {fraction for session, fraction in told if session == memory.sessions}
        if left != [memory.sessions] or set(memory.open.told) != mine:
            return [f"the tracker is in session {memory.sessions} after {memory.open.told}, its events are not"]
        return []

    def _configuration(self, found: Found, moment: int) -> list[str]:
        wrong = [] if found.broken is None else [f"configuration: {found.broken}"]
        for level, revision in _until(self._promises.documents, moment):
            if found.floors.get(level, 0) < revision:
                wrong.append(f"configuration: {level} {revision} was acknowledged, {found.floors.get(level)} is there")
        for id in _until(self._promises.commands, moment):
            if id not in found.commands:
                wrong.append(f"command {id} was acknowledged and is not known")
        return wrong


def _until(promises: Iterable[tuple[int, T]], moment: int) -> list[T]:
    return [what for since, what in promises if since < moment]
