"""The bytes' way to the broker: what paho is given for a socket.

Contract: `recv`, `send`, `fileno`, `close` and `setblocking`, as paho calls them; BlockingIOError where nothing is
there. `is_dry` says whether the last look found nothing more, so that nobody waits on a descriptor while decrypted or
unwrapped bytes lie here. `trouble` is the first error, for whoever names it.
Rules: `send` takes everything, and `flush` sends what the network takes: paho loses a packet that a websocket takes in
part. What waits is bounded by whoever publishes. A packet above `PACKET_BYTES` ends the connection: paho would gather
up to 256 MiB of it, and asks for the whole rest of a packet at once, so its size is seen here.
"""

import socket
import ssl
from typing import Final

from agent.remote.failures import said
from agent.remote.websocket import Frames

PACKET_BYTES: Final = 512 * 1024
"""Twice the largest document: one that is too large is refused by name, where the broker lets it through."""

_CHUNK_BYTES: Final = 16 * 1024


class OversizeError(ConnectionError):
    """The broker sends more than anything of ours can be."""


class Transport:
    """A connected socket; `early`: what came with the answer to the websocket's handshake."""

    def __init__(self, connected: socket.socket, *, frames: Frames | None = None, early: bytes = b"") -> None:
        self._socket = connected
        self._frames = frames
        self._in = bytearray() if frames is None else bytearray(frames.unwrap(early))
        self._out = bytearray()
        self.is_dry = False
        self.trouble: OSError | None = None
        self.received = 0

    @property
    def waiting_bytes(self) -> int:
        """What is still to be sent."""
        return len(self._out)

    @property
    def certificate_ends(self) -> float | None:
        """Until when (epoch s) the broker's certificate is good; None without one."""
        certificate = self._socket.getpeercert() if isinstance(self._socket, ssl.SSLSocket) else None
        return None if not certificate else float(ssl.cert_time_to_seconds(str(certificate["notAfter"])))

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; b"" when the other side has closed."""
        try:
            if size > PACKET_BYTES:
                raise OversizeError(f"the broker sends a packet of more than {PACKET_BYTES // 1024} KiB")
            while not self._in:
                data = self._socket.recv(_CHUNK_BYTES)
                self.received += len(data)
                if not data:
                    self.is_dry = True
                    return b""
                self._in += data if self._frames is None else self._unwrapped(self._frames, data)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            self.is_dry = True
            raise BlockingIOError from error
        except OSError as error:
            self.is_dry = True
            raise self._noted(error) from None
        self.is_dry = False
        data = bytes(self._in[:size])
        del self._in[:size]
        return data

    def send(self, data: bytes | bytearray) -> int:
        """Take all of it, and send what goes."""
        self._out += data if self._frames is None else self._frames.wrap(bytes(data))
        self.flush()
        return len(data)

    def flush(self) -> None:
        """Send what the network takes."""
        try:
            while self._out:
                del self._out[: self._socket.send(self._out)]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            raise self._noted(error) from None

    def fileno(self) -> int:
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        self._socket.setblocking(flag)

    def close(self) -> None:
        self._socket.close()

    def _unwrapped(self, frames: Frames, data: bytes) -> bytes:
        content = frames.unwrap(data)
        if frames.replies:
            if len(self._out) < PACKET_BYTES:  # who pings and never reads is owed nothing
                self._out += frames.replies
            frames.replies.clear()
            self.flush()
        return content

    def _noted(self, error: OSError) -> OSError:
        if self.trouble is None:
            self.trouble = error
        return error if isinstance(error, ConnectionError) else ConnectionError(said(error))
