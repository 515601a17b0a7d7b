"""The pages beside the API."""

import json

from tests.support.kaltura_client import call, event, post
from tools.standin.server import Collector

BEACON = "/api_v3/index.php?service=stats&action=collect&format=1&event:eventType=3&event:sessionId=s"


def test_stock_apache_answers_index_with_a_static_page() -> None:
    """Status 200 and HTML, and the event is lost: why the agent never posts there."""
    with Collector(behind_apache=True) as collector:
        answer = call(collector, "POST", "/api_v3/index.php?service=stats&action=collect", event().encode())
        assert (answer.status, answer.text) == (200, "Kaltura")
        assert answer.headers["Content-Type"].startswith("text/html")
        assert call(collector, "GET", BEACON).text == "Kaltura"
        assert post(collector, event()).text == "true"
        assert len(collector.events) == 1


def test_beacon_is_logged_where_php_answers() -> None:
    """The request style of the old pipeline."""
    with Collector() as collector:
        assert call(collector, "GET", BEACON).text == "true"
        assert collector.events[0]["eventType"] == 3


def test_paths_outside_the_api_are_harmless() -> None:
    """A wrong service URL must look like one, and a browser may look."""
    with Collector() as collector:
        assert [
            call(collector, "POST", path, b"x").status for path in ("/service/stats", "/api_v30/", "/_/nope", "/")
        ] == [404, 404, 404, 200]
        assert call(collector, "OPTIONS", "/api_v3/service/stats/action/collect").status == 200
        head = call(collector, "HEAD", "/api_v3/")
        assert (head.status, head.text) == (200, "")
        assert collector.events == []


def test_log_is_served_in_both_forms() -> None:
    """replay.py reads the one, a person who wonders about columns the other."""
    with Collector() as collector:
        post(collector, event(referrer="a,b"))
        assert collector.events == [json.loads(line) for line in call(collector, "GET", "/_/log").text.splitlines()]
        assert call(collector, "GET", "/_/log.csv").text.endswith(",a,b,1763740000,\n")
