"""Connections to a real broker, for tests: a line on a thread, with what it told kept and waited for."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from agent.config.remote import Protocol
from agent.remote.brokerline import BrokerLine
from agent.remote.letters import Arrived, Declined, Letter, Offline, Online
from agent.remote.line import Outgoing, Terms
from agent.remote.settings import BrokerSettings
from tests.support.brokers import OPERATOR, Broker

DEVICE = "device-001"
BASE = f"kiosk/v1/device/{DEVICE}"
PRESENCE, DESIRED, STATE, COMMAND = (f"{BASE}/{each}" for each in ("presence", "desired", "state", "command"))
WILL = Outgoing(PRESENCE, b"lost", retain=True)
BOTH = (Protocol.V5, Protocol.V311)

T = TypeVar("T", bound=Letter)


def wait_for(condition: Callable[[], object], what: str = "", *, seconds: float = 90.0) -> None:
    """Wait until it holds; a failed test after `seconds`."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(0.01)


def secret(folder: Path, name: str, password: str) -> Path:
    """A file with a password."""
    path = folder / f"{name}.password"
    path.write_text(f"{password}\n", encoding="utf-8")
    return path


def device_settings(broker: Broker, folder: Path, *, name: str = DEVICE, plain: bool = True) -> BrokerSettings:
    """A device that the broker knows, at the plain door or the one with TLS."""
    broker.add_user(name, "a-password")
    return BrokerSettings(
        url=f"mqtt://127.0.0.1:{broker.plain_port}" if plain else f"mqtts://localhost:{broker.port}",
        client_id=name,
        user=name,
        password_file=secret(folder, name, "a-password"),
        ca_file=None if plain else broker.ca_file,
    )


def operator_settings(broker: Broker, folder: Path) -> BrokerSettings:
    """The operator of the sample."""
    user, password = OPERATOR
    return BrokerSettings(
        url=f"mqtts://localhost:{broker.operator_port}",
        client_id="operator-1",
        user=user,
        password_file=secret(folder, user, password),
        ca_file=broker.ca_file,
    )


class Caller:
    """A line that runs. `letters`: all that it told. `takes`: what arrives is acknowledged at once."""

    def __init__(
        self,
        settings: BrokerSettings,
        topics: Sequence[str] = (),
        *,
        protocol: Protocol | None = None,
        will: Outgoing | None = None,
        takes: bool = True,
        chance: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.letters: list[Letter] = []
        self._takes = takes
        self.line = BrokerLine(
            settings if protocol is None else replace(settings, protocol=protocol),
            lambda run: Terms(will, topics),
            put=self._put,
            now=time.monotonic,
            chance=chance,
        )
        self.escaped: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name="broker", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.line.run()
        except BaseException as error:
            self.escaped = error
            raise

    def _put(self, letter: Letter) -> None:
        self.letters.append(letter)
        if self._takes and isinstance(letter, Arrived):
            self.line.acknowledge(letter.run, letter.mid, letter.qos)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self, farewell: Outgoing | None = None) -> None:
        """Stop, and wait for the thread's end."""
        self.line.stop(farewell)
        self.thread.join(60)
        assert not self.thread.is_alive()

    def all(self, kind: type[T]) -> list[T]:
        """The letters of one kind."""
        return [each for each in list(self.letters) if isinstance(each, kind)]

    def payloads(self, topic: str) -> list[bytes]:
        """What arrived on `topic`."""
        return [each.payload for each in self.all(Arrived) if each.topic == topic]

    def online(self, times: int = 1) -> Self:
        """Wait until it has come online so many times."""
        wait_for(lambda: len(self.all(Online)) >= times, f"online {times}: {self.letters[-3:]}")
        return self

    def offline(self, times: int = 1) -> Offline:
        """Wait until it has failed so many times; the last word."""
        wait_for(lambda: len(self.all(Offline)) >= times, f"offline {times}: {self.letters[-3:]}")
        return self.all(Offline)[-1]

    def arrived(self, topic: str, payload: bytes) -> None:
        """Wait until this has come."""
        wait_for(lambda: payload in self.payloads(topic), f"{payload!r} on {topic}: {self.letters[-3:]}")

    def declined(self, topic: str) -> Declined:
        """Wait until the broker has declined it."""
        wait_for(lambda: any(each.what == topic for each in self.all(Declined)), f"declined {topic}")
        return next(each for each in self.all(Declined) if each.what == topic)
