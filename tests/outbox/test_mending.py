"""Trouble in a running process: the store is opened anew, and nothing is lost or doubled by it."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox.connection import PAGE_BYTES, STORE_NAME
from agent.outbox.errors import StoreDamaged, StoreError, StoreFailed, StoreFull
from agent.outbox.letters import Refusal
from agent.outbox.salvage import Salvaged
from agent.outbox.store import Outbox
from agent.outbox.transaction import Transactions, Work
from agent.outbox.visiting import visit
from tests.support.outbox import a_record, core_of, open_outbox

FAILURE = sqlite3.OperationalError("disk I/O error")


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path)
    found.register("one")
    found.append([a_record("first")], states={"tracker": "before"})
    yield found
    found.close()


class Lost:
    """Each commit ends with an error; `happens`: it was written all the same."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, happens: bool) -> None:
        self.done = False
        once = Transactions.once

        def fail(transactions: Transactions, work: Work) -> None:
            if happens and not self.done:
                once(transactions, work)
                self.done = True
            raise FAILURE

        monkeypatch.setattr(Transactions, "once", fail)


@pytest.mark.parametrize("happens", [False, True])
def test_append_in_doubt_is_there_once_when_it_is_repeated(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch, happens: bool
) -> None:
    """The card answers with an error, and nobody knows whether it wrote: a play must not be counted twice, nor lost."""
    records = [a_record("second"), a_record("third")]
    with monkeypatch.context() as patch:
        Lost(patch, happens=happens)
        with pytest.raises(StoreFailed):
            outbox.append(records, states={"tracker": "between"})
    with pytest.raises(StoreFailed):
        outbox.append([a_record("another")])
    outbox.mend()
    ticket = outbox.append(records, states={"tracker": "after"})
    assert (2, 3) == (ticket.first, ticket.last)
    assert ["first", "second", "third"] == [event.body for event in outbox.events()]
    assert "after" == outbox.state("tracker")
    assert 4 == outbox.append(records).first, "the same again, of which nothing is in doubt, is another event"


@pytest.mark.parametrize("is_full", [False, True])
def test_append_in_doubt_is_there_once_though_its_repetition_fails_too(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch, is_full: bool
) -> None:
    """A card that fails fails often: what was found to be there must still be known at the next try."""
    records = [a_record("second"), a_record("third")]
    with monkeypatch.context() as patch:
        Lost(patch, happens=True)
        with pytest.raises(StoreFailed):
            outbox.append(records, states={"tracker": "between"})
    outbox.mend()
    with monkeypatch.context() as patch:
        Lost(patch, happens=False)
        if is_full:
            patch.setattr(FAILURE, "sqlite_errorcode", sqlite3.SQLITE_FULL, raising=False)
        with pytest.raises(StoreFull if is_full else StoreFailed):
            outbox.append(records, states={"tracker": "after"})
    if not is_full:
        outbox.mend()
    assert 3 == outbox.append(records, states={"tracker": "after"}).last
    assert ["first", "second", "third"] == [event.body for event in outbox.events()]
    assert 5 == outbox.append(records).last, "the same again, of which nothing is in doubt, is another event"


@pytest.mark.parametrize("happens", [False, True])
def test_settlement_in_doubt_counts_once_when_it_is_repeated(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch, happens: bool
) -> None:
    """What was delivered is not sent again, and not counted twice."""
    outbox.append([a_record("second")])

    def settle() -> None:
        refusal = Refusal(1, 0, "PLAY", "CODE", "no", "")
        outbox.settle("one", Cursor(2), projection="p", delivered=1, refusals=[refusal])

    with monkeypatch.context() as patch:
        Lost(patch, happens=happens)
        with pytest.raises(StoreFailed):
            settle()
    outbox.mend()
    settle()
    (sink,) = outbox.statistics().sinks
    assert (Cursor(2), 1, 1) == (sink.cursor, sink.delivered, sink.dead_letters)
    assert (0, 0) == (sink.account.difference, sink.account.letters_difference)


def test_damage_while_running_is_repaired_without_a_restart(outbox: Outbox, tmp_path: Path) -> None:
    """The screen goes black when the process ends; a bad block of the card is no reason for that."""
    outbox.append([a_record(f"{number} " + "x" * 300) for number in range(300)])
    core_of(outbox).database.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    content = bytearray((tmp_path / STORE_NAME).read_bytes())
    page = content.index(b"150 xxx") // PAGE_BYTES * PAGE_BYTES
    content[page : page + PAGE_BYTES] = b"\xa5" * PAGE_BYTES
    (tmp_path / STORE_NAME).write_bytes(content)
    core_of(outbox).database.conn.execute("PRAGMA shrink_memory")
    generation = outbox.generation
    with pytest.raises(StoreDamaged):
        while not outbox.check_slice():
            pass
    opening = outbox.mend()
    assert isinstance(opening.how, Salvaged)
    assert generation != outbox.generation
    assert 302 == outbox.append([a_record("after")]).first
    (sink,) = outbox.statistics().sinks
    assert {"damage": opening.how.lost} == sink.dropped
    assert 0 < opening.how.lost < 8
    assert (302 - opening.how.lost, 0) == (sink.depth, sink.account.difference)


def test_destination_that_the_damage_took_goes_on_where_it_was(outbox: Outbox, tmp_path: Path) -> None:
    """Memory still knows what was delivered; to forget it would send everything again."""
    outbox.append([a_record(str(number)) for number in range(5)])
    outbox.settle("one", Cursor(4), projection="p", delivered=4)
    with pytest.raises(StoreDamaged), outbox._guard:
        core_of(outbox).database.conn.execute("DELETE FROM sinks")
        raise StoreDamaged("page 5 is bad", remedy="")
    outbox.mend()
    (sink,) = outbox.statistics().sinks
    assert (Cursor(4), 4, 2, 0) == (sink.cursor, sink.delivered, sink.depth, sink.account.difference)


def test_mending_that_fails_is_tried_again(outbox: Outbox, tmp_path: Path) -> None:
    """The disk may be gone for an hour. Meanwhile `status` answers, with the figures of before."""
    before = outbox.statistics()
    with pytest.raises(StoreFailed), outbox._guard:
        raise FAILURE
    away = tmp_path.with_name("away")
    shutil.move(tmp_path, away)
    for _ in range(2):
        with pytest.raises(StoreError):
            outbox.mend()
    told = outbox.statistics()
    assert "disk I/O error" in str(told.trouble)
    assert before.sinks == told.sinks
    shutil.move(away, tmp_path)
    outbox.mend()
    assert outbox.statistics().trouble is None
    assert 2 == outbox.append([a_record("second")]).first


def test_events_that_were_given_up_are_counted_for_good(outbox: Outbox, tmp_path: Path) -> None:
    """They never had a number, and yet somebody played them."""
    outbox.lose(7)
    outbox.close()
    again = open_outbox(tmp_path)
    (sink,) = again.statistics().sinks
    assert ({"unwritten": 7}, 8, 0) == (sink.dropped, sink.account.produced, sink.account.difference)
    assert {"unwritten": 7} == again.statistics().dropped
    again.close()


def test_visitor_mends_nothing(outbox: Outbox, tmp_path: Path) -> None:
    """Who only looks must not begin a repair: it is the agent's, or asked for by name."""
    outbox.close()
    visitor = visit(tmp_path)
    with pytest.raises(StoreFailed):
        visitor.mend()
    visitor.close()
