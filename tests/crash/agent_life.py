"""A real agent's life under the recorder: it plays, delivers, loses its network, is told things, steered and killed.

Contract: `live` gives the recording, with all that went over sockets as marks, and the ports to tell them apart.
Rules: real libvlc, a real mosquitto on its plain listener (TLS would hide the acknowledgements), a local collector.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from agent.remote.line import Outgoing
from agent.remote.topics import Device, Fleet, Group
from tests.crash import recording
from tests.crash.recording import Recording
from tests.support import media
from tests.support.applications import Application
from tests.support.fleet_crew import TOPICS
from tests.support.kiosks import Clip, Kiosk
from tests.support.steered import DEVICE, Steered, steered
from tools.standin.server import Collector


@dataclass(frozen=True, slots=True)
class AgentLife:
    """`collector` and `broker`: the ports at which the agent spoke with them."""

    recording: Recording
    collector: int
    broker: int


def live(folder: Path) -> AgentLife:
    """Have an agent live for some twenty seconds."""
    log = folder / "log"
    clips = [Clip(media.clip(2.0), "0_first001"), Clip(media.silent_clip(1.5), "0_other001")]
    with Collector() as collector, steered(folder, collector, clips, remote='groups = ["lobby"]') as kiosk:
        text = kiosk.agent.config.read_text()
        tls = f'mqtts://localhost:{kiosk.broker.port}"\nca_file = "{kiosk.broker.ca_file}"'
        kiosk.agent.config.write_text(text.replace(tls, f'mqtt://127.0.0.1:{kiosk.broker.plain_port}"'))
        with watched(kiosk.agent, log=log, sockets=True):
            kiosk.agent.start()
        _days(kiosk, collector)
        kiosk.agent.kill()
        with watched(kiosk.agent, log=log, sockets=True):
            kiosk.agent.start()
        _morning_after(kiosk)
        kiosk.agent.kill()
        port = int(collector.url.split(":")[2].split("/")[0])
        return AgentLife(recording.read(log, kiosk.agent.state, {}), port, kiosk.broker.plain_port)


@contextmanager
def watched(agent: Kiosk, *, log: Path | None = None, sockets: bool = False, kill: str = "") -> Iterator[None]:
    """What is started in here runs under the recorder."""
    agent.state.mkdir(mode=0o700, exist_ok=True)
    made = recording.environment(agent.state, log=log, sockets=sockets, kill=kill)
    with patch.dict(os.environ, made):
        yield


def _days(kiosk: Steered, collector: Collector) -> None:
    agent = kiosk.agent
    agent.wait(lambda status: status["player"]["state"] == "playing" and status["remote"]["online"])
    with Application.patient(agent.state) as page:
        _tell(page, 5)
        kiosk.operator.publish(Fleet(), 1, {"player": {"volume": 40}})
        kiosk.applied("fleet", 1)
        collector.take_away()
        _tell(page, 5)
        kiosk.operator.publish(Group("lobby"), 3, {"player": {"volume": 30}})
        kiosk.applied("group/lobby", 3)
        agent.wait(lambda status: status["sinks"][0]["depth"] > 20)
        _order(kiosk, {"id": "one", "command": "next"})
        collector.bring_back()
        agent.wait(lambda status: status["sinks"][0]["depth"] < 3)
        kiosk.operator.publish(Fleet(), 2, {"player": {"volume": 55}})
        kiosk.operator.publish(Device(DEVICE), 7, {"player": {"volume": 20}})
        kiosk.applied("fleet", 2)
        _order(kiosk, {"id": "two", "command": "refresh"})
        _tell(page, 10)
        agent.wait(lambda status: status["sinks"][0]["delivered"] > 60)


def _morning_after(kiosk: Steered) -> None:
    agent = kiosk.agent
    agent.wait(lambda status: status["player"]["state"] == "playing" and status["remote"]["online"])
    with Application.patient(agent.state) as page:
        _tell(page, 5)
    kiosk.operator.publish(Fleet(), 4, {"player": {"volume": 60}})
    kiosk.applied("fleet", 4)


def _tell(page: Application, times: int) -> None:
    for number in range(times):
        assert "ok" in page.say(type="button", button_name=f"button-{number}")


def _order(kiosk: Steered, command: Mapping[str, str]) -> None:
    with kiosk.operator.desk() as desk:
        desk.subscribe([TOPICS.result(DEVICE)])
        desk.publish(Outgoing(TOPICS.command(DEVICE), json.dumps(command).encode()))
        for _ in ("accepted", "done"):
            assert desk.receive(120) is not None
