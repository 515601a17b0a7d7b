"""What every command begins and ends with."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.fleet.main import kiosk_fleet
from agent.fleet.office import who


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
