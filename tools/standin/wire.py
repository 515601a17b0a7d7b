"""HTTP/1.1 on a socket, no more of it than a server of small answers needs, and fast.

Contract: `Reader.request()` gives the next request of a connection, None at its end, or raises `BadRequest`;
`Answer.encode` gives the bytes of an answer.

Why not http.server: it parses headers with the e-mail package, which costs more than everything else this server
does; and faults need the bare socket (half an answer, a reset). The benchmark's peer must not be its bottleneck.
"""

import http
import socket
from dataclasses import dataclass
from email.utils import formatdate

_HEAD_MAX_BYTES = 64 * 1024
_BODY_MAX_BYTES = 32 * 1024 * 1024  # PHP's post_max_size is set higher than its default of 8 MB on a Kaltura server
_READ_BYTES = 64 * 1024
_PHRASES = {status.value: status.phrase for status in http.HTTPStatus}


class BadRequest(Exception):  # noqa: N818 - HTTP's own name for it
    """What came is not a request that this server reads."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came. Header names are in small letters; of repeated ones the last stands."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    received: float

    def wants_close(self) -> bool:
        """Whether the client asked for the connection to be closed after the answer."""
        return self.headers.get("connection", "").lower() == "close"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    def encode(self, now: float, *, close: bool = False, head_only: bool = False) -> tuple[bytes, bytes]:
        """Head and body as bytes; the Date header is `now`, by which clients set their clocks."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        head = (
            f"HTTP/1.1 {self.status} {_PHRASES.get(self.status, '-')}\r\n"
            f"Date: {formatdate(now, usegmt=True)}\r\n"
            f"Content-Type: {self.content_type}\r\n"
            f"Content-Length: {len(self.body)}\r\n"
            f"Connection: {'close' if close else 'keep-alive'}\r\n{lines}\r\n"
        )
        return head.encode("latin-1", "replace"), b"" if head_only else self.body


class Reader:
    """Reads the requests of one connection, one after another."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def request(self, now: float = 0.0) -> Request | None:
        """The next request, stamped `now`; None when the client is gone. Raises BadRequest, OSError."""
        head = self._until(b"\r\n\r\n", _HEAD_MAX_BYTES)
        if head is None:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise BadRequest(400)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if words[2] == "HTTP/1.0":
            headers.setdefault("connection", "close")
        if headers.get("expect", "").lower() == "100-continue":
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunks()
        else:
            length = headers.get("content-length", "0")
            if not length.isascii() or not length.isdigit():
                raise BadRequest(400)
            body = self._exactly(int(length))
        return None if body is None else Request(words[0], words[1], headers, body, now)

    def discard(self) -> None:
        """Read and forget until the client is gone."""
        while self._more():
            self._buffer.clear()

    def _chunks(self) -> bytes | None:
        body = bytearray()
        while (line := self._until(b"\r\n", _HEAD_MAX_BYTES)) is not None:
            try:
                size = int(line.partition(b";")[0], 16)
            except ValueError:
                raise BadRequest(400) from None
            if size == 0:
                while line:  # trailers, up to the empty line
                    line = self._until(b"\r\n", _HEAD_MAX_BYTES)
                return None if line is None else bytes(body)
            chunk = self._exactly(size, already=len(body))
            if chunk is None or self._exactly(2) is None:
                return None
            body += chunk
        return None

    def _until(self, mark: bytes, limit: int) -> bytes | None:
        while (end := self._buffer.find(mark)) < 0:
            if len(self._buffer) > limit:
                raise BadRequest(431)
            if not self._more():
                return None
        taken = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        return taken

    def _exactly(self, size: int, already: int = 0) -> bytes | None:
        if size < 0 or size + already > _BODY_MAX_BYTES:
            raise BadRequest(413)
        while len(self._buffer) < size:
            if not self._more():
                return None
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _more(self) -> bool:
        data = self._connection.recv(_READ_BYTES)
        self._buffer += data
        return bool(data)
