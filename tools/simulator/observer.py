"""The operator's side of a simulation: publishes for the fleet, and waits until every device has reported it.

Contract: `Observer` is a connection of kiosk-fleet's own; `push` answers how long the devices took, `retained` how many
of them the broker remembers. Raises `DeskError`, and TimeoutError where devices do not report.
"""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from agent.fleet.broker import BrokerDesk
from agent.fleet.outcomes import Verdict, outcome
from agent.fleet.reading import snapshot
from agent.fleet.sighting import Roll
from agent.remote.line import Outgoing
from agent.remote.settings import BrokerSettings
from agent.remote.topics import Fleet, Topics

_CLIENT = "fleet-simulation"


class Observer:
    """See the module."""

    def __init__(self, settings: BrokerSettings, base: str) -> None:
        self._topics = Topics(base)
        self._desk = BrokerDesk(settings)
        self._states = f"{self._topics.root}/device/+/state"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._desk.close()

    def publish(self, revision: int, config: Mapping[str, Any]) -> None:
        """Publish for the fleet."""
        payload = json.dumps({"revision": revision, "config": config}).encode()
        self._desk.publish(Outgoing(self._topics.desired(Fleet()), payload, retain=True))

    def push(
        self, revision: int, config: Mapping[str, Any], *, devices: int, seconds: float, at_once: bool = False
    ) -> list[float]:
        """Publish for the fleet; how many seconds each device took to report that it is applied, in order.

        `at_once`: without first taking in what is retained, which else would be counted with the time.
        """
        if at_once:
            self._desk.subscribe([self._states])
        else:
            self.retained()
        begun = self._desk.now()
        self.publish(revision, config)
        roll, took = Roll(self._topics), dict[str, float]()
        while len(took) < devices:
            left = begun + seconds - self._desk.now()
            arrived = self._desk.receive(left) if left > 0 else None
            if arrived is None:
                raise TimeoutError(f"{len(took)} of {devices} devices reported revision {revision} in {seconds:g} s")
            id = roll.take(arrived.topic, arrived.payload)
            if id is not None and id not in took and _applied(roll, id, revision):
                took[id] = self._desk.now() - begun
        return list(took.values())

    def online(self) -> int:
        """How many devices are there, as the broker's retained words say."""
        roll = Roll(self._topics)
        presences = f"{self._topics.root}/device/+/presence"
        for topic, payload in snapshot(self._desk, [presences, self._states]).items():
            roll.take(topic, payload)
        return sum(each.is_online for each in roll.devices.values())

    def retained(self) -> int:
        """Of how many devices the broker keeps a report; from then on the reports are listened to."""
        return len(snapshot(self._desk, [self._states]))


def _applied(roll: Roll, id: str, revision: int) -> bool:
    return outcome(roll.devices[id], Fleet(), revision).verdict is Verdict.APPLIED


def observer_settings(url: str, **login: Any) -> BrokerSettings:
    """Settings for an observer; `login`: user, password_file, ca_file."""
    return BrokerSettings(url, _CLIENT, session_expiry_s=0, **login)
