"""A kiosk whose player and service are pretended, and whose time is a number: everything between is the agent's own.

Contract: `Pretended(folder, media, start, durability_s=…)` opens a store in `folder`; `hear` is what the player host
says of the medium that was loaded last, `step` lets all of it come to a moment. `commits` counts SQLite's commits.
Rules: the service takes each message, one a step, as the delivery's thread would send it.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from agent.delivery.pace import Pace
from agent.delivery.pump import Pump
from agent.kernel import codec
from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.milestones import QUARTILES
from agent.kernel.records import StoredEvent
from agent.kernel.rotation import Rotation
from agent.kernel.signals import Signal
from agent.kernel.verdict import Delivered, Later, ServerTime, Verdict
from agent.outbox.bounds import Bounds
from agent.outbox.store import Outbox
from agent.player import wire
from agent.player.director import Director
from agent.player.items import Item, Screen
from agent.player.reports import Heard, HostReady
from agent.player.surroundings import Surroundings
from agent.runtime.journal import Journal
from agent.runtime.loop import Letter, MainLoop, sample_kind
from agent.runtime.mailbox import Mailbox
from agent.runtime.recorder import Profile, Recorder
from agent.runtime.recovery import recover, restore_tracker
from agent.sinks.base import Message, Outgoing, Projection
from agent.sinks.kaltura import projection
from agent.sinks.kaltura.semantics import Semantics

BOUND_BYTES = 64 * 1024 * 1024
NAME = "stats.collect"


class Taker:
    """stats.collect's projection before a service that takes everything."""

    name = NAME
    batch = 100

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None) -> Projection:
        """As the real one."""
        fact = codec.decode(event.kind, event.body)
        return projection.project(state, event, fact, time=time, semantics=Semantics.GUIDE)

    def send(self, message: Message, *, attempt: int) -> Verdict:
        """Taken."""
        return Delivered()

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict]:
        """All taken."""
        return [Delivered() for _ in messages]

    def ask_time(self) -> ServerTime | Later:
        """It tells none."""
        return ServerTime(None)

    def close(self) -> None:
        """Nothing is open."""


class Line:
    """The line to a player host that takes every command."""

    def __init__(self) -> None:
        self.loaded = 0

    def send(self, command: wire.Command) -> bool:
        """Note which medium is wanted."""
        if isinstance(command, wire.Load):
            self.loaded = command.medium
        return True


class Box(Mailbox[Letter]):
    """A mailbox that nobody waits at."""

    def take(self, timeout: float | None) -> list[Letter]:
        """What is there."""
        return super().take(0)


class Moved:
    """A clock that is moved by hand."""

    def __init__(self, start: Instant) -> None:
        self.instant = start

    def now(self) -> Instant:
        """The moment to which it was moved last."""
        return self.instant


class Pretended:
    """The kiosk."""

    def __init__(self, folder: Path, media: Sequence[Media], start: Instant, *, durability_s: float) -> None:
        self.outbox = Outbox.open(folder, device_id="bench", hardware_key="bench", bounds=Bounds(BOUND_BYTES))
        self.outbox.register(NAME)
        self._clock, self._box, self._line = Moved(start), Box(sample_kind), Line()
        self._played = self._number = 0
        self.acknowledged = 0
        recorder = Recorder(self.outbox.generation, Profile("bench", "kiosk://bench", 102, None, None, "bench"))
        tracker = restore_tracker(self.outbox, QUARTILES)
        director = Director(
            [Item(each) for each in media],
            Rotation((), loop=True, shuffle=False, seed="bench"),
            link=self._line,
            screen=Screen(),
            around=Surroundings(
                may_play=lambda _: True, closes_in=lambda _: None, may_exist=lambda _: True, tell=lambda _: None
            ),
            boot=start.boot_id,
        )
        journal = Journal(
            self.outbox,
            recorder,
            tracker,
            director,
            wake=self._wake,
            now=start,
            recovered=recover(self.outbox, tracker, recorder),
            durability_s=durability_s,
        )
        self._loop = MainLoop(
            clock=self._clock,
            mailbox=self._box,
            journal=journal,
            tracker=tracker,
            director=director,
            acknowledge=self._acknowledge,
            answer=lambda request: {},
        )
        self._pump = Pump(self.outbox, Taker(), chance=lambda: 0.5, pace=Pace(rate=0.0))
        self._pump_due: float | None = start.boottime
        self.commits = 0
        connection = self.outbox._core.database.conn
        connection.set_trace_callback(self._count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.outbox.close()

    def _count(self, statement: str) -> None:
        self.commits += statement == "COMMIT"

    def _acknowledge(self, run: int, number: int) -> None:
        self.acknowledged = number

    def _wake(self) -> None:
        self._pump_due = self._clock.instant.boottime

    def ready(self) -> None:
        """The player host says hello."""
        now = self._clock.instant.boottime
        self._box.put(HostReady(now, 1, 4711, "3.0", ()))
        self._loop.step()

    def wants_next(self) -> bool:
        """Whether a medium was loaded that has not been played yet."""
        if self._line.loaded == self._played:
            return False
        self._played = self._line.loaded
        return True

    def hear(self, said: Signal | wire.MediumSet) -> None:
        """The player says that of the medium that plays."""
        self._number += 1
        self._box.put(Heard(1, self._number, self._played, said))

    def step(self, boottime: float) -> None:
        """It is `boottime`; the main loop steps, and delivery once if something is due."""
        self._clock.instant = self._clock.instant.at(boottime)
        self._loop.step()
        if self._pump_due is not None and self._pump_due <= boottime:
            self._pump_due = self._pump.step(self._clock.instant).next_due
