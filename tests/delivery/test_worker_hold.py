"""Holding a destination between two steps, for whoever takes the queue out of its hands."""

import threading
from pathlib import Path

from agent.delivery.connection import Connection
from agent.delivery.pace import Pace
from agent.delivery.worker import Order, Worker
from agent.kernel.verdict import Delivered, Verdict
from agent.sinks.base import Message
from agent.sinks.capture import Capture
from tests.support.delivery import open_store, records
from tests.support.serving import PATIENCE_S, RunningClock, wait_for


class Slow(Capture):
    """A destination whose answers wait until `open` is set."""

    def __init__(self) -> None:
        super().__init__(name="stats.collect")
        self.reached = threading.Event()
        self.open = threading.Event()

    def send(self, message: Message, *, attempt: int) -> Verdict:
        """Wait, then take it."""
        self.reached.set()
        self.open.wait(PATIENCE_S)
        super().send(message, attempt=attempt)
        return Delivered()


def test_worker_cannot_be_held_while_it_sends_and_begins_nothing_while_it_is_held(tmp_path: Path) -> None:
    """An export takes the events away; one that is under way would be delivered and exported."""
    store = open_store(tmp_path)
    store.register("stats.collect")
    store.append(records("playing"))
    sink = Slow()
    worker = Worker(store, Order(Connection(sink), Pace()), RunningClock(), chance=lambda: 0.5)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    assert sink.reached.wait(PATIENCE_S)
    assert not worker.hold()
    sink.open.set()
    wait_for(lambda: store.statistics().sinks[0].depth == 0)
    wait_for(worker.hold)
    sink.reached.clear()
    store.append(records("playing"))
    worker.wake()
    assert not sink.reached.wait(0.2)
    worker.let_go()
    assert sink.reached.wait(PATIENCE_S)
    worker.stop()
    thread.join(PATIENCE_S)
    store.close()
