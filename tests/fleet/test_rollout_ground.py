"""What a rollout finds at the broker."""

import json
from collections.abc import Sequence

import pytest

from agent.fleet.rollout_ground import UnreadableError, read
from agent.fleet.sighting import Roll
from agent.remote.documents import Document
from agent.remote.topics import Device, Fleet, Group
from tests.support.fleet import TOPICS, Exchange, Kiosk, MemoryDesk


def roll(exchange: Exchange) -> Roll:
    """All devices."""
    found = Roll(TOPICS)
    for topic, payload in exchange.retained.items():
        found.take(topic, payload)
    return found


def put(exchange: Exchange, level: Fleet | Group | Device, revision: int, **config: object) -> None:
    exchange.retained[TOPICS.desired(level)] = json.dumps({"revision": revision, "config": config}).encode()


def test_overlay_is_made_of_all_levels_that_count_for_the_device() -> None:
    """Its groups in their order, and its own."""
    exchange = Exchange()
    Kiosk(exchange, "a", groups=("lobby", "berlin"))
    put(exchange, Fleet(), 3, player={"volume": 50})
    put(exchange, Group("berlin"), 2, player={"volume": 80})
    put(exchange, Device("a"), 5, log={"level": "debug"})
    devices = roll(exchange)
    ground = read(exchange.desk(), TOPICS, devices, ["a"])
    new = Document(Fleet(), 4, {"player": {"volume": 10, "pause_at_end": True}})
    assert {"log": {"level": "debug"}, "player": {"pause_at_end": True}} == ground.overlay(devices.devices["a"], new)
    assert 6 == ground.next_revision("a")


def test_revision_is_above_all_that_was_ever_used() -> None:
    """A document that was removed left its revision in the history, and the device remembers it."""
    exchange = Exchange()
    Kiosk(exchange, "a").take("device/a", 11)
    exchange.retained[TOPICS.history(Device("a"), 12)] = b'{"revision": 12, "config": {}, "published": 1}'
    assert 13 == read(exchange.desk(), TOPICS, roll(exchange), ["a"]).next_revision("a")


def test_document_that_was_held_back_is_asked_for_again() -> None:
    """It would be overwritten by what takes it for missing."""
    exchange = Exchange()
    Kiosk(exchange, "a").take("device/a", 5)
    put(exchange, Device("a"), 5, log={"level": "debug"})

    class Forgetful(MemoryDesk):
        asked = 0

        def subscribe(self, topics: Sequence[str]) -> None:
            super().subscribe(topics)
            self.asked += 1
            if self.asked == 2:
                self._queue.clear()

    own = read(Forgetful(exchange), TOPICS, roll(exchange), ["a"]).document(Device("a"))
    assert own is not None
    assert 5 == own.revision


def test_devices_are_asked_for_a_few_at_a_time() -> None:
    """A broker holds back what it has no room to send in one go."""
    exchange = Exchange()
    ids = [f"d{number:03}" for number in range(90)]
    for id in ids:
        put(exchange, Device(id), 1)
    asked: list[int] = []

    class Counting(MemoryDesk):
        def subscribe(self, topics: Sequence[str]) -> None:
            super().subscribe(topics)
            asked.append(len(topics))

    ground = read(Counting(exchange), TOPICS, roll(exchange), ids)
    assert [2, 80, 80, 20] == asked
    assert all(ground.document(Device(id)) for id in ids)


def test_what_is_no_document_stops_a_rollout() -> None:
    """Nobody can say what a change does over something unreadable."""
    exchange = Exchange()
    Kiosk(exchange, "a")
    exchange.retained[TOPICS.desired(Group("lobby"))] = b"rubbish"
    devices = roll(exchange)
    with pytest.raises(UnreadableError, match="group/lobby"):
        read(exchange.desk(), TOPICS, devices, ["a"]).overlay(devices.devices["a"], Document(Fleet(), 1, {}))
