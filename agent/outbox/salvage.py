"""Saving what can be read of a damaged store.

Contract: `set_aside` moves the damaged file out of the way under a name of its own; `salvage` copies every readable
row into the new, empty store and says what was saved and what is known to be missing.
Rules: rows keep their sequences and identities, so cursors and order hold as they were; what cannot be read leaves
tombstones and is counted as dropped for each sink that still waited. The mark in the folder names the file that is
being read until everything is copied, so a power cut in the middle repeats the work instead of losing it. At most
FILES_KEPT damaged files stay, for whoever wants to look.
"""

import os
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agent.kernel.records import Origin, Priority, Tombstone
from agent.outbox.connection import Database, sync_folder
from agent.outbox.ledger import OF_LETTERS, WHOLE_LOG, Change, Drop, Ledger, Note, Tally
from agent.outbox.play_salvage import relink
from agent.outbox.schema import BEGIN_ACCOUNTS, BESIDE_EVENTS, KEYS, TABLES
from agent.outbox.tombstones import bury
from agent.outbox.transaction import MARK_NAME

FILES_KEPT = 2
"""Each may be as large as the whole bound."""

PROBES = 4000
"""Queries that one table's search for readable rows makes at most; a table with one bad page needs about twenty."""

ONE_BY_ONE = 16
"""Keys about a bad page that are looked for each by itself; a page holds two or three events."""

LAST_KEY = 1 << 62

UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged file answers; the second where SQLite's complaint quotes a name that is no text any more."""

UP, DOWN = ("ASC", "DESC"), ("DESC", "ASC")
"""From which end a stretch is read first."""

BATCH = 500

UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What reading a damaged file raises: SQLite quotes a schema that it cannot read."""

UNKNOWN_CODE = "unknown"
"""The code under which refused messages are counted of which the counters know nothing any more."""

ASIDE = re.compile(r"store\.damaged-(\d+)\.db")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A damaged store was replaced. `aside`: where it is now; `why`: what was wrong; `events`: how many were saved.

    `lost`: events that are known to be missing; how many were behind the last readable one nobody can know.
    """

    aside: Path
    why: str
    events: int
    lost: int
    dead_letters: int


def set_aside(path: Path) -> Path:
    """Rename the store, with its WAL, and return the new path. Raises OSError."""
    folder = path.parent
    kept = sorted((int(found[1]), entry) for entry in folder.iterdir() if (found := ASIDE.fullmatch(entry.name)))
    for _, old in kept[: max(0, len(kept) - FILES_KEPT + 1)]:
        for suffix in ("", "-wal", "-shm"):
            old.with_name(old.name + suffix).unlink(missing_ok=True)
    aside = folder / f"store.damaged-{kept[-1][0] + 1 if kept else 1}.db"
    mark_unfinished(folder, aside)
    # The WAL first, and durably: beside a database that was moved without it, the next start would take it for a rest.
    for suffix in ("-wal", ""):
        current = path.with_name(path.name + suffix)
        if current.exists():
            current.rename(aside.with_name(aside.name + suffix))
            sync_folder(folder)
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return aside


def mark_unfinished(folder: Path, aside: Path) -> None:
    """Write down durably that `aside` is to be read."""
    with (folder / MARK_NAME).open("w", encoding="utf-8") as mark:
        mark.write(aside.name + "\n")
        mark.flush()
        os.fsync(mark.fileno())
    sync_folder(folder)


def unfinished(folder: Path) -> Path | None:
    """The file that an earlier start was reading when it was cut off."""
    try:
        name = (folder / MARK_NAME).read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None
    aside = folder / name if ASIDE.fullmatch(name) else None
    return aside if aside is not None and aside.exists() else None


def salvage(aside: Path, database: Database, why: str) -> Salvaged:
    """Copy what can be read of `aside` into `database`. Raises sqlite3.Error for trouble with the new store only."""
    connection = database.conn
    source = sqlite3.connect(f"file:{quote(str(aside))}?mode=ro", uri=True, isolation_level=None)
    try:
        for table, columns in TABLES.items():
            _copy(source, database, table, _present(source, table, columns))
    finally:
        source.close()
    with database.atomic():
        (newest,) = connection.execute("SELECT coalesce(max(sequence), 0) FROM events").fetchone()
        connection.execute(
            "DELETE FROM events WHERE attribution NOT IN (SELECT id FROM attributions)"
            " OR kind NOT IN (SELECT id FROM kinds)"
        )
        lost = _count_the_missing(connection, newest)
        _cut_to_the_log(connection)
        relink(connection)
        _balance(connection)
    (events,) = connection.execute("SELECT count(*) FROM events").fetchone()
    (letters,) = connection.execute("SELECT count(*) FROM dead_letters").fetchone()
    return Salvaged(aside, why, events, lost, letters)


def _present(source: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The `columns` that the file has: one of an earlier schema lacks the newest, which then get their defaults."""
    try:
        found = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
    except UNREADABLE:
        return columns
    return tuple(column for column in columns if column in found) or columns


def _copy(source: sqlite3.Connection, database: Database, table: str, columns: tuple[str, ...]) -> None:
    names = ", ".join(columns)
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
    key = KEYS.get(table)
    rows = _plain(source, f"SELECT {names} FROM {table}") if key is None else _searched(source, table, names, key)
    done = False
    while not done:
        with database.atomic():
            for _ in range(BATCH):
                row = next(rows, None)
                if row is None:
                    done = True
                    break
                if table != "events" or _possible(dict(zip(columns, row, strict=True))):
                    _insert(database.conn, insert, row)


def _insert(connection: sqlite3.Connection, insert: str, row: tuple[Any, ...]) -> None:
    """Insert a row unless its columns have the wrong types: the tables are strict."""
    try:
        connection.execute(insert, row)
    except sqlite3.IntegrityError:
        return


def _possible(event: dict[str, Any]) -> bool:
    return event["priority"] in Priority.__members__.values() and event["origin"] in Origin.__members__.values()


def _plain(source: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """The rows up to the first that cannot be read."""
    try:
        yield from source.execute(query)
    except UNREADABLE:
        return


def _searched(source: sqlite3.Connection, table: str, names: str, key: str) -> Iterator[tuple[Any, ...]]:
    """All rows that can be read, found from both ends of every stretch that a bad page cuts off; a hole that one
    direction passed over is looked into from the other, since a page that was lost may hide others without an error.

    The key is the first column.
    """
    try:
        source.execute(f"SELECT {names} FROM {table} LIMIT 0")
    except UNREADABLE:
        return
    stretches, holes = [(-1, LAST_KEY, UP)], list[tuple[int, int, tuple[str, str]]]()
    for _ in range(PROBES):
        if not stretches and not holes:
            return
        low, high, ways = (stretches or holes).pop()
        for direction in ways:
            query = f"SELECT {names} FROM {table} WHERE {key} > ? AND {key} < ? ORDER BY {key} {direction}"
            try:
                for row in source.execute(query, (low, high)):
                    yield row
                    hole = (low, row[0], DOWN) if direction == "ASC" else (row[0], high, UP)
                    if hole[1] - hole[0] > 1 and len(holes) < PROBES:
                        holes.append(hole)
                    low, high = (row[0], high) if direction == "ASC" else (low, row[0])
            except UNREADABLE:
                continue
            break
        else:
            if high - low > ONE_BY_ONE:
                middle = (low + high) // 2
                # The lower one next: where the log's last page is bad, all above it fails for as long as one looks.
                stretches += [(middle, high, UP), (low, middle + 1, UP)]
            else:
                yield from _singly(source, f"SELECT {names} FROM {table} WHERE {key} = ?", range(low + 1, high))


def _singly(source: sqlite3.Connection, query: str, keys: range) -> Iterator[tuple[Any, ...]]:
    """The rows beside a bad page: to read a row of many, Python's module wants the next one too, which is on it."""
    for key in keys:
        try:
            yield from source.execute(query, (key,)).fetchall()
        except UNREADABLE:
            continue


def _count_the_missing(connection: sqlite3.Connection, newest: int) -> int:
    """Bury and count the sequences up to `newest` that the log should have and has not; how many there are."""
    ledger = Ledger(connection)
    change = Change(counts=Counter())
    waiting = [position.cursor.sequence for position in ledger.enabled()]
    (oldest,) = connection.execute("SELECT min(sequence) FROM events").fetchone()
    after = min(waiting, default=(oldest or 1) - 1)
    lost = 0
    present = connection.execute(
        "SELECT sequence, sequence FROM events UNION ALL SELECT first, last FROM tombstones ORDER BY 1"
    ).fetchall()
    for first, last in [*present, (newest + 1, newest)]:
        if first > after + 1:
            bury(connection, Tombstone(after + 1, first - 1, Drop.DAMAGE.value, 0.0, 0.0))
            lost += first - 1 - after
            for position in ledger.enabled():
                missing = first - 1 - max(after, position.cursor.sequence)
                if missing > 0:
                    change.counts[(position.name, Tally.DROPPED, Drop.DAMAGE.value)] += missing
        after = max(after, last)
    if lost:
        change.counts[(WHOLE_LOG, Tally.DROPPED, Drop.DAMAGE.value)] = lost
    ledger.write(connection, change)
    return lost


def _cut_to_the_log(connection: sqlite3.Connection) -> None:
    """Nothing may point behind the end of a log that lost its tail, or at an event that is gone.

    A sink that was in the middle of an event that is gone begins the next one at its first message.
    """
    (newest,) = connection.execute("SELECT coalesce(max(sequence), 0) FROM events").fetchone()
    connection.execute("UPDATE sinks SET parts = 0 WHERE sequence + 1 NOT IN (SELECT sequence FROM events)")
    connection.execute("UPDATE sinks SET sequence = ?, parts = 0 WHERE sequence > ?", (newest, newest))
    connection.execute("DELETE FROM tombstones WHERE last > ?", (newest,))
    for table in BESIDE_EVENTS:
        connection.execute(f"DELETE FROM {table} WHERE sequence NOT IN (SELECT sequence FROM events)")


def _balance(connection: sqlite3.Connection) -> None:
    """Begin the books anew, balanced: the tables may tell of different moments. Letters that are gone are counted."""
    for statement in BEGIN_ACCOUNTS:
        connection.execute(statement)
    ledger = Ledger(connection)
    change = Change()
    # A destination whose row is gone has its letters still.
    owners = {name for (name,) in connection.execute("SELECT DISTINCT sink FROM dead_letters").fetchall()}
    for name in sorted(owners | ledger.sinks.keys()):
        (kept,) = connection.execute("SELECT count(*) FROM dead_letters WHERE sink = ?", (name,)).fetchone()
        refused = sum(ledger.counts(name, Tally.REFUSED).values())
        retried = ledger.counts(name, Tally.NOTED).get(Note.RETRIED.value, 0)
        dropped = sum(n for reason, n in ledger.counts(name, Tally.DROPPED).items() if reason in OF_LETTERS)
        missing = refused - kept - retried - dropped
        if missing > 0:
            change.counts[(name, Tally.DROPPED, Drop.LETTER_DAMAGE.value)] = missing
        elif missing < 0:
            change.counts[(name, Tally.REFUSED, UNKNOWN_CODE)] = -missing
    ledger.write(connection, change)
