"""A login that does as it is told, on a clock that is moved by hand."""

from itertools import count

from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.kaltura.login import Session
from agent.sinks.kaltura.started import SessionNews, StartedSessions

HOUR = 3600.0
AWAY = Later(Cause.NETWORK, "no session: connection refused", answered=False)
DELETED = Held(Cause.SESSION, "no session: APP_TOKEN_ID_NOT_FOUND", answered=False)


class Desk:
    """A login that answers as it is told and counts its calls; sessions are named k1, k2 …"""

    def __init__(self, *, life: float = HOUR, chance: float = 0.0) -> None:
        self.now = 1000.0
        self.life = life
        self.seconds = 0.0
        self.trouble: Later | Held | None = None
        self.calls = 0
        self.news: list[SessionNews] = []
        self._numbers = count(1)
        self.source = StartedSessions(
            "app-token", self.login, now=lambda: self.now, chance=lambda: chance, tell=self.news.append
        )

    def login(self) -> Session | Later | Held:
        self.calls += 1
        self.now += self.seconds
        return self.trouble or Session(f"k{next(self._numbers)}", self.life, 5_000.0)

    def after(self, seconds: float) -> str | Later | Held:
        """What is there to send with so much later."""
        self.now += seconds
        return self.source.current()
