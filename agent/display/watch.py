"""The watch over the screen: looks now and then, and says what was seen.

Contract: `look` is called by the main loop after each step; `display` is the screen now, `of_plays` what plays are told
of it, `leaves_out` whether a session that opens now is told to nobody. `status` is the part `display` of the status.
Rules: at most one look in `LOOK_EVERY_S`. A screen counts as off once it was for `SETTLED_S`: a monitor that changes
its mode, or a player that takes the console over, is gone for a moment. It is back at once, and unknown at once.
What is not looked at, and a picture that is on no connector, is unknown. So are the opening hours while nobody vouches
for the clock; a word that was given for it holds until the clock is stepped (agent.kernel.boots).
Reasons: config/display.md; decision 35.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from agent.config.display import DarkPlays
from agent.config.display import Display as Settings
from agent.config.hours import is_open
from agent.display.drm import CONNECTORS, Connector, connectors
from agent.display.rule import Seen, judge
from agent.kernel.display import Display
from agent.kernel.instants import Instant

if TYPE_CHECKING:
    from agent.display.cec import Television

log = structlog.get_logger()

LOOK_EVERY_S: Final = 1.0
SETTLED_S: Final = 5.0
# By which a clock that was synchronised may drift in weeks without a time server; whoever sets it sets it further.
DRIFT_S: Final = 60.0

NOT_ASKED: Final = Seen(Display.UNKNOWN, "display.enabled is false")


class DisplayWatch:
    """`settings` as they count now. `elsewhere`: why the picture is on no connector, or None. `now`: boot-time s."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        *,
        elsewhere: Callable[[], str | None],
        now: float,
        television: "Television | None" = None,
        folder: Path = CONNECTORS,
    ) -> None:
        self._settings = settings
        self._elsewhere = elsewhere
        self._television = television
        self._folder = folder
        self._connectors: tuple[Connector, ...] = ()
        self._told = Seen(Display.UNKNOWN, "it was not looked at yet")
        self._since = now
        self._dark_at: float | None = None
        self._look_at = now
        self._vouched: float | None = None
        self.look(now)

    @property
    def display(self) -> Display:
        """The screen now."""
        return self._told.display

    def of_plays(self) -> Display:
        """The screen as plays are told of it."""
        return Display.UNKNOWN if self._settings().dark_plays is DarkPlays.COUNT else self.display

    def leaves_out(self) -> bool:
        """Whether no destination is told of a session that opens now."""
        return self.display is Display.OFF and self._settings().dark_plays is DarkPlays.LEAVE_OUT

    def look(self, now: float) -> None:
        """Look, where it is time to."""
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._take(self._seen(), now)

    def status(self, now: Instant) -> dict[str, Any]:
        """`for_s`: how long the state has lasted. `should_be_on`: by the opening hours, None where no clock tells."""
        settings, television, is_dated = self._settings(), self._television, self._is_dated(now)
        return {
            "state": self.display.value,
            "why": self._told.why,
            "for_s": max(now.boottime - self._since, 0.0),
            "should_be_on": is_open(settings.window, now.wall) if is_dated or not settings.hours else None,
            "dark_plays": settings.dark_plays.value,
            "connectors": [_view(each) for each in self._connectors],
            "television": None if television is None else _television(television),
        }

    def _is_dated(self, now: Instant) -> bool:
        """Whether the wall clock is right, as far as anybody ever said so."""
        relation = now.wall - now.boottime
        if now.synced:
            self._vouched = relation
        return self._vouched is not None and abs(relation - self._vouched) < DRIFT_S

    def _seen(self) -> Seen:
        settings = self._settings()
        self._connectors = ()
        if not settings.enabled:
            return NOT_ASKED
        elsewhere = self._elsewhere()
        if elsewhere is not None:
            return Seen(Display.UNKNOWN, elsewhere)
        self._connectors = connectors(self._folder)
        tv = None if self._television is None else self._television.said
        return judge(self._connectors, tv, wanted=settings.connector)

    def _take(self, seen: Seen, now: float) -> None:
        if seen.display is not Display.OFF:
            self._dark_at = None
        elif self._dark_at is None:
            self._dark_at = now
        since = now if self._dark_at is None else self._dark_at
        if seen.display is self.display:
            self._told = seen
        elif seen.display is not Display.OFF or now - since >= SETTLED_S:
            self._tell(seen, since)

    def _tell(self, seen: Seen, since: float) -> None:
        before, lasted = self.display, since - self._since
        self._told, self._since = seen, since
        if seen.display is Display.OFF:
            log.info("screen is off", why=seen.why)
        elif before is Display.OFF:
            log.info("screen is no longer off", why=seen.why, seconds=round(lasted, 1))


def _view(connector: Connector) -> dict[str, Any]:
    return {
        "name": f"{connector.card}-{connector.name}",
        "link": connector.link.value,
        "enabled": connector.is_enabled,
        "power": connector.power.value,
        "driver": connector.driver,
    }


def _television(television: "Television") -> dict[str, Any]:
    said, trouble = television.said, television.trouble
    return {
        "said": None if said is None else said.value,
        "trouble": None if trouble is None else trouble.text,
        "remedy": None if trouble is None else trouble.remedy,
    }
