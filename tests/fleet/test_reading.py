"""Reading what the broker retains."""

from agent.fleet.reading import MOST_S, snapshot
from agent.remote.letters import Arrived
from tests.support.fleet import Exchange, MemoryDesk


def test_snapshot_has_what_is_retained_below_the_filters() -> None:
    """The whole fleet is read by two filters."""
    exchange = Exchange()
    exchange.retained = {
        "kiosk/v1/device/a/state": b"1",
        "kiosk/v1/device/b/state": b"2",
        "kiosk/v1/fleet/desired": b"3",
    }
    assert {"kiosk/v1/device/a/state": b"1", "kiosk/v1/device/b/state": b"2"} == snapshot(
        exchange.desk(), ["kiosk/v1/device/+/state"]
    )


def test_message_that_comes_live_meanwhile_counts() -> None:
    """It is what is retained by the time that anybody decides on it."""
    exchange = Exchange()
    exchange.retained = {"a": b"old", "b": b"gone"}
    desk = exchange.desk()
    subscribe = desk.subscribe

    def and_then(topics: object) -> None:
        subscribe(["a", "b"])
        exchange.tell("a", b"new")
        exchange.tell("b", b"")

    desk.subscribe = and_then  # type: ignore[method-assign]
    assert {"a": b"new"} == snapshot(desk, ["a", "b"])


class Chatter(MemoryDesk):
    """A fleet that never falls silent."""

    def receive(self, timeout: float) -> Arrived | None:
        self._exchange.clock += 0.1
        return Arrived(1, 1, 1, "a", b"x", retained=False)


def test_fleet_that_never_falls_silent_is_read_all_the_same() -> None:
    """Thousands of devices report all the time; a command must end."""
    exchange = Exchange()
    begun = exchange.clock
    assert {"a": b"x"} == snapshot(Chatter(exchange), ["a"])
    assert begun + MOST_S <= exchange.clock < begun + MOST_S + 1
