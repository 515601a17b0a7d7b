"""Delivery whose settlements wait in memory for company."""

from pathlib import Path

from agent.outbox.owing import GROUP
from tests.support.delivery import open_store, records
from tests.support.pumping import Batching, account, pump_of, run, sizes


def test_crash_with_settlements_in_memory_sends_that_group_alone_and_counts_it(tmp_path: Path) -> None:
    """The service's cache knows a repeat only by the road on which it came first; and whoever reads the counts must
    see that there may have been some."""
    store = open_store(tmp_path)
    store.register("capture")
    store.append(records(*"abcdefghijklmnop"))
    sink = Batching(limit=100)
    store.close()
    again = open_store(tmp_path)
    again.owing.allow(GROUP)
    run(pump_of(again, sink))
    assert GROUP + 1 == account(again).perhaps_repeated
    assert [0] * (GROUP + 1) + [16 - GROUP - 1] == sizes(sink)
    again.close()
