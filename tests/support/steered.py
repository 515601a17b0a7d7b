"""A real kiosk-agent that a real broker steers, and the operator at that broker."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.remote.line import Outgoing
from tests.support.brokers import Broker
from tests.support.fleet_crew import PASSWORD, TOPICS, Operator, secret
from tests.support.kiosks import PATIENCE_S, Clip, Kiosk
from tools.standin.server import Collector

DEVICE = "device-001"


@dataclass(frozen=True, slots=True)
class Steered:
    """`agent` is not yet started."""

    agent: Kiosk
    broker: Broker
    operator: Operator

    def state(self, done: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Wait for a reported state with which `done` holds."""
        return self._retained(TOPICS.state(DEVICE), done)

    def presence(self, done: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Wait for a presence with which `done` holds."""
        return self._retained(TOPICS.presence(DEVICE), done)

    def _retained(self, topic: str, done: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE_S
        seen: dict[str, Any] = {}
        while time.monotonic() < until:
            payload = self.operator.retained(topic.removeprefix(f"{TOPICS.root}/")).get(topic)
            if payload:
                seen = json.loads(payload)
                if done(seen):
                    return seen
            time.sleep(0.1)  # between two looks
        raise AssertionError(f"not in time: {json.dumps(seen, indent=1)}\n{self.agent.log.read_text()}")

    def applied(self, level: str, revision: int | None, *, seconds: float = PATIENCE_S) -> dict[str, Any]:
        """Wait until the agent says that it has applied this revision of a level."""

        def done(status: dict[str, Any]) -> bool:
            found = status["remote"]["config"]["levels"].get(level) or {}
            return bool(found) and found["applied"] == revision

        return self.agent.wait(done, seconds=seconds)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish anything anywhere, as the operator may."""
        with self.operator.desk() as desk:
            desk.publish(Outgoing(topic, payload, retain=retain))


@contextmanager
def steered(
    folder: Path,
    collector: Collector,
    clips: Sequence[Clip],
    *,
    remote: str = "",
    player: str = "loop = true",
    broker: Broker | None = None,
) -> Iterator[Steered]:
    """`remote`: further lines of the `[remote]` table of the machine's file."""
    with broker or Broker(folder / "broker") as running:
        running.add_user(DEVICE, PASSWORD)
        agent = Kiosk(folder, collector.url, clips, player=player)
        password = secret(folder, "broker-password", PASSWORD)
        lines = (
            f'[remote]\nurl = "mqtts://localhost:{running.port}"\nca_file = "{running.ca_file}"\n'
            f'password_file = "{password}"\nmedia_roots = ["{clips[0].path.parent}"]\n{remote}\n'
        )
        agent.config.write_text(lines + agent.config.read_text())
        try:
            yield Steered(agent, running, Operator(folder, running))
        finally:
            agent.close()
