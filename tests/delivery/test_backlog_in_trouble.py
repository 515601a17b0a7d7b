"""A backlog among poison, errors of single messages, throttling and renewed sessions."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from agent.delivery.patience import HOPELESS_AGE, HOPELESS_TRIES
from agent.delivery.status import MessageRefused, OutageBegan, OutageEnded
from agent.delivery.weighing import HOPELESS
from agent.kernel.records import Cursor
from agent.kernel.verdict import Cause, Delivered, Later, Refused, Verdict
from agent.outbox.store import Outbox
from agent.outbox.trials import Tried
from agent.sinks.base import Outgoing
from tests.support.delivery import later, open_store, records
from tests.support.playback import NOW
from tests.support.pumping import (
    BAD,
    BUSY,
    Batching,
    Whole,
    account,
    names,
    pump_of,
    run,
    send,
    sizes,
)

OK = Delivered()
LETTERS = "abcdefghijkl"
TWELVE = records(*LETTERS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store that knows the sink, and that holds a backlog of twelve."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    outbox.append(TWELVE)
    yield outbox
    with suppress(OSError):  # a test that plays a crash has closed it already
        outbox.close()


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_poisoned_message_is_isolated_wherever_it_stands(store: Outbox, place: int) -> None:
    """First, in the middle, last: its neighbours get through, and it is told once."""
    answers: list[Delivered | Refused] = [OK] * 4
    answers[place] = BAD
    sink = Batching(answers, limit=4)
    _, news = run(pump_of(store, sink))
    assert (LETTERS.replace(LETTERS[place], ""), [4, 4, 4]) == (names(sink), sizes(sink))
    (letter,) = store.dead_letters()
    assert (LETTERS[place], BAD.code, str(place or "")) == (letter.message, letter.code, letter.projection)
    assert [MessageRefused] == [type(one) for one in news]


@pytest.mark.parametrize("culprit", LETTERS)
def test_what_no_batch_may_hold_is_found_by_halving_and_goes_alone(store: Outbox, culprit: str) -> None:
    """It must neither stop the others nor be given up: alone the service takes it."""
    sink = Batching(limit=12, unbatchable=frozenset(culprit))
    run(pump_of(store, sink))
    assert LETTERS == names(sink)
    assert [([culprit], False)] == [request for request in sink.requests if not request[1]]
    assert len(sink.requests) <= 8
    assert account(store).dead_letters == 0


def test_what_is_refused_in_a_batch_and_alone_is_a_dead_letter(store: Outbox) -> None:
    """And then full batches go again."""
    sink = Batching([OK] * 3 + [BAD], limit=6, unbatchable=frozenset("d"))
    run(pump_of(store, sink))
    assert LETTERS.replace("d", "") == names(sink)
    assert ["d"] == [letter.message for letter in store.dead_letters()]
    assert 6 == sizes(sink)[-2]


def test_what_was_accepted_ahead_is_remembered_and_not_sent_again(store: Outbox, tmp_path: Path) -> None:
    """Two places where one answer can go wrong: counting twice, and losing; order suffers once, counted."""
    sink = Batching([OK, BUSY, OK, BUSY], limit=4)
    send(pump_of(store, sink), sink)
    assert {(2, 0): Tried(attempt=1), (3, 0): Tried(accepted=True), (4, 0): Tried(attempt=1)} == store.trials(
        "capture", 1, 9
    )
    assert (Cursor(1), 2, 1) == (store.position("capture")[0], account(store).delivered, account(store).accepted_ahead)
    store.close()
    again = open_store(tmp_path)
    run(pump_of(again, sink))
    assert "acbdefghijkl" == names(sink)
    assert {0, 1} == {sent.attempt for sent in sink.sent if sent.message.name in "bd"}
    assert (12, 1, 0) == (account(again).delivered, account(again).accepted_ahead, account(again).depth)
    again.close()


def test_a_torn_batch_does_not_tear_the_next(store: Outbox) -> None:
    """The head is tried alone until it is through: else more and more would overtake it."""
    sink = Batching([OK, BUSY, OK, OK, BUSY, BUSY], limit=4)
    run(pump_of(store, sink))
    assert [4, 1, 1, 1] == sizes(sink)[:4]
    assert ("acdbefghijkl", 2) == (names(sink), account(store).accepted_ahead)


def test_a_retry_after_in_mid_drain_is_waited_out(store: Outbox) -> None:
    """A 429 stops the whole drain, not only one batch of it."""
    throttled = Later(Cause.THROTTLED, "429", answered=False, retry_after=30.0)
    sink = Batching(whole=[None, throttled], limit=4)
    pump = pump_of(store, sink)
    send(pump, sink, requests=2)
    due = pump.step(NOW).next_due
    assert due is not None and 30.0 <= due - NOW.boottime <= 36.0
    assert (Cause.THROTTLED, 2) == (pump.status().cause, len(sink.requests))
    run(pump, now=NOW.at(due))
    assert LETTERS == names(sink)


def test_messages_blocked_in_mid_batch_vary_their_next_try(store: Outbox) -> None:
    """ACTION_BLOCKED is cached for each of them for 120 s."""
    blocked = Later(Cause.THROTTLED, "ACTION_BLOCKED", answered=True)
    sink = Batching([OK, blocked, blocked, blocked], limit=4)
    run(pump_of(store, sink))
    assert LETTERS == names(sink)
    assert {(name, 1) for name in "bcd"} == {(sent.message.name, sent.attempt) for sent in sink.sent if sent.attempt}
    assert account(store).accepted_ahead == 0


def test_a_renewed_session_costs_no_pause_and_no_event(store: Outbox) -> None:
    """All of the batch goes again at once, varied, since INVALID_KS is cached too; it is no outage."""
    renewed = Later(Cause.SESSION, "INVALID_KS: EXPIRED", answered=True, mended=True)
    sink = Batching([renewed] * 4, limit=4)
    pump = pump_of(store, sink)
    end, news = run(pump)
    assert (LETTERS, [4, 4, 4, 4], NOW.boottime, []) == (names(sink), sizes(sink), end.boottime, news)
    assert [1] * 4 == [sent.attempt for sent in sink.sent[4:8]]


def test_a_hopeless_message_makes_way_in_a_drain_too(store: Outbox) -> None:
    """Decision 23: its neighbours in the batch show that the service takes others."""
    answers = [BUSY] * (4 + HOPELESS_TRIES - 1)
    sink = Batching(answers, limit=4)
    _, news = run(pump_of(store, sink), now=later(HOPELESS_AGE))
    assert LETTERS[1:] == names(sink)
    (letter,) = store.dead_letters()
    assert ("a", HOPELESS, BUSY.text) == (letter.message, letter.code, letter.answer)
    assert [OutageBegan, OutageEnded, MessageRefused] == [type(one) for one in news]


def test_an_answer_that_mentions_fewer_messages_leaves_the_rest_unsent(store: Outbox) -> None:
    """A cut form is answered shorter than it was sent: what is not answered was perhaps not read."""

    class Forgetful(Batching):
        def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict] | Whole:  # type: ignore[override]
            answer = super().send_all(messages)
            return answer[:2] if isinstance(answer, list) and len(self.requests) == 1 else answer

    sink = Forgetful(limit=4)
    pump = pump_of(store, sink)
    send(pump, sink)
    assert Cursor(2) == store.position("capture")[0]
    assert {(3, 0), (4, 0)} == store.trials("capture", 1, 12).keys()
    run(pump)
    assert (12, 0) == (account(store).delivered, account(store).depth)
