"""Bytes in, lines out.

Contract: pure. `feed` takes what was received, `next` gives whole lines, one a call; `rest` what stands there when the
sender has ended. Holds at most a line and a chunk.
Rules: a line that is too long is told once and then passed over to its end, so that the next one is read. Empty lines
are none.
"""

from enum import Enum
from typing import Final

# Room for 32 fields of 500 ASCII characters; 64 connections may each hold one on a machine of 512 MB.
MAX_LINE_BYTES: Final = 16 * 1024


class Oversized(Enum):
    """A line was too long."""

    LINE = "line"


class Lines:
    """`begun`: when (boot-time s) the line began of which the end has not come yet; None between lines."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._skipping = False
        self.begun: float | None = None

    def feed(self, data: bytes, now: float) -> None:
        """What was received at `now`. To be called when `next` has nothing left."""
        self._held += data
        if b"\n" in data:
            self.begun = None if data.endswith(b"\n") else now
        elif self.begun is None:
            self.begun = now

    def next(self) -> bytes | Oversized | None:
        """The next line, without its end; None where none is whole."""
        while (end := self._held.find(b"\n")) >= 0:
            line = bytes(self._held[:end])
            del self._held[: end + 1]
            if self._skipping:
                self._skipping = False
            elif len(line) > MAX_LINE_BYTES:
                return Oversized.LINE
            elif line.strip():
                return line
        return self._overflow()

    def rest(self) -> bytes | None:
        """The last line, where the sender ended without ending it: an object needs no line end to be whole."""
        line = bytes(self._held).strip()
        self._held.clear()
        self.begun = None
        return None if self._skipping or not line else line

    def _overflow(self) -> Oversized | None:
        if self._skipping:
            self._held.clear()
        elif len(self._held) > MAX_LINE_BYTES:
            self._held.clear()
            self._skipping = True
            return Oversized.LINE
        return None
