"""Simulated devices at a real broker, and the operator who steers them, for tests."""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.fleet import documents
from agent.fleet.broker import BrokerDesk
from agent.fleet.documents import Damaged
from agent.fleet.reading import snapshot
from agent.remote.documents import Document
from agent.remote.line import Outgoing
from agent.remote.settings import BrokerSettings
from agent.remote.topics import Device, Level, Topics
from tests.support.brokers import OPERATOR, Broker
from tools.simulator.crew import Crew
from tools.simulator.device import Traits
from tools.simulator.memory import slots

TOPICS = Topics("kiosk")
PASSWORD = "devices-password"


def eventually(condition: Callable[[], object], what: str, *, seconds: float = 90.0) -> None:
    """Wait until it holds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not {what}"
        time.sleep(0.02)


def secret(folder: Path, name: str, text: str) -> Path:
    """A file that only we may read."""
    path = folder / name
    path.write_text(text)
    path.chmod(0o600)
    return path


@contextmanager
def crew(folder: Path, broker: Broker, traits: Sequence[Traits]) -> Iterator[Crew]:
    """Devices that are online; those that the broker does not know yet are let in."""
    broker.add_users({each.id: PASSWORD for each in traits})
    made = Crew(
        [replace(each, password=secret(folder, "device-password", PASSWORD)) for each in traits],
        slots(folder / "memory", len(traits), wall=time.time()),
        url=f"mqtt://127.0.0.1:{broker.plain_port}",
        base="kiosk",
        folder=folder / "devices",
        # The first connection within a quarter of a second, not within five.
        chance=lambda: random.random() / 20,
    )
    made.start()
    try:
        eventually(lambda: all(device.is_online for device in made.devices), "all online")
        yield made
    finally:
        made.stop()


class Operator:
    """Somebody with the operator's password."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self.options = {
            "url": f"mqtts://localhost:{broker.operator_port}",
            "user": OPERATOR[0],
            "password-file": str(secret(folder, "operator-password", OPERATOR[1])),
            "ca-file": str(broker.ca_file),
        }
        self._settings = BrokerSettings(
            self.options["url"],
            f"fleet-{random.getrandbits(48):x}",
            user=OPERATOR[0],
            password_file=Path(self.options["password-file"]),
            ca_file=broker.ca_file,
            session_expiry_s=0,
        )

    @property
    def arguments(self) -> list[str]:
        """For a command line."""
        return [word for name, value in self.options.items() for word in (f"--{name}", value)]

    def publish(self, level: Level, revision: int, config: Mapping[str, Any], **more: Any) -> None:
        """Publish a document, as another operator's program would."""
        payload = json.dumps({"revision": revision, "config": config, **more}).encode()
        with self.desk() as desk:
            desk.publish(Outgoing(TOPICS.desired(level), payload, retain=True))

    def retained(self, *topics: str) -> dict[str, bytes]:
        """What is retained there."""
        with self.desk() as desk:
            return snapshot(desk, [f"{TOPICS.root}/{topic}" for topic in topics])

    def clear(self, *topics: str) -> None:
        """Have the broker forget it."""
        for topic in self.retained(*topics):
            with self.desk() as desk:
                desk.publish(Outgoing(topic, b"", retain=True))

    def document(self, level: Level) -> Document | None:
        """What is retained for a level."""
        payload = self.retained(f"{level}/desired").get(TOPICS.desired(level))
        found = None if payload is None else documents.read(level, payload)
        assert not isinstance(found, Damaged)
        return found

    @contextmanager
    def desk(self) -> Iterator[BrokerDesk]:
        """A connection with the broker."""
        desk = BrokerDesk(self._settings)
        try:
            yield desk
        finally:
            desk.close()


def in_force(made: Crew, place: tuple[str, ...]) -> dict[str, Any]:
    """What each device has in force at a place of its configuration; None where no layer says anything."""
    return {device.traits.id: device.value(place) for device in made.devices}


def own(id: str) -> Level:
    """A device's level."""
    return Device(id)
