"""`kiosk-fleet show`."""

import json

import pytest

from agent.fleet import documents
from agent.remote.documents import Document
from agent.remote.topics import Device, Fleet, Group, Level
from tests.support.fleet import TOPICS, Exchange, Kiosk, run


def say(exchange: Exchange, level: Level, tree: dict[str, object], **more: object) -> None:
    document = Document(level, 3, tree, **more)  # type: ignore[arg-type]
    exchange.retained[TOPICS.desired(level)] = documents.encode(document)


def test_documents_are_laid_over_each_other_as_the_device_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why is this screen so loud? The level that says so is named."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a", groups=["berlin", "lobby"])
    say(exchange, Fleet(), {"player": {"volume": 10, "rotation": 90}, "log": {"level": "info"}})
    say(exchange, Group("berlin"), {"player": {"volume": 20}})
    say(exchange, Group("lobby"), {"player": {"volume": 30, "rotation": None}})
    say(exchange, Group("cellar"), {"player": {"volume": 99}})
    found = json.loads(run(exchange, monkeypatch, "show", "dev-a", "--json").stdout)
    assert [
        {"setting": "log.level", "value": "info", "level": "fleet"},
        {"setting": "player.rotation", "value": None, "level": "group/lobby"},
        {"setting": "player.volume", "value": 30, "level": "group/lobby"},
    ] == found["configuration"]
    assert ["fleet", "group/berlin", "group/lobby"] == list(found["documents"])
    assert {"ok", "device", "documents", "configuration", "state"} == set(found)


def test_everything_that_a_person_asks_about_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Support reads it over the telephone."""
    exchange = Exchange()
    kiosk = Kiosk(exchange, "dev-a", manner="refuses")
    kiosk.state["sinks"] = [
        {"name": "stats.collect", "state": "held", "text": "partner", "depth": 7, "dropped": {"age": 2}}
    ]
    kiosk.state["config"]["allow"] = ["kaltura.partner_id"]
    kiosk.take("fleet", 3)
    say(exchange, Fleet(), {"player": {"volume": 5}}, by="ann", note="why")
    found = run(exchange, monkeypatch, "show", "dev-a")
    assert 0 == found.exit_code
    for words in (
        "dev-a · Screen dev-a · Berlin · #portrait",
        "playing a film.mp4 · item 2 of 3",
        "online, session 12",
        "stats.collect · held · partner · 7 waiting · 2 dropped: age",
        "fleet: wanted 3, applied -",
        "player.volume: is 900",
        "hash 0123456789ab",
        "also permits: kaltura.partner_id",
        "fleet: revision 3 by ann (why)",
        "player.volume = 5    fleet",
        "agent 1 h 0 min, machine 2 h 0 min",
    ):
        assert words in found.stdout


def test_device_that_nobody_knows_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to check; a document alone is something to show."""
    exchange = Exchange()
    found = run(exchange, monkeypatch, "show", "dev-a")
    assert 1 == found.exit_code
    assert "has told nothing of itself here" in found.stdout
    say(exchange, Device("dev-a"), {"player": {"volume": 5}})
    assert 0 == run(exchange, monkeypatch, "show", "dev-a").exit_code


def test_damaged_document_and_hostile_state_are_shown_safely(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal is an operator's workplace."""
    exchange = Exchange()
    kiosk = Kiosk(exchange, "dev-a")
    kiosk.state["device"]["name"] = "\x1b]0;owned\x07"
    kiosk.state["version"] = ["no", "text"]
    kiosk.report()
    exchange.retained[TOPICS.desired(Fleet())] = b"\x1b[2J"
    found = run(exchange, monkeypatch, "show", "dev-a")
    assert 0 == found.exit_code
    assert "is no document" in found.stdout
    assert "\x1b" not in found.stdout
