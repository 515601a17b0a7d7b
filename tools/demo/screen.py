"""What a person sees: one line an event, short lines for what somebody did, and on a terminal a last line that stays.

Contract: `event_line` is pure. `Screen` writes: `event` and `note` scroll, `foot` stands below them and is repainted.
Rules: colour and the standing line only on a terminal, and colour never where NO_COLOR is set (https://no-color.org);
without either the text says the same. An event line fits into 80 columns. No character that the terminal's encoding
does not have.
"""

import shutil
import time
from dataclasses import dataclass
from typing import TextIO

from tools.standin import console
from tools.standin.event import Event

_BAR = 8
# Later than this after it happened, an event's delay is worth a word: it waited in the queue.
_LATE_S = 3
_WIDTH = (10, 10, 17, 12)  # device, entry, event, position
_FRACTIONS = {"PLAY_REACHED_25": 0.25, "PLAY_REACHED_50": 0.5, "PLAY_REACHED_75": 0.75, "PLAY_REACHED_100": 1.0}
_BOLD, _DIM, _GREEN, _RED, _YELLOW, _CYAN, _OFF = (f"\x1b[{n}m" for n in (1, 2, 32, 31, 33, 36, 0))
_CLEAR = "\r\x1b[K"  # to the line's start, and empty it
_PLAINER = str.maketrans({"✓": "x", "≠": "!=", "–": "-", "—": "--", "·": "|"})
_COLOURS = {
    "PLAY": _GREEN,
    "REPLAY": _GREEN,
    "PLAY_REACHED_100": _CYAN,
    "BUFFER_START": _YELLOW,
    "BUFFER_END": _YELLOW,
    "SEEK": _YELLOW,
}


@dataclass(frozen=True, slots=True)
class Look:
    """How to write: with colours, and with characters beyond ASCII."""

    colour: bool
    blocks: bool

    def paint(self, text: str, style: str) -> str:
        """`text` in a style, if colours are wanted."""
        return f"{style}{text}{_OFF}" if self.colour and style and text else text


def event_line(event: Event, look: Look) -> str:
    """Local time of arrival, device, entry, event, how far, where; and how late, if it had to wait."""
    name = console.name_of(event)
    device, entry, width, where = _WIDTH
    parts = (
        look.paint(time.strftime("%H:%M:%S", time.localtime(event["received"])), _DIM),
        f"{_clean(event.get('referrer') or '-').removeprefix('kiosk://'):<{device}}",
        f"{_clean(event.get('entryId') or '-'):<{entry}}",
        look.paint(f"{name:<{width}}", _COLOURS.get(name, "")),
        _bar(event, look),
        f"{console.position(event):>{where}}",
    )
    waited = event["received"] - event.get("eventTimestamp", event["received"])
    late = f" {int(waited)} s late" if waited >= _LATE_S else ""
    return (" ".join(parts) + look.paint(late, _DIM)).rstrip()


def _bar(event: Event, look: Look) -> str:
    duration = event.get("duration")
    if not duration or event.get("currentPoint") is None:
        return " " * _BAR
    share = _FRACTIONS.get(console.name_of(event), event["currentPoint"] / duration)
    done = round(min(max(share, 0.0), 1.0) * _BAR)
    full, empty = ("█", "░") if look.blocks else ("#", ".")
    return look.paint(full * done, _CYAN) + look.paint(empty * (_BAR - done), _DIM)


def _clean(text: str) -> str:
    """A terminal would obey what is not printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


class Screen:
    """A terminal, or whatever standard output is."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        blocks = (stream.encoding or "").lower().replace("-", "").startswith("utf")
        self.look = Look(console.wants_colour(stream), blocks)
        self._foot = ""
        self._session: object = None

    def event(self, event: Event) -> None:
        """Show an event; a blank line stands between two plays."""
        if self._session not in (None, event.get("sessionId")):
            self._write("")
        self._session = event.get("sessionId")
        self._write(event_line(event, self.look))

    def text(self, line: str) -> None:
        """Show a plain line."""
        self._write(line)

    def note(self, line: str) -> None:
        """Show what somebody did, or what is going on."""
        self._write(self.look.paint(f"— {line}", _BOLD))

    def good(self, line: str) -> None:
        """Show that something is as it should be."""
        self._write(self.look.paint(line, _BOLD + _GREEN))

    def bad(self, line: str) -> None:
        """Show that something is not as it should be."""
        self._write(self.look.paint(line, _BOLD + _RED))

    def faint(self, line: str) -> None:
        """Show something by the way."""
        self._write(self.look.paint(line, _DIM))

    def foot(self, text: str) -> None:
        """Let `text` stand below everything; on a terminal only."""
        if self._is_terminal and text != self._foot:
            self._foot = text
            self._paint_foot(before=_CLEAR)

    def _write(self, line: str) -> None:
        clear = _CLEAR if self._foot else ""
        self._stream.write(f"{clear}{self._plain(line)}\n")
        self._paint_foot()

    def _paint_foot(self, before: str = "") -> None:
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(before + self.look.paint(self._plain(self._foot)[:width], _DIM))
        self._stream.flush()

    def _plain(self, line: str) -> str:
        if self.look.blocks:
            return line
        encoding = self._stream.encoding or "ascii"
        return line.translate(_PLAINER).encode(encoding, "replace").decode(encoding)
