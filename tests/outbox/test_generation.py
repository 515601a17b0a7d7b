"""Generations; the changes of device and board are in test_opening.py."""

from pathlib import Path
from uuid import UUID

import pytest

from agent.outbox.generation import MOVED, Device, NewGeneration, moved_id, settle_generation
from agent.outbox.store import Outbox
from tests.support.outbox import core_of, open_outbox


def test_a_generation_is_a_uuid_and_replaced_where_it_named_nothing(tmp_path: Path) -> None:
    """A store that moves before its first event leaves no range behind that nobody used."""
    outbox = open_outbox(tmp_path)
    database = core_of(outbox).database
    assert str(UUID(outbox.generation)) == outbox.generation
    generation, reason = settle_generation(database, Device("device-001", "board-2"))
    assert reason is NewGeneration.HARDWARE_CHANGED
    assert [row["generation"] for row in database["generations"].rows] == [generation]
    assert settle_generation(database, Device("device-001", "board-2")) == (generation, None)
    outbox.close()


def moved(outbox: Outbox) -> str | None:
    """The question that the store keeps, and the store closed."""
    found = moved_id(outbox.state(MOVED))
    outbox.close()
    return found


def test_a_card_on_another_board_asks_until_a_person_answers(tmp_path: Path) -> None:
    """A clone with a configured id reports under its original's name: one line in one log is not enough to notice."""
    assert moved(open_outbox(tmp_path)) is None
    assert "device-001" == moved(open_outbox(tmp_path, hardware_key="board-2"))
    again = open_outbox(tmp_path, hardware_key="board-2")
    assert again.opening.new_generation is None
    assert "device-001" == moved_id(again.state(MOVED))
    again.append((), states={MOVED: ""})
    again.close()
    assert moved(open_outbox(tmp_path, hardware_key="board-2")) is None


@pytest.mark.parametrize(
    ("after", "device", "expected"),
    [("board-1", "device-001", None), ("board-3", "device-001", "device-001"), ("board-2", "device-002", None)],
)
def test_the_question_ends_on_the_first_board_and_with_another_id(
    tmp_path: Path, after: str, device: str, expected: str | None
) -> None:
    """A card that was tried in a spare board and put back is no twin; on a third board it still may be one."""
    for key in ("board-1", "board-2"):
        open_outbox(tmp_path, hardware_key=key).close()
    assert expected == moved(open_outbox(tmp_path, hardware_key=after, device_id=device))
    assert expected == moved(open_outbox(tmp_path, hardware_key=after, device_id=device))


def test_a_board_that_nobody_could_tell_from_others_raises_no_question(tmp_path: Path) -> None:
    """A machine id that came with an update is no second machine."""
    open_outbox(tmp_path, hardware_key="").close()
    assert moved(open_outbox(tmp_path)) is None
