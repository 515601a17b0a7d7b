"""What a scraper gets, and what a hostile client does not."""

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from agent.service import listener as module
from agent.service.listener import HEAD_BYTES, Listener

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextmanager
def serving(page: Callable[[], str | None]) -> Iterator[Listener]:
    listener = Listener("127.0.0.1", 0, page)
    thread = threading.Thread(target=listener.serve, name="metrics-web")
    thread.start()
    try:
        yield listener
    finally:
        listener.close()
        thread.join(30)
        assert not thread.is_alive()


def said(listener: Listener, request: bytes) -> bytes:
    """What is answered to these bytes."""
    with socket.create_connection(("127.0.0.1", listener.port), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer


def test_scraper_gets_the_page_and_its_type() -> None:
    """As Prometheus asks for it."""
    with serving(lambda: "kiosk 1\n") as listener:
        with _DIRECT.open(f"http://127.0.0.1:{listener.port}/metrics", timeout=30) as answer:
            assert (b"kiosk 1\n", "text/plain; version=0.0.4; charset=utf-8") == (
                answer.read(),
                answer.headers["Content-Type"],
            )
        head = said(listener, b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"Content-Length: 8" in head
        assert head.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"404"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405"),
        (b"nonsense\r\n\r\n", b"405"),
        (b"\x00\xff" * 20 + b"\r\n\r\n", b"405"),
        (b"GET /metrics?x=1 HTTP/1.0\n\n", b"200"),
    ],
)
def test_anything_else_is_answered_in_words(request_: bytes, status: bytes) -> None:
    """Whoever opens it in a browser."""
    with serving(lambda: "kiosk 1\n") as listener:
        assert b"HTTP/1.1 " + status == said(listener, request_)[:12]


def test_agent_that_does_not_answer_is_a_scrape_that_fails() -> None:
    """Old figures would look like a healthy kiosk."""
    with serving(lambda: None) as listener, pytest.raises(urllib.error.HTTPError, match="503"):
        _DIRECT.open(f"http://127.0.0.1:{listener.port}/metrics", timeout=30)


def test_client_that_says_nothing_or_too_much_does_not_keep_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port scanner, or somebody with bad intent, on a shared machine."""
    monkeypatch.setattr(module, "ASK_WITHIN_S", 1.0)
    with (
        serving(lambda: "kiosk 1\n") as listener,
        socket.create_connection(("127.0.0.1", listener.port)),
        socket.create_connection(("127.0.0.1", listener.port)) as babbler,
    ):
        babbler.sendall(b"x" * HEAD_BYTES)
        assert b"kiosk 1" in said(listener, b"GET /metrics HTTP/1.1\r\n\r\n")


def test_address_that_is_taken_is_an_error_at_once() -> None:
    """It is told with its remedy, not found out by the scraper."""
    with serving(lambda: None) as listener, pytest.raises(OSError):
        Listener("127.0.0.1", listener.port, lambda: None)
