"""What a playlist from the broker may name."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.addresses import MEDIA_SCHEMES, MediaUri
from agent.config.kinds import MisfitError
from agent.config.media import NETWORK_SCHEMES, File, Stream, Unfit, aim_of, medium_fault, plain_fault

FOLDER = Path("/etc/kiosk-agent")
HOSTS = ("cdn.example.com", "*.media.example.com", "239.1.1.1")
PLACE = ("player", "playlist", 0, "uri")


def fault(uri: str, *, is_overlay: bool = False, below: bool = True) -> str | None:
    found = medium_fault(PLACE, uri, is_overlay=is_overlay, folder=FOLDER, hosts=HOSTS, is_below=lambda _path: below)
    return None if found is None else found.what


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/srv/media/a b.mp4", "/srv/media/a b.mp4"),
        ("/srv/media/a b.mp4", "file:///srv/media/a%20b.mp4"),
        ("/srv/media/a", "file://localhost/srv/media/a"),
        ("/srv/media/../../etc/shadow", "file:///srv/media/%2e%2e/%2E./etc/shadow"),
        ("/srv/media/%2e%2e/x", "file:///srv/media/%252e%252e/x"),
        ("/srv/media/%2e%2e/x", "/srv/media/%2e%2e/x"),
        ("/etc/kiosk-agent/a#?.mp4", "./a#?.mp4"),
        ("/etc/kiosk-agent/../shadow", "../shadow"),
        ("/etc/kiosk-agent/ http:/x", " http://x"),
        ("/srv/media/\udcff", "file:///srv/media/%ff"),
    ],
)
def test_path_is_what_the_player_will_open(path: str, uri: str) -> None:
    """Decoded once, and left for the disk to resolve."""
    assert File(path) == aim_of(uri, FOLDER)


@pytest.mark.parametrize(
    "uri",
    [
        *("http://cdn.example.com/a.mp4", "HTTPS://CDN.Example.com:8443/a?b#c", "rtsp://u:p@cdn.example.com/x"),
        *("udp://@239.1.1.1:1234", "srt://a.media.example.com:9000?mode=caller", "rtmps://b.a.media.example.com/x"),
    ],
)
def test_stream_of_a_named_host_is_taken(uri: str) -> None:
    """That is what media_hosts is for; with a user before it, and a port behind it."""
    assert fault(uri) is None


@pytest.mark.parametrize(
    "uri",
    [
        *("http://evil.com/a", "http://cdn.example.com@evil.com/", "http://cdn.example.com:80@evil.com/"),
        *("http://evil.com#@cdn.example.com/", "http://evil.com?@cdn.example.com/", "http://xcdn.example.com/"),
        *("http://media.example.com/", "http://evilmedia.example.com/", "rtsp://evil.com/cdn.example.com"),
        *("udp://evil.com:1234", "smb://evil.com/share", "satip://evil.com/?src=1", "http://127.0.0.1:8911/"),
        *("http://[::1]/", "http://cdn.example.com.evil.com/", "http://cdn.example.com./"),
    ],
)
def test_any_other_host_is_refused_and_named(uri: str) -> None:
    """Also one that only looks as if it were another, and the machine itself."""
    assert "which is none of remote.media_hosts" in str(fault(uri))


@pytest.mark.parametrize(
    "uri",
    [
        *(f"{scheme}://cdn.example.com/x" for scheme in sorted({*MEDIA_SCHEMES} - NETWORK_SCHEMES - {"file"})),
        *("v4l2:///dev/video0", "screen://", "alsa://hw:0", "dvb-t://frequency=1"),
        *("rtsp://evil.com\\@cdn.example.com/", "rtsp://a@evil.com@cdn.example.com/", "rtsp:cdn.example.com"),
        *("rtsp://%63dn.example.com/", "rtsp://cdn.example.com%2f.evil.com/", "rtsp://cdn.exämple.com/", "udp://@:1"),
        *("rtsp://cdn.example.com\\.evil.com/x", "rtsp:///x", "rtsp://cdn.example.com:x/", "rtsp://cdn. example.com/"),
        *("file:///srv/media/a.mp4?/../../etc/shadow", "file:///srv/media/a#b", "file:///srv/media/%00/../x"),
    ],
)
def test_device_and_what_two_readers_could_read_in_two_ways_is_never_taken(uri: str) -> None:
    """A camera on a kiosk is not shown to whoever may publish; VLC reads addresses with other readers than ours."""
    found = fault(uri)
    assert found is not None
    assert "media_hosts" not in found
    told = plain_fault(PLACE, uri)
    assert told is not None
    assert found == told.what


def test_every_scheme_is_a_file_a_stream_or_a_device() -> None:
    """A new one is a device until somebody has thought about it."""
    assert set(MEDIA_SCHEMES) >= NETWORK_SCHEMES
    assert isinstance(aim_of("new://cdn.example.com/", FOLDER), Unfit)


def test_file_is_judged_by_where_it_leads_and_the_text_tells_nothing() -> None:
    """The same words for a file that is there and one that is not."""
    assert fault("file:///srv/media/a.mp4") is None
    assert "names a file or folder that is not below one of remote.media_roots" == fault("/etc/shadow", below=False)
    assert plain_fault(PLACE, "/etc/shadow") is None
    assert plain_fault(PLACE, "http://evil.com/") is None


def test_overlay_that_VLC_would_read_as_two_files_is_refused() -> None:  # noqa: N802 (its name)
    """Its filter takes "a.png;/home/kiosk/private.png" for two pictures."""
    assert fault("/srv/media/a.png;/etc/x.png") is None
    for uri in ("/srv/media/a.png;/etc/x.png", "file:///srv/media/a.png%3B/etc/x.png", "/srv/media/a.png,1"):
        assert "comma" in str(fault(uri, is_overlay=True))
    assert fault("/srv/media/a.png", is_overlay=True) is None


uris = st.from_regex(r"((https?|rtsp|udp|file|v4l2)://?/?)?[a-z:@/\\\[\]?#%0-9. ;]*", fullmatch=True) | st.text()


@given(uris)
def test_any_address_is_judged(uri: str) -> None:
    """Whatever the kind takes; and nothing else comes here."""
    try:
        MediaUri().read(uri)
    except MisfitError:
        return
    found = aim_of(uri, FOLDER)
    assert isinstance(found, File | Stream | Unfit)
    if isinstance(found, Stream):
        assert f"{found.host}" in uri.lower()
