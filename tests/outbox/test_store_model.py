"""The outbox against a model: a plain list that cannot be wrong.

Whatever order of appends, settlements, refusals, retries, drops and restarts a kiosk lives through, each sink must see
exactly the events that the model says, in order, with the identities that they were given first.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from agent.kernel.records import Cursor, Priority, Record
from agent.outbox.ledger import Drop
from agent.outbox.letters import Refusal
from agent.outbox.retention import drop
from tests.support.outbox import a_record, an_instant, an_owner, core_of, freeze, open_outbox

MEMORY = Path("/dev/shm")
"""What is asked here needs no disk, and twenty thousand flushes to one that others use too take minutes."""

SINKS = ("stats.collect", "track-event", "xapi")


@dataclass
class ModelEvent:
    """What the model knows of a row."""

    sequence: int
    identity: tuple[str, int]
    record: Record
    frozen: float | None
    only_for: str | None = None

    @property
    def is_own(self) -> bool:
        """Whether the time, if any, is the event's own clock's."""
        instant = self.record.instant
        return self.frozen == (instant.wall if instant.synced else None)


@dataclass
class ModelSink:
    """What the model knows of a sink."""

    cursor: Cursor
    enabled: bool = True
    projection: str = ""
    delivered: int = 0
    dropped: int = 0
    letters: list[ModelEvent] = field(default_factory=list)


class OutboxMachine(RuleBasedStateMachine):
    """Random lives of a store; the state is compared after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="kiosk-model-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
        self.outbox = open_outbox(self.folder)
        self.log: list[ModelEvent] = []
        self.newest = 0
        self.sinks: dict[str, ModelSink] = {}
        self.texts: dict[str, str] = {}
        self.handed: dict[str, int] = {}

    @initialize()
    def first_sink(self) -> None:
        """Most stores have a sink before they have an event."""
        self.register(SINKS[0])

    @rule(sink=st.sampled_from(SINKS))
    def register(self, sink: str) -> None:
        """A sink that is new starts at the head; one that was disabled goes on at the end."""
        self.outbox.register(sink)
        known = self.sinks.get(sink)
        if known is None:
            waiting = [other.cursor.sequence for other in self.sinks.values() if other.enabled]
            start = min(waiting, default=self.newest if self.sinks else 0)
            self.sinks[sink] = ModelSink(Cursor(start))
        elif not known.enabled:
            known.enabled, known.cursor = True, Cursor(self.newest)

    @rule(sink=st.sampled_from(SINKS))
    def disable(self, sink: str) -> None:
        """A disabled sink waits for nothing."""
        self.outbox.register(sink, enabled=False)
        known = self.sinks.setdefault(sink, ModelSink(Cursor(self.newest)))
        known.enabled, known.cursor = False, Cursor(self.newest)

    @rule(
        bodies=st.lists(st.text(max_size=20), max_size=40),
        session=st.sampled_from(["one", "two"]),
        synced=st.booleans(),
        text=st.none() | st.text(max_size=5),
    )
    def append(self, bodies: list[str], session: str, synced: bool, text: str | None) -> None:
        """Events and a text in one transaction."""
        records = [
            a_record(
                body,
                priority=list(Priority)[index % 3],
                owner=an_owner(session),
                instant=an_instant(float(self.newest + index), synced=synced),
            )
            for index, body in enumerate(bodies)
        ]
        states = {} if text is None else {"tracker": text}
        ticket = self.outbox.append(records, states=states)
        assert (self.newest + 1, self.newest + len(records)) == (ticket.first, ticket.last)
        self.texts |= states
        for record in records:
            self.newest += 1
            identity = (self.outbox.generation, self.newest)
            self.log.append(ModelEvent(self.newest, identity, record, record.instant.wall if synced else None))

    def waiting(self, sink: str) -> list[ModelEvent]:
        """What the model says that a sink sees next."""
        known = self.sinks[sink]
        return [e for e in self.log if e.sequence > known.cursor.sequence and e.only_for in (None, sink)]

    @precondition(lambda self: self.sinks)
    @rule(data=st.data(), share=st.integers(0, 30), refused=st.booleans(), parts=st.integers(0, 2))
    def deliver(self, data: st.DataObject, share: int, refused: bool, parts: int) -> None:
        """Peek a prefix and settle some of it, perhaps in the middle of an event, perhaps with a refusal."""
        sink = data.draw(st.sampled_from(sorted(self.sinks)))
        known = self.sinks[sink]
        if not known.enabled:
            return
        seen = self.outbox.peek(sink, 30)
        if seen:
            self.handed[sink] = seen[-1].sequence
        assert [e.sequence for e in self.waiting(sink)[:30]] == [e.sequence for e in seen]
        done = seen[:share]
        if not done:
            return
        refusals = [Refusal(done[0].sequence, 1, "PLAY", "INVALID", "no", "before")] if refused else []
        has_next = len(seen) > len(done)
        cursor = Cursor(done[-1].sequence, parts if has_next else 0)
        if refused:
            known.letters.append(replace(self.waiting(sink)[0]))
        known.cursor, known.projection = cursor, f"after {cursor.sequence}"
        known.delivered += len(done) - len(refusals)
        self.outbox.settle(
            sink, cursor, projection=known.projection, delivered=len(done) - len(refusals), refusals=refusals
        )

    @precondition(lambda self: any(sink.letters for sink in self.sinks.values()))
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        """A dead letter goes to the tail, for its sink alone, as what it was."""
        name = data.draw(st.sampled_from(sorted(n for n, sink in self.sinks.items() if sink.letters)))
        letters, self.sinks[name].letters = self.sinks[name].letters, []
        assert len(letters) == self.outbox.retry(name)
        for letter in letters:
            self.newest += 1
            self.log.append(ModelEvent(self.newest, letter.identity, letter.record, letter.frozen, name))

    @precondition(lambda self: any(sink.letters for sink in self.sinks.values()))
    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        """A dead letter that nobody wants goes, counted; nothing else changes."""
        name = data.draw(st.sampled_from(sorted(n for n, sink in self.sinks.items() if sink.letters)))
        letters, self.sinks[name].letters = self.sinks[name].letters, []
        self.sinks[name].dropped += len(letters)
        assert len(letters) == self.outbox.discard(name)

    @precondition(lambda self: self.log)
    @rule(data=st.data(), time=st.floats(0, 2e9))
    def freeze(self, data: st.DataObject, time: float) -> None:
        """The first frozen time stays; it may stand above a synchronised clock's own."""
        sink = data.draw(st.sampled_from(sorted(self.sinks)))
        if self.sinks[sink].enabled and (waiting := self.waiting(sink)):
            event = waiting[0]
            if event.is_own:
                event.frozen = time
            assert event.frozen == freeze(self.outbox, event.sequence, time)

    @precondition(lambda self: self.log)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """Some events are dropped for want of room, never the newest and none that delivery has in its hands."""
        held = {
            e.sequence
            for name, sink in self.sinks.items()
            if sink.enabled
            for e in self.log
            if sink.cursor.sequence < e.sequence <= self.handed.get(name, 0)
        }
        lowest = min((s.cursor.sequence for s in self.sinks.values() if s.enabled), default=self.newest)
        candidates = [e.sequence for e in self.log if lowest < e.sequence < self.newest and e.sequence not in held]
        if not candidates:
            return
        chosen = sorted(data.draw(st.sets(st.sampled_from(candidates), min_size=1, max_size=10)))
        for name, sink in self.sinks.items():
            if not sink.enabled:
                continue
            waiting = [e.sequence for e in self.waiting(name)]
            sink.dropped += len([s for s in waiting if s in chosen])
            if sink.cursor.parts and waiting[0] in chosen:
                sink.cursor = Cursor(waiting[0])
        drop(core_of(self.outbox), chosen, Drop.BYTES)
        self.log = [e for e in self.log if e.sequence not in chosen]

    @rule()
    def enforce(self) -> None:
        """Within its bounds the store drops nothing."""
        assert {} == self.outbox.enforce(an_instant(float(self.newest)))

    @rule()
    def reopen(self) -> None:
        """A restart changes nothing."""
        self.outbox.close()
        self.outbox = open_outbox(self.folder)
        self.handed = {}

    @rule()
    def check(self) -> None:
        """The full check finds nothing."""
        while not self.outbox.check_slice():
            pass
        assert 0 == self.outbox.statistics().unburied

    @invariant()
    def the_sinks_agree(self) -> None:
        """Cursors, depths, counters, dead letters and the oldest event are the model's, and the books balanced."""
        figures = {sink.name: sink for sink in self.outbox.statistics().sinks}
        assert sorted(self.sinks) == sorted(figures)
        for name, known in self.sinks.items():
            found = figures[name]
            waiting = self.waiting(name) if known.enabled else []
            assert (known.cursor, known.projection) == self.outbox.position(name)
            assert (len(waiting), known.delivered) == (found.depth, found.delivered)
            assert known.dropped == sum(found.dropped.values())
            assert (waiting[0].record.instant if waiting else None) == found.oldest
            assert len(known.letters) == found.dead_letters
            assert (0, 0) == (found.account.difference, found.account.letters_difference)

    @invariant()
    def the_events_agree(self) -> None:
        """What the store still has of the log is what the model has, and it has all that somebody waits for."""
        present = {e.sequence: e for e in self.outbox.events(limit=100_000)}
        model = {e.sequence: e for e in self.log}
        lowest = min((s.cursor.sequence for s in self.sinks.values() if s.enabled), default=self.newest)
        assert {s for s in model if s > lowest} == {s for s in present if s > lowest}
        assert not self.newest or self.newest in present
        for sequence, event in present.items():
            known = model[sequence]
            record = known.record
            assert (record.kind, record.body, record.priority) == (event.kind, event.body, event.priority)
            assert (record.attribution, record.instant) == (event.attribution, event.instant)
            assert known.identity == (event.identity.generation, event.identity.sequence)
            assert known.frozen == event.frozen_time
            assert known.only_for == (event.redelivery.sink if event.redelivery else None)

    @invariant()
    def the_texts_agree(self) -> None:
        """The last text of a name is the one that is found."""
        assert self.texts.get("tracker") == self.outbox.state("tracker")

    @invariant()
    def attributions_do_not_pile_up(self) -> None:
        """An attribution that no event needs any more is gone, so a year of sessions leaves no trace."""
        connection = core_of(self.outbox).database.conn
        (useless,) = connection.execute(
            "SELECT count(*) FROM attributions WHERE id < (SELECT min(attribution) FROM events)"
        ).fetchone()
        assert useless == 0

    def teardown(self) -> None:
        self.outbox.close()
        shutil.rmtree(self.folder)


LIFE = settings(stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))


def test_any_life_of_a_store_agrees_with_the_model() -> None:
    """Forty lives of forty steps, at every run of the tests."""
    run_state_machine_as_test(OutboxMachine, settings=settings(LIFE, max_examples=40))


@pytest.mark.all
@pytest.mark.timeout(1800)
def test_any_of_many_lives_of_a_store_agrees_with_the_model() -> None:
    """Five hundred lives: the rare orders of things that a fleet meets."""
    run_state_machine_as_test(OutboxMachine, settings=settings(LIFE, max_examples=500))
