"""Sessions that are started when they are needed and renewed before they end.

Contract: `StartedSessions` is a `SessionSource` over any `Login`. Several threads may use it: one of them logs in, and
whoever has nothing to send with waits for what comes of that; whoever has a session that still lives goes on with it.
`forget` and `status` never wait.
Rules: nothing happens of itself, a session is renewed when somebody wants to send: a silent kiosk is silent here too.
Renewal is due while a good part of the session's life is left, so that it can fail for a while; until the end the old
session serves. A failure is remembered and told again until its pause is over, however many ask. A refused session is
replaced at once, but not for ever: when sessions are refused as soon as they are started, the service wants something
else, and somebody must look. All times are boot-time seconds; the wall clock has no say.
Reasons: kaltura.md section 2; other clients' experience: a fixed lead before the end makes short-lived sessions renew
for ever, and without a memory of failures each request asks a broken login once more.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from agent.kernel.backoff import SEND_PACE, delay, spread
from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.kaltura.login import Login, Session
from agent.sinks.kaltura.sessions import SessionState, SessionStatus

LEAD_PART: Final = 0.2
LEAD_LEAST: Final = 600.0
LEAD_MOST_PART: Final = 0.5
"""Renewal is due when this part of the life is left, or these seconds (ten minutes outlast a server's restart), but
never more than that part: a life of a few minutes has no ten to give."""

EARLIER: Final = 0.1
"""Up to this part of the wait sooner, by chance: kiosks that were switched on together need not renew together."""

HELD_RETRY: Final = 180.0
HELD_SPREAD: Final = 0.2
"""Seconds between tries of a login that somebody must mend. Below the pump's own pause (delivery/patience.py), so that
each try of a destination is one try here, and two destinations do not make it two."""

REFUSED_AT_MOST: Final = 3
"""So many sessions in a row may be refused as soon as they were started."""

PROVEN_USES: Final = 8
PROVEN_AGE: Final = 60.0
"""A session that was handed out more often, or lived longer (s), before it was refused had been accepted."""


@dataclass(frozen=True, slots=True)
class Started:
    """A session was started, the `number`-th; it lives `life` seconds."""

    number: int
    life: float


@dataclass(frozen=True, slots=True)
class RenewalFails:
    """The old session serves for `left` seconds more."""

    text: str
    left: float


@dataclass(frozen=True, slots=True)
class RefusedEarly:
    """The service refused a session `age` seconds after it was started."""

    age: float


SessionNews = Started | RenewalFails | RefusedEarly


@dataclass(frozen=True, slots=True)
class _Tenure:
    """A session in office. `era`: what was known of its token or secret then (see `forget`)."""

    session: Session
    era: int
    began: float
    renew_at: float
    ends_at: float


@dataclass(frozen=True, slots=True)
class _Failure:
    verdict: Later | Held
    era: int
    until: float


class StartedSessions:
    """One account's sessions. `now`: boot-time seconds; `chance`: from 0 up to, but not including, 1."""

    def __init__(
        self,
        mode: str,
        login: Login,
        *,
        now: Callable[[], float],
        chance: Callable[[], float],
        tell: Callable[[SessionNews], None] = lambda _: None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._mode = mode
        self._login = login
        self._now = now
        self._chance = chance
        self._tell = tell
        self._close = close
        # Held during a login. What it guards may be read without it: each of them is replaced as a whole.
        self._lock = threading.Lock()
        self._era = 0
        self._tenure: _Tenure | None = None
        self._failure: _Failure | None = None
        self._failures = 0
        self._pause = 0.0
        self._early = 0
        self._known_era = 0
        self._uses = 0
        self._number = 0

    def current(self) -> str | Later | Held:
        """The session to send with; may take as long as two calls of the service."""
        now = self._now()
        tenure = self._in_office(now)
        if tenure is None:
            self._lock.acquire()
        elif now < tenure.renew_at or not self._lock.acquire(blocking=False):
            return self._handed_out(tenure)
        try:
            return self._renewed()
        finally:
            self._lock.release()

    def refused(self, ks: str) -> bool:
        """Drop `ks`, if it is still the one in office."""
        with self._lock:
            now = self._now()
            tenure = self._in_office(now)
            if tenure is None or tenure.session.ks != ks:
                return tenure is not None or not isinstance(self._told_again(now), Held)
            self._tenure = None
            age = now - tenure.began
            self._early = 1 if self._uses > PROVEN_USES or age >= PROVEN_AGE else self._early + 1
            self._uses = 0
            if self._early < REFUSED_AT_MOST:
                self._tell(RefusedEarly(age))
                return True
            text = (
                f"no session: the service started {self._early} in a row and refused each; do its address and "
                "privileges allow this device?"
            )
            self._fail(Held(Cause.SESSION, text, answered=False), now)
            return False

    def forget(self) -> None:
        """The token or the secret has changed: whatever is known of the old one holds no longer. From one thread."""
        self._era += 1

    def status(self) -> SessionStatus:
        """How it stands, without waiting for a login that is under way."""
        now = self._now()
        tenure, failure = self._in_office(now), self._valid_failure()
        text = "" if failure is None else failure.verdict.text
        state = SessionState.MISSING
        if tenure is not None:
            state = SessionState.FRESH
        elif failure is not None and isinstance(failure.verdict, Held):
            state = SessionState.REFUSED
        return SessionStatus(
            mode=self._mode,
            state=state,
            expires_wall=None if tenure is None else tenure.session.expires,
            renewals=self._number,
            text=text,
            left=None if tenure is None else tenure.ends_at - now,
        )

    def close(self) -> None:
        """Drop connections."""
        self._close()

    def _in_office(self, now: float) -> _Tenure | None:
        tenure = self._tenure
        return tenure if tenure is not None and tenure.era == self._era and now < tenure.ends_at else None

    def _valid_failure(self) -> _Failure | None:
        failure = self._failure
        return failure if failure is not None and failure.era == self._era else None

    def _handed_out(self, tenure: _Tenure) -> str:
        self._uses += 1  # without the lock one may be missed, which harms nothing
        return tenure.session.ks

    def _renewed(self) -> str | Later | Held:
        """With the lock: what another thread has done meanwhile counts too."""
        if self._known_era != self._era:
            self._known_era = self._era
            self._early = self._failures = 0
        now = self._now()
        tenure = self._in_office(now)
        if tenure is not None and now < tenure.renew_at:
            return self._handed_out(tenure)
        found = self._told_again(now) or self._started(tenure)
        if isinstance(found, _Tenure):
            return self._handed_out(found)
        return found if tenure is None else self._handed_out(tenure)

    def _told_again(self, now: float) -> Later | Held | None:
        """The last failure, as long as its pause lasts."""
        failure = self._valid_failure()
        if failure is None or now >= failure.until:
            return None
        match failure.verdict:
            case Later():
                return replace(failure.verdict, retry_after=failure.until - now)
            case Held():
                return failure.verdict

    def _started(self, old: _Tenure | None) -> _Tenure | Later | Held:
        """Log in."""
        era, began = self._known_era, self._now()
        outcome = self._login()
        now = self._now()
        if isinstance(outcome, Later | Held):
            if old is not None and self._failures == 0:
                self._tell(RenewalFails(outcome.text, max(old.ends_at - now, 0.0)))
            return self._fail(outcome, now)
        renew_after = renewal(outcome.life) * (1.0 - EARLIER * self._chance())
        self._tenure = tenure = _Tenure(outcome, era, began, began + renew_after, began + outcome.life)
        self._failure = None
        self._failures = self._uses = 0
        self._number += 1
        self._tell(Started(self._number, outcome.life))
        return tenure

    def _fail(self, verdict: Later | Held, now: float) -> Later | Held:
        """Remember a failure; what is told about it: a destination need not ask again before the pause is over."""
        self._failures += 1
        match verdict:
            case Later(retry_after=asked):
                wait = delay(SEND_PACE, failures=self._failures, previous=self._pause, jitter=self._chance())
                self._pause = max(wait, asked or 0.0)
                told: Later | Held = replace(verdict, retry_after=self._pause)
            case Held():
                self._pause = spread(HELD_RETRY, part=HELD_SPREAD, jitter=self._chance())
                told = verdict
        self._failure = _Failure(verdict, self._known_era, now + self._pause)
        return told


def renewal(life: float) -> float:
    """Seconds after its start at which a session that lives `life` seconds is renewed at the latest."""
    return life - max(LEAD_PART * life, min(LEAD_LEAST, LEAD_MOST_PART * life))
