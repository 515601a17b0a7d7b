"""A proxy before a Learning Record Store that loses answers: what was told arrives, and nobody learns it.

Contract: `Relay` passes requests on to `target` until its block ends; `url` is the endpoint to tell the agent. `lose`
has the next answers to POSTs lost, each by a hang-up; `keep` has the one after them kept back, unanswered, until the
block ends. `posts` are the POSTs that were passed on, `unheard` those whose answer nobody got.
"""

import http.client
import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Post:
    """What was told, and what the store answered."""

    statements: list[dict[str, Any]]
    status: int
    answer: str
    is_heard: bool


class Relay:
    """`target`: the store's endpoint."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._path = parts.path
        self.posts: list[Post] = []
        self._lose, self._keep = 0, 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._pass_on()

            def do_HEAD(self) -> None:
                self._pass_on()

            def do_POST(self) -> None:
                self._pass_on()

            def _pass_on(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                store = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
                store.request(self.command, self.path, content, dict(self.headers.items()))
                answer = store.getresponse()
                body = answer.read()
                store.close()
                if self.command == "POST" and not relay.hears(content, answer.status, body):
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "connection", "date", "server"):
                        self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="relay", daemon=True)

    def __enter__(self) -> "Relay":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._server.server_port}{self._path}"

    @property
    def unheard(self) -> list[Post]:
        """The POSTs whose answer nobody got."""
        return [post for post in self.posts if not post.is_heard]

    def lose(self, times: int) -> None:
        """Lose so many answers."""
        with self._lock:
            self._lose += times

    def keep(self) -> None:
        """Keep the next answer back that is not to be lost."""
        with self._lock:
            self._keep += 1

    def wait_unheard(self, count: int) -> None:
        """Until so many answers were not heard."""
        until = time.monotonic() + PATIENCE_S
        while len(self.unheard) < count:
            assert time.monotonic() < until, self.posts
            time.sleep(0.02)  # between two looks

    def hears(self, content: bytes, status: int, answer: bytes) -> bool:
        """Whether the sender gets this answer. Waits where it is kept back."""
        with self._lock:
            is_lost, is_kept = self._lose > 0, self._lose == 0 and self._keep > 0
            self._lose -= is_lost
            self._keep -= is_kept
            self.posts.append(Post(json.loads(content), status, answer.decode(), not (is_lost or is_kept)))
        if is_kept:
            self._over.wait(PATIENCE_S)
        return not (is_lost or is_kept)
