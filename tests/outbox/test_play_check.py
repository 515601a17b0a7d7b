"""A ledger that somebody was at."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.kernel.plays import Verified
from agent.outbox.connection import STORE_NAME
from agent.outbox.play_check import SLICE
from agent.outbox.play_lines import BLOCK
from tests.support.outbox import NEXT_BOOT, open_outbox
from tests.support.plays import a_play, faults, its_end, play

PLAYS = BLOCK + 20


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """The folder of a store at rest, with plays of two boots."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, PLAYS - 5)
    for number in range(PLAYS - 4, PLAYS + 1):
        outbox.append([its_end(a_play(number, boot_id=NEXT_BOOT))])
    outbox.close()
    return tmp_path


def first_bad(folder: Path, tamper: Callable[[sqlite3.Connection], object] = lambda _: None) -> int | None:
    """The first play that is found to be wrong, once somebody was at the file."""
    connection = sqlite3.connect(folder / STORE_NAME, isolation_level=None)
    tamper(connection)
    connection.close()
    outbox = open_outbox(folder)
    found = faults(outbox)
    outbox.close()
    return found[0].number if found else None


def test_ledger_that_nobody_was_at_is_sound(ledger: Path) -> None:
    """A false alarm is a kiosk that nobody believes any more."""
    assert first_bad(ledger) is None


@pytest.mark.parametrize("number", [1, 7, BLOCK - 1, BLOCK, BLOCK + 1, PLAYS])
def test_removed_line_shows(ledger: Path, number: int) -> None:
    """A play that was paid for and is gone."""
    assert number == first_bad(ledger, lambda store: store.execute("DELETE FROM plays WHERE id = ?", (number,)))


def test_removed_tail_shows(ledger: Path) -> None:
    """The newest lines hang on nothing that comes after them."""
    assert 60 == first_bad(ledger, lambda store: store.execute("DELETE FROM plays WHERE id >= 60"))


def test_removed_beginning_shows(ledger: Path) -> None:
    """Old plays go by age alone, and then the chain says so."""
    assert 1 == first_bad(ledger, lambda store: store.execute("DELETE FROM plays WHERE id <= 64"))


def test_each_changed_byte_of_a_line_shows(ledger: Path) -> None:
    """Whatever it means, and also where it means nothing."""
    store = sqlite3.connect(ledger / STORE_NAME, isolation_level=None)
    line, link = store.execute("SELECT line, link FROM plays WHERE id = 7").fetchone()
    store.close()
    for column, value in (("line", line), ("link", link)):
        for place in range(len(value)):
            changed = bytearray(value)
            changed[place] ^= 1 << place % 8
            query = f"UPDATE plays SET {column} = ? WHERE id = 7"
            found = first_bad(ledger, lambda store: store.execute(query, (bytes(changed),)))  # noqa: B023
            assert 7 == found, f"{column}, byte {place}"
            first_bad(ledger, lambda store: store.execute(query, (value,)))  # noqa: B023
    assert first_bad(ledger) is None


@pytest.mark.parametrize("other", [8, 40, BLOCK + 2])
def test_swapped_lines_show(ledger: Path, other: int) -> None:
    """The order is the time."""

    def swap(store: sqlite3.Connection) -> None:
        for low, high in ((7, -1), (other, 7), (-1, other)):
            store.execute("UPDATE plays SET id = ? WHERE id = ?", (high, low))

    assert 7 == first_bad(ledger, swap)


@pytest.mark.parametrize("number", [PLAYS + 1, PLAYS + 7])
def test_inserted_line_shows(ledger: Path, number: int) -> None:
    """A play that never was; it can only be put behind the others."""
    query = "INSERT INTO plays SELECT ?, line, link FROM plays WHERE id = 7"
    assert PLAYS < (first_bad(ledger, lambda store: store.execute(query, (number,))) or 0) + 1


def test_line_put_in_the_place_of_others_shows(ledger: Path) -> None:
    """To insert one, those behind it must be moved."""

    def insert(store: sqlite3.Connection) -> None:
        store.execute("UPDATE plays SET id = -id - 1 WHERE id > 7")
        store.execute("UPDATE plays SET id = -id WHERE id < 0")
        store.execute("INSERT INTO plays SELECT 8, line, link FROM plays WHERE id = 7")

    assert 8 == first_bad(ledger, insert)


def test_changed_name_shows_where_it_is_used_first(ledger: Path) -> None:
    """The item's address stands in a table of its own, and is hashed all the same."""
    query = "UPDATE play_names SET name = 'another.mp4' WHERE name LIKE '%clip-0%'"
    assert 3 == first_bad(ledger, lambda store: store.execute(query))


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM play_notes",
        "DELETE FROM play_notes WHERE id = 1",
        "UPDATE play_notes SET text = replace(text, 'null', '1') WHERE id = 1",
        "UPDATE play_notes SET link = zeroblob(32) WHERE id = 1",
        "UPDATE play_notes SET text = 'x' WHERE id = 1",
        "UPDATE play_notes SET id = 2 WHERE id = 1",
    ],
)
def test_note_that_was_changed_or_removed_shows(ledger: Path, query: str) -> None:
    """Who changes a clock's note changes the date of all plays of that boot."""
    assert 1 == first_bad(ledger, lambda store: store.execute(query))


def test_inserted_note_shows(ledger: Path) -> None:
    """A clock that never was, or a gap that would explain a removed play."""
    query = 'INSERT INTO play_notes VALUES (57, \'["gap",7,1,8,8,"damage"]\', zeroblob(32))'

    def hide(store: sqlite3.Connection) -> None:
        store.execute("DELETE FROM plays WHERE id = 8")
        store.execute(query)

    assert 8 == first_bad(ledger, hide)


def test_each_block_has_its_fault(ledger: Path) -> None:
    """One look tells how much is wrong, not only where it begins."""
    store = sqlite3.connect(ledger / STORE_NAME, isolation_level=None)
    store.execute("DELETE FROM plays WHERE id IN (7, 9, 70)")
    store.close()
    outbox = open_outbox(ledger)
    assert [7, 70] == [fault.number for fault in faults(outbox)]
    outbox.close()


def test_tampered_ledger_goes_on(ledger: Path) -> None:
    """The agent plays on, and no number is given twice."""
    first_bad(ledger, lambda store: store.execute("DELETE FROM plays WHERE id > 80"))
    outbox = open_outbox(ledger)
    play(outbox, PLAYS + 1)
    assert (PLAYS + 1, [81]) == (outbox.play_chain().number, [fault.number for fault in faults(outbox)])
    outbox.close()


def test_lost_ends_are_found_and_the_ledger_goes_on(ledger: Path) -> None:
    """The named text may be what a torn block hit."""
    assert first_bad(ledger, lambda store: store.execute("DELETE FROM states WHERE name = 'plays'")) is not None
    outbox = open_outbox(ledger)
    play(outbox, PLAYS + 1)
    assert PLAYS + 1 == outbox.play_chain().number
    outbox.close()


def test_slices_hold_nobody_up_and_newest_plays_can_be_asked_for_alone(tmp_path: Path) -> None:
    """A million plays take a minute; a person who types doctor wants an answer."""
    outbox = open_outbox(tmp_path, total_bytes=16 << 20)
    outbox.append([its_end(a_play(number)) for number in range(1, SLICE + 101)])
    seen = outbox.verify_plays_slice(Verified())
    assert (SLICE, False) == (seen.number, seen.is_over)
    play(outbox, SLICE + 101)
    assert (True, ()) == ((seen := outbox.verify_plays_slice(seen)).is_over, seen.faults)
    begin = outbox.newest_plays(100)
    assert 0 < begin.number <= SLICE + 1
    assert (True, ()) == ((seen := outbox.verify_plays_slice(begin)).is_over, seen.faults)
    assert Verified() == outbox.newest_plays(10_000)
    outbox.close()
