"""What `status` shows."""

from pathlib import Path

from agent.kernel.records import Cursor
from agent.outbox.schema import SCHEMA
from tests.support.outbox import MEGABYTE, a_record, an_instant, open_outbox


def test_the_account_shows_each_sink_on_its_own(tmp_path: Path) -> None:
    """One destination that is away must not make the other look ill."""
    outbox = open_outbox(tmp_path, age=1000.0)
    outbox.register("away")
    outbox.register("well")
    outbox.append([a_record(instant=an_instant(float(n))) for n in range(10)])
    outbox.settle("well", Cursor(10), projection="", delivered=10)
    found = outbox.statistics()
    away, well = found.sinks
    assert (found.generation, found.schema, found.newest) == (outbox.generation, SCHEMA, 10)
    assert (found.bytes_bound, found.age_bound) == (4 * MEGABYTE, 1000.0)
    assert 0 < found.bytes_used < MEGABYTE
    assert (away.depth, away.oldest) == (10, an_instant(0.0))
    assert (well.depth, well.oldest, well.delivered) == (0, None, 10)
    outbox.close()


def test_what_waits_in_memory_is_waited_for_and_accounted_for(tmp_path: Path) -> None:
    """Whoever waits for an empty queue must not be told that it is, a second before the last events are written."""
    outbox = open_outbox(tmp_path)
    outbox.register("well")
    outbox.register("off")
    outbox.register("off", enabled=False)
    outbox.append([a_record()])
    outbox.owing.unwritten = 3
    found = outbox.statistics()
    well, off = found.sinks
    assert (3, 4, 0) == (found.in_memory, well.depth, off.depth)
    assert (4, 4, 0) == (well.account.produced, well.account.queued, well.account.difference)
    assert (1, 0) == (off.account.produced, off.account.difference)
    outbox.close()
