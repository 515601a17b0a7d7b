"""What is to be played, as a person says it; and the picture for who has nothing."""

import subprocess
from pathlib import Path

import pytest

from agent.runtime.setup.media import demo_picture, media_item

HERE = Path("/home/pi")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/srv/media/a.mp4 0_abcd1234", {"uri": "/srv/media/a.mp4", "entry_id": "0_abcd1234"}),
        ("  /srv/media/my film.mp4   0_abcd1234 ", {"uri": "/srv/media/my film.mp4", "entry_id": "0_abcd1234"}),
        ("/srv/media/my film.mp4", {"uri": "/srv/media/my film.mp4"}),
        ("films/a.mp4", {"uri": "/home/pi/films/a.mp4"}),
        (
            "https://c.example.com/a.m3u8 1_abcd1234",
            {"uri": "https://c.example.com/a.m3u8", "entry_id": "1_abcd1234"},
        ),
        ("0_abcd1234", {"uri": "/home/pi/0_abcd1234"}),
    ],
)
def test_medium_and_entry_are_told_apart(text: str, expected: dict[str, str]) -> None:
    """File names have blanks in them, and a relative path means the folder where the person is."""
    assert expected == media_item(text, HERE)


@pytest.mark.parametrize("text", ["gopher://example.com/a", "http:///a.mp4", "", "a\x07b"])
def test_what_vlc_cannot_open_is_refused_in_words(text: str) -> None:
    """Now, and not when the screen stays black."""
    assert isinstance(media_item(text, HERE), str)


def test_demo_is_a_picture_that_decoders_take(tmp_path: Path) -> None:
    """It is made by hand, without a library that could be wrong for us."""
    path = tmp_path / "demo.png"
    path.write_bytes(demo_picture())
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ("png,1280,720", "") == (done.stdout.strip(), done.stderr.strip())
