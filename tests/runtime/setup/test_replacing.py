"""A board that takes another's place."""

from pathlib import Path

import pytest

from agent.outbox.errors import StoreBusy
from agent.outbox.generation import MOVED, moved_id
from agent.runtime.setup.replacing import take_the_place
from tests.support.outbox import a_record, open_outbox


def test_moved_cards_question_is_answered_and_its_events_stay(tmp_path: Path) -> None:
    """What waited on the dead board's card is delivered by the new one."""
    first = open_outbox(tmp_path)
    first.append([a_record("1"), a_record("2")])
    first.close()
    open_outbox(tmp_path, hardware_key="board-2").close()
    assert take_the_place(tmp_path)
    again = open_outbox(tmp_path, hardware_key="board-2")
    assert (None, None, 2) == (moved_id(again.state(MOVED)), again.opening.new_generation, len(again.events()))
    again.close()
    assert not take_the_place(tmp_path)


def test_new_card_has_nothing_to_answer(tmp_path: Path) -> None:
    """No store is made of a question about one."""
    assert not take_the_place(tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_store_in_use_is_not_opened(tmp_path: Path) -> None:
    """Two connections can corrupt it."""
    outbox = open_outbox(tmp_path)
    with pytest.raises(StoreBusy):
        take_the_place(tmp_path)
    outbox.close()
