"""Books that do not balance are said once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from agent.outbox.errors import StoreFailed
from agent.outbox.store import Outbox
from agent.runtime.bookkeeping import EVERY_S, Books
from tests.support.outbox import a_record, core_of, open_outbox


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """A store with one destination and an event that waits."""
    found = open_outbox(tmp_path)
    found.register("one")
    found.append([a_record()])
    yield found
    found.close()


def cheat(outbox: Outbox, events: int) -> None:
    """Have so many events be nowhere."""
    sinks = core_of(outbox).ledger.sinks
    sinks["one"] = replace(sinks["one"], origin=sinks["one"].origin - events)


def said(books: Books, *moments: float) -> list[tuple[Any, ...]]:
    """What is logged at these seconds."""
    with structlog.testing.capture_logs() as logs:
        for now in moments:
            books.look(now)
    return [(line["event"], line.get("missing")) for line in logs]


def test_event_that_is_nowhere_is_said_once_and_so_is_its_return(outbox: Outbox) -> None:
    """A line a minute for months would hide it, and no line at all is a silent loss."""
    books = Books(outbox)
    assert [] == said(books, 0.0)
    cheat(outbox, 2)
    wrong = said(books, 1.0, EVERY_S, 2 * EVERY_S)
    assert [("books do not balance", "one: 2 events")] == wrong
    cheat(outbox, -2)
    assert [("books balance again", None)] == said(books, 3 * EVERY_S, 4 * EVERY_S)


def test_event_that_left_no_tombstone_is_said_too(outbox: Outbox) -> None:
    """The full check finds it, a slice a minute."""
    core_of(outbox).unburied = 1
    assert [("books do not balance", "none")] == said(Books(outbox), 0.0)


def test_store_in_trouble_is_not_judged(outbox: Outbox) -> None:
    """Its figures are those of before; whoever repairs it begins the books anew."""
    cheat(outbox, 1)
    with pytest.raises(StoreFailed), outbox._guard:
        raise StoreFailed("Input/output error", remedy="Check the disk.")
    assert [] == said(Books(outbox), 0.0)
    outbox.mend()
