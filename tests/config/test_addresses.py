"""Settings that name a place."""

import pytest

from agent.config.addresses import MediaUri, Proxy, SecretFile, ServiceUrl, scheme_of
from agent.config.kinds import Kind, MisfitError


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("https://www.kaltura.com/api_v3", "https://www.kaltura.com/api_v3"),
        ("https://www.kaltura.com/api_v3", "https://www.kaltura.com"),
        ("https://www.kaltura.com/api_v3", "HTTPS://WWW.Kaltura.com/api_v3/"),
        ("http://127.0.0.1:8911/api_v3", "http://127.0.0.1:8911/"),
        ("http://[::1]:8911/api_v3", "http://[::1]:8911"),
        ("https://proxy.example.com/kaltura/api_v3", "https://proxy.example.com/kaltura/"),
    ],
)
def test_service_is_accepted_with_and_without_its_path(expected: str, written: str) -> None:
    """Kaltura's documents write it both ways (decision 24)."""
    assert expected == ServiceUrl().read(written)


@pytest.mark.parametrize(
    ("message", "kind", "value"),
    [
        ('found "www.kaltura.com"', ServiceUrl(), "www.kaltura.com"),
        ('found "htps://www.kaltura.com"', ServiceUrl(), "htps://www.kaltura.com"),
        ('found "https://", which names no host', ServiceUrl(), "https://"),
        ('found "https://h:99999", which has no valid host and port', ServiceUrl(), "https://h:99999"),
        ('found "http://[::1", which has no valid host and port', ServiceUrl(), "http://[::1"),
        ('found "https://h/?a=1", with something after ? or #', ServiceUrl(), "https://h/?a=1"),
        ("an address with a user or password in it", ServiceUrl(), "https://user:pass@h"),
        ("found 8911", ServiceUrl(), 8911),
        ('found "http://a b"', ServiceUrl(), "http://a b"),
        ('found "enviroment"', Proxy(), "enviroment"),
        ('found "socks5://h:1"', Proxy(), "socks5://h:1"),
        ("found an address (not shown), which names no host", Proxy(), "http:/user:pass@proxy"),
        ("found an address (not shown)", Proxy(), "http:/user:pa ss@proxy"),
        ('found "http://***@h", which has no valid host and port', Proxy(), "http://user:pa/ss@h"),
        ('found ""', MediaUri(), ""),
        ('found the scheme "vlc:"', MediaUri(), "vlc://quit"),
        ('found the scheme "htp:"', MediaUri(), "htp://user:pass@h/a.mp4"),
        ('found "file://srv/a.mp4", which names a host and not a folder', MediaUri(), "file://srv/a.mp4"),
        ('found "file:a.mp4", which names a host and not a folder', MediaUri(), "file:a.mp4"),
        ('found "http://***@:1", which names no host', MediaUri(), "http://user:pass@:1"),
        ("found nothing", SecretFile(), ""),
        ("found a value of another type (a number)", SecretFile(), 123456),
        ("found a value of another type (a list)", SecretFile(), ["djJ8"]),
        ("found what looks like the secret itself (not shown)", SecretFile(), "djJ8MTAyfIxxx=="),
        ("found what looks like the secret itself (not shown)", SecretFile(), "a" * 201),
    ],
)
def test_misfit_names_the_fault_and_no_secret(message: str, kind: Kind, value: object) -> None:
    """These messages are logged, and pasted into tickets."""
    with pytest.raises(MisfitError) as raised:
        kind.read(value)
    assert message == raised.value.what
    assert "pass" not in f"{raised.value.suggestion}{raised.value.remedy}"


@pytest.mark.parametrize(
    ("suggestion", "kind", "value"),
    [
        ('"https://…"', ServiceUrl(), "htps://www.kaltura.com"),
        ('"environment"', Proxy(), "enviroment"),
        ('"http:"', MediaUri(), "htp://h/a.mp4"),
        ('"file:///srv/a.mp4"', MediaUri(), "file://srv/a.mp4"),
    ],
)
def test_likely_slip_is_suggested(suggestion: str, kind: Kind, value: str) -> None:
    """Three slashes are one of the commonest faults of all playlists."""
    with pytest.raises(MisfitError) as raised:
        kind.read(value)
    assert suggestion == raised.value.suggestion


@pytest.mark.parametrize(
    "uri",
    [
        *("media/a.mp4", "/srv/media", "a b.mp4", "./clip:1.mp4", "C:x.mp4", "file:///srv/a.mp4", "file://localhost/a"),
        *("https://h/a.m3u8?x=1", "rtsp://u:p@camera/live", "udp://@239.0.0.1:1234", "v4l2:///dev/video0", "screen://"),
    ],
)
def test_medium_is_taken_as_it_is_written(uri: str) -> None:
    """Whatever VLC can open from a kiosk may stand in the list."""
    assert uri == MediaUri().read(uri)


def test_proxy_is_taken_as_it_is_written() -> None:
    """A company's proxy may want a password, and HTTP leaves no other place for it."""
    written = ("environment", "none", "http://proxy:3128/", "http://u:p@proxy:3128")
    assert ["environment", "none", "http://proxy:3128", "http://u:p@proxy:3128"] == [Proxy().read(w) for w in written]


def test_scheme_is_told_from_a_path() -> None:
    """A relative path is made absolute, a URL is not."""
    assert ["file", None, None, "udp"] == [scheme_of(uri) for uri in ("FILE:///a", "a/b:c", "C:\\a", "udp://@1")]


def test_secret_file_is_taken_by_path_and_by_name() -> None:
    """A path on a plain machine, a credential's name under systemd."""
    assert ["ks", "/etc/kiosk-agent/ks"] == [SecretFile().read(value) for value in ("ks", "/etc/kiosk-agent/ks")]


@pytest.mark.parametrize("value", ["FILE://[", "rtsp://[::1/live", "https://[", "udp://]@"])
def test_address_with_half_a_bracket_is_a_misfit(value: str) -> None:
    """urllib refuses to take it apart, and whoever does so later must not end the agent at its start."""
    with pytest.raises(MisfitError):
        MediaUri().read(value)
