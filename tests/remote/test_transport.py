"""The bytes' way: whole packets out, bounded packets in, and nothing that lies here unseen."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from agent.remote.transport import PACKET_BYTES, OversizeError, Transport
from agent.remote.websocket import Frames

Pair = tuple[Transport, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Ours, and the other side's socket."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield Transport(ours), theirs


def test_what_came_at_once_is_given_in_parts_and_known_to_be_here(pair: Pair) -> None:
    """A selector tells of bytes in the kernel only: what was read ahead must not wait for the next packet."""
    transport, theirs = pair
    theirs.sendall(b"abcdef")
    assert b"a" == transport.recv(1)
    assert not transport.is_dry
    assert b"bcdef" == transport.recv(100)
    with pytest.raises(BlockingIOError):
        transport.recv(1)
    assert (True, None, 6) == (transport.is_dry, transport.trouble, transport.received)


def test_a_full_network_takes_the_rest_later(pair: Pair) -> None:
    """Trap: paho drops the packet of which a websocket takes a part. Ours takes all of it, and sends what goes."""
    transport, theirs = pair
    data = bytes(range(256)) * 8000
    assert len(data) == transport.send(data)
    assert transport.waiting_bytes > 0
    found = bytearray()
    while len(found) < len(data):
        found += theirs.recv(65536)
        transport.flush()
    assert (data, 0) == (bytes(found), transport.waiting_bytes)


def test_a_packet_beyond_the_bound_ends_it(pair: Pair) -> None:
    """paho asks for the whole rest of a packet at once, up to 256 MiB: that is where its size shows."""
    transport, _ = pair
    with pytest.raises(OversizeError):
        transport.recv(PACKET_BYTES + 1)
    assert isinstance(transport.trouble, OversizeError)


def test_an_end_is_an_end(pair: Pair) -> None:
    """b"" once the other side has closed; the first error is kept for whoever names it."""
    transport, theirs = pair
    theirs.close()
    assert b"" == transport.recv(1)
    with pytest.raises(ConnectionError):
        transport.send(b"x")
    assert isinstance(transport.trouble, BrokenPipeError)


def test_a_websocket_gives_content_and_answers_pings() -> None:
    """What came with the handshake's answer is the first of it; who pings and never reads fills no memory."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        transport = Transport(ours, frames=Frames(lambda count: bytes(count)), early=b"\x82\x02hi")
        assert b"hi" == transport.recv(10)
        theirs.sendall(b"\x89\x01p\x82\x01x")
        assert b"x" == transport.recv(10)
        assert b"\x8a\x81\0\0\0\0p" == theirs.recv(100)
        transport.send(b"y")
        assert b"\x82\x81\0\0\0\0y" == theirs.recv(100)
        theirs.setblocking(False)
        for _ in range(3000):
            with suppress(BlockingIOError):
                theirs.sendall(b"\x89\x7d" + bytes(125))
            with pytest.raises(BlockingIOError):
                transport.recv(10)
        assert transport.waiting_bytes <= PACKET_BYTES + 131
