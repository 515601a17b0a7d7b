"""The self-test of the books: it must see what is wrong, and nothing else. That the books are balanced in any life of a
store is shown by test_store_model.py."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox.accounting import Account
from agent.outbox.connection import STORE_NAME
from agent.outbox.letters import Refusal
from agent.outbox.store import Outbox
from agent.outbox.transaction import MARK_NAME
from tests.support.outbox import MEGABYTE, a_record, an_instant, core_of, open_outbox


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path, total_bytes=MEGABYTE)
    yield found
    found.close()


def books(outbox: Outbox, sink: str = "one") -> Account:
    """The books of a sink, after a full pass of the check."""
    while not outbox.check_slice():
        pass
    return next(found.account for found in outbox.statistics().sinks if found.name == sink)


def test_every_end_of_an_event_is_in_one_number(outbox: Outbox) -> None:
    """Delivered, refused, silent, passed over, dropped, waiting: what is in none of them was lost."""
    outbox.register("one")
    outbox.append([a_record(str(number)) for number in range(10)])
    refusals = [Refusal(2, 0, "PLAY", "CODE", "no", ""), Refusal(2, 1, "PLAY", "CODE", "no", "")]
    outbox.settle("one", Cursor(4), projection="", delivered=2, passed={"no-entry": 1}, refusals=refusals)
    outbox.settle("one", Cursor(5, 1), projection="", delivered=2)
    found = books(outbox)
    assert (10, 5, 5, 0, 0) == (found.produced, found.settled, found.queued, found.dropped, found.skipped)
    assert (2, 2, 0, 0) == (found.refused, found.kept, found.retried, found.letters_dropped)
    assert (0, 0) == (found.difference, found.letters_difference)


def test_retried_message_is_produced_again_for_its_own_destination_alone(outbox: Outbox) -> None:
    """It goes to the tail of the log under a new number; the others must not miss it."""
    outbox.register("one")
    outbox.register("other")
    outbox.append([a_record()])
    outbox.settle("one", Cursor(1), projection="", refusals=[Refusal(1, 0, "PLAY", "CODE", "no", "")])
    outbox.retry("one")
    one, other = books(outbox), books(outbox, "other")
    assert (2, 1, 1, 1, 1) == (one.produced, one.settled, one.queued, one.refused, one.retried)
    assert (1, 0, 1) == (other.produced, other.settled, other.queued)
    assert {0} == {one.difference, one.letters_difference, other.difference, other.letters_difference}


def test_what_happened_while_a_destination_was_off_is_accounted_for(outbox: Outbox) -> None:
    """Switched off for a week by mistake: the operator must find that week in a number."""
    outbox.register("one")
    outbox.append([a_record(), a_record()])
    outbox.register("one", enabled=False)
    outbox.append([a_record()])
    assert (3, 3, 0) == (books(outbox).produced, books(outbox).skipped, books(outbox).difference)
    outbox.register("one")
    outbox.append([a_record()])
    found = books(outbox)
    assert (4, 3, 1, 0) == (found.produced, found.skipped, found.queued, found.difference)


def test_dropped_for_want_of_room_and_by_age_is_accounted_for(outbox: Outbox) -> None:
    """A month without a network, in a small store."""
    outbox.register("one")
    for number in range(40):
        outbox.append([a_record("x" * 900, instant=an_instant(float(number))) for _ in range(50)])
        outbox.enforce(an_instant(float(number)))
    outbox.enforce(an_instant(100 * 86_400.0))
    found = books(outbox)
    assert 2000 == found.produced == found.dropped + found.queued
    assert 0 < found.dropped
    assert (0, 0) == (found.difference, outbox.statistics().unburied)


def _lose_an_event(outbox: Outbox) -> None:
    core_of(outbox).database.conn.execute("DELETE FROM events WHERE sequence = 3")


def _lose_a_settlement(outbox: Outbox) -> None:
    core_of(outbox).database.conn.execute("UPDATE sinks SET sequence = 4")


@pytest.mark.parametrize(("lose", "unburied", "difference"), [(_lose_an_event, 1, 0), (_lose_a_settlement, 0, 4)])
def test_what_vanishes_without_a_trace_is_seen(
    tmp_path: Path, lose: Callable[[Outbox], None], unburied: int, difference: int
) -> None:
    """A self-test that cannot fail proves nothing."""
    before = open_outbox(tmp_path)
    before.register("one")
    before.append([a_record(str(number)) for number in range(10)])
    lose(before)
    before.close()
    outbox = open_outbox(tmp_path)
    assert (difference, unburied) == (books(outbox).difference, outbox.statistics().unburied)
    outbox.close()


def test_lost_dead_letter_is_seen(outbox: Outbox) -> None:
    """They are the only copy of a play that was refused."""
    outbox.register("one")
    outbox.append([a_record()])
    outbox.settle("one", Cursor(1), projection="", refusals=[Refusal(1, 0, "PLAY", "CODE", "no", "")])
    core_of(outbox).database.conn.execute("DELETE FROM dead_letters")
    assert 1 == books(outbox).letters_difference


def test_books_begin_balanced_after_damage_and_after_a_migration(tmp_path: Path) -> None:
    """What was lost then is counted as damage; an alarm for ever would be no alarm."""
    for name, marked in (("old", False), ("damaged", True)):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(Path(__file__).parent / "store_version_1.db", folder / STORE_NAME)
        if marked:
            (folder / MARK_NAME).write_text("page 7 is bad\n")
        outbox = open_outbox(folder)
        for sink in outbox.statistics().sinks:
            assert (0, 0) == (sink.account.difference, sink.account.letters_difference), sink
        outbox.append([a_record()])
        assert all(sink.account.difference == 0 for sink in outbox.statistics().sinks)
        outbox.close()
