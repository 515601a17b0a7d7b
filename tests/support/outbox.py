"""A store in a temporary folder, and records to put into it."""

from pathlib import Path

from agent.kernel.attribution import Attribution
from agent.kernel.instants import Instant
from agent.kernel.records import Priority, Record
from agent.outbox.bounds import Bounds
from agent.outbox.core import Core
from agent.outbox.freezing import Freezing
from agent.outbox.store import Outbox

MEGABYTE = 1024 * 1024
BOOT = "7f3f5a0e-0000-4000-8000-000000000001"
NEXT_BOOT = "7f3f5a0e-0000-4000-8000-000000000002"
WALL = 1_700_000_000.25


def an_instant(
    boottime: float = 100.0, *, boot_id: str = BOOT, wall: float | None = None, synced: bool = True
) -> Instant:
    """A moment; the wall clock runs along with boot-time unless told otherwise."""
    return Instant(boot_id, boottime, WALL + boottime if wall is None else wall, synced)


def an_owner(session: str = "session-1") -> Attribution:
    """An attribution with some optional fields empty."""
    return Attribution("device-001", session, "kiosk://device-001", 102, "0_abcd1234", "file:///srv/media/welcome.mp4")


OWNER = an_owner()


def a_record(
    body: str = "{}",
    *,
    kind: str = "progressed",
    priority: Priority = Priority.PLAY,
    owner: Attribution = OWNER,
    instant: Instant | None = None,
) -> Record:
    """A record that differs from another only where a test says so."""
    return Record(kind, body, priority, owner, an_instant() if instant is None else instant)


def open_outbox(
    folder: Path,
    *,
    total_bytes: int = 4 * MEGABYTE,
    age: float = 90 * 86_400.0,
    device_id: str = "device-001",
    hardware_key: str = "board-1",
) -> Outbox:
    """The store in `folder`, opened as a daemon does it."""
    return Outbox.open(folder, device_id=device_id, hardware_key=hardware_key, bounds=Bounds(total_bytes, age))


def core_of(outbox: Outbox) -> Core:
    """The parts under the facade, for tests of one of them."""
    return outbox._core


def freeze(outbox: Outbox, sequence: int, time: float, *, estimated: bool = False) -> float:
    """Freeze one event's time; the one that is kept."""
    (kept,) = outbox.freeze([Freezing(sequence, time, estimated)])
    return kept
