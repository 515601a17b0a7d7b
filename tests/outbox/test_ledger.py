"""The account in memory."""

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox.ledger import Change, Ledger, Position, Tally, moved, passed_counts
from tests.support.outbox import core_of, open_outbox


def test_a_change_written_twice_counts_once(tmp_path: Path) -> None:
    """After a commit of unknown outcome the same work runs again."""
    outbox = open_outbox(tmp_path)
    core = core_of(outbox)
    change = Change({"a": Position("a", Cursor(3, 1), "p", delivered=2)}, passed_counts("a", {"no-entry": 4, "x": 0}))
    for _ in range(2):
        core.transactions.run(lambda connection: core.ledger.write(connection, change))
    core.ledger.accept(change)
    again = Ledger(core.database.conn)
    assert {"no-entry": 4} == core.ledger.counts("a", Tally.PASSED) == again.counts("a", Tally.PASSED)
    assert {"a": Position("a", Cursor(3, 1), "p", delivered=2)} == core.ledger.sinks == again.sinks
    assert change.counts == Counter({("a", Tally.PASSED, "no-entry"): 4})
    outbox.close()


def test_a_cursor_never_goes_back() -> None:
    """Delivery may settle an event that was dropped while it was being sent."""
    position = Position("a", Cursor(5), delivered=1, resent=1)
    assert moved(position, Cursor(4, 1), projection="p", delivered=1, resent=1, sent=None) == Position(
        "a", Cursor(5), "p", delivered=2, resent=2
    )


def test_a_time_of_delivery_that_a_full_disk_took_back_is_written_with_the_next_try(tmp_path: Path) -> None:
    """While a settlement makes room, another transaction commits: what was rolled back must not pass for written."""
    outbox = open_outbox(tmp_path)
    core = core_of(outbox)
    core.ledger.now = 1_800_000_000.0
    outbox.register("a")
    settlement = Change({"a": Position("a", Cursor(3), delivered=3)})
    written = "SELECT sink, after, time, passed FROM play_deliveries"

    def no_room(connection: sqlite3.Connection) -> None:
        core.ledger.write(connection, settlement)
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(sqlite3.OperationalError):
        core.transactions.once(no_room)
    core.transactions.once(lambda connection: core.ledger.write(connection, Change()))  # what makes room
    core.ledger.accept(Change())
    core.transactions.once(lambda connection: core.ledger.write(connection, settlement))
    core.ledger.accept(settlement)
    assert [("a", 0, 1_800_000_000.0, 0)] == core.database.conn.execute(written).fetchall()
    outbox.close()
