"""Where a request to Kaltura gets its session (KS) from.

Contract: a `SessionSource` is asked at each send, told when a session was refused, and says how it stands. It is shared
by all destinations that use the same account, so its methods may be called from several threads.
Rules: a session is never part of a message, a log line, an error or `status`. A source that can make a new session does
so when the old one was refused, and the event that was refused is sent again: no event is lost to an expired session.
Reasons: kaltura.md section 2; decision 5 (credentials are taken at send).
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from agent.kernel.verdict import Held, Later


class SessionState(Enum):
    """NONE: requests go without. FRESH: there is one. MISSING: one must be started first. REFUSED: none can be had."""

    NONE = "none"
    FRESH = "fresh"
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """How a source stands. `expires_wall`: epoch seconds by the service's clock, None where unknown.

    `left`: seconds until then by no wall clock, for the kiosk's may be wrong; None without a session of known end.
    `renewals`: sessions started since the program began, the first one included. `text`: why none can be had.
    """

    mode: str
    state: SessionState
    expires_wall: float | None = None
    renewals: int = 0
    text: str = ""
    left: float | None = None


class SessionSource(Protocol):
    """One account's sessions."""

    def current(self) -> str | Later | Held | None:
        """The KS to send with (None: without), or why there is none yet. May talk to the service; never raises."""
        ...

    def refused(self, ks: str) -> bool:
        """`ks` was refused; whether `current` will now answer with, or start, another one: then try again at once."""
        ...

    def status(self) -> SessionStatus:
        """For `status`; from any thread."""
        ...

    def close(self) -> None:
        """Drop connections. A session is never ended: that would end every session of the same app token."""
        ...


class NoSession:
    """Requests go without a session, which stats.collect accepts."""

    def current(self) -> str | Later | Held | None:
        """None, always."""
        return None

    def refused(self, ks: str) -> bool:
        """There is no other."""
        return False

    def status(self) -> SessionStatus:
        """None is needed."""
        return SessionStatus("none", SessionState.NONE)

    def close(self) -> None:
        """There is nothing to drop."""
