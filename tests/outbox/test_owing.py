"""Settlements that wait in memory: fewer commits, and nothing lost or doubled but what the store says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox.letters import Refusal
from agent.outbox.owing import GROUP
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from tests.support.outbox import a_record, core_of, open_outbox

SINK = "stats.collect"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register(SINK)
    found.append([a_record(f"{number}") for number in range(20)])
    found.owing.allow(GROUP)
    yield found
    found.close()


def settled(outbox: Outbox, sequence: int) -> None:
    """One message of the event was accepted."""
    outbox.settle(SINK, Cursor(sequence), projection=f"after {sequence}", delivered=1)


def row(outbox: Outbox) -> SinkStatistics:
    """The sink's account."""
    (found,) = outbox.statistics().sinks
    return found


def on_disk(outbox: Outbox) -> tuple[int, int]:
    """The cursor and the number of delivered messages that a crash now would leave."""
    connection = core_of(outbox).database.conn
    found: tuple[int, int] = connection.execute("SELECT sequence, delivered FROM sinks").fetchone()
    return found


def test_settlement_waits_for_the_next_append_and_shares_its_commit(outbox: Outbox) -> None:
    """A commit costs 8 kB of flash, however little it writes."""
    settled(outbox, 1)
    settled(outbox, 2)
    assert (2, 2) == (outbox.owing.messages, row(outbox).delivered)
    assert (0, 0) == on_disk(outbox)
    outbox.append([a_record("later")])
    assert 0 == outbox.owing.messages
    assert (2, 2) == on_disk(outbox)


def test_quiet_kiosk_writes_what_it_owes_when_told(outbox: Outbox) -> None:
    """At closing time no append comes any more: what was delivered would be sent again in the morning."""
    settled(outbox, 1)
    outbox.owing.flush()
    assert (1, 1) == on_disk(outbox)
    assert 0 == outbox.owing.messages


def test_what_a_crash_may_repeat_is_bounded(outbox: Outbox) -> None:
    """Never more than a group, whatever the pace of delivery."""
    for sequence in range(1, GROUP + 1):
        settled(outbox, sequence)
    assert GROUP == outbox.owing.messages
    settled(outbox, GROUP + 1)
    assert 0 == outbox.owing.messages
    assert (GROUP + 1, GROUP + 1) == on_disk(outbox)


def test_batch_is_settled_at_once(outbox: Outbox) -> None:
    """A backlog's batch is a commit for a hundred messages already."""
    outbox.settle(SINK, Cursor(15), projection="", delivered=15)
    assert (15, 15) == on_disk(outbox)


def test_refusal_is_written_at_once_with_what_is_owed(outbox: Outbox) -> None:
    """A dead letter is news for an operator, and its place in the order must be right."""
    settled(outbox, 1)
    refusal = Refusal(2, 0, "PLAY", "CODE", "no", "", 1, {})
    outbox.settle(SINK, Cursor(2), projection="", refusals=[refusal])
    assert (2, 1) == on_disk(outbox)
    assert 1 == row(outbox).dead_letters


def test_counts_that_are_owed_are_written_with_any_transaction(outbox: Outbox) -> None:
    """A cursor on the disk without its counts would be an account that never balances again."""
    outbox.settle(SINK, Cursor(1), projection="", passed={"no-entry": 1})
    outbox.register("other")
    connection = core_of(outbox).database.conn
    assert [("passed", "no-entry", 1)] == connection.execute("SELECT tally, reason, number FROM counters").fetchall()
    assert 0 == row_of(outbox, SINK).account.difference


def row_of(outbox: Outbox, name: str) -> SinkStatistics:
    """One of several."""
    return next(sink for sink in outbox.statistics().sinks if sink.name == name)


def test_crash_forgets_what_is_owed_and_the_books_stay_balanced(outbox: Outbox, tmp_path: Path) -> None:
    """The next process sends that group again, under the same identities, and counts each once."""
    settled(outbox, 1)
    settled(outbox, 2)
    core_of(outbox).database.conn.close()
    outbox._process_lock.release()
    again = open_outbox(tmp_path / "state")
    assert (Cursor(0), "") == again.position(SINK)
    assert (0, 20, 0) == (row(again).delivered, row(again).depth, row(again).account.difference)
    again.close()
    outbox._guard.is_closed = True


def test_end_in_good_order_leaves_nothing_owed(outbox: Outbox, tmp_path: Path) -> None:
    """An upgrade or a restart must repeat nothing."""
    settled(outbox, 1)
    outbox.close()
    again = open_outbox(tmp_path / "state")
    assert 1 == row(again).delivered
    again.close()


def test_passed_events_are_deleted_with_the_append_that_settles_them(outbox: Outbox) -> None:
    """Else a kiosk whose settlements always ride along would never delete anything."""
    outbox.append([a_record("more") for _ in range(80)])
    for sequence in range(1, 101):
        settled(outbox, sequence)
        if sequence % GROUP == 0:
            outbox.append([a_record("next")])
    assert outbox.events(limit=1)[0].sequence > 32


def test_mended_store_still_owes_what_it_owed(outbox: Outbox) -> None:
    """An I/O error in between must not have the group sent again: this process knows that it was accepted."""
    settled(outbox, 1)
    settled(outbox, 2)
    outbox.mend()
    assert (Cursor(2), "after 2") == outbox.position(SINK)
    assert 2 == outbox.owing.messages
    outbox.owing.flush()
    assert (2, 2) == on_disk(outbox)
    assert GROUP == outbox.grouped
