"""The lock and the translation of errors."""

import sqlite3
from pathlib import Path

import pytest

from agent.outbox.errors import StoreClosed, StoreDamaged, StoreFailed, StoreFull
from agent.outbox.guard import Guard
from agent.outbox.transaction import MARK_NAME


def test_sqlite_errors_become_ours_and_the_lock_is_free_again(tmp_path: Path) -> None:
    """The caller decides by the error's name; a lock that stayed would stop the kiosk."""
    guard = Guard(tmp_path)
    with pytest.raises(sqlite3.ProgrammingError), guard:
        raise sqlite3.ProgrammingError("a bug")
    with pytest.raises(StoreFull), guard:
        raise StoreFull("no room", remedy="Free some space.")
    with guard:
        assert not (tmp_path / MARK_NAME).exists()
    with pytest.raises(StoreFailed), guard:
        raise sqlite3.OperationalError("disk I/O error")
    with guard.mending():
        assert not (tmp_path / MARK_NAME).exists()


def test_nobody_comes_in_before_a_doubtful_store_is_mended(tmp_path: Path) -> None:
    """A write on top of one that may or may not be there is what makes a mess of a small mishap."""
    guard = Guard(tmp_path)
    with pytest.raises(StoreFailed, match="lost its card"), guard:
        raise StoreFailed("lost its card", remedy="Look.")
    for _ in range(2):
        with pytest.raises(StoreFailed, match="lost its card"), guard:
            raise AssertionError("inside")
    with pytest.raises(OSError), guard.mending():
        raise OSError
    assert guard.trouble is not None, "a mending that failed has mended nothing"
    with guard.mending():
        pass
    with guard:
        assert guard.trouble is None


def test_damage_that_a_reader_meets_is_marked(tmp_path: Path) -> None:
    """The next start must know, even if it would not look at that page itself."""
    with pytest.raises(StoreDamaged), Guard(tmp_path):
        raise StoreDamaged("page 7", remedy="Start again.")
    assert (tmp_path / MARK_NAME).read_text() == "page 7\n"


def test_nobody_comes_in_after_the_close(tmp_path: Path) -> None:
    """A delivery that was left behind in a request must not write into what the next process may have opened."""
    guard = Guard(tmp_path)
    with guard:
        guard.close()
    for _ in range(2):
        with pytest.raises(StoreClosed), guard:
            raise AssertionError("inside")
