"""The thread: it wakes, tells, stops, and never hides a failure. And once the whole way to the collector."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from agent.delivery.connection import Connection
from agent.delivery.pace import Pace
from agent.delivery.pump import Pump
from agent.delivery.status import SinkState
from agent.delivery.worker import Order, Worker
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused
from agent.outbox.store import Outbox
from agent.outbox.trials import Tried
from agent.runtime.logs import redact
from agent.sinks.base import Sink
from agent.sinks.capture import Capture
from agent.sinks.http.client import Wire
from agent.sinks.kaltura.semantics import Semantics, milestones
from agent.sinks.kaltura.sessions import NoSession
from agent.sinks.kaltura.sink import CollectSettings, StatsCollect
from tests.support.delivery import of_events, open_store, records
from tests.support.playback import Ideal, scenarios
from tests.support.serving import RunningClock
from tests.support.wires import PATIENT, wire
from tools.standin.faults import Half, Lost, Page, Refuse, Reset, http_error
from tools.standin.server import Collector

PATIENCE = 120.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store of its own."""
    outbox = open_store(tmp_path)
    yield outbox
    outbox.close()


@contextmanager
def running(worker: Worker) -> Iterator[threading.Thread]:
    """The worker on a thread, stopped at the end."""
    thread = threading.Thread(target=worker.run, name=worker.name, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        worker.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def wait_for(condition: Callable[[], bool], *, kicking: Worker | None = None) -> None:
    """Until it holds; a worker that is kicked meanwhile does not sit out its pauses."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came"
        if kicking is not None:
            kicking.kick()
        time.sleep(0.005)


def made(store: Outbox, sink: Sink) -> Worker:
    """A worker with its pump."""
    return Worker(store, Order(Connection(sink), Pace()), RunningClock(), chance=random.random)


def test_events_that_come_while_it_sleeps_are_delivered_on_a_wake(store: Outbox) -> None:
    """The guide wants events as they occur, not at the next round."""
    store.register("capture")
    sink = Capture()
    worker = made(store, sink)
    with running(worker) as thread:
        store.append(records("first"))
        worker.wake()
        wait_for(lambda: len(sink.accepted) == 1)
        assert thread.name == "deliver capture"
        for _ in range(2):
            done = len(sink.accepted)
            store.append(records("a", "b"))
            worker.wake()
            wait_for(lambda done=done: len(sink.accepted) == done + 2)  # type: ignore[misc]
    assert sink.is_closed


def test_an_outage_is_logged_once_with_its_recovery(store: Outbox) -> None:
    """House rule 5: one line when it begins, one when it ends, with count and duration."""
    store.register("capture")
    store.append(records("a"))
    away = Later(Cause.NETWORK, "refused", answered=False)
    worker = made(store, Capture([away] * 3))
    with structlog.testing.capture_logs() as lines, running(worker):
        wait_for(lambda: any(line["event"] == "delivery goes on" for line in lines), kicking=worker)
    lines = [line for line in lines if line.get("sink") == "capture"]  # other threads may be about
    assert [line["event"] for line in lines] == ["delivery waiting", "delivery goes on"]
    assert (lines[0]["cause"], lines[1]["tries"]) == ("network", 3)


def test_a_held_queue_and_a_refusal_are_errors_in_the_log(store: Outbox) -> None:
    """Somebody must act on the first, and the second is a loss."""
    store.register("capture")
    store.append(records("a", "b"))
    sink = Capture([Held(Cause.SESSION, "INVALID_KS: EXPIRED", answered=True), Refused("BAD", "BAD: no")])
    worker = made(store, sink)
    with structlog.testing.capture_logs() as lines, running(worker):
        wait_for(lambda: worker.status().state is SinkState.HELD)
        worker.kick()
        wait_for(lambda: len(sink.accepted) == 1)
    lines = [line for line in lines if line.get("sink") == "capture"]  # other threads may be about
    logged = [(line["log_level"], line["event"]) for line in lines]
    assert logged == [
        ("error", "delivery held until somebody acts"),
        ("info", "delivery goes on"),
        ("error", "message refused"),
    ]
    assert store.dead_letters()[0].event.identity.token(0) == redact(None, "error", lines[-1])["identity"]


def test_a_stop_during_a_send_does_not_wait_for_the_network(store: Outbox) -> None:
    """SIGTERM is a courtesy of two seconds (house rule 9): `stop` returns while the send still hangs."""
    entered, release = threading.Event(), threading.Event()

    class Hanging(Capture):
        def send(self, *positional: Any, **named: Any) -> Delivered:
            entered.set()
            release.wait(PATIENCE)
            return Delivered()

    sink = Hanging()
    store.register(sink.name)
    store.append(records("a"))
    worker = made(store, sink)
    with running(worker) as thread:
        assert entered.wait(PATIENCE)
        worker.stop()
        assert thread.is_alive()
        release.set()


def test_a_crash_leaves_the_thread_and_closes_the_sink(store: Outbox) -> None:
    """Whoever spawned it must hear of it: a silent delivery is the worst of all."""

    class Broken(Capture):
        def project(self, *_: Any, **__: Any) -> Any:
            raise KeyError("a bug")

    sink = Broken()
    store.register(sink.name)
    store.append(records("a"))
    with pytest.raises(KeyError):
        made(store, sink).run()
    assert sink.is_closed


def deliver(collector: Collector, store: Outbox, semantics: Semantics) -> StatsCollect:
    """The sink of the collector, and a recorded playback in the store."""
    line = next(one for one in scenarios() if one["id"] == "seek_forward_past_quartiles")
    store.register("stats.collect")
    store.append(of_events(list(Ideal(milestones(semantics), 60.0).events(line["script"]))))
    # So patient that a busy machine loses no answer: only a fault does.
    wire = Wire(user_agent="k", monotonic=time.monotonic, timeouts=PATIENT)
    return StatsCollect(CollectSettings(collector.url, "kiosk", semantics), wire, session=NoSession())


@pytest.mark.parametrize(
    ("semantics", "expected"),
    [(Semantics.GUIDE, [1, 2, 3, 17, 6, 7]), (Semantics.PLAYER, [1, 2, 3, 17, 4, 5, 6, 7])],
)
def test_a_playback_reaches_a_collector_full_of_faults_once_and_in_order(
    store: Outbox, semantics: Semantics, expected: list[int]
) -> None:
    """The main promise of the product, with the real store, the real wire and everything that goes wrong."""
    with Collector() as collector:
        for fault in (
            http_error(503),
            Page(),
            Lost(),
            Reset(),
            Half(),
            Refuse("INTERNAL_DATABASE_ERROR"),
            Refuse("SOMETHING_NEW"),
        ):
            collector.fault(fault, times=1)
        worker = made(store, deliver(collector, store, semantics))
        with running(worker):
            wait_for(lambda: len(collector.events) >= len(expected), kicking=worker)
            wait_for(lambda: store.statistics().sinks[0].depth == 0)
        assert expected == [event["eventType"] for event in collector.events]
    (account,) = store.statistics().sinks
    assert (len(expected), {}, 0) == (account.delivered, account.refused, account.dead_letters)
    assert account.resent >= 1


def test_a_collector_that_is_away_from_the_start_gets_everything_when_it_comes(store: Outbox) -> None:
    """The kiosk is switched on before the network is there."""
    with Collector() as collector:
        collector.take_away()
        sink = deliver(collector, store, Semantics.GUIDE)
        worker = made(store, sink)
        with running(worker):
            wait_for(lambda: worker.status().tries >= 2, kicking=worker)
            collector.bring_back()
            wait_for(lambda: len(collector.events) == 6, kicking=worker)
        assert [event["eventType"] for event in collector.events] == [1, 2, 3, 17, 6, 7]


def test_a_kill_between_the_tries_of_a_message_counts_it_once(tmp_path: Path) -> None:
    """The server answers an error, has the second request but its answer is lost, and the agent is killed.

    Two minutes later the server has forgotten the error, but not the second request: only that very request may come
    again, or the event is counted twice.
    """
    hand = [time.time()]
    with Collector(clock=lambda: hand[0]) as collector:
        collector.fault(Refuse("INTERNAL_DATABASE_ERROR"), times=1, where={"eventType": "1"})
        collector.fault(Lost(), times=1, where={"eventType": "1", "attempt": "1"})
        first = open_store(tmp_path)
        pump = Pump(first, deliver(collector, first, Semantics.GUIDE), chance=random.random)
        for _ in range(2):
            pump.kick()
            pump.step(RunningClock().now())
        assert {(1, 0): Tried(attempt=1, lost=True)} == first.trials("stats.collect", 1, 1)
        first.close()
        hand[0] += 125.0
        again = open_store(tmp_path)
        sink = StatsCollect(CollectSettings(collector.url, "kiosk"), wire(), session=NoSession())
        worker = made(again, sink)
        with running(worker):
            wait_for(lambda: again.statistics().sinks[0].depth == 0, kicking=worker)
        (account,) = again.statistics().sinks
        assert [1, 2, 3, 17, 6, 7] == [event["eventType"] for event in collector.events]
        assert (6, 1, 0) == (account.delivered, account.resent, account.perhaps_repeated)
        again.close()


def test_an_error_that_the_server_remembers_does_not_outlast_a_restart(tmp_path: Path) -> None:
    """It keeps an answered error for 120 s: the request after the restart must be another one."""
    with Collector() as collector:
        collector.fault(Refuse("INTERNAL_DATABASE_ERROR"), times=1, where={"eventType": "1"})
        first = open_store(tmp_path)
        sink = deliver(collector, first, Semantics.GUIDE)
        moment = RunningClock().now()
        Pump(first, sink, chance=random.random).step(moment)
        first.close()
        again = open_store(tmp_path)
        Pump(again, sink, chance=random.random).step(moment)
        assert [1] == [event["eventType"] for event in collector.events]
        again.close()
