"""A fleet on a real broker: operators with their settings, and devices that answer on threads of their own.

`Device` is the wire side of a device only: its presence, its state, its answers; what it makes of a document is told
to it as its manner (tests.support.fleet.Kiosk).
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agent.fleet.broker import BrokerDesk
from agent.remote.line import Outgoing
from agent.remote.settings import BrokerSettings
from tests.support.brokers import OPERATOR, Broker
from tests.support.fleet import TOPICS, Exchange, Kiosk, birth

ROOT = Path(__file__).parents[2]
PASSWORD = "device-password"


def settings(broker: Broker, folder: Path, *, client_id: str = "op", user: str = OPERATOR[0]) -> BrokerSettings:
    """How a program of this operator reaches the broker."""
    password = folder / f"{user}.password"
    password.write_text(OPERATOR[1] + "\n", encoding="utf-8")
    password.chmod(0o600)
    return BrokerSettings(
        url=f"mqtts://localhost:{broker.operator_port}",
        client_id=client_id,
        user=user,
        password_file=password,
        ca_file=broker.ca_file,
        session_expiry_s=0,
    )


class Fleet:
    """`kiosk-fleet` as operators call it: a process of its own, with a file of settings."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        found = settings(broker, folder)
        self._file = folder / "fleet.toml"
        lines = {"url": found.url, "user": found.user, "password_file": found.password_file, "ca_file": found.ca_file}
        self._file.write_text("".join(f'{key} = "{value}"\n' for key, value in lines.items()), encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "agent.fleet.main", *arguments, "--settings", str(self._file)]
        environment = {**os.environ, "COLUMNS": "120"}
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        return ended(self.start(*arguments))


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, error = process.communicate(timeout=120)
    return process.returncode, out, error


class Device:
    """A device on the broker's listener for devices; a context manager."""

    def __init__(
        self,
        broker: Broker,
        folder: Path,
        id: str,
        *,
        manner: str = "applies",
        groups: Sequence[str] = ("lobby",),
        answers: Sequence[Mapping[str, Any]] = ({"status": "accepted"}, {"status": "done"}),
    ) -> None:
        broker.add_user(id, PASSWORD)
        password = folder / f"{id}.password"
        password.write_text(PASSWORD, encoding="utf-8")
        self._settings = BrokerSettings(
            url=f"mqtts://localhost:{broker.port}",
            client_id=id,
            user=id,
            password_file=password,
            ca_file=broker.ca_file,
            session_expiry_s=0,
        )
        self._id = id
        self._inside = Exchange()
        self._kiosk = Kiosk(self._inside, id, manner=manner, groups=groups, answers=answers)
        self._ended = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"device {id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(60)

    def _work(self) -> None:
        desk = BrokerDesk(self._settings)
        try:
            levels = ["fleet", "group/+", f"device/{self._id}"]
            desk.subscribe([*(f"kiosk/v1/{level}/desired" for level in levels), TOPICS.command(self._id)])
            desk.publish(Outgoing(TOPICS.presence(self._id), json.dumps(birth()).encode(), retain=True))
            told: list[Outgoing] = [
                Outgoing(TOPICS.state(self._id), json.dumps(self._kiosk.state).encode(), retain=True)
            ]
            self._inside.hooks.append(told.append)
            while not self._ended.is_set():
                mine = [each for each in told if each.topic.startswith(f"kiosk/v1/device/{self._id}/")]
                told.clear()
                desk.publish(*(each for each in mine if each.topic.endswith(("/state", "/result"))))
                self._ready.set()
                arrived = desk.receive(0.05)
                if arrived is not None:
                    self._kiosk.hear(Outgoing(arrived.topic, arrived.payload, response_topic=arrived.response_topic))
        finally:
            desk.close()
