"""Plays for the ledger."""

from pathlib import Path
from typing import Any
from uuid import UUID

from agent.kernel.display import Shown
from agent.kernel.events import Ending
from agent.kernel.plays import ChainFault, Play, PlayFacts, Verified
from agent.kernel.records import Record
from agent.outbox.bounds import Bounds
from agent.outbox.store import Outbox
from tests.support.outbox import BOOT, MEGABYTE, a_record, an_instant

SINK = "stats.collect"


def a_play(number: int = 1, **but: Any) -> PlayFacts:
    """The facts of a play of thirty seconds; `last` is the store's to say."""
    facts: dict[str, Any] = {
        "session": str(UUID(int=number)),
        "item": f"/srv/media/clip-{number % 3}.mp4",
        "entry_id": f"0_entry00{number % 3}",
        "boot_id": BOOT,
        "began": 100.0 + 30 * number,
        "ended": 130.0 + 30 * number,
        "is_started": True,
        "played": 29.96,
        "duration": 30.0,
        "is_complete": True,
        "ending": Ending.COMPLETED,
        "shown": Shown.ON,
        "dark_s": 0.0,
        "is_left_out": False,
        "last": 0,
    }
    return PlayFacts(**{**facts, **but})


def its_end(facts: PlayFacts, *, synced: bool = True) -> Record:
    """The event that ends the play."""
    record = a_record(kind="closed", instant=an_instant(facts.ended, boot_id=facts.boot_id, synced=synced))
    return Record(record.kind, record.body, record.priority, record.attribution, record.instant, facts)


def play(outbox: Outbox, first: int, last: int | None = None) -> None:
    """Append plays of these numbers, each with its end alone."""
    for number in range(first, (first if last is None else last) + 1):
        outbox.append([its_end(a_play(number))])


def a_store(folder: Path, *, plays_bytes: int = 4 * MEGABYTE, plays_age: float = 365 * 86_400.0) -> Outbox:
    """A store with bounds of its own for the ledger."""
    bounds = Bounds(4 * MEGABYTE, plays_bytes=plays_bytes, plays_age=plays_age)
    return Outbox.open(folder, device_id="device-001", hardware_key="board-1", bounds=bounds)


def all_plays(outbox: Outbox) -> list[Play]:
    """All that the ledger keeps, read as a report reads it."""
    found: list[Play] = []
    while more := outbox.plays(found[-1].number if found else 0, 100):
        found += more
    return found


def faults(outbox: Outbox) -> list[ChainFault]:
    """What a verification of everything finds."""
    seen = Verified()
    while not seen.is_over:
        seen = outbox.verify_plays_slice(seen)
    return list(seen.faults)
