"""The collector on the wire: each fault as a client meets it, absence, files, connections."""

import http.client
import json
import socket
import time
from pathlib import Path

import pytest

from tests.support.kaltura_client import COLLECT, TIMEOUT_S, event, post, talk
from tools.standin import faults
from tools.standin.server import Collector


def test_hang_never_answers_until_it_is_cleared() -> None:
    """A server whose database hangs: the client's own timeout is all there is."""
    with Collector() as collector:
        collector.fault(faults.Hang(), times=1)
        with socket.create_connection(("127.0.0.1", collector.port)) as client:
            client.sendall(raw(event()))
            # Once it hangs: cleared before that, it would be answered.
            end = time.monotonic() + TIMEOUT_S
            while not collector._hanging:
                assert time.monotonic() < end
                time.sleep(0.005)
            client.settimeout(0.2)
            with pytest.raises(TimeoutError):
                client.recv(1)
            client.settimeout(TIMEOUT_S)
            collector.clear()
            assert client.recv(1) == b""
        assert collector.events == []
        assert post(collector, event()).text == "true"


def test_lost_answer_was_logged_and_the_resend_is_recognised() -> None:
    """The one case in which an event could be counted twice."""
    with Collector() as collector:
        collector.fault(faults.Lost(), times=1)
        with pytest.raises(http.client.RemoteDisconnected):
            post(collector, event(__identity="1"))
        assert len(collector.events) == 1
        assert post(collector, event(__identity="1")).text == "true"
        assert len(collector.events) == 1


@pytest.mark.parametrize("logs", [True, False])
def test_reset_in_mid_answer_is_a_reset(logs: bool) -> None:
    """A dying proxy: the client must not take the half for the whole."""
    with Collector() as collector:
        collector.fault(faults.Reset(logs), times=1)
        with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
            post(collector, event())
        assert logs == bool(collector.events)


@pytest.mark.parametrize("logs", [True, False])
def test_half_an_answer_ends_in_an_orderly_way(logs: bool) -> None:
    """`tr` is not `true`, however politely it ends."""
    with Collector() as collector:
        collector.fault(faults.Half(logs), times=1)
        with pytest.raises(http.client.IncompleteRead) as cut:
            post(collector, event())
        assert cut.value.partial == b"tr"
        assert logs == bool(collector.events)


def test_pages_replace_the_answer_and_nothing_is_logged() -> None:
    """A portal's HTML with 200, errors of a proxy, a redirect: none of them is acceptance."""
    with Collector() as collector:
        for fault in (faults.Page(), faults.http_error(503), faults.http_error(429, 30), faults.http_error(404)):
            collector.fault(fault, times=1)
        collector.fault(faults.redirect("https://elsewhere.example/"), times=1)
        got = [post(collector, event()) for _ in range(5)]
        assert [answer.status for answer in got] == [200, 503, 429, 404, 302]
        assert got[0].text.startswith("<!DOCTYPE html>")
        assert got[2].headers["Retry-After"] == "30"
        assert got[4].headers["Location"] == "https://elsewhere.example/"
        assert collector.events == []
        assert post(collector, event()).text == "true"


@pytest.mark.parametrize("code", ["INTERNAL_SERVERL_ERROR", "ACTION_BLOCKED", "INVALID_KS", "BRAND_NEW_CODE"])
def test_api_error_by_name_has_status_200(code: str) -> None:
    """Judge by the body, not by the status."""
    with Collector() as collector:
        collector.fault(faults.Refuse(code), times=1)
        answer = post(collector, event())
        assert (200, code) == (answer.status, answer.code())
        assert collector.events == []


def test_null_answer_logs_nothing() -> None:
    """The server's answer where its log is switched off, which the guide calls success."""
    with Collector() as collector:
        collector.fault(faults.Ignore(), times=1)
        assert post(collector, event()).text == "null"
        assert collector.events == []


def test_late_and_dripping_answers_are_whole() -> None:
    """Slow is not broken."""
    with Collector() as collector:
        collector.fault(faults.Late(20), times=1)
        collector.fault(faults.Drip(0.1), times=1, where={"eventType": 3})
        assert post(collector, event()).text == "true"
        assert post(collector, event(eventType=4)).text == "true"


def test_away_is_refused_and_back_is_the_same_address() -> None:
    """The outage of the demo: the agent's kept connection is gone too, and everything comes back."""
    with Collector() as collector:
        client = http.client.HTTPConnection("127.0.0.1", collector.port, timeout=TIMEOUT_S)
        client.request("GET", COLLECT + "?format=1")
        client.getresponse().read()
        collector.take_away()
        assert collector.is_away
        with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
            client.request("GET", COLLECT)
            client.getresponse()
        client.close()
        with pytest.raises(ConnectionRefusedError):
            post(collector, event())
        collector.bring_back()
        assert not collector.is_away
        assert post(collector, event()).text == "true"
        collector.take_away()


def test_requests_and_connections_are_counted() -> None:
    """Whether an agent keeps its connection is asked here."""
    with Collector() as collector:
        both = talk(collector.port, raw(event(), close=False) + raw(event(eventType=4)))
        assert both.count(b"HTTP/1.1 200 OK") == 2
        assert collector.connections == 1
        assert [event().encode(), event(eventType=4).encode()] == [request.body for request in collector.requests]
        assert collector.wait_for(lambda events: [e["eventType"] for e in events] == [3, 4], TIMEOUT_S)
        assert collector.total == 2


def test_record_is_one_object_a_line_with_native_types(tmp_path: Path) -> None:
    """What tools/run, tests and users read."""
    path = tmp_path / "events.jsonl"
    with Collector(record=path, clock=lambda: 5.5) as collector:
        post(collector, event(eventTimestamp=1763740000.25, seek="true", currentPoint=12, __identity="i"))
        assert post(collector, event(eventType=99)).code() == "INVALID_ENUM_VALUE"
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {
            "eventType": 3,
            "eventTimestamp": 1763740000.25,
            "sessionId": "s1",
            "partnerId": 102,
            "entryId": "0_abcd1234",
            "currentPoint": 12,
            "seek": True,
            "received": 5.5,
            "remote_ip": "127.0.0.1",
            "_request": {"format": "1", "identity": "i"},
        }
    ]


def test_nonsense_is_answered_and_closed() -> None:
    """A port scanner must not take the collector down."""
    with Collector() as collector:
        assert talk(collector.port, b"\x16\x03\x01\r\n\r\n").startswith(b"HTTP/1.1 400 ")
        assert post(collector, event()).text == "true"


def raw(body: str, *, close: bool = True) -> bytes:
    """A request as bytes."""
    return (
        f"POST {COLLECT} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Connection: {'close' if close else 'keep-alive'}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
