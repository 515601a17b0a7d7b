"""stats.collect in batches and as a beacon, against the collector."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.events import Started
from agent.kernel.verdict import Cause, Delivered, Later, Refused
from agent.sinks.base import Outgoing
from agent.sinks.kaltura.batch import LARGEST
from agent.sinks.kaltura.sink import Style
from tests.support.answers import KS
from tests.support.collecting import HEAD, Sessions, collecting, message
from tests.support.playback import owner
from tools.standin.faults import Ignore, Lost, Page, Refuse, http_error
from tools.standin.server import Collector


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector of its own for each test."""
    with Collector() as running:
        yield running


@pytest.fixture(scope="module")
def shared() -> Iterator[Collector]:
    """One for all examples of a property."""
    with Collector() as running:
        yield running


def outgoing(*sequences: int, attempt: int = 0) -> list[Outgoing]:
    """Messages of different events."""
    return [Outgoing(message(sequence), attempt) for sequence in sequences]


def logged_sequences(collector: Collector) -> list[str]:
    """Which events were logged, by the identity that each request carried."""
    return [event["_request"]["eventId"].rpartition("-")[0].rpartition("-")[2] for event in collector.events]


def test_a_batch_is_one_request_and_logs_its_events_in_order(collector: Collector) -> None:
    """What an outage piled up arrives as if it had come one by one."""
    sink = collecting(collector.url)
    verdicts = sink.send_all(outgoing(*range(1, LARGEST + 1)))
    assert isinstance(verdicts, list)
    assert [True] * LARGEST == [isinstance(verdict, Delivered) and verdict.verified for verdict in verdicts]
    assert [str(number) for number in range(1, LARGEST + 1)] == logged_sequences(collector)
    (request,) = collector.requests
    assert ("/api_v3/service/multirequest", "application/json") == (request.target, request.headers["content-type"])


def test_a_server_that_cuts_forms_takes_the_largest_batch_whole() -> None:
    """PHP's default of 1000 variables would cut a form after some 45 events and log the last one in part."""
    with Collector(max_input_vars=1000) as running:
        collecting(running.url).send_all(outgoing(*range(LARGEST)))
        assert LARGEST == len(running.events)


@pytest.mark.parametrize("poison", [0, 2, 4])
def test_one_bad_event_in_a_batch_is_refused_alone(collector: Collector, poison: int) -> None:
    """At the first, a middle and the last place: its neighbours get through."""
    batch = outgoing(1, 2, 3, 4, 5)
    fields = {**batch[poison].message.fields, "eventType": "99"}
    batch[poison] = Outgoing(replace(batch[poison].message, fields=fields), 0)
    verdicts = collecting(collector.url).send_all(batch)
    assert isinstance(verdicts, list)
    assert [poison] == [place for place, verdict in enumerate(verdicts) if isinstance(verdict, Refused)]
    assert 4 == sum(isinstance(verdict, Delivered) for verdict in verdicts) == len(collector.events)


def test_an_event_that_the_server_does_not_log_is_accepted_with_null(collector: Collector) -> None:
    """A server whose log is switched off answers so; waiting would not change it."""
    collector.fault(Ignore(), times=1)
    verdicts = collecting(collector.url).send_all(outgoing(1, 2))
    assert isinstance(verdicts, list)
    assert all(isinstance(verdict, Delivered) for verdict in verdicts)


def test_a_batch_whose_answer_was_lost_is_counted_once_in_other_company(collector: Collector) -> None:
    """The server knows each item by itself: even one alone, or at another place, is recognised."""
    collector.fault(Lost(), times=1)
    sink = collecting(collector.url)
    lost = sink.send_all(outgoing(1, 2, 3))
    assert isinstance(lost, Later)
    assert lost.lost
    assert isinstance(sink.send_all(outgoing(1)), list)
    assert isinstance(sink.send_all(outgoing(3, 2, 4)), list)
    assert ["1", "2", "3", "4"] == logged_sequences(collector)


def test_a_message_on_the_other_road_is_not_recognised(collector: Collector) -> None:
    """So whoever sends must stay on the road that a message went first; this is why a batch of one is a batch."""
    sink = collecting(collector.url)
    sink.send_all(outgoing(1))
    sink.send(message(1), attempt=0)
    assert 2 == len(collector.events)


def test_an_error_within_a_batch_is_cached_and_a_varied_item_gets_through(collector: Collector) -> None:
    """The same item would get the old error for 120 s; its neighbours keep their bytes."""
    collector.fault(Refuse("INTERNAL_DATABASE_ERROR"), times=1, where={"eventId": message(2).token})
    sink = collecting(collector.url)
    for attempt, expected in ((0, Later), (0, Later), (1, Delivered)):
        verdicts = sink.send_all([*outgoing(1), *outgoing(2, attempt=attempt)])
        assert isinstance(verdicts, list)
        assert isinstance(verdicts[0], Delivered)
        assert isinstance(verdicts[1], expected)
    assert ["1", "2"] == logged_sequences(collector)


@pytest.mark.parametrize(
    ("fault", "cause"), [(Page(), Cause.NOT_KALTURA), (http_error(503), Cause.SERVER)], ids=["portal", "gateway"]
)
def test_a_batch_that_something_else_answers_is_one_failure(collector: Collector, fault: Page, cause: Cause) -> None:
    """Nothing of it counts as delivered."""
    collector.fault(fault, times=1)
    verdict = collecting(collector.url).send_all(outgoing(1, 2))
    assert isinstance(verdict, Later)
    assert cause is verdict.cause


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
COLUMNS = ("clientVer", "referrer", "userId", "uniqueViewer", "widgetId")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, ANY_TEXT)), min_size=1, max_size=4))
def test_any_texts_are_logged_in_a_batch_as_they_are_alone(shared: Collector, texts: list[dict[str, Any]]) -> None:
    """References to results, commas, broken letters: no text may mean one thing alone and another in company."""
    batch = [
        Outgoing(
            message(
                number,
                attribution=replace(
                    owner(),
                    client_version=given_texts["clientVer"],
                    referrer=given_texts["referrer"],
                    user_id=given_texts["userId"],
                    unique_viewer=given_texts["uniqueViewer"],
                    widget_id=given_texts["widgetId"],
                ),
            ),
            shared.total,  # another request each time
        )
        for number, given_texts in enumerate(texts, start=1)
    ]
    sink = collecting(shared.url)
    before = shared.total
    assert isinstance(sink.send_all(batch), list)
    for one in batch:
        assert isinstance(sink.send(one.message, attempt=one.attempt), Delivered)
    logged = [{name: event.get(name) for name in (*COLUMNS, "eventType")} for event in shared.events[before:]]
    assert logged[: len(batch)] == logged[len(batch) :]
    assert len(logged) == 2 * len(batch)


@pytest.mark.parametrize(("expected", "wanted"), [(1, 0), (1, 1), (60, 60), (LARGEST, 500)])
def test_a_batch_is_as_large_as_wanted_if_its_answer_can_be_read(expected: int, wanted: int) -> None:
    """Five hundred errors are more than is read of an answer."""
    assert expected == collecting("http://127.0.0.1", batch=wanted).batch


@pytest.mark.parametrize("behind_apache", [False, True])
def test_a_beacon_stands_whole_in_the_access_log_and_is_unverified(behind_apache: bool) -> None:
    """What counts is the line in the log; the answer, `true` or a stock Apache's page, says nothing of it."""
    with Collector(behind_apache=behind_apache) as running:
        sink = collecting(running.url, style=Style.BEACON, session=Sessions([KS]))
        assert 1 == sink.batch
        verdicts = sink.send_all(outgoing(1))
        assert isinstance(verdicts, list)
        (verdict,) = verdicts
        assert isinstance(verdict, Delivered)
        assert not verdict.verified
        assert verdict.server_time is not None
        (request,) = running.requests
        assert ("GET", b"") == (request.method, request.body)
        assert request.target.startswith("/api_v3/index.php?service=stats&action=collect&")
        assert "&event:eventType=3&" in request.target
        assert KS not in request.target
        assert (0 if behind_apache else 1) == len(running.events)


def test_a_beacon_logs_what_a_post_logs(collector: Collector) -> None:
    """A server that runs the call sees the same event."""
    fact = message(1, Started(1.0, 1, HEAD, 0.2), attribution=replace(owner(), user_id="Zoë & Söhne+1"))
    collecting(collector.url, style=Style.BEACON).send(fact, attempt=0)
    collecting(collector.url).send(fact, attempt=0)
    beacon, post = ({name: event[name] for name in event if name[0] not in "_r"} for event in collector.events)
    assert post == beacon


@pytest.mark.parametrize("fault", [Page(), http_error(503)], ids=["portal", "gateway"])
def test_a_beacon_that_a_portal_or_a_gateway_answers_waits(collector: Collector, fault: Page) -> None:
    """Their logs are nobody's statistics."""
    collector.fault(fault, times=1)
    assert isinstance(collecting(collector.url, style=Style.BEACON).send(message(), attempt=0), Later)


def test_a_beacon_to_nobody_waits(collector: Collector) -> None:
    """What never left was not counted."""
    collector.take_away()
    verdict = collecting(collector.url, style=Style.BEACON).send(message(), attempt=0)
    assert isinstance(verdict, Later)
    assert Cause.NETWORK is verdict.cause
