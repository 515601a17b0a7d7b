"""The pump in trouble: hopeless messages, clocks that are not set, a full disk."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.delivery.asking import ASK_AT_MOST
from agent.delivery.dating import CLOCK_RETRY
from agent.delivery.patience import HOPELESS_AGE, HOPELESS_TRIES
from agent.delivery.pump import DISK_RETRY, Step
from agent.delivery.status import MessageRefused, OutageBegan, OutageEnded, SinkState
from agent.delivery.weighing import HOPELESS
from agent.kernel.records import Record
from agent.kernel.verdict import Cause, Delivered, Later, ServerTime
from agent.outbox.errors import StoreFull
from agent.outbox.store import Outbox
from agent.sinks.capture import Capture
from tests.support.delivery import later, open_store, record, records
from tests.support.playback import NOW, WALL, owner
from tests.support.pumping import BUSY, LOST, PARTS, account, pump_of, run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store that knows the sink."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    yield outbox
    outbox.close()


def test_a_hopeless_message_makes_way_when_the_next_would_be_accepted(store: Outbox) -> None:
    """Decision 23: an error that Kaltura never explains must not hold a queue for ever."""
    store.append(records("poison", "silent", "a", "b"))
    sink = Capture([BUSY] * HOPELESS_TRIES, parts=PARTS)
    pump = pump_of(store, sink)
    _, news = run(pump, now=later(HOPELESS_AGE))
    assert [message.name for message in sink.accepted] == ["a", "b"]
    assert {"poison"} == {sent.message.name for sent in sink.sent[:HOPELESS_TRIES]}
    (letter,) = store.dead_letters()
    assert ("poison", HOPELESS, BUSY.text) == (letter.message, letter.code, letter.answer)
    assert (account(store).delivered, account(store).passed, account(store).depth) == (2, {"silent": 1}, 0)
    assert [OutageBegan, OutageEnded, MessageRefused] == [type(one) for one in news]


def test_a_hopeless_message_waits_on_while_the_next_does_not_get_through_either(store: Outbox) -> None:
    """A long outage of the server is no reason to lose anything."""
    store.append(records("poison", "a"))
    sink = Capture([BUSY] * (HOPELESS_TRIES + 21))
    run(pump_of(store, sink), now=later(HOPELESS_AGE))
    assert [message.name for message in sink.accepted] == ["poison", "a"]
    assert {0} == {sent.attempt for sent in sink.sent if sent.message.name == "a"}
    assert tuple(store.dead_letters()) == ()


def test_an_answer_lost_while_weighing_a_hopeless_message_is_counted(store: Outbox) -> None:
    """The next message may have been counted then, unheard."""
    store.append(records("poison", "a"))
    sink = Capture([*[BUSY] * HOPELESS_TRIES, LOST, BUSY])
    run(pump_of(store, sink), now=later(HOPELESS_AGE))
    assert [message.name for message in sink.accepted] == ["a"]
    assert (account(store).delivered, account(store).resent) == (1, 1)


def test_a_hopeless_message_without_a_next_waits_on(store: Outbox) -> None:
    """There is nothing to weigh it against."""
    store.append(records("poison"))
    sink = Capture([BUSY] * (HOPELESS_TRIES + 3))
    run(pump_of(store, sink), now=later(HOPELESS_AGE))
    assert [message.name for message in sink.accepted] == ["poison"]


def test_an_event_without_a_set_clock_waits_and_is_dated_when_it_is_set(store: Outbox) -> None:
    """Decision 22: nothing is sent with a year before the program's build."""
    store.append([replace(record("a"), instant=replace(NOW, boottime=1.0, wall=1.0, synced=False))])
    sink = Capture()
    pump = pump_of(store, sink)
    adrift = replace(NOW, wall=500.0, synced=False)
    assert Step(adrift.boottime) == pump.step(adrift)
    pump.step(adrift)
    assert Step(adrift.boottime + CLOCK_RETRY) == pump.step(adrift)
    assert 1 == sink.asked
    assert (pump.status().state, pump.status().cause) == (SinkState.WAITING, Cause.CLOCK)
    assert sink.sent == []
    run(pump, now=later(CLOCK_RETRY))
    assert [message.time for message in sink.accepted] == [WALL + 1.0]


def test_a_fresh_boot_waits_for_its_clock_but_not_for_ever(store: Outbox) -> None:
    """At most two minutes after the boot; a device without a time source plays and reports too."""
    fresh = replace(NOW, boottime=60.0, wall=WALL + 60.0, synced=False)
    store.append([record("a", at=50.0, synced=False)])
    sink = Capture()
    pump = pump_of(store, sink)
    pump.step(fresh)
    assert sink.sent == []
    end, _ = run(pump, now=fresh)
    assert (end.boottime, [message.time for message in sink.accepted]) == (120.0, [WALL + 50.0])


DAY = 86_400.0
BEHIND = replace(NOW, wall=NOW.wall - DAY, synced=False)
"""The present by a clock that lost a day and that nobody sets."""


def behind(*kinds: str) -> list[Record]:
    """Events of that clock, a second apart."""
    return [
        replace(record(kind), instant=BEHIND.at(BEHIND.boottime - 60.0 + second)) for second, kind in enumerate(kinds)
    ]


def test_a_clock_that_is_never_synchronised_is_replaced_by_the_services(store: Outbox) -> None:
    """Decision 22: a kiosk without NTP must not report yesterday; and such times are counted."""
    store.append(behind("silent", "a", "b"))
    sink = Capture(parts=PARTS)
    sink.time = ServerTime(NOW.wall)
    run(pump_of(store, sink), now=BEHIND)
    assert [NOW.wall - 59.0, NOW.wall - 58.0] == [message.time for message in sink.accepted]
    assert (1, 2) == (sink.asked, store.statistics().estimated)


def test_a_service_that_never_tells_its_time_does_not_hold_the_queue(store: Outbox) -> None:
    """Some proxies drop every HEAD: our own clock, estimated, is better than no report at all."""
    store.append(behind("a"))
    sink = Capture()
    sink.time = Later(Cause.NETWORK, "closed the connection", answered=False, lost=True)
    run(pump_of(store, sink), now=BEHIND)
    assert [BEHIND.wall - 60.0] == [message.time for message in sink.accepted]
    assert (ASK_AT_MOST, 1, 0) == (sink.asked, store.statistics().estimated, store.statistics().sinks[0].resent)


def test_a_wrong_time_is_not_frozen_while_the_service_cannot_be_asked(store: Outbox) -> None:
    """Offline nothing is dated: the clock may be synchronised by the time that the network is back."""
    store.append(behind("a", "b"))
    sink = Capture()
    sink.time = Later(Cause.TIMEOUT, "silence", answered=False, lost=True)
    pump = pump_of(store, sink)
    now = BEHIND
    for _ in range(6):
        now = now.at(pump.step(now).next_due or now.boottime)
    assert (Cause.TIMEOUT, 3, []) == (pump.status().cause, pump.status().tries, sink.sent)
    assert {None} == {event.frozen_time for event in store.events()}
    synced = replace(now, wall=now.wall + DAY, synced=True)
    run(pump, now=synced)
    assert [NOW.wall - 60.0, NOW.wall - 59.0] == [message.time for message in sink.accepted]
    assert (0, 0) == (store.statistics().estimated, account(store).resent)


def test_the_time_of_an_accepted_answer_is_known_without_asking(store: Outbox) -> None:
    """A clock that loses its source in mid-life goes on by the service's."""
    store.append([record("a"), *behind("b")])
    sink = Capture([Delivered(server_time=NOW.wall)])
    run(pump_of(store, sink), now=BEHIND)
    assert [WALL + 1.0, NOW.wall - 60.0] == [message.time for message in sink.accepted]
    assert (0, 1) == (sink.asked, store.statistics().estimated)


def test_status_tells_a_clock_that_is_not_set_from_one_that_is_not_synchronised(store: Outbox) -> None:
    """The remedies differ, and the second passes by itself."""
    store.append(behind("a"))
    pump = pump_of(store, Capture())
    pump.step(replace(BEHIND, boottime=60.0))
    assert "the wall clock of this device is not synchronised yet" == pump.status().text
    pump.kick()
    pump.step(replace(BEHIND, boottime=60.0, wall=60.0))
    assert "the wall clock of this device is not set" == pump.status().text


def test_a_clock_stepped_back_in_mid_play_does_not_turn_the_story_round(tmp_path: Path) -> None:
    """Decision 7, also over a restart; the next session is dated by its own clock again."""
    store = open_store(tmp_path)
    store.register("capture")
    back = NOW.at(NOW.boottime + 1.0)
    back = replace(back, wall=back.wall - 3_600.0)
    store.append([replace(record("50"), instant=NOW), replace(record("75"), instant=back)])
    sink = Capture([Delivered(), LOST])
    pump = pump_of(store, sink)
    pump.step(NOW)
    pump.step(NOW)
    store.close()
    store = open_store(tmp_path)
    following = owner(2)
    store.append([replace(record("100"), instant=back), replace(record("1", attribution=following), instant=back)])
    run(pump_of(store, sink))
    assert ["50", "75", "75", "100", "1"] == [sent.message.name for sent in sink.sent]
    assert [NOW.wall] * 4 + [back.wall] == [sent.message.time for sent in sink.sent]
    store.close()


def test_a_time_that_was_sent_once_is_kept_although_the_clock_jumps(store: Outbox, tmp_path: Path) -> None:
    """Decision 6: a resend is byte-identical, after a restart too."""
    store.append([record("a", synced=False)])
    sink = Capture([LOST])
    pump_of(store, sink).step(NOW)
    jumped = replace(later(10.0), wall=WALL + 99_999.0)
    run(pump_of(store, sink), now=jumped)
    assert [sent.message.time for sent in sink.sent] == [WALL + 1.0, WALL + 1.0]


class FullDisk:
    """A store whose settlements fail so often for lack of space."""

    def __init__(self, store: Outbox, failures: int) -> None:
        self._store = store
        self._failures = failures

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def settle(self, *positional: Any, **named: Any) -> None:
        """Fail, or settle."""
        if self._failures:
            self._failures -= 1
            raise StoreFull("The disk is full.", remedy="Free some space.")
        self._store.settle(*positional, **named)


def test_an_accepted_message_is_not_sent_again_because_the_disk_is_full(store: Outbox) -> None:
    """The settlement is kept and written as soon as there is room; nothing else is sent before."""
    store.append(records("a", "b"))
    sink = Capture()
    pump = pump_of(FullDisk(store, failures=3), sink)
    pump.step(NOW)
    assert Step(NOW.boottime + DISK_RETRY) == pump.step(NOW)
    assert Cause.DISK is pump.status().cause
    end, news = run(pump)
    assert [message.name for message in sink.accepted] == ["a", "b"]
    assert end.boottime - NOW.boottime == 3 * DISK_RETRY
    assert [OutageEnded(3, 3 * DISK_RETRY)] == news
