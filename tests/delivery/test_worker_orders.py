"""What a destination's thread makes of orders where the disk has no room, and of the end."""

import random
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from agent.delivery.connection import Connection
from agent.delivery.pace import Pace
from agent.delivery.worker import Order, Worker
from agent.outbox.errors import StoreClosed, StoreFull
from agent.outbox.store import Outbox
from agent.sinks.capture import Capture
from tests.support.delivery import open_store, records
from tests.support.pumping import account
from tests.support.serving import PATIENCE_S, RunningClock, wait_for


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store of its own, which knows the sink."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    yield outbox
    outbox.close()


def made(store: Outbox, sink: Capture) -> Worker:
    """A worker."""
    return Worker(store, Order(Connection(sink), Pace()), RunningClock(), chance=random.random)


def started(worker: Worker) -> Thread:
    """Its thread."""
    thread = Thread(target=worker.run, name=worker.name, daemon=True)
    thread.start()
    return thread


def ended(worker: Worker, thread: Thread) -> None:
    """Stopped, in good order."""
    worker.stop()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_answer_that_waits_for_room_is_written_before_the_destination_is_switched_off(
    store: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise an accepted message would be counted as passed over, and the account would be wrong for good."""
    settle, room = store.settle, Event()

    def full(*positional: Any, **named: Any) -> None:
        if not room.is_set():
            raise StoreFull("no room", remedy="make some")
        settle(*positional, **named)

    monkeypatch.setattr(store, "settle", full)
    sink = Capture()
    worker = made(store, sink)
    store.append(records("a", "b", "c"))
    thread = started(worker)
    wait_for(lambda: worker.status().cause is not None)
    worker.order(Order(Connection(sink), Pace(), is_on=False))
    worker.kick()
    assert (True, 1) == (account(store).enabled, len(sink.accepted))
    room.set()
    wait_for(lambda: worker.kick() is None and not account(store).enabled)  # type: ignore[func-returns-value]
    assert (1, {"disabled": 2}) == (account(store).delivered, account(store).passed)
    assert not worker.in_force.is_on
    ended(worker, thread)


def test_switch_for_which_there_is_no_room_is_made_when_there_is(
    store: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent meanwhile: the operator wants it off."""
    register, refusals = store.register, iter(range(2))

    def full(sink: str, *, enabled: bool = True) -> None:
        if not enabled and next(refusals, None) is not None:
            raise StoreFull("no room", remedy="make some")
        register(sink, enabled=enabled)

    monkeypatch.setattr(store, "register", full)
    sink = Capture()
    worker = made(store, sink)
    worker.order(Order(Connection(sink), Pace(), is_on=False))
    store.append(records("a", "b"))
    thread = started(worker)
    wait_for(lambda: worker.wake() is None and not account(store).enabled)  # type: ignore[func-returns-value]
    assert [] == sink.accepted
    ended(worker, thread)
    assert sink.is_closed


def test_store_that_is_closed_under_a_worker_that_nobody_stopped_is_a_crash(tmp_path: Path) -> None:
    """Only the end of the process may take it away."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    worker = made(outbox, Capture())
    outbox.close()
    with pytest.raises(StoreClosed):
        worker.run()
