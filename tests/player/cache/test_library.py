"""What the list wants is fetched, kept, and found by the player; with a real server, step by step."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent.player.cache import library
from agent.player.cache.copies import Shelf, key_of
from agent.player.cache.fetching import Wish
from agent.player.cache.library import FETCH_AGAIN_S, LOOK_AGAIN_S, Library
from tests.player.cache.test_fetching import FILM, download
from tests.support.media_server import MediaServer, media_server

ROOM = 10_000_000


class Kept:
    """A library whose time is a number."""

    def __init__(self, folder: Path, max_bytes: int = ROOM) -> None:
        self.at = 1000.0
        self.shelf = Shelf(folder / "cache", max_bytes=max_bytes, reserve=0)
        self.library = Library(self.shelf, wire=download, now=lambda: self.at, wall=lambda: self.at)

    def want(self, *uris: str, sha256: str | None = None, max_bytes: int = ROOM) -> None:
        self.library.want([Wish(uri, sha256) for uri in uris], max_bytes=max_bytes)

    def work(self) -> float:
        """All that is due now; for how long there is nothing then."""
        for _ in range(50):
            waits = self.library.step(self.at)
            if waits > 0:
                return waits
        raise AssertionError("it never rests")

    @property
    def status(self) -> dict[str, Any]:
        return self.library.status()


@pytest.fixture
def server() -> Iterator[MediaServer]:
    with media_server() as found:
        found.files |= {"/a.mp4": FILM, "/b.mp4": FILM[::-1], "/c.mp4": FILM[:1000]}
        yield found


def test_medium_is_played_from_its_address_until_its_copy_is_whole(server: MediaServer, tmp_path: Path) -> None:
    """The first day a kiosk has nothing; and what it has, it plays without the network."""
    kept, uri = Kept(tmp_path), server.url("/a.mp4")
    kept.want(uri)
    assert uri == kept.library.nearest(uri)
    assert LOOK_AGAIN_S == kept.work()
    assert kept.library.nearest(uri).startswith("file:///")
    assert (1, 1, len(FILM), None) == tuple(kept.status[name] for name in ("wanted", "cached", "bytes", "last_error"))
    again = Kept(tmp_path)
    assert uri == again.library.nearest(uri), "nobody wants it yet"
    again.want(uri)
    assert again.library.nearest(uri).startswith("file:///")


def test_copy_is_asked_for_anew_each_hour_and_played_meanwhile(server: MediaServer, tmp_path: Path) -> None:
    """A film may be another one under the same address; and the server may be away when it is asked."""
    kept, uri = Kept(tmp_path), server.url("/a.mp4")
    kept.want(uri)
    kept.work()
    kept.at += LOOK_AGAIN_S
    server.status = 503
    kept.work()
    before = kept.library.nearest(uri)
    assert before.startswith("file:///")
    assert "503" in kept.status["last_error"]
    server.status, server.files["/a.mp4"] = 0, b"newer"
    kept.at += LOOK_AGAIN_S
    kept.work()
    assert kept.library.nearest(uri) not in (before, uri)


def test_copy_with_a_checksum_is_never_asked_for_again(server: MediaServer, tmp_path: Path) -> None:
    """It cannot become more right."""
    kept, uri = Kept(tmp_path), server.url("/a.mp4")
    kept.want(uri, sha256=hashlib.sha256(FILM).hexdigest())
    kept.work()
    asked = len(server.requests)
    kept.at += 10 * LOOK_AGAIN_S
    kept.work()
    assert asked == len(server.requests)


def test_other_checksum_in_the_list_makes_the_copy_none(server: MediaServer, tmp_path: Path) -> None:
    """The list was changed: what is to be seen is another film, and the old one is not shown in its place."""
    kept, uri = Kept(tmp_path), server.url("/a.mp4")
    kept.want(uri)
    kept.work()
    kept.want(uri, sha256="0" * 64)
    assert uri == kept.library.nearest(uri)
    kept.work()
    assert "sha256" in kept.status["last_error"]


def test_failures_are_tried_again_more_and_more_seldom(server: MediaServer, tmp_path: Path) -> None:
    """A server that is away for a week must not be asked each second by a thousand kiosks."""
    kept, uri = Kept(tmp_path), server.url("/a.mp4")
    server.status = 500
    kept.want(uri)
    waits = []
    for _ in range(12):
        waits.append(kept.work())
        kept.at += waits[-1]
    assert [1.0, 4.0] == waits[:2]
    assert all(15.0 <= wait <= 900.0 for wait in waits[2:])
    server.status = 0
    kept.work()
    assert 1 == kept.status["cached"]


def test_failure_is_not_counted_before_its_reason_is_there(
    server: MediaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks at the status between the two reads of a failure without a reason."""
    server.status = 503
    kept, seen = Kept(tmp_path), []

    def look(event: str, **said: object) -> None:
        seen.append((kept.status["counters"], event, said))

    monkeypatch.setattr(library.log, "warning", look)
    kept.want(server.url("/a.mp4"))
    kept.work()
    ((counters, _, _),) = seen
    assert not any(counters.values())
    assert "503" in kept.status["last_error"]


def test_list_that_is_larger_than_the_bound_is_not_fetched_in_a_circle(server: MediaServer, tmp_path: Path) -> None:
    """Two films of which one fits: one is kept, the other one played from its address, and the line is left alone."""
    bound = len(FILM) + 5000
    kept = Kept(tmp_path, bound)
    kept.want(server.url("/a.mp4"), server.url("/b.mp4"), server.url("/c.mp4"), max_bytes=bound)
    for _ in range(20):
        kept.at += kept.work()
        assert kept.shelf.size <= bound
    assert 2 == kept.status["cached"]
    assert 1 == sum(path == "/a.mp4" and "if-none-match" not in headers for path, headers in server.requests)
    assert "no room" in kept.status["last_error"]


def test_what_the_list_no_longer_wants_makes_room(server: MediaServer, tmp_path: Path) -> None:
    """Not at once: a list may come back tomorrow."""
    bound = len(FILM) + 5000
    kept = Kept(tmp_path, bound)
    kept.want(server.url("/a.mp4"), max_bytes=bound)
    kept.work()
    kept.want(server.url("/c.mp4"), max_bytes=bound)
    kept.work()
    assert len(FILM) + 1000 == kept.shelf.size
    kept.want(server.url("/b.mp4"), max_bytes=bound)
    kept.work()
    assert 1 == kept.status["cached"]
    assert kept.status["counters"]["evicted"] >= 1


def test_copy_that_rotted_is_fetched_again(server: MediaServer, tmp_path: Path) -> None:
    """Cards die slowly."""
    kept, uri = Kept(tmp_path), server.url("/a.mp4")
    kept.want(uri)
    kept.work()
    (copy,) = kept.shelf.copies.values()
    kept.shelf.path(copy).write_bytes(bytes(len(FILM)))
    again = Kept(tmp_path)
    again.want(uri)
    again.work()
    (copy,) = again.shelf.copies.values()
    assert FILM == again.shelf.path(copy).read_bytes()
    assert 1 == again.status["counters"]["rotten"]


def test_download_that_nobody_wants_any_more_is_taken_away(server: MediaServer, tmp_path: Path) -> None:
    """Half a film of last month's list takes as much room as half a film."""
    kept, uri = Kept(tmp_path), server.url("/a.mp4")
    server.breaks_after = 1000
    kept.want(uri)
    kept.work()
    assert kept.shelf.size > 0
    kept.want(server.url("/c.mp4"))
    kept.work()
    assert 1000 == kept.shelf.size


def test_server_that_knows_no_version_is_not_asked_for_all_of_it_each_hour(server: MediaServer, tmp_path: Path) -> None:
    """A film an hour over a telephone's line is a bill."""
    kept, uri = Kept(tmp_path), server.url("/c.mp4")
    server.unversioned = True
    kept.want(uri)
    assert FETCH_AGAIN_S > kept.work() >= LOOK_AGAIN_S
    kept.at += FETCH_AGAIN_S - 1
    kept.work()
    assert 1 == len(server.requests)
    kept.at += 1
    kept.work()
    assert 2 == len(server.requests)


def test_old_copy_stays_while_a_player_may_be_about_to_open_it(server: MediaServer, tmp_path: Path) -> None:
    """The newer film comes in the moment between our word to the player and its opening the file."""
    kept, uri = Kept(tmp_path), server.url("/a.mp4")
    kept.want(uri)
    kept.work()
    told = kept.library.nearest(uri)
    server.files["/a.mp4"] = FILM[:500]
    kept.at += LOOK_AGAIN_S
    kept.work()
    assert FILM == Path(told.removeprefix("file://")).read_bytes()
    assert told != kept.library.nearest(uri)
    kept.work()
    assert not Path(told.removeprefix("file://")).exists()
    assert 500 == kept.shelf.size


def test_what_plays_stays_though_the_list_has_left_it_and_room_is_needed(server: MediaServer, tmp_path: Path) -> None:
    """Least recently used, and on the screen for a day: a clip that VLC repeats is loaded once."""
    kept, plays = Kept(tmp_path), server.url("/a.mp4")
    kept.want(plays)
    kept.work()
    told = Path(kept.library.nearest(plays).removeprefix("file://"))
    kept.want(server.url("/b.mp4"), max_bytes=len(FILM) + 10)
    kept.work()
    assert told.exists()
    assert "no room" in kept.status["last_error"]
    kept.library.nearest(server.url("/b.mp4"))
    kept.at += LOOK_AGAIN_S
    kept.work()
    assert not told.exists()
    assert 1 == kept.status["cached"]


def test_what_went_wrong_is_told_without_secrets(tmp_path: Path) -> None:
    """An address that cannot be used is quoted by what finds it so."""
    kept = Kept(tmp_path)
    kept.want("http://user:hidden@127.0.0.1:99999/a.mp4?token=hidden")
    with capture_logs() as lines:
        kept.work()
    assert "not usable" in kept.status["last_error"]
    assert ["medium not cached"] == [line["event"] for line in lines]
    assert "hidden" not in str(kept.status) + str(lines)


def test_download_that_was_begun_stays_until_the_list_is_told(server: MediaServer, tmp_path: Path) -> None:
    """The thread runs before the list comes: what a power cut left would be fetched all over again."""
    kept, uri = Kept(tmp_path), server.url("/a.mp4")
    server.breaks_after = 600_000
    kept.want(uri)
    kept.work()
    again = Kept(tmp_path)
    again.work()
    begun = again.shelf.part(key_of(uri)).stat().st_size
    server.breaks_after = None
    again.want(uri)
    again.work()
    assert f"bytes={begun}-" == server.ranges()[-1]
