"""The options of VLC that a playlist from the broker may give a medium."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.medium_options import HARMLESS, medium_option_fault
from agent.config.words import VlcOption

PAGE = Path(__file__).parents[2] / "config" / "README.md"


@pytest.mark.parametrize(
    "option",
    [
        *(":network-caching=3000", ":no-audio", ":no-video", ":http-reconnect", ":audio-track=0", ":sub-track=-1"),
        *(":audio-language=de,en", ":sub-language=none", ":adaptive-maxheight=1080", ":rtsp-tcp"),
    ],
)
def test_harmless_option_is_taken(option: str) -> None:
    """A camera that needs more buffering must not need a visit."""
    assert medium_option_fault(option) is None
    assert option == VlcOption(":", ":x").read(option)


@pytest.mark.parametrize(
    "option",
    [
        *(":sout=#file{dst=/etc/cron.d/x}", ":sout", ":sout-all", ":demux=dump", ":demuxdump-file=/etc/x"),
        *(":access=file", ":stream-filter=record", ":video-filter=scene", ":scene-path=/tmp", ":audio-filter=x"),
        *(":input-slave=file:///etc/shadow", ":sub-file=/etc/shadow", ":input-record-path=/etc", ":logfile=/etc/x"),
        *(":codec=x", ":vout=x", ":aout=afile", ":audiofile-file=/etc/x", ":logo-file=/etc/x", ":lua-sd=x"),
        *(":http-proxy=http://evil", ":http-referrer=x", ":input-list=file:///etc/shadow", ":bookmarks=x"),
        # What VLC might still take for an option that is harmless, or for another one.
        *(":network-caching", ":network-caching=1e9", ":network-caching=-1", ":network-caching=60001"),
        *(":no-audio=1", ":NO-AUDIO", ":noaudio", ":no-audio :sout=x", ":network-caching=1 :sout=x", ":audio-track=٣"),
        *(":audio-language=/etc/shadow", ":audio-language=", "no-audio", "--no-audio", "", ":", ":no-no-audio"),
        *(":start-time=5", ":stop-time=5", ":run-time=5", ":image-duration=5", ":network-caching=1\n:sout=x"),
    ],
)
def test_any_other_option_is_refused(option: str) -> None:
    """One that is forgotten in a list of harmful ones writes files; one forgotten here is asked for."""
    assert medium_option_fault(option)


def test_refusal_says_what_would_be_right() -> None:
    """There are not many, so all are named."""
    assert "is not set by an option: see start_s" == medium_option_fault(":start-time=5")
    assert "takes a whole number from 0 to 60000" == medium_option_fault(":network-caching=x")
    assert "takes no value" == medium_option_fault(":no-audio=1")
    assert "takes languages as de,en" == medium_option_fault(":audio-language=x")
    assert all(name in str(medium_option_fault(":sout=x")) for name in HARMLESS)


def test_each_harmless_option_stands_on_the_page() -> None:
    """The page is where people look them up."""
    page = PAGE.read_text(encoding="utf-8")
    for name, harmless in HARMLESS.items():
        assert f"| `:{name}` | {harmless.why} | {harmless.shape} |" in page


@given(st.text(alphabet=":=-abcdefgnosut019,./ #{}", max_size=40))
def test_no_path_comes_through(option: str) -> None:
    """Whatever is taken names no file, no module and no address."""
    if medium_option_fault(option) is None:
        assert not set("/.#{} ") & set(option)
