"""From a session's events to its line in the ledger.

Contract: pure. `feed` takes the events in order, each with whose it is, when it happened and what the display does, and
answers with the play's facts at its `Closed`, else None. `look` is told of the display between events. `text` is the
memory, to be committed with the tracker's; `restore` is its inverse, and any text that is none is an empty memory.
Rules
- A line is what the session's own events say; spots have none, for they belong to the content's session.
- Times are whole milliseconds, so that what is read back is what was written.
- The display counts while the content plays, from `Started` to the end and not in pauses: for so long as it was seen
  off at two looks in a row. A play that never started has what was seen last.
- The text changes with the play and with the display only, so that a lit screen costs no write.
- A session whose beginning is not in the memory (an earlier version left it open) has a line too: it began as long
  before its end as was played of it.
Reasons: decision 14; a play that a power cut ended is closed by the next start, which knows the text alone.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import Final

from agent.kernel.attribution import Attribution
from agent.kernel.display import Display, Shown
from agent.kernel.events import Closed, Ended, Event, Opened, PausedEvent, Resumed, Started
from agent.kernel.instants import Instant
from agent.kernel.leaving_out import is_left_out
from agent.kernel.plays import PlayFacts

LOOKS_APART: Final = 10.0
"""Seconds. Looks that are farther apart say nothing of what was between: the process was held up, or not there."""


@dataclass(frozen=True, slots=True)
class _Play:
    """An open play. `dark_s`: so far. `seen_on`, `seen_off`: while it played. `plays`: it does at this moment."""

    session: str
    item: str
    entry_id: str | None
    boot_id: str
    began: float
    is_left_out: bool
    is_started: bool = False
    is_complete: bool = False
    plays: bool = False
    seen_on: bool = False
    seen_off: bool = False
    dark_s: float = 0.0


class PlayFold:
    """The session that is open, if one is."""

    def __init__(self, play: _Play | None = None) -> None:
        self._play = play
        self._looked: tuple[Display, float] | None = None

    @classmethod
    def restore(cls, text: str) -> "PlayFold":
        """Go on from a text."""
        try:
            found = _Play(**json.loads(text))
        except (TypeError, ValueError):
            return cls()
        return cls(found if _is_whole(found) else None)

    @property
    def text(self) -> str:
        """The memory as compact JSON; empty while nothing is open."""
        if self._play is None:
            return ""
        kept = {name: value for name, value in asdict(self._play).items() if value not in (None, False, 0.0)}
        return json.dumps({"entry_id": None, "is_left_out": False, "began": 0.0} | kept, separators=(",", ":"))

    def look(self, display: Display, at: float) -> None:
        """The display at the boot-time second `at`."""
        before = self._looked
        # Some events are dated back; no second counts twice.
        self._looked = (display, at if before is None else max(at, before[1]))
        play = self._play
        if play is None or not play.plays:
            return
        dark = 0.0
        if before is not None and before[0] is Display.OFF and 0.0 <= at - before[1] <= LOOKS_APART:
            dark = at - before[1]
        if dark or (display is Display.ON and not play.seen_on) or (display is Display.OFF and not play.seen_off):
            self._play = replace(
                play,
                dark_s=_ms(play.dark_s + dark),
                seen_on=play.seen_on or display is Display.ON,
                seen_off=play.seen_off or display is Display.OFF,
            )

    def feed(self, event: Event, owner: Attribution, instant: Instant, display: Display) -> PlayFacts | None:
        """Take one event of `owner`'s that happened at `instant`, with its addresses masked."""
        if isinstance(event, Opened):
            self._play = _Play(
                session=owner.session_id,
                item=_clean(event.media.key),
                entry_id=event.media.entry_id,
                boot_id=instant.boot_id,
                began=_ms(event.at),
                is_left_out=is_left_out(event, owner),
            )
        elif self._play is None or self._play.session != owner.session_id:
            self._play = _unknown(event, owner, instant)
        # What was seen before this event belongs to the time before it.
        self.look(display, event.at)
        match event:
            case Started():
                self._play = replace(self._play, is_started=True, plays=True)
                self.look(display, event.at)
            case PausedEvent():
                self._play = replace(self._play, plays=False)
            case Resumed():
                self._play = replace(self._play, plays=True)
            case Ended():
                self._play = replace(self._play, plays=False, is_complete=event.complete)
            case Closed():
                return self._close(event, self._play)
            case _:
                pass
        return None

    def _close(self, event: Closed, play: _Play) -> PlayFacts:
        head, shown = event.head, self._shown(play)
        self._play = self._looked = None
        return PlayFacts(
            session=play.session,
            item=play.item,
            entry_id=play.entry_id,
            boot_id=play.boot_id,
            began=play.began,
            ended=max(_ms(event.at), play.began),
            is_started=play.is_started,
            played=_ms(head.played),
            duration=None if head.duration is None else _ms(head.duration),
            is_complete=play.is_complete,
            ending=event.ending,
            shown=shown,
            dark_s=_ms(play.dark_s),
            is_left_out=play.is_left_out,
            last=0,
        )

    def _shown(self, play: _Play) -> Shown:
        on, off = play.seen_on, play.seen_off
        if not play.is_started and self._looked is not None:
            on, off = self._looked[0] is Display.ON, self._looked[0] is Display.OFF
        if on:
            return Shown.PARTLY if off else Shown.ON
        return Shown.OFF if off else Shown.UNKNOWN


def _ms(seconds: float) -> float:
    return round(max(seconds, 0.0), 3)


def _clean(text: str) -> str:
    """A name that can be written: file names may hold bytes that are no text."""
    return text.encode("utf-8", "backslashreplace").decode()


def _unknown(event: Event, owner: Attribution, instant: Instant) -> _Play:
    """What can be said of a play whose beginning nobody remembers."""
    return _Play(
        session=owner.session_id,
        item=_clean(owner.media_uri),
        entry_id=owner.entry_id,
        boot_id=instant.boot_id,
        began=_ms(event.at - event.head.played),
        is_left_out=False,
        is_started=event.head.played > 0,
        plays=event.head.played > 0,
    )


def _is_whole(play: _Play) -> bool:
    """Whether a text that may be anybody's has the right kinds of values."""
    texts = (play.session, play.item, play.boot_id)
    flags = (play.is_left_out, play.is_started, play.is_complete, play.plays, play.seen_on, play.seen_off)
    return (
        all(isinstance(each, str) for each in texts)
        and isinstance(play.entry_id, str | None)
        and all(isinstance(each, bool) for each in flags)
        and all(isinstance(each, int | float) and 0 <= each < float("inf") for each in (play.began, play.dark_s))
    )
