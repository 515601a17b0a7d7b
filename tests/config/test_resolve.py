"""What depends on the machine."""

from pathlib import Path

import pytest

from agent.config.check import check
from agent.config.kaltura import Kaltura, RequestStyle
from agent.config.model import Settings
from agent.config.problems import place_text
from agent.config.remote import Remote
from agent.config.resolve import Resolved, absolute_uri, local_path, resolve
from agent.config.session import Session, SessionMode


def resolved(folder: Path, *, ks_file: Path | None = None, **tables: object) -> Resolved:
    settings = check({"kaltura": {"enabled": False}} | tables)
    assert isinstance(settings, Settings)
    return resolve(
        settings,
        folder=folder,
        device_id="kiosk-1",
        files={} if ks_file is None else {("kaltura", "session", "ks_file"): ks_file},
    )


def test_referrer_is_filled_with_what_the_device_is(tmp_path: Path) -> None:
    """Reports group by referrer, so each kiosk needs its own; a name with spaces must not break the address."""
    assert "kiosk://kiosk-1" == resolved(tmp_path).settings.kaltura.referrer
    device = {"name": "Lobby, left", "site": "Köln"}
    template = {"enabled": False, "referrer": "https://{device.site}.example/{device.name}?id={device.id}"}
    assert "https://K%C3%B6ln.example/Lobby%2C%20left?id=kiosk-1" == (
        resolved(tmp_path, device=device, kaltura=template).settings.kaltura.referrer
    )


def test_referrer_with_a_name_that_is_not_set_is_doubted(tmp_path: Path) -> None:
    """All kiosks would share one referrer."""
    found = resolved(tmp_path, kaltura={"enabled": False, "referrer": "kiosk://{device.site}"})
    assert "kaltura.referrer: uses {device.site}, which is not set." in [str(each) for each in found.warnings]


@pytest.mark.parametrize(
    ("expected", "uri"),
    [
        ("file:///folder/a%20b.mp4", "a b.mp4"),
        ("file:///folder/clip%3A1%23%3F.mp4", "./clip:1#?.mp4"),
        ("file:///srv/media", "/srv/media"),
        ("file:///srv/100%25.mp4", "/srv/100%.mp4"),
        ("file:///srv/100%25.mp4", "file:///srv/100%25.mp4"),
        ("rtsp://u:p@camera/", "rtsp://u:p@camera/"),
    ],
)
def test_path_becomes_a_url_and_a_url_stays(expected: str, uri: str) -> None:
    """The player is given one form only; names of files hold anything."""
    assert expected == absolute_uri(uri, Path("/folder"))


def test_path_of_a_file_url_is_found_again() -> None:
    """Whoever looks for a sidecar needs the path."""
    assert Path("/folder/clip:1#?.mp4") == local_path(absolute_uri("./clip:1#?.mp4", Path("/folder")))
    assert local_path("https://h/a.mp4") is None


def test_medium_that_does_not_exist_is_doubted_and_kept(tmp_path: Path) -> None:
    """It may come with the next synchronisation; the player skips it until then."""
    (tmp_path / "there.mp4").touch()
    found = resolved(tmp_path, player={"playlist": [{"uri": "there.mp4"}, {"uri": "gone.mp4"}, {"uri": "http://h/x"}]})
    assert [f"player.playlist[1].uri: names {tmp_path}/gone.mp4, which does not exist; the player skips it."] == [
        str(each) for each in found.warnings
    ]
    assert [f"{tmp_path.as_uri()}/there.mp4", f"{tmp_path.as_uri()}/gone.mp4", "http://h/x"] == [
        item.uri for item in found.settings.player.playlist
    ]


def test_name_too_long_for_any_disk_is_only_missing(tmp_path: Path) -> None:
    """Asking the disk for it is an error of another kind than "not found"."""
    assert 1 == len(resolved(tmp_path, player={"playlist": [{"uri": "x" * 1000}]}).warnings)


def test_empty_playlist_and_odd_entry_are_doubted(tmp_path: Path) -> None:
    """Both are possible, and neither is what one usually wants (a letter O for a zero)."""
    assert ["player.playlist: is empty: there is nothing to play."] == [str(x) for x in resolved(tmp_path).warnings]
    found = resolved(tmp_path, player={"playlist": [{"uri": "http://h/", "entry_id": "O_abcd1234"}]})
    assert [
        'player.playlist[0].entry_id: is "O_abcd1234", which does not look like an entry id of today\'s Kaltura '
        "(as 0_abcd1234)."
    ] == [str(each) for each in found.warnings]


@pytest.mark.parametrize(
    ("player", "why"),
    [
        ({"playlist": [{"uri": "http://h/a", "seamless": True}, {"uri": "http://h/b"}]}, "the list has other items"),
        (
            {"playlist": [{"uri": "http://h/a", "seamless": True}, {"uri": "http://h/b", "role": "postroll"}]},
            "it has advertisements or bumpers",
        ),
        ({"playlist": [{"uri": "http://h/a", "seamless": True}], "loop": False}, "player.loop is false"),
        ({"playlist": [{"uri": "http://h/a", "seamless": True, "live": True}]}, "it is a live stream"),
        ({"playlist": [{"uri": "http://h/a", "seamless": True}]}, None),
        ({"playlist": [{"uri": "http://h/a"}, {"uri": "http://h/b"}]}, None),
    ],
)
def test_item_that_cannot_be_played_seamlessly_is_doubted(
    tmp_path: Path, player: dict[str, object], why: str | None
) -> None:
    """The log said it too, on the kiosk, once; whoever wrote the list asks config check."""
    told = [str(each) for each in resolved(tmp_path, player=player).warnings]
    assert (why is not None) == (1 == len(told))
    assert why is None or told[0].startswith(f"player.playlist[0].seamless: has no effect, since {why}.")


def test_session_file_is_an_absolute_path(tmp_path: Path) -> None:
    """The daemon may stand in another folder."""
    assert str(tmp_path / "ks") == resolved(tmp_path, ks_file=tmp_path / "ks").settings.kaltura.session.ks_file


def test_beacon_without_what_it_needs_is_a_warning(tmp_path: Path) -> None:
    """Whoever chooses it for an old pipeline would otherwise wonder why nothing counts."""
    kaltura = Kaltura(request_style=RequestStyle.BEACON, session=Session(mode=SessionMode.APP_TOKEN))
    warnings = resolve(Settings(kaltura=kaltura), folder=tmp_path, device_id="kiosk-1", files={}).warnings
    found = [str(each) for each in warnings if each.place == ("kaltura", "request_style")]
    assert [True, True] == [word in text for word, text in zip(("session", "uiconf_id"), found, strict=True)]


@pytest.mark.parametrize(
    ("expected", "remote"),
    [
        ([], Remote()),
        ([], Remote(url="mqtts://broker.example.com", password_file="p", ca_file="c", certificate_file="d")),
        ([], Remote(url="mqtt://broker.example.com")),
        ([], Remote(url="mqtt://127.0.0.1:1883", password_file="p")),
        ([], Remote(url="ws://[::1]/mqtt", password_file="p")),
        ([], Remote(url="mqtt://localhost", password_file="p")),
        (["remote.url"], Remote(url="mqtt://broker.example.com", password_file="p")),
        (["remote.url"], Remote(url="ws://10.0.0.1/mqtt", password_file="p")),
        (["remote.ca_file"], Remote(url="mqtt://localhost", ca_file="c")),
        (["remote.certificate_file"], Remote(url="ws://h", certificate_file="c")),
    ],
)
def test_connection_that_is_not_encrypted_is_doubted(tmp_path: Path, expected: list[str], remote: Remote) -> None:
    """Whoever reads the password along the way may publish to the whole fleet."""
    found = resolve(Settings(remote=remote), folder=tmp_path, device_id="kiosk-1", files={}).warnings
    assert expected == [place_text(each.place) for each in found if each.place[0] == "remote"]


def test_options_that_a_players_own_service_does_not_know_of_are_doubted(tmp_path: Path) -> None:
    """They stand on that service's command line; here they would be looked at for hours."""
    told = {"headless": True, "vlc_options": ["--verbose=2"]}
    found = resolved(tmp_path, player={"host": "unit", **told})
    doubted = [place_text(each.place) for each in found.warnings if "has no effect" in each.what]
    assert ["player.headless", "player.vlc_options"] == doubted
    assert [] == [each for each in resolved(tmp_path, player=told).warnings if "has no effect" in each.what]
    assert [] == [each for each in resolved(tmp_path, player={"host": "unit"}).warnings if "no effect" in each.what]
