"""When the next connection is tried, and in which version of MQTT.

Contract: a `Reconnect` is told how each try ended and answers how long to wait; `protocol` is what to speak next. Pure:
chance is a number from 0 up to, but not including, 1.
Rules: every wait has chance in it, the first one too, so that a fleet whose power or broker comes back does not come in
step. Where waiting alone cures nothing (credentials, an identity that two devices share), tries are far apart, or two
devices with one identity would push each other out each second. A clock that is set late is waited for closely.
AUTO begins with 5 and goes over to 3.1.1 where the broker says that it does not know 5, or ends a greeting in 5 without
an answer; what worked is kept, and left only after several such failures in a row.
Reasons: house rule 8; agent.kernel.backoff.
"""

from typing import Final

from agent.config.remote import Protocol
from agent.kernel.backoff import GROWTH, Pace, delay
from agent.remote.failures import Failure
from agent.remote.letters import Trouble

FIRST_S: Final = 5.0
"""The first connection after a start comes within this time."""

AGAIN_S: Final = 10.0
"""The first one after a loss comes within this time: 1,000 devices are 100 connections a second for the broker."""

STEADY_S: Final = 60.0
"""A connection that stood as long had no fault of its own: the next wait is a first one again."""

_OTHER_VERSION_S: Final = 1.0
_PROVEN_TRIES: Final = 3

_USUAL: Final = Pace(quick=(), base=1.0, ceiling=300.0)
_CLOSE: Final = Pace(quick=(), base=1.0, ceiling=30.0)
_SLOW: Final = Pace(quick=(), base=30.0, ceiling=300.0)


class Reconnect:
    """`protocol`: the setting."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = Protocol.V311 if protocol is Protocol.V311 else Protocol.V5
        self._is_auto = protocol is Protocol.AUTO
        self._is_proven = False
        self._unanswered = 0
        self._failures = 0
        self._wait = 0.0

    @staticmethod
    def first(chance: float) -> float:
        """Seconds to wait after a start, or after new settings."""
        return FIRST_S * chance

    def succeeded(self) -> None:
        """The broker let us in."""
        self._is_proven = True
        self._unanswered = 0

    def failed(self, failure: Failure, *, stood_s: float, chance: float) -> float:
        """Seconds to wait after a try that failed, or a connection that ended after `stood_s`."""
        if self._changes_version(failure):
            return _OTHER_VERSION_S * chance
        if stood_s >= STEADY_S:
            self._failures, self._wait = 0, 0.0
        self._failures += 1
        pace, widest = _pace(failure.trouble)
        before = max(self._wait, widest / GROWTH)
        self._wait = delay(pace, failures=self._failures, previous=before, jitter=chance)
        return self._wait

    def _changes_version(self, failure: Failure) -> bool:
        self._unanswered = self._unanswered + 1 if failure.is_old_protocol else 0
        if not self._is_auto or self._unanswered < (_PROVEN_TRIES if self._is_proven else 1):
            return False
        self._unanswered, self._is_proven = 0, False
        is_fallback = self.protocol is Protocol.V5
        self.protocol = Protocol.V311 if is_fallback else Protocol.V5
        return is_fallback  # both failed: that is a failure like any other


def _pace(trouble: Trouble) -> tuple[Pace, float]:
    """The pace, and the longest that the first wait may be."""
    match trouble:
        case Trouble.CREDENTIALS | Trouble.TAKEN_OVER | Trouble.REFUSED:
            return _SLOW, _SLOW.base * GROWTH
        case Trouble.CLOCK:
            return _CLOSE, AGAIN_S
        case Trouble.UNREACHABLE | Trouble.TLS | Trouble.LOST:
            return _USUAL, AGAIN_S
