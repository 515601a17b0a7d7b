"""The hardened connection, and the only door to sqlite-utils.

Contract: `harden` returns a database whose every commit is durable when it returns, or raises.
Rules: opened exactly as edge.md section 1 "Hardened open" found it to survive 94,000 simulated power cuts: psow=0 pads
each commit to a sector of its own, so that a block that turns to garbage takes no earlier commit with it; WAL is
verified by fetching the answer, since unfetched an I/O error leaves the file silently in DELETE mode;
synchronous=EXTRA; a first write makes the WAL exist; the folder is fsynced.
The lock on the file is kept (locking_mode EXCLUSIVE), set before the first look into it: then the WAL's index is in our
memory and not in a mapped file beside the store, which the kernel writes to the card every few seconds, a seventh of
all bytes. It also keeps every other program out, whose writing could damage the file (edge.md section 1, the WAL-reset
bug).
Transactions are begun and ended by hand (isolation_level None): house rule 13 wants them visible at the call site.
"""

import os
import sqlite3
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

# `sqlite_utils convert` brings dateutil with it: 1.3 MiB and 25 ms that only its command line uses. An empty module
# under that name keeps it out of the daemon; nothing that this room calls looks at it.
sys.modules.setdefault("sqlite_utils.recipes", ModuleType("sqlite_utils.recipes"))

from sqlite_utils import Database as Database  # noqa: E402, PLC0414 - the other modules import it from here

STORE_NAME = "store.db"

PAGE_BYTES = 1024
"""A commit rewrites whole pages: an event costs 8.0 kB at the disk with 1 KiB, 9 to 16 with 4 KiB (edge.md 2)."""

CHECKPOINT_PAGES = 300
"""A WAL that still grows costs 10 kB more an event, since each flush commits the new size; but each checkpoint writes
the same few pages again, simulated 12.1 kB an event with 200 pages, 11.5 kB with 300
(tools/bench/flash.py). More than the ballast could feed on a full disk would be too many."""

JOURNAL_BYTES = 1024 * 1024
"""What the WAL shrinks back to after a migration or a repair made it grow; above its usual size, so it stays put."""

CACHE_KIB = 512
"""SQLite's default is 2 MiB; the hot path touches a handful of pages, and memory is counted (decision 36)."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the store at `path`, nothing written yet. Raises sqlite3.Error."""
    uri = f"file:{quote(str(path))}?psow=0"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()
    return connection


def harden(connection: sqlite3.Connection, folder: Path, *, max_pages: int) -> Database:
    """Make every later commit on `connection` durable; the file grows to `max_pages`. Raises sqlite3.Error."""
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    (mode,) = connection.execute("PRAGMA journal_mode = wal").fetchone()
    if mode != "wal":
        raise sqlite3.OperationalError(f"journal mode is {mode} instead of wal")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}").fetchone()
    connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES}").fetchone()
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    # Debian builds SQLite to overwrite deleted rows with zeros, which doubles what a delete writes to flash.
    connection.execute("PRAGMA secure_delete = OFF").fetchone()
    limit_pages(connection, max_pages)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("COMMIT")
    sync_folder(folder)
    return Database(connection, execute_plugins=False, recursive_triggers=False)


def limit_pages(connection: sqlite3.Connection, pages: int) -> None:
    """Let the file grow to `pages` pages and no further; deleting still works at the limit (edge.md section 1)."""
    connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()


def page_counts(connection: sqlite3.Connection) -> tuple[int, int]:
    """How many pages the file has, and how many of them are free."""
    (total,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    return total, free


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
