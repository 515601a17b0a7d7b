"""Whether the ledger of plays is as it was written."""

from pathlib import Path

from agent.runtime.checks.finding import Level
from agent.runtime.checks.ledger import ledger
from tests.support.outbox import core_of, open_outbox
from tests.support.plays import play


def test_sound_ledger_says_what_was_looked_at(tmp_path: Path) -> None:
    """Whoever types doctor wants to know what it means."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, 9)
    outbox.close()
    found = ledger(tmp_path, agent=None)
    assert found is not None
    assert (Level.OK, True) == (found.level, "plays 1 to 9" in found.text)


def test_ledger_that_somebody_was_at_fails(tmp_path: Path) -> None:
    """Before the report goes to the customer, not after."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, 9)
    core_of(outbox).database.conn.execute("DELETE FROM plays WHERE id = 4")
    outbox.close()
    found = ledger(tmp_path, agent=None)
    assert found is not None
    assert (Level.FAIL, True) == (found.level, "play 4" in found.text)


def test_first_day_and_no_store_are_no_fault(tmp_path: Path) -> None:
    """There is nothing to be wrong."""
    assert ledger(tmp_path, agent=None) is None
    open_outbox(tmp_path).close()
    found = ledger(tmp_path, agent=None)
    assert found is not None
    assert "no plays yet" == found.text
