"""Requests as pages: read, written, and sent again byte for byte.

A page holds the request line, the headers that we decide on, the body, and what the collector logs of it by the columns
of the server's own log. Parameters and items stand one a line, so that a difference is one line of `git diff`.
"""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tools.standin.event import COLUMNS, csv_line
from tools.standin.wire import Request

NOT_OURS = frozenset({"host", "content-length", "connection"})
"""Headers that follow from the address and from the body."""

VOLATILE = frozenset({"server_time", "remote_ip"})
"""Columns that are another each time."""

_NEXT_ITEM = re.compile(r',(?="\d+":\{"service")')


@dataclass(frozen=True)
class Page:
    """`target`: path and query. `logged`: for each event the columns that are not empty."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: str
    logged: tuple[dict[str, str], ...]

    @staticmethod
    def of(request: Request, events: Sequence[dict[str, Any]]) -> "Page":
        """The page of a request that the collector saw, and of the events that it logged."""
        headers = tuple(sorted((name, text) for name, text in request.headers.items() if name not in NOT_OURS))
        logged = tuple(columns(event) for event in events)
        return Page(request.method, request.target, headers, request.body.decode(), logged)

    @staticmethod
    def read(text: str) -> "Page":
        """The inverse of `text`."""
        head, body, *logged = text.removesuffix("\n").split("\n\n")
        first, *lines = head.split("\n")
        method, _, path = first.partition(" ")
        target = path + "".join(line.strip() for line in lines if line.startswith(" "))
        headers = [line.partition(": ") for line in lines if not line.startswith(" ")]
        events = [event.split("\n")[1:] for event in logged]
        return Page(
            method,
            target,
            tuple((name, value) for name, _, value in headers),
            ("" if body.startswith("{") else "&").join(body.split("\n")),
            tuple(dict(line.split("=", 1) for line in lines) for lines in events),
        )

    def text(self) -> str:
        """The page, readable."""
        target = self.target.replace("?", "\n    ?").replace("&", "\n    &")
        is_batch = self.body.startswith("{")
        body = _NEXT_ITEM.sub(",\n", self.body) if is_batch else self.body.replace("&", "\n")
        blocks = ["\n".join([f"{self.method} {target}", *(f"{name}: {value}" for name, value in self.headers)]), body]
        blocks += [
            "\n".join(["logged", *(f"{name}={value}" for name, value in event.items())]) for event in self.logged
        ]
        return "\n\n".join(blocks) + "\n"

    def send(self, url: str) -> bytes:
        """Send it to `url`'s host on a bare socket; the body of the answer."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        body = self.body.encode()
        own = (("host", parts.netloc), ("content-length", str(len(body))), ("connection", "close"))
        head = "".join(f"{name}: {value}\r\n" for name, value in (*self.headers, *own))
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
            connection.sendall(f"{self.method} {self.target} HTTP/1.1\r\n{head}\r\n".encode() + body)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        return answer.partition(b"\r\n\r\n")[2]


def columns(event: dict[str, Any]) -> dict[str, str]:
    """What stands in the server's own log line of `event`, empty columns and volatile ones left out."""
    found = dict(zip(COLUMNS, csv_line(event).split(","), strict=False))
    return {name: value for name, value in found.items() if value and name not in VOLATILE}
