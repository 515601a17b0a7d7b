"""A real store with events in it, for the tests of delivery."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agent.kernel import codec
from agent.kernel.attribution import Attribution
from agent.kernel.events import Event
from agent.kernel.instants import Instant
from agent.kernel.records import Priority, Record
from agent.outbox.bounds import Bounds
from agent.outbox.store import Outbox
from tests.support.playback import BOOT, NOW, WALL, owner


def open_store(folder: Path) -> Outbox:
    """The store in `folder`."""
    return Outbox.open(folder, device_id="device-001", hardware_key="k", bounds=Bounds(8 * 1024 * 1024))


def moment(boottime: float, *, boot_id: str = BOOT, synced: bool = True) -> Instant:
    """An instant of the tests' boot."""
    return Instant(boot_id, boottime, WALL + boottime, synced)


def later(seconds: float) -> Instant:
    """So long after NOW."""
    return NOW.at(NOW.boottime + seconds)


def record(kind: str, *, at: float = 1.0, synced: bool = True, attribution: Attribution | None = None) -> Record:
    """An event of no particular content."""
    return Record(kind, "{}", Priority.PLAY, attribution or owner(), moment(at, synced=synced))


def records(*kinds: str) -> list[Record]:
    """One event of each kind, a second apart."""
    return [record(kind, at=float(second)) for second, kind in enumerate(kinds, start=1)]


def of_events(events: Sequence[Event]) -> list[Record]:
    """Events as the main loop appends them."""
    made = []
    for event in events:
        kind, body = codec.encode(event)
        made.append(Record(kind, body, codec.priority(event), owner(event.session), moment(event.at)))
    return made


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self, instant: Instant = NOW) -> None:
        self.instant = instant

    def now(self) -> Instant:
        return self.instant

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.instant = replace(self.instant, boottime=self.instant.boottime + seconds, wall=self.instant.wall + seconds)
