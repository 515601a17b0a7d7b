"""Delivery step by step: a real store, a sink that answers as it is told, and time as a number."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.delivery.patience import HELD_RETRY, HOPELESS_AGE, HOPELESS_TRIES
from agent.delivery.pump import CLOCK_RETRY, DISK_RETRY, HOPELESS, PREFIX, QUIET, Pump, Step
from agent.delivery.status import MessageRefused, OutageBegan, OutageEnded, SinkState
from agent.kernel.instants import Instant
from agent.kernel.records import Cursor
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict
from agent.outbox.errors import StoreFull
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from agent.sinks.capture import Capture
from tests.support.delivery import later, open_store, record, records
from tests.support.playback import NOW, WALL

AWAY = Later(Cause.NETWORK, "refused", answered=False)
LOST = Later(Cause.TIMEOUT, "no answer", answered=False, lost=True)
BUSY = Later(Cause.SERVER, "SOME_CODE: no", answered=True)
HELD = Held(Cause.CONFIGURATION, "SERVICE_FORBIDDEN: no", answered=True)
BAD = Refused("INVALID_ENUM_VALUE", "INVALID_ENUM_VALUE: no")
PARTS = {"silent": 0, "double": 2}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store that knows the sink."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    yield outbox
    outbox.close()


def pump_of(log: Any, sink: Capture) -> Pump:
    """A pump whose chance is always the middle."""
    return Pump(log, sink, chance=lambda: 0.5)


def run(pump: Pump, *, now: Instant = NOW, limit: int = 500) -> tuple[Instant, list[object]]:
    """Step until nothing is due any more, moving the time to what is due; all news."""
    news: list[object] = []
    for _ in range(limit):
        step = pump.step(now)
        news += step.news
        if step.next_due is None:
            return now, news
        now = now.at(max(step.next_due, now.boottime))
    raise AssertionError("the pump does not come to rest")


def account(store: Outbox) -> SinkStatistics:
    """The sink's row of the statistics."""
    (found,) = store.statistics().sinks
    return found


def test_events_are_delivered_in_order_and_settled(store: Outbox) -> None:
    """The whole point."""
    store.append(records("a", "silent", "double", "b"))
    sink = Capture(parts=PARTS)
    pump = pump_of(store, sink)
    run(pump)
    assert [message.name for message in sink.accepted] == ["a", "double", "double", "b"]
    assert (account(store).delivered, account(store).passed, account(store).depth) == (4, {"silent": 1}, 0)
    assert SinkState.IDLE is pump.status().state


def test_a_step_sends_one_message_and_settles_it_before_the_next(store: Outbox) -> None:
    """A crash after any answer repeats nothing that was answered, not even inside one event."""
    store.append(records("double", "a"))
    sink = Capture(parts=PARTS)
    pump = pump_of(store, sink)
    cursors = []
    for _ in range(3):
        assert Step(NOW.boottime) == pump.step(NOW)
        cursors.append(store.position("capture"))
    assert [(Cursor(0, 1), ""), (Cursor(1), "1"), (Cursor(2), "2")] == cursors


def test_silent_events_are_settled_in_full_batches_or_after_a_while(store: Outbox) -> None:
    """A commit for each pause and resume would wear the card; an empty queue must show as empty all the same."""
    store.append(records(*["silent"] * (PREFIX + 3)))
    pump = pump_of(store, Capture(parts=PARTS))
    assert Step(NOW.boottime) == pump.step(NOW)
    assert Cursor(PREFIX) == store.position("capture")[0]
    assert Step(NOW.boottime + QUIET) == pump.step(NOW)
    assert Step(NOW.boottime + QUIET) == pump.step(later(QUIET - 0.1))
    assert Cursor(PREFIX) == store.position("capture")[0]
    run(pump, now=later(QUIET))
    assert (account(store).depth, account(store).passed) == (0, {"silent": PREFIX + 3})


def test_a_silent_event_is_settled_with_the_message_that_follows(store: Outbox) -> None:
    """One commit for both."""
    pump = pump_of(store, Capture(parts=PARTS))
    store.append(records("silent"))
    pump.step(NOW)
    store.append(records("a"))
    pump.step(NOW)
    assert Cursor(2) == store.position("capture")[0]


def test_a_failure_keeps_the_head_waiting_and_the_tries_come_at_1_2_and_4_s(store: Outbox) -> None:
    """The guide's 11.3, and strict order: the second event does not overtake."""
    store.append(records("a", "b"))
    sink = Capture([AWAY] * 4)
    pump = pump_of(store, sink)
    now, tried = NOW, []
    while len(sink.accepted) < 2:
        sends = len(sink.sent)
        step = pump.step(now)
        if len(sink.sent) > sends:
            tried.append(now.boottime - NOW.boottime)
        assert step.next_due is not None
        now = now.at(step.next_due)
    assert tried == [0.0, 1.0, 3.0, 7.0, 15.0, 15.0]
    assert [sent.message.name for sent in sink.sent] == ["a", "a", "a", "a", "a", "b"]
    assert len({(sent.message.token, sent.attempt, sent.message.time) for sent in sink.sent[:5]}) == 1


def test_a_wait_begins_after_the_send_that_took_its_time(store: Outbox) -> None:
    """A server that hangs for the whole timeout must not be called again at once."""
    store.append(records("a"))
    pump = pump_of(store, Capture([LOST]))
    assert NOW.boottime == pump.step(NOW).next_due
    assert Step(NOW.boottime + 31.0) == pump.step(later(30.0))
    assert pump.status().next_try == NOW.boottime + 31.0


def test_an_answered_error_varies_the_next_try(store: Outbox) -> None:
    """Errors are cached for 120 s."""
    store.append(records("a", "b"))
    sink = Capture([AWAY, BUSY, BUSY])
    run(pump_of(store, sink))
    assert [sent.attempt for sent in sink.sent] == [0, 0, 1, 2, 0]


def test_a_resend_after_a_lost_answer_is_counted(store: Outbox) -> None:
    """Decision 8: a repeat is possible at the server, and `status` says how often."""
    store.append(records("a", "b", "c"))
    run(pump_of(store, Capture([LOST, AWAY, Delivered(), AWAY])))
    assert (account(store).delivered, account(store).resent) == (3, 1)


def test_a_held_queue_is_tried_slowly_and_at_once_after_a_kick(store: Outbox) -> None:
    """A mended setting must not wait five minutes."""
    store.append(records("a"))
    sink = Capture([HELD, HELD])
    pump = pump_of(store, sink)
    pump.step(NOW)
    assert Step(NOW.boottime + HELD_RETRY) == pump.step(NOW)
    status = pump.status()
    assert (SinkState.HELD, Cause.CONFIGURATION, HELD.text, 1) == (
        status.state,
        status.cause,
        status.text,
        status.tries,
    )
    assert (NOW, NOW.boottime + HELD_RETRY) == (status.since, status.next_try)
    pump.kick()
    pump.step(later(1.0))
    pump.kick()
    pump.step(later(2.0))
    assert len(sink.accepted) == 1
    assert (
        pump.status().state,
        pump.status().cause,
        pump.status().text,
        pump.status().tries,
    ) == (SinkState.SENDING, None, "", 0)


def test_a_refused_message_goes_to_the_dead_letters_and_the_rest_goes_on(store: Outbox) -> None:
    """One poisoned event must not stop a kiosk's statistics."""
    store.append(records("a", "double", "b"))
    sink = Capture([Delivered(), BAD], parts=PARTS)
    _, news = run(pump_of(store, sink))
    assert [message.name for message in sink.accepted] == ["a", "double", "b"]
    (letter,) = store.dead_letters()
    assert ("double", 0, BAD.code, BAD.answer, "1") == (
        letter.message,
        letter.part,
        letter.code,
        letter.answer,
        letter.projection,
    )
    assert [MessageRefused("double", letter.event.identity.token(0), BAD.code, BAD.answer)] == news


def test_a_dead_letter_that_is_retried_goes_with_its_old_identity(store: Outbox) -> None:
    """Decision 9: at the tail, with its old identity and times."""
    store.append(records("a", "b"))
    sink = Capture([BAD])
    pump = pump_of(store, sink)
    run(pump)
    store.retry("capture")
    store.append(records("c"))
    run(pump)
    assert [message.name for message in sink.accepted] == ["b", "a", "c"]
    refused, accepted = sink.sent[0].message, sink.accepted[1]
    assert refused == accepted


def test_refusals_of_one_code_in_a_row_are_told_once(store: Outbox) -> None:
    """A thousand refused events are one fault, and one line."""
    store.append(records("a", "b", "c", "d"))
    other = Refused("INVALID_OBJECT_TYPE", "no")
    _, news = run(pump_of(store, Capture([BAD, BAD, other, Delivered()])))
    assert [BAD.code, other.code] == [one.code for one in news if isinstance(one, MessageRefused)]
    assert {BAD.code: 2, other.code: 1} == account(store).refused


def test_an_outage_is_told_once_with_its_end(store: Outbox) -> None:
    """House rule 5."""
    store.append(records("a", "b"))
    _, news = run(pump_of(store, Capture([AWAY, AWAY, AWAY])))
    assert [OutageBegan(Cause.NETWORK, "refused", False), OutageEnded(3, 7.0)] == news


def test_a_hopeless_message_makes_way_when_the_next_would_be_accepted(store: Outbox) -> None:
    """Decision 23: an error that Kaltura never explains must not hold a queue for ever."""
    store.append(records("poison", "silent", "a", "b"))
    sink = Capture([BUSY] * HOPELESS_TRIES, parts=PARTS)
    pump = pump_of(store, sink)
    _, news = run(pump, now=later(HOPELESS_AGE))
    assert [message.name for message in sink.accepted] == ["a", "b"]
    assert {"poison"} == {sent.message.name for sent in sink.sent[:HOPELESS_TRIES]}
    (letter,) = store.dead_letters()
    assert ("poison", HOPELESS, BUSY.text) == (letter.message, letter.code, letter.answer)
    assert (account(store).delivered, account(store).passed, account(store).depth) == (2, {"silent": 1}, 0)
    assert [OutageBegan, OutageEnded, MessageRefused] == [type(one) for one in news]


def test_a_hopeless_message_waits_on_while_the_next_does_not_get_through_either(store: Outbox) -> None:
    """A long outage of the server is no reason to lose anything."""
    store.append(records("poison", "a"))
    sink = Capture([BUSY] * (HOPELESS_TRIES + 21))
    run(pump_of(store, sink), now=later(HOPELESS_AGE))
    assert [message.name for message in sink.accepted] == ["poison", "a"]
    assert {0} == {sent.attempt for sent in sink.sent if sent.message.name == "a"}
    assert tuple(store.dead_letters()) == ()


def test_a_hopeless_message_without_a_next_waits_on(store: Outbox) -> None:
    """There is nothing to weigh it against."""
    store.append(records("poison"))
    sink = Capture([BUSY] * (HOPELESS_TRIES + 3))
    run(pump_of(store, sink), now=later(HOPELESS_AGE))
    assert [message.name for message in sink.accepted] == ["poison"]


def test_an_event_without_a_set_clock_waits_and_is_dated_when_it_is_set(store: Outbox) -> None:
    """Decision 22: nothing is sent with a year before the program's build."""
    store.append([replace(record("a"), instant=replace(NOW, boottime=1.0, wall=1.0, synced=False))])
    sink = Capture()
    pump = pump_of(store, sink)
    adrift = replace(NOW, wall=500.0, synced=False)
    pump.step(adrift)
    assert Step(adrift.boottime + CLOCK_RETRY) == pump.step(adrift)
    assert (pump.status().state, pump.status().cause) == (SinkState.WAITING, Cause.CLOCK)
    assert sink.sent == []
    run(pump, now=later(CLOCK_RETRY))
    assert [message.time for message in sink.accepted] == [WALL + 1.0]


def test_a_fresh_boot_waits_for_its_clock_but_not_for_ever(store: Outbox) -> None:
    """At most two minutes after the boot; a device without a time source plays and reports too."""
    fresh = replace(NOW, boottime=60.0, wall=WALL + 60.0, synced=False)
    store.append([record("a", at=50.0, synced=False)])
    sink = Capture()
    pump = pump_of(store, sink)
    pump.step(fresh)
    assert sink.sent == []
    end, _ = run(pump, now=fresh)
    assert (end.boottime, [message.time for message in sink.accepted]) == (120.0, [WALL + 50.0])


def test_a_time_that_was_sent_once_is_kept_although_the_clock_jumps(store: Outbox, tmp_path: Path) -> None:
    """Decision 6: a resend is byte-identical, after a restart too."""
    store.append([record("a", synced=False)])
    sink = Capture([LOST])
    pump_of(store, sink).step(NOW)
    jumped = replace(later(10.0), wall=WALL + 99_999.0)
    run(pump_of(store, sink), now=jumped)
    assert [sent.message.time for sent in sink.sent] == [WALL + 1.0, WALL + 1.0]


class FullDisk:
    """A store whose settlements fail so often for lack of space."""

    def __init__(self, store: Outbox, failures: int) -> None:
        self._store = store
        self._failures = failures

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def settle(self, *positional: Any, **named: Any) -> None:
        """Fail, or settle."""
        if self._failures:
            self._failures -= 1
            raise StoreFull("The disk is full.", remedy="Free some space.")
        self._store.settle(*positional, **named)


def test_an_accepted_message_is_not_sent_again_because_the_disk_is_full(store: Outbox) -> None:
    """The settlement is kept and written as soon as there is room; nothing else is sent before."""
    store.append(records("a", "b"))
    sink = Capture()
    pump = pump_of(FullDisk(store, failures=3), sink)
    pump.step(NOW)
    assert Step(NOW.boottime + DISK_RETRY) == pump.step(NOW)
    assert Cause.DISK is pump.status().cause
    end, news = run(pump)
    assert [message.name for message in sink.accepted] == ["a", "b"]
    assert end.boottime - NOW.boottime == 3 * DISK_RETRY
    assert [OutageEnded(3, 3 * DISK_RETRY)] == news


ANSWERS = st.lists(st.sampled_from([Delivered(), AWAY, LOST, BUSY, HELD, BAD]), max_size=25)
KINDS = st.lists(st.sampled_from(["a", "double", "silent"]), max_size=12)


@settings(max_examples=40, deadline=None)
@given(KINDS, ANSWERS, st.integers(0, 2**32))
def test_any_answers_and_crashes_lose_nothing_double_nothing_and_keep_the_order(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], answers: Sequence[Verdict], seed: int
) -> None:
    """The promise itself: each message is accepted once or a dead letter, in order, whenever the process dies."""
    folder = tmp_path_factory.mktemp("store")
    dice = random.Random(seed)
    outbox = open_store(folder)
    outbox.register("capture")
    outbox.append(records(*kinds))
    sink = Capture(answers, parts=PARTS)
    pump, now = pump_of(outbox, sink), NOW
    for _ in range(400):
        step = pump.step(now)
        if step.next_due is None:
            break
        now = now.at(max(step.next_due, now.boottime))
        if dice.random() < 0.3:
            outbox.close()
            outbox = open_store(folder)
            pump = pump_of(outbox, sink)
    generation = outbox.generation
    expected = [
        f"{generation}-{sequence}-{part}"
        for sequence, kind in enumerate(kinds, start=1)
        for part in range(PARTS.get(kind, 1))
    ]
    done = [sent.message.token for sent in sink.sent if isinstance(sent.verdict, Delivered | Refused)]
    letters = [letter.event.identity.token(letter.part) for letter in outbox.dead_letters()]
    counts = account(outbox)
    outbox.close()
    assert expected == done
    assert sorted(expected) == sorted([message.token for message in sink.accepted] + letters)
    assert (0, kinds.count("silent")) == (counts.depth, sum(counts.passed.values()))
