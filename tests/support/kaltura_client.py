"""A client of the collector for tests: one request on a connection of its own, or raw bytes on a bare socket."""

import http.client
import json
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tools.standin.server import Collector

COLLECT = "/api_v3/service/stats/action/collect"
FORM = "application/x-www-form-urlencoded"
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Got:
    """An answer as it arrived."""

    status: int
    headers: dict[str, str]
    text: str

    def code(self) -> str:
        """The error code of the answer, or its text if it is no error."""
        value: Any = json.loads(self.text)
        return str(value["code"]) if isinstance(value, dict) and "code" in value else self.text


def event(**fields: object) -> str:
    """A form with one event: a PLAY unless told otherwise; a name with two underscores in front is a parameter."""
    known = {"eventType": 3, "partnerId": 102, "entryId": "0_abcd1234", "sessionId": "s1", "eventTimestamp": 1763740000}
    extra = {name[2:]: value for name, value in fields.items() if name.startswith("__")}
    known |= {name: value for name, value in fields.items() if not name.startswith("__")}
    return urlencode({"format": 1, **extra, **{f"event[{name}]": value for name, value in known.items()}})


def post(collector: Collector, body: str, path: str = COLLECT, content_type: str = FORM) -> Got:
    """Send one request. Raises OSError or http.client.HTTPException where there is no whole answer."""
    return call(collector, "POST", path, body.encode(), {"Content-Type": content_type})


def call(
    collector: Collector, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Got:
    """Send any request, as `post` does."""
    connection = http.client.HTTPConnection("127.0.0.1", collector.port, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return Got(answer.status, dict(answer.getheaders()), answer.read().decode())
    finally:
        connection.close()


def talk(port: int, data: bytes) -> bytes:
    """Send bytes and read until the server closes. Raises OSError."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        connection.sendall(data)
        received = b""
        while more := connection.recv(65536):
            received += more
        return received
