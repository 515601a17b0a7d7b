"""Making a store of its own from the rows of another device's, so that it can be delivered elsewhere.

Contract: `Intake` makes a store in an empty folder, takes rows in any number of calls, and `finish` leaves a sound,
closed store of the newest schema that has what the exporting one had handed over: events, attributions, frozen times,
trials, cursors, projection states, under their first sequences and identities. Raises RowError for rows that are none.
Rules: a store of its own and not more rows in this machine's, since a projection's state belongs to one device's order
of events; so order, dates and parts are right by the same code that would have delivered them on the device. The
tables are made as they were in the exporting schema and migrated afterwards. `skipped` events, which came by another
file already, leave tombstones. Rows come from outside: SQLite's STRICT tables check their types.
Durability: nothing is promised before `finish` returns; until then the folder is a draft that is thrown away.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.kernel.records import Tombstone
from agent.outbox.connection import STORE_NAME, Database, connect, harden, sync_folder
from agent.outbox.schema import BEGIN_ACCOUNTS, COLUMNS, MIGRATIONS, SCHEMA, migrate
from agent.outbox.tombstones import ELSEWHERE, bury

LARGEST_PAGES = 2**31
"""No bound: what the other device kept within its own must fit."""

COMMIT_ROWS = 5000
"""Rows a transaction: the store's cache stays small, and its WAL too."""


MISFITS = (
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,  # a list where a value should be
    OverflowError,
    TypeError,
)
"""What SQLite and Python say of values that do not fit a table."""


class RowError(ValueError):
    """The rows are no store's."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose rows they are. `schema`: of the store that they come from, at most this program's own."""

    device: str
    schema: int


class Intake:
    """A store that is being made in `folder`. `is_known`: whether an event of that sequence came before."""

    def __init__(
        self,
        folder: Path,
        origin: Origin,
        columns: Mapping[str, Sequence[str]],
        *,
        is_known: Callable[[int], bool],
    ) -> None:
        if not 1 <= origin.schema <= SCHEMA:
            raise RowError(f"schema {origin.schema} is not known")
        self._folder = folder
        self._origin = origin
        self._is_known = is_known
        self.events = self.skipped = 0
        self._skipped: list[tuple[int, int]] = []
        folder.mkdir(mode=0o700, parents=True)
        path = folder / STORE_NAME
        path.touch(mode=0o600)
        self._database: Database = harden(connect(path), folder, max_pages=LARGEST_PAGES)
        # A draft is thrown away after a crash; only its last commit has to be durable.
        self._database.conn.execute("PRAGMA synchronous = OFF")
        for migration in MIGRATIONS[: origin.schema]:
            with self._database.atomic():
                migration(self._database)
        self._inserts = {table: self._insert(table, names) for table, names in columns.items()}
        self._uncommitted = 0

    def take(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, each (table, values…). Raises RowError."""
        connection = self._database.conn
        for row in rows:
            insert, width = self._inserts.get(row[0], ("", 0)) if row and isinstance(row[0], str) else ("", 0)
            if len(row) != width + 1:
                raise RowError(f"a row of {str(row[:1])[:80]} does not fit")
            if not self._uncommitted:
                connection.execute("BEGIN IMMEDIATE")
            self._uncommitted += 1
            try:
                if row[0] != "events":
                    connection.execute(insert, row[1:])
                elif self._is_known(row[1]):
                    self._skip(row[1])
                    self.skipped += 1
                else:
                    connection.execute(insert, row[1:])
                    self.events += 1
            except MISFITS as error:
                raise RowError(f"a row of {row[0]} makes no sense: {error}") from error
            if self._uncommitted >= COMMIT_ROWS:
                self._commit()

    def finish(self) -> None:
        """Make the store whole and durable, and close it. Raises RowError, sqlite3.Error, OSError."""
        connection = self._database.conn
        if not self._uncommitted:
            connection.execute("BEGIN IMMEDIATE")
        for pair in (("device_id", self._origin.device), ("hardware_key", "")):
            connection.execute("INSERT OR REPLACE INTO properties (name, value) VALUES (?, ?)", pair)
        self._commit()
        try:
            (unowned,) = connection.execute(
                "SELECT count(*) FROM events e LEFT JOIN attributions a ON a.id = e.attribution"
                " LEFT JOIN kinds k ON k.id = e.kind WHERE a.id IS NULL OR k.id IS NULL"
            ).fetchone()
            (named,) = connection.execute("SELECT count(*) FROM generations").fetchone()
            if unowned or not named:
                raise RowError("events without an owner, a kind or a generation")
            connection.execute(f"PRAGMA user_version = {self._origin.schema}")
            migrate(self._database, self._origin.schema)
            # The account of this store begins here, balanced: what the device has delivered is in the device's.
            connection.execute("UPDATE sinks SET delivered = 0, resent = 0, settled = 0")
            for first, last in self._skipped:
                bury(connection, Tombstone(first, last, ELSEWHERE, 0.0, 0.0))
            for statement in BEGIN_ACCOUNTS:
                connection.execute(statement)
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
            connection.execute("COMMIT")
        finally:
            self.close()
        sync_folder(self._folder)

    def _skip(self, sequence: int) -> None:
        """Remember it as a range; the tombstones are written in the newest schema."""
        first = self._skipped.pop()[0] if self._skipped and self._skipped[-1][1] == sequence - 1 else sequence
        self._skipped.append((first, sequence))

    def close(self) -> None:
        """Give the file back; a draft that is not finished is the caller's to throw away."""
        self._database.conn.close()

    def _commit(self) -> None:
        self._database.conn.execute("COMMIT")
        self._uncommitted = 0

    def _insert(self, table: str, names: Sequence[str]) -> tuple[str, int]:
        """The statement for a table's rows, and their width. Raises RowError where the schema has no such table."""
        if table not in COLUMNS:
            raise RowError(f"there is no such table: {table[:80]}")
        present = {row[1] for row in self._database.conn.execute(f"PRAGMA table_info([{table}])").fetchall()}
        if not names or not set(names) <= present:
            raise RowError(f"there is no such table: {table[:80]}")
        marks = ", ".join("?" * len(names))
        return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", len(names)
