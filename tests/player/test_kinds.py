"""What an address says about its medium."""

import os
from pathlib import Path

import pytest

from agent.player.kinds import Kind, extension_of, file_of, kind_of


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("file:///srv/a.mp4", Kind()),
        ("file:///srv/A.PNG", Kind(image=True)),
        ("file:///srv/song.mp3", Kind(estimated_length=True)),
        ("http://host/movie.ts?x=.png", Kind(estimated_length=True)),
        ("https://host/live/index.m3u8?token=a.b", Kind(adaptive=True)),
        ("https://host/manifest.mpd", Kind(adaptive=True)),
        ("https://cdn/p/102/sp/0/playManifest/entryId/0_abcd1234/format/applehttp/protocol/https", Kind(adaptive=True)),
        ("https://cdn/p/102/sp/0/playManifest/entryId/0_abcd1234/format/url/protocol/https", Kind()),
        ("udp://@239.1.1.1:1234", Kind(live=True)),
        ("rtsp://camera/stream", Kind()),
        ("file:///srv/no-extension", Kind()),
    ],
)
def test_address_tells_its_kind(uri: str, expected: Kind) -> None:
    """Tolerances, quartiles and image durations hang on it; what cannot be told is an ordinary clip."""
    assert kind_of(uri) == expected


def test_extension_is_of_the_last_part_only() -> None:
    """A folder named `films.mp4` makes no film of what is in it."""
    assert extension_of("file:///films.mp4/readme") == ""
    assert extension_of("file:///a%20b/c%2Emp4") == "mp4"


def test_file_name_in_an_old_encoding_is_found(tmp_path: Path) -> None:
    """A name that is not UTF-8 would look missing, and its film would never be played."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 100%.mp4"))
    path.write_bytes(b"")
    assert file_of(path.as_uri()) == path
    assert file_of("http://host/a.mp4") is None
