"""As much of HTTP/1.1 as a page's `fetch` needs: from bytes to a request's head, from an answer to bytes.

Contract: pure. `read_head` answers the head, a `Response` that refuses, or None while more is to come; `body_length`
says how many bytes follow it; `encoded` writes an answer. Nothing here raises, whatever it is given.
Rules: one request a connection, so that no idle connection of a browser holds a place and nothing can hide behind a
request's end. What the standard lets a server be lenient about is refused: a line end without its CR, a folded line, a
chunked body. A header given twice is joined with a comma, which makes no origin, no token and no length: it fails shut.
Reasons: RFC 9112 (sections 2.2, 3, 5, 6), RFC 9110. The standard library's parser takes 6 MiB of headers a connection
and gives each read a time of its own, so that a client that drips holds its thread for ever.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

# A browser's head is about 1 KiB; a proxy's or an old cookie may add some.
MAX_HEAD_BYTES = 16 * 1024
# The Fetch standard's own bound for what a browser still sends when its page is gone; a list of a hundred common events
# is about 20 KiB.
MAX_BODY_BYTES = 64 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_END = b"\r\n\r\n"
_REQUEST = re.compile(r"([A-Z]{1,20}) (/[!-~]*) HTTP/1\.[01]")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ \t\x21-\x7e\x80-\xff]*)")
_OTHER_VERSION = re.compile(r"[A-Z]{1,20} [!-~]+ HTTP/[0-9.]+")
_ALWAYS = (
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("Vary", "Origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Connection", "close"),
)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a request's body. `headers`: names in lower case. `size`: its bytes, its end included."""

    method: str
    path: str
    headers: Mapping[str, str]
    size: int


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: `body` is what JSON can say, None for no body at all."""

    status: HTTPStatus
    body: Any = None
    headers: tuple[tuple[str, str], ...] = field(default=())


def refusal(status: HTTPStatus, reason: str, text: str, *headers: tuple[str, str]) -> Response:
    """An answer in the form of the socket's errors."""
    return Response(status, {"error": {"reason": reason, "text": text}}, headers)


def read_head(said: bytes | bytearray) -> Head | Response | None:
    """The head at the beginning of `said`; None while its end is still to come."""
    end = said.find(_END, 0, MAX_HEAD_BYTES)
    if end < 0:
        if len(said) < MAX_HEAD_BYTES:
            return None
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        return refusal(status, "oversized", f"the request's head is longer than {MAX_HEAD_BYTES} bytes")
    first, *lines = said[:end].decode("latin-1").split("\r\n")
    request = _REQUEST.fullmatch(first)
    if request is None:
        if _OTHER_VERSION.fullmatch(first):
            return refusal(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "malformed", "only HTTP/1.1 to a path is spoken here")
        return _malformed("the request's first line is not HTTP/1.1")
    headers: dict[str, str] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            return _malformed("a header line is not HTTP/1.1")
        name, value = header[1].lower(), header[2].rstrip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Head(request[1], request[2], headers, end + len(_END))


def body_length(head: Head) -> int | Response:
    """How many bytes of body follow `head`."""
    if "transfer-encoding" in head.headers:
        return refusal(HTTPStatus.NOT_IMPLEMENTED, "malformed", "send the body with Content-Length, not in chunks")
    length = head.headers.get("content-length")
    if length is None:
        if head.method == "POST":
            return refusal(HTTPStatus.LENGTH_REQUIRED, "malformed", "send Content-Length")
        return 0
    if re.fullmatch("[0-9]{1,18}", length) is None:
        return _malformed("Content-Length is not a number of bytes")
    if int(length) > MAX_BODY_BYTES:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return refusal(
            status, "oversized", f"the body is longer than {MAX_BODY_BYTES} bytes; send fewer events at once"
        )
    return int(length)


def encoded(response: Response) -> bytes:
    """The bytes of an answer. Its text is ASCII, so that nothing in it can be unsayable."""
    body = b"" if response.body is None else json.dumps(response.body).encode("ascii") + b"\n"
    status = response.status
    # 204 has no body and, says RFC 9110 section 8.6, no length.
    length = () if status is HTTPStatus.NO_CONTENT else (("Content-Length", str(len(body))),)
    headers = "".join(f"{name}: {value}\r\n" for name, value in (*_ALWAYS, *response.headers, *length))
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{headers}\r\n".encode("latin-1") + body


def _malformed(text: str) -> Response:
    return refusal(HTTPStatus.BAD_REQUEST, "malformed", text)
