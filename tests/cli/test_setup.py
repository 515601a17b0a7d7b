"""`kiosk-agent setup`, from the first answer to the first event, with a real agent and real services."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.setup import setup
from agent.config.files import load
from agent.runtime.setup.places import Places
from tests.support.brokers import Broker
from tests.support.media import clip
from tests.support.sessions import app_token
from tests.support.setups import LEAST, a_machine, told, with_systemd
from tests.support.terminals import Terminal
from tools.standin.server import Collector

ENTRY = "0_abcd1234"


@pytest.fixture
def service() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    """A machine with systemd, whose agent is ended after the test."""
    places = a_machine(tmp_path / "machine")
    monkeypatch.setenv("PATH", f"{with_systemd(places)}{os.pathsep}{os.environ['PATH']}")
    yield places
    if (pid := places.root / "agent.pid").exists():
        os.system(f"kill -9 {pid.read_text().strip()} 2>/dev/null")


def run(places: Places, *arguments: str, stdin: str = "") -> Result:
    """The command on that machine, with nobody at a terminal."""
    return CliRunner().invoke(setup, ["--root", str(places.root), *arguments], input=stdin)


@pytest.mark.all
def test_options_lead_to_the_first_event(service: Collector, machine: Places) -> None:
    """What a provisioning script does: one command, and it ends when the event has arrived."""
    token = app_token("sha256")
    answers = ["--partner", "102", "--service-url", service.url, "--device-id", "device-007", "--name", "Lobby"]
    login = ["--app-token-id", token.ident, "--app-token-file", "-", "--play", f"{clip()} {ENTRY}"]
    result = run(machine, *answers, *login, stdin=f"{token.token}\n")
    assert 0 == result.exit_code, result.output
    assert "The first event was delivered to stats.collect" in result.output
    assert token.token not in result.output
    assert ["enable kiosk-agent.service", "restart kiosk-agent.service"] == told(machine)
    assert ENTRY == service.events[0]["entryId"]
    session = load(machine.config, environment={}).settings.kaltura.session
    assert ("app-token", str(machine.secrets / "app-token")) == (session.mode.value, session.app_token_file)
    again = run(machine)
    assert (0, True) == (again.exit_code, "Everything was written already." in again.output), again.output
    assert "start kiosk-agent.service" == told(machine)[-1]


@pytest.mark.all
def test_conversation_on_a_terminal_leads_to_the_first_event(
    service: Collector, machine: Places, tmp_path: Path
) -> None:
    """The promise of the first page: install, answer, see the event. With a wrong answer on the way, which is told."""
    token = app_token("sha256")
    with Broker(tmp_path / "broker") as broker:
        broker.add_user("device-007", "brokers-password")
        command = [sys.executable, "-m", "agent.cli.main", "setup", "--root", str(machine.root)]
        with Terminal(command, {"DISPLAY": "", "WAYLAND_DISPLAY": ""}) as terminal:
            terminal.asks("(partner)", "one hundred and two")
            terminal.reads("a whole number")
            terminal.asks("(partner)", "102")
            terminal.asks("Kaltura's address [https://www.kaltura.com/api_v3]", service.url)
            terminal.asks("How this kiosk logs in [app-token]", "")
            terminal.asks("Id of the app token", token.ident)
            terminal.asks("The app token", "a-wrong-token-1234567890")
            terminal.asks("Hash type of the app token [SHA256]", "")
            terminal.asks("Id of this kiosk", "device-007")
            terminal.asks("Its name for people", "Lobby, left")
            terminal.asks("Where it stands", "")
            terminal.asks("Address of the MQTT broker", f"mqtt://127.0.0.1:{broker.plain_port}")
            terminal.asks("User at the broker", "")
            terminal.asks("Password at the broker", "brokers-password")
            terminal.asks("certificate authority", "")
            terminal.asks("What is played", f"{clip()} {ENTRY}")
            terminal.asks("What is played", "")
            terminal.reads("fail  session")
            terminal.asks("What now?", "c")
            terminal.asks("(partner) [102]", "")
            terminal.asks("Kaltura's address", "")
            terminal.asks("How this kiosk logs in", "")
            terminal.asks(f"Id of the app token [{token.ident}]", "")
            terminal.asks("The app token [", token.token)
            for question in ("Hash type", "machine) [device-007]", "Its name", "Where it stands"):
                terminal.asks(question, "")
            for question in (
                "(empty: none) [mqtt://",
                "User at",
                "Password at the broker [",
                "authority",
                "[1 as before]",
            ):
                terminal.asks(question, "")
            terminal.reads("ok    broker")
            terminal.reads("The first event was delivered to stats.collect")
            assert 0 == terminal.ends(), terminal.shown
    assert token.token not in terminal.shown
    assert "brokers-password" not in terminal.shown
    loaded = load(machine.config, environment={}).settings
    assert ("Lobby, left", None) == (loaded.device.name, loaded.device.site)
    assert "brokers-password\n" == (machine.secrets / "broker-password").read_text()


def test_ctrl_c_leaves_everything_as_it_was(machine: Places) -> None:
    """Somebody only wanted to see what it asks."""
    command = [sys.executable, "-m", "agent.cli.main", "setup", "--root", str(machine.root)]
    with Terminal(command, {}) as terminal:
        terminal.asks("(partner)", "102")
        terminal.asks("Kaltura's address", "\x03")
        assert 1 == terminal.ends()
    assert (False, []) == (machine.folder.exists(), told(machine))


def test_what_is_missing_or_wrong_is_told_and_nothing_is_done(tmp_path: Path) -> None:
    """A script must not wait for an answer that nobody gives."""
    places = a_machine(tmp_path)
    for arguments, words in (
        ([], "--partner"),
        (["--partner", "x"], "--partner: found"),
        (["--partner", "1", "--session", "app-token"], "--app-token-file"),
        (["--partner", "1", "--ks-file", str(tmp_path / "none")], "--ks-file: the file cannot be read"),
        (["--partner", "1", "--ks-file", "-", "--broker-password-file", "-"], "one secret only"),
        (["--partner", "1", "--play", "gopher://a"], "gopher"),
        (["--from-boot", "--partner", "1"], "stand alone"),
        (["--from-boot", "--image"], "stand alone"),
    ):
        result = run(places, *arguments)
        assert (2, True) == (result.exit_code, words in result.output), (arguments, result.output)
    assert not places.folder.exists()


def test_service_that_is_not_there_keeps_it_from_being_written_unless_that_is_meant(tmp_path: Path) -> None:
    """An image is made in an office without a way out."""
    places = a_machine(tmp_path)
    answers = ["--partner", "1", "--service-url", "http://127.0.0.1:9", "--play", f"{clip()} {ENTRY}"]
    refused = run(places, *answers)
    assert (1, False) == (refused.exit_code, places.config.exists())
    assert [] == [word for word in ("fail  collector", "--skip-checks") if word not in refused.output]
    meant = run(places, *answers, "--skip-checks")
    assert (0, True) == (meant.exit_code, "Start it with: kiosk-agent run" in meant.output)
    changed = run(places, "--site", "Berlin", "--skip-checks")
    assert (2, True) == (changed.exit_code, "--force" in changed.output)
    assert 0 == run(places, "--site", "Berlin", "--skip-checks", "--force").exit_code
    assert "Berlin" == load(places.config).settings.device.site
    assert places.config.with_name("kiosk-agent.toml.bak").exists()


def test_service_that_does_not_start_is_told_with_what_doctor_says(service: Collector, machine: Places) -> None:
    """The unit's own words, and then the examination."""
    (machine.root / "systemctl.fails").touch()
    answers = ["--partner", "102", "--service-url", service.url, "--play", f"{clip()} {ENTRY}"]
    result = run(machine, *answers)
    assert 1 == result.exit_code
    assert [] == [
        word
        for word in ("Job for kiosk-agent.service failed", "journalctl", "state folder")
        if word not in result.output
    ]


def test_agent_that_never_answers_is_told_by_an_exit_status_of_its_own(
    service: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script tells "not there" from "not delivered"."""
    places = a_machine(tmp_path)
    program = with_systemd(places)
    (program / "systemctl").write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", f"{program}{os.pathsep}{os.environ['PATH']}")
    answers = ["--partner", "102", "--service-url", service.url, "--play", f"{clip()} {ENTRY}", "--wait", "1"]
    result = run(places, *answers)
    assert (3, True) == (result.exit_code, "does not answer" in result.output), result.output


def test_boot_partition_is_carried_in_without_a_question(tmp_path: Path) -> None:
    """What the first-boot unit calls; its exit status is systemd's to show."""
    places = a_machine(tmp_path)
    nothing = run(places, "--from-boot")
    assert (0, True) == (nothing.exit_code, "Nothing for kiosk-agent" in nothing.output)
    (places.boots[0] / "kiosk-agent.toml").write_text("[kaltura\n")
    assert 2 == run(places, "--from-boot").exit_code
    (places.boots[0] / "kiosk-agent.toml").write_text(LEAST)
    done = run(places, "--from-boot", "--skip-checks", "--no-start")
    assert (0, 102) == (done.exit_code, load(places.config).settings.kaltura.partner_id), done.output


def test_replacement_takes_the_id_and_says_what_that_means(tmp_path: Path) -> None:
    """A new card in a new board, as the dead one was."""
    places = a_machine(tmp_path)
    answers = ["--partner", "1", "--service-url", "http://127.0.0.1:9", "--skip-checks", "--no-start"]
    result = run(places, "--replace", "device-001", *answers)
    assert 0 == result.exit_code, result.output
    assert [] == [word for word in ("is device-001 from now on", "queue export") if word not in result.output]
    assert "device-001" == load(places.config).settings.device.id


def test_only_root_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the one word that is missing."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    result = CliRunner().invoke(setup, ["--partner", "1"])
    assert (2, True) == (result.exit_code, "sudo kiosk-agent setup" in result.output)


def test_disk_that_is_full_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by forty lines of a program's inside."""
    places = a_machine(tmp_path)

    def full(*_arguments: object, **_more: object) -> None:
        raise OSError(28, "No space left on device", "/etc/kiosk-agent/kiosk-agent.toml")

    monkeypatch.setattr("agent.cli.setting_up.apply", full)
    result = run(places, "--partner", "1", "--service-url", "http://127.0.0.1:9", "--skip-checks")
    assert (1, True) == (result.exit_code, "kiosk-agent.toml: No space left on device" in result.output)


def test_no_secret_stands_on_a_command_line() -> None:
    """`ps` shows every option of everybody."""
    names = [
        name for each in setup.params for name in each.opts if "token" in name or "secret" in name or "password" in name
    ]
    assert names
    assert [] == [name for name in names if not name.endswith(("-file", "-id", "-hash"))]
