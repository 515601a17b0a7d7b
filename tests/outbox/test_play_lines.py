"""Writing the ledger."""

import sqlite3
from dataclasses import replace
from pathlib import Path

from agent.kernel.boots import Boot, Boots
from agent.kernel.play_chain import ORIGIN
from agent.kernel.plays import ChainHead
from agent.outbox.core import BOOTS
from agent.outbox.errors import StoreFull
from agent.outbox.ledger import WHOLE_LOG, Note, Tally
from agent.outbox.play_lines import BLOCK
from agent.outbox.transaction import Work
from tests.support.outbox import BOOT, NEXT_BOOT, a_record, core_of, open_outbox
from tests.support.plays import a_play, all_plays, faults, its_end, play


def test_play_is_read_back_with_its_events_sequence(tmp_path: Path) -> None:
    """The line commits with the event that ends the play, or not at all."""
    outbox = open_outbox(tmp_path)
    outbox.append([a_record(), its_end(a_play()), a_record()])
    (found,) = all_plays(outbox)
    assert (1, replace(a_play(), last=2)) == (found.number, found.facts)
    outbox.close()


def test_empty_ledger_says_so(tmp_path: Path) -> None:
    """A first day has no plays, and nothing wrong with it."""
    outbox = open_outbox(tmp_path)
    assert (ChainHead(0, ORIGIN.hex(), 1), [], []) == (outbox.play_chain(), all_plays(outbox), faults(outbox))
    outbox.close()


def test_chain_goes_on_over_a_restart(tmp_path: Path) -> None:
    """Each start is another process."""
    for first in (1, BLOCK, 2 * BLOCK, 2 * BLOCK + 7):
        outbox = open_outbox(tmp_path)
        play(outbox, first, first + 6)
        assert [] == faults(outbox)
        outbox.close()
    outbox = open_outbox(tmp_path)
    assert (28, list(range(1, 29))) == (outbox.play_chain().number, [each.number for each in all_plays(outbox)])
    outbox.close()


def test_each_play_takes_as_many_bytes_as_is_said(tmp_path: Path) -> None:
    """The page says 61, and the bound is reckoned with it."""
    outbox = open_outbox(tmp_path)
    for number in range(1, 1501):
        facts = a_play(number, began=864_000.0 + 30 * number, ended=864_030.0 + 30 * number)
        outbox.append([its_end(facts)])
    core = core_of(outbox)
    pages = sum(
        core.database.conn.execute("SELECT sum(pgsize) FROM dbstat WHERE name = ?", (name,)).fetchone()[0]
        for name in ("plays", "play_notes", "play_names")
    )
    assert 55 * 1500 < pages < 65 * 1500
    assert abs(core.chain.bytes_used - pages) < 0.1 * pages
    outbox.close()


def test_line_that_finds_no_room_costs_no_event(tmp_path: Path) -> None:
    """The ledger is a record of plays; the events are the plays' own."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1)
    core = core_of(outbox)
    real = core.transactions.run
    tried = []

    def run(work: Work, *, failed: sqlite3.Error | None = None) -> None:
        tried.append(1)
        if len(tried) == 1:
            raise StoreFull("full", remedy="")
        real(work, failed=failed)

    core.transactions.run = run  # type: ignore[method-assign]
    play(outbox, 2)
    core.transactions.run = real  # type: ignore[method-assign]
    play(outbox, 3)
    assert (3, 2) == (outbox.newest, outbox.play_chain().number)
    assert {Note.PLAYS_UNWRITTEN.value: 1} == core.ledger.counts(WHOLE_LOG, Tally.NOTED)
    assert [] == faults(outbox)
    outbox.close()


def test_play_that_cannot_be_packed_is_counted_and_its_event_kept(tmp_path: Path) -> None:
    """A mad number in one play must not stop the agent."""
    outbox = open_outbox(tmp_path)
    outbox.append([its_end(a_play(played=float("inf")))])
    play(outbox, 2)
    assert (2, 1) == (outbox.newest, len(all_plays(outbox)))
    assert {Note.PLAYS_UNWRITTEN.value: 1} == core_of(outbox).ledger.counts(WHOLE_LOG, Tally.NOTED)
    outbox.close()


def test_lost_events_count_their_plays(tmp_path: Path) -> None:
    """A disk that was broken for a day: how many plays the ledger lacks is known."""
    outbox = open_outbox(tmp_path)
    outbox.lose(9, plays=2)
    assert {Note.PLAYS_UNWRITTEN.value: 2} == core_of(outbox).ledger.counts(WHOLE_LOG, Tally.NOTED)
    outbox.close()


def test_clocks_of_a_boot_are_told_once_a_block_and_when_they_are_news(tmp_path: Path) -> None:
    """Each block can be deleted without the dates of the others; a note for each play would double the ledger."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, 10)
    outbox.append([], states={BOOTS: Boots((Boot(BOOT, 1.7e9, 400.0),)).text()})
    outbox.append([], states={BOOTS: Boots((Boot(BOOT, 1.7e9, 900.0),)).text()})
    play(outbox, 11, BLOCK + 5)
    outbox.append([its_end(a_play(BLOCK + 6, boot_id=NEXT_BOOT))])
    query = "SELECT id / 8, text FROM play_notes ORDER BY id"
    found = core_of(outbox).database.conn.execute(query).fetchall()
    assert [0, 10, BLOCK, BLOCK + 5, BLOCK + 5] == [number for number, _ in found]
    assert [] == faults(outbox)
    outbox.close()


def test_names_are_given_once_and_used_in_each_block(tmp_path: Path) -> None:
    """A list of three clips is three addresses, not a million."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, BLOCK + 3)
    outbox.close()
    outbox = open_outbox(tmp_path)
    play(outbox, BLOCK + 4, BLOCK + 9)
    rows = core_of(outbox).database.conn.execute("SELECT used FROM play_names").fetchall()
    assert [(1,)] * 7 == rows
    outbox.close()


def test_batch_across_blocks_is_whole(tmp_path: Path) -> None:
    """After an outage hundreds of plays come in one transaction."""
    outbox = open_outbox(tmp_path)
    outbox.append([its_end(a_play(number)) for number in range(1, 3 * BLOCK)])
    assert ([], 3 * BLOCK - 1) == (faults(outbox), len(all_plays(outbox)))
    outbox.close()


def test_write_in_doubt_that_was_done_is_not_done_twice(tmp_path: Path) -> None:
    """An I/O error tells nothing; a play that stands twice would be paid for twice."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1)
    core = core_of(outbox)
    real = core.transactions.once
    tried = []

    def once(work: Work) -> None:
        real(work)
        tried.append(1)
        if len(tried) == 1:
            raise sqlite3.OperationalError("disk I/O error")

    core.transactions.once = once  # type: ignore[method-assign]
    play(outbox, 2)
    core.transactions.once = real  # type: ignore[method-assign]
    play(outbox, 3)
    assert ([1, 2, 3], []) == ([each.number for each in all_plays(outbox)], faults(outbox))
    outbox.close()
