"""The store's check, against real stores in every state."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.outbox.ledger import Change
from agent.runtime.checks import store as check
from agent.runtime.checks.finding import Level
from agent.runtime.control import ControlError
from agent.runtime.figures import figures
from tests.support.outbox import a_record, core_of, open_outbox
from tests.support.stores import store_with_story


def test_no_store_yet_is_in_order(tmp_path: Path) -> None:
    """doctor is run before the first start."""
    assert Level.OK is check.store(tmp_path, agent=None).level
    assert [] == list(tmp_path.iterdir())


def test_folder_that_may_not_be_looked_into_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing somebody types is doctor, without sudo."""

    def refused(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refused)
    finding = check.store(tmp_path, agent=None)
    assert (Level.WARN, "cannot be looked at: permission denied") == (finding.level, finding.text)


def test_sound_store_is_read_whole(tmp_path: Path) -> None:
    """The full check, not only the header."""
    store_with_story(tmp_path).close()
    finding = check.store(tmp_path, agent=None)
    assert (Level.OK, True) == (finding.level, "every row was read" in finding.text)


def asked(monkeypatch: pytest.MonkeyPatch, answer: Callable[[int], dict[str, Any]]) -> list[int]:
    """Answer each part of the full check so; where the parts began."""
    begun: list[int] = []

    def ask(_folder: Path, call: str, *, after: int) -> dict[str, Any]:
        assert "queue.check" == call
        begun.append(after)
        return answer(after)

    monkeypatch.setattr(check, "ask", ask)
    return begun


AGENT = {"pid": 77, "queue": {"balanced": True}, "sinks": []}


def test_store_of_the_running_agent_is_left_alone_and_its_agent_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two connections are what the lock forbids."""
    outbox = store_with_story(tmp_path)
    begun = asked(monkeypatch, lambda after: {"after": 4_000 if not after else None, "problem": None})
    finding = check.store(tmp_path, agent=AGENT)
    assert (Level.OK, [0, 4_000]) == (finding.level, begun)
    assert "sound: every row was read; the books balance; in use by the running agent (pid 77)" == finding.text
    assert Level.WARN is check.store(tmp_path, agent=None).level
    outbox.close()


def test_long_queue_of_a_running_agent_is_read_for_some_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody waits at the terminal, and the kiosk plays."""
    monkeypatch.setattr(check, "CHECK_AT_MOST_S", 0.0)
    asked(monkeypatch, lambda after: {"after": after + 4_000, "problem": None})
    finding = check.store(tmp_path, agent=AGENT)
    assert (Level.OK, True) == (finding.level, "kiosk-agent queue check reads all" in finding.text)


def test_damage_that_the_running_agent_finds_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It repairs it; whoever asked must hear of the card all the same."""
    asked(monkeypatch, lambda _: {"after": None, "problem": "A row of the store makes no sense."})
    finding = check.store(tmp_path, agent=AGENT)
    assert (Level.FAIL, True) == (finding.level, "A row of the store makes no sense." in finding.text)

    def silent(*_: object, **__: object) -> None:
        raise ControlError("it gave no answer")

    monkeypatch.setattr(check, "ask", silent)
    assert "it gave no answer" in check.store(tmp_path, agent=AGENT).text


def test_books_that_do_not_balance_are_a_failure_with_the_numbers(tmp_path: Path) -> None:
    """An event that is nowhere is what this program must never have; at rest and in use alike."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record()])
    sinks = core_of(outbox).ledger.sinks
    core_of(outbox).ledger.defer(Change({"one": replace(sinks["one"], origin=-2)}), 1)
    agent = {"pid": 77, **figures(outbox.statistics())}
    outbox.close()
    for found in (check.store(tmp_path, agent=agent), check.store(tmp_path, agent=None)):
        assert (Level.FAIL, "the books do not balance: one: 2 events missing") == (found.level, found.text)
        assert "queue check" in (found.remedy or "")
    unburied = check.store(
        tmp_path, agent={"queue": {"unburied": 1}, "sinks": [{"account": {"letters_difference": -1}}]}
    )
    assert "1 dead letter too many; 1 left the queue, and nobody knows why" in unburied.text


def test_row_that_makes_no_sense_is_found(tmp_path: Path) -> None:
    """Damage in the middle shows only in the full check (decision 28)."""
    store_with_story(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute("UPDATE events SET attribution = 4711 WHERE sequence = 3")
    connection.commit()
    connection.close()
    finding = check.store(tmp_path, agent=None)
    assert Level.FAIL is finding.level
    assert finding.remedy


@pytest.mark.parametrize("content", [b"garbage" * 4096, b""])
def test_file_that_is_no_store_fails_and_stays(tmp_path: Path, content: bytes) -> None:
    """The next start sets it aside; doctor only says so."""
    path = tmp_path / "store.db"
    path.write_bytes(content)
    assert Level.FAIL is check.store(tmp_path, agent=None).level
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
    running = {"pid": 7, "queue": {"moved": "device-001"}}
    for finding in (check.store(tmp_path, agent=None), check.store(tmp_path, agent=running)):
        assert (Level.WARN, True) == (finding.level, "device-001 on another board" in finding.text)
        assert "--replace device-001" in (finding.remedy or "")
