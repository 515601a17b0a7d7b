"""Waits for the network, and for other threads that have something to say.

Contract: `follow` says which connection to watch, and for what it asks at the moment; `wait` answers what happened to
it. One thread.
Rules: epoll, so that descriptors above 1,023 work. The descriptor is remembered: a connection that has ended has none,
and its number may already be somebody else's.
"""

import selectors
import socket
from contextlib import suppress
from typing import Final

from agent.remote.connection import Connection

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE
_WAKE_BYTES: Final = 4096


class Watch:
    """`ear`: becomes readable when another thread wants `wait` to return."""

    def __init__(self, ear: socket.socket) -> None:
        self._ear = ear
        self._selector = selectors.DefaultSelector()
        self._selector.register(ear, READ)
        self._fd, self._mask = -1, 0

    def follow(self, connection: Connection | None) -> None:
        """Watch this one for what it waits for, and for nothing else: it would spin."""
        fd, mask = -1, 0
        if connection is not None and connection.failure is None:
            fd = connection.fileno()
            mask = (READ if connection.wants_read else 0) | (WRITE if connection.wants_write else 0)
        if (fd, mask) == (self._fd, self._mask):
            return
        if self._mask:
            self._selector.unregister(self._fd)
        if mask:
            self._selector.register(fd, mask)
        self._fd, self._mask = fd, mask

    def wait(self, patience: float | None) -> int:
        """Wait at most `patience` seconds (None: for ever); READ and WRITE as they hold for the connection."""
        events = 0
        for key, found in self._selector.select(patience):
            if key.fileobj is self._ear:
                with suppress(OSError):
                    self._ear.recv(_WAKE_BYTES)
            else:
                events = found
        return events

    def release(self) -> None:
        self._selector.close()
