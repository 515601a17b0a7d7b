"""The listener for browsers on a port of its own, with a main loop that only remembers and answers."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from agent.intake.submission import Answer, Kept, Submission
from agent.intake.throttle import Throttle
from agent.intake.web import WebServer
from agent.runtime.clock import boottime

TOKEN = "correct-horse-battery-staple"
PAGE = "https://kiosk.example.com"
EVENT = {"type": "page", "page_type": "lobby", "page_name": "main"}


@dataclass
class Listening:
    """`kept`: what came through, in order."""

    server: WebServer
    kept: list[Submission] = field(default_factory=list)

    def connect(self) -> socket.socket:
        """A client of our own making."""
        client = socket.create_connection(("127.0.0.1", self.server.port))
        client.settimeout(60.0)
        return client

    def ask(self, body: object = EVENT, *, method: str = "POST", path: str = "/v1/events", **headers: str) -> "Said":
        """What an allowed program gets for `body` (bytes as they are, else as JSON)."""
        client = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60.0)
        said = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client.request(method, path, said, {"Authorization": f"Bearer {TOKEN}"} | named)
        answer = client.getresponse()
        return Said(answer.status, dict(answer.headers), json.loads(answer.read() or "null"))


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: Any


def durable(submission: Submission) -> Answer:
    """As the main loop answers when all is well."""
    return Kept(f"7-{submission.mark or 'unmarked'}", visit="a-visit")


@contextmanager
def listening(
    answer: Callable[[Submission], Answer | None] = durable,
    *,
    origins: tuple[str, ...] = (PAGE,),
    rate: float = 1000.0,
    burst: int = 1000,
    now: Callable[[], float] = boottime,
) -> Iterator[Listening]:
    """A listener. `answer` is asked on its thread, for the answer to each submission; None: none ever comes."""
    throttle = Throttle(rate, burst, now=now())

    def put(submission: Submission) -> None:
        found.kept.append(submission)
        said = answer(submission)
        if said is not None:
            submission.reply.put(said)

    found = Listening(WebServer(0, origins, TOKEN, put=put, throttle=throttle, now=now))
    thread = threading.Thread(target=found.server.serve, name="web")
    thread.start()
    try:
        yield found
    finally:
        found.server.close()
        thread.join(60.0)
        assert not thread.is_alive()
