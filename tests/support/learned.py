"""A kiosk's delivery to a Learning Record Store, stepped by hand: a real store, a real wire, and time as a number."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.delivery.pace import Pace
from agent.delivery.pump import QUIET, Pump
from agent.kernel.activity import Activity
from agent.kernel.events import Closed, Ended, Ending, Event, Loaded, Opened, Playhead, Progressed, Started
from agent.kernel.instants import Instant
from agent.kernel.records import Record
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from agent.sinks.base import Sink
from tests.support.delivery import of_events, open_store
from tests.support.playback import MEDIA, NOW

HOUR = 3600.0
BATCH = 50
TOLD = 6
"""Statements of `play`: play, and progress at 0, 25, 50, 75 and 100 %."""


def play(number: int) -> list[Event]:
    """What a film of a minute is, in the `number`-th hour."""
    began = NOW.boottime + number * HOUR
    head = Playhead(position=0.0, duration=60.0)
    end = Playhead(position=60.0, duration=60.0, played=60.0, segments=((0.0, 60.0),))
    marks = [
        Progressed(began + 60 * part, number, Playhead(60 * part, 60.0), fraction=part) for part in (0.25, 0.5, 0.75)
    ]
    return [
        Opened(began, number, Playhead(), MEDIA),
        Loaded(began + 0.1, number, head),
        Started(began + 0.2, number, head, 0.2),
        *marks,
        Ended(began + 60.0, number, end, complete=True),
        Closed(began + 60.1, number, end, Ending.COMPLETED),
    ]


def after(hours: float) -> Instant:
    """So long after NOW."""
    return NOW.at(NOW.boottime + hours * HOUR)


@dataclass
class Delivering:
    """The log, and a pump for each destination."""

    store: Outbox
    pumps: dict[str, Pump]

    def step(self, name: str, now: Instant) -> None:
        """Until nothing is due soon; what is silent waits a while for company."""
        until = now.boottime + QUIET + 1.0
        for _ in range(200):
            due = self.pumps[name].step(now).next_due
            if due is None or due > until:
                return
            now = now.at(max(due, now.boottime))
        raise AssertionError("the pump does not come to rest")

    def account(self, name: str) -> SinkStatistics:
        """How the destination stands."""
        (found,) = (sink for sink in self.store.statistics().sinks if sink.name == name)
        return found


@contextmanager
def delivering(folder: Path, *sinks: Sink, batch: int = BATCH) -> Iterator[Delivering]:
    """With all of them registered and closed at the end."""
    store = open_store(folder)
    for sink in sinks:
        store.register(sink.name)
    pace = Pace(batch_size=batch, rate=0.0)
    try:
        yield Delivering(store, {sink.name: Pump(store, sink, chance=lambda: 0.5, pace=pace) for sink in sinks})
    finally:
        for sink in sinks:
            sink.close()
        store.close()


def logged(*told: Sequence[Event | Activity]) -> list[Record]:
    """As the main loop appends them."""
    return [record for events in told for record in of_events(events)]  # type: ignore[arg-type]
