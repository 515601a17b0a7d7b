"""A backlog in batches: a real store, a sink that takes batches, and time as a number."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from agent.delivery.pace import Pace
from agent.delivery.road import BACKLOG
from agent.delivery.status import OutageBegan, OutageEnded, SinkState
from agent.kernel.records import Cursor
from agent.kernel.verdict import Cause, Delivered
from agent.outbox.store import Outbox
from agent.outbox.trials import Tried
from tests.support.delivery import later, open_store, record, records
from tests.support.playback import NOW, WALL
from tests.support.pumping import AWAY, LOST, PARTS, UNPACED, Batching, account, names, pump_of, run, send, sizes

OK = Delivered()
LETTERS = "abcdefghijkl"
TWELVE = records(*LETTERS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store that knows the sink, and that holds a backlog of twelve."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    outbox.append(TWELVE)
    yield outbox
    with suppress(OSError):  # a test that plays a crash has closed it already
        outbox.close()


def test_a_backlog_goes_in_full_batches_and_in_order(store: Outbox) -> None:
    """The point of it: four round trips instead of twelve."""
    sink = Batching(limit=4)
    run(pump_of(store, sink))
    assert (LETTERS, [4, 4, 4]) == (names(sink), sizes(sink))
    assert (12, 0, 0) == (account(store).delivered, account(store).depth, account(store).resent)


def test_live_events_go_alone_and_at_once(store: Outbox) -> None:
    """The guide wants events as they occur; a batch for two would only be another road."""
    run(pump_of(store, Batching()))
    store.append(records(*LETTERS[: BACKLOG - 1]))
    sink = Batching()
    run(pump_of(store, sink))
    assert [0] * (BACKLOG - 1) == sizes(sink)


def test_what_comes_during_a_drain_waits_its_turn(store: Outbox) -> None:
    """Order is strict; and the backlog's tail keeps its road although it is short."""
    sink = Batching(limit=5)
    pump = pump_of(store, sink)
    send(pump, sink)
    store.append(records("X", "Y"))
    run(pump)
    assert (LETTERS + "XY", [5, 5, 2, 0, 0]) == (names(sink), sizes(sink))


def test_a_batch_is_settled_in_one_transaction(store: Outbox) -> None:
    """A commit costs a flush of the card; twelve of them would make batches pointless."""
    sink = Batching(limit=12)
    send(pump_of(store, sink), sink)
    assert (Cursor(12), "12") == store.position("capture")


def test_silent_events_and_those_of_several_parts_travel_along(store: Outbox) -> None:
    """A clip's log is full of both."""
    store.append(records("silent", "double", "silent", "z"))
    sink = Batching(limit=5, parts=PARTS)
    run(pump_of(store, sink))
    assert [*LETTERS, "double", "double", "z"] == [message.name for message in sink.accepted]
    assert {"silent": 2} == account(store).passed


def test_a_lost_batch_goes_again_by_batch_and_is_counted(store: Outbox, tmp_path: Path) -> None:
    """A single request has another key in the service's cache: each message would be counted twice."""
    sink = Batching(whole=[LOST], limit=4)
    send(pump_of(store, sink), sink)
    lost = Tried(lost=True, batched=True)
    assert {(sequence, 0): lost for sequence in range(1, 5)} == store.trials("capture", 1, 12)
    store.close()
    again = open_store(tmp_path)
    run(pump_of(again, sink, pace=replace(UNPACED, batch_size=1)))
    assert (LETTERS, [4, *[1] * 12]) == (names(sink), sizes(sink))
    assert (12, 4) == (account(again).delivered, account(again).resent)
    again.close()


def test_a_lost_single_goes_again_alone_although_a_backlog_has_come(store: Outbox) -> None:
    """The same, the other way round."""
    sink = Batching([LOST], limit=4)
    run(pump_of(store, Batching()))
    store.append(records("m"))
    pump = pump_of(store, sink)
    pump.step(NOW)
    store.append(TWELVE)
    run(pump)
    assert ("m" + LETTERS, [0, 0, 2, 4, 4, 2]) == (names(sink), sizes(sink))
    assert account(store).resent == 1


def test_after_a_crash_the_same_messages_go_the_same_road(store: Outbox, tmp_path: Path) -> None:
    """Nothing is known of the request that was under way but that its messages are at the head."""
    run(pump_of(store, Batching()))
    store.append(records("m"))
    store.close()  # here the process died while it sent m, alone
    again = open_store(tmp_path)
    again.append(TWELVE)
    sink = Batching(limit=6)
    send(pump_of(again, sink), sink, requests=2)
    assert (["m"], False) == sink.requests[0]
    assert (1, 1) == (account(again).perhaps_repeated, len([one for one in sizes(sink) if one]))
    again.close()  # and here with the second batch under way, and only three messages left
    third = open_store(tmp_path)
    sink = Batching(limit=3)
    send(pump_of(third, sink), sink)
    assert [3] == sizes(sink)
    assert account(third).perhaps_repeated == 1 + 3
    third.close()


def test_after_a_failure_the_next_request_is_light(store: Outbox) -> None:
    """A service that comes back must not get a thousand full batches as its first requests."""
    sink = Batching(whole=[AWAY, AWAY], limit=8)
    _, news = run(pump_of(store, sink))
    assert ([8, 1, 1, 2, 4, 5], LETTERS) == (sizes(sink), names(sink))
    assert [OutageBegan(Cause.NETWORK, "refused", False), OutageEnded(2, 3.0)] == news
    assert {} == store.trials("capture", 1, 12)


def test_a_drain_keeps_its_average_pace_and_a_live_event_has_none(store: Outbox) -> None:
    """A thousand kiosks at full speed flatten what has just come back."""
    sink = Batching(limit=4)
    chances = iter([0.5, 0.0, 0.99, 0.5])
    pump = pump_of(store, sink, pace=Pace(rate=2.0), chance=lambda: next(chances))
    now, at = NOW, []
    for _ in range(20):
        sent = len(sink.requests)
        step = pump.step(now)
        if len(sink.requests) > sent:
            at.append(round(now.boottime - NOW.boottime, 1))
        if step.next_due is None:
            break
        now = now.at(max(step.next_due, now.boottime))
    assert [0.0, 2.0, 3.0] == at
    assert SinkState.IDLE is pump.status().state
    store.append(records("live"))
    pump.step(now)
    assert "live" == sink.accepted[-1].name


def test_a_drain_says_how_it_goes(store: Outbox) -> None:
    """An operator who waits for a kiosk to catch up wants to know when."""
    sink = Batching(limit=4)
    pump = pump_of(store, sink, pace=Pace(rate=2.0))
    send(pump, sink)
    status = pump.status()
    assert (True, None, 1, SinkState.SENDING) == (status.draining, status.rate, status.batches, status.state)
    pump.step(later(2.0))
    assert (2.0, 2) == (pump.status().rate, pump.status().batches)
    run(pump, now=later(4.0))
    status = pump.status()
    assert (False, None, 3) == (status.draining, status.rate, status.batches)


def test_a_live_event_waits_for_company_where_that_is_wanted(tmp_path: Path) -> None:
    """A site that pays for each request would rather have its events some seconds late."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    sink = Batching(limit=4)
    pump = pump_of(outbox, sink, pace=Pace(rate=0.0, coalesce_s=10.0))
    start = NOW.boottime
    outbox.append([record("a", at=start)])
    assert start + 10.0 == pump.step(NOW).next_due
    outbox.append([record("b", at=start + 3.0)])
    assert start + 10.0 == pump.step(later(3.0)).next_due
    assert [] == sink.requests
    run(pump, now=later(10.0))
    assert [(["a", "b"], True)] == sink.requests
    outbox.append([record("c", at=start + 20.0)])
    run(pump, now=later(20.0))
    assert (["c"], False) == sink.requests[-1]
    outbox.close()


def test_a_batch_ends_before_an_event_that_cannot_be_dated(tmp_path: Path) -> None:
    """The others do not wait for its clock; and the times of a batch are frozen before it leaves."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    adrift = replace(NOW, wall=500.0, synced=False)
    outbox.append(records(*LETTERS[:9]))
    outbox.append([replace(record("late"), instant=adrift)])
    sink = Batching(limit=12)
    pump = pump_of(outbox, sink)
    send(pump, sink, now=adrift)
    assert [9] == sizes(sink)
    run(pump, now=later(10.0))
    assert [1] == sizes(sink)[1:]
    assert [WALL + NOW.boottime] == [message.time for message in sink.accepted[9:]]
    outbox.close()


def test_the_times_of_a_batch_are_frozen_together_before_it_leaves(tmp_path: Path) -> None:
    """One flush of the card instead of nine, and the resend is byte-identical whatever the clock does meanwhile."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    outbox.append([record(name, at=float(at), synced=False) for at, name in enumerate(LETTERS, start=1)])
    sink = Batching(whole=[LOST], limit=12)
    send(pump_of(outbox, sink), sink)
    jumped = replace(later(10.0), wall=WALL + 99_999.0)
    run(pump_of(outbox, sink), now=jumped)
    times: dict[str, set[float]] = {}
    for one in sink.outgoing:
        times.setdefault(one.message.name, set()).add(one.message.time)
    assert {name: {WALL + at} for at, name in enumerate(LETTERS, start=1)} == times
    outbox.close()
