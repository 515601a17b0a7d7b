"""The repair by hand; what it says to people is in tests/cli/test_care.py."""

from pathlib import Path

import pytest

from agent.outbox.connection import STORE_NAME
from agent.outbox.errors import StoreBusy, StoreUnusable
from agent.outbox.opening import Opened
from agent.outbox.repairing import repair
from agent.outbox.transaction import MARK_NAME
from tests.support.outbox import a_record, open_outbox


def test_sound_store_stays_the_agents_and_its_generation(tmp_path: Path) -> None:
    """A repair that was not needed must not begin a new life of the queue."""
    outbox = open_outbox(tmp_path)
    outbox.append([a_record()])
    generation = outbox.generation
    outbox.close()
    assert repair(tmp_path) is None
    again = open_outbox(tmp_path)
    assert (generation, Opened(None)) == (again.generation, again.opening.how)
    again.close()


def test_damage_that_a_process_met_is_repaired_once(tmp_path: Path) -> None:
    """The next start finds a sound store of the same device, and has nothing left to do."""
    outbox = open_outbox(tmp_path)
    outbox.append([a_record(), a_record()])
    outbox.close()
    (tmp_path / MARK_NAME).write_text("page 7 is bad\n")
    found = repair(tmp_path)
    assert found is not None
    assert (2, 0, "page 7 is bad") == (found.events, found.lost, found.why)
    assert found.aside.exists()
    assert repair(tmp_path) is None
    again = open_outbox(tmp_path)
    assert Opened(None) == again.opening.how
    assert again.opening.new_generation is None
    assert 3 == again.append([a_record()]).first
    again.close()


def test_store_of_a_running_agent_is_not_touched(tmp_path: Path) -> None:
    """Two connections can damage what one keeps whole."""
    outbox = open_outbox(tmp_path)
    with pytest.raises(StoreBusy):
        repair(tmp_path)
    outbox.close()


def test_no_store_is_made(tmp_path: Path) -> None:
    """A slip in the folder's name must be seen."""
    with pytest.raises(StoreUnusable):
        repair(tmp_path)
    assert not (tmp_path / STORE_NAME).exists()
