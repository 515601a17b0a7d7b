"""Living in memory while the disk cannot be used, and going home again."""

from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox.errors import StoreTooNew, StoreUnreachable, StoreUnusable
from agent.outbox.store import Outbox
from agent.runtime.opening import open_outbox
from agent.runtime.shelter import LOOK_EVERY_S, REFUGE_BYTES, open_home
from tests.support.configuration import SMALLEST, loaded
from tests.support.outbox import a_record


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


def test_home_needs_no_looking(tmp_path: Path) -> None:
    """Nearly every agent is at home."""

    def also(now: float) -> None:
        raise AssertionError(now)

    home = open_home(tmp_path / "state", loaded(tmp_path, SMALLEST).settings, memory=tmp_path)
    assert also is home.watch(also, lambda: None)
    home.outbox.close()


@pytest.mark.parametrize("error", [StoreTooNew(9, 4), StoreUnusable("somebody else's", remedy="Look.")])
def test_mistakes_are_not_sheltered_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """An agent that seems to work while its queue is another's would hide it for months."""

    def refuse(*args: object, **options: object) -> Outbox:
        raise error

    monkeypatch.setattr("agent.runtime.shelter.open_outbox", refuse)
    with pytest.raises(type(error)):
        open_home(tmp_path / "state", loaded(tmp_path, SMALLEST).settings, memory=tmp_path)
    assert not list(tmp_path.glob("kiosk-agent-*"))
