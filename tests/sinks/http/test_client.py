"""The wire against real sockets: everything a network does to a kiosk."""

import contextlib
import socket
import struct
import time

import pytest

from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.http.answer import BODY_LIMIT_BYTES, Answer
from agent.sinks.http.client import KEEP_ALIVE_IDLE, Wire
from tests.support.raw_server import OK, RawServer, answering, read_request
from tests.support.wires import BODY, PATIENT, PROXY_VARIABLES, QUICK, cause, wire


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests must not depend on where they run."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_two_posts_share_a_connection() -> None:
    """A handshake for each event would cost more than the event."""
    with RawServer(answering()) as server:
        line = wire()
        answers = [line.post(server.url, BODY) for _ in range(3)]
        assert [Answer(200, "application/json", b"true")] * 3 == answers
        assert server.connections == 1


def test_headers_that_matter_come_with_the_answer() -> None:
    """The judge needs the date, Retry-After and where a redirect points; none is followed."""
    head = (
        b"HTTP/1.1 302 Found\r\nDate: d\r\nRetry-After: 7\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    )
    with RawServer(answering(head)) as server:
        assert Answer(302, "", b"", "d", "7", "http://127.0.0.1:1/") == wire().post(server.url, BODY)


def test_the_request_is_a_plain_form_post() -> None:
    """A gzip body or another content type is not read by the service."""
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(OK)

    with RawServer(behave) as server:
        wire().post(server.url, BODY)
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert body == BODY
    assert head.startswith(b"POST /collect HTTP/1.1")
    assert b"content-type: application/x-www-form-urlencoded" in head.lower()
    assert b"accept-encoding: identity" in head.lower()


def test_a_name_for_the_program_that_no_header_can_hold_is_made_harmless() -> None:
    """It comes from the configuration; a line break in it must neither forge a header nor stop delivery."""
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(OK)

    with RawServer(behave) as server:
        odd = Wire(user_agent="Kiosk\r\nX: ü1", monotonic=time.monotonic, timeouts=PATIENT)
        answer = odd.post(server.url, BODY)
    assert isinstance(answer, Answer)
    assert b"user-agent: kioskx: 1\r\n" in seen[0].lower()


def test_a_refused_connection_is_a_network_cause_and_nothing_was_sent() -> None:
    """The collector is away: the commonest outage of all."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert (Later, Cause.NETWORK, False) == cause(wire().post(f"http://127.0.0.1:{port}/", BODY))


def test_a_name_that_does_not_resolve_is_a_network_cause() -> None:
    """A kiosk without a network resolves nothing."""
    assert (Later, Cause.NETWORK, False) == cause(wire().post("http://no-such-host.invalid/", BODY))


def test_a_server_that_hangs_is_left_and_the_answer_may_be_lost() -> None:
    """A hung database never answers (measured); the event may have been logged."""

    def behave(connection: socket.socket) -> None:
        while read_request(connection):
            pass

    with RawServer(behave) as server:
        assert (Later, Cause.TIMEOUT, True) == cause(wire(QUICK).post(server.url, BODY))


def drip(pieces: bytes, gap: float) -> RawServer:
    """A server that sends one byte at a time."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        for byte in pieces:
            connection.sendall(bytes([byte]))
            time.sleep(gap)

    return RawServer(behave)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_a_server_that_drips_is_left_at_the_total_deadline(start: bytes) -> None:
    """urllib3's read timeout counts for each recv; such a server held a request for 315 s."""
    filler = b"HTTP/1.1 200 OK\r\n" + b"X-Filler: yes\r\n" * 500 if not start else start + b"a" * 9000
    with drip(filler, 0.05) as server:
        assert (Later, Cause.TIMEOUT, True) == cause(wire(QUICK).post(server.url, BODY))


def test_a_reset_and_a_half_answer_are_network_causes_with_a_lost_answer() -> None:
    """What a mobile network does in the middle of an answer."""

    def reset(connection: socket.socket) -> None:
        read_request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def half(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK.replace(b": 4", b": 40"))
        connection.shutdown(socket.SHUT_RDWR)

    for behaviour in (reset, half):
        with RawServer(behaviour) as server:
            assert (Later, Cause.NETWORK, True) == cause(wire().post(server.url, BODY))


def test_garbage_instead_of_http_is_a_network_cause() -> None:
    """A wrong port, an SSH server, a broken proxy."""
    with RawServer(answering(b"SSH-2.0-OpenSSH_9.2\r\n")) as server:
        assert (Later, Cause.NETWORK, True) == cause(wire().post(server.url, BODY))


def test_an_endless_answer_is_read_up_to_the_bound_only() -> None:
    """A server must not be able to fill the device's memory."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            connection.sendall(b"x" * 4096)

    with RawServer(behave) as server:
        answer = wire().post(server.url, BODY)
    assert isinstance(answer, Answer)
    assert len(answer.body) == BODY_LIMIT_BYTES + 1


def test_a_chunked_answer_keeps_the_connection() -> None:
    """Kaltura's own front ends chunk."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntrue\r\n0\r\n\r\n"
    with RawServer(answering(chunked)) as server:
        line = wire()
        for _ in range(2):
            answer = line.post(server.url, BODY)
            assert isinstance(answer, Answer)
            assert answer.body == b"true"
        assert server.connections == 1


@pytest.mark.parametrize("length", [b"-1", b"-5"])
def test_a_chunk_of_negative_length_is_a_network_cause_and_fills_no_memory(length: bytes) -> None:
    """http.client reads all that comes for -1, and raises ValueError for any other: that ended the agent."""
    taken: list[OSError] = []

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + length + b"\r\n")
        try:
            for _ in range(256):
                connection.sendall(bytes(1 << 16))
        except OSError as error:
            taken.append(error)

    with RawServer(behave) as server:
        assert (Later, Cause.NETWORK, True) == cause(wire().post(server.url, BODY))
    assert 1 == len(taken)


def test_a_connection_that_the_server_has_dropped_is_replaced_or_safely_failed() -> None:
    """A stale kept-alive connection fails once, as a lost answer; the next try is on a new one."""

    def once(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(OK)
        read_request(connection)  # the second request is read and dropped
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    with RawServer(once) as server:
        line = wire()
        assert isinstance(line.post(server.url, BODY), Answer)
        assert (Later, Cause.NETWORK, True) == cause(line.post(server.url, BODY))
        assert isinstance(line.post(server.url, BODY), Answer)


def test_a_connection_that_was_idle_for_long_is_not_used_again() -> None:
    """A firewall may have forgotten it without telling, and the next event would wait for the whole timeout."""
    clock = Hand()
    with RawServer(answering()) as server:
        line = Wire(user_agent="k", monotonic=clock, timeouts=PATIENT)
        line.post(server.url, BODY)
        clock.now += KEEP_ALIVE_IDLE + 1
        line.post(server.url, BODY)
        line.close()
        assert server.connections == 2


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://a b/", "ftp://127.0.0.1/", "http://xn--\x00/"])
def test_an_address_that_cannot_be_called_is_held(url: str) -> None:
    """The configuration check should find it first; a running agent must not die of it."""
    result = wire().post(url, BODY)
    assert (Held, Cause.CONFIGURATION, False) == cause(result)
