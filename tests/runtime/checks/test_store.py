"""The store's check, against real stores in every state."""

import sqlite3
from pathlib import Path

import pytest

from agent.runtime.checks import store as check
from agent.runtime.checks.finding import Level
from tests.support.outbox import open_outbox
from tests.support.stores import store_with_story


def test_no_store_yet_is_in_order(tmp_path: Path) -> None:
    """doctor is run before the first start."""
    assert Level.OK is check.store(tmp_path, agent_pid=None).level
    assert [] == list(tmp_path.iterdir())


def test_folder_that_may_not_be_looked_into_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing somebody types is doctor, without sudo."""

    def refused(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refused)
    finding = check.store(tmp_path, agent_pid=None)
    assert (Level.WARN, "cannot be looked at: permission denied") == (finding.level, finding.text)


def test_sound_store_is_read_whole(tmp_path: Path) -> None:
    """The full check, not only the header."""
    store_with_story(tmp_path).close()
    finding = check.store(tmp_path, agent_pid=None)
    assert (Level.OK, True) == (finding.level, "every row was read" in finding.text)


def test_store_of_the_running_agent_is_left_alone(tmp_path: Path) -> None:
    """Two connections are what the lock forbids."""
    outbox = store_with_story(tmp_path)
    assert "pid 77" in check.store(tmp_path, agent_pid=77).text
    assert Level.WARN is check.store(tmp_path, agent_pid=None).level
    outbox.close()


def test_row_that_makes_no_sense_is_found(tmp_path: Path) -> None:
    """Damage in the middle shows only in the full check (decision 28)."""
    store_with_story(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute("UPDATE events SET attribution = 4711 WHERE sequence = 3")
    connection.commit()
    connection.close()
    finding = check.store(tmp_path, agent_pid=None)
    assert Level.FAIL is finding.level
    assert finding.remedy


@pytest.mark.parametrize("content", [b"garbage" * 4096, b""])
def test_file_that_is_no_store_fails_and_stays(tmp_path: Path, content: bytes) -> None:
    """The next start sets it aside; doctor only says so."""
    path = tmp_path / "store.db"
    path.write_bytes(content)
    assert Level.FAIL is check.store(tmp_path, agent_pid=None).level
    assert content == path.read_bytes()


def test_volatile_folder_is_a_warning_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raspberry Pi OS's read-only mode loses the queue at each power cut (decision 30)."""
    monkeypatch.setattr(check, "volatility", lambda _folder: "is in memory (tmpfs)")
    finding = check.keeps(tmp_path)
    assert finding is not None
    assert (Level.WARN, True) == (finding.level, "tmpfs" in finding.text)
    monkeypatch.setattr(check, "volatility", lambda _folder: None)
    kept = check.keeps(tmp_path)
    assert kept is not None
    assert Level.OK is kept.level


def test_storage_that_cannot_be_asked_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hardened unit may hide /proc."""

    def hidden(_folder: Path) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(check, "volatility", hidden)
    assert check.keeps(tmp_path) is None


def test_card_from_another_board_is_a_warning_with_both_ways_out(tmp_path: Path) -> None:
    """At rest the store says so itself, in use its agent does."""
    for board in ("board-1", "board-2"):
        open_outbox(tmp_path, hardware_key=board).close()
    for finding in (check.store(tmp_path, agent_pid=None), check.store(tmp_path, agent_pid=7, moved="device-001")):
        assert (Level.WARN, True) == (finding.level, "device-001 on another board" in finding.text)
        assert "--replace device-001" in (finding.remedy or "")
