"""What must be true of a store after a power cut, whatever was cut.

Contract: `recover` starts the store as the agent does and tells what it found and what it then can; `Promises` says
what is wrong with that at a moment of the recording.
Rules: the store is as one of the deeds left it: the last that had returned, or one that had begun since (all or
nothing); an order that the log promises; sequences are used once.
"""

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.outbox.errors import StoreError
from agent.outbox.opening import Created, Opened
from agent.outbox.store import Outbox
from tests.crash.book import book, sequences, unlined
from tests.crash.recording import Mark, Recording
from tests.crash.store_script import AGE_S
from tests.support.outbox import a_record, core_of, open_outbox


@dataclass(frozen=True, slots=True)
class Recovered:
    """`book`: what the store says, None where it did not open; `how`: how that went; `next`: the sequence given next.

    `integrity`: SQLite's own check.
    """

    book: dict[str, Any] | None
    how: str
    integrity: str = ""
    next: int = 0


def recover(folder: Path) -> Recovered:
    """Start, look and go on."""
    try:
        outbox = open_outbox(folder, age=AGE_S)
    except StoreError as error:
        return Recovered(None, f"did not open: {error}")
    return looked_at(outbox)


def looked_at(outbox: Outbox) -> Recovered:
    """Look at an open store, append one event more, and close it."""
    how = outbox.opening.how
    try:
        connection = core_of(outbox).database.conn
        integrity = "; ".join(str(row[0]) for row in connection.execute("PRAGMA integrity_check").fetchall())
        found = book(outbox)
        ticket = outbox.append([a_record("after the cut")])
        return Recovered(found, type(how).__name__, integrity, ticket.first)
    except (StoreError, sqlite3.Error, LookupError) as error:
        return Recovered(None, f"opened, and then: {error!r}")
    finally:
        outbox.close()


class Promises:
    """What a script's marks promised. `repairs`: whether a repair is a part of the script."""

    def __init__(self, recording: Recording, *, repairs: bool = False) -> None:
        self._repairs = repairs
        # Each script begins by opening, which the recovery does in any case: nothing done is as good as that.
        self._books: list[dict[str, Any]] = []
        self._done_at: list[int] = []
        self._begun_at: list[int] = []
        for moment, operation in enumerate(recording.operations, start=1):
            if isinstance(operation, Mark):
                said = json.loads(operation.data)
                if "done" in said:
                    self._books.append(said["book"])
                    self._done_at.append(moment)
                else:
                    self._begun_at.append(moment)

    @property
    def deeds(self) -> int:
        """How many deeds there were."""
        return len(self._books)

    def broken(self, found: Recovered, moment: int) -> Sequence[str]:
        """What is wrong with `found` after a cut when `moment` operations had happened."""
        done = max(bisect_right(self._done_at, moment), 1)
        begun = max(bisect_right(self._begun_at, moment), 1)
        if found.book is None:
            return [found.how]
        wrong = []
        if found.integrity != "ok":
            wrong.append(f"integrity: {found.integrity[:80]}")
        if not self._repairs and found.how not in (Created.__name__, Opened.__name__):
            wrong.append(f"it was {found.how}")
        allowed = self._books[done - 1 : begun]
        if found.book not in allowed:
            wrong.append(_difference(found.book, allowed[0]))
        if found.next <= max([allowed[0]["newest"], *sequences(found.book)]):
            wrong.append(f"sequence {found.next} is given twice")
        if found.book["ledger"]["faults"] or unlined(found.book):
            wrong.append(f"the ledger: {found.book['ledger']['faults']}, plays that end at {unlined(found.book)}")
        if sorted(set(sequences(found.book))) != sequences(found.book):
            wrong.append("events doubled or out of order")
        return wrong


def _difference(found: dict[str, Any], promised: dict[str, Any]) -> str:
    lost = sorted(set(sequences(promised)) - set(sequences(found)))
    if lost and lost[-1] > found["newest"]:
        return f"lost: events {lost[0]} to {lost[-1]}, which had been acknowledged"
    keys = [key for key, value in promised.items() if found[key] != value]
    return f"not as any deed left it: {', '.join(keys)} differ from the last that was acknowledged"
