"""A backlog that cannot go in batches, because the service has none or because something does not let them through."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agent.delivery.detour import FORGOTTEN
from agent.delivery.pace import Pace
from agent.delivery.status import BatchesNotTaken
from agent.kernel.verdict import Cause, Held, Later, Verdict
from agent.outbox.store import Outbox
from agent.sinks.base import Outgoing
from tests.support.delivery import open_store, records
from tests.support.playback import NOW
from tests.support.pumping import AWAY, Batching, Whole, account, names, pump_of, run, send, sizes

LETTERS = "abcdefghijkl" * 10
PORTAL = Later(Cause.NOT_KALTURA, "a page", answered=False)
FEWER = Later(Cause.SERVER, "1 answer to 2 events", answered=False, lost=True)
FORBIDDEN = Held(Cause.CONFIGURATION, "HTTP 403", answered=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store with a backlog of 120."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    outbox.append(records(*LETTERS))
    yield outbox
    outbox.close()


class Blocked(Batching):
    """A service whose batches all end with one verdict."""

    def __init__(self, verdict: Later | Held, *, limit: int = 20) -> None:
        super().__init__(limit=limit)
        self.verdict = verdict

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict] | Whole:  # type: ignore[override]
        """Note the request and fail."""
        self.whole = [self.verdict]
        return super().send_all(messages)


@pytest.mark.parametrize("verdict", [PORTAL, FEWER, FORBIDDEN], ids=["another body", "fewer answers", "firewall"])
def test_batches_that_never_get_through_are_given_up_for_single_calls(store: Outbox, verdict: Later | Held) -> None:
    """A proxy that appends a charset to the Content-Type would hold the queue until it is full."""
    sink = Blocked(verdict)
    end, news = run(pump_of(store, sink))
    assert LETTERS == names(sink)
    assert (120, 0, 0) == (account(store).delivered, account(store).depth, account(store).accepted_ahead)
    trials = sizes(sink).count(1)
    assert trials <= (130 if verdict is FEWER else 24), "batches are tried ever more rarely"
    assert sum(size > 1 for size in sizes(sink)) == 1, "a batch that is a trial carries one message"
    assert [BatchesNotTaken()] == [one for one in news if isinstance(one, BatchesNotTaken)]
    assert end.boottime - NOW.boottime < trials * (FORGOTTEN if verdict is FEWER else 10.0) + 2000.0
    assert (account(store).resent > 0) == (verdict is FEWER), "what may count twice is said"


def test_after_an_outage_of_everything_full_batches_go_again(store: Outbox) -> None:
    """A captive portal stands before both roads; when it is gone, nothing of it is left."""
    sink = Batching([PORTAL] * 3, whole=[PORTAL] * 3, limit=20)
    _, news = run(pump_of(store, sink))
    assert LETTERS == names(sink)
    assert [20, 1, 1, 0, 0, 0, 0, 1] == sizes(sink)[:8]
    assert 20 in sizes(sink)[8:]
    assert not any(isinstance(one, BatchesNotTaken) for one in news)


def test_long_outage_of_the_line_changes_nothing(store: Outbox) -> None:
    """Nobody spoke to the service, so nothing is known of batches."""
    sink = Batching(whole=[AWAY] * 20, limit=20)
    run(pump_of(store, sink))
    assert 0 not in sizes(sink)


@pytest.mark.parametrize("batch_size", [1, 20])
def test_backlog_that_goes_one_by_one_keeps_the_pace_too(store: Outbox, batch_size: int) -> None:
    """A thousand kiosks with beacons, or with batch_size = 1, come back at once like any others."""
    sink = Batching(limit=1) if batch_size == 1 else Blocked(PORTAL)
    pump = pump_of(store, sink, pace=Pace(batch_size, rate=2.0))
    end, _ = run(pump)
    assert LETTERS == names(sink)
    assert end.boottime - NOW.boottime >= 110 / 2.0


def test_few_live_events_are_not_paced(tmp_path: Path) -> None:
    """The rate is a backlog's."""
    store = open_store(tmp_path)
    store.register("capture")
    store.append(records(*"abcdefg"))
    sink = Batching(limit=1)
    end, _ = run(pump_of(store, sink, pace=Pace(1, rate=0.01)))
    assert ("abcdefg", NOW.boottime) == (names(sink), end.boottime)
    store.close()


def test_status_says_that_a_backlog_goes_one_by_one(store: Outbox) -> None:
    """Else an operator sees thousands waiting and does not know that they are on their way."""
    sink = Batching(limit=1)
    pump = pump_of(store, sink)
    send(pump, sink, requests=3)
    status = pump.status()
    assert (True, 0) == (status.draining, status.batches)
    run(pump)
    assert not pump.status().draining
