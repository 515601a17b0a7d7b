"""Waiting for the network and for other threads, without spinning and without missing either."""

import socket
from typing import cast

from agent.remote.connection import Connection
from agent.remote.watch import READ, WRITE, Watch


class Pretended:
    """A connection as far as it is watched."""

    def __init__(self, watched: socket.socket) -> None:
        self._watched = watched
        self.failure: object = None
        self.wants_read, self.wants_write = True, False

    def fileno(self) -> int:
        return self._watched.fileno()


def test_it_tells_what_the_connection_waits_for_and_nothing_else() -> None:
    """A descriptor that is writable all the time would have the thread spin on a kiosk's one core."""
    ear, bell = socket.socketpair()
    ours, theirs = socket.socketpair()
    with ear, bell, ours, theirs:
        watch = Watch(ear)
        pretended = Pretended(ours)
        connection = cast(Connection, pretended)
        watch.follow(connection)
        assert 0 == watch.wait(0)
        theirs.sendall(b"x")
        assert READ == watch.wait(0)
        pretended.wants_write = True
        watch.follow(connection)
        assert READ | WRITE == watch.wait(0)
        pretended.wants_read = pretended.wants_write = False
        watch.follow(connection)
        assert 0 == watch.wait(0)
        bell.send(b"\0")
        assert 0 == watch.wait(None)
        watch.release()


def test_a_connection_that_has_ended_is_left_though_its_number_is_gone() -> None:
    """Its descriptor is closed by then, and the next file of the process may have the same number."""
    ear, bell = socket.socketpair()
    ours, theirs = socket.socketpair()
    with ear, bell, theirs:
        watch = Watch(ear)
        pretended = Pretended(ours)
        watch.follow(cast(Connection, pretended))
        ours.close()
        pretended.failure = "ended"
        watch.follow(cast(Connection, pretended))
        watch.follow(None)
        other, another = socket.socketpair()
        with other, another:
            watch.follow(cast(Connection, Pretended(other)))
            another.sendall(b"x")
            assert READ == watch.wait(0)
        watch.release()
