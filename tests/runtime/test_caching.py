"""The cache in the agent: loaded only where an item wants it, and following the settings."""

import hashlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from agent.config.player import Player, PlaylistItem
from agent.kernel.media import Media
from agent.player.items import Item
from agent.runtime.caching import Caching
from tests.support.desk import Desk
from tests.support.serving import RunningClock, wait_for


class Kiosk:
    def __init__(self, folder: Path, uri: str, *, cached: bool) -> None:
        self.desk = Desk(items=[Item(Media("a", uri), cached=cached)], start=False)
        self.player = Player(playlist=(PlaylistItem(uri=uri, cache=cached),))
        self.threads: list[str] = []
        self.caching = Caching(folder, RunningClock(), queue_bytes=1 << 20, user_agent="test", spawn=self._spawn)
        self.caching.attend(self.desk.director, lambda: self.player)

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        self.threads.append(name)
        threading.Thread(target=target, name=name, daemon=True).start()


def test_kiosk_that_caches_nothing_has_no_thread_and_no_folder(tmp_path: Path) -> None:
    """Memory is what small machines lack."""
    kiosk = Kiosk(tmp_path, "https://a.test/a.mp4", cached=False)
    kiosk.desk.ready()
    kiosk.caching.look()
    assert ([], {}, []) == (kiosk.threads, kiosk.caching.status(), list(tmp_path.iterdir()))
    assert "https://a.test/a.mp4" == kiosk.desk.loads[-1].uri


def test_item_that_is_cached_is_loaded_from_its_copy(tmp_path: Path) -> None:
    """The address stays the medium's name; only the player is sent elsewhere."""
    from agent.player.cache.copies import Copy, Shelf, key_of  # noqa: PLC0415

    uri = "http://127.0.0.1:9/a.mp4"
    shelf = Shelf(tmp_path / "cache", max_bytes=1000, reserve=0)
    shelf.part(key_of(uri)).write_bytes(b"film")
    shelf.adopt(uri, Copy(key_of(uri), "", 4, hashlib.sha256(b"film").hexdigest()))
    kiosk = Kiosk(tmp_path, uri, cached=True)
    try:
        kiosk.desk.ready()
        assert kiosk.desk.loads[-1].uri.startswith("file:///")
        current = kiosk.desk.director.current
        assert current is not None
        assert uri == current.media.uri
        assert ["cache"] == kiosk.threads
        assert 1 == kiosk.caching.status()["cache"]["wanted"]
    finally:
        kiosk.caching.stop()
    assert "agent.player.cache.library" in sys.modules


def test_folder_that_cannot_be_used_leaves_the_address(tmp_path: Path) -> None:
    """A cache is a convenience; the list plays."""
    (tmp_path / "cache").write_bytes(b"in the way")
    kiosk = Kiosk(tmp_path, "http://127.0.0.1:9/a.mp4", cached=True)
    kiosk.desk.ready()
    assert "http://127.0.0.1:9/a.mp4" == kiosk.desk.loads[-1].uri
    assert "cannot be used" in kiosk.caching.status()["cache"]["last_error"]


def test_list_of_now_is_what_is_wanted(tmp_path: Path) -> None:
    """A broker's list comes and goes while the agent runs."""
    kiosk = Kiosk(tmp_path, "http://127.0.0.1:9/a.mp4", cached=True)
    try:
        kiosk.caching.look()
        kiosk.player = Player()
        kiosk.desk.director._items = {}
        kiosk.caching.look()
        wait_for(lambda: kiosk.caching.status()["cache"]["wanted"] == 0)
    finally:
        kiosk.caching.stop()
