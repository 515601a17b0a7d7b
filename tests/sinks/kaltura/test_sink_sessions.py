"""Which session events are sent with, and what happens when it is refused."""

from collections.abc import Iterator

import pytest

from agent.kernel.verdict import Cause, Delivered, Held, Later
from agent.sinks.base import Outgoing
from tests.support.answers import KS
from tests.support.collecting import Sessions, collecting, message
from tools.standin.faults import Page, Refuse
from tools.standin.server import Collector

RENEWED = "djJ8MTAyfHwtYW5vdGhlci1zZXNzaW9uLXRoYXQtaXMtbG9uZy1lbm91Z2g"
REFUSED = Refuse("INVALID_KS", (("KSID", "EXPIRED"),))


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector of its own for each test."""
    with Collector() as running:
        yield running


def bodies(collector: Collector) -> list[str]:
    """What was posted."""
    return [request.body.decode() for request in collector.requests]


BATCH = [Outgoing(message(1), 0), Outgoing(message(2), 1)]


@pytest.mark.parametrize("missing", [Later(Cause.NETWORK, "no road", answered=True, lost=True),
                                     Held(Cause.SESSION, "the app token was deleted", answered=True)])  # fmt: skip
def test_without_the_session_that_it_wants_nothing_is_sent(collector: Collector, missing: Later | Held) -> None:
    """Sent without, events would count for nobody. The message was in no request: its next try changes nothing."""
    sink = collecting(collector.url, session=Sessions([missing]))
    for verdict in (sink.send(message(), attempt=0), sink.send_all(BATCH)):
        assert isinstance(verdict, Later | Held)
        assert (missing.cause, missing.text, False) == (verdict.cause, verdict.text, verdict.answered)
        assert not getattr(verdict, "lost", False)
    assert [] == collector.requests


def test_a_refused_session_that_can_be_renewed_lets_the_same_event_go_again_at_once(collector: Collector) -> None:
    """No event is lost to an expired session, and none waits for it; the refusal is cached, so the next try varies."""
    sessions = Sessions([KS, RENEWED])
    sink = collecting(collector.url, session=sessions)
    collector.fault(REFUSED, times=1)
    expected = Later(Cause.SESSION, "INVALID_KS: EXPIRED", answered=True, mended=True)
    assert expected == sink.send(message(), attempt=0)
    assert [KS] == sessions.refusals
    collector.fault(Page(200, "true", "application/json"), times=1)
    assert isinstance(sink.send(message(), attempt=1), Delivered)
    first, second = bodies(collector)
    assert (f"&ks={KS}&" in first, f"&ks={RENEWED}&" in second) == (True, True)
    assert second == first.replace(KS, RENEWED) + "&attempt=1"


def test_a_refused_session_that_cannot_be_renewed_holds(collector: Collector) -> None:
    """Somebody must act, and `status` says so."""
    sink = collecting(collector.url, session=Sessions([KS]))
    collector.fault(REFUSED)
    expected = Held(Cause.SESSION, "INVALID_KS: EXPIRED", answered=True)
    assert expected == sink.send(message(), attempt=0)
    assert [expected] * 2 == sink.send_all(BATCH)


def test_a_service_that_wants_a_session_where_none_is_configured_holds(collector: Collector) -> None:
    """There is nothing to renew."""
    collector.fault(Refuse("MISSING_KS"))
    verdict = collecting(collector.url).send(message(), attempt=0)
    assert isinstance(verdict, Held)
    assert Cause.SESSION is verdict.cause


def test_a_batch_whose_session_was_refused_is_renewed_once_for_all(collector: Collector) -> None:
    """They have one session; asked twice, the source would throw the new one away."""
    sessions = Sessions([KS, RENEWED, "never"])
    sink = collecting(collector.url, session=sessions)
    collector.fault(REFUSED)
    mended = Later(Cause.SESSION, "INVALID_KS: EXPIRED", answered=True, mended=True)
    assert [mended, mended] == sink.send_all(BATCH)
    assert ([KS], RENEWED) == (sessions.refusals, sessions.current())


def test_a_session_that_ends_within_a_batch_keeps_what_was_accepted(collector: Collector) -> None:
    """An actions limit is reached in mid-batch: those before it were counted and are not sent again."""
    sink = collecting(collector.url, session=Sessions([KS, RENEWED]))
    answer = (
        '[true,{"code":"INVALID_KS","message":"m","objectType":"KalturaAPIException",'
        '"args":{"KSID":"EXCEEDED_ACTIONS_LIMIT"}}]'
    )
    collector.fault(Page(200, answer, "application/json"), times=1)
    first, second = sink.send_all(BATCH)  # type: ignore[misc]
    assert isinstance(first, Delivered)
    assert Later(Cause.SESSION, "INVALID_KS: EXCEEDED_ACTIONS_LIMIT", answered=True, mended=True) == second


def test_a_batchs_refused_session_is_renewed_even_where_the_answer_is_too_long(collector: Collector) -> None:
    """A long session echoed by two hundred items: the answer is cut, what it says is not."""
    long = KS * 10
    sessions = Sessions([long, RENEWED])
    sink = collecting(collector.url, session=sessions, batch=500)
    collector.fault(Refuse("INVALID_KS", (("KSID", long),)))
    verdict = sink.send_all([Outgoing(message(number), 0) for number in range(1, sink.batch + 1)])
    assert isinstance(verdict, Later)
    assert (True, True, False) == (verdict.mended, verdict.answered, KS in verdict.text)
    assert [long] == sessions.refusals


def test_a_batchs_session_stands_on_top_alone(collector: Collector) -> None:
    """Credentials are taken at send and are no part of a message (decision 5)."""
    collecting(collector.url, session=Sessions([KS])).send_all(BATCH)
    (body,) = bodies(collector)
    assert 1 == body.count(KS)
    assert f'"ks":"{KS}","1":' in body
