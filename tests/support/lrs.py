"""A Learning Record Store in memory, as the standard and kaltura.md section 6 describe one.

Contract: `Lrs` serves on loopback until its block ends; `statements` are those stored, in order of arrival; `answer`
has the next requests answered so instead, whatever they say; `lose` takes them and hangs up. `tokens` are the Bearer
tokens taken, where any are given; `login` the Basic one. A POST of /token gives out the tokens of `issue`, in turn.
Rules: known ids again are 204; a part of them new, 200 with the new ones; the same id with other content, 409, and
nothing is stored; one statement that is none refuses the whole request with 400.
"""

import json
import threading
from base64 import b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

PARTS = {"id", "actor", "verb", "object", "result", "context", "timestamp", "version", "attachments"}


@dataclass(slots=True)
class Asked:
    """A request: what the sender said."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Lrs:
    login: tuple[str, str] | None = None
    tokens: set[str] = field(default_factory=set)
    issue: list[dict[str, Any]] = field(default_factory=list)
    largest: int | None = None
    port: int = 0

    def __post_init__(self) -> None:
        self.statements: dict[str, dict[str, Any]] = {}
        self.asked: list[Asked] = []
        self._answers: list[tuple[int, dict[str, str], bytes]] = []
        self._lost = 0
        self._lock = threading.Lock()
        lrs = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._serve()

            def do_HEAD(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                status, headers, content = lrs.respond(asked)
                if lrs.is_lost():
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD" and status != 204:
                    self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="lrs", daemon=True)

    def __enter__(self) -> "Lrs":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/xAPI"

    @property
    def token_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/token"

    def answer(self, status: int, body: bytes = b"", *, times: int = 1, **headers: str) -> None:
        """Answer the next `times` requests for statements so."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self._lock:
            self._answers += [(status, named, body)] * times

    def lose(self, times: int = 1) -> None:
        """Take the next `times` requests, and let their answers get lost."""
        self._lost += times

    def is_lost(self) -> bool:
        """Whether this answer gets lost."""
        with self._lock:
            was, self._lost = self._lost, max(0, self._lost - 1)
        return was > 0

    def respond(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        with self._lock:
            self.asked.append(asked)
            path = urlsplit(asked.path).path
            if path == "/token":
                return self._token()
            if path != "/xAPI/statements":
                return 404, {}, b"no such page"
            if self._answers:
                return self._answers.pop(0)
            if not self._knows(asked.headers.get("authorization", "")):
                return 401, {"Content-Type": "application/json"}, b'{"detail": "Invalid authentication"}'
            if asked.headers.get("x-experience-api-version") != "1.0.3":
                return 400, {}, b"X-Experience-API-Version is missing"
            if asked.method == "POST":
                return self._post(asked.body)
            return self._get(parse_qs(urlsplit(asked.path).query).get("statementId", [""])[0])

    def _token(self) -> tuple[int, dict[str, str], bytes]:
        if not self.issue:
            return 401, {}, b'{"error": "invalid_client"}'
        given = self.issue.pop(0)
        return 200, {"Content-Type": "application/json"}, json.dumps(given).encode()

    def _knows(self, authorization: str) -> bool:
        if self.login is None and not self.tokens:
            return True
        known = {f"Bearer {token}" for token in self.tokens}
        if self.login is not None:
            known.add("Basic " + b64encode(":".join(self.login).encode()).decode())
        return authorization in known

    def _get(self, wanted: str) -> tuple[int, dict[str, str], bytes]:
        found = self.statements.get(wanted)
        if found is None:
            return 404, {"Content-Type": "application/json"}, b'{"detail": "none"}'
        return 200, {"Content-Type": "application/json"}, json.dumps(found).encode()

    def _post(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        given = json.loads(body)
        if self.largest is not None and len(given) > self.largest:
            return 413, {}, b"too large"
        for each in given:
            if set(each) - PARTS or not {"id", "actor", "verb", "object"} <= set(each) or _is_bad(each):
                return 400, {"Content-Type": "application/json"}, b'{"detail": "not a statement"}'
        if any(self.statements.get(each["id"], each) != each for each in given):
            return 409, {"Content-Type": "application/json"}, b'{"detail": "conflict"}'
        fresh = [each for each in given if each["id"] not in self.statements]
        self.statements.update({each["id"]: each for each in fresh})
        if not fresh:
            return 204, {}, b""
        return 200, {"Content-Type": "application/json"}, json.dumps([each["id"] for each in fresh]).encode()


def _is_bad(statement: dict[str, Any]) -> bool:
    """Tests say so with the verb, for an id may have these letters too."""
    return str(statement["verb"]["id"]).endswith("/bad")
