"""A pump whose sink or pace changes between two steps: what was answered counts, what the old one saw is forgotten."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.delivery.pace import NO_PORTION, Pace, Portion, Window
from agent.delivery.standing import Standing
from agent.delivery.status import OutageBegan, OutageEnded, SinkState
from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Delivered, Verdict
from agent.outbox.errors import StoreFull
from agent.outbox.store import Outbox
from agent.sinks.base import Message, Projection
from tests.support.delivery import later, open_store, records
from tests.support.playback import NOW
from tests.support.pumping import (
    AWAY,
    BAD,
    BUSY,
    HELD,
    LOST,
    PARTS,
    Batching,
    account,
    names,
    pump_of,
    run,
    send,
    sizes,
)

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store that knows the sink, and that holds a backlog of twenty-six."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    outbox.append(records(*LETTERS))
    yield outbox
    outbox.close()


class Shouting(Batching):
    """The same in other words."""

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None = None) -> Projection:
        found = super().project(state, event, time=time, age=age)
        loud = tuple(Message(one.token, one.name.upper(), one.fields, one.time) for one in found.messages)
        return Projection(found.state, loud, found.passed)


def test_what_was_seen_ahead_in_old_words_is_not_sent(store: Outbox) -> None:
    """While a batch is under way the next is looked at; its messages were made by the sink that is gone."""
    old, new = Batching(limit=8), Shouting(limit=8)
    pump = pump_of(store, old)
    send(pump, old, requests=2)
    done = len(old.accepted)
    assert done >= 8
    pump.connect(new, Pace(rate=0.0))
    run(pump)
    assert LETTERS[:done] == names(old)
    assert LETTERS[done:].upper() == names(new)
    assert (26, 0) == (account(store).delivered, account(store).resent)


def test_held_queue_is_tried_at_once_by_the_new_sink(store: Outbox) -> None:
    """Who has just mended the address must not wait five minutes for it, nor does one failure more begin them anew."""
    old, new = Batching([HELD]), Batching()
    pump = pump_of(store, old)
    send(pump, old)
    step = pump.step(NOW)
    assert step.next_due is not None
    assert step.next_due > NOW.boottime + 100.0
    pump.connect(new, Pace(rate=0.0))
    send(pump, new)
    assert names(new).startswith("a")


def test_new_sink_gets_full_batches_whatever_was_learnt_of_the_old_one(store: Outbox) -> None:
    """That a proxy did not take batches is no fault of the service behind another one."""
    old, new = Batching(whole=[LOST] * 3, limit=8), Batching(limit=8)
    pump = pump_of(store, old)
    for _ in range(3):
        send(pump, old)
        pump.kick()
    pump.connect(new, Pace(rate=0.0))
    run(pump)
    assert [8, 8, 8, 2] == sizes(new)
    assert LETTERS == names(old) + names(new)


def test_answer_that_waits_for_room_on_the_disk_is_kept(store: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old service has the message; it must not go to the new one as well."""
    old, new = Batching(), Batching()
    pump = pump_of(store, old)
    send(pump, old)
    settle = store.settle

    def full(*_: Any, **__: Any) -> None:
        raise StoreFull("no room", remedy="make some")

    monkeypatch.setattr(store, "settle", full)
    send(pump, old)
    monkeypatch.setattr(store, "settle", settle)
    assert pump.owes
    pump.connect(new, Pace(rate=0.0))
    run(pump)
    assert not pump.owes
    assert LETTERS == names(old) + names(new)


def test_smaller_batch_size_holds_from_the_next_request_on(store: Outbox) -> None:
    """And a wider one is grown into: nobody knows yet whether the service bears it."""
    sink = Batching(limit=20)
    pump = pump_of(store, sink, pace=Pace(batch_size=2, rate=0.0))
    send(pump, sink)
    pump.go_at(Pace(batch_size=1, rate=0.0))
    send(pump, sink, requests=2)
    pump.go_at(Pace(batch_size=20, rate=0.0))
    run(pump)
    assert [2, 1, 1, 1, 2, 4, 8, 7] == sizes(sink)
    assert LETTERS == names(sink)


def test_pause_behind_a_batch_is_that_of_the_present_pace(store: Outbox) -> None:
    """A rate that was set too low by mistake is not waited out; one that is lowered holds at once."""
    sink = Batching(limit=10)
    pump = pump_of(store, sink, pace=Pace(batch_size=10, rate=0.01))
    send(pump, sink)
    slow = pump.step(NOW)
    slow = pump.step(NOW) if slow.next_due == NOW.boottime else slow
    assert NOW.boottime + 1000.0 == slow.next_due
    pump.go_at(Pace(batch_size=10, rate=10.0))
    assert NOW.boottime + 1.0 == pump.step(NOW).next_due
    pump.go_at(Pace(batch_size=10, rate=0.0))
    run(pump)
    assert LETTERS == names(sink)


def test_portion_is_followed_after_its_share_of_the_rate() -> None:
    """The first part of a process follows nothing."""
    assert 0.0 == NO_PORTION.next_at(Pace(rate=1.0))
    assert 110.0 == Portion(100.0, 10, 0.5).next_at(Pace(rate=1.0))
    assert 100.0 == Portion(100.0, 10, 0.5).next_at(Pace(rate=0.0))


def test_window_that_looks_for_a_culprit_goes_on_looking_within_another_limit() -> None:
    """A change of pace in the middle of the search must not lose the place."""
    window = Window(16, 16).refused(16).limited(4)
    assert (16, 4) == (window.suspects, window.next)
    assert Window(16, 16) == Window(16, 16).limited(16)


def test_trouble_with_a_new_connection_is_told_though_the_outage_is_the_old_one() -> None:
    """The operator reads the log to see whether the change has helped."""
    standing = Standing("capture")
    told = [standing.failed(AWAY, NOW, pause=1.0, tries=1), standing.failed(AWAY, NOW, pause=1.0, tries=2)]
    standing.renew()
    told.append(standing.failed(AWAY, later(5.0), pause=1.0, tries=1))
    assert [1, 0, 1] == [len(news) for news in told]
    assert isinstance(told[2][0], OutageBegan)
    assert (OutageEnded(3, 9.0),) == standing.answered(later(9.0))


def test_outage_of_a_destination_that_is_switched_off_is_over() -> None:
    """It is not waiting for anything; switched on again, a new outage begins."""
    standing = Standing("capture")
    standing.failed(AWAY, NOW, pause=100.0, tries=1)
    standing.end(later(1.0))
    assert (SinkState.IDLE, None) == (standing.status.state, standing.waits(later(1.0)))
    assert () == standing.answered(later(2.0))


Step = tuple[str, int]
kinds = st.sampled_from(["a", "double", "silent"])
verdicts: st.SearchStrategy[list[Verdict]] = st.lists(
    st.sampled_from([Delivered(), Delivered(), AWAY, LOST, BUSY, HELD]), max_size=4
)
scripts = st.lists(
    st.tuples(st.sampled_from(["step", "step", "step", "connect", "pace", "kick"]), st.integers(1, 12)), max_size=60
)


@given(st.lists(kinds, min_size=1, max_size=60), scripts, st.lists(verdicts, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_changes_at_any_moment_lose_double_and_reorder_nothing(
    log: list[str], script: list[Step], answers: list[list[Verdict]]
) -> None:
    """Whatever the services answer and whoever changes what: all of the sinks together got each message once."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        store.register("capture")
        store.append(records(*log))
        moment = NOW
        sinks: list[Batching] = []

        def sink(number: int) -> Batching:
            sinks.append(Batching(answers[number % len(answers)], limit=number, parts=PARTS))
            return sinks[-1]

        pump = pump_of(store, sink(4))
        for deed, number in script:
            match deed:
                case "connect":
                    pump.connect(sink(number), Pace(batch_size=number, rate=0.0))
                case "pace":
                    pump.go_at(Pace(batch_size=number, rate=float(number)))
                case "kick":
                    pump.kick()
                case _:
                    moment = later(moment.boottime - NOW.boottime + number / 2)
                    pump.step(moment)
        pump.connect(sink(7), Pace(batch_size=7, rate=0.0))
        run(pump, now=moment, limit=2000)
        told = [message.token for each in sinks for message in each.accepted]
        expected = [PARTS.get(kind, 1) for kind in log]
        assert sum(expected) == len(told) == len(set(told))
        assert account(store).depth == 0
        assert sum(expected) == account(store).delivered
        if not account(store).accepted_ahead:
            order = [(int(token.split("-")[-2]), int(token.split("-")[-1])) for token in told]
            assert sorted(order) == order
        store.close()


def test_refusal_is_told_again_of_a_new_connection(store: Outbox) -> None:
    """The same code from another service is another finding."""
    old, new = Batching([BAD]), Batching([BAD])
    pump = pump_of(store, old)
    send(pump, old)
    pump.connect(new, Pace(rate=0.0))
    _, news = run(pump)
    assert 1 == len(news)
