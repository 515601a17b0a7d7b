"""The pump and events of earlier boots: dated exactly where their boot ever saw the time, else between neighbours."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.kernel.boots import Boot, Boots
from agent.kernel.instants import Instant
from agent.kernel.records import Record
from agent.kernel.verdict import ServerTime
from agent.outbox.core import BOOTS
from agent.outbox.store import Outbox
from agent.sinks.capture import Capture
from tests.support.delivery import open_store, record
from tests.support.playback import BOOT, NOW, WALL
from tests.support.pumping import LOST, pump_of, run

DAY = 86_400.0
MONDAY, TUESDAY = "monday", "tuesday"
KNOWN = Boots((Boot(MONDAY, WALL - 2 * DAY, 3_600.0), Boot(TUESDAY, None, 3_600.0))).seen(NOW)
ADRIFT = replace(NOW, wall=500.0, synced=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store that knows the sink and the boots."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    outbox.append([], states={BOOTS: KNOWN.text()})
    yield outbox
    outbox.close()


def in_1970(kind: str, boot: str, second: float) -> Record:
    """An event that its own clock dates to 1970."""
    return replace(record(kind), instant=Instant(boot, second, second, synced=False))


def test_a_boot_that_saw_the_time_dates_its_events_in_any_later_one(store: Outbox) -> None:
    """Also where the present one sees none and the service tells none; and that is no estimate."""
    store.append([in_1970("a", MONDAY, 10.0), in_1970("b", MONDAY, 20.0), in_1970("c", BOOT, 30.0)])
    sink = Capture()
    run(pump_of(store, sink), now=ADRIFT)
    assert [WALL - 2 * DAY + 10.0, WALL - 2 * DAY + 20.0, WALL + 30.0] == [message.time for message in sink.accepted]
    assert (0, 0) == (sink.asked, store.statistics().estimated)


def test_a_boot_that_never_did_is_bounded_and_its_events_are_counted(store: Outbox) -> None:
    """Later than Monday, earlier than the present boot, distances kept; a resend keeps the estimate."""
    store.append([in_1970("a", TUESDAY, 10.0), in_1970("b", TUESDAY, 25.0)])
    sink = Capture([LOST])
    pump = pump_of(store, sink)
    pump.step(NOW)
    store.append([], states={BOOTS: KNOWN.seen(replace(NOW, wall=NOW.wall + 5 * DAY)).text()})
    run(pump, now=NOW)
    first, second = (message.time for message in sink.accepted)
    assert first == sink.sent[0].message.time
    assert WALL - 2 * DAY + 3_600.0 < first < WALL - 3_600.0 + 10.0
    assert first < second
    assert 2 == store.statistics().estimated


def test_the_present_moment_bounds_it_also_by_the_services_clock(tmp_path: Path) -> None:
    """No boot but Monday's ever saw the time; the service tells when the present one began."""
    with_store = open_store(tmp_path)
    with_store.register("capture")
    dark = Boots((*KNOWN.boots[:2], Boot(BOOT, None, 9.0)))
    with_store.append([in_1970("a", TUESDAY, 10.0)], states={BOOTS: dark.text()})
    sink = Capture()
    sink.time = ServerTime(NOW.wall)
    run(pump_of(with_store, sink), now=ADRIFT)
    (message,) = sink.accepted
    assert (1, WALL - DAY + 10.0) == (sink.asked, message.time)
    with_store.close()
