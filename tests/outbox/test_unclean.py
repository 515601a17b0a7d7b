"""A store whose log is gone must not be taken for a younger one."""

import shutil
from pathlib import Path

import pytest

from agent.outbox import unclean
from agent.outbox.connection import STORE_NAME
from agent.outbox.errors import StoreDamaged
from agent.outbox.opening import Opened
from agent.outbox.salvage import Salvaged
from agent.outbox.unclean import UNCLEAN_NAME
from agent.outbox.visiting import visit
from tests.support.outbox import a_record, open_outbox


def crash(tmp_path: Path) -> Path:
    """The files of a store whose process was killed, some of its events in the database and some in the log."""
    outbox = open_outbox(tmp_path / "live")
    outbox.register("one")
    for _ in range(60):
        outbox.append([a_record("x" * 500) for _ in range(5)])
    shutil.copytree(tmp_path / "live", tmp_path / "crashed", ignore=shutil.ignore_patterns("*-shm", "store.lock"))
    outbox.close()
    return tmp_path / "crashed"


@pytest.mark.parametrize("is_emptied", [False, True])
def test_store_without_its_log_is_saved_under_a_new_generation(tmp_path: Path, is_emptied: bool) -> None:
    """Its newest numbers are unknown; given again under the old name, a service would take new plays for repeats."""
    folder = crash(tmp_path)
    log = folder / f"{STORE_NAME}-wal"
    log.write_bytes(b"") if is_emptied else log.unlink()
    with pytest.raises(StoreDamaged):
        visit(folder)
    outbox = open_outbox(folder)
    assert isinstance(outbox.opening.how, Salvaged)
    assert unclean.WHY == outbox.opening.how.why
    assert 0 < outbox.opening.how.events < 300
    old = {event.identity.generation for event in outbox.events()}
    assert old.isdisjoint({outbox.generation})
    assert outbox.statistics().sinks[0].account.difference == 0
    outbox.close()


def test_crash_and_orderly_end_are_both_opened_as_they_are(tmp_path: Path) -> None:
    """Most starts follow a power cut, and must not cost a copy of the whole queue."""
    folder = crash(tmp_path)
    for _ in range(2):
        outbox = open_outbox(folder)
        assert Opened(None) == outbox.opening.how
        assert (folder / UNCLEAN_NAME).exists()
        assert 300 == outbox.newest
        outbox.close()
        assert not (folder / UNCLEAN_NAME).exists()
        assert not (folder / f"{STORE_NAME}-wal").exists()


def test_look_into_a_crashed_store_leaves_no_false_alarm(tmp_path: Path) -> None:
    """Somebody types `queue stats` after a crash, which takes the log into the database."""
    folder = crash(tmp_path)
    visit(folder).close()
    outbox = open_outbox(folder)
    assert Opened(None) == outbox.opening.how
    outbox.close()


def test_mending_leaves_no_false_alarm(tmp_path: Path) -> None:
    """It closes the store in its own way."""
    outbox = open_outbox(tmp_path)
    outbox.append([a_record()])
    outbox.mend()
    assert Opened(None) == outbox.mend().how
    outbox.close()
