"""The total time for one exchange, on a real pair of sockets and a clock that is moved by hand."""

import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agent.sinks.http.deadline import BoundedReader, BoundedResponse, Deadline


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def reader(deadline: Deadline) -> Iterator[tuple[io.BufferedReader, socket.socket, socket.socket]]:
    """A bounded reader, its socket and the other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        raw = ours.makefile("rb", buffering=0)
        yield io.BufferedReader(BoundedReader(raw, ours, deadline)), ours, theirs


def test_bytes_in_time_are_read_and_the_sockets_timeout_is_left_as_it_was() -> None:
    """The connection is used again: the rest of one deadline must not limit the next request."""
    deadline = Deadline(Hand())
    deadline.give(5.0)
    with reader(deadline) as (bounded, ours, theirs):
        ours.settimeout(60.0)
        theirs.sendall(b"true")
        assert bounded.read(4) == b"true"
        assert ours.gettimeout() == 60.0


def test_after_the_deadline_nothing_is_read_although_bytes_are_there() -> None:
    """This is what stops a server that drips: every byte is in time, the answer never is."""
    clock = Hand()
    deadline = Deadline(clock)
    deadline.give(5.0)
    with reader(deadline) as (bounded, _, theirs):
        theirs.sendall(b"tr")
        clock.now += 1000.0  # connecting takes its own time
        assert bounded.raw.read(1) == b"t"
        clock.now += 5.0
        assert deadline.remaining() == 0.0
        with pytest.raises(TimeoutError):
            bounded.raw.read(1)


def test_a_socket_without_a_timeout_gets_the_deadlines() -> None:
    """Nothing may wait for ever."""
    deadline = Deadline(Hand())
    deadline.give(0.01)
    with reader(deadline) as (bounded, ours, _):
        with pytest.raises(TimeoutError):
            bounded.read(1)
        assert ours.gettimeout() is None


def test_a_response_is_read_under_its_deadline_from_the_first_byte() -> None:
    """The status line can drip as well as the body."""

    class Response(BoundedResponse):
        deadline = Deadline(Hand())

    ours, theirs = socket.socketpair()
    with ours, theirs:
        Response.deadline.give(5.0)
        theirs.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue")
        response = Response(ours, method="POST")
        response.begin()
        assert (response.status, response.read()) == (200, b"true")
        assert response.isclosed()
        Response.deadline.give(0.0)
        late = Response(ours, method="POST")
        with pytest.raises(TimeoutError):
            late.begin()
        late.close()
