"""Opening the store anew in a running process, after an I/O error or damage.

Contract: `Mender.mend` leaves `core` describing the store that was opened in the old one's place, or raises a
StoreError, and nothing has changed. A `Doubt` is a write whose outcome nobody knows; whoever repeats it learns whether
it is there.
Rules: it is the same opening as a start's, so a damaged file is set aside and saved. A transaction is there whole or
not at all, and nothing else was written since (agent.outbox.guard), so what the file says more than memory is the write
in doubt. A destination that could not be read from a damaged file is put back as memory knows it.
Rejected: to end the process and let the next start repair, for the player's host dies with it and the screen goes
black, again and again while the card stays broken.
"""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any

from agent.kernel.records import Cursor
from agent.outbox import unclean
from agent.outbox.core import Core
from agent.outbox.errors import StoreFailed
from agent.outbox.ledger import Change, Position
from agent.outbox.lock import unusable
from agent.outbox.opening import Opening
from agent.outbox.salvage import Salvaged
from agent.outbox.schema import BEGIN_ACCOUNTS

Reopen = Callable[[], tuple[Core, Opening]]


@dataclass(slots=True)
class Doubt:
    """`write`: what was tried, to know it again. `sink`: whose settlement it was; None: an append of `events`.

    `is_done`: the store opened anew has it.
    """

    write: tuple[Any, ...]
    sink: str | None
    events: int
    is_done: bool = False

    def judge(self, before: Core, after: Core) -> None:
        """Find out by comparing what memory knew with what the file says."""
        if self.sink is None:
            self.is_done = self.events > 0 and after.newest >= before.newest + self.events
        else:
            old, new = before.ledger.written.get(self.sink), after.ledger.sinks.get(self.sink)
            self.is_done = old is not None and new is not None and _progress(old) != _progress(new)


def _progress(position: Position) -> tuple[Any, ...]:
    return (position.cursor, position.projection, position.delivered, position.resent, position.settled)


class Mender:
    """Mends the store that `core` describes; used under the store's lock. `reopen` None: a visitor mends nothing."""

    def __init__(self, core: Core, reopen: Reopen | None) -> None:
        self._core = core
        self._reopen = reopen
        self._doubt: Doubt | None = None

    def doubt(self, *write: Any, sink: str | None = None, events: int = 0) -> None:
        """Nobody knows whether `write` happened; it takes the place of an earlier doubt."""
        self._doubt = Doubt(write, sink, events)

    def has_done(self, *write: Any) -> bool:
        """Whether `write` is the one in doubt, and turned out to be done. It stays so until `forget`."""
        return self._doubt is not None and self._doubt.is_done and self._doubt.write == write

    def forget(self) -> None:
        """Whoever repeated the write in doubt was told that it is there: the same again is another one."""
        self._doubt = None

    def mend(self) -> Opening:
        """Close what is left of the connection and open the store again. Raises StoreError."""
        if self._reopen is None:
            raise StoreFailed("The store is only looked into, not kept.", remedy="Start the agent: it repairs.")
        core = self._core
        unclean.end(core.folder)
        with suppress(sqlite3.Error):
            core.database.conn.close()
        try:
            fresh, opening = self._reopen()
        except OSError as error:
            raise unusable(core.folder, error) from error
        if self._doubt is not None and not self._doubt.is_done:
            self._doubt.judge(core, fresh)
        if isinstance(opening.how, Salvaged):
            _put_back(core, fresh)
        else:
            fresh.ledger.owe_as(core.ledger)
        fresh.group, fresh.newest_first = core.group, core.newest_first
        fresh.handed_out = {name: min(upto, fresh.newest) for name, upto in core.handed_out.items()}
        for each in fields(Core):
            setattr(core, each.name, getattr(fresh, each.name))
        return opening


def _put_back(core: Core, fresh: Core) -> None:
    """Write the sinks that could not be read any more, as far as the log still goes."""
    missing = [position for name, position in core.ledger.sinks.items() if name not in fresh.ledger.sinks]
    if not missing:
        return
    end = Cursor(fresh.newest)
    change = Change({each.name: replace(each, cursor=min(each.cursor, end)) for each in missing})

    def work(connection: sqlite3.Connection) -> None:
        fresh.ledger.write(connection, change)
        for statement in BEGIN_ACCOUNTS:
            connection.execute(statement)

    fresh.transactions.run(work)
    fresh.ledger = type(fresh.ledger)(fresh.database.conn)
