"""The ledger after damage."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.outbox.connection import STORE_NAME
from agent.outbox.ledger import WHOLE_LOG, Note, Tally
from agent.outbox.opening import Opened
from agent.outbox.play_lines import BLOCK
from agent.outbox.play_pruning import make_room
from agent.outbox.salvage import Salvaged
from agent.outbox.store import Outbox
from agent.outbox.transaction import mark_damage
from tests.support.outbox import core_of, open_outbox
from tests.support.plays import all_plays, faults, play

PLAYS = BLOCK + 20


def salvaged(folder: Path, damage: Callable[[sqlite3.Connection], object] = lambda _: None) -> Outbox:
    """A store with plays, damaged and opened again."""
    outbox = open_outbox(folder)
    play(outbox, 1, PLAYS)
    outbox.close()
    connection = sqlite3.connect(folder / STORE_NAME, isolation_level=None)
    damage(connection)
    connection.close()
    mark_damage(folder, "a test")
    outbox = open_outbox(folder)
    assert isinstance(outbox.opening.how, Salvaged)
    return outbox


def lost(outbox: Outbox) -> int:
    """How many are missing, as it was counted."""
    return core_of(outbox).ledger.counts(WHOLE_LOG, Tally.NOTED).get(Note.PLAYS_LOST.value, 0)


def test_ledger_that_was_not_hit_stays_as_it_is(tmp_path: Path) -> None:
    """Whoever has signed its hash can still verify."""
    before = open_outbox(tmp_path / "other")
    play(before, 1, PLAYS)
    outbox = salvaged(tmp_path / "state")
    assert (before.play_chain(), [], 0) == (outbox.play_chain(), faults(outbox), lost(outbox))
    assert len(all_plays(outbox)) == PLAYS
    before.close()
    outbox.close()


@pytest.mark.parametrize(
    ("damage", "missing"),
    [
        ("DELETE FROM plays WHERE id BETWEEN 7 AND 9", {7, 8, 9}),
        ("DELETE FROM plays WHERE id <= 3", {1, 2, 3}),
        ("DELETE FROM plays WHERE id > 80", {81, 82, 83, 84}),
        ("UPDATE plays SET line = x'ff' WHERE id = 7", {7}),
        ("UPDATE plays SET link = x'ff' WHERE id IN (7, 70)", {7}),
        ("DELETE FROM play_notes", {1}),  # it hung on a note: what it says can no longer be told from a forgery
        ("UPDATE play_notes SET text = '?'", set()),
        ("DELETE FROM play_names WHERE name LIKE '%clip-0%'", set(range(3, PLAYS + 1, 3))),
        ("DELETE FROM states WHERE name = 'plays'", set()),
    ],
)
def test_what_can_be_read_is_one_sound_chain_that_says_what_is_missing(
    tmp_path: Path, damage: str, missing: set[int]
) -> None:
    """A torn block costs the plays in it, and no other; and nobody can take it for nothing."""
    outbox = salvaged(tmp_path, lambda store: store.execute(damage))
    assert set(range(1, PLAYS + 1)) - missing == {each.number for each in all_plays(outbox)}
    assert (len(missing), []) == (lost(outbox), faults(outbox))
    play(outbox, PLAYS + 1, 2 * BLOCK + 5)
    assert ([], 2 * BLOCK + 5) == (faults(outbox), outbox.play_chain().number)
    outbox.close()
    again = open_outbox(tmp_path)
    assert isinstance(again.opening.how, Opened)
    assert [] == faults(again)
    again.close()


def test_second_damage_leaves_a_sound_chain_too(tmp_path: Path) -> None:
    """A dying card is damaged again and again."""
    outbox = salvaged(tmp_path, lambda store: store.execute("DELETE FROM plays WHERE id BETWEEN 7 AND 9"))
    outbox.close()
    store = sqlite3.connect(tmp_path / STORE_NAME, isolation_level=None)
    store.execute("DELETE FROM plays WHERE id IN (6, 10, 70)")
    store.close()
    mark_damage(tmp_path, "a test")
    outbox = open_outbox(tmp_path)
    assert ([], 6) == (faults(outbox), lost(outbox))
    assert PLAYS - 6 == len(all_plays(outbox))
    outbox.close()


def test_deleted_plays_are_not_lost_ones(tmp_path: Path) -> None:
    """They went by age, and the chain hangs on what they were."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, PLAYS)
    assert make_room(core_of(outbox))
    before = outbox.play_chain()
    outbox.close()
    mark_damage(tmp_path, "a test")
    outbox = open_outbox(tmp_path)
    assert (before, [], 0) == (outbox.play_chain(), faults(outbox), lost(outbox))
    outbox.close()
