"""The store's memory."""

from pathlib import Path

from agent.kernel.boots import NO_BOOTS, Boot, Boots
from agent.kernel.records import Cursor
from agent.outbox.core import BOOTS, load, passed_by_all
from agent.outbox.ledger import Position
from tests.support.outbox import a_record, core_of, open_outbox


def test_what_is_loaded_is_what_was_in_memory(tmp_path: Path) -> None:
    """A restart must not change a number."""
    outbox = open_outbox(tmp_path)
    outbox.register("stats.collect")
    outbox.append([a_record() for _ in range(60)])
    outbox.settle("stats.collect", Cursor(50), projection="p")
    core = core_of(outbox)
    again = load(tmp_path, core.database, core.transactions)
    for name in ("newest", "oldest", "owner_id", "owner", "kinds"):
        assert getattr(core, name) == getattr(again, name)
    assert core.ledger.sinks == again.ledger.sinks
    outbox.close()


def test_the_newest_row_and_what_a_first_sink_may_want_are_not_passed(tmp_path: Path) -> None:
    """The newest row carries the number that must not return."""
    outbox = open_outbox(tmp_path)
    outbox.append([a_record() for _ in range(5)])
    core = core_of(outbox)
    assert passed_by_all(core) == 0
    assert passed_by_all(core, {"a": Position("a", Cursor(3))}) == 3
    assert passed_by_all(core, {"a": Position("a", Cursor(5))}) == 4
    assert passed_by_all(core, {"a": Position("a", Cursor(2)), "b": Position("b", Cursor(1), enabled=False)}) == 2
    outbox.close()


def test_what_is_known_of_the_boots_is_there_again_and_damage_to_it_is_no_damage_to_the_log(tmp_path: Path) -> None:
    """Without it some times are estimated; that is no reason not to start."""
    outbox = open_outbox(tmp_path)
    known = Boots((Boot("monday", 1_795_000_000.0, 9.0),))
    outbox.append([], states={BOOTS: known.text()})
    assert known == outbox.boots
    core = core_of(outbox)
    assert known == load(tmp_path, core.database, core.transactions).boots
    core.database.conn.execute("UPDATE states SET text = '{' WHERE name = ?", (BOOTS,))
    assert NO_BOOTS == load(tmp_path, core.database, core.transactions).boots
    outbox.close()
