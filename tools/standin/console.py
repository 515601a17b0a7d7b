"""The collector's events as a person likes to read them.

Contract: `line(event, colour=...)` gives one line: when it arrived, from which device, the entry, what happened, where.

Rules: calm; colour marks only what a person looks for (a start, an end, a stall), and only on a terminal that wants it.
currentPoint is shown as a position of the clip. The guide says seconds and Kaltura's players send milliseconds: a
number beyond the clip's duration can only be the latter.
"""

import os
import re
import time
from typing import IO

from tools.standin.event import Event

# The guide, section 5.1.
NAMES = (
    "WIDGET_LOADED", "MEDIA_LOADED", "PLAY", "PLAY_REACHED_25", "PLAY_REACHED_50", "PLAY_REACHED_75",
    "PLAY_REACHED_100", "OPEN_EDIT", "OPEN_VIRAL", "OPEN_DOWNLOAD", "OPEN_REPORT", "BUFFER_START", "BUFFER_END",
    "OPEN_FULL_SCREEN", "CLOSE_FULL_SCREEN", "REPLAY", "SEEK", "OPEN_UPLOAD", "SAVE_PUBLISH", "CLOSE_EDITOR",
    "PRE_BUMPER_PLAYED", "POST_BUMPER_PLAYED", "BUMPER_CLICKED", "PREROLL_STARTED", "MIDROLL_STARTED",
    "POSTROLL_STARTED", "OVERLAY_STARTED", "PREROLL_CLICKED", "MIDROLL_CLICKED", "POSTROLL_CLICKED",
    "OVERLAY_CLICKED", "PREROLL_25", "PREROLL_50", "PREROLL_75", "MIDROLL_25", "MIDROLL_50", "MIDROLL_75",
    "POSTROLL_25", "POSTROLL_50", "POSTROLL_75",
)  # fmt: skip

_DIM, _OFF = "\x1b[2m", "\x1b[0m"
_COLOURS = {
    "PLAY": "\x1b[32m",
    "REPLAY": "\x1b[32m",
    "PLAY_REACHED_100": "\x1b[36m",
    "BUFFER_START": "\x1b[33m",
    "BUFFER_END": "\x1b[33m",
}
_NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a terminal would obey them


def wants_colour(stream: IO[str]) -> bool:
    """Whether to colour what is written to this stream (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def name_of(event: Event) -> str:
    """What the event is called."""
    number = event.get("eventType")
    return NAMES[number - 1] if isinstance(number, int) else "(no eventType)"


def line(event: Event, *, colour: bool) -> str:
    """One event as one line, the time in the reader's own zone."""
    name = name_of(event)
    clock = time.strftime("%H:%M:%S", time.localtime(event["received"]))
    device = _clean(event.get("referrer") or "-")
    entry = _clean(event.get("entryId") or "-")
    session = _clean(event.get("sessionId", ""))[:8]
    start, dim, off = (_COLOURS.get(name, ""), _DIM, _OFF) if colour else ("", "", "")
    text = f"{dim}{clock}{off}  {device:<22}  {entry:<12}  {start}{name:<18}{off if start else ''}"
    return f"{text}  {position(event):<16}  {dim}{session}{off}".rstrip()


def position(event: Event) -> str:
    """Where in the clip it happened: `0:12 of 1:00`, with what is known of it."""
    duration_s: int = event.get("duration", 0)
    point = event.get("currentPoint")
    of = f" of {_minutes(duration_s)}" if duration_s else ""
    if point is None:
        return of.strip()
    new = event.get("newPoint") if name_of(event) == "SEEK" else None
    is_ms = duration_s and max(point, new or 0) > duration_s + 1
    at, to = (None if where is None else _minutes(where / 1000 if is_ms else where) for where in (point, new))
    return f"{at}{of}" if to is None else f"{at} to {to}{of}"


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _clean(text: str) -> str:
    return _NOT_PRINTABLE.sub("?", text)
