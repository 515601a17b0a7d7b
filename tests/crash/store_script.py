"""A life of a store, the same each time: `python -m tests.crash.store_script FOLDER ACT [MUTATION]`.

Contract: before each deed a mark says that it begins, and once it has returned another says what the store then says of
itself (`book`): from there on it may be relied on. Run under the recorder, which takes the marks out.
Acts: `life` (appends, settlements, freezes, refusals, retries, checkpoints of the WAL, bounds, restarts), `damage` and
after it `repair` (the next start repairs, life goes on), `migration` (a store of version 1 is opened, life goes on).
Mutations, which the harness must find out: `normal` (synchronous=NORMAL), `psow` (psow=1).
"""

import json
import os
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

from agent.kernel.records import Cursor, Priority, StoredEvent
from agent.kernel.release import BUILD_EPOCH
from agent.outbox.connection import connect
from agent.outbox.letters import Refusal
from agent.outbox.store import Outbox
from agent.outbox.transaction import mark_damage
from agent.outbox.trials import Tried
from tests.crash.book import book
from tests.crash.recording import MARKS
from tests.support.outbox import a_record, an_instant, an_owner, core_of, freeze, open_outbox
from tests.support.plays import a_play

NORMAL, PSOW = "normal", "psow"
AGE_S = 90 * 86_400.0
DAY_S = 86_400.0
SINK, OTHER = "stats.collect", "trackEvent"


class Life:
    """One store and what is done to it."""

    def __init__(self, folder: Path, mutation: str) -> None:
        self._folder = folder
        self._mutation = mutation
        self._marks = os.open(folder / MARKS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._outbox: Outbox | None = None
        self._told = 0

    @property
    def outbox(self) -> Outbox:
        """The open store."""
        assert self._outbox is not None
        return self._outbox

    def open(self) -> None:
        """Open it, as an agent that starts."""

        def act() -> None:
            self._outbox = open_outbox(self._folder, age=AGE_S)
            self._outbox.tell_time(an_instant(wall=BUILD_EPOCH + DAY_S))
            if self._mutation == NORMAL:
                core_of(self._outbox).database.conn.execute("PRAGMA synchronous = NORMAL")

        self.deed("open", act)

    def restart(self) -> None:
        """An orderly end and a start."""
        self.outbox.close()
        self.open()

    def deed(self, name: str, act: Callable[[], object]) -> None:
        """Do it, and say so."""
        self._mark("begun", name)
        act()
        self._mark("done", name, book(self.outbox))

    def play(self, sessions: int) -> None:
        """Append as the main loop does, the texts with the events, and an application's event between."""
        for session in range(sessions):
            owner = an_owner(f"session-{self._told}-{session}")
            for kind in ("opened", "progressed", "closed"):
                self._told += 1
                at = an_instant(100.0 + self._told, synced=self._told % 5 != 0)
                record = a_record(f'{{"n":{self._told},"w":"{"x" * 150}"}}', kind=kind, owner=owner, instant=at)
                words = {"tracker": f"after {self._told}", "director": f"item {session}"}
                if kind == "closed":
                    record = replace(record, play=a_play(self._told))
                self.deed("append", partial(self.outbox.append, [record], states=words))
            self._told += 1
            click = a_record(f'{{"n":{self._told}}}', kind="click", owner=owner, priority=Priority.DETAIL)
            self.deed("append alone", partial(self.outbox.append, [click]))

    def deliver(self, sink: str, number: int, *, at_once: int = 1) -> None:
        """Settle the next `number` events, frozen first where their clock was not synchronised."""
        for _ in range(0, number, at_once):
            events = self.outbox.peek(sink, at_once)
            if not events:
                return
            for event in events:
                if event.frozen_time is None:
                    self.deed("freeze", partial(self._freeze, event))
            last = events[-1].sequence
            self.deed("settle", partial(self._settle, sink, last, len(events)))

    def refuse(self, sink: str) -> None:
        """The next message is refused for good, and the one behind it has to be tried again."""
        (event,) = self.outbox.peek(sink, 1)
        refusal = Refusal(event.sequence, 0, "PLAY", "INVALID_ENUM_VALUE", "no such type", "", attempt=2)
        tried = {(event.sequence + 1, 0): Tried(attempt=1, lost=True)}
        self.deed(
            "refuse",
            lambda: self.outbox.settle(sink, Cursor(event.sequence), projection="r", refusals=[refusal], tried=tried),
        )

    def _freeze(self, event: StoredEvent) -> None:
        freeze(self.outbox, event.sequence, event.instant.wall, estimated=event.sequence % 2 == 0)

    def _settle(self, sink: str, last: int, number: int) -> None:
        self.outbox.settle(sink, Cursor(last), projection=f"p{last}", delivered=number, backlog_end=last)

    def _mark(self, what: str, name: str, found: object = None) -> None:
        os.write(self._marks, json.dumps({what: name, "book": found}).encode())


def life(one: Life) -> None:
    """Everything that happens in good days and in bad ones."""
    one.open()
    one.deed("register", lambda: one.outbox.register(SINK))
    one.play(4)
    one.deed("register", lambda: one.outbox.register(OTHER))
    one.deliver(SINK, 9)
    one.refuse(SINK)
    one.play(3)
    one.deliver(OTHER, 30, at_once=7)
    one.deed("retry", lambda: one.outbox.retry(SINK))
    one.deliver(SINK, 40, at_once=3)
    one.restart()
    one.deed("disable", lambda: one.outbox.register(OTHER, enabled=False))
    one.play(8)
    one.refuse(SINK)
    one.deed("discard", lambda: one.outbox.discard(SINK))
    one.deliver(SINK, 20, at_once=10)
    one.deed("texts", lambda: one.outbox.append([], states={"words": "y" * 3000}))
    one.play(12)
    one.deliver(SINK, 15, at_once=5)
    one.deed("bounds", lambda: one.outbox.enforce(an_instant(AGE_S + 190.0)))
    one.deliver(SINK, 60, at_once=30)
    one.restart()
    one.play(1)


def damage(one: Life) -> None:
    """Damage is met in mid-life, and the process ends at once, as the agent's does: the WAL is full of what counts."""
    one.open()
    one.deed("register", lambda: one.outbox.register(SINK))
    one.play(5)
    one.deliver(SINK, 6)
    one.refuse(SINK)
    mark_damage(core_of(one.outbox).folder, "a page made no sense")
    os._exit(0)


def repair(one: Life) -> None:
    """The start after it repairs, and what comes then must not be lost to the repair."""
    one.open()
    one.play(2)
    one.deliver(SINK, 4)


def migration(one: Life) -> None:
    """An update of the program: the folder holds a store of version 1."""
    one.open()
    one.play(2)
    one.deliver(SINK, 5)


ACTS: dict[str, Callable[[Life], None]] = {"life": life, "damage": damage, "repair": repair, "migration": migration}


def _with_psow(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path))}?psow=1"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def main(folder: Path, act: str, mutation: str = "") -> None:
    """Live that life."""
    with patch("agent.outbox.opening.connect", _with_psow if mutation == PSOW else connect):
        ACTS[act](Life(folder, mutation))
    # As an agent ends that is killed: an interpreter that ends in order closes the database behind the store's back.
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
