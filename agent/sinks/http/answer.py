"""What came back over the wire, and what of it may be shown.

Contract: pure. An `Answer` is one HTTP exchange; `redact` makes a text safe for logs, `status` and dead letters.
Rules: whatever looks like a session (KS), a token or a login in an address never leaves this door; texts are one line
and bounded. Used by every destination.
Reasons: kaltura.md section 1 (INVALID_KS echoes the session).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final

BODY_LIMIT_BYTES: Final = 64 * 1024
"""Nothing that a service of ours answers comes near; more is not read."""

TEXT_LENGTH: Final = 300
"""Bound of a verdict's text: it is logged, shown and kept with a dead letter."""

RETRY_AFTER_CEILING: Final = 900.0
"""Seconds. A maintenance page that asks for a day must not silence a device for a day after the server is back."""

_LIKE_A_SESSION: Final = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
_LOGIN: Final = re.compile(r"//[^/@\s]*@")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body`: at most one byte more than the limit. Headers None where absent.

    `seconds`: what the exchange took; two answers that differ in nothing else are the same.
    """

    status: int
    content_type: str
    body: bytes
    date: str | None = None
    retry_after: str | None = None
    location: str | None = None
    seconds: float = field(default=0.0, compare=False)

    @property
    def server_time(self) -> float | None:
        """What the service's clock read when the request began, as epoch seconds: its Date is the answer's."""
        date = epoch(self.date)
        return None if date is None else date - self.seconds

    @property
    def retry_after_s(self) -> float | None:
        """Seconds from now, by the server's own clock where it names a date, between 0 and the ceiling."""
        value = (self.retry_after or "").strip()
        if value.isascii() and value.isdigit():
            return min(float(value[:9]), RETRY_AFTER_CEILING)
        until, present = epoch(value or None), epoch(self.date)
        if until is None or present is None:
            return None
        return min(max(until - present, 0.0), RETRY_AFTER_CEILING)


def redact(text: str, secrets: Sequence[str] = ()) -> str:
    """`text` on one line and bounded, without `secrets`, logins in addresses and what looks like a session."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[secret]")
    line = _LOGIN.sub("//", " ".join(text.split()))
    return "".join(c for c in _LIKE_A_SESSION.sub("[secret]", line) if c.isprintable())[:TEXT_LENGTH]


def epoch(date: str | None) -> float | None:
    """An HTTP date as epoch seconds; None where there is none or it makes no sense."""
    if date is None:
        return None
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
