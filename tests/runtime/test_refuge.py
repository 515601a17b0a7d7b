"""The folder in memory: ours alone, and found again."""

import shutil
import socket
from pathlib import Path

import pytest

from agent.runtime.refuge import give_up, inhabited, refuge


def test_refuge_is_private_and_the_same_each_time(tmp_path: Path) -> None:
    """A process that was killed in it goes on with what it had."""
    first = refuge(tmp_path / "state", memory=tmp_path)
    assert 0o700 == first.stat().st_mode & 0o777
    assert first == refuge(tmp_path / "state", memory=tmp_path)
    assert first != refuge(tmp_path / "other", memory=tmp_path)


def test_folder_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    """Memory is everybody's: a folder laid out for us may be a trap."""
    trap = refuge(tmp_path / "state", memory=tmp_path)
    trap.chmod(0o777)
    found = refuge(tmp_path / "state", memory=tmp_path)
    assert trap != found
    assert 0o700 == found.stat().st_mode & 0o777
    found.rmdir()
    give_up(tmp_path / "state", memory=tmp_path)
    assert trap.exists()
    shutil.rmtree(trap)
    trap.symlink_to(tmp_path)
    found = refuge(tmp_path / "state", memory=tmp_path)
    assert trap != found
    found.rmdir()


def test_agent_in_its_refuge_is_found_by_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever types `kiosk-agent status` does not know where the agent fled to."""
    state = tmp_path / "state"
    state.mkdir()
    assert inhabited(state, "s", memory=tmp_path) is None
    folder = refuge(state, memory=tmp_path)
    assert inhabited(state, "s", memory=tmp_path) is None
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        assert folder == inhabited(state, "s", memory=tmp_path)
    give_up(state, memory=tmp_path)
    assert inhabited(state, "s", memory=tmp_path) is None
