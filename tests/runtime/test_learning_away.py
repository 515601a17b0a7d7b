"""A Learning Record Store that is away for a week: real stores, wires and pumps, and time as a number."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config.kaltura import Kaltura
from agent.kernel.events import Ended, Progressed, Started
from agent.runtime.connections import stats_collect
from agent.sinks.kaltura.sessions import NoSession
from agent.sinks.xapi.authority import Nobody
from agent.sinks.xapi.sink import NAME as LRS
from agent.sinks.xapi.sink import Xapi, XapiSettings
from agent.sinks.xapi.statements import timestamp
from tests.support.brokers import free_ports
from tests.support.learned import BATCH, TOLD, Delivering, after, delivering, logged, play
from tests.support.lrs import Lrs
from tests.support.playback import WALL
from tests.support.pumping import run
from tests.support.serving import COLLECT
from tests.support.statements import rules
from tests.support.wires import wire
from tools.standin.server import Collector

EVERY, WEEK = 3, 168  # hours
PLAYS = range(EVERY, WEEK + 1, EVERY)


@pytest.fixture
def port() -> int:
    """Where nothing listens."""
    return free_ports(1)[0]


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture
def both(tmp_path: Path, collector: Collector, port: int) -> Iterator[Delivering]:
    """Two destinations, of which one is not there."""
    account = Kaltura(service_url=collector.url, partner_id=102, proxy="none")
    lrs = Xapi(XapiSettings(f"http://127.0.0.1:{port}/xAPI", rules(), batch=BATCH), wire(), Nobody())
    with delivering(tmp_path, stats_collect(account, NoSession()), lrs) as found:
        yield found


@pytest.mark.all
def test_week_without_the_store_holds_nobody_up_and_costs_no_statement(
    both: Delivering, collector: Collector, port: int
) -> None:
    """The other destination is told at once of what happens; the store is told everything later, in order and dated as
    it happened."""
    waiting = 0
    for hour in PLAYS:
        both.store.append(logged(play(hour)))
        for name in (LRS, COLLECT):
            both.step(name, after(hour + 0.05))
        assert 0 == both.account(COLLECT).depth, "it waited for a store that is not its own"
        assert waiting < both.account(LRS).depth
        waiting = both.account(LRS).depth
    assert len(PLAYS) * 7 == len(collector.events)
    with Lrs(port=port) as lrs:
        run(both.pumps[LRS], now=after(WEEK + 1), limit=5000)
        sizes = [len(json.loads(asked.body)) for asked in lrs.asked]
    assert (0, len(PLAYS) * TOLD) == (both.account(LRS).depth, both.account(LRS).delivered)
    expected = [
        timestamp(WALL + event.at)
        for hour in PLAYS
        for event in play(hour)
        for _ in range({Started: 2, Progressed: 1, Ended: 1}.get(type(event), 0))
    ]
    assert expected == [each["timestamp"] for each in lrs.statements.values()]
    assert sorted(expected) == expected
    assert max(sizes) <= BATCH, "a week is no larger a request than an hour"
    assert len(sizes) <= len(PLAYS) * TOLD / BATCH + 20
    assert len(PLAYS) * 7 == len(collector.events), "and the other one heard nothing twice"


def test_other_destination_that_is_away_does_not_hold_the_store_up(
    both: Delivering, port: int, collector: Collector
) -> None:
    """Nor the other way round."""
    collector.take_away()
    both.store.append(logged(play(1)))
    with Lrs(port=port) as lrs:
        for name in (COLLECT, LRS):
            both.step(name, after(2))
        assert TOLD == len(lrs.statements)
    assert 0 == both.account(LRS).depth
    assert 0 < both.account(COLLECT).depth
