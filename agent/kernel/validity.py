"""Whose fault it is that a certificate is not valid at this moment: its own, or the clock's.

Contract: pure. `blame` judges OpenSSL's code; `reading` says what the clock reads, for people.
Rules: a certificate that is not valid yet is the clock's fault, unless that is synchronised: nobody serves one before
its day, and a device without a battery boots in the past. One that has expired is the clock's fault where that is known
not to be synchronised, and the server's where it is; while nobody can tell, it may be either's.
Reasons: edge.md section 3. One judgement for the services and the broker.
"""

from datetime import UTC, datetime
from enum import Enum
from typing import Final

from agent.kernel.boots import is_right
from agent.kernel.instants import Instant

NOT_YET_VALID: Final = 9
EXPIRED: Final = 10
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


class Blame(Enum):
    """Who has to be put right."""

    CLOCK = "clock"
    CERTIFICATE = "certificate"
    EITHER = "either"


def blame(code: int, now: Instant | None) -> Blame | None:
    """`code`: why the certificate is not accepted. `now` None: nobody knows the clock. None: it is not about time."""
    if code not in (NOT_YET_VALID, EXPIRED):
        return None
    if now is None:
        return Blame.CLOCK if code == NOT_YET_VALID else Blame.EITHER
    return Blame.CERTIFICATE if is_right(now) else Blame.CLOCK


def reading(now: Instant) -> str:
    """What the clock reads and whether it is synchronised."""
    state = "is synchronised" if is_right(now) else "is not synchronised"
    return f"the clock of this device reads {_moment(now.wall)} and {state}"


def _moment(wall: float) -> str:
    try:
        return f"{datetime.fromtimestamp(wall, tz=UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return "an impossible time"
