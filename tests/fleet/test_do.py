"""`kiosk-fleet do`, on a broker in memory."""

import json
import stat
from pathlib import Path

import pytest

from tests.support.fleet import TOPICS, WALL, Exchange, Kiosk, run


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def test_command_is_sent_to_those_who_are_there_and_answered(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who did it, who failed and why, who was not asked."""
    Kiosk(exchange, "dev-a")
    Kiosk(exchange, "dev-b", answers=[{"status": "failed", "reason": "no player"}])
    Kiosk(exchange, "dev-c", online=False)
    Kiosk(exchange, "dev-d", answers=[{"status": "accepted"}])
    found = run(exchange, monkeypatch, "do", "next", "--all", "--yes")
    assert 1 == found.exit_code
    assert [
        "1 device failed: dev-b",
        "  dev-b: no player",
        "1 device took it and are not done: dev-d",
        "1 device offline, not asked: dev-c",
        "1 device done: dev-a",
    ] == found.stdout.splitlines()
    sent = [each for each in exchange.published if each.topic.endswith("/command")]
    assert ["dev-a", "dev-b", "dev-d"] == [each.topic.split("/")[3] for each in sent]


def test_command_expires_and_names_its_answer(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's screen changes an hour later; and the answer goes where only that device may write."""
    Kiosk(exchange, "dev-a")
    run(exchange, monkeypatch, "do", "volume", "50", "--device", "dev-a", "--timeout", "20")
    (sent,) = [each for each in exchange.published if each.topic == TOPICS.command("dev-a")]
    payload = json.loads(sent.payload)
    assert ("volume", {"percent": 50}) == (payload["command"], payload["arguments"])
    assert WALL + 1000 + 20 < payload["expires"] < WALL + 1000 + 200
    assert (payload["id"].encode(), 20, TOPICS.result("dev-a")) == (
        sent.correlation,
        sent.expiry_s,
        sent.response_topic,
    )
    assert (1, False) == (sent.qos, sent.retain)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("Did you mean pause?", ["pase"]),
        ("The command is: volume PERCENT", ["volume"]),
        ("The command is: next", ["next", "5"]),
        ("kiosk-fleet report", ["report"]),
        ("arguments.percent", ["volume", "900"]),
        ("arguments.level", ["log-level", "loud", "60"]),
        ("arguments.seconds", ["log-level", "debug", "soon"]),
    ],
)
def test_command_that_no_device_takes_is_refused_before_the_broker_is_asked(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, words: str, arguments: list[str]
) -> None:
    """By the devices' own code, with what was meant."""
    exchange.is_down = True
    found = run(exchange, monkeypatch, "do", *arguments, "--all")
    assert 2 == found.exit_code
    assert words in found.stderr


def test_many_screens_are_asked_about_first(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pausing one screen is daily work, pausing a city is not."""
    for number in range(11):
        Kiosk(exchange, f"dev-{number}")
    found = run(exchange, monkeypatch, "do", "pause", "--all")
    assert 2 == found.exit_code
    assert not [each for each in exchange.published if each.topic.endswith("/command")]
    assert 0 == run(exchange, monkeypatch, "do", "pause", "--all", "--ask-above", "11").exit_code
    assert 0 == run(exchange, monkeypatch, "do", "pause", "--all", "--yes").exit_code


def test_diagnostics_are_files_for_their_owner_alone(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are redacted, and still say a lot about a customer's network."""
    Kiosk(exchange, "dev-a", answers=[{"status": "done", "data": {"log": ["line"]}}])
    found = run(exchange, monkeypatch, "do", "diagnostics", "--device", "dev-a", "--output", str(tmp_path), "--json")
    assert 0 == found.exit_code
    (device,) = json.loads(found.stdout)["devices"]
    path = Path(device["file"])
    assert tmp_path == path.parent
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert {"log": ["line"]} == json.loads(path.read_text(encoding="utf-8"))
    assert device["data"] is None


def test_folder_for_diagnostics_must_be_there(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before forty devices have collected theirs."""
    found = run(exchange, monkeypatch, "do", "diagnostics", "--all", "--output", "/nonexistent")
    assert 2 == found.exit_code
    assert "is no folder" in found.stderr


def test_json_of_a_command_is_stable(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts read it."""
    Kiosk(exchange, "dev-a")
    found = run(exchange, monkeypatch, "do", "log-level", "debug", "60", "--all", "--json")
    assert {
        "ok": True,
        "command": "log-level",
        "arguments": {"level": "debug", "seconds": 60},
        "level": "fleet",
        "devices": [{"device": "dev-a", "status": "done", "reason": None, "data": None}],
    } == json.loads(found.stdout)


def test_nobody_there_is_told(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt group looks like this."""
    assert "No device that is known" in run(exchange, monkeypatch, "do", "next", "--group", "x").stdout
