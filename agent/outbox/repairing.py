"""The full check and the repair of a store at rest, by hand.

Contract: `repair` returns what was saved of a damaged store, None where every row of it could be read; then nothing was
changed. Raises StoreBusy where an agent has the store, and the other StoreErrors of an opening.
Rules: it is the repair that a start makes (agent.outbox.opening), only asked for. The store stays the last agent's.
"""

import sqlite3
from pathlib import Path

from agent.outbox import room, unclean
from agent.outbox.bounds import default_bounds
from agent.outbox.checking import check_slice
from agent.outbox.connection import STORE_NAME
from agent.outbox.core import Core
from agent.outbox.errors import StoreDamaged, StoreUnusable
from agent.outbox.lock import Lock, unusable
from agent.outbox.opening import Opening, open_store
from agent.outbox.salvage import Salvaged, unfinished
from agent.outbox.transaction import judged, mark_damage
from agent.outbox.visiting import give_to_the_owner


def repair(folder: Path) -> Salvaged | None:
    """Check all of the store in `folder`, and set it aside and save what can be read where it is damaged."""
    if not (folder / STORE_NAME).exists() and unfinished(folder) is None:
        raise StoreUnusable(f"There is no store in {folder}.", remedy="Name the agent's folder with --state-dir.")
    lock = Lock.take(folder)
    try:
        core, opening = _opened(folder)
        is_sound = _is_sound(core, folder)
        _close(core)
        if not is_sound:
            core, opening = _opened(folder)
            _close(core)
        give_to_the_owner(folder)
    except OSError as error:
        raise unusable(folder, error) from error
    finally:
        lock.release()
    return opening.how if isinstance(opening.how, Salvaged) else None


def _opened(folder: Path) -> tuple[Core, Opening]:
    # Nothing is dropped for want of room: who repairs says so instead.
    return open_store(folder, None, max_pages=room.pages(default_bounds(folder)), make_room=bool)


def _close(core: Core) -> None:
    unclean.end(core.folder)
    core.database.conn.close()


def _is_sound(core: Core, folder: Path) -> bool:
    """Whether every row can be read; damage leaves its mark for the next opening. Raises StoreFailed."""
    after = 0
    try:
        while True:
            after, _ = check_slice(core, after)
            if not after:
                return True
    except StoreDamaged as error:
        mark_damage(folder, str(error))
        return False
    except sqlite3.Error as error:
        found = judged(error, folder)
        if not isinstance(found, StoreDamaged):
            raise found from error
        return False
