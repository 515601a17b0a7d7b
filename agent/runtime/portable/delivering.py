"""Delivering an imported store: the same workers as a kiosk's, and then it is over.

Contract: `deliver` sends what waits in the store, tells how it stands, and returns an outcome when all is delivered,
nothing moves any more for `patience` seconds, or `is_asked_to_stop`. Raises StoreError, UnwantedError (nothing sent).
Rules: URL, credentials and pace are this machine's, all else is as it was frozen on the device (decision 5). Every
destination that events wait for must be on here, for one that is off would pass over them; one that the device did not
have gets nothing. The store is never cut by bounds: what is old must be delivered all the same.
The clock: for the store this is a boot of its own that begins with the import. So the moment of the import bounds what
happened in boots that never saw the time, however long this machine has been running; and nobody waits for a clock
that had its time to be set.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from agent.config.model import Settings
from agent.delivery.dating import CLOCK_PATIENCE
from agent.kernel.instants import Clock, Instant
from agent.outbox.bounds import Bounds
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from agent.runtime.connections import plans
from agent.runtime.crew import Crew
from agent.runtime.destinations import Destinations, destinations

LOOK_EVERY_S = 0.25
END_WITHIN_S = 2.0
UNBOUNDED = Bounds(1 << 40, 1e12)


class UnwantedError(Exception):
    """Events wait for destinations that are not on in this machine's configuration; `names`."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended. `is_done`: nothing waits any more. `why`: what keeps the rest, by destination."""

    is_done: bool
    sinks: tuple[SinkStatistics, ...]
    why: dict[str, str]


class ImportClock:
    """The machine's clock as a boot that begins now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._boot_id = str(uuid4())
        self._began = clock.now().boottime - CLOCK_PATIENCE

    def now(self) -> Instant:
        """The present moment."""
        now = self._clock.now()
        return Instant(self._boot_id, now.boottime - self._began, now.wall, now.synced)


def open_imported(folder: Path, device: str) -> Outbox:
    """The store that `taking.take` made. Raises StoreError."""
    return Outbox.open(folder, device_id=device, hardware_key="", bounds=UNBOUNDED)


def deliver(
    outbox: Outbox,
    settings: Settings,
    clock: Clock,
    *,
    patience: float,
    tell: Callable[[tuple[SinkStatistics, ...]], None],
    is_asked_to_stop: threading.Event,
) -> Outcome:
    """Deliver until it is over; `tell` is called now and then."""
    wanted = {name for name, plan in plans(settings).items() if plan.is_on}
    sinks = outbox.statistics().sinks
    missing = [sink.name for sink in sinks if sink.depth and sink.name not in wanted]
    if missing:
        raise UnwantedError(missing)
    for name in wanted - {sink.name for sink in sinks}:
        outbox.register(name, enabled=False)
    crew = Crew(on_crash=lambda _: is_asked_to_stop.set())
    workers = destinations(settings, outbox, ImportClock(clock))
    workers.start(crew.spawn)
    try:
        return _followed(outbox, workers, patience=patience, tell=tell, stop=is_asked_to_stop)
    finally:
        workers.stop()
        crew.join(END_WITHIN_S)


def _followed(
    outbox: Outbox,
    workers: Destinations,
    *,
    patience: float,
    tell: Callable[[tuple[SinkStatistics, ...]], None],
    stop: threading.Event,
) -> Outcome:
    before: list[int] = []
    moved_at = time.monotonic()
    look = workers.watch()
    while True:
        sinks = outbox.statistics().sinks
        depths = [sink.depth for sink in sinks]
        if depths != before:
            before, moved_at = depths, time.monotonic()
        tell(sinks)
        is_done = not any(depths)
        if is_done or time.monotonic() - moved_at > patience or stop.wait(LOOK_EVERY_S):
            return Outcome(is_done, sinks, {status.sink: status.text for status in workers.standings()})
        look(time.monotonic())
