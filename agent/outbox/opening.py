"""Opening the store, whatever state it is in.

Contract: `open_store` returns an open core and says what it found, or raises StoreTooNew or StoreUnusable; a damaged
file is set aside and what can be read of it is saved into a new one, and a newer or a foreign file is never touched.
Rules: a start looks at the header, the schema, the counters and the tail only (decision 28); a mark left by a process
that met damage counts as damage. The caller holds the lock.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.outbox import ballast, unclean
from agent.outbox.connection import STORE_NAME, Database, connect, harden, sync_folder
from agent.outbox.core import Core, load
from agent.outbox.errors import StoreDamaged, StoreError, StoreUnreachable, StoreUnusable
from agent.outbox.generation import Device, NewGeneration, settle_generation
from agent.outbox.salvage import Salvaged, salvage, set_aside, unfinished
from agent.outbox.schema import SCHEMA, migrate, refuse_strangers
from agent.outbox.transaction import DAMAGE, MARK_NAME, Transactions, primary_code

TAIL = 20
"""Rows at each end of the log that a start reads: what a power cut or a torn block would have hit last."""


@dataclass(frozen=True, slots=True)
class Created:
    """There was no store."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The store was there and sound. `migrated_from`: its earlier schema, None where it was up to date."""

    migrated_from: int | None


@dataclass(frozen=True, slots=True)
class Opening:
    """What happened at the start; `new_generation` None: the same store on the same device as before."""

    how: Created | Opened | Salvaged
    generation: str
    new_generation: NewGeneration | None


def open_store(
    folder: Path, device: Device | None, *, max_pages: int, make_room: Callable[[], bool]
) -> tuple[Core, Opening]:
    """Open the store in `folder`; `device` None: as that of the last agent. Raises StoreTooNew, StoreUnusable."""
    path = folder / STORE_NAME
    mark = folder / MARK_NAME
    how: Created | Opened | Salvaged | None = None
    is_incomplete = unclean.lost_its_log(folder)
    left = unfinished(folder)
    if left is not None:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        how = _save(left, path, "an earlier repair was cut off", max_pages, device)
    elif mark.exists() and path.exists():
        why = mark.read_text(encoding="utf-8", errors="replace").strip()
        how = _save(set_aside(path), path, why, max_pages, device)
    try:
        database, found = _open_with_room(path, max_pages)
    except StoreDamaged as error:
        how = _save(set_aside(path), path, str(error), max_pages, device)
        database, found = _open_sound(path, max_pages)
    if is_incomplete and how is None:
        database.conn.close()
        how = _save(set_aside(path), path, unclean.WHY, max_pages, device)
        database, found = _open_sound(path, max_pages)
    _remove(mark)
    try:
        generation, reason = settle_generation(database, device)
        ballast.keep(folder)
        core = load(folder, database, Transactions(database.conn, folder, make_room=make_room))
    except sqlite3.Error as error:
        database.conn.close()
        raise _unusable(path, error) from error
    unclean.begin(folder)
    if isinstance(how, Salvaged):
        reason = NewGeneration.SALVAGED
    if how is None:
        how = Opened(found if found != SCHEMA else None) if found else Created()
    return core, Opening(how, generation, reason)


def _open_with_room(path: Path, max_pages: int) -> tuple[Database, int]:
    """Open, on a full disk with what the ballast gives back: the WAL and its index need some space."""
    try:
        return _open_sound(path, max_pages)
    except StoreUnusable:
        if not ballast.is_disk_full(path.parent) or not ballast.give_up(path.parent):
            raise
        return _open_sound(path, max_pages)


def _open_sound(path: Path, max_pages: int) -> tuple[Database, int]:
    """A hardened, migrated database whose ends can be read, and the schema it had."""
    try:
        # Made by us, because SQLite would let everybody read it: media addresses and user ids are nobody's business.
        path.touch(mode=0o600)
        connection = connect(path)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    try:
        found = refuse_strangers(connection)
        database = harden(connection, path.parent, max_pages=max_pages)
        migrate(database, found)
        look_at_the_ends(database)
    except (StoreError, OSError):
        connection.close()
        raise
    except sqlite3.Error as error:
        connection.close()
        if primary_code(error) in DAMAGE:
            raise StoreDamaged(str(error), remedy="It is set aside.") from error
        raise _unusable(path, error) from error
    return database, found


def look_at_the_ends(database: Database) -> None:
    """Read both ends of the log, and every small table. Raises StoreDamaged, sqlite3.Error."""
    connection = database.conn
    try:
        core = load(Path(), database, Transactions(connection, Path(), make_room=bool))
    except ValueError as error:
        raise StoreDamaged(f"A counter makes no sense: {error}.", remedy="It is set aside.") from error
    for direction in ("ASC", "DESC"):
        core.reader.events(f"ORDER BY e.sequence {direction} LIMIT ?", (TAIL,))
    for name in ("states", "tombstones", "properties"):
        for _ in connection.execute(f"SELECT * FROM {name}"):
            pass
    if any(position.cursor.sequence > core.newest for position in core.ledger.sinks.values()):
        raise StoreDamaged("A sink stands behind the end of the log.", remedy="It is set aside.")


def _save(aside: Path, path: Path, why: str, max_pages: int, device: Device | None) -> Salvaged:
    """Make a new store, with a generation of its own, from what the one set aside still says."""
    database, _ = _open_sound(path, max_pages)
    try:
        found = salvage(aside, database, why)
        settle_generation(database, device, salvaged=True)
        return found
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    finally:
        database.conn.close()


def _remove(mark: Path) -> None:
    """The repair is over, durably: a mark that a power cut brought back would have the next start repeat it, and what
    was appended since would be gone.
    """
    if mark.exists():
        mark.unlink()
        sync_folder(mark.parent)


def _unusable(path: Path, error: sqlite3.Error) -> StoreUnusable:
    match primary_code(error):
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            remedy = "Give the user that runs kiosk-agent the right to write the folder and the store's files in it."
        case sqlite3.SQLITE_FULL:
            remedy = "Free some space on the file system."
        case sqlite3.SQLITE_BUSY:
            remedy = "Close the other program that has the store open."
        case _:
            remedy = "Check the disk and the kernel's log."
    passing = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY)
    found = StoreUnreachable if primary_code(error) in passing else StoreUnusable
    return found(f"The store {path} cannot be opened: {error}.", remedy=remedy)
