"""A file over a real connection, piece by piece."""

import time

from agent.kernel.verdict import Later
from agent.sinks.http.answer import Answer
from agent.sinks.http.download import Download, Head, Write
from tests.support.media_server import media_server
from tests.support.wires import PATIENT


def _download() -> Download:
    return Download(user_agent="test", monotonic=time.monotonic, timeouts=PATIENT)


def test_bytes_come_in_pieces_and_whole() -> None:
    """A film is larger than a small machine's memory."""
    pieces: list[bytes] = []
    heads: list[Head] = []

    def take(piece: bytes) -> bool:
        pieces.append(piece)
        return True

    def begin(head: Head) -> Write:
        heads.append(head)
        return take

    with media_server() as server:
        server.files["/a.mp4"] = bytes(1_000_000)
        answer = _download().fetch(server.url("/a.mp4"), {}, begin)
    assert isinstance(answer, Answer)
    assert (200, 1_000_000) == (answer.status, heads[0].length)
    assert bytes(1_000_000) == b"".join(pieces)
    assert len(pieces) > 10


def test_who_stops_gets_no_more() -> None:
    """What nobody wants any more does not use the line."""
    pieces: list[bytes] = []

    def take(piece: bytes) -> bool:
        pieces.append(piece)
        return False

    with media_server() as server:
        server.files["/a.mp4"] = bytes(1_000_000)
        _download().fetch(server.url("/a.mp4"), {}, lambda head: take)
    assert 1 == len(pieces)


def test_body_that_was_cut_short_is_no_answer() -> None:
    """Half a film must not pass for a whole one."""
    with media_server() as server:
        server.files["/a.mp4"], server.breaks_after = bytes(1_000_000), 1000
        assert isinstance(_download().fetch(server.url("/a.mp4"), {}, lambda head: lambda piece: True), Later)
