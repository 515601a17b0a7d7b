"""Websockets, as a client of MQTT needs them.

Contract: pure. `Handshake` makes the request and judges the answer; `Frames` wraps what we send and unwraps what comes.
`ProtocolError` where the other side does not keep to RFC 6455.
Rules: what is not whole yet is kept, and bounded: a head by `HEAD_BYTES`, a frame not at all, since its content is
given on as it comes. Control frames are answered through `replies`.
Reasons: paho's own wrapper reads a head of any length, one byte a call, loses a packet when the socket's buffer is full
(`_packet_write` drops what `send` answers 0 for), and answers pings unmasked, which servers must refuse.
"""

import base64
import hashlib
import struct
from collections.abc import Callable
from typing import Final

HEAD_BYTES: Final = 16 * 1024
"""Of an answer's head; servers and gateways send less than 2 KiB."""

_MAGIC: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_CONTROL_BYTES: Final = 125
_SHORT, _MIDDLE, _LONG = 125, 126, 127


class ProtocolError(OSError):
    """The other side does not speak websockets as it should; the text says what it did."""


class Handshake:
    """The way from HTTP to websockets. `key`: 16 bytes of chance."""

    def __init__(self, host: str, path: str, *, key: bytes) -> None:
        self._key = base64.b64encode(key)
        self._head = b""
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {self._key.decode()}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: mqtt\r\n\r\n"
        ).encode()

    def feed(self, data: bytes) -> bytes | None:
        """None: more is needed; else what came after the answer. ProtocolError where we are not let in."""
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if len(head) > HEAD_BYTES:
            raise ProtocolError("the answer's head never ends")
        if not end:
            return None
        first, *lines = head.split(b"\r\n")
        if first.split(b" ")[1:2] != [b"101"]:
            raise ProtocolError(f"no websockets there: {first[:80].decode('ascii', 'replace')}")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        if fields.get(b"sec-websocket-accept") != base64.b64encode(hashlib.sha1(self._key + _MAGIC).digest()):
            raise ProtocolError("a wrong answer to our key")
        return rest


class Frames:
    """What is under way. `chance(n)`: n bytes to mask with. `replies`: frames to send, taken by the caller."""

    def __init__(self, chance: Callable[[int], bytes]) -> None:
        self._chance = chance
        self._waiting = bytearray()
        self._left = 0
        self.replies = bytearray()

    def wrap(self, data: bytes) -> bytes:
        """A frame with `data`."""
        return self._frame(0x2, data)

    def unwrap(self, data: bytes) -> bytes:
        """The content that came whole or in part; ConnectionError after a close."""
        self._waiting += data
        content = bytearray()
        while self._waiting:
            if self._left:
                piece = self._waiting[: self._left]
                del self._waiting[: len(piece)]
                self._left -= len(piece)
                content += piece
            elif not self._next():
                break
        return bytes(content)

    def _next(self) -> bool:
        """Begin the next frame; False where its head, or a control frame, is not whole."""
        waiting = self._waiting
        if len(waiting) < 2:
            return False
        kind, length, head = waiting[0] & 0x0F, waiting[1], 2
        if waiting[0] & 0x70 or length & 0x80 or kind in (_TEXT,):
            raise ProtocolError("a frame that is not for us")
        if length > _SHORT:
            head = 4 if length == _MIDDLE else 10
            if len(waiting) < head:
                return False
            length = struct.unpack("!H" if head == 4 else "!Q", waiting[2:head])[0]
        if kind < _CLOSE:
            del waiting[:head]
            self._left = length
            return True
        if length > _CONTROL_BYTES:
            raise ProtocolError("a control frame that is too long")
        if len(waiting) < head + length:
            return False
        content = bytes(waiting[head : head + length])
        del waiting[: head + length]
        if kind == _CLOSE:
            raise ConnectionResetError("the broker closed the websocket")
        if kind == _PING:
            del self.replies[:]  # a flood of pings is owed one answer, the last
            self.replies += self._frame(_PONG, content)
        return True

    def _frame(self, kind: int, data: bytes) -> bytes:
        length, mask = len(data), self._chance(4)
        head = bytes((0x80 | kind, 0x80 | (length if length <= _SHORT else _MIDDLE if length < 65536 else _LONG)))
        if length > _SHORT:
            head += struct.pack("!H" if length < 65536 else "!Q", length)
        pattern = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
        return head + mask + (int.from_bytes(data, "big") ^ pattern).to_bytes(length, "big")
