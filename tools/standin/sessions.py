"""Kaltura sessions (KS): made, signed, checked, ended.

Contract: `Sessions.make` gives the text of a session; `check` gives what it says or raises INVALID_KS with the reason
that the real server gives; `cache_class` says how the response cache treats a request with it.

Rules
- The text is opaque to clients and survives a restart of the collector: it is signed with the partner's admin secret.
- Reasons in order: malformed (the text itself is echoed), EXPIRED, LOGOUT, EXCEEDED_RESTRICTED_IP,
  EXCEEDED_RESTRICTED_URI, EXCEEDED_ACTIONS_LIMIT.
- Ending a session of an application token kills every session of that token for 24 h, new ones included.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tools.standin import errors
from tools.standin.fixtures import Fixtures

USER, ADMIN = 0, 2
DEFAULT_EXPIRY_S = 86_400
WIDGET_PRIVILEGES = "view:*,widget:1"
_TOKEN_BAN_S = 86_400
_SIGNATURE_BYTES = 32
_REMEMBERED_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Session:
    """What a session says. `expires_at` is an epoch in seconds by the server's clock."""

    partner: int
    user: str
    kind: int
    expires_at: int
    privileges: str
    nonce: str

    def values(self, privilege: str) -> list[str]:
        """The values given for one privilege, for instance of `iprestrict:1.2.3.4`."""
        pairs = (item.partition(":") for item in self.privileges.split(","))
        return [value for name, _, value in pairs if name == privilege]


class Sessions:
    """Makes and checks sessions by one clock. Not thread-safe: the API calls it under its lock."""

    def __init__(self, fixtures: Fixtures, clock: Callable[[], float]) -> None:
        self._fixtures = fixtures
        self._clock = clock
        self._ended: dict[str, float] = {}  # a session's nonce or a token's session id -> until when it is refused
        self._actions: dict[str, int] = {}  # a limited session's nonce -> actions so far
        self.handed_out: deque[str] = deque(maxlen=_REMEMBERED_MAX)  # the newest, for a test that looks where they got

    def make(self, partner: int, user: str, kind: int, expiry_s: int, privileges: str) -> str:
        """Make a session that lasts `expiry_s` seconds from now."""
        expires_at = int(self._clock()) + expiry_s
        fields = [partner, user, kind, expires_at, privileges, secrets.token_hex(8)]
        payload = json.dumps(fields).encode()
        packed = b"v2|%d|" % partner + self._sign(partner, payload) + payload
        ks = base64.urlsafe_b64encode(packed).decode().rstrip("=")
        self.handed_out.append(ks)
        return ks

    def check(self, ks: str, address: str, uri: str) -> Session:
        """Give what the session says, counting the action. Raises ApiError (INVALID_KS)."""
        session = self._read(ks)
        if session is None:
            raise errors.invalid_ks(ks)
        if session.expires_at <= self._clock():
            raise errors.invalid_ks("EXPIRED")
        if any(self._ended.get(mark, 0.0) > self._clock() for mark in _marks(session)):
            raise errors.invalid_ks("LOGOUT")
        if not _allows(session.values("iprestrict"), address):
            raise errors.invalid_ks("EXCEEDED_RESTRICTED_IP")
        if not _allows([p for value in session.values("urirestrict") for p in value.split("|")], uri):
            raise errors.invalid_ks("EXCEEDED_RESTRICTED_URI")
        for limit in session.values("actionslimit"):
            done = self._actions[session.nonce] = self._actions.get(session.nonce, 0) + 1
            if done > int(limit):
                raise errors.invalid_ks("EXCEEDED_ACTIONS_LIMIT")
        return session

    def end(self, session: Session) -> None:
        """End the session; one of an application token takes all of that token's sessions with it."""
        for mark in _marks(session):
            self._ended[mark] = max(float(session.expires_at), self._clock() + _TOKEN_BAN_S)

    def cache_class(self, ks: str) -> str | None:
        """The part of the cache key that stands for the session, or None if the answer is not cached.

        All widget sessions of a partner share one class, a request without a session has its own, and a text that is
        no valid session has one for each text. A user's or an administrator's answers are not cached.
        """
        if not ks:
            return "none"
        session = self._read(ks)
        if session is None or session.expires_at <= self._clock():
            return f"invalid {ks}"
        return f"widget {session.partner}" if session.privileges == WIDGET_PRIVILEGES else None

    def _read(self, ks: str) -> Session | None:
        try:
            packed = base64.b64decode(ks.encode("ascii") + b"=" * (-len(ks) % 4), altchars=b"-_", validate=True)
            version, number, rest = packed.split(b"|", 2)
            partner = int(number)
        except ValueError:
            return None
        signature, payload = rest[:_SIGNATURE_BYTES], rest[_SIGNATURE_BYTES:]
        known = version == b"v2" and partner in self._fixtures.partners
        if not known or not hmac.compare_digest(signature, self._sign(partner, payload)):
            return None
        return Session(*json.loads(payload))

    def _sign(self, partner: int, payload: bytes) -> bytes:
        return hmac.digest(self._fixtures.partners[partner].admin_secret.encode(), payload, hashlib.sha256)


def _marks(session: Session) -> list[str]:
    return [session.nonce, *session.values("sessionid")]


def _allows(patterns: list[str], text: str) -> bool:
    """Whether one pattern fits, `*` at its end standing for anything; no pattern restricts nothing."""
    return not patterns or any(text.startswith(p[:-1]) if p.endswith("*") else p == text for p in patterns)
