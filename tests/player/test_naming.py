"""Which item of the list a medium in somebody else's player is."""

from pathlib import Path

import pytest

from agent.config.entries import EntryRules
from agent.kernel.media import Media, Role
from agent.player.items import Item, Spot
from agent.player.naming import Naming, same

SPOT = Spot(Item(Media("ad", "file:///ad.mp4", role=Role.PREROLL)))
FILM = Item(Media("film", "file:///srv/a%20b.mp4", "0_film", start=5.0, stop=9.0, holds_last_frame=True), spots=(SPOT,))
STREAM = Item(Media("stream", "https://user:secret@Media.test/live.m3u8?ks=abc", "1_live", live=True, adaptive=True))
NAMING = Naming((FILM, STREAM), EntryRules())


@pytest.mark.parametrize(
    "uri", ["file:///srv/a%20b.mp4", "/srv/a b.mp4", "file:///srv/./a%20b.mp4", "file://localhost/srv/a b.mp4"]
)
def test_local_path_and_its_address_are_the_same(uri: str) -> None:
    """A person writes the one, VLC says the other."""
    found = NAMING.item(uri).media
    assert ("film", "0_film", 5.0, 9.0, True) == (found.key, found.entry_id, found.start, found.stop, found.polled)
    assert not found.holds_last_frame, "how VLC was started nobody knows"


@pytest.mark.parametrize(
    "uri", ["https://user:secret@media.test/live.m3u8?ks=abc", "HTTPS://media.test/live.m3u8?ks=another"]
)
def test_passwords_and_tokens_do_not_count(uri: str) -> None:
    """A session is another one every day; and what the agent keeps of an address has none."""
    assert ("stream", True) == (NAMING.item(uri).media.key, NAMING.item(uri).media.live)


def test_spot_is_played_and_not_reported() -> None:
    """Nobody can tell which content an advertisement in VLC's own list belongs to."""
    found = NAMING.item("file:///ad.mp4").media
    assert ("ad", None, Role.CONTENT) == (found.key, found.entry_id, found.role)


def test_medium_that_is_not_listed_is_named_by_the_rules(tmp_path: Path) -> None:
    """The file's name, its sidecar, Kaltura's own address; else it is played and not reported."""
    (tmp_path / "b.mp4.entry").write_text("0_sidecar1\n", encoding="utf-8")

    def entry(uri: str) -> str | None:
        return Naming((), EntryRules()).item(uri).media.entry_id

    assert "0_abcd1234" == entry("file:///srv/0_abcd1234.mp4")
    assert "0_sidecar1" == entry((tmp_path / "b.mp4").as_uri())
    assert "1_manifest" == entry("https://h.test/p/102/sp/10200/playManifest/entryId/1_manifest/format/url/a.mp4")
    assert entry("file:///srv/welcome.mp4") is None


def test_medium_that_is_not_listed_is_masked_and_bounded() -> None:
    """Its address is kept in each event of its play, and shown to people."""
    found = Naming((), EntryRules()).item("rtsp://user:secret@camera/stream?token=abc").media
    assert "secret" not in found.key + found.uri
    assert "abc" not in found.key + found.uri
    assert 2048 == len(Naming((), EntryRules()).item("http://h/" + "a" * 9000).media.uri)


@pytest.mark.parametrize("uri", ["", "http://[", "file:///%00", "no scheme", "a" * 70_000, "\ud800"])
def test_whatever_a_player_says_nothing_is_raised(uri: str) -> None:
    """It is somebody else's program."""
    assert Naming((FILM,), EntryRules()).item(uri).media.polled
    assert same(uri) == same(uri)


def test_address_that_stands_twice_is_the_first_ones() -> None:
    """Nothing tells the two apart."""
    twice = (Item(Media("a", "file:///a.mp4", "0_one")), Item(Media("a (2)", "file:///a.mp4", "0_two")))
    assert "0_one" == Naming(twice, EntryRules()).item("file:///a.mp4").media.entry_id
