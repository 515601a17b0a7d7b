"""Delivery step by step: a real store, a sink that answers as it is told, and time as a number."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.delivery.look import PREFIX
from agent.delivery.patience import HELD_RETRY
from agent.delivery.pump import QUIET, Step
from agent.delivery.status import MessageRefused, OutageBegan, OutageEnded, SinkState
from agent.kernel.records import Cursor
from agent.kernel.verdict import Cause, Delivered, Refused, Verdict
from agent.outbox.store import Outbox
from agent.sinks.capture import Capture
from tests.support.delivery import later, open_store, record, records
from tests.support.playback import NOW
from tests.support.pumping import AWAY, BAD, BUSY, HELD, LOST, PARTS, account, pump_of, run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store that knows the sink."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    yield outbox
    outbox.close()


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


def test_a_restart_goes_on_with_the_attempt_and_counts_the_lost_answer(store: Outbox, tmp_path: Path) -> None:
    """Another attempt number would be another request to the server's cache, and the event counted twice."""
    store.append(records("a"))
    sink = Capture([BUSY, LOST])
    pump = pump_of(store, sink)
    now = NOW
    while len(sink.sent) < 2:
        now = now.at(pump.step(now).next_due or now.boottime)
    run(pump_of(store, sink), now=now)
    assert [sent.attempt for sent in sink.sent] == [0, 1, 1]
    assert (account(store).delivered, account(store).resent, account(store).perhaps_repeated) == (1, 1, 0)


def test_the_first_message_after_a_restart_is_counted_as_perhaps_repeated(tmp_path: Path) -> None:
    """The process before may have died between the server's answer and its own commit, and nobody can know."""
    store = open_store(tmp_path)
    store.register("capture")
    store.append(records("silent", "a", "b"))
    store.close()
    store = open_store(tmp_path)
    store.append(records("c"))
    run(pump_of(store, Capture([AWAY], parts=PARTS)))
    assert (account(store).delivered, account(store).resent, account(store).perhaps_repeated) == (3, 0, 1)
    store.close()
    store = open_store(tmp_path)
    store.append(records("d"))
    run(pump_of(store, Capture()))
    assert (account(store).delivered, account(store).perhaps_repeated) == (4, 1)
    store.close()


def test_an_event_that_has_no_time_yet_is_no_repeat(tmp_path: Path) -> None:
    """Its time is frozen before it is sent: without one it never was."""
    store = open_store(tmp_path)
    store.register("capture")
    store.append([record("a", synced=False)])
    store.close()
    store = open_store(tmp_path)
    run(pump_of(store, Capture()))
    assert (account(store).delivered, account(store).perhaps_repeated) == (1, 0)
    store.close()


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
    assert sink.sent[1].message.fields == letter.fields


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


def test_a_dead_letter_that_is_retried_at_once_is_another_request(store: Outbox) -> None:
    """The server keeps an error for 120 s; whoever has mended the cause must not wait for that."""
    store.append(records("a"))
    sink = Capture([BUSY, BAD, BAD])
    pump = pump_of(store, sink)
    run(pump)
    for _ in range(2):
        store.retry("capture")
        run(pump)
    assert [sent.attempt for sent in sink.sent] == [0, 1, 2, 3]
    assert len(sink.accepted) == 1


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
