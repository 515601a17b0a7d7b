"""From the settings to items that can be played."""

from pathlib import Path
from typing import Any

import pytest

from agent.config.entries import EntryRules
from agent.config.player import Player, PlaylistItem, Rotation
from agent.kernel.media import Role
from agent.player import playlist
from agent.player.items import Item
from agent.player.playlist import Playlist, expand, may_exist


def _expand(*lines: PlaylistItem, **player: Any) -> Playlist:
    return expand(Player(playlist=lines, **player), EntryRules())


def _line(path: Path | str, **fields: Any) -> PlaylistItem:
    return PlaylistItem(uri=path if isinstance(path, str) else path.as_uri(), **fields)


def _names(found: Playlist) -> list[str]:
    return [item.media.uri.rsplit("/", 1)[-1] for item in found.items]


def _only(found: Playlist) -> Item:
    (item,) = found.items
    return item


def _files(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def test_folder_gives_its_media_in_natural_order(tmp_path: Path) -> None:
    """People number their clips 1 to 10 and mean it."""
    _files(tmp_path, "clip10.mp4", "clip2.MP4", "Clip1.mp4", ".hidden.mp4", "notes.txt", "sub/deep.mp4", "b.png")
    assert _names(_expand(_line(tmp_path))) == ["b.png", "Clip1.mp4", "clip2.MP4", "clip10.mp4"]


def test_list_gives_its_entries_and_those_of_lists_in_it(tmp_path: Path) -> None:
    """Relative paths start where the list is; an image takes the list's duration, a clip its own."""
    (tmp_path / "inner.m3u").write_text("c.mp4\n")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:7,\na.png\n#EXTINF:9,\nb.mp4\ninner.m3u\nhttp://h/d.mp4\n")
    found = _expand(_line(tmp_path / "list.m3u8"))
    assert _names(found) == ["a.png", "b.mp4", "c.mp4", "d.mp4"]
    assert found.items[0].options == (":image-duration=7",)
    assert found.items[1].options == ()
    assert found.problems == ()


def test_list_that_names_itself_ends(tmp_path: Path) -> None:
    """A loop in the lists is a mistake to be told, not a hang."""
    (tmp_path / "loop.m3u").write_text("loop.m3u\na.mp4\n")
    found = _expand(_line(tmp_path / "loop.m3u"))
    assert "a.mp4" in _names(found)
    assert any("deeper" in problem for problem in found.problems)


def test_hls_file_is_one_medium(tmp_path: Path) -> None:
    """An .m3u8 may be a list of films or a stream; its tags tell."""
    (tmp_path / "stream.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nseg0.ts\n")
    item = _only(_expand(_line(tmp_path / "stream.m3u8")))
    assert item.media.adaptive
    assert item.media.uri.endswith("stream.m3u8")


def test_list_names_something_that_is_no_medium_and_it_is_left_out(tmp_path: Path) -> None:
    """`vlc://quit` in a list from somewhere must not reach libvlc."""
    (tmp_path / "list.m3u").write_text("vlc://quit\na.mp4\n")
    found = _expand(_line(tmp_path / "list.m3u"))
    assert _names(found) == ["a.mp4"]
    assert len(found.problems) == 1


def test_address_that_is_none_is_left_out_and_told() -> None:
    """A typing error in one line must not end the agent."""
    found = _expand(_line("rtsp://[broken"), _line("file:///a.mp4"))
    assert _names(found) == ["a.mp4"]
    assert len(found.problems) == 1


def test_missing_file_stays_an_item(tmp_path: Path) -> None:
    """Its failure is told at each pass, and it plays once somebody copies it there."""
    item = _only(_expand(_line(tmp_path / "not-there.mp4")))
    assert not may_exist(item)
    _files(tmp_path, "not-there.mp4")
    assert may_exist(item)
    assert may_exist(_only(_expand(_line("http://h/a.mp4"))))


def test_empty_folder_and_empty_list_are_told(tmp_path: Path) -> None:
    """A kiosk with nothing to show must say why."""
    (tmp_path / "list.m3u").write_text("#EXTM3U\n")
    (tmp_path / "folder").mkdir()
    found = _expand(_line(tmp_path / "folder"), _line(tmp_path / "list.m3u"), _line("http://h/list.m3u"))
    assert len(found.problems) == 3
    assert _names(found) == ["list.m3u"]


def test_unreadable_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails at start must not keep the agent from starting."""

    def refuse(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", refuse)
    assert _expand(_line(tmp_path)).problems == (f"cannot read {tmp_path}: Permission denied",)


def test_equal_addresses_have_keys_of_their_own(tmp_path: Path) -> None:
    """The same clip may stand in the list three times, and the list must know which of them plays."""
    found = _expand(*[_line(tmp_path / "a.mp4")] * 3)
    assert len({item.media.key for item in found.items}) == 3


def test_longest_list_is_cut_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root of a disk named as a folder must not fill the memory."""
    monkeypatch.setattr(playlist, "MOST_ITEMS", 2)
    found = _expand(*[_line(tmp_path / "a.mp4")] * 3)
    assert len(found.items) == 2
    assert len(found.problems) == 1


def test_part_of_a_clip_is_told_to_player_and_tracker() -> None:
    """Both must agree where the end is, or a natural end looks like a fault."""
    item = _only(_expand(_line("file:///a.mp4", start_s=5.0, duration_s=20.0, options=(":no-audio",))))
    assert item.options == (":no-audio", ":start-time=5", ":stop-time=25")
    assert (item.media.start, item.media.stop) == (5.0, 25.0)
    assert _only(_expand(_line("file:///a.mp4", duration_s=20.0, stop_s=8.0))).media.stop == 8.0


def test_live_stream_is_limited_by_us() -> None:
    """It has no end of its own, and no position that VLC could stop at."""
    item = _only(_expand(_line("udp://@:1234", duration_s=600.0)))
    assert (item.media.live, item.limit, item.media.stop, item.options) == (True, 600.0, None, ())
    assert _only(_expand(_line("http://h/a.m3u8", live=True, duration_s=60.0))).limit == 60.0


def test_image_stands_for_its_duration() -> None:
    """The item's word, then the player's default."""
    assert _only(_expand(_line("file:///a.png", duration_s=4.5))).options == (":image-duration=4.5",)
    assert _only(_expand(_line("file:///a.png"), image_duration_s=12.0)).options == (":image-duration=12",)


def test_entry_comes_from_the_item_or_the_sidecar(tmp_path: Path) -> None:
    """Without an entry a play is not reported, so each way to name one must work."""
    _files(tmp_path, "a.mp4", "b.mp4", "0_abcd1234.mp4", "plain.mp4")
    (tmp_path / "b.mp4.entry").write_text("# by hand\n1_sidecar1\n")
    found = _expand(_line(tmp_path / "a.mp4", entry_id="0_item0001"), _line(tmp_path))
    entries = {item.media.key.rsplit("/", 1)[-1]: item.media.entry_id for item in found.items}
    assert entries["a.mp4"] == "0_item0001"
    assert entries["b.mp4"] == "1_sidecar1"
    assert entries["0_abcd1234.mp4"] == "0_abcd1234"
    assert entries["plain.mp4"] is None


def test_item_keeps_what_is_its_own() -> None:
    """What an item does not say is the player's to say."""
    item = _only(_expand(_line("file:///a.mp4", volume=30, rotation=Rotation.LEFT, audio_device="hdmi")))
    assert (item.volume, item.rotation, item.audio_device) == (30, 270, "hdmi")
    plain = _only(_expand(_line("file:///a.mp4"), vlc_options=("--play-and-pause",)))
    assert (plain.volume, plain.rotation, plain.audio_device) == (None, None, None)
    assert plain.media.holds_last_frame


def test_role_of_a_folder_is_that_of_each_medium_in_it(tmp_path: Path) -> None:
    """A folder of advertisements that somebody else fills; they count for the film's entry and need none."""
    _files(tmp_path, "ads/2.mp4", "ads/10.png", "ads/2.mp4.entry", "film.mp4")
    found = _expand(
        _line(tmp_path / "ads", role=Role.PREROLL),
        _line(tmp_path / "film.mp4", entry_id="0_film1234"),
        _line(tmp_path / "ads/10.png", role=Role.OVERLAY, at_s=3.0, duration_s=4.0),
        _line(tmp_path / "ads/2.mp4", role=Role.MIDROLL, at_s=9.0),
        _line(tmp_path / "ads", role=Role.BUMPER_PRE),
    )
    item = _only(found)
    assert [spot.item.media.uri.rsplit("/", 1)[-1] for spot in item.spots] == ["2.mp4", "10.png", "10.png", "2.mp4"]
    assert [(spot.at, spot.seconds) for spot in item.spots[2:]] == [(3.0, 4.0), (9.0, 0.0)]
    assert {None} == {spot.item.media.entry_id for spot in item.spots}
    assert len({spot.item.media.key for spot in item.spots}) == 4, "each has a key of its own"
    assert len(found.problems) == 2, "the bumpers stand before nothing"


def test_sidecar_that_does_not_count_is_not_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list may be read while a film plays, from a slow card: each file that is opened for nothing holds it up."""
    looked: list[str] = []
    monkeypatch.setattr("agent.player.playlist.sidecar", lambda uri: looked.append(uri))
    lines = (
        PlaylistItem(uri="file:///srv/a.mp4"),
        PlaylistItem(uri="file:///srv/b.mp4", entry_id="0_abcd1234"),
    )
    expand(Player(playlist=lines), EntryRules(use_sidecar=False))
    assert [] == looked
    expand(Player(playlist=lines), EntryRules())
    assert ["file:///srv/a.mp4"] == looked
