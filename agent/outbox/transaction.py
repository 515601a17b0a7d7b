"""One durable write: begin, work, commit, and what to do when that fails.

Contract: `run` returns when the work is durable, or raises a StoreError; then nothing of it was written, except after
StoreFailed, where nobody can know.
Rules: any sqlite3 error means "outcome unknown", so the same work runs again with the same explicit ids and absolute
values; an IntegrityError in a repetition means that the first try had been committed (edge.md section 1). A full disk
is answered by making room, as often as that succeeds. Damage is marked in the folder, so that the next start repairs.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from agent.outbox.errors import StoreDamaged, StoreError, StoreFailed, StoreFull

Work = Callable[[sqlite3.Connection], object]

TRIES = 3
"""An I/O error that is still there at the third try is not a hiccup."""

ROOM_ROUNDS = 40
"""Each round drops a batch of 50 events: a megabyte of the largest events, far above what one append needs."""

MARK_NAME = "store.damaged"

DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; -1 for an error that Python's module made itself.

    One of those is damage too: a text that is no UTF-8 was not written by us.
    """
    code: int = getattr(error, "sqlite_errorcode", None) or -1
    if code < 0 and str(error).startswith("Could not decode to UTF-8"):
        return sqlite3.SQLITE_CORRUPT
    return code & 0xFF if code > 0 else code


def judged(error: sqlite3.Error, folder: Path) -> StoreError:
    """The StoreError that says what to decide about `error`; damage leaves its mark in `folder`."""
    code = primary_code(error)
    if code in DAMAGE:
        mark_damage(folder, str(error))
        return StoreDamaged(f"The store is damaged: {error}.", remedy="Start again: what can be read is saved.")
    if code == sqlite3.SQLITE_FULL:
        return StoreFull(
            f"The disk of {folder} is full and the store cannot make room.", remedy="Free some space on that disk."
        )
    return StoreFailed(f"The store cannot be written or read: {error}.", remedy="Check the disk and the kernel's log.")


def mark_damage(folder: Path, text: str) -> None:
    """Leave a mark that the next start finds. Where even that fails, the next start meets the damage by itself."""
    with suppress(OSError):
        (folder / MARK_NAME).write_text(text + "\n", encoding="utf-8")


class Transactions:
    """Runs work on the one connection. `make_room` frees space and says whether it could."""

    def __init__(self, connection: sqlite3.Connection, folder: Path, *, make_room: Callable[[], bool]) -> None:
        self._connection = connection
        self._folder = folder
        self._make_room = make_room

    def single(self, statement: str, parameters: Sequence[Any]) -> None:
        """Do one statement durably; alone it is a transaction. Raises as `run` does."""
        try:
            self._connection.execute(statement, parameters)
        except sqlite3.Error as error:
            self.run(lambda connection: connection.execute(statement, parameters), failed=error)

    def run(self, work: Work, *, failed: sqlite3.Error | None = None) -> None:
        """Do `work` durably; `failed`: how a first try ended. Raises StoreFull, StoreDamaged or StoreFailed."""
        failures = rounds = 0
        while True:
            try:
                if failed is not None:
                    first, failed = failed, None
                    raise first
                self.once(work)
                return
            except sqlite3.IntegrityError:
                if failures + rounds == 0:
                    raise
                return
            except sqlite3.Error as error:
                if primary_code(error) == sqlite3.SQLITE_FULL:
                    rounds += 1
                    if rounds > ROOM_ROUNDS or not self._make_room():
                        raise judged(error, self._folder) from error
                else:
                    failures += 1
                    if failures >= TRIES or primary_code(error) in DAMAGE:
                        raise judged(error, self._folder) from error

    def once(self, work: Work) -> None:
        """One try. Raises whatever came, with the transaction rolled back."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
