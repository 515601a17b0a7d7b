"""A kiosk with a backlog and an account: a real store, pump and login, and the collector, on one clock by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agent.delivery.pace import Pace
from agent.delivery.pump import Pump
from agent.delivery.status import SinkState
from agent.kernel.events import Playhead, Started
from agent.kernel.instants import Instant
from agent.outbox.store import Outbox
from agent.sinks.http.client import Timeouts
from agent.sinks.kaltura import sink as stats_collect
from agent.sinks.kaltura.login import Login
from agent.sinks.kaltura.started import StartedSessions
from tests.support.collecting import collecting
from tests.support.delivery import of_events, open_store
from tests.support.playback import BOOT, WALL
from tests.support.sessions import app_token, called, token_login
from tests.support.wires import PATIENT
from tools.standin import fixtures
from tools.standin.server import Collector

EVENTS = 40
STEPS = 3000
UNPACED = Pace(rate=0.0)


class World:
    """The server's clock and the kiosk's boot-time clock run alike; the kiosk's wall clock may say anything."""

    def __init__(self, *, wrong: float = 0.0) -> None:
        self.boottime = 10_000.0
        self.wrong = wrong
        self.fixtures = fixtures.load()

    def server(self) -> float:
        return WALL + self.boottime

    def now(self) -> Instant:
        return Instant(BOOT, self.boottime, self.server() + self.wrong, synced=not self.wrong)

    def token(self, name: str, **changed: object) -> None:
        """The account's owner changes a token."""
        token = app_token(name)
        self.fixtures.tokens[token.ident] = replace(token, **changed)  # type: ignore[arg-type]


@dataclass
class Kiosk:
    """One destination with a backlog."""

    world: World
    collector: Collector
    store: Outbox
    source: StartedSessions
    pump: Pump

    def drain(self, *, seconds: float = 0.0, until: SinkState = SinkState.IDLE) -> None:
        """Step until the destination stands so; a step takes `seconds`, and a wait is waited out."""

        def done() -> bool:
            (sink,) = self.store.statistics().sinks
            return self.pump.status().state is until and (until is not SinkState.IDLE or not sink.depth)

        self._step(done, seconds=seconds)

    def deliver(self, *, seconds: float = 0.0) -> None:
        """Step until more has arrived."""
        before = self.collector.total
        self._step(lambda: self.collector.total > before, seconds=seconds)

    def _step(self, done: Callable[[], bool], *, seconds: float) -> None:
        for _ in range(STEPS):
            step = self.pump.step(self.world.now())
            if done():
                return
            self.world.boottime = max(step.next_due or 0.0, self.world.boottime + seconds)
        raise AssertionError(f"not in time: {self.pump.status()}")

    @property
    def arrived(self) -> list[int]:
        """The events that were logged, by their number in the queue."""
        return [int(event["_request"]["eventId"].split("-")[-2]) for event in self.collector.events]


@contextmanager
def kiosk(
    folder: Path,
    world: World,
    *,
    token: str = "short",
    batch: int = 1,
    login: Login | None = None,
    timeouts: Timeouts = PATIENT,
) -> Iterator[Kiosk]:
    """A kiosk whose backlog waits; its sessions come from an app token that lets them live two minutes.

    `timeouts`: of the login.
    """
    with Collector(clock=world.server, fixtures=world.fixtures) as collector:
        store = open_store(folder)
        store.register(stats_collect.NAME, enabled=True)
        facts = [Started(float(number), number, Playhead(duration=60.0), 0.1) for number in range(1, EVENTS + 1)]
        store.append(of_events(facts))
        source = StartedSessions(
            "app-token",
            login or token_login(collector, token, timeouts=timeouts),
            now=lambda: world.boottime,
            chance=lambda: 0.5,
        )
        sink = collecting(collector.url, session=source, batch=batch)
        try:
            yield Kiosk(world, collector, store, source, Pump(store, sink, chance=lambda: 0.5, pace=UNPACED))
        finally:
            sink.close()
            store.close()


def each_once(agent: Kiosk) -> None:
    """Nothing lost, nothing doubled, nothing overtaken, nothing given up, and no session ended."""
    assert list(range(1, EVENTS + 1)) == agent.arrived
    (sink,) = agent.store.statistics().sinks
    assert (0, 0) == (sink.depth, sink.dead_letters)
    assert "end" not in called(agent.collector)
