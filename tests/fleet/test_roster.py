"""The devices, read whole although a broker may hold some back."""

from collections.abc import Sequence

from agent.fleet.reading import snapshot
from agent.fleet.roster import AT_ONCE, complete, device_topics
from agent.fleet.sighting import Roll
from agent.remote.topics import Device, Fleet
from tests.support.fleet import TOPICS, Exchange, Kiosk, MemoryDesk


class Sparing(MemoryDesk):
    """A broker that gives each subscription so many messages and drops the rest, as mosquitto does."""

    most = 8

    def subscribe(self, topics: Sequence[str]) -> None:
        super().subscribe(topics)
        kept = sorted(self._queue, key=lambda each: each.topic.rpartition("/")[2])[: self.most]
        self._queue.clear()
        self._queue.extend(kept)


def read(desk: MemoryDesk) -> tuple[Roll, bool]:
    roll = Roll(TOPICS)
    for topic, payload in snapshot(desk, device_topics(TOPICS, Fleet())).items():
        roll.take(topic, payload)
    return roll, complete(desk, TOPICS, roll)


def test_halves_that_were_held_back_are_asked_for_by_name() -> None:
    """Half a device looks like one that has stopped reporting, and somebody would drive there."""
    exchange = Exchange()
    for number in range(6):
        Kiosk(exchange, f"dev-{number}")
    roll, is_held_back = read(Sparing(exchange))
    assert is_held_back
    assert all(each.presence is not None and each.state for each in roll.devices.values())


def test_device_that_never_reported_is_no_sign_of_it() -> None:
    """A new device has a presence and no state; that is no fault of the broker's."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a")
    exchange.retained.pop(TOPICS.state("dev-a"))
    roll, is_held_back = read(exchange.desk())
    assert not is_held_back
    assert ["dev-a"] == list(roll.devices)


def test_halves_are_asked_for_in_portions() -> None:
    """A subscription to a thousand topics would be held back as well."""
    exchange = Exchange()
    for number in range(AT_ONCE + 1):
        exchange.retained[TOPICS.presence(f"dev-{number}")] = b'{"online": true, "session": 1}'
    asked: list[int] = []
    desk = exchange.desk()
    subscribe = desk.subscribe

    def counted(topics: Sequence[str]) -> None:
        asked.append(len(topics))
        subscribe(topics)

    desk.subscribe = counted  # type: ignore[method-assign]
    read(desk)
    assert [2, AT_ONCE, 1] == asked


def test_level_of_one_device_is_read_alone() -> None:
    """Nobody reads a thousand states to change one device."""
    assert ["kiosk/v1/device/a/presence", "kiosk/v1/device/a/state"] == device_topics(TOPICS, Device("a"))
