"""Whose lines a ledger has that came on a card from elsewhere."""

from pathlib import Path

import pytest

from agent.outbox.play_origin import COPIED
from agent.outbox.store import Outbox
from agent.outbox.transaction import mark_damage
from tests.support.outbox import core_of, open_outbox
from tests.support.plays import all_plays, faults, play

OLD = 5


def on(folder: Path, device: str, board: str) -> Outbox:
    return open_outbox(folder, device_id=device, hardware_key=board)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card that has played on board-1 as device-001."""
    outbox = on(tmp_path, "device-001", "board-1")
    play(outbox, 1, OLD)
    outbox.close()
    return tmp_path


@pytest.mark.parametrize("starts", [1, 3])
def test_lines_of_another_device_are_not_the_clones(card: Path, starts: int) -> None:
    """Both would tell them, and a fleet's report count them twice. They stay, and the chain goes on over them."""
    for _ in range(starts):
        on(card, "device-002", "board-2").close()
    outbox = on(card, "device-002", "board-2")
    play(outbox, OLD + 1, OLD + 2)
    chain = outbox.play_chain()
    assert (OLD, 1, OLD + 1, OLD + 2) == (chain.copied, chain.first, chain.own, chain.number)
    assert (OLD + 2, []) == (len(all_plays(outbox)), faults(outbox))
    outbox.close()


@pytest.mark.parametrize(
    ("device", "board"),
    [("device-001", "board-1"), ("renamed", "board-1"), ("device-001", "board-2")],
    ids=["the same", "renamed", "in the place of a dead board"],
)
def test_lines_stay_a_devices_own_under_another_name_or_on_another_board(card: Path, device: str, board: str) -> None:
    """A kiosk that was renamed or repaired has played what it played."""
    outbox = on(card, device, board)
    assert (0, 1) == (outbox.play_chain().copied, outbox.play_chain().own)
    outbox.close()


def test_clone_under_its_originals_id_knows_its_lines_once_it_has_an_id_of_its_own(card: Path) -> None:
    """With a configured id the same boards have one name, until somebody sees the question and gives another."""
    clone = on(card, "device-001", "board-2")
    play(clone, OLD + 1)
    assert 0 == clone.play_chain().copied
    clone.close()
    renamed = on(card, "device-002", "board-2")
    assert OLD == renamed.play_chain().copied
    renamed.close()


def test_card_that_is_back_on_its_own_board_has_its_lines_for_good(card: Path) -> None:
    """It was tried in a spare board; a new name later changes nothing."""
    on(card, "device-001", "board-2").close()
    on(card, "device-001", "board-1").close()
    outbox = on(card, "renamed", "board-1")
    assert (0, "") == (outbox.play_chain().copied, outbox.state(COPIED))
    outbox.close()


def test_clones_lines_are_known_after_damage_too(card: Path) -> None:
    """A repair copies the store; it must not make the lines its own."""
    on(card, "device-002", "board-2").close()
    mark_damage(card, "a test")
    outbox = on(card, "device-002", "board-2")
    assert (OLD, []) == (outbox.play_chain().copied, faults(outbox))
    outbox.close()


def test_clone_that_is_damaged_at_its_first_start_is_known_as_one(card: Path) -> None:
    """The repair settles the new board before anybody else looks."""
    mark_damage(card, "a test")
    outbox = on(card, "device-002", "board-2")
    assert OLD == outbox.play_chain().copied
    outbox.close()


def test_unknown_board_makes_no_clone(tmp_path: Path) -> None:
    """A machine id that came with an update is no second machine."""
    outbox = on(tmp_path, "device-001", "")
    play(outbox, 1, OLD)
    outbox.close()
    outbox = on(tmp_path, "device-002", "board-1")
    assert 0 == outbox.play_chain().copied
    outbox.close()


@pytest.mark.parametrize("text", ["", "device-001", "device-001\n", "device-001\nx", "\n"])
def test_text_that_makes_no_sense_leaves_the_lines_where_they_are(card: Path, text: str) -> None:
    """Damage of one text must not take a year of plays out of the reports."""
    outbox = on(card, "device-002", "board-2")
    outbox.append((), states={COPIED: text})
    outbox.close()
    outbox = on(card, "device-002", "board-2")
    assert 0 == core_of(outbox).copied
    outbox.close()
