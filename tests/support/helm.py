"""The broker's side of an agent, moved by hand: real files and rules, a line that notes, a world that is told.

A `Helm` is one life of the program on its folder; another `Helm` on the same folder is the next start, after a SIGKILL
unless `Documents.end` was called: what it finds is what was durable.
"""

import errno
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from agent.config.files import Loaded
from agent.kernel.instants import Instant
from agent.remote import durable
from agent.remote.letters import Arrived
from agent.remote.line import Outgoing
from agent.remote.topics import Fleet, Level, Topics
from agent.remote.trial import PLAYER
from agent.runtime.reconfigure import BROKER, renewed
from agent.runtime.steering.begin import begin
from agent.runtime.steering.documents import Documents
from agent.runtime.steering.health import Coming, Health
from tests.support.configuration import SMALLEST, write
from tests.support.outbox import BOOT, an_instant

DEVICE = "device-001"
TOPICS = Topics("kiosk")
COLLECT, TRACK = "stats.collect", "trackEvent"
REMOTE = """\
[remote]
url = "mqtt://broker.example.com"
groups = ["lobby"]
allow = ["kaltura.service_url", "track_event", "remote.url", "remote.user", "player.vlc_options", "kaltura.user_id"]
"""


@dataclass
class NotedLine:
    """A connection that notes what it is asked for."""

    published: list[Outgoing] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    topics: Sequence[str] = ()

    def publish(self, message: Outgoing) -> None:
        self.published.append(message)

    def acknowledge(self, run: int, mid: int, qos: int) -> None:
        self.acknowledged.append(mid)

    def subscribe(self, topics: Sequence[str]) -> None:
        self.topics = tuple(topics)


@dataclass
class Service:
    """One destination's: `answers` None: it was never tried."""

    answers: bool | None = True
    times: int = 1
    is_new: bool = False


class World:
    """What is on, and what works. `route`: there is a default route. All of it may be changed at any time."""

    def __init__(self, *on: str) -> None:
        self.services = {name: Service() for name in on or (COLLECT,)}
        self.player = Coming(True, 1)
        self.broker = Coming(True, 1, 0.0)
        self.route = True
        self.hurried = 0
        self.probed: list[tuple[str, float]] = []
        self.now = 0.0

    def up(self, name: str) -> bool:
        found = self.services.get(name)
        return found is not None and found.answers is True

    def works(self, name: str) -> bool:
        return self.up(name)

    def tries(self, name: str) -> int:
        found = self.services.get(name)
        return 0 if found is None or found.answers is None else found.times

    def answers(self, name: str) -> int:
        found = self.services.get(name)
        return found.times if found is not None and found.answers else 0

    def probe(self, name: str, until: float) -> None:
        self.probed.append((name, until))

    def passes(self, now: float) -> None:
        """It is `now`: whoever works has just answered."""
        self.now = now
        for service in self.services.values():
            service.times += 1
        if self.broker.is_there:
            self.broker = replace(self.broker, heard=now)

    def made_anew(self, names: Iterable[str], *, works: bool) -> None:
        """These connections are new ones, and come back or do not."""
        for name in names:
            if name == PLAYER:
                self.player = Coming(works, self.player.times + 1)
            elif name == BROKER:
                self.broker = Coming(works, self.broker.times + works, self.now)
            else:
                self.services[name].answers = works

    def health(self, *, rebooted: bool = False) -> Health:
        return Health(
            self,
            on=lambda: list(self.services),
            player=lambda: self.player,
            broker=lambda: self.broker,
            has_route=lambda: self.route,
            hurry=self._hurry,
            rebooted=rebooted,
        )

    def _hurry(self) -> None:
        self.hurried += 1


class Disk:
    """In the place of agent.remote.durable.write. `is_full` at first."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.is_full = True
        self.written = 0
        self._write = durable.write
        patch.setattr(durable, "write", self)

    def __call__(self, path: Path, content: bytes) -> None:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._write(path, content)
        self.written += 1


def service(helm: "Helm") -> str:
    """The host of the service in force."""
    return str(urlsplit(helm.loaded.settings.kaltura.service_url).netloc)


class Helm:
    """`more`: further lines of the machine's file. `works`: whether what a change makes anew comes back.

    `steps`: what happened, in order: "stored", "acknowledged 7", "applied".
    """

    def __init__(
        self, folder: Path, world: World | None = None, *, now: Instant | None = None, file: str = REMOTE + SMALLEST
    ) -> None:
        self.world = world or World()
        self.state = folder / "state"
        self.state.mkdir(exist_ok=True)
        self.now = now or an_instant(1000.0, boot_id=BOOT)
        self.works = True
        self.steps: list[str] = []
        self.line = NotedLine()
        self.applied: list[Loaded] = []
        self.reports = 0
        self._mid = 0
        begun = begin(write(folder, file), self.state, self.now)
        begun.keep()
        assert begun.vault is not None and begun.stored is not None
        self.began_with = begun.loaded
        self.vault = begun.vault
        self.documents = Documents(
            begun.vault,
            begun.stored,
            begun.judge,
            loaded=begun.loaded,
            line=self.line,
            health=self.world.health(rebooted=begun.rebooted),
            apply=self._apply,
            listen=lambda levels: self.line.subscribe([TOPICS.desired(level) for level in levels]),
            changed=self._changed,
        )

    def _apply(self, loaded: Loaded, now: Instant) -> None:
        before = self.applied[-1] if self.applied else self.began_with
        names = renewed(before.settings, loaded.settings)
        self.applied.append(loaded)
        self.world.made_anew(names, works=self.works)

    def _changed(self) -> None:
        self.reports += 1

    @property
    def loaded(self) -> Loaded:
        """What is in force."""
        return self.documents.loaded

    @property
    def volume(self) -> int:
        return self.loaded.settings.player.volume

    @property
    def report(self) -> dict[str, Any]:
        """What is reported of the documents."""
        stored = self.documents.stored
        return stored.desired.report(on_trial=stored.trial is not None)

    def level(self, level: Level = Fleet()) -> dict[str, Any]:  # noqa: B008  a value
        """What is reported of a level."""
        found: dict[str, Any] = self.report["levels"][str(level)]
        return found

    def give(self, level: Level, payload: bytes) -> None:
        """It arrives."""
        self._mid += 1
        letter = Arrived(1, self._mid, 1, TOPICS.desired(level), payload, retained=True)
        self.documents.take([(level, letter)], self.now)

    def want(self, revision: int, config: Mapping[str, Any], level: Level = Fleet(), **more: Any) -> None:  # noqa: B008
        """A document arrives."""
        self.give(level, json.dumps({"revision": revision, "config": config, **more}).encode())

    def passes(self, seconds: float, *, step: float = 0.5) -> None:
        """Time passes, and the main loop steps."""
        for _ in range(round(seconds / step)):
            self.now = self.now.at(self.now.boottime + step)
            self.world.passes(self.now.boottime)
            self.documents.tick(self.now)

    def settle(self, revision: int, config: Mapping[str, Any], level: Level = Fleet(), **more: Any) -> None:  # noqa: B008
        """A document arrives and is judged."""
        self.want(revision, config, level, **more)
        self.passes(1.0)

    @property
    def is_on_trial(self) -> bool:
        return self.documents.stored.trial is not None
