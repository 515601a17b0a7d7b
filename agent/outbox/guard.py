"""The store's lock, and the one place where SQLite's errors become ours.

Contract: inside `with guard:` one thread has the connection; a sqlite3.Error leaves as the StoreError that says what to
decide, and damage, whoever met it, leaves its mark for the next start. After `close` nobody comes in: StoreClosed.
Rules: a class and no generator, because this is entered for every append. sqlite3's own misuse errors are bugs and
pass through.
"""

import sqlite3
import threading
from pathlib import Path
from types import TracebackType

from agent.outbox.errors import StoreClosed, StoreDamaged
from agent.outbox.transaction import judged, mark_damage


class Guard:
    """Guards the store in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self.is_closed = False

    def close(self) -> None:
        """To be called inside: whoever comes after is turned away. A request to the network may outlast the store."""
        self.is_closed = True

    def __enter__(self) -> None:
        self._lock.acquire()
        if self.is_closed:
            self._lock.release()
            raise StoreClosed("The store is closed.", remedy="Start the agent again.")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._lock.release()
        if error is None:
            return
        match error:
            case sqlite3.IntegrityError() | sqlite3.ProgrammingError():
                return
            case sqlite3.Error():
                raise judged(error, self._folder) from error
            case StoreDamaged():
                mark_damage(self._folder, str(error))
