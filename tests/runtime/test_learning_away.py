"""A Learning Record Store that is away for a week: real stores, wires and pumps, and time as a number."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.config.kaltura import Kaltura
from agent.delivery.pace import Pace
from agent.delivery.pump import QUIET, Pump
from agent.kernel.events import Closed, Ended, Ending, Event, Loaded, Opened, Playhead, Progressed, Started
from agent.kernel.instants import Instant
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from agent.runtime.connections import stats_collect
from agent.sinks.base import Sink
from agent.sinks.kaltura.sessions import NoSession
from agent.sinks.xapi.authority import Nobody
from agent.sinks.xapi.sink import Xapi, XapiSettings
from agent.sinks.xapi.statements import timestamp
from tests.support.delivery import of_events, open_store
from tests.support.lrs import Lrs
from tests.support.playback import MEDIA, NOW, WALL
from tests.support.pumping import run
from tests.support.serving import COLLECT
from tests.support.statements import rules
from tests.support.wires import wire
from tools.standin.server import Collector

HOUR, WEEK = 3600.0, 56
BATCH = 50
LRS = "xapi"


def play(number: int) -> list[Event]:
    """What a film of a minute is, in the `number`-th hour."""
    began = NOW.boottime + number * HOUR
    head = Playhead(position=0.0, duration=60.0)
    end = Playhead(position=60.0, duration=60.0, played=60.0, segments=((0.0, 60.0),))
    marks = [
        Progressed(began + 60.0 * part, number, Playhead(60.0 * part, 60.0), fraction=part)
        for part in (0.25, 0.5, 0.75)
    ]
    return [
        Opened(began, number, Playhead(), MEDIA),
        Loaded(began + 0.1, number, head),
        Started(began + 0.2, number, head, 0.2),
        *marks,
        Ended(began + 60.0, number, end, complete=True),
        Closed(began + 60.1, number, end, Ending.COMPLETED),
    ]


TOLD = 6  # play, and progress at 0, 25, 50, 75 and 100 %


@dataclass
class Office:
    """A kiosk's delivery, stepped by hand."""

    store: Outbox
    pumps: dict[str, Pump]

    def step(self, name: str, now: Instant) -> None:
        """Until nothing is due soon; what is silent waits a while for company."""
        until = now.boottime + QUIET + 1.0
        for _ in range(200):
            due = self.pumps[name].step(now).next_due
            if due is None or due > until:
                return
            now = now.at(max(due, now.boottime))
        raise AssertionError("the pump does not come to rest")

    def account(self, name: str) -> SinkStatistics:
        (found,) = (sink for sink in self.store.statistics().sinks if sink.name == name)
        return found


def free_port() -> int:
    """Where nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture
def office(tmp_path: Path, collector: Collector, port: int) -> Iterator[Office]:
    """Two destinations, of which one is not there."""
    account = Kaltura(service_url=collector.url, partner_id=102, proxy="none")
    lrs = XapiSettings(f"http://127.0.0.1:{port}/xAPI", rules(), batch=BATCH)
    sinks: list[Sink] = [stats_collect(account, NoSession()), Xapi(lrs, wire(), Nobody())]
    store = open_store(tmp_path)
    for sink in sinks:
        store.register(sink.name)
    pace = Pace(batch_size=BATCH, rate=0.0)
    yield Office(store, {sink.name: Pump(store, sink, chance=lambda: 0.5, pace=pace) for sink in sinks})
    for sink in sinks:
        sink.close()
    store.close()


@pytest.mark.all
def test_week_without_the_store_holds_nobody_up_and_costs_no_statement(
    office: Office, collector: Collector, port: int
) -> None:
    """The other destination is told each hour what happened in it; the store is told everything later, in order and
    dated as it happened."""
    waiting = 0
    for hour in range(1, WEEK + 1):
        office.store.append(of_events(play(hour)))
        now = NOW.at(NOW.boottime + hour * HOUR + 120.0)
        for name in (LRS, COLLECT):
            office.step(name, now)
        assert 0 == office.account(COLLECT).depth, "it waited for a store that is not its own"
        assert waiting < office.account(LRS).depth
        waiting = office.account(LRS).depth
    assert WEEK * 7 == len(collector.events)
    with Lrs(port=port) as lrs:
        run(office.pumps[LRS], now=NOW.at(NOW.boottime + (WEEK + 1) * HOUR), limit=5000)
        sizes = [len(json.loads(asked.body)) for asked in lrs.asked]
    assert WEEK * TOLD == len(lrs.statements)
    assert (0, WEEK * TOLD) == (office.account(LRS).depth, office.account(LRS).delivered)
    expected = [
        timestamp(WALL + event.at)
        for hour in range(1, WEEK + 1)
        for event in play(hour)
        for _ in range({Started: 2, Progressed: 1, Ended: 1}.get(type(event), 0))
    ]
    assert expected == [each["timestamp"] for each in lrs.statements.values()]
    assert sorted(expected) == expected
    assert BATCH == max(sizes), "a week is no larger a request than an hour"
    assert len(sizes) <= WEEK * TOLD / BATCH + 20
    assert WEEK * 7 == len(collector.events), "and the other one heard nothing twice"


def test_other_destination_that_is_away_does_not_hold_the_store_up(
    office: Office, port: int, collector: Collector
) -> None:
    """Nor the other way round."""
    collector.take_away()
    office.store.append(of_events(play(1)))
    now = NOW.at(NOW.boottime + 2 * HOUR)
    with Lrs(port=port) as lrs:
        for name in (COLLECT, LRS):
            office.step(name, now)
        assert TOLD == len(lrs.statements)
    assert 0 == office.account(LRS).depth
    assert 0 < office.account(COLLECT).depth
