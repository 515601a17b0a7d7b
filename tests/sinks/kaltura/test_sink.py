"""stats.collect as a whole, against the collector."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent.kernel.events import Seeked
from agent.kernel.verdict import Cause, Delivered, Held, Later, ServerTime
from agent.sinks.kaltura.sessions import SessionSource
from agent.sinks.kaltura.sink import UNREADABLE, StatsCollect
from tests.support.answers import KS
from tests.support.collecting import HEAD, STARTED, Sessions, collecting, encoded, message
from tests.support.playback import WALL
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
    verdict = sink(collector).send(message(), attempt=0)
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
    answer = sink(collector).ask_time()
    assert isinstance(answer, ServerTime)
    assert answer.time == pytest.approx(time.time(), abs=5.0)
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
