"""Generations; the changes of device and board are in test_opening.py."""

from pathlib import Path
from uuid import UUID

from agent.outbox.generation import Device, NewGeneration, settle_generation
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
