"""What a step sees of the log."""

from pathlib import Path

import pytest

from agent.delivery.look import PREFIX, Look, look, start_of
from agent.delivery.road import BACKLOG
from agent.kernel.records import Cursor
from agent.outbox.rows import SELECT_EVENTS
from agent.outbox.store import Outbox
from agent.outbox.trials import UNTRIED, Tried
from agent.sinks.capture import Capture
from tests.support.delivery import open_store, records
from tests.support.outbox import core_of
from tests.support.playback import NOW

SINK = Capture(parts={"silent": 0, "double": 2})


def seen(store: Outbox, limit: int = 40) -> Look:
    """One look."""
    return look(store, SINK, limit, start=start_of(store, SINK, None), now=NOW)


def test_little_is_read_of_a_live_log_and_a_full_batch_of_a_backlog(tmp_path: Path) -> None:
    """Bounded in both cases, however long the log is; with silent events between the messages."""
    store = open_store(tmp_path)
    store.register(SINK.name)
    store.append(records(*["a", "silent"] * 200))
    live = seen(store)
    assert BACKLOG == len(live.found) <= PREFIX
    store.settle(SINK.name, Cursor(0), projection="", backlog_end=store.newest)
    backlog = seen(store, 40)
    assert (25, 400, True) == (len(backlog.found), backlog.backlog_end, backlog.is_full)
    store.close()


def test_messages_come_with_what_is_known_of_their_tries(tmp_path: Path) -> None:
    """Each part of an event has its own story."""
    store = open_store(tmp_path)
    store.register(SINK.name)
    store.append(records("double", "a"))
    store.settle(SINK.name, Cursor(0), projection="", tried={(1, 1): Tried(attempt=2)})
    assert [UNTRIED, Tried(attempt=2), UNTRIED] == [item.tried for item in seen(store).found]
    store.close()


@pytest.mark.parametrize("waiting", [10, 1000])
def test_no_look_depends_on_how_much_waits(tmp_path: Path, waiting: int) -> None:
    """A backlog of a week must drain as fast as one of a minute: nothing may scan the log."""
    store = open_store(tmp_path)
    store.register(SINK.name)
    store.append(records(*["a"] * waiting))
    condition = "WHERE e.sequence > ? AND (r.sink IS NULL OR r.sink = ?) ORDER BY e.sequence LIMIT ?"
    plan = core_of(store).database.conn.execute(f"EXPLAIN QUERY PLAN {SELECT_EVENTS}{condition}", (0, "capture", 5))
    steps = [row[3] for row in plan.fetchall()]
    assert "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)" == steps[0]
    assert all("SEARCH" in step for step in steps)
    store.close()
