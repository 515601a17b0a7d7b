"""With which authority statements are posted: a user's, an OAuth 2 client's, or none.

Contract: an `Authority` gives the header for a request, or why there is none; `refused` is told that an LRS did not
take it, and answers whether another one will be tried. Used by the one thread that sends.
Rules: secrets are read when they are needed, so whoever renews a file need not restart anything. A token is asked for
by client credentials (RFC 6749, section 4.4), kept until shortly before its end, and fetched anew once where it is
refused. No secret and no token is in any text.
Reasons: issue "Basic authentication and OAuth2 client credentials, by file".
"""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Final, Protocol
from urllib.parse import quote_plus, urlencode

from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import Wire

Secret = Callable[[], str | Held]
"""Gives a secret, or why there is none."""

USUAL_LIFETIME_S: Final = 300.0
"""Of a token whose server does not say; RFC 6749 leaves it open, and asking anew is cheap."""

RENEWED_BEFORE_S: Final = 30.0
"""A token that ends while the request is on its way is refused."""


class Authority(Protocol):
    """What the sink needs of a way to authenticate."""

    def header(self) -> str | Later | Held | None:
        """The value of Authorization; None where none is sent."""
        ...

    def refused(self) -> bool:
        """The LRS did not take the last one; True where another one will be had."""
        ...

    def accepted(self) -> None:
        """The LRS took the last one."""
        ...


class Nobody:
    """No authentication."""

    def header(self) -> str | Later | Held | None:
        return None

    def refused(self) -> bool:
        return False

    def accepted(self) -> None:
        return


class Basic:
    """A user and a password (RFC 7617)."""

    def __init__(self, user: str, password: Secret) -> None:
        self._user = user
        self._password = password

    def header(self) -> str | Later | Held | None:
        password = self._password()
        if isinstance(password, Held):
            return password
        return f"Basic {b64encode(f'{self._user}:{password}'.encode()).decode('ascii')}"

    def refused(self) -> bool:
        return False

    def accepted(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    until: float


class ClientCredentials:
    """OAuth 2. `monotonic` in seconds; `wire` goes to the server of the tokens and is used by nobody else."""

    def __init__(
        self, wire: Wire, url: str, client_id: str, secret: Secret, *, scope: str | None, monotonic: Callable[[], float]
    ) -> None:
        self._wire = wire
        self._url = url
        self._client_id = client_id
        self._secret = secret
        self._scope = scope
        self._monotonic = monotonic
        self._token: _Token | None = None
        self._is_fresh = False

    def header(self) -> str | Later | Held | None:
        if self._token is None or self._monotonic() >= self._token.until:
            found = self._fetched()
            if not isinstance(found, _Token):
                return found
            self._token, self._is_fresh = found, True
        return f"Bearer {self._token.value}"

    def refused(self) -> bool:
        """A token that was never accepted would be refused again."""
        was_fresh, self._token, self._is_fresh = self._is_fresh, None, False
        return not was_fresh

    def accepted(self) -> None:
        self._is_fresh = False

    def _fetched(self) -> _Token | Later | Held:
        secret = self._secret()
        if isinstance(secret, Held):
            return secret
        # RFC 6749, section 2.3.1: the parts are form-encoded before they are joined.
        login = b64encode(f"{quote_plus(self._client_id)}:{quote_plus(secret)}".encode()).decode("ascii")
        given = {"grant_type": "client_credentials"}
        if self._scope:
            given["scope"] = self._scope
        answer = self._wire.post(
            self._url, urlencode(given).encode("ascii"), headers={"Authorization": f"Basic {login}"}
        )
        return self._token_of(answer) if isinstance(answer, Answer) else answer

    def _token_of(self, answer: Answer) -> _Token | Later | Held:
        if answer.status == 429 or answer.status >= 500:
            text = f"the server of tokens: HTTP {answer.status}"
            return Later(Cause.SESSION, text, answered=False, retry_after=answer.retry_after_s)
        if answer.status in (400, 401, 403):
            text = f"the server of tokens does not take this client: HTTP {answer.status}"
            return Held(Cause.SESSION, text, answered=False)
        try:
            found = json.loads(answer.body) if answer.status == 200 else None
        except (ValueError, RecursionError):
            found = None
        value = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
            return Held(Cause.CONFIGURATION, f"HTTP {answer.status}: no token; check xapi.token_url", answered=False)
        assert isinstance(found, dict)
        return _Token(value, self._monotonic() + _lifetime(found.get("expires_in")))


def _lifetime(value: object) -> float:
    try:
        seconds = (
            float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else USUAL_LIFETIME_S
        )
    except ValueError:
        seconds = USUAL_LIFETIME_S
    if not isfinite(seconds) or seconds <= 0:
        seconds = USUAL_LIFETIME_S
    return max(seconds - RENEWED_BEFORE_S, seconds / 2)
