"""The ledger within its bounds."""

import sqlite3
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from agent.kernel.boots import Boot, Boots
from agent.kernel.instants import Instant
from agent.kernel.records import Cursor
from agent.outbox import room
from agent.outbox.core import BOOTS
from agent.outbox.ledger import WHOLE_LOG, Note, Tally
from agent.outbox.play_lines import BLOCK
from agent.outbox.play_pruning import STEP, make_room
from agent.outbox.store import Outbox
from agent.outbox.transaction import Work
from tests.support.outbox import BOOT, MEGABYTE, an_instant, core_of
from tests.support.plays import SINK, a_play, a_store, all_plays, faults, its_end

WALL = 1_790_000_000.0
DAY = 86_400.0


def fill(outbox: Outbox, first: int, last: int, *, apart: float = 30.0) -> None:
    """Plays in one transaction, so far apart."""
    plays = [a_play(n, began=apart * n, ended=apart * n + 20) for n in range(first, last + 1)]
    outbox.append([its_end(each) for each in plays])


def pruned(outbox: Outbox) -> int:
    """How many went, as it was counted."""
    return core_of(outbox).ledger.counts(WHOLE_LOG, Tally.NOTED).get(Note.PLAYS_PRUNED.value, 0)


def now(days: float) -> Instant:
    """A moment of that boot, by a clock that is right."""
    return Instant(BOOT, days * DAY, WALL + days * DAY, synced=True)


def test_too_many_plays_cost_the_oldest_and_the_rest_still_verifies(tmp_path: Path) -> None:
    """A card is small, and what is left must be as trustworthy as before."""
    outbox = a_store(tmp_path, plays_bytes=50_000)
    for first in range(1, 2501, 500):
        fill(outbox, first, first + 499)
    outbox.enforce(an_instant())
    first = outbox.play_chain().first
    assert (first - 1, 0) == (pruned(outbox), (first - 1) % BLOCK)
    assert core_of(outbox).chain.bytes_used <= 50_000
    assert ([], list(range(first, 2501))) == (faults(outbox), [each.number for each in all_plays(outbox)])
    outbox.close()
    outbox = a_store(tmp_path, plays_bytes=50_000)
    fill(outbox, 2501, 2510)
    assert ([], first, 2510) == (faults(outbox), outbox.play_chain().first, outbox.play_chain().number)
    outbox.close()


def test_old_plays_go_by_their_true_age(tmp_path: Path) -> None:
    """A year, and not a year by a clock that stood at 1970."""
    outbox = a_store(tmp_path, plays_age=30 * DAY)
    fill(outbox, 1, 2 * STEP, apart=3600.0)
    outbox.append([], states={BOOTS: Boots((Boot(BOOT, WALL, 9e9),)).text()})
    last = (STEP * 3600.0 + 20) / DAY
    outbox.enforce(now(last + 29.9))
    assert 0 == pruned(outbox)
    outbox.enforce(now(last + 30.1))
    assert (STEP, STEP + 1, []) == (pruned(outbox), outbox.play_chain().first, faults(outbox))
    dated = [(each.began, each.is_estimated) for each in outbox.plays(limit=1)]
    assert [(WALL + 3600.0 * (STEP + 1), False)] == dated, "the block says again when its boot began"
    outbox.close()


def test_age_that_nobody_knows_does_not_count(tmp_path: Path) -> None:
    """The boot never saw the time; the size bounds it."""
    outbox = a_store(tmp_path, plays_age=1.0)
    fill(outbox, 1, STEP)
    outbox.enforce(now(1000.0))
    assert 0 == pruned(outbox)
    outbox.close()


def test_what_no_line_needs_any_more_goes_too(tmp_path: Path) -> None:
    """Addresses that carry a number of their own would fill the card in spite of the bound."""
    outbox = a_store(tmp_path, plays_bytes=1)
    outbox.register(SINK)
    for number in range(1, STEP + BLOCK + 1):
        outbox.tell_time(now(1.0 + number / 96))
        outbox.append([its_end(a_play(number, item=f"once-{number}.mp4"))])
        outbox.settle(SINK, Cursor(number), projection="", delivered=1)
    connection = core_of(outbox).database.conn
    outbox.enforce(now(40.0))
    assert STEP == pruned(outbox)
    (names,) = connection.execute("SELECT count(*) FROM play_names WHERE name LIKE 'once-%'").fetchone()
    (steps,) = connection.execute("SELECT count(*) FROM play_deliveries").fetchone()
    assert names == BLOCK
    assert steps <= 4, "one a day, of the days that are left"
    assert all(each.delivered and each.delivered[0].at for each in all_plays(outbox))
    outbox.close()


@pytest.mark.parametrize("length", [20, 120, 300, 900])
def test_addresses_of_their_own_count_for_the_ledger_and_cost_no_event(tmp_path: Path, length: int) -> None:
    """An address with a token for each play is the ledger's weight, not the queue's, which would give up events."""
    outbox = a_store(tmp_path, plays_bytes=64 * MEGABYTE)
    tables = ("plays", "play_notes", "play_names", "sqlite_autoindex_play_names_1")
    for first in range(1, 2 * STEP + BLOCK, BLOCK):
        plays = [
            a_play(number, item=sha256(str(number).encode()).hexdigest()[:16].ljust(length, "x"))
            for number in range(first, first + BLOCK)
        ]
        outbox.append([its_end(each) for each in plays])
    core = core_of(outbox)

    def true_bytes() -> int:
        query = f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({','.join('?' * len(tables))})"
        return int(core.database.conn.execute(query, tables).fetchone()[0])

    assert abs(core.chain.bytes_used - true_bytes()) < 0.25 * true_bytes()
    outbox.close()
    outbox = a_store(tmp_path, plays_bytes=200_000)
    core = core_of(outbox)
    outbox.enforce(an_instant())
    assert core.chain.bytes_used <= 200_000
    assert true_bytes() < 300_000
    counted = core.chain.bytes_used
    assert {} == outbox.statistics().dropped
    outbox.close()
    outbox = a_store(tmp_path, plays_bytes=200_000)
    assert abs(counted - core_of(outbox).chain.bytes_used) <= 0.05 * counted
    assert [] == faults(outbox)
    outbox.close()


def test_write_without_room_takes_it_from_the_ledger_before_an_event(tmp_path: Path) -> None:
    """The ledger never costs an event."""
    outbox = a_store(tmp_path, plays_bytes=MEGABYTE)
    outbox.register(SINK)
    fill(outbox, 1, 2 * STEP)
    core = core_of(outbox)
    assert room.make_room(core)
    assert (STEP, {}) == (pruned(outbox), outbox.statistics().dropped)
    assert [] == faults(outbox)
    outbox.close()


def test_ledger_of_less_than_a_block_gives_nothing(tmp_path: Path) -> None:
    """Then events must make way."""
    outbox = a_store(tmp_path)
    fill(outbox, 1, BLOCK - 1)
    assert not make_room(core_of(outbox))
    outbox.close()


def test_append_that_makes_room_with_the_ledger_keeps_its_chain(tmp_path: Path) -> None:
    """The line that is being written hangs on what is deleted in the same moment."""
    outbox = a_store(tmp_path)
    fill(outbox, 1, 2 * STEP)
    core = core_of(outbox)
    real = core.transactions.once
    tried: list[int] = []

    def once(work):  # type: ignore[no-untyped-def]
        tried.append(1)
        if len(tried) == 1:
            make_room(core)
        real(work)

    core.transactions.once = once  # type: ignore[method-assign]
    fill(outbox, 2 * STEP + 1, 2 * STEP + 1)
    assert (STEP, [], STEP + 1) == (pruned(outbox), faults(outbox), len(all_plays(outbox)))
    outbox.close()


@pytest.mark.parametrize("refused", [{1}, {1, 3}])
def test_plays_that_made_room_for_their_own_deletion_are_counted_once_and_the_rest_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: set[int]
) -> None:
    """A deletion needs room in the WAL, too; and what has no room gives up the oldest plays."""
    outbox = a_store(tmp_path, plays_bytes=120_000)
    fill(outbox, 1, 4 * STEP)
    transactions, tries = core_of(outbox).transactions, count(1)
    once = transactions.once

    def on_a_full_disk(work: Work) -> None:
        if next(tries) in refused:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        once(work)

    monkeypatch.setattr(transactions, "once", on_a_full_disk)
    outbox.enforce(an_instant())
    monkeypatch.undo()
    first = all_plays(outbox)[0].number
    assert (len(refused) * STEP, []) == (first - 1, faults(outbox))
    assert (first, first - 1) == (outbox.play_chain().first, pruned(outbox))
    outbox.close()
