"""stats.collect as a whole, against the collector."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.kernel.events import Opened, PausedEvent, Playhead, Seeked, Started
from agent.kernel.records import Record, Tombstone
from agent.kernel.verdict import Cause, Delivered, Held, Later, ServerTime
from agent.outbox.ledger import Drop
from agent.outbox.retention import drop
from agent.sinks.kaltura.semantics import Semantics
from agent.sinks.kaltura.sessions import SessionSource
from agent.sinks.kaltura.sink import UNREADABLE, StatsCollect
from tests.support.answers import KS
from tests.support.collecting import HEAD, STARTED, Sessions, collecting, encoded, message
from tests.support.outbox import core_of, open_outbox
from tests.support.playback import GENERATION, MEDIA, WALL
from tests.support.pumping import pump_of, run
from tests.support.wires import PATIENT, QUICK
from tools.standin.faults import Drip, Half, Hang, Lost, Page, Refuse, Reset, http_error, redirect
from tools.standin.server import Collector


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector of its own for each test."""
    with Collector() as running:
        yield running


def sink(collector: Collector, *, session: SessionSource | None = None) -> StatsCollect:
    """The sink of a test's collector."""
    return collecting(collector.url, session=session)


def test_an_event_arrives_with_all_its_fields(collector: Collector) -> None:
    """The whole way once: codec, projection, encoding, wire, judgement."""
    verdict = sink(collector).send(message(fact=Seeked(1.0, 1, HEAD, 2.0, 12.9)), attempt=0)
    assert isinstance(verdict, Delivered)
    assert verdict.server_time is not None
    (event,) = collector.events
    assert tuple(
        event[name] for name in ("eventType", "partnerId", "entryId", "currentPoint", "duration", "seek", "newPoint")
    ) == (17, 102, "0_abcd1234", 12, 60, True, 12)


def test_two_equal_events_are_both_counted(collector: Collector) -> None:
    """Without an identity of their own the response cache would swallow the second."""
    destination = sink(collector)
    first, second = message(1), message(2)
    assert first.fields == second.fields
    for one in (first, second):
        destination.send(one, attempt=0)
    assert len(collector.events) == 2


def test_a_resend_after_a_lost_answer_is_counted_once(collector: Collector) -> None:
    """The server recognises the identical request."""
    collector.fault(Lost(), times=1)
    destination = sink(collector)
    lost = destination.send(message(), attempt=0)
    assert isinstance(lost, Later)
    assert (lost.cause, lost.lost) == (Cause.NETWORK, True)
    assert isinstance(destination.send(message(), attempt=0), Delivered)
    assert len(collector.events) == 1


def test_an_answered_error_is_cached_and_a_varied_request_gets_through(collector: Collector) -> None:
    """The same request would get the old error for 120 s, the server having recovered."""
    collector.fault(Refuse("INTERNAL_DATABASE_ERROR"), times=1)
    destination = sink(collector)
    for attempt, expected in ((0, Later), (0, Later), (1, Delivered)):
        assert isinstance(destination.send(message(), attempt=attempt), expected)
    assert len(collector.events) == 1


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (Hang(), Cause.TIMEOUT),
        (Reset(), Cause.NETWORK),
        (Half(), Cause.NETWORK),
        (Drip(gap_ms=50), Cause.TIMEOUT),
        (Page(), Cause.NOT_KALTURA),
        (http_error(503), Cause.SERVER),
        (http_error(429, 3), Cause.THROTTLED),
        (redirect("http://127.0.0.1:9/"), Cause.CONFIGURATION),
        (Refuse("SERVICE_FORBIDDEN"), Cause.CONFIGURATION),
        (Refuse("ACTION_BLOCKED"), Cause.THROTTLED),
    ],
    ids=str,
)
def test_a_fault_never_counts_as_delivery(collector: Collector, fault: object, cause: Cause) -> None:
    """Each of these happens in shops; each must keep the event and say why."""
    collector.fault(fault, times=1)  # type: ignore[arg-type]
    timeouts = QUICK if cause is Cause.TIMEOUT else PATIENT
    verdict = collecting(collector.url, timeouts=timeouts).send(message(), attempt=0)
    assert isinstance(verdict, Later | Held)
    assert cause is verdict.cause


def test_a_session_that_is_not_taken_is_held_without_being_shown(collector: Collector) -> None:
    """The answer echoes the KS; it must not reach a log."""
    verdict = sink(collector, session=Sessions([KS])).send(message(), attempt=0)
    assert isinstance(verdict, Held)
    assert (verdict.cause, KS in verdict.text) == (Cause.SESSION, False)


def test_an_event_of_a_later_version_is_passed_over_and_counted(collector: Collector) -> None:
    """After a downgrade the log must not stand still."""
    found = sink(collector).project("x", replace(encoded(STARTED), kind="hologram"), time=WALL, age=0.0)
    assert (found.passed, found.state, tuple(found.messages)) == (UNREADABLE, "x", ())
    sink(collector).close()


def test_the_services_time_is_asked_without_an_event(collector: Collector) -> None:
    """Decision 22: where the device's clock is not synchronised, the service's Date is the source of time."""
    before = time.time()
    answer = sink(collector).ask_time()
    assert isinstance(answer, ServerTime)
    assert answer.time is not None
    assert before - 2.0 <= answer.time <= time.time() + 2.0  # a Date has whole seconds
    (request,) = collector.requests
    assert ("HEAD", "/", b"") == (request.method, request.target, request.body)
    assert [] == collector.events


def test_a_service_that_is_away_tells_no_time(collector: Collector) -> None:
    """Then the events wait, as they would for their own sake."""
    collector.take_away()
    answer = sink(collector).ask_time()
    assert isinstance(answer, Later)
    assert answer.cause is Cause.NETWORK


def test_number_travels_where_it_is_wanted_and_nowhere_else(collector: Collector) -> None:
    """An analyst asks for it; everybody else's requests stay what they were, to the byte."""
    plain = sink(collector)
    wanted = StatsCollect(replace(plain._settings, numbered=True), plain._wire, session=plain._session)
    event = encoded(STARTED)
    for destination in (plain, wanted):
        (message,) = destination.project("", event, time=WALL, age=0.0).messages
        assert isinstance(destination.send(message, attempt=0), Delivered)
    number = f"{event.identity.generation[:4]}-{event.identity.sequence}"
    assert [None, number] == [told.get("controlId") for told in collector.events]


def test_first_message_behind_a_tombstone_tells_how_many_were_given_up(collector: Collector) -> None:
    """A reader of the service's log must be able to tell what was never sent from what has no number there."""
    plain = sink(collector)
    wanted = StatsCollect(replace(plain._settings, numbered=True), plain._wire, session=plain._session)
    number = f"{GENERATION[:4]}-"
    stones = (Tombstone(2, 201, "bytes", 0.0, 0.0), Tombstone(202, 251, "age", 0.0, 0.0))
    silent = replace(encoded(PausedEvent(1.0, 1, HEAD), sequence=252), before=stones)
    unreadable = replace(encoded(STARTED, sequence=254), body="{", before=(Tombstone(253, 253, "age", 0.0, 0.0),))
    state = ""
    for event in (silent, unreadable):
        found = wanted.project(state, event, time=WALL, age=0.0)
        assert not found.messages
        state = found.state
    told = wanted.project(state, encoded(STARTED, sequence=255), time=WALL, age=0.0)
    after = wanted.project(told.state, encoded(STARTED, sequence=256), time=WALL, age=0.0)
    assert [f"{number}255-251", f"{number}256"] == [found.messages[0].fields["controlId"] for found in (told, after)]
    assert plain.project("", encoded(STARTED, sequence=255), time=WALL, age=0.0) == plain.project(
        state, encoded(STARTED, sequence=255), time=WALL, age=0.0
    )


def test_only_the_first_message_of_an_event_tells_of_the_gap(collector: Collector) -> None:
    """Two lines of one event must not tell of two gaps; and what the player's words remember goes on behind it."""
    plain = sink(collector)
    settings = replace(plain._settings, numbered=True, semantics=Semantics.PLAYER)
    wanted = StatsCollect(settings, plain._wire, session=plain._session)
    before = wanted.project("", encoded(Opened(0.0, 1, HEAD, MEDIA), sequence=1), time=WALL, age=0.0)
    opened = wanted.project(before.state, encoded(Started(0.5, 1, HEAD, 0.1), sequence=1), time=WALL, age=0.0)
    stone = Tombstone(2, 3, "disk-full", 0.0, 0.0)
    silent = wanted.project(
        opened.state, replace(encoded(PausedEvent(1.0, 1, HEAD), sequence=4), before=(stone,)), time=WALL, age=0.0
    )
    assert f"2{opened.state}" == silent.state
    jump = encoded(Seeked(1.5, 1, Playhead(40.0, 60.0, seeked=True), 3.0, 40.0), sequence=5)
    found = wanted.project(silent.state, jump, time=WALL, age=0.0)
    ids = [message.fields["controlId"] for message in found.messages]
    assert [f"{GENERATION[:4]}-5-2", *[f"{GENERATION[:4]}-5"] * (len(ids) - 1)] == ids
    assert len(ids) > 1


def test_gap_in_the_log_reaches_the_service_with_the_next_message(collector: Collector, tmp_path: Path) -> None:
    """The whole way: what is dropped for want of room is a tombstone, and the service's log says how many."""
    outbox = open_outbox(tmp_path)
    outbox.register("stats.collect")
    for number in range(1, 61):
        event = encoded(replace(STARTED, at=float(number)), sequence=number)
        outbox.append([Record(event.kind, event.body, event.priority, event.attribution, event.instant)])
    plain = sink(collector)
    wanted = StatsCollect(replace(plain._settings, numbered=True), plain._wire, session=plain._session)
    pump = pump_of(outbox, wanted)
    drop(core_of(outbox), list(range(2, 52)), Drop.BYTES)
    run(pump)
    told = [each["controlId"].partition("-")[2] for each in collector.events]
    assert ["1", "52-50", *[str(number) for number in range(53, 61)]] == told
    (books,) = outbox.statistics().sinks
    assert (10, {"bytes": 50}, 0, 0) == (books.delivered, books.dropped, books.depth, books.account.difference)
    outbox.close()
