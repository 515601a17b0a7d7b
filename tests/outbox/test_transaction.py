"""A write whose outcome is unknown."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.outbox.errors import StoreDamaged, StoreFailed, StoreFull
from agent.outbox.transaction import MARK_NAME, TRIES, Transactions


def failure(code: int) -> sqlite3.OperationalError:
    """An error as SQLite raises it."""
    error = sqlite3.OperationalError(f"error {code}")
    error.sqlite_errorcode = code
    return error


class Trouble:
    """Work that fails as told: before anything, or after it was committed all the same."""

    def __init__(self, *failures: Exception, committed: bool = False) -> None:
        self.failures = list(failures)
        self.committed = committed
        self.calls = 0

    def __call__(self, connection: sqlite3.Connection) -> None:
        self.calls += 1
        connection.execute("INSERT INTO t VALUES (1)")
        if self.failures:
            if self.committed:
                connection.execute("COMMIT")
            raise self.failures.pop(0)


@pytest.fixture
def connection() -> sqlite3.Connection:
    """A table with a key."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    return connection


def transactions(connection: sqlite3.Connection, folder: Path, make_room: Callable[[], bool] = bool) -> Transactions:
    return Transactions(connection, folder, make_room=make_room)


def rows(connection: sqlite3.Connection) -> int:
    """How many rows there are, and no transaction is open."""
    assert not connection.in_transaction
    (number,) = connection.execute("SELECT count(*) FROM t").fetchone()
    return int(number)


@pytest.mark.parametrize("committed", [False, True])
def test_an_error_of_unknown_outcome_is_repeated_to_exactly_one_row(
    connection: sqlite3.Connection, tmp_path: Path, committed: bool
) -> None:
    """Whether the first try was committed or not, the event is there once (edge.md section 1)."""
    work = Trouble(failure(sqlite3.SQLITE_IOERR), committed=committed)
    transactions(connection, tmp_path).run(work)
    assert (work.calls, rows(connection)) == (2, 1)


def test_an_error_that_stays_ends_in_failed_with_nothing_written(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    """The process must end then, and begin again from what is durable."""
    work = Trouble(*[failure(sqlite3.SQLITE_IOERR)] * 9)
    with pytest.raises(StoreFailed):
        transactions(connection, tmp_path).run(work)
    assert (work.calls, rows(connection)) == (TRIES, 0)


def test_a_full_disk_is_tried_again_for_as_long_as_there_is_room_to_make(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    """Each round frees a little; when nothing is left to free, the caller hears of it."""
    room = [True, True]
    made = transactions(connection, tmp_path, lambda: bool(room and room.pop()))
    work = Trouble(*[failure(sqlite3.SQLITE_FULL)] * 9)
    with pytest.raises(StoreFull):
        made.run(work)
    assert (work.calls, rows(connection), room) == (3, 0, [])


def test_damage_is_marked_at_once(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """Trying again on a damaged file makes it worse."""
    work = Trouble(failure(sqlite3.SQLITE_CORRUPT))
    with pytest.raises(StoreDamaged):
        transactions(connection, tmp_path).run(work)
    assert work.calls == 1
    assert (tmp_path / MARK_NAME).exists()


def test_a_bug_in_the_work_is_rolled_back_and_passed_on(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """A conflict at the first try is ours, not the disk's; it must not be taken for a repeat."""
    connection.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(sqlite3.IntegrityError):
        transactions(connection, tmp_path).run(Trouble())
    with pytest.raises(sqlite3.IntegrityError):
        transactions(connection, tmp_path).single("INSERT INTO t VALUES (?)", (1,))
    assert rows(connection) == 1
