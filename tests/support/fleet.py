"""A broker in memory, its desks, and devices that answer as they are told: for the operator's rules, without a network.

`Exchange` retains and forwards as a broker does; its clock goes on only where somebody waits in vain. `Kiosk` is what a
device tells of itself.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from click.testing import CliRunner, Result

from agent.fleet.desk import DeniedError, UnreachableError
from agent.fleet.main import kiosk_fleet
from agent.remote.letters import Arrived
from agent.remote.line import Outgoing
from agent.remote.settings import BrokerSettings
from agent.remote.topics import Topics

TOPICS = Topics("kiosk")
WALL = 1_800_000_000.0

Hook = Callable[[Outgoing], None]


class Exchange:
    """The broker. `hooks` see every message after it was forwarded; `forbidden` topics are not taken."""

    def __init__(self) -> None:
        self.retained: dict[str, bytes] = {}
        self.published: list[Outgoing] = []
        self.hooks: list[Hook] = []
        self.forbidden: set[str] = set()
        self.forgets: set[str] = set()
        self.is_down = False
        self.clock = 1000.0
        self._desks: list[MemoryDesk] = []
        # Of one who subscribes on another thread: nothing older may come to it behind what is newer.
        self.forwarding = RLock()

    def desk(self) -> "MemoryDesk":
        self._desks.append(MemoryDesk(self))
        return self._desks[-1]

    def publish(self, message: Outgoing) -> None:
        self.published.append(message)
        with self.forwarding:
            if message.retain and message.payload and message.topic not in self.forgets:
                self.retained[message.topic] = message.payload
            elif message.retain:
                self.retained.pop(message.topic, None)
            for desk in self._desks:
                desk.hear(message.topic, message.payload, retained=False)
        for hook in self.hooks:
            hook(message)

    def tell(self, topic: str, said: Mapping[str, Any] | bytes, *, retain: bool = True) -> None:
        """A device publishes."""
        payload = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.publish(Outgoing(topic, payload, retain=retain))

    def opened(self, _settings: BrokerSettings) -> Any:
        """In place of agent.fleet.opening.opened."""

        @contextmanager
        def context() -> Iterator[MemoryDesk]:
            if self.is_down:
                raise UnreachableError("Nobody listens at broker.example.com:8884: check that the broker runs.")
            yield self.desk()

        return context()


class MemoryDesk:
    """One operator's connection."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._topics: tuple[str, ...] = ()
        self._queue: deque[Arrived] = deque()

    def subscribe(self, topics: Sequence[str]) -> None:
        with self._exchange.forwarding:
            self._topics = tuple(topics)
            self._queue.clear()
            for topic, payload in self._exchange.retained.items():
                self.hear(topic, payload, retained=True)

    def hear(self, topic: str, payload: bytes, *, retained: bool) -> None:
        if any(matches(each, topic) for each in self._topics):
            self._queue.append(Arrived(1, 1, 1, topic, payload, retained))

    def publish(self, *messages: Outgoing) -> None:
        for message in messages:
            if message.topic in self._exchange.forbidden:
                raise DeniedError(f"The broker does not let this operator publish on {message.topic}.")
            self._exchange.publish(message)

    def receive(self, timeout: float) -> Arrived | None:
        if self._queue:
            return self._queue.popleft()
        self._exchange.clock += timeout
        return None

    def now(self) -> float:
        return self._exchange.clock

    def wall(self) -> float:
        return WALL + self._exchange.clock


def matches(pattern: str, topic: str) -> bool:
    """Whether an MQTT filter covers a topic."""
    steps, parts = pattern.split("/"), topic.split("/")
    if steps[-1] == "#":
        steps, parts = steps[:-1], parts[: len(steps) - 1]
    return len(steps) == len(parts) and all(step in ("+", part) for step, part in zip(steps, parts, strict=True))


def state(id: str, **changes: Any) -> dict[str, Any]:
    """What a device that is well reports."""
    return {
        "v": 1,
        "device": {"id": id, "name": f"Screen {id}", "site": "Berlin", "tags": ["portrait"]},
        "version": "0.1.0",
        "session": 12,
        "report_every_s": 300.0,
        "reported": WALL + 990,
        "boot_id": f"boot-{id}",
        "uptime_s": 3600.0,
        "machine_uptime_s": 7200.0,
        "clock": {"synced": True},
        "protocol": "5",
        "config": {
            "hash": "0123456789ab",
            "groups": ["lobby"],
            "state": "applied",
            "levels": {},
            "trial": None,
            "returned": None,
            "allow": [],
            "broken": None,
        },
        "player": {
            "state": "playing",
            "item": {"index": 2, "count": 3, "uri": "file:///srv/media/a%20film.mp4", "entry_id": None},
            "position": 4.2,
            "display": "unknown",
            "should_show": True,
            "restarts": 0,
        },
        "queue": {"depth": 0, "oldest_age_s": None, "bytes": 4096, "volatile": None},
        "sinks": [],
        "counters": {},
        "machine": {
            "disk_free_bytes": 9_000_000_000,
            "disk_bytes": 16_000_000_000,
            "temperature_c": 51.0,
            "under_voltage": False,
        },
        **changes,
    }


def birth(session: int = 12) -> dict[str, Any]:
    return {"v": 1, "online": True, "session": session, "since": WALL, "version": "0.1.0"}


def will(session: int = 12, reason: str = "lost") -> dict[str, Any]:
    return {"v": 1, "online": False, "session": session, "reason": reason}


class Kiosk:
    """A device on an exchange: takes documents as its manner says, and answers commands.

    `manner` of documents: "applies", "refuses", "trial", "returns", "ignores".
    """

    def __init__(
        self,
        exchange: Exchange,
        id: str,
        *,
        groups: Sequence[str] = ("lobby",),
        manner: str = "applies",
        online: bool = True,
        answers: Sequence[Mapping[str, Any]] = ({"status": "accepted"}, {"status": "done"}),
    ) -> None:
        self.id = id
        self.manner = manner
        self.answers = answers
        self.online = online
        self.state = state(id)
        self.state["config"]["groups"] = list(groups)
        self._exchange = exchange
        self.report()
        exchange.tell(TOPICS.presence(id), birth() if online else will())
        exchange.hooks.append(self.hear)

    def report(self) -> None:
        self._exchange.tell(TOPICS.state(self.id), self.state)

    def hear(self, message: Outgoing) -> None:
        if not self.online or not message.payload:
            return
        if message.topic == TOPICS.command(self.id):
            self._execute(message)
        levels = ["fleet", *(f"group/{name}" for name in self.state["config"]["groups"]), f"device/{self.id}"]
        for level in levels:
            if message.topic == f"kiosk/v1/{level}/desired":
                self.take(level, json.loads(message.payload)["revision"])

    def take(self, level: str, revision: int) -> None:
        """A document came."""
        config = self.state["config"]
        report = config["levels"].setdefault(level, {"wanted": None, "applied": None, "problems": []})
        match self.manner:
            case "applies":
                report.update(wanted=revision, applied=revision, problems=[])
            case "refuses":
                report.update(wanted=revision, problems=["player.volume: is 900; allowed: 0 to 200."])
                config["state"] = "refused"
            case "trial":
                report.update(wanted=revision, applied=revision)
                config.update(state="trial", trial={"on": ["stats.collect"], "left_s": 80.0})
            case "returns":
                report.update(wanted=revision)
                config["returned"] = {"revisions": {level: revision}, "reason": "stats.collect is gone", "at": WALL}
                config["state"] = "returned"
            case _:
                return
        self.report()

    def _execute(self, message: Outgoing) -> None:
        command = json.loads(message.payload)
        for answer in self.answers:
            told = {"v": 1, "reason": None, "data": None, "device": self.id, "at": WALL, **answer}
            told |= {"id": command["id"], "command": command["command"]}
            self._exchange.tell(message.response_topic or TOPICS.result(self.id), told, retain=False)


def run(exchange: Exchange, monkeypatch: Any, *arguments: str, input: str | None = None) -> Result:
    """`kiosk-fleet` on the exchange."""
    monkeypatch.setattr("agent.fleet.office.opened", exchange.opened)
    monkeypatch.setenv("KIOSK_FLEET_URL", "mqtts://broker.example.com:8884")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(Path("/nonexistent")))
    return CliRunner().invoke(kiosk_fleet, list(arguments), input=input)
