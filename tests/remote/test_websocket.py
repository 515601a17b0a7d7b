"""Websockets as a client of MQTT needs them, byte by byte."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.remote.websocket import HEAD_BYTES, Frames, Handshake, ProtocolError

# RFC 6455, 1.3: the key and its answer.
KEY = b"the sample nonce"
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nsec-websocket-accept: " + ACCEPT + b"\r\n\r\n"


def frame(kind: int, data: bytes, *, final: bool = True) -> bytes:
    """What a server sends."""
    length = len(data)
    first = (0x80 if final else 0) | kind
    if length < 126:
        return bytes((first, length)) + data
    if length < 65536:
        return bytes((first, 126)) + struct.pack("!H", length) + data
    return bytes((first, 127)) + struct.pack("!Q", length) + data


def frames() -> Frames:
    return Frames(lambda count: b"\x01\x02\x03\x04"[:count])


def unmasked(sent: bytes) -> bytes:
    """The content of a frame of ours, which is masked as the rules want it."""
    assert sent[1] & 0x80
    head = {126: 4, 127: 10}.get(sent[1] & 0x7F, 2)
    mask, body = sent[head : head + 4], sent[head + 4 :]
    return bytes(byte ^ mask[index % 4] for index, byte in enumerate(body))


def test_the_handshake_asks_for_mqtt_and_keeps_what_came_early() -> None:
    """The broker may speak in the packet of its answer; nothing of it may be lost. The key is the RFC's own sample."""
    handshake = Handshake("b:443", "/mqtt", key=KEY)
    assert b"GET /mqtt HTTP/1.1\r\nHost: b:443\r\n" in handshake.request
    assert b"Sec-WebSocket-Protocol: mqtt\r\n" in handshake.request
    assert b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" in handshake.request
    assert None is handshake.feed(ANSWER[:20])
    assert b"early" == handshake.feed(ANSWER[20:] + b"early")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\n\r\n",
        ANSWER.replace(ACCEPT, b"wrong"),
        b"HTTP/1.1 101 x\r\n\r\n",
        b"x" * (HEAD_BYTES + 1),
        b"\r\n\r\n",
    ],
)
def test_whoever_speaks_no_websockets_is_not_taken_for_one(answer: bytes) -> None:
    """A wrong path, a captive portal, a cache that answers for somebody else."""
    with pytest.raises(ProtocolError):
        Handshake("b:443", "/mqtt", key=KEY).feed(answer)


@given(st.lists(st.binary(max_size=70_000), max_size=4), st.integers(1, 5000))
def test_content_comes_out_as_it_went_in_however_it_is_cut(contents: list[bytes], size: int) -> None:
    """TCP knows no frames, and frames know no packets."""
    sent = b"".join(frame(2 if index % 2 == 0 else 0, data) for index, data in enumerate(contents))
    receiver = frames()
    pieces = [receiver.unwrap(sent[at : at + size]) for at in range(0, len(sent), size)]
    assert b"".join(contents) == b"".join(pieces)
    assert contents == [unmasked(frames().wrap(data)) for data in contents]


def test_a_ping_is_answered_masked_and_a_flood_of_them_once() -> None:
    """Gateways close what does not answer; servers must refuse what is not masked (paho's wrapper does not mask it)."""
    receiver = frames()
    assert b"x" == receiver.unwrap(frame(9, b"one") + frame(9, b"two") + frame(2, b"x") + frame(10, b"pong"))
    assert (10, b"two") == (receiver.replies[0] & 0x0F, unmasked(bytes(receiver.replies)))


@pytest.mark.parametrize(
    "data", [frame(1, b"text"), b"\xc2\x01x", b"\x82\x81mask", frame(9, bytes(200)), frame(8, b"")]
)
def test_what_breaks_the_rules_ends_the_connection(data: bytes) -> None:
    """Text, reserved bits, masks from a server, long pings; and a close is an end."""
    with pytest.raises((ProtocolError, ConnectionError)):
        frames().unwrap(data)


@given(st.binary(max_size=200))
def test_no_soup_raises_anything_but_an_error_of_the_network(soup: bytes) -> None:
    """What comes from outside ends a connection, never a thread."""
    receiver = frames()
    try:
        receiver.unwrap(soup)
    except OSError:
        return
