"""One medium from a real server into the cache: whole, or gone on with."""

import errno
import hashlib
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.player.cache.copies import Shelf, key_of
from agent.player.cache.fetching import Fetch, Fetched, Outcome, Wish
from agent.sinks.http.client import Timeouts
from agent.sinks.http.download import Download
from tests.support.media_server import MediaServer, media_server
from tests.support.raw_server import Behaviour, RawServer, read_request

FILM = random.Random(1).randbytes(1_000_000)


def download() -> Download:
    return Download(user_agent="test", monotonic=time.monotonic, timeouts=Timeouts(connect=60, read=60, total=120))


@pytest.fixture
def server() -> Iterator[MediaServer]:
    with media_server() as found:
        found.files["/a.mp4"] = FILM
        yield found


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "cache", max_bytes=10_000_000, reserve=0)


def fetch(shelf: Shelf, uri: str, sha256: str | None = None, *, room: Callable[[int], bool] | None = None) -> Fetched:
    has_room = room if room is not None else lambda need: shelf.room(need, wanted=(), kept=())
    return Fetch(Wish(uri, sha256), shelf, has_room, lambda: True).run(download)


def content(shelf: Shelf, uri: str) -> bytes | None:
    copy = shelf.copies.get(key_of(uri))
    return None if copy is None else shelf.path(copy).read_bytes()


def test_medium_is_fetched_and_asked_for_anew_by_what_the_server_knows(server: MediaServer, shelf: Shelf) -> None:
    """Once over the line, then a question of some bytes an hour."""
    uri = server.url("/a.mp4")
    assert Fetched(Outcome.FETCHED, size=len(FILM)) == fetch(shelf, uri)
    assert Outcome.SAME is fetch(shelf, uri).outcome
    assert FILM == content(shelf, uri)
    server.files["/a.mp4"] = b"another film"
    assert Outcome.FETCHED is fetch(shelf, uri).outcome
    assert b"another film" == content(shelf, uri)


def test_download_that_broke_off_is_gone_on_with(server: MediaServer, shelf: Shelf) -> None:
    """A line over the telephone never brings a film at once."""
    uri = server.url("/a.mp4")
    server.breaks_after = 400_000
    assert Outcome.BROKEN_OFF is fetch(shelf, uri).outcome
    assert content(shelf, uri) is None
    assert Outcome.BROKEN_OFF is fetch(shelf, uri).outcome
    assert Outcome.FETCHED is fetch(shelf, uri).outcome
    assert [None, True, True] == [each if each is None else each.startswith("bytes=") for each in server.ranges()]
    assert FILM == content(shelf, uri)


def test_server_that_is_not_there_is_told_as_that(server: MediaServer, shelf: Shelf) -> None:
    """Nothing has broken off where nothing came: whoever looks for a bad line would look in the wrong place."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: it refuses
        server.redirects["/there"] = gone = f"http://127.0.0.1:{nobody.getsockname()[1]}/a.mp4"
        assert Fetched(Outcome.NOT_REACHED, "127.0.0.1: Connection refused") == fetch(shelf, gone)
        assert Outcome.NOT_REACHED is fetch(shelf, server.url("/there")).outcome


def test_medium_that_changed_in_mid_download_is_begun_anew(server: MediaServer, shelf: Shelf) -> None:
    """Half of one film and half of another are none."""
    uri = server.url("/a.mp4")
    server.breaks_after = 400_000
    fetch(shelf, uri)
    server.breaks_after, server.files["/a.mp4"] = None, FILM[::-1]
    assert Outcome.FETCHED is fetch(shelf, uri).outcome
    assert FILM[::-1] == content(shelf, uri)


def test_what_was_not_synced_is_fetched_again(server: MediaServer, shelf: Shelf) -> None:
    """After a power cut the end of a file may be anything; only what is known to be on the disk counts."""
    uri = server.url("/a.mp4")
    server.breaks_after = 400_000
    fetch(shelf, uri)
    with shelf.part(key_of(uri)).open("ab") as file:
        file.write(bytes(5000))
    server.breaks_after = None
    assert Outcome.FETCHED is fetch(shelf, uri).outcome
    assert FILM == content(shelf, uri)


def test_wrong_checksum_is_not_taken_and_the_old_copy_stays(server: MediaServer, shelf: Shelf) -> None:
    """The list says what is to be shown; a server that was changed by somebody else is not believed."""
    uri, right = server.url("/a.mp4"), hashlib.sha256(FILM).hexdigest()
    assert Outcome.FETCHED is fetch(shelf, uri, right).outcome
    server.files["/a.mp4"] = b"not what you ordered"
    assert Outcome.OTHER_CONTENT is fetch(shelf, uri, right).outcome
    assert FILM == content(shelf, uri)
    assert not shelf.part(key_of(uri)).exists()


def test_redirects_are_followed_a_few_times(server: MediaServer, shelf: Shelf) -> None:
    """Content delivery networks send everybody elsewhere; a circle ends."""
    server.redirects |= {"/here": "/there", "/there": server.url("/a.mp4"), "/circle": "/circle", "/out": "file:///etc"}
    assert Outcome.FETCHED is fetch(shelf, server.url("/here")).outcome
    assert FILM == content(shelf, server.url("/here"))
    assert Outcome.REFUSED is fetch(shelf, server.url("/circle")).outcome
    assert Outcome.REFUSED is fetch(shelf, server.url("/out")).outcome


@pytest.mark.parametrize("status", [403, 404, 500])
def test_refusal_of_the_server_leaves_nothing(server: MediaServer, shelf: Shelf, status: int) -> None:
    """An error page is no film."""
    server.status = status
    found = fetch(shelf, server.url("/a.mp4"))
    assert (Outcome.REFUSED, True) == (found.outcome, str(status) in found.said)
    assert [] == list(shelf.folder.iterdir())


def test_login_page_of_a_hotel_is_no_film(server: MediaServer, shelf: Shelf) -> None:
    """It comes with 200, for whatever is asked."""
    server.html = True
    assert Outcome.REFUSED is fetch(shelf, server.url("/a.mp4")).outcome
    assert [] == list(shelf.folder.iterdir())


def test_medium_without_a_length_is_taken_with_a_checksum_only(server: MediaServer, shelf: Shelf) -> None:
    """Otherwise nobody knows whether the line ended or the film."""
    server.lengthless = True
    uri = server.url("/a.mp4")
    assert Outcome.REFUSED is fetch(shelf, uri).outcome
    assert Outcome.FETCHED is fetch(shelf, uri, hashlib.sha256(FILM).hexdigest()).outcome


def test_medium_for_which_there_is_no_room_is_not_begun(server: MediaServer, shelf: Shelf) -> None:
    """Never more than the bound, not even while it comes."""
    shelf.max_bytes = len(FILM) - 1
    assert Outcome.NO_ROOM is fetch(shelf, server.url("/a.mp4")).outcome
    assert [] == list(shelf.folder.iterdir())


def test_full_disk_is_an_answer_and_gives_back_what_it_took(
    server: MediaServer, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may fill up beside us; the queue needs what we would leave there."""

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert Outcome.DISK is fetch(shelf, server.url("/a.mp4")).outcome
    assert Outcome.FETCHED is fetch(shelf, server.url("/a.mp4")).outcome


def said(head: str, body: bytes = b"") -> Behaviour:
    """A server that says this and hangs up, whatever is asked."""

    def behave(connection: socket.socket) -> None:
        if read_request(connection):
            connection.sendall(head.replace("\n", "\r\n").encode("latin-1") + body)

    return behave


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("HTTP/1.1 302 Found\nLocation: http://[::1\n\n", b""),
        ("HTTP/1.1 302 Found\nLocation: //[bad]/x\n\n", b""),
        ("HTTP/1.1 302 Found\nLocation: http://127.0.0.1:99999/\n\n", b""),
        ("HTTP/1.1 302 Found\nLocation: http://h\xe4\xff.test/\n\n", b""),
        ("HTTP/1.1 200 OK\nContent-Length: " + "9" * 5000 + "\n\n", b"x"),
        ("HTTP/1.1 200 OK\nContent-Length: -1\n\n", b"x"),
        ("HTTP/1.1 200 OK\nContent-Length: 1\nContent-Length: 2\n\n", b"xy"),
        ("HTTP/1.1 206 Partial\nContent-Length: 1\nContent-Range: bytes " + "9" * 5000 + "-1/2\n\n", b"x"),
        ("HTTP/1.1 206 Partial\nContent-Length: 1\nContent-Range: bytes 0-0/1\n\n", b"x"),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", b"zz\r\nx\r\n0\r\n\r\n"),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", b"5\r\nhello\r\n"),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", b"-5\r\nhello\r\n"),
        ("HTTP/1.1 200 OK\nContent-Length: 20\n\n", b"half of it"),
        ("HTTP/1.1 200 OK\nContent-Length: 0\n\n", b""),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", b"0\r\n\r\n"),
        ("HTTP/1.1 200 OK\nContent-Length: 9\nContent-Encoding: gzip\n\n", b"x" * 9),
        ("HTTP/1.1 200 OK\nContent-Length: 9\nContent-Type: text/plain\n\n", b"#EXTM3U\nx"),
        ("HTTP/1.1 304 Not Modified\n\n", b""),
        ("HTTP/1.1 200 OK\n" + "a: b\n" * 200 + "\n", b"x"),
        ("\x00\xff" * 500, b""),
        ("", b""),
    ],
)
def test_hostile_answer_is_no_medium_and_no_end_of_the_agent(shelf: Shelf, head: str, body: bytes) -> None:
    """Where the list names a host, that host answers what it likes."""
    with RawServer(said(head, body)) as server:
        found = fetch(shelf, server.url)
    assert found.outcome in (Outcome.REFUSED, Outcome.BROKEN_OFF, Outcome.NOT_REACHED)
    assert found.outcome is not Outcome.NOT_REACHED or "Location" in head
    assert {} == shelf.copies


def test_server_that_sends_less_than_was_asked_for_is_asked_for_the_rest(shelf: Shelf) -> None:
    """Some caches on the way answer a range in pieces; the first of them must not pass for the end of the film."""
    asked: list[str] = []

    def in_pieces(connection: socket.socket) -> None:
        request = read_request(connection).decode("latin-1")
        if not request:
            return
        asked.append(next((line for line in request.split("\r\n") if line.startswith("Range")), ""))
        if not asked[-1]:
            body, head = FILM[:1000], f"200 OK\r\nContent-Length: {len(FILM)}"
        else:
            first = int(asked[-1].removeprefix("Range: bytes=").rstrip("-"))
            body = FILM[first : first + 600_000]
            span = f"bytes {first}-{first + len(body) - 1}/{len(FILM)}"
            head = f"206 Partial\r\nContent-Length: {len(body)}\r\nContent-Range: {span}"
        connection.sendall(f'HTTP/1.1 {head}\r\nETag: "1"\r\nConnection: close\r\n\r\n'.encode() + body)

    with RawServer(in_pieces) as server:
        outcomes = [fetch(shelf, server.url).outcome for _ in range(3)]
        assert [Outcome.BROKEN_OFF, Outcome.BROKEN_OFF, Outcome.FETCHED] == outcomes
        assert FILM == content(shelf, server.url)
    assert ["", "Range: bytes=1000-", "Range: bytes=601000-"] == asked


def test_part_of_a_medium_whose_length_the_server_hides_is_not_gone_on_with(shelf: Shelf) -> None:
    """It may be the last part or any: a film that is cut short would be played so until the server has another one."""
    asked: list[bool] = []

    def in_pieces(connection: socket.socket) -> None:
        request = read_request(connection).decode("latin-1")
        if not request:
            return
        asked.append("Range: bytes=1000-" in request)
        body, head = FILM[:1000], f"200 OK\r\nContent-Length: {len(FILM)}"
        if asked[-1]:
            body, head = FILM[1000:2000], "206 Partial\r\nContent-Length: 1000\r\nContent-Range: bytes 1000-1999/*"
        connection.sendall(f'HTTP/1.1 {head}\r\nETag: "1"\r\nConnection: close\r\n\r\n'.encode() + body)

    with RawServer(in_pieces) as server:
        outcomes = [fetch(shelf, server.url).outcome for _ in range(3)]
    assert [Outcome.BROKEN_OFF, Outcome.REFUSED, Outcome.BROKEN_OFF] == outcomes
    assert [False, True, False] == asked
    assert {} == shelf.copies


def test_user_of_the_address_is_sent_to_its_own_host_only(server: MediaServer, shelf: Shelf) -> None:
    """VLC sends it; and where the first host sends us is another's business."""
    server.redirects["/here"] = server.url("/a.mp4")
    uri = server.url("/here").replace("://", "://user:pass@")
    assert Outcome.FETCHED is fetch(shelf, uri).outcome
    assert ["Basic dXNlcjpwYXNz", None] == [headers.get("authorization") for _, headers in server.requests]


def test_address_that_climbs_out_of_the_folder_has_a_name_like_any_other(
    server: MediaServer, shelf: Shelf, tmp_path: Path
) -> None:
    """What a broker's document names is data."""
    paths = ["/..%2F..%2Fetc%2Fa.mp4", "/x/....//....//a.mp4;x=..%2Fb", "/a.mp4?../../../c.mkv", "/a%00.mp4"]
    for path in paths:
        server.files[path] = path.encode()
        assert Outcome.FETCHED is fetch(shelf, server.url(path)).outcome
        assert path.encode() == content(shelf, server.url(path))
    assert 2 * len(paths) == len(list(shelf.folder.iterdir()))
    assert [shelf.folder] == list(tmp_path.iterdir())


FULL_DISK = """
import pathlib, sys, tests.player.cache.test_fetching as here
shelf = here.Shelf(pathlib.Path(sys.argv[1]), max_bytes=10_000_000, reserve=0)
found = here.fetch(shelf, sys.argv[2], room=lambda need: True)
print(found.outcome.name, found.said, [path.name for path in shelf.folder.iterdir()], sep="|")
"""


def test_disk_that_is_really_full_is_an_answer(server: MediaServer, tmp_path: Path) -> None:
    """The kernel's own word, from a file system of half the film's size that somebody else filled meanwhile."""
    unshare = shutil.which("unshare")
    mount = 'mount -t tmpfs -o size=512k none "$0" && exec "$@"'
    inside = [str(unshare), "--mount", "sh", "-c", mount, str(tmp_path)]
    if os.geteuid() != 0 or unshare is None or subprocess.run([*inside, "true"], capture_output=True).returncode:
        pytest.skip("only root can mount a small file system")
    command = [*inside, sys.executable, "-c", FULL_DISK, str(tmp_path), server.url("/a.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=Path(__file__).parents[3])
    assert "DISK|No space left on device|[]" == done.stdout.strip(), done.stderr
