"""How much applications may tell: so many a second in the long run, so many at once.

Contract: `Throttle.wait(now)` answers 0.0 and takes one, or says how many seconds to wait for one. One throttle serves
all intakes of the process, from any thread.
Rules: what is refused takes nothing. `now`: boot-time seconds.
Reasons: an application that runs wild must neither fill the disk nor flatten the service.
"""

from threading import Lock


class Throttle:
    """A token bucket of `burst` tokens that fills by `rate` tokens a second."""

    def __init__(self, rate: float, burst: int, *, now: float) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._tokens = self._burst
        self._seen = now
        self._lock = Lock()

    def wait(self, now: float) -> float:
        """0.0 where one may be told now; else after how many seconds (at most a token's time) one may."""
        with self._lock:
            # A clock that does not go on, or two threads whose readings cross, must take nothing away.
            self._tokens = min(self._burst, self._tokens + max(0.0, now - self._seen) * self._rate)
            self._seen = max(self._seen, now)
            if self._tokens >= 1.0:
                self._tokens -= 1.0
                return 0.0
            return (1.0 - self._tokens) / self._rate
