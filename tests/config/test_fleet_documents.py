"""Documents of the broker, laid over the machine's file: what is taken, and that everything hostile is refused."""

from pathlib import Path
from typing import Any

import pytest

from agent.config.document import check_document
from agent.config.files import Loaded, assemble, load, read_layer, surroundings_of
from agent.config.layers import Layer
from agent.config.problems import DEFAULT, ConfigurationError, Origin, place_text
from tests.support.configuration import MACHINE, SMALLEST, write

FLEET, GROUP, DEVICE = "fleet, revision 5", "group/lobby, revision 2", "device/device-001, revision 1"


def document(tree: dict[str, Any], name: str = FLEET) -> Layer:
    return Layer(name, tree, {}, remote=True)


def assembled(folder: Path, *documents: Layer, more: str = "") -> Loaded:
    path = write(folder, SMALLEST + more)
    return assemble([read_layer(path), *documents], surroundings_of(path, environment={}, machine=MACHINE))


def refusals(folder: Path, *documents: Layer, more: str = "") -> list[str]:
    """Origin and place of each problem; [] where the documents are taken."""
    try:
        assembled(folder, *documents, more=more)
    except ConfigurationError as error:
        return [f"{each.origin}: {place_text(each.place)}".replace(f"{folder}/", "") for each in error.problems]
    return []


def playing(*uris: str, **item: Any) -> dict[str, Any]:
    return {"player": {"playlist": [{"uri": uri, **item} for uri in uris]}}


def test_levels_lie_over_the_file_in_their_order(tmp_path: Path) -> None:
    """Defaults, the machine's file, fleet, groups, device; and each value knows whose it is."""
    found = assembled(
        tmp_path,
        document({"player": {"volume": 10, "loop": False}, "log": {"level": "debug"}}),
        document({"player": {"volume": 20, "shuffle": True}}, GROUP),
        document({"player": {"volume": 30, "loop": None}}, DEVICE),
        more="[player]\nloop = false\n",
    )
    player = found.settings.player
    assert (30, True, True) == (player.volume, player.shuffle, player.loop)
    assert [Origin(DEVICE), Origin(GROUP), DEFAULT] == [
        found.origin(("player", name)) for name in ("volume", "shuffle", "loop")
    ]
    assert Origin(FLEET) == found.origin(("log", "level"))


def test_file_is_read_once_and_laid_down_again_with_each_document(tmp_path: Path) -> None:
    """Documents come while the agent runs; the file counts from start to end."""
    path = write(tmp_path, SMALLEST)
    file, around = read_layer(path), surroundings_of(path, environment={}, machine=MACHINE)
    path.unlink()
    for volume in (10, 20):
        assert volume == assemble([file, document({"player": {"volume": volume}})], around).settings.player.volume
    assert 100 == assemble([file], around).settings.player.volume


def test_all_problems_of_all_documents_are_told_at_once_each_with_its_own(tmp_path: Path) -> None:
    """Also one that a later document covers: it is wrong on every other kiosk."""
    assert [
        f"{FLEET}: player.volume",
        f"{FLEET}: kaltura.service_url",
        f"{GROUP}: player.volum",
        f"{GROUP}: remote.url",
        f"{DEVICE}: log.level",
    ] == refusals(
        tmp_path,
        document({"player": {"volume": 400}, "kaltura": {"service_url": "http://evil/"}}),
        document({"player": {"volume": 5, "volum": 5}, "remote": {"url": None}}, GROUP),
        document({"log": {"level": "loud"}}, DEVICE),
    )


def test_what_the_whole_makes_impossible_is_told_too(tmp_path: Path) -> None:
    """Each document is right by itself, and the machine cannot do what it says."""
    assert [f"{FLEET}: kaltura.enabled"] == refusals(
        tmp_path, document({"kaltura": {"enabled": 1}}), document({"player": {"volume": 5}}, GROUP)
    )
    path = write(tmp_path, '[device]\nid = "kiosk"\n[kaltura]\nenabled = false\n')
    layers = [read_layer(path), document({"kaltura": {"enabled": True}})]
    with pytest.raises(ConfigurationError) as raised:
        assemble(layers, surroundings_of(path, environment={}, machine=MACHINE))
    assert {("kaltura", "service_url"), ("kaltura", "partner_id")} == {each.place for each in raised.value.problems}


def test_more_is_permitted_by_the_machines_own_file_alone(tmp_path: Path) -> None:
    """A document that permits itself something permits nothing."""
    other = {"kaltura": {"service_url": "http://other.example.com/"}}
    assert [] == refusals(tmp_path, document(other), more='[remote]\nallow = ["kaltura.service_url"]\n')
    allowing = document({"remote": {"allow": ["kaltura", "remote"], "media_roots": ["/"], "media_hosts": ["evil"]}})
    assert [
        *(f"{FLEET}: remote.{name}" for name in ("allow", "media_roots", "media_hosts")),
        f"{GROUP}: kaltura.service_url",
        f"{GROUP}: player.playlist[0].uri",
        f"{GROUP}: player.playlist[1].uri",
    ] == sorted(refusals(tmp_path, allowing, document({**other, **playing("/etc/passwd", "http://evil/")}, GROUP)),
                key=lambda text: (text[:5] != "fleet", "allow" not in text, "roots" not in text, text))  # fmt: skip


def test_allow_that_names_nothing_is_a_problem_of_the_machines_file(tmp_path: Path) -> None:
    """With its line, as any other."""
    assert ["agent.toml:7: remote.allow[0]"] == refusals(tmp_path, more='[remote]\nallow = ["kaltura.session.ks"]\n')


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A media folder with a clip, a link out of it, and a secret beside it."""
    (tmp_path / "private.mp4").write_text("x")
    folder = tmp_path / "media"
    (folder / "sub").mkdir(parents=True)
    (folder / "clip.mp4").touch()
    (folder / "link").symlink_to(tmp_path)
    return folder


def roots(folder: Path, *allow: str) -> str:
    names = ", ".join(f'"{name}"' for name in allow)
    return f'[remote]\nmedia_roots = ["{folder}"]\nmedia_hosts = ["cdn.example.com"]\nallow = [{names}]\n'


def test_playlist_of_the_broker_names_what_the_machine_permits(tmp_path: Path, media: Path) -> None:
    """The operators' daily work must just go through, also with a clip that is not there yet."""
    uris = (str(media / "clip.mp4"), f"{media.as_uri()}/new.mp4", "media/sub/../clip.mp4", f"{media}", "media/list.m3u")
    found = assembled(tmp_path, document(playing(*uris, "https://cdn.example.com/a.m3u8")), more=roots(media))
    assert 6 == len(found.settings.player.playlist)
    assert 2 == len(found.warnings)
    assert Origin(FLEET) == found.origin(("player", "playlist", 0, "uri"))


def test_playlist_of_the_machines_own_file_is_its_own_business(tmp_path: Path, media: Path) -> None:
    """Also while a document changes something else; and a document that takes its list away leaves none."""
    more = roots(media) + '[[player.playlist]]\nuri = "private.mp4"\noptions = [":sout=x"]\n'
    assert [] == refusals(tmp_path, document({"player": {"volume": 5}}), more=more)
    assert () == assembled(tmp_path, document({"player": {"playlist": None}}), more=more).settings.player.playlist
    # Covered by the list of a later document, it is never played.
    covered = [document(playing("/etc/x")), document(playing(f"{media}/clip.mp4"), GROUP)]
    assert [] == refusals(tmp_path, *covered, more=more)


HOSTILE_URIS = [
    *("file:///etc/shadow", "/etc/shadow", "file://localhost/etc/shadow", "file:/etc/shadow", "private.mp4", "."),
    *("{media}/../private.mp4", "file://{media}/%2e%2e/private.mp4", "file://{media}/%2E./private.mp4", "{media}/.."),
    *(
        "{media}/link/private.mp4",
        "file://{media}/link/private.mp4",
        "{media}/link",
        "{media}/link/media/../private.mp4",
    ),
    *("{media}-private/x", "{media}/sub/../../private.mp4", "media/../private.mp4", "file://{media}/%00/../../x"),
    *("file://{media}/clip.mp4?/../../private.mp4", "/proc/self/environ", "/dev/video0", "/"),
    *("v4l2:///dev/video0", "screen://", "alsa://hw:0", "dvb://", "http://evil.example/", "http://127.0.0.1:8911/"),
    *("http://cdn.example.com@evil.example/", "rtsp://evil.example\\@cdn.example.com/", "smb://evil.example/x"),
    *("fd://0", "vlc://quit", "concat://x", "window://", "cdda://", "jack://", "imem://", "HTTP://EVIL.example/"),
]


@pytest.mark.parametrize("uri", HOSTILE_URIS)
def test_hostile_medium_is_refused(tmp_path: Path, media: Path, uri: str) -> None:
    """A document can have nothing played that the machine does not name, and nothing read (decision 35)."""
    tree = playing(uri.format(media=media))
    assert [f"{FLEET}: player.playlist[0].uri"] == refusals(tmp_path, document(tree), more=roots(media))


def test_rule_for_media_is_lifted_by_name(tmp_path: Path, media: Path) -> None:
    """The semantics of remote.allow are the same for all settings."""
    tree = playing("/srv/other/a.mp4", "screen://", options=[":sout=x"])
    assert [] == refusals(tmp_path, document(tree), more=roots(media, "player.playlist.uri", "player.playlist.options"))
    assert ["player.playlist[0].options[0]", "player.playlist[1].options[0]"] == [
        text.partition(": ")[2] for text in refusals(tmp_path, document(tree), more=roots(media, "player.playlist.uri"))
    ]


HOSTILE: list[dict[str, Any]] = [
    {"kaltura": {"service_url": "https://evil.example/"}},
    {"kaltura": {"service_url": None}},
    {"kaltura": {"partner_id": 666}},
    {"kaltura": {"proxy": "http://evil.example:3128"}},
    {"kaltura": {"session": {"mode": "ks-file", "ks_file": "/etc/shadow"}}},
    {"kaltura": {"session": None}},
    {"kaltura": {"entries": {"file_pattern": "(a+)+$"}}},
    {"kaltura": None},
    {"kaltura": 5},
    {"kaltura": {"backlog": {"rate": 0.0001}}},
    {"kaltura": {"backlog": {"batch_size": 0}}},
    {"kaltura": {"backlog": {"coalesce_s": 1e9}}},
    {"kaltura": {"connect_timeout_s": 1}},
    {"track_event": {"enabled": True, "url": "https://evil.example/"}},
    {"queue": {"max_bytes": 4194304}},
    {"queue": {"max_age_days": 1}},
    {"queue": None},
    {"device": {"id": "another"}},
    {"device": None},
    {"remote": {"url": "mqtt://evil.example"}},
    {"remote": {"url": None}},
    {"remote": {"base": "evil"}},
    {"remote": {"allow": ["kaltura"]}},
    {"remote": {"media_roots": ["/"]}},
    {"remote": {"media_hosts": ["evil.example"]}},
    {"remote": {"password_file": "/etc/shadow", "key_file": "/etc/shadow", "ca_file": "/etc/shadow"}},
    {"remote": {"trial_s": 3600}},
    {"remote": []},
    {"log": {"format": "json", "file": "/etc/cron.d/x"}},
    {"intake": {"web": {"enabled": True, "origins": ["https://evil.example"]}}},
    {"intake": {"socket": "/run/other.sock"}},
    {"player": {"vlc_options": ["--sout=#file{dst=/etc/cron.d/x}"]}},
    {"player": {"vlc_options": None}},
    {"player": {"source": "vlc"}},
    {"player": {"restart": {"hang_after_s": 120}}},
    {"player": {"playlist": [{"uri": "http://cdn.example.com/", "options": [":sout=#file{dst=/etc/x}"]}]}},
    {"player": {"playlist": [{"uri": "http://cdn.example.com/", "options": [":input-slave=file:///etc/shadow"]}]}},
]


@pytest.mark.parametrize("tree", HOSTILE, ids=str)
def test_hostile_document_is_refused_on_the_device_and_at_the_desk(tmp_path: Path, tree: dict[str, Any]) -> None:
    """It can neither send events elsewhere, nor read a file, nor stop the queue."""
    found = refusals(tmp_path, document(tree), more=roots(tmp_path))
    assert found
    assert all(text.startswith(FLEET) for text in found)
    assert check_document(tree)


def test_refusal_of_a_file_tells_nothing_about_the_disk(tmp_path: Path) -> None:
    """Else documents would be a way to look round."""
    (tmp_path / "there").write_text("two\nlines")
    texts = []
    for name in ("there", "gone"):
        path = str(tmp_path / name)
        tree = {"remote": {"password_file": path, "ca_file": path}, "kaltura": {"session": {"ks_file": path}}}
        with pytest.raises(ConfigurationError) as raised:
            assembled(tmp_path, document({**tree, **playing(path)}))
        texts.append(f"{raised.value}{raised.value.warnings}")
    assert texts[0] == texts[1]
    assert str(tmp_path) not in texts[0].replace(f"{tmp_path}/agent.toml", "")


def test_file_alone_is_judged_as_before(tmp_path: Path) -> None:
    """No broker configured: everything else works the same."""
    path = write(tmp_path, SMALLEST + '[[player.playlist]]\nuri = "/etc/passwd"\noptions = [":sout=x"]\n')
    assert 1 == len(load(path, environment={}, machine=MACHINE).settings.player.playlist)
