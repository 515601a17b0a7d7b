"""Living in memory while the disk cannot be used, and going home again."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from agent.kernel.records import Cursor
from agent.outbox.errors import StoreTooNew, StoreUnreachable, StoreUnusable
from agent.outbox.store import Outbox
from agent.runtime.opening import open_outbox
from agent.runtime.shelter import LOOK_EVERY_S, REFUGE_BYTES, TELL_EVERY_S, Home, open_home
from tests.support.configuration import SMALLEST, loaded
from tests.support.outbox import a_record, core_of


class Disk:
    """The disk of the state folder; `works` or not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
        self.works = False

        def opened(folder: Path, *args: object, **options: object) -> Outbox:
            if folder == state and not self.works:
                raise StoreUnreachable("The state folder cannot be used: Input/output error.", remedy="Check the disk.")
            return open_outbox(folder, *args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr("agent.runtime.shelter.open_outbox", opened)


def test_broken_disk_is_sheltered_from_and_left_when_all_is_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen must not stay black; and what memory alone knows must not be thrown away in a hurry to go home."""
    settings = loaded(tmp_path, SMALLEST).settings
    memory = tmp_path / "memory"
    memory.mkdir()
    disk = Disk(monkeypatch, tmp_path / "state")
    home = open_home(tmp_path / "state", settings, memory=memory)
    assert home.folder.parent == memory
    assert "Input/output error" in str(home.volatile)
    assert REFUGE_BYTES == home.outbox.statistics().bytes_bound
    home.outbox.register("one")
    home.outbox.append([a_record()])
    asked: list[str] = []
    look = home.watch(lambda _: None, lambda: asked.append("home"))
    for now in (0.0, 1.0, LOOK_EVERY_S):
        look(now)
    disk.works = True
    look(2 * LOOK_EVERY_S)
    assert [] == asked, "something waits to be delivered"
    home.outbox.settle("one", Cursor(1), projection="", delivered=1)
    look(2 * LOOK_EVERY_S + 1.0)
    assert [] == asked, "a look costs time"
    look(3 * LOOK_EVERY_S)
    assert ["home"] == asked
    home.outbox.close()
    again = open_home(tmp_path / "state", settings, memory=memory)
    assert (tmp_path / "state", None, None) == (again.folder, again.reason, again.reopen)
    assert [] == list(memory.iterdir()), "the memory is free again"
    again.outbox.close()


def test_at_home_only_the_books_are_looked_through(tmp_path: Path) -> None:
    """Nearly every agent is at home, and an event that is nowhere must be said there too."""

    def away() -> None:
        raise AssertionError

    home = open_home(tmp_path / "state", loaded(tmp_path, SMALLEST).settings, memory=tmp_path)
    home.outbox.register("one")
    core_of(home.outbox).ledger.sinks["one"] = replace(core_of(home.outbox).ledger.sinks["one"], origin=-2)
    stepped: list[float] = []
    look = home.watch(stepped.append, away)
    with structlog.testing.capture_logs() as logs:
        look(1.0)
    assert ([1.0], ["books do not balance"]) == (stepped, [line["event"] for line in logs])
    home.outbox.close()


def sheltered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, events: int) -> tuple[Home, Disk]:
    """An agent that flees from a disk whose folder can be written all the same, with so many events undelivered."""
    settings = loaded(tmp_path, SMALLEST).settings
    disk = Disk(monkeypatch, tmp_path / "state")
    disk.works = True
    first = open_home(tmp_path / "state", settings, memory=tmp_path)
    first.outbox.register("one")
    first.outbox.close()
    disk.works = False
    home = open_home(tmp_path / "state", settings, memory=tmp_path)
    home.outbox.register("one")
    home.outbox.append([a_record() for _ in range(events)])
    return home, disk


def test_power_cut_in_memory_is_counted_when_the_disk_is_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be lost silently, not even what a broken disk could not keep."""
    home, disk = sheltered(tmp_path, monkeypatch, events=7)
    look = home.watch(lambda _: None, lambda: None)
    with structlog.testing.capture_logs() as logs:
        for now in (0.0, LOOK_EVERY_S, TELL_EVERY_S):
            look(now)
    told = [line["events"] for line in logs if line["event"] == "events are in memory alone, a power cut loses them"]
    assert [7, 7] == told, "at once, and each hour"
    home.outbox.close()
    shutil.rmtree(home.folder)
    disk.works = True
    with structlog.testing.capture_logs() as logs:
        again = open_home(tmp_path / "state", loaded(tmp_path, SMALLEST).settings, memory=tmp_path)
    assert [("a power cut took what was in memory alone", 7)] == [(line["event"], line["events"]) for line in logs]
    (books,) = again.outbox.statistics().sinks
    assert ({"unwritten": 7}, 0) == (books.dropped, books.account.difference)
    again.outbox.close()
    final = open_home(tmp_path / "state", loaded(tmp_path, SMALLEST).settings, memory=tmp_path)
    assert {"unwritten": 7} == final.outbox.statistics().sinks[0].dropped, "counted once"
    final.outbox.close()


def test_process_that_was_killed_in_memory_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk may be back before the next process is; memory still has what was played meanwhile."""
    home, disk = sheltered(tmp_path, monkeypatch, events=3)
    home.outbox.close()
    disk.works = True
    settings = loaded(tmp_path, SMALLEST).settings
    again = open_home(tmp_path / "state", settings, memory=tmp_path)
    assert (home.folder, True) == (again.folder, "delivered first" in str(again.reason))
    assert 3 == again.outbox.statistics().sinks[0].depth
    again.outbox.settle("one", Cursor(3), projection="", delivered=3)
    asked: list[str] = []
    look = again.watch(lambda _: None, lambda: asked.append("home"))
    look(0.0)
    look(LOOK_EVERY_S)
    assert ["home"] == asked
    again.outbox.close()
    final = open_home(tmp_path / "state", settings, memory=tmp_path)
    assert (tmp_path / "state", {}) == (final.folder, dict(final.outbox.statistics().dropped))
    assert not home.folder.exists()
    final.outbox.close()


@pytest.mark.parametrize("error", [StoreTooNew(9, 4), StoreUnusable("somebody else's", remedy="Look.")])
def test_mistakes_are_not_sheltered_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """An agent that seems to work while its queue is another's would hide it for months."""

    def refuse(*args: object, **options: object) -> Outbox:
        raise error

    monkeypatch.setattr("agent.runtime.shelter.open_outbox", refuse)
    with pytest.raises(type(error)):
        open_home(tmp_path / "state", loaded(tmp_path, SMALLEST).settings, memory=tmp_path)
    assert not list(tmp_path.glob("kiosk-agent-*"))
