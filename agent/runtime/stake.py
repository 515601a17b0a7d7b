"""How many events are at stake while the agent lives in memory, written down where that can be, so that their loss is
not silent.

Contract: `Note(state_dir).put` writes how many events memory alone has; `read` gives what an earlier life wrote last,
None where there is nothing, `clear` forgets it. None of them raises.
Rules: the disk that should have the note is the one that could not be used. So it is tried at the beginning of such a
life, and again only while that works; a dying card may take half a minute for each failure. Where there is no note
nobody can know what a power cut took; the log and the broker's report have said until then what was at stake.
Reasons: decision 30. Rejected: a note elsewhere, for a kiosk has one disk.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from agent.remote import durable

NAME: Final = "memory.note"


class Note:
    """The note of a life in memory."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / NAME
        self._written: int | None = None
        self._works = True

    def put(self, events: int) -> None:
        """Write it down, unless that is what stands there, or the disk has failed to take it before."""
        if not self._works or events == self._written:
            return
        try:
            durable.write(self._path, b"%d\n" % events)
        except OSError:
            self._works = False
        self._written = events


def read(state_dir: Path) -> int | None:
    """How many were at stake when that was noted last; 0 where the note makes no sense."""
    try:
        text = (state_dir / NAME).read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    with suppress(ValueError):
        return max(0, int(text))
    return 0


def clear(state_dir: Path) -> None:
    """It is accounted for."""
    with suppress(OSError):
        (state_dir / NAME).unlink(missing_ok=True)
