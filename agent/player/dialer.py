"""The host's end of the link: dials the agent, reads its commands, writes what fits.

Contract: `run` (a thread) puts `LinkUp`, the agent's messages and `LinkDown` into the host's inbox; `Outlet` writes
without ever waiting, for it is called by the owner thread of libvlc.
Rules: child mode ends with the first broken link; unit mode dials again for ever. What the socket does not take stays
in the ring: a slow agent never holds up the picture.
Reasons: decision 32.
"""

import errno
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.player.codec import LineBuffer, decode, encode
from agent.player.ring import Ring
from agent.player.wire import FromHost, ToHost

# In unit mode the agent may be away for an upgrade; once a second is soon enough and costs nothing.
REDIAL_S = 1.0
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class LinkUp:
    connection: socket.socket


@dataclass(frozen=True, slots=True)
class LinkDown:
    """`final`: it will not come back (child mode). `why`: the error number of a call that nobody answered."""

    final: bool
    why: int | None = None


@dataclass(frozen=True, slots=True)
class FromAgent:
    message: ToHost


class Dialer:
    """Connects to the agent's socket and hears it. `bad_lines` counts what was no message."""

    def __init__(self, path: Path, put: Callable[[LinkUp | LinkDown | FromAgent], None], *, redial: bool) -> None:
        self._path = path
        self._put = put
        self._redial = redial
        self.bad_lines = 0

    def run(self) -> None:
        """Dial and read until the link is down for good."""
        while True:
            connection = self._dial()
            if isinstance(connection, socket.socket):
                self._put(LinkUp(connection))
                self._read(connection)
                self._put(LinkDown(final=not self._redial))
            else:
                self._put(LinkDown(final=not self._redial, why=connection))
            if not self._redial:
                return
            time.sleep(REDIAL_S)

    def _dial(self) -> socket.socket | int:
        """The line, or the error number."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(self._path))
        except OSError as error:
            connection.close()
            return error.errno or errno.EIO
        return connection

    def _read(self, connection: socket.socket) -> None:
        buffer = LineBuffer()
        while True:
            try:
                chunk = connection.recv(CHUNK_BYTES)
            except OSError:
                return
            if not chunk:
                return
            for line in buffer.feed(chunk):
                message = decode(line)
                if message is None or isinstance(message, FromHost):
                    self.bad_lines += 1
                else:
                    self._put(FromAgent(message))


class Outlet:
    """What the owner thread writes through. Nothing is written before `open`, and nothing waits."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._connection: socket.socket | None = None
        self._welcomed = False
        self._rest = b""

    def connect(self, connection: socket.socket, hello: bytes) -> None:
        """A new connection: say hello; signals wait for `welcome`."""
        self._connection, self._welcomed, self._rest = connection, False, hello

    def welcome(self, acknowledged: int) -> None:
        """The agent has everything up to `acknowledged`; the rest is sent (again)."""
        self._ring.rewind(acknowledged)
        self._welcomed = True

    def disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._welcomed, self._rest = None, False, b""

    def beat(self, message: FromHost) -> bool:
        """Send a heartbeat once nothing waits any more: whatever is read proves life just as well.

        So the first one on a line says that everything from before has been said. False where it was not sent.
        """
        self.flush()
        if not self._welcomed or self._rest:
            return False
        self._rest = encode(message)
        self.flush()
        return True

    def flush(self) -> None:
        """Write what the socket takes now. A broken link is the reading thread's to notice."""
        if self._connection is None:
            return
        while self._rest or self._next():
            try:
                sent = self._connection.send(self._rest, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            except OSError:
                return
            self._rest = self._rest[sent:]

    def _next(self) -> bool:
        line = self._ring.next_line() if self._welcomed else None
        self._rest = line or b""
        return line is not None
