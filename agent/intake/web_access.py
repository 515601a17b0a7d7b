"""Who may ask the listener for browsers: by the name it was called, the page's origin, and the token.

Contract: pure. `Access.judge` answers the `Pass` of a request whose body is worth reading, or the `Response` that ends
it (a preflight's answer included). `read_token` is the one that touches the disk.
Rules: the name first (a page whose own host name was pointed at 127.0.0.1 sends that name, and is refused), then the
origin, then the token; a program that is no browser sends no origin and needs the token all the same. The token is
compared in constant time and stands in no text. An allowed page may read every answer, refusals included; any other
page none. No credentials of the browser are asked for, so no cookie is ever sent.
Reasons: the Fetch standard's CORS protocol; Chromium's Local Network Access (agent/intake/web.md).
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from agent.config.secrets import SecretError, read_secret
from agent.intake.web_http import Head, Response, refusal

EVENTS, HEALTH = "/v1/events", "/v1/health"
_METHODS = {EVENTS: "POST", HEALTH: "GET"}
# How long a browser may go on without asking again. A preflight over loopback costs it about a millisecond; an origin
# that was taken out of the configuration is refused at once whatever it remembers.
PREFLIGHT_AGE_S = 60
# Guessing is not slowed down, since a stranger could slow down the application with it: the token must be long.
SHORTEST_TOKEN = 16
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


@dataclass(frozen=True, slots=True)
class Pass:
    """A request that may be heard. `headers` belong to each of its answers; `who` is for people."""

    path: str
    who: str
    headers: tuple[tuple[str, str], ...]


class Access:
    """`port`: the listener's own. `origins`: as browsers spell them. `token`: as `read_token` gave it."""

    def __init__(self, port: int, origins: Iterable[str], token: str) -> None:
        self._hosts = frozenset((f"127.0.0.1:{port}", f"localhost:{port}"))
        self._origins = frozenset(origins)
        self._expected = f"Bearer {token}".encode("ascii")
        self._name = f"http://127.0.0.1:{port}"

    def judge(self, head: Head) -> Pass | Response:
        """Whether the request with `head` is heard."""
        if head.headers.get("host", "").lower() not in self._hosts:
            return refusal(HTTPStatus.FORBIDDEN, "peer-refused", f"ask for {self._name}, by that name")
        origin = head.headers.get("origin")
        if origin is not None and origin not in self._origins:
            text = "this page's origin is not in intake.web.origins of the kiosk's configuration"
            return refusal(HTTPStatus.FORBIDDEN, "peer-refused", text)
        cors = () if origin is None else _for_page(origin)
        response = self._refused(head)
        if response is not None:
            return Response(response.status, response.body, (*cors, *response.headers))
        return Pass(head.path, "a local program" if origin is None else origin, cors)

    def _refused(self, head: Head) -> Response | None:
        method = _METHODS.get(head.path)
        if method is None:
            return refusal(HTTPStatus.NOT_FOUND, "malformed", f"there are {EVENTS} and {HEALTH}")
        if head.method == "OPTIONS":
            return _preflight(head, method)
        if not hmac.compare_digest(head.headers.get("authorization", "").encode("latin-1"), self._expected):
            text = "send the token of intake.web.token_file as: Authorization: Bearer <token>"
            return refusal(HTTPStatus.UNAUTHORIZED, "peer-refused", text, ("WWW-Authenticate", "Bearer"))
        if head.method != method:
            allowed = ("Allow", f"{method}, OPTIONS")
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, "malformed", f"{head.path} takes {method}", allowed)
        return None


def _for_page(origin: str) -> tuple[tuple[str, str], ...]:
    """What lets the page of `origin` read an answer, and its Retry-After."""
    return ("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", "Retry-After")


def _preflight(head: Head, method: str) -> Response:
    """What a browser wants to know before it sends the request itself; it brings no token yet."""
    told = [
        ("Allow", f"{method}, OPTIONS"),
        ("Access-Control-Allow-Methods", method),
        ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
        ("Access-Control-Max-Age", str(PREFLIGHT_AGE_S)),
    ]
    # Chromium's Private Network Access (104 and later) asks so; the permission that took its place does not (156).
    if head.headers.get("access-control-request-private-network") == "true":
        told.append(("Access-Control-Allow-Private-Network", "true"))
    return Response(HTTPStatus.NO_CONTENT, None, tuple(told))


def read_token(path: Path) -> str:
    """The token in the file `path`. Raises SecretError where it cannot be used; the text holds nothing of it."""
    token = read_secret(path)
    if len(token) < SHORTEST_TOKEN:
        raise SecretError(f"holds fewer than {SHORTEST_TOKEN} characters")
    if _TOKEN.fullmatch(token) is None:
        raise SecretError("holds characters that no HTTP header can carry; use letters and digits")
    return token
