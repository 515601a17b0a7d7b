"""A host as a child process."""

import subprocess
from pathlib import Path

import pytest

from agent.player.hostoptions import HostOptions
from agent.player.lifecycle import Child
from tests.support.players import short_folder


def test_child_without_a_socket_to_dial_ends_by_itself(tmp_path: Path) -> None:
    """A host that nobody listens to holds the screen for nothing."""
    with short_folder() as folder:
        child = Child(folder / "nobody.sock", HostOptions(headless=True))
        assert child.ended() == "not started"
        child.start(1, careful=False, without=())
        child.wait(60)
        assert child.ended() == "exit status 0"
        child.kill()


def test_killed_child_is_gone_and_says_how() -> None:
    """The reason stands in the log: 11 is a fault of libvlc, 9 was us or the memory's end."""
    with short_folder() as folder:
        child = Child(folder / "nobody.sock", HostOptions(headless=True))
        child.start(1, careful=False, without=())
        child.kill()
        assert child.ended() == "killed by signal 9"


def test_options_hold_for_the_next_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that runs keeps what it was started with."""
    lines: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda line, **_: lines.append(line))
    child = Child(Path("/nowhere/s"), HostOptions(headless=True))
    child.start(1, careful=False, without=())
    child.configure(HostOptions(vlc_options=("--verbose=2",)))
    child.start(2, careful=False, without=())
    assert ["--headless" in line for line in lines] == [True, False]
    assert ["--vlc=--verbose=2" in line for line in lines] == [False, True]
