"""The store's lock, and the one place where SQLite's errors become ours.

Contract: inside `with guard:` one thread has the connection; a sqlite3.Error leaves as the StoreError that says what to
decide, and damage, whoever met it, leaves its mark for the next opening. After trouble other than a full disk nobody
comes in (StoreFailed) but through `mending`; after `close` nobody at all: StoreClosed.
Rules: a class and no generator, because this is entered for every append. sqlite3's own misuse errors are bugs and
pass through. Once it is in doubt what is in the file, whatever else would be done with it makes that worse.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from agent.outbox.errors import StoreClosed, StoreDamaged, StoreFailed, StoreFull, StoreTrouble
from agent.outbox.transaction import judged, mark_damage


class Guard:
    """Guards the store in `folder`. `trouble`: why nobody comes in, None while all is well."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self.is_closed = False
        self.trouble: StoreTrouble | None = None

    def close(self) -> None:
        """To be called inside: whoever comes after is turned away. A request to the network may outlast the store."""
        self.is_closed = True

    @contextmanager
    def mending(self) -> Iterator[None]:
        """Inside, in spite of trouble; it is over when this ends without an error."""
        with self._lock:
            self._refuse_after_the_end()
            yield
            self.trouble = None

    def __enter__(self) -> None:
        self._lock.acquire()
        try:
            self._refuse_after_the_end()
            if self.trouble is not None:
                raise StoreFailed(str(self.trouble), remedy=self.trouble.remedy)
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            match error:
                case sqlite3.IntegrityError() | sqlite3.ProgrammingError():
                    return
                case sqlite3.Error():
                    found = judged(error, self._folder)
                    self._note(found)
                    raise found from error
                case StoreDamaged():
                    mark_damage(self._folder, str(error))
                    self._note(error)
                case StoreTrouble():
                    self._note(error)
        finally:
            self._lock.release()

    def _note(self, error: BaseException) -> None:
        if isinstance(error, StoreTrouble) and not isinstance(error, StoreFull):
            self.trouble = error

    def _refuse_after_the_end(self) -> None:
        if self.is_closed:
            raise StoreClosed("The store is closed.", remedy="Start the agent again.")
