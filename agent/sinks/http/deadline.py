"""A total time for one HTTP exchange.

Contract: a response whose class has a `deadline` is read, status line and headers included, under that deadline; when
it is over, reading raises TimeoutError, as a socket's own timeout does.
Rules: each recv gets the smaller of the socket's timeout and what remains. The time runs from the first read on:
connecting has limits of its own, and a host with some dead addresses must not use up the time for its answer. No thread
watches: the reader is the one place through which every byte of an answer comes, a proxy's answer to CONNECT included.
A chunk of negative length is refused as what ends too early: http.client takes it, and then reads all that ever comes
into memory (-1), or raises what no caller expects (any other).
Reasons: edge.md section 4: a read timeout alone counts for each recv.
"""

import http.client
import io
import socket
from collections.abc import Callable
from typing import Any, ClassVar


class Deadline:
    """When the present answer must be there, by a monotonic clock in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._seconds = 0.0
        self._at: float | None = None

    def give(self, seconds: float) -> None:
        """The next answer may take so long, from its first read on."""
        self._seconds, self._at = seconds, None

    def remaining(self) -> float:
        """Seconds left; 0 or less when the time is over. The first call starts it."""
        now = self._monotonic()
        if self._at is None:
            self._at = now + self._seconds
        return self._at - now


class BoundedReader(io.RawIOBase):
    """A socket's bytes, as long as there is time."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """As of any raw stream. Raises TimeoutError when the deadline is over."""
        remaining = self._deadline.remaining()
        if remaining <= 0:
            raise TimeoutError("the total time for one answer is over")
        usual = self._sock.gettimeout()
        self._sock.settimeout(remaining if usual is None else min(usual, remaining))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(usual)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class BoundedBuffer(io.BufferedReader):
    """Gives no more than it was asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any buffer, for a number of bytes. Raises IncompleteRead where that is none."""
        if size is None or size < 0:
            raise http.client.IncompleteRead(b"")
        return super().read(size)


class BoundedResponse(http.client.HTTPResponse):
    """http.client's response, read through a `BoundedReader`."""

    deadline: ClassVar[Deadline]

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp: io.BufferedReader = BoundedBuffer(BoundedReader(self.fp.detach(), sock, self.deadline))
