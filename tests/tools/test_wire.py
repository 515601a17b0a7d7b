"""HTTP on a socket: what the server reads and what it refuses."""

import socket

import pytest

from tools.standin.wire import Answer, BadRequest, Reader, Request


def read(data: bytes, *, pieces: int = 1) -> Request | None:
    """What a reader makes of these bytes, sent in so many pieces before the client closes its side."""
    client, server = socket.socketpair()
    with client, server:
        size = max(1, -(-len(data) // pieces))
        for at in range(0, len(data), size):
            client.sendall(data[at : at + size])
        client.shutdown(socket.SHUT_WR)
        return Reader(server).request()


def test_request_is_whole_however_it_is_cut() -> None:
    """A slow link delivers a request byte by byte."""
    data = b"POST /a?b HTTP/1.1\r\nHost: x\r\nContent-TYPE:  t \r\nContent-Length: 3\r\n\r\nabc"
    for pieces in (1, 7, len(data)):
        request = read(data, pieces=pieces)
        assert request is not None
        assert (request.method, request.target, request.body) == ("POST", "/a?b", b"abc")
        assert request.headers["content-type"] == "t"


def test_chunked_body_is_joined() -> None:
    """Clients that stream send no length."""
    request = read(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n")
    assert request is not None
    assert request.body == b"abcde"


def test_half_a_request_is_none() -> None:
    """An agent that was killed in mid-send must not count."""
    assert None is read(b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nabc")
    assert None is read(b"POST / HTTP/1.1\r\nContent-Le")
    assert None is read(b"")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"GET / SPDY/3\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, 431),
    ],
)
def test_nonsense_is_refused_with_a_status(data: bytes, status: int) -> None:
    """A stand-in that hangs on nonsense would hang a test."""
    with pytest.raises(BadRequest) as refused:
        read(data)
    assert status == refused.value.status


def test_old_client_gets_its_connection_closed() -> None:
    """HTTP/1.0 has no keep-alive unless it is asked for."""
    request = read(b"GET / HTTP/1.0\r\n\r\n")
    assert request is not None
    assert request.wants_close()


def test_answer_carries_the_servers_time() -> None:
    """The Date header is where a device without a clock gets the time from."""
    head, body = Answer(204, "a/b", b"xy", (("X-A", "1"),)).encode(0.0, close=True)
    assert head[:62] == b"HTTP/1.1 204 No Content\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
    assert head.endswith(b"Content-Length: 2\r\nConnection: close\r\nX-A: 1\r\n\r\n")
    assert body == b"xy"
