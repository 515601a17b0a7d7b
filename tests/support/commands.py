"""Commands as they arrive, and a commander with hands that only note what they are told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.config.model import Level
from agent.kernel.instants import Instant
from agent.player.operations import Operation
from agent.player.surroundings import Phase
from agent.remote.deeds import FILE_NAME, Deeds
from agent.remote.letters import Arrived
from agent.remote.line import Line, Outgoing
from agent.remote.topics import Topics
from agent.runtime.commanding.commander import Commander
from agent.runtime.commanding.hands import Hands, PlayerView, QueueView
from agent.runtime.commanding.levels import Levels
from agent.runtime.reporting.begin import reports
from tests.support.ledgers import MemoryLedger
from tests.support.outbox import an_instant

DEVICE = "device-001"
TOPICS = Topics("kiosk")
RESULT = TOPICS.result(DEVICE)


def arrived(payload: bytes, **other: Any) -> Arrived:
    """`payload` on the device's command topic."""
    return Arrived(run=1, mid=7, qos=1, topic=TOPICS.command(DEVICE), payload=payload, **{"retained": False, **other})


def ordered(command: str, id: str = "c1", *, retained: bool = False, **more: Any) -> Arrived:
    """A command as an operator sends it; `more`: its other keys."""
    return arrived(json.dumps({"id": id, "command": command, **more}).encode(), retained=retained)


@dataclass
class NotedLine:
    """A connection that notes what it is asked for."""

    published: list[Outgoing] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)

    def publish(self, message: Outgoing) -> None:
        self.published.append(message)

    def acknowledge(self, run: int, mid: int, qos: int) -> None:
        self.acknowledged.append(mid)

    def subscribe(self, topics: Sequence[str]) -> None:
        raise AssertionError("commands subscribe to nothing")


IDLE = PlayerView(True, 1, None, Phase.PLAYING, 1, playing=True, paused=False, moved_at=90.0, percent=None)


class Bench:
    """One life of a commander on the state folder `folder`; the world round it is moved by hand.

    `line`: a real connection in the place of the one that notes what it is asked for.
    """

    def __init__(self, folder: Path, *, online: bool = True, line: Line | None = None) -> None:
        self.now: Instant = an_instant(100.0)
        self.line = NotedLine()
        self.obeyed: list[Operation] = []
        self.done: list[str] = []
        self.levels: list[str] = []
        self.view = IDLE
        self.queue = QueueView(0, ())
        self.ledger = MemoryLedger()
        self.deeds = Deeds(folder / FILE_NAME)
        self.commander = Commander(
            self.deeds,
            Hands(
                obey=self.obeyed.append,
                restart_player=lambda: self.done.append("restart"),
                flush=lambda: self.done.append("flush"),
                refresh=lambda: self.done.append("refresh"),
                diagnostics=self._bundle,
                report=reports(self.ledger),
                player=lambda: self.view,
                queue=lambda: self.queue,
                levels=Levels(Level.INFO, apply=lambda level: self.levels.append(level.value)),
            ),
            line=self.line if line is None else line,
            topics=TOPICS,
            device=DEVICE,
        )
        if online:
            self.commander.online(self.now, resumed=False)

    def _bundle(self) -> dict[str, Any]:
        self.done.append("bundle")
        return {"v": 1}

    def take(self, *letters: Arrived) -> None:
        self.commander.take(letters, self.now)

    def later(self, seconds: float) -> None:
        """Time passes, and the main loop steps."""
        self.now = self.now.at(self.now.boottime + seconds)
        self.commander.tick(self.now)

    def see(self, **changes: Any) -> None:
        """The player is seen to be otherwise, a moment later."""
        self.view = replace(self.view, **changes)
        self.later(0.5)

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What has been answered so far."""
        return [json.loads(message.payload) for message in self.line.published]

    def told(self) -> list[tuple[str | None, str]]:
        """Ids and states of the answers so far, in order; the list begins anew."""
        said = [(answer["id"], answer["status"]) for answer in self.answers]
        self.line.published.clear()
        return said
