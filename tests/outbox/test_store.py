"""The store as its callers see it; the model, the kills and the bounds have files of their own."""

import threading
from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from tests.support.outbox import a_record, open_outbox


def test_the_loop_and_two_senders_share_the_store(tmp_path: Path) -> None:
    """One connection serves all threads: no event lost, doubled or out of order at either destination."""
    outbox = open_outbox(tmp_path)
    for sink in ("one", "two"):
        outbox.register(sink)
    total = 400
    seen: dict[str, list[str]] = {"one": [], "two": []}
    wake = threading.Condition()

    def deliver(sink: str) -> None:
        while len(seen[sink]) < total:
            events = outbox.peek(sink, 7)
            if not events:
                with wake:
                    wake.wait(0.05)
                continue
            outbox.settle(sink, Cursor(events[-1].sequence), projection="", delivered=len(events))
            seen[sink] += [event.body for event in events]

    threads = [threading.Thread(target=deliver, args=(sink,), name=sink) for sink in seen]
    for thread in threads:
        thread.start()
    for number in range(total):
        outbox.append([a_record(f"{number}")], states={"tracker": f"{number}"})
        with wake:
            wake.notify_all()
    for thread in threads:
        thread.join(240)
    everything = [f"{number}" for number in range(total)]
    assert {"one": everything, "two": everything} == seen
    assert [total, total] == [sink.delivered for sink in outbox.statistics().sinks]
    outbox.close()


def test_an_unknown_sink_is_a_bug(tmp_path: Path) -> None:
    """A misspelt name must not silently wait for ever."""
    outbox = open_outbox(tmp_path)
    with pytest.raises(KeyError):
        outbox.position("stats.colect")
    outbox.close()
