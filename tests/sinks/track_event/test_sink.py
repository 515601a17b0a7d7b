"""trackEvent as a whole, against the stand-in of the analytics server."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent.kernel import codec
from agent.kernel.activity import Activity, PageViewed
from agent.kernel.events import Event, Opened, PausedEvent, Playhead, Started, Watched
from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, ServerTime
from agent.sinks.base import Message, Outgoing
from agent.sinks.http.client import Timeouts, Wire
from agent.sinks.kaltura.sessions import NoSession, SessionSource, SessionState, SessionStatus
from agent.sinks.track_event.projection import Rules
from agent.sinks.track_event.sink import UNREADABLE, TrackEvent, TrackSettings
from tests.support.playback import MEDIA, WALL
from tests.support.track_event import as_stored
from tests.support.wires import PATIENT, QUICK
from tools.standin.analytics import Analytics
from tools.standin.faults import Half, Hang, Lost, Page, Refuse, Reset, http_error, redirect
from tools.standin.fixtures import load
from tools.standin.server import Collector
from tools.standin.sessions import USER, Sessions

NOW = 1_795_000_000.0
HEAD = Playhead(position=12.0, duration=60.0, played=12.0)
OPENED = Opened(1.0, 1, Playhead(), MEDIA)
STARTED = Started(1.5, 1, Playhead(position=0.0, duration=60.0), 0.3)
PAGE = PageViewed(2.0, page_type="lobby")


@pytest.fixture
def analytics() -> Iterator[Analytics]:
    """A server of its own for each test."""
    with Analytics(clock=lambda: NOW) as running:
        yield running


class Purse:
    """A source of sessions: the first is `stale`, the next ones are good, as long as they last."""

    def __init__(self, stale: str, fresh: list[str]) -> None:
        self.now = stale
        self.fresh = fresh
        self.told: list[str] = []

    def current(self) -> str | Later | Held | None:
        return self.now

    def refused(self, ks: str) -> bool:
        self.told.append(ks)
        if not self.fresh:
            return False
        self.now = self.fresh.pop(0)
        return True

    def status(self) -> SessionStatus:
        return SessionStatus("app-token", SessionState.FRESH)

    def close(self) -> None:
        return None


def sink(url: str, *, session: SessionSource | None = None, timeouts: Timeouts = PATIENT) -> TrackEvent:
    """The sink as the agent makes it."""
    wire = Wire(user_agent="k", monotonic=time.monotonic, timeouts=timeouts)
    settings = TrackSettings(url, "kiosk", Rules(player_events=True))
    return TrackEvent(settings, wire, session=session or NoSession())


def encoded(event: Event | Activity, sequence: int = 1) -> StoredEvent:
    """`event` as the log gives it back."""
    kind, body = codec.encode(event)
    return replace(as_stored(event, sequence), kind=kind, body=body)


def messages(destination: TrackEvent, *events: Event | Activity) -> list[Message]:
    """What events become, one after another."""
    state = ""
    found: list[Message] = []
    for sequence, event in enumerate(events, start=1):
        became = destination.project(state, encoded(event, sequence), time=WALL + event.at, age=0.0)
        state = became.state
        found += became.messages
    return found


def test_a_page_view_arrives_as_the_guides_request(analytics: Analytics) -> None:
    """The whole way once: codec, projection, form, wire, judgement."""
    destination = sink(analytics.url)
    verdict = destination.send(messages(destination, PAGE)[0], attempt=0)
    assert isinstance(verdict, Delivered)
    assert verdict.server_time == pytest.approx(NOW, abs=2.0)
    (request,) = analytics.requests
    assert "/api_v3/index.php?service=analytics&action=trackEvent" == request.target
    assert b"eventType=10003&partnerId=102" in request.body
    assert "lobby" == analytics.events[0]["pageType"]
    destination.close()


def test_messages_go_one_by_one(analytics: Analytics) -> None:
    """The service has no batches, so the pump asks for none; should it, each has a verdict of its own."""
    destination = sink(analytics.url)
    assert (1, "trackEvent") == (destination.batch, destination.name)
    both = [Outgoing(message, 0) for message in messages(destination, OPENED)]
    assert [Delivered, Delivered] == [type(verdict) for verdict in destination.send_all(both)]
    assert [1, 2] == [event["eventType"] for event in analytics.events]


def test_the_answered_time_goes_with_what_follows(analytics: Analytics) -> None:
    """sessionStartTime: only of player events, and not of the one that asks for it."""
    destination = sink(analytics.url)
    for message in [*messages(destination, OPENED), *messages(destination, PAGE)]:
        destination.send(message, attempt=0)
    assert [None, "1795000000", None] == [event.get("sessionStartTime") for event in analytics.events]


def test_views_stop_when_the_service_says_so(analytics: Analytics) -> None:
    """A service under load switches them off; they are counted as passed over."""
    analytics.want_views(False)
    destination = sink(analytics.url)
    destination.send(messages(destination, OPENED)[0], attempt=0)
    state = destination.project("", encoded(OPENED), time=WALL, age=0.0).state
    state = destination.project(state, encoded(STARTED, 2), time=WALL, age=0.0).state
    found = destination.project(state, encoded(Watched(1.5, 1, STARTED.head), 3), time=WALL, age=0.0)
    assert ((), "views-off") == (tuple(found.messages), found.passed)


def test_an_event_that_was_begun_is_finished_however_old(analytics: Analytics) -> None:
    """An outage between IMPRESSION and PLAY_REQUEST must not leave the first without the second."""
    destination = sink(analytics.url)
    first = destination.project("", encoded(OPENED), time=WALL, age=0.0)
    destination.send(first.messages[0], attempt=0)
    assert first == destination.project("", encoded(OPENED), time=WALL, age=90_000.0)
    other = destination.project("", encoded(OPENED, 2), time=WALL, age=90_000.0)
    assert ((), "too-old-play") == (tuple(other.messages), other.passed)


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (Hang(), Cause.TIMEOUT),
        (Lost(), Cause.NETWORK),
        (Reset(), Cause.NETWORK),
        (Half(), Cause.NETWORK),
        (Page(), Cause.NOT_KALTURA),
        (http_error(503), Cause.SERVER),
        (http_error(429, 3), Cause.THROTTLED),
        (http_error(401), Cause.SESSION),
        (http_error(404), Cause.CONFIGURATION),
        (redirect("http://127.0.0.1:9/"), Cause.CONFIGURATION),
        (Refuse("SERVICE_FORBIDDEN"), Cause.CONFIGURATION),
        (Refuse("ACTION_BLOCKED"), Cause.THROTTLED),
    ],
    ids=str,
)
def test_a_fault_never_counts_as_delivery(analytics: Analytics, fault: object, cause: Cause) -> None:
    """Each of these happens in shops; each must keep the event and say why."""
    analytics.fault(fault, times=1)  # type: ignore[arg-type]
    destination = sink(analytics.url, timeouts=QUICK if cause is Cause.TIMEOUT else PATIENT)
    verdict = destination.send(messages(destination, PAGE)[0], attempt=0)
    assert isinstance(verdict, Later | Held)
    assert cause is verdict.cause


def test_a_resend_is_the_same_bytes_unless_an_error_was_answered(analytics: Analytics) -> None:
    """Decision 6: whoever looks for repeats finds them; an answered error varies the request by its attempt."""
    destination = sink(analytics.url)
    for message in messages(destination, OPENED):
        destination.send(message, attempt=0)
    view = messages(destination, OPENED, STARTED, Watched(12.5, 1, HEAD))[-1]
    analytics.fault(Lost(), times=1)
    lost = destination.send(view, attempt=0)
    assert isinstance(lost, Later)
    assert lost.lost
    assert isinstance(destination.send(view, attempt=0), Delivered)
    first, again = (request.body for request in analytics.requests[-2:])
    assert first == again
    destination.send(view, attempt=1)
    assert first + b"&attempt=1" == analytics.requests[-1].body


def test_a_bad_request_is_refused(analytics: Analytics) -> None:
    """It never will be taken, and what comes after it must get through."""
    destination = sink(analytics.url)
    (message,) = messages(destination, PAGE)
    bad = replace(message, fields={name: value for name, value in message.fields.items() if name != "partnerId"})
    verdict = destination.send(bad, attempt=0)
    assert isinstance(verdict, Refused)
    assert ("HTTP_400", True) == (verdict.code, "partnerId" in verdict.answer)


def test_the_host_of_the_api_is_not_the_analytics_server() -> None:
    """A common mistake in the settings; the queue is held and the text names what to look at."""
    with Collector() as collector:
        destination = sink(collector.url)
        verdict = destination.send(messages(destination, PAGE)[0], attempt=0)
        assert [] == collector.events
    assert isinstance(verdict, Held)
    assert (Cause.CONFIGURATION, True) == (verdict.cause, "ACTION_DOES_NOT_EXISTS" in verdict.text)


def test_an_expired_session_is_renewed_and_the_same_event_goes_again(analytics: Analytics) -> None:
    """No event is lost to an expired session, and no session is shown."""
    sessions = Sessions(load(), lambda: NOW)
    stale, fresh = sessions.make(102, "k", USER, -1, ""), sessions.make(102, "k", USER, 60, "")
    purse = Purse(stale, [fresh])
    destination = sink(analytics.url, session=purse)
    (message,) = messages(destination, PAGE)
    verdict = destination.send(message, attempt=0)
    assert isinstance(verdict, Later)
    assert (Cause.SESSION, True, True) == (verdict.cause, verdict.answered, verdict.mended)
    assert stale not in verdict.text
    assert isinstance(destination.send(message, attempt=1), Delivered)
    assert ([stale], 1) == (purse.told, len(analytics.events))


def test_a_session_that_cannot_be_had_holds_the_queue(analytics: Analytics) -> None:
    """A revoked token: somebody must act, and `status` says so."""
    destination = sink(analytics.url, session=Purse("nonsense", []))
    verdict = destination.send(messages(destination, PAGE)[0], attempt=0)
    assert isinstance(verdict, Held)
    assert Cause.SESSION is verdict.cause


def test_without_a_session_to_be_had_nothing_is_sent(analytics: Analytics) -> None:
    """The source says why; the event waits."""
    waiting = Later(Cause.NETWORK, "no route", answered=False)

    class Broke(NoSession):
        def current(self) -> str | Later | Held | None:
            return waiting

    destination = sink(analytics.url, session=Broke())
    assert waiting == destination.send(messages(destination, PAGE)[0], attempt=0)
    assert [] == analytics.requests


def test_an_event_of_a_later_version_is_passed_over_and_counted(analytics: Analytics) -> None:
    """After a downgrade the log must not stand still."""
    found = sink(analytics.url).project("x", replace(encoded(PAGE), kind="hologram"), time=WALL, age=0.0)
    assert (UNREADABLE, "x", ()) == (found.passed, found.state, tuple(found.messages))


def test_the_services_time_is_asked_without_an_event(analytics: Analytics) -> None:
    """Decision 22: where the device's clock is not synchronised, the service's Date is the source of time."""
    answer = sink(analytics.url).ask_time()
    assert isinstance(answer, ServerTime)
    assert answer.time == pytest.approx(NOW, abs=2.0)
    assert ("HEAD", "/") == (analytics.requests[0].method, analytics.requests[0].target)
    analytics.take_away()
    assert isinstance(sink(analytics.url).ask_time(), Later)


def test_a_pause_is_known_by_its_name() -> None:
    """What answers change is decided by the message's name; a renamed kind must not slip through."""
    names = [message.name for message in messages(sink("http://127.0.0.1"), OPENED, STARTED, PausedEvent(5.0, 1, HEAD))]
    assert ["IMPRESSION", "PLAY_REQUEST", "PLAY", "PAUSE"] == names
