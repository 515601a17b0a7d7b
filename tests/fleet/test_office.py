"""What every command begins and ends with."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.fleet.access import Access
from agent.fleet.console import Console
from agent.fleet.main import kiosk_fleet
from agent.fleet.office import Office, who
from agent.fleet.sighting import Roll
from agent.remote.settings import BrokerSettings
from tests.support.fleet import TOPICS, Exchange, Kiosk


def test_operator_has_a_name_that_devices_take() -> None:
    """It stands in the documents, so that the next one knows whom to ask."""
    assert 0 < len(who()) <= 100
    assert who().isprintable()


def test_settings_that_cannot_be_used_are_all_named(tmp_path: Path) -> None:
    """Status 2, with a list for people and one for machines."""
    path = tmp_path / "fleet.toml"
    path.write_text('url = "nonsense"\nusr = 1\n', encoding="utf-8")
    found = CliRunner().invoke(kiosk_fleet, ["status", "--settings", str(path)])
    assert 2 == found.exit_code
    assert "The connection's settings cannot be used." in found.stderr
    assert "Did you mean user?" in found.stderr
    found = CliRunner().invoke(kiosk_fleet, ["status", "--settings", str(path), "--json"])
    error = json.loads(found.stdout)["error"]
    assert ("settings", 2) == (error["kind"], len(error["problems"]))
    assert {"place", "what", "allowed", "suggestion", "remedy", "origin"} == set(error["problems"][0])


def test_environment_names_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """For jobs that have no home; nobody listens at port 1."""
    monkeypatch.setenv("KIOSK_FLEET_URL", "mqtt://127.0.0.1:1")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    found = CliRunner().invoke(kiosk_fleet, ["status"])
    assert 3 == found.exit_code
    assert "check that the broker runs, and the port in url" in found.stderr
    assert "remote." not in found.stderr


def test_password_is_no_option() -> None:
    """Every user of a machine sees every command line."""
    found = CliRunner().invoke(kiosk_fleet, ["status", "--password", "hunter2"])
    assert 2 == found.exit_code
    assert "hunter2" not in found.output


def test_fleet_is_watched_while_the_person_thinks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is there when the document is published counts, not who was there when the question was asked."""
    exchange = Exchange()
    roll = Roll(TOPICS)
    with ExitStack() as stack:
        office = Office(Console(), lambda: Access(BrokerSettings("mqtt://x", "op"), "kiosk"), stack)
        monkeypatch.setattr("agent.fleet.office.opened", exchange.opened)
        office.desk.subscribe(["kiosk/v1/device/+/presence"])
        Kiosk(exchange, "dev-a", online=False)

        def ask(_console: Console, _question: str, *, meanwhile: Callable[[], None]) -> None:
            meanwhile()
            meanwhile()

        monkeypatch.setattr(Console, "confirm", ask)
        office.confirm("Really?", roll)
    assert not roll.devices["dev-a"].is_online
