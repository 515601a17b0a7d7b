"""Opening a store that belongs to an agent that is not running, to look into it.

Contract: `visit` returns the open store with its lock held, just as the agent left it; it creates nothing, migrates
nothing, repairs nothing and begins no generation. Raises StoreBusy, StoreTooNew, StoreUnusable, StoreDamaged.
Rules: the same connection, schema and checks as the daemon's (decision 25). Whose device the store belongs to is the
configuration's word, which a visitor does not have: so the last generation stands.
"""

import os
import sqlite3
from pathlib import Path

from agent.outbox import room, unclean
from agent.outbox.bounds import default_bounds
from agent.outbox.connection import STORE_NAME, connect, harden
from agent.outbox.core import Core, load
from agent.outbox.errors import StoreDamaged, StoreError, StoreUnusable
from agent.outbox.lock import LOCK_NAME, Lock, unusable
from agent.outbox.opening import Opened, Opening
from agent.outbox.schema import SCHEMA, refuse_strangers
from agent.outbox.store import Outbox
from agent.outbox.transaction import MARK_NAME, Transactions

_START = "Start the agent once: it does what is needed."


def give_to_the_owner(folder: Path) -> None:
    """What root made in the agent's folder belongs to the agent's user, who could not open it otherwise."""
    if os.geteuid() == 0:
        status = folder.stat()
        for path in folder.glob("store.*"):
            os.chown(path, status.st_uid, status.st_gid)


def visit(folder: Path) -> Outbox:
    """Open the store in `folder` as it is; to be closed soon, for the agent cannot start meanwhile."""
    path = folder / STORE_NAME
    try:
        if not path.exists():
            raise StoreUnusable(f"There is no store in {folder}.", remedy="Name the agent's folder with --state-dir.")
        if (folder / MARK_NAME).exists() or unclean.lost_its_log(folder):
            raise StoreDamaged(f"The store {path} is marked as damaged.", remedy=_START)
        bounds = default_bounds(folder)
        lock = Lock.take(folder)
        _leave_to_the_owner(path, folder / LOCK_NAME)
    except OSError as error:
        raise unusable(folder, error) from error
    try:
        core = _open(path, room.pages(bounds))
    except sqlite3.Error as error:
        lock.release()
        raise StoreUnusable(
            f"The store {path} cannot be opened: {error}.",
            remedy="Run this as the agent's user or with sudo; if it still fails, start the agent: it repairs.",
        ) from error
    except BaseException:
        lock.release()
        raise
    ((generation,),) = core.database.conn.execute(
        "SELECT generation FROM generations ORDER BY first DESC LIMIT 1"
    ).fetchall()
    return Outbox(core, Opening(Opened(None), generation, None), lock, bounds)


def _leave_to_the_owner(store: Path, lock: Path) -> None:
    """Root may have made the lock's file just now; the agent's user must be able to take it. SQLite does so itself."""
    if os.geteuid() == 0:
        status = store.stat()
        os.chown(lock, status.st_uid, status.st_gid)


def _open(path: Path, max_pages: int) -> Core:
    connection = connect(path)
    try:
        found = refuse_strangers(connection)
        if found != SCHEMA:
            raise StoreUnusable(f"The store {path} has schema {found} and not yet {SCHEMA}.", remedy=_START)
        database = harden(connection, path.parent, max_pages=max_pages)
        # Nothing is dropped for want of room: a visitor that cannot write says so.
        core = load(path.parent, database, Transactions(connection, path.parent, make_room=bool))
    except (StoreError, sqlite3.Error, OSError):
        connection.close()
        raise
    return core
