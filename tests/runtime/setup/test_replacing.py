"""A board that takes another's place."""

from pathlib import Path

import attrs
import pytest

from agent.config.identity import derived_id, read_machine
from agent.config.model import Device, Settings
from agent.outbox.errors import StoreBusy
from agent.outbox.generation import MOVED, moved_id
from agent.outbox.play_origin import COPIED
from agent.runtime.setup.replacing import take_the_place
from tests.support.outbox import a_record, open_outbox
from tests.support.plays import a_play, its_end

HERE = derived_id(read_machine()) or ""
SETTINGS = attrs.evolve(Settings(), device=Device(id="device-001"))


@pytest.mark.skipif(not HERE, reason="this machine cannot be told from others")
@pytest.mark.parametrize("has_run_here", [True, False])
def test_moved_cards_question_is_answered_and_its_events_stay(tmp_path: Path, *, has_run_here: bool) -> None:
    """What waited on the dead board's card is delivered by the new one, whether its agent has started there or not."""
    first = open_outbox(tmp_path, hardware_key="board-1")
    first.append([a_record("1"), its_end(a_play())])
    first.close()
    if has_run_here:
        open_outbox(tmp_path, hardware_key=HERE).close()
    assert take_the_place(tmp_path, SETTINGS)
    again = open_outbox(tmp_path, hardware_key=HERE)
    assert (None, None, 2) == (moved_id(again.state(MOVED)), again.opening.new_generation, len(again.events()))
    assert first.generation != again.generation
    assert (0, "") == (again.play_chain().copied, again.state(COPIED) or "")
    again.close()
    assert not take_the_place(tmp_path, SETTINGS)


def test_new_card_has_nothing_to_answer(tmp_path: Path) -> None:
    """No store is made of a question about one."""
    assert not take_the_place(tmp_path, SETTINGS)
    assert [] == list(tmp_path.iterdir())


def test_store_in_use_is_not_opened(tmp_path: Path) -> None:
    """Two connections can corrupt it."""
    outbox = open_outbox(tmp_path)
    with pytest.raises(StoreBusy):
        take_the_place(tmp_path, SETTINGS)
    outbox.close()
