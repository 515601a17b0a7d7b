"""The analytics server's stand-in: what the guide says of the real one."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.kaltura_client import COLLECT, FORM, event
from tools.standin.analytics import Analytics
from tools.standin.faults import Lost, Refuse, http_error
from tools.standin.fixtures import load
from tools.standin.server import Collector
from tools.standin.sessions import USER, Sessions

TRACK = "/api_v3/index.php?service=analytics&action=trackEvent"
PAGE = {"eventType": "10003", "partnerId": "102", "kalturaApplication": "portal"}


@pytest.fixture
def analytics() -> Iterator[Analytics]:
    """A server of its own for each test."""
    with Analytics(clock=lambda: 1_795_000_000.7) as running:
        yield running


def post(server: Collector, path: str = TRACK, body: str = "", kind: str = FORM) -> tuple[int, str]:
    """One request; status and text of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("POST", path, body, {"Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_an_event_is_answered_with_the_time_and_logged_with_all_it_says(analytics: Analytics) -> None:
    """The guide's own request for a page load."""
    status, text = post(analytics, body=urlencode({**PAGE, "pageType": "lobby"}))
    assert (200, {"time": 1_795_000_000, "viewEventsEnabled": True}) == (status, json.loads(text))
    (logged,) = analytics.events
    assert (10003, "102", "portal", "lobby") == tuple(
        logged[name] for name in ("eventType", "partnerId", "kalturaApplication", "pageType")
    )


def test_an_event_may_stand_in_the_address_and_in_json(analytics: Analytics) -> None:
    """Kaltura's players send half of it in the address and the rest as JSON."""
    status, _ = post(analytics, f"{TRACK}&eventType=3&partnerId=102", json.dumps({"position": 2.5}), "application/json")
    assert (200, 3, "2.5") == (status, analytics.events[0]["eventType"], analytics.events[0]["position"])


@pytest.mark.parametrize("lacking", ["eventType", "partnerId"])
def test_what_is_missing_is_a_bad_request(analytics: Analytics, lacking: str) -> None:
    """The guide's table 11.2."""
    assert 400 == post(analytics, body=urlencode({k: v for k, v in PAGE.items() if k != lacking}))[0]
    assert [] == analytics.events


def test_a_session_must_be_good_and_is_not_shown(analytics: Analytics) -> None:
    """401 in the guide's table; a session made at the API's host is good here."""
    ks = Sessions(load(), lambda: 1_795_000_000.0).make(102, "viewer", USER, 60, "")
    assert 200 == post(analytics, body=urlencode({**PAGE, "ks": ks}))[0]
    assert ks not in json.dumps(analytics.events)
    assert 401 == post(analytics, body=urlencode({**PAGE, "ks": "nonsense"}))[0]
    assert 1 == len(analytics.events)


@pytest.mark.parametrize("path", ["/api_v3/service/stats/action/collect", "/nowhere", "/api_v3/index.php"])
def test_anything_else_is_not_found(analytics: Analytics, path: str) -> None:
    """404 in the guide's table: the wrong address."""
    assert 404 == post(analytics, path, urlencode(PAGE))[0]


def test_the_host_of_the_api_does_not_know_the_action() -> None:
    """Recorded: ACTION_DOES_NOT_EXISTS with HTTP 200."""
    with Collector() as collector:
        status, text = post(collector, TRACK, urlencode({**PAGE, "format": "1"}))
    assert (200, "ACTION_DOES_NOT_EXISTS") == (status, json.loads(text)["code"])


def test_views_are_switched_off_and_answers_made_terse(analytics: Analytics) -> None:
    """Both kinds of answer are in use."""
    analytics.want_views(False)
    assert json.loads(post(analytics, body=urlencode(PAGE))[1])["viewEventsEnabled"] is False
    analytics.be_terse()
    assert "1795000000" == post(analytics, body=urlencode(PAGE))[1]


@pytest.mark.parametrize(("fault", "expected"), [(http_error(503), 503), (Refuse("ACTION_BLOCKED"), 200)])
def test_a_fault_happens_as_at_a_collector(analytics: Analytics, fault: Any, expected: int) -> None:
    """One set of faults for both hosts."""
    analytics.fault(fault, times=1, where={"eventType": "10003"})
    assert expected == post(analytics, body=urlencode(PAGE))[0]
    assert [] == analytics.events
    post(analytics, body=urlencode(PAGE))
    assert 1 == len(analytics.events)


def test_an_answer_that_is_lost_was_logged(analytics: Analytics) -> None:
    """And a repeat is logged again: nothing is known of any recognition."""
    analytics.fault(Lost(), times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        post(analytics, body=urlencode(PAGE))
    post(analytics, body=urlencode(PAGE))
    assert 2 == len(analytics.events)


def test_the_api_still_counts_what_is_its_own() -> None:
    """The two hosts share their parts, not their answers."""
    with Collector() as collector:
        assert 200 == post(collector, COLLECT, event())[0]
        assert 1 == len(collector.events)
