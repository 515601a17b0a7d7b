"""Where the state folder is."""

import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from agent.cli.place import DEFAULT_STATE_DIR, default_state_dir, state_dir_option


def test_no_environment_gives_the_packages_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command typed by hand must find the agent that the unit started."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert Path("/var/lib/kiosk-agent") == DEFAULT_STATE_DIR == default_state_dir()


def test_systemds_folder_wins_and_the_first_of_several_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd joins several StateDirectory= entries with colons."""
    monkeypatch.setenv("STATE_DIRECTORY", "/srv/one:/srv/two")
    assert Path("/srv/one") == default_state_dir()


def test_the_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the operator typed counts."""
    monkeypatch.setenv("STATE_DIRECTORY", "/srv/one")

    @click.command()
    @state_dir_option
    def where(state_dir: Path) -> None:
        click.echo(str(state_dir))

    assert CliRunner().invoke(where, ["--state-dir", "/srv/mine"]).output == "/srv/mine\n"
    assert CliRunner().invoke(where, []).output == "/srv/one\n"


def test_folder_that_may_not_be_read_is_no_mistake_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member of intake.group may report, and is locked out of the state folder."""
    monkeypatch.setattr(os, "access", lambda *_arguments, **_more: False)

    @click.command()
    @state_dir_option
    def where(state_dir: Path) -> None:
        click.echo(str(state_dir))

    assert f"{tmp_path}\n" == CliRunner().invoke(where, ["--state-dir", str(tmp_path)]).output
