"""The Learning Record Store as the settings describe it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from agent.config.identity import Machine
from agent.config.model import Settings
from agent.config.xapi import Actor, Authentication, Login, Profile, Xapi
from agent.kernel import codec
from agent.kernel.events import PausedEvent, Playhead
from agent.kernel.milestones import QUARTILES
from agent.kernel.verdict import Delivered, Held, Later
from agent.runtime import learning
from agent.runtime.learning import TEMPLATE_BYTES, UnusableError, marks, problem, rules, store
from agent.sinks.base import Sink
from agent.sinks.xapi.actors import KEY_BYTES
from agent.sinks.xapi.sink import NAME
from agent.sinks.xapi.sink import Xapi as Sending
from agent.sinks.xapi.unready import Unready
from tests.support.lrs import Lrs
from tests.support.playback import WALL
from tests.support.serving import settings
from tests.support.track_event import as_stored
from tests.support.wires import QUICK, wire

KEY = "k" * KEY_BYTES


def having(folder: Path, **xapi: Any) -> Settings:
    """Settings with this `[xapi]`."""
    (folder / "key").write_text(KEY)
    given = {"enabled": True, "endpoint": "http://127.0.0.1:9/xAPI", "actor_key_file": str(folder / "key"), **xapi}
    return evolve(settings(folder, "http://127.0.0.1:9/api_v3"), xapi=Xapi(**given))


def sent(sink: Sink) -> object:
    """How one pause is taken."""
    event = PausedEvent(1.0, 1, Playhead(position=1.0, duration=2.0))
    kind, body = codec.encode(event)
    stored = replace(as_stored(event, 1), kind=kind, body=body)
    found = sink.project("", stored, time=WALL, age=None)
    return sink.send(found.messages[0], attempt=0)


def test_each_way_to_log_in_is_taken(tmp_path: Path) -> None:
    """A password and a client's secret stand in a file, and go to whom they are for."""
    (tmp_path / "password").write_text("right\n")
    password = {"user": "kiosk", "password_file": str(tmp_path / "password")}
    with Lrs(login=("kiosk", "right"), tokens={"t"}, issue=[{"access_token": "t"}]) as lrs:
        logins = [
            Authentication(mode=Login.BASIC, **password),
            Authentication(mode=Login.OAUTH2, token_url=lrs.token_url, **password),
            Authentication(),
        ]
        found = [
            sent(store(having(tmp_path, endpoint=lrs.url, authentication=each), wire(QUICK))[0]) for each in logins
        ]
    assert [Delivered, Delivered, Held] == [type(each) for each in found]


def test_password_that_is_not_there_yet_holds_the_queue(tmp_path: Path) -> None:
    """Somebody brings it; no play is lost meanwhile, and the text names the setting."""
    login = Authentication(mode=Login.BASIC, user="kiosk", password_file=str(tmp_path / "none"))
    sink, _ = store(having(tmp_path, authentication=login), wire(QUICK))
    found = sent(sink)
    assert isinstance(found, Held)
    assert "xapi.authentication.password_file" in found.text


def test_store_that_is_away_is_tried_again(tmp_path: Path) -> None:
    """Nothing listens there."""
    sink, lrs = store(having(tmp_path), wire(QUICK))
    assert isinstance(sink, Sending)
    assert sink is lrs
    assert isinstance(sent(sink), Later)


@pytest.mark.parametrize(
    ("expected", "setting", "content"),
    [
        ("no JSON", "templates_file", b"{"),
        ("not text", "templates_file", b"\xff\xfe"),
        ("is larger than", "templates_file", b" " * (TEMPLATE_BYTES + 1)),
        ("dance: is no template", "templates_file", b'{"dance": {}}'),
        ("cannot be read", "templates_file", None),
        ("shorter than", "actor_key_file", b"short"),
        ("cannot be read", "actor_key_file", None),
        ("is empty", "actor_key_file", b"\n"),
    ],
)
def test_file_that_cannot_be_used_holds_the_queue_and_is_named(
    tmp_path: Path, expected: str, setting: str, content: bytes | None
) -> None:
    """The same words in `config check`, in `doctor` and in `status`, with the place that is wrong."""
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    wrong = having(tmp_path, **{setting: str(file)})
    found = problem(wrong)
    assert found is not None
    assert (("xapi", setting), True) == (found.place, expected in found.what)
    sink, lrs = store(wrong, wire(QUICK))
    assert isinstance(sink, Unready)
    assert lrs is None
    held = sent(sink)
    assert isinstance(held, Held)
    assert (f"xapi.{setting}: ", True) == (held.text[: len(setting) + 7], expected in held.text)
    assert problem(having(tmp_path)) is None


def test_templates_of_the_integrator_are_read(tmp_path: Path) -> None:
    """Data, and no change of the program."""
    file = tmp_path / "statements.json"
    file.write_text(json.dumps({"pause": None, "play": {"verb": {"display": {"de": "spielte"}}}}))
    found = rules(having(tmp_path, templates_file=str(file)).xapi).templates.by_name
    assert "pause" not in found
    assert {"en-US": "played", "de": "spielte"} == found["play"]["verb"]["display"]


def test_key_of_the_pseudonyms_is_the_files_or_else_made_from_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two kiosks with one key tell of one person; without one nobody can tell who it was."""

    def key(machine_id: str, **xapi: Any) -> bytes:
        monkeypatch.setattr(learning, "read_machine", lambda: Machine(machine_id, None))
        return rules(having(tmp_path, **xapi).xapi).actors.key

    assert KEY.encode() == key("a" * 32) == key("b" * 32)
    alone = {"actor_key_file": None}
    assert key("a" * 32, **alone) == key("a" * 32, **alone) != key("b" * 32, **alone)
    assert b"a" * 32 not in key("a" * 32, **alone)
    assert b"" == key("a" * 32, actor=Actor.ACCOUNT, actor_key_file=None)


def test_machine_without_an_id_needs_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that everybody knows would be none."""
    monkeypatch.setattr(learning, "read_machine", lambda: Machine(None, None))
    with pytest.raises(UnusableError, match=r"xapi\.actor_key_file: is missing"):
        rules(having(tmp_path, actor_key_file=None).xapi)


def test_addresses_come_from_the_portal_unless_they_are_given(tmp_path: Path) -> None:
    """Other players of the portal tell the same activities."""
    found = rules(having(tmp_path, portal_url="https://p.example").xapi)
    assert "https://p.example/media/t/{id}" == found.entry_url
    assert "https://p.example/default/channels/view/channelid/{id}" == found.category_url
    assert "https://x/{id}" == rules(having(tmp_path, entry_url="https://x/{id}").xapi).entry_url


@pytest.mark.parametrize(
    ("expected", "percent", "profile"),
    [
        ((0.25, 0.5, 0.75), 25, Profile.KALTURA),
        ((0.3, 0.6, 0.9), 30, Profile.KALTURA),
        (QUARTILES, 5, Profile.VIDEO),
    ],
)
def test_progress_is_told_as_often_as_set(expected: tuple[float, ...], percent: int, profile: Profile) -> None:
    """At the start and at the end always; the other vocabulary has no progress of its own."""
    assert expected == marks(Xapi(progress_percent=percent, profile=profile))


def test_its_name_is_that_of_its_counters(tmp_path: Path) -> None:
    """Ready or not."""
    assert NAME == store(having(tmp_path), wire(QUICK))[0].name
