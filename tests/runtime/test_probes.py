"""Is the service there? Asked without counting anything, and not to be deceived by what else may answer."""

from collections.abc import Callable, Iterator

import pytest

from agent.kernel.verdict import Cause, Held, Later
from agent.runtime.probes import empty_event, ping
from agent.sinks.kaltura.login import Session
from agent.sinks.kaltura.sessions import NoSession, SessionSource
from tests.support.collecting import Sessions
from tests.support.sessions import secret_login
from tests.support.wires import QUICK, wire
from tools.standin.analytics import Analytics
from tools.standin.faults import Fault, Hang, Page, Refuse, http_error, redirect
from tools.standin.server import Collector

BAD = "djJ8MTAyfNOSESSION0123456789"
PORTAL_JSON = Page(200, '{"login":"https://portal"}', "application/json")
BEFORE_KALTURA = [
    Page(),
    PORTAL_JSON,
    Page(200, "", "text/plain"),
    Page(204, "", "text/plain"),
    Page(400, "<html>Bad Request</html>"),
    http_error(404),
    http_error(503),
    redirect("https://portal/"),
    Hang(),
]


@pytest.fixture
def service() -> Iterator[Collector]:
    with Collector() as running:
        yield running
        running.clear()


@pytest.fixture
def analytics() -> Iterator[Analytics]:
    with Analytics() as running:
        yield running
        running.clear()


def pinging(service: Collector, source: SessionSource | None = None) -> Callable[[], bool]:
    return ping(wire(QUICK), service.url, "kiosk", source or NoSession())


def asking(service: Collector, source: SessionSource | None = None) -> Callable[[], bool]:
    return empty_event(wire(QUICK), service.url, "kiosk", source or NoSession())


def test_kalturas_own_answer_proves_the_road_and_counts_nothing(service: Collector, analytics: Analytics) -> None:
    """An error too: it comes from there (the stand-in knows no system.ping)."""
    assert pinging(service)()
    assert asking(analytics)()
    assert ([], []) == (service.events, analytics.events)


def test_true_is_what_a_ping_is_answered_with(service: Collector) -> None:
    """As the real service does."""
    service.fault(Page(200, "true", "application/json"))
    assert pinging(service)()


@pytest.mark.parametrize("fault", BEFORE_KALTURA)
def test_what_stands_before_the_service_is_not_the_service(
    service: Collector, analytics: Analytics, fault: Fault
) -> None:
    """A portal or a proxy that answers for it would have a wrong address kept for good."""
    service.fault(fault)
    analytics.fault(fault)
    assert not pinging(service)()
    assert not asking(analytics)()


def test_api_is_not_the_analytics_server(service: Collector) -> None:
    """The commonest mistake: every event would be held there."""
    assert not asking(service)()


def test_service_that_is_away_is_not_there(service: Collector, analytics: Analytics) -> None:
    """The simplest case."""
    service.take_away()
    analytics.take_away()
    assert not pinging(service)()
    assert not asking(analytics)()


@pytest.mark.parametrize(
    "trouble", [Held(Cause.SESSION, "no session", answered=False), Later(Cause.NETWORK, "away", answered=False)]
)
def test_without_the_session_that_is_wanted_nothing_is_proved(
    service: Collector, analytics: Analytics, trouble: Held | Later
) -> None:
    """Every message would wait for it, so the service is not even asked."""
    assert not pinging(service, Sessions([trouble]))()
    assert not asking(analytics, Sessions([trouble]))()
    assert ([], []) == (service.requests, analytics.requests)


def test_session_goes_with_the_question(service: Collector, analytics: Analytics) -> None:
    """One that is taken proves that it will be with the next event."""
    session = secret_login(service)()
    assert isinstance(session, Session)
    assert pinging(service, Sessions([session.ks]))()
    assert session.ks.encode() in service.requests[-1].body


def test_session_that_is_refused_proves_nothing_and_is_given_up(service: Collector, analytics: Analytics) -> None:
    """The next probe goes with another, as the next event would."""
    service.fault(Refuse("INVALID_KS"), times=1)
    source = Sessions([BAD, "another"])
    asked = pinging(service, source)
    assert not asked()
    assert [BAD] == source.refusals
    assert asked()


def test_session_that_the_analytics_server_refuses_proves_nothing(analytics: Analytics) -> None:
    """It answers 401, as for any event."""
    analytics.fault(Page(401, '{"error":"no"}', "application/json"), times=1)
    source = Sessions([BAD, "another"])
    asked = asking(analytics, source)
    assert not asked()
    assert [BAD] == source.refusals
    assert asked()
