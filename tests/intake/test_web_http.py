"""HTTP as the listener for browsers reads and writes it: strict, bounded, never surprised."""

import http.client
import io
import json
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.intake.web_http import (
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    Head,
    Response,
    body_length,
    encoded,
    read_head,
    refusal,
)

HEAD = b"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:8337\r\nContent-Length:  2 \r\n\r\n"


def head(**headers: str) -> Head:
    return Head("POST", "/v1/events", {name.replace("_", "-"): value for name, value in headers.items()}, 0)


def status(found: object) -> HTTPStatus:
    assert isinstance(found, Response)
    return found.status


def test_head_is_read_and_its_size_says_where_the_body_begins() -> None:
    """The usual case."""
    found = read_head(HEAD + b"{}")
    assert Head("POST", "/v1/events", {"host": "127.0.0.1:8337", "content-length": "2"}, len(HEAD)) == found
    assert isinstance(found, Head)
    assert 2 == body_length(found)


@pytest.mark.parametrize("end", range(len(HEAD)))
def test_head_that_is_not_all_there_is_waited_for(end: int) -> None:
    """A request may come in pieces of any size."""
    assert read_head(HEAD[:end]) is None


@pytest.mark.parametrize(
    "said",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"get / HTTP/1.1\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"GET http://127.0.0.1:8337/ HTTP/1.1\x00\r\n\r\n",
        b"GET /a b HTTP/1.1\r\n\r\n",
        b"GET /\xe4 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n: nameless\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused(said: bytes) -> None:
    """Being lenient here is how one request hides in another."""
    assert HTTPStatus.BAD_REQUEST == status(read_head(said))


@pytest.mark.parametrize("said", [b"PRI * HTTP/2.0\r\n\r\n", b"GET http://kiosk/ HTTP/1.1\r\n\r\n"])
def test_other_versions_and_proxy_requests_are_told_what_is_spoken(said: bytes) -> None:
    """A client that is set up wrongly reads why."""
    assert HTTPStatus.HTTP_VERSION_NOT_SUPPORTED == status(read_head(said))


def test_head_without_an_end_is_refused_at_its_bound() -> None:
    """Memory is bounded, whatever is sent."""
    assert read_head(b"GET / HTTP/1.1\r\nX: " + b"a" * (MAX_HEAD_BYTES - 100)) is None
    assert HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE == status(read_head(b"a" * MAX_HEAD_BYTES))
    late = b"GET / HTTP/1.1\r\nX: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n"
    assert HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE == status(read_head(late))


def test_header_given_twice_is_joined_so_that_it_matches_nothing() -> None:
    """Two tokens, two origins, two lengths: whichever one took, somebody else would take the other."""
    found = read_head(b"POST / HTTP/1.1\r\nContent-Length: 2\r\ncontent-length: 2\r\nOrigin: a\r\nOrigin: b\r\n\r\n")
    assert isinstance(found, Head)
    assert "a, b" == found.headers["origin"]
    assert HTTPStatus.BAD_REQUEST == status(body_length(found))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, HTTPStatus.LENGTH_REQUIRED),
        ({"content_length": "-1"}, HTTPStatus.BAD_REQUEST),
        ({"content_length": "+1"}, HTTPStatus.BAD_REQUEST),
        ({"content_length": "1_0"}, HTTPStatus.BAD_REQUEST),
        ({"content_length": "²"}, HTTPStatus.BAD_REQUEST),
        ({"content_length": ""}, HTTPStatus.BAD_REQUEST),
        ({"content_length": "9" * 100}, HTTPStatus.BAD_REQUEST),
        ({"content_length": str(MAX_BODY_BYTES + 1)}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ({"content_length": "2", "transfer_encoding": "chunked"}, HTTPStatus.NOT_IMPLEMENTED),
    ],
)
def test_length_that_cannot_be_trusted_is_refused(headers: dict[str, str], expected: HTTPStatus) -> None:
    """The body is read before anything of it is understood, so its length is the bound."""
    assert expected == status(body_length(head(**headers)))


def test_longest_body_is_taken_and_a_get_needs_none() -> None:
    """The bound itself is still allowed."""
    assert MAX_BODY_BYTES == body_length(head(content_length=str(MAX_BODY_BYTES)))
    assert 0 == body_length(Head("GET", "/v1/health", {}, 0))


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"GET / HTTP/1.1\r\n" + rest + b"\r\n\r\n"))
def test_no_bytes_make_it_raise(said: bytes) -> None:
    """Any process of the kiosk can connect."""
    found = read_head(said)
    if isinstance(found, Head):
        body_length(found)
    assert found is None or isinstance(found, Head | Response)


class _Bytes:
    """What the standard library's client reads an answer from."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._said)


def client_reads(said: bytes) -> http.client.HTTPResponse:
    """The answer as the standard library's client understands it."""
    source: Any = _Bytes(said)
    answer = http.client.HTTPResponse(source)
    answer.begin()
    return answer


def test_answer_is_http_that_another_program_reads() -> None:
    """Judged by a parser that is not ours."""
    answer = client_reads(encoded(refusal(HTTPStatus.TOO_MANY_REQUESTS, "throttled", "späť ☃", ("Retry-After", "3"))))
    assert (429, "3", "Origin", "no-store") == (
        answer.status,
        *(answer.headers[name] for name in ("Retry-After", "Vary", "Cache-Control")),
    )
    assert {"error": {"reason": "throttled", "text": "späť ☃"}} == json.loads(answer.read())


def test_answer_without_a_body_says_no_length() -> None:
    """RFC 9110, section 8.6."""
    answer = client_reads(encoded(Response(HTTPStatus.NO_CONTENT)))
    assert (204, None, b"") == (answer.status, answer.headers["Content-Length"], answer.read())
