"""M3U lists, as people and programs write them."""

from hypothesis import given
from hypothesis import strategies as st

from agent.player.m3u import MOST_ENTRIES, Entry, entries_of, is_hls

_BASE = "file:///srv/lists/day.m3u"


def test_list_of_paths_and_urls_is_read_from_where_it_stands() -> None:
    """A list on a USB stick names its films beside it."""
    text = "\ufeff#EXTM3U\r\n#EXTINF:30,Title, with comma\r\nfilm #1.mp4\r\n\r\n../up.mp4\n/abs/x.mp4\n#EXTINF:-1,\nhttp://h/a.mp4\n"
    assert entries_of(text, _BASE) == [
        Entry("file:///srv/lists/film%20%231.mp4", 30.0),
        Entry("file:///srv/up.mp4", None),
        Entry("file:///abs/x.mp4", None),
        Entry("http://h/a.mp4", None),
    ]


def test_duration_belongs_to_the_next_entry_only() -> None:
    """Two images after one duration do not both stand that long."""
    assert entries_of("#EXTINF:5 tvg-id=x,One\na.png\nb.png", _BASE) == [
        Entry("file:///srv/lists/a.png", 5.0),
        Entry("file:///srv/lists/b.png", None),
    ]


def test_hls_playlist_is_no_list_of_media() -> None:
    """Its segments are no items: each would be a session of six seconds."""
    assert is_hls("#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:6.0,\nseg0.ts\n")
    assert not is_hls("#EXTM3U\n#EXTINF:6,\nfilm.mp4\n")


def test_endless_list_is_cut() -> None:
    """A list made by a runaway script must not fill the memory."""
    assert len(entries_of("a.mp4\n" * (MOST_ENTRIES + 5), _BASE)) == MOST_ENTRIES


@given(st.text())
def test_any_text_is_a_list(text: str) -> None:
    """A text file with the wrong name is an empty or odd list, not a crash."""
    for entry in entries_of(text, _BASE):
        assert entry.uri
        assert entry.duration is None or entry.duration > 0
