"""Answers Prometheus over http.

Contract: `Listener` listens when made (OSError where the address is taken) and answers in `serve`, on one thread, until
`close`. `page` makes the text; None means that there is none at the moment.
Rules: GET or HEAD of /metrics, one request a connection, each with a deadline for the whole of it, so that a client
that drips holds the others up no longer than that. Nothing but the request's first line is looked at, nothing is kept.
Reasons: one thread and no state: a scrape every 15 s needs no more, and http.server would make a thread a connection.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from time import monotonic

from agent.service.exposition import CONTENT_TYPE

HEAD_BYTES = 8192
ASK_WITHIN_S = 2.0
# A page of a fleet has megabytes, and a slow line needs its time.
TAKE_WITHIN_S = 10.0
ACCEPT_AGAIN_S = 0.5
BACKLOG = 16
PATH = "/metrics"


class Listener:
    """`host` and `port` of this machine; port 0: any."""

    def __init__(self, host: str, port: int, page: Callable[[], str | None]) -> None:
        self._page = page
        self._closed = Event()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=BACKLOG)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def serve(self) -> None:
        """Answer until `close`."""
        while not self._closed.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                if self._closed.wait(ACCEPT_AGAIN_S):
                    break
                continue  # no descriptor left, or the asker went away before it was heard
            with connection, suppress(OSError):  # the asker went away
                self._converse(connection)
        self._socket.close()

    def close(self) -> None:
        """Stop answering; from any thread."""
        self._closed.set()
        with suppress(OSError):  # nobody listens any more
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes accept(); close() alone does not

    def _converse(self, connection: socket.socket) -> None:
        method, path = _asked(connection)
        status, text = self._answer(method, path)
        body = text.encode("utf-8", "replace")
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        ).encode("ascii")
        connection.settimeout(TAKE_WITHIN_S)  # sendall's is for the whole
        connection.sendall(head if method == "HEAD" else head + body)
        connection.shutdown(socket.SHUT_WR)

    def _answer(self, method: str, path: str) -> tuple[str, str]:
        if method not in ("GET", "HEAD"):
            return "405 Method Not Allowed", "Ask with GET.\n"
        if path.partition("?")[0] != PATH:
            return "404 Not Found", f"The metrics are at {PATH}.\n"
        page = self._page()
        return ("200 OK", page) if page is not None else ("503 Service Unavailable", "Nothing to tell at the moment.\n")


def _asked(connection: socket.socket) -> tuple[str, str]:
    """Method and path of the request; empty texts where it is none. Raises TimeoutError, OSError."""
    deadline = monotonic() + ASK_WITHIN_S
    said = bytearray()
    while b"\r\n\r\n" not in said and b"\n\n" not in said and len(said) < HEAD_BYTES:
        connection.settimeout(max(0.001, deadline - monotonic()))
        chunk = connection.recv(HEAD_BYTES)
        if not chunk:
            break
        said += chunk
    words = bytes(said).partition(b"\n")[0].decode("latin-1").split()
    return (words[0], words[1]) if len(words) == 3 and words[2].startswith("HTTP/") else ("", "")
