"""The control port."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.kaltura_client import event, post
from tools.standin import faults
from tools.standin.control import Control, arm
from tools.standin.server import Collector


class Remote:
    """A collector with its control port, as another process sees them."""

    def __init__(self, collector: Collector, control: Control) -> None:
        self.collector = collector
        self._address = control.url.split("/")[2]

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and decoded answer of one request to the control port."""
        connection = http.client.HTTPConnection(self._address, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, json.loads(text) if text.startswith(("{", "[")) else text


@pytest.fixture
def remote() -> Iterator[Remote]:
    """A collector under control."""
    with Collector() as collector:
        control = Control(collector, "127.0.0.1", 0)
        yield Remote(collector, control)
        control.close()


def test_absence_is_ordered_and_ended_while_refusing(remote: Remote) -> None:
    """The key `o` of the demo must work in both directions."""
    assert remote.ask("POST", "/_/away")[1]["away"]
    with pytest.raises(ConnectionRefusedError):
        post(remote.collector, event())
    assert not remote.ask("POST", "/_/back")[1]["away"]
    assert post(remote.collector, event()).text == "true"
    assert remote.ask("GET", "/_/state")[1]["events"] == 1
    assert remote.ask("GET", "/_/log")[1]["eventType"] == 3


def test_fault_by_json_happens_and_is_cleared(remote: Remote) -> None:
    """A person with curl can break the collector."""
    wanted = {"kind": "error", "code": "INVALID_KS", "KSID": "LOGOUT", "where": {"eventType": 3}}
    assert remote.ask("POST", "/_/fault", wanted)[0] == 200
    assert "LOGOUT" in post(remote.collector, event()).text
    assert remote.ask("POST", "/_/clear")[1]["faults"] == []
    assert post(remote.collector, event(eventType=4)).text == "true"


@pytest.mark.parametrize(
    "wanted",
    [{}, {"kind": "nope"}, {"kind": "late"}, {"kind": "html", "times": 0}, {"kind": "hang", "x": 1}, [1]],
)
def test_fault_that_is_not_understood_is_refused(remote: Remote, wanted: object) -> None:
    """A misspelt fault that did nothing would make a test pass for nothing."""
    status, answer = remote.ask("POST", "/_/fault", wanted)
    assert status == 400
    assert "hang" in answer["kinds"]
    assert remote.collector.armed() == []


@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        ({"kind": "hang"}, faults.Hang()),
        ({"kind": "lost"}, faults.Lost()),
        ({"kind": "reset", "logs": False}, faults.Reset(logs=False)),
        ({"kind": "half"}, faults.Half()),
        ({"kind": "drip", "gap_ms": 5}, faults.Drip(5)),
        ({"kind": "late", "delay_ms": 5}, faults.Late(5)),
        ({"kind": "html"}, faults.Page()),
        ({"kind": "status", "status": 429, "retry_after_s": 3}, faults.http_error(429, 3)),
        ({"kind": "redirect", "location": "/x"}, faults.redirect("/x")),
        ({"kind": "page", "body": "", "headers": {"A": "b"}}, faults.Page(body="", headers=(("A", "b"),))),
        ({"kind": "error", "code": "LOCK_TIMED_OUT"}, faults.Refuse("LOCK_TIMED_OUT")),
        ({"kind": "ignore"}, faults.Ignore()),
    ],
)
def test_every_kind_makes_its_fault(remote: Remote, wanted: dict[str, Any], made: faults.Fault) -> None:
    """The names are what scripts rely on."""
    arm(remote.collector, {**wanted, "times": 2})
    assert [f"{made}, 2 time(s), {{}}"] == remote.collector.armed()


def test_unknown_path_is_not_found(remote: Remote) -> None:
    """A typing error must not look like success."""
    assert [remote.ask(*what)[0] for what in (("POST", "/_/nope"), ("GET", "/_/away"))] == [404, 404]
