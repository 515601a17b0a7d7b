"""What servers say of themselves, friendly and hostile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.player.cache.heads import Span, begins_as_list, doubt, login, onward, span_of
from agent.sinks.http.download import Head


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (Head(200, 5, content_type="text/html; charset=utf-8"), "page"),
        (Head(200, 5, content_type="application/json"), "page"),
        (Head(200, 5, content_type="text/xml"), "page"),
        (Head(200, 5, content_type="application/vnd.apple.mpegURL"), "segments"),
        (Head(200, 5, content_type="audio/x-mpegurl"), "segments"),
        (Head(200, 5, content_type="application/dash+xml"), "segments"),
        (Head(200, 5, content_type="video/mp4", encoding="gzip"), "packs"),
        (Head(200, 0, content_type="video/mp4"), "nothing"),
        (Head(200, content_type="video/mp4"), "no length"),
    ],
)
def test_what_is_no_medium_is_told_and_why(head: Head, why: str) -> None:
    """An operator reads it in status, before the day on which the network is away."""
    assert why in (doubt(head, has_checksum=False) or "")


@pytest.mark.parametrize("kind", ["video/mp4", "VIDEO/WEBM", "", "application/octet-stream", "text/plain", "image/png"])
def test_media_are_taken_whatever_a_careless_server_calls_them(kind: str) -> None:
    """Old servers call every film text/plain."""
    assert doubt(Head(200, 5, content_type=kind), has_checksum=False) is None
    assert doubt(Head(200, chunked=True, content_type=kind, encoding="identity"), has_checksum=False) is None
    assert doubt(Head(200, content_type=kind), has_checksum=True) is None


def test_list_of_segments_is_known_by_its_first_bytes() -> None:
    """A copy of the list plays nothing without the network; and many servers call it text/plain."""
    assert begins_as_list(b"#EXTM3U\n#EXT-X-VERSION:3")
    assert begins_as_list(b"\xef\xbb\xbf#EXTM3U\n")
    assert not begins_as_list(b"\x00\x00\x00\x20ftypisom")


def test_span_is_read_and_nonsense_is_none() -> None:
    """Thousands of digits are an error of Python's, and end a process."""
    assert Span(8, 20) == span_of("bytes 8-19/20")
    assert Span(8, None) == span_of("bytes 8-19/*")
    for text in (None, "", "bytes */20", "bytes -5-9/20", "bytes " + "9" * 5000 + "-1/2", "bytes ²-3/4"):
        assert span_of(text) is None


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/b.mp4", "https://media.test/b.mp4"),
        ("https://cdn.test/b.mp4", "https://cdn.test/b.mp4"),
        ("http://cdn.test/b.mp4", None),
        ("file:///etc/passwd", None),
        ("ftp://cdn.test/b.mp4", None),
        ("https://[::1", None),
        ("//[bad]/b.mp4", None),
    ],
)
def test_redirect_leads_to_http_only_and_never_out_of_tls(location: str, leads_to: str | None) -> None:
    """Where the list names TLS, nobody on the way may take it off; and no server names a file of this machine."""
    assert leads_to == onward("https://media.test/a.mp4", location)


def test_user_and_password_of_an_address_are_sent_as_vlc_sends_them() -> None:
    """Else a medium that plays is never cached; and another host that a redirect leads to does not get them."""
    assert {"Authorization": "Basic dXNlcjpwQHNz"} == login("http://user:p%40ss@media.test/a.mp4")
    assert {"Authorization": "Basic dXNlcjo="} == login("http://user@media.test/a.mp4")
    assert {} == login("http://media.test/a.mp4")
    assert {} == login(onward("http://user:pass@media.test/a.mp4", "http://cdn.test/b.mp4") or "")


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_a_server_says_raises(one: str, other: str) -> None:
    """An exception in the cache's thread ends the agent, and the next one meets the same server."""
    doubt(Head(200, 1, content_type=one, encoding=other), has_checksum=False)
    span_of(one)
    for address in ("http://media.test/" + one, "http://" + one, one):
        onward(address, other)
        login(address)
