"""How much the store may keep: bytes and age.

Contract: pure rules about sizes and ages; the deleting is in `agent.outbox.retention`.
Rules: an age counts only between clocks that can be trusted: boot-time seconds of one boot, or two wall times that
were both synchronised. Otherwise the age is unknown, and nothing goes because a clock was wrong.
Reasons: decision 29.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from agent.kernel.instants import Instant

LARGEST_BYTES = 256 * 1024 * 1024
LARGEST_SHARE = 0.05
"""Of the file system: a small card also holds the media."""

SMALLEST_BYTES = 1024 * 1024
"""Below this the bound would be less than the fixed cost of the tables and one batch."""

OLDEST_SECONDS = 90 * 86_400.0

PLAYS_BYTES = 64 * 1024 * 1024
"""The ledger of plays: a year of clips of 30 seconds, by day and night."""

PLAYS_SHARE = 0.01
"""Of the file system."""

PLAYS_SMALLEST = 1024 * 1024
"""Some 16,000 plays."""

PLAYS_SECONDS = 365 * 86_400.0

HIGH_WATER = 0.95
"""`enforce` starts to drop above this share of the bytes, so that an append rarely meets the hard bound itself."""

LOW_WATER = 0.90


@dataclass(frozen=True, slots=True)
class Bounds:
    """`total_bytes`: of the database file; the WAL and the ballast come on top, together under 4 MiB.

    `age`: seconds after which an event is dropped undelivered. `newest_first`: among events of one priority the newest
    make way, not the oldest. `plays_bytes`, `plays_age`: the same of the ledger of plays, whose bytes come on top.
    """

    total_bytes: int
    age: float = OLDEST_SECONDS
    newest_first: bool = False
    plays_bytes: int = 0
    plays_age: float = PLAYS_SECONDS

    def __post_init__(self) -> None:
        if self.total_bytes < SMALLEST_BYTES or self.age <= 0:
            raise ValueError(f"bounds of {self.total_bytes} bytes and {self.age} s are too small")


def default_bounds(folder: Path) -> Bounds:
    """256 MiB or 5 % of the file system that `folder` is on, the smaller. Raises OSError."""
    status = os.statvfs(folder)
    share = int(status.f_blocks * status.f_frsize * LARGEST_SHARE)
    plays = int(status.f_blocks * status.f_frsize * PLAYS_SHARE)
    return Bounds(
        max(SMALLEST_BYTES, min(LARGEST_BYTES, share)), plays_bytes=max(PLAYS_SMALLEST, min(PLAYS_BYTES, plays))
    )


def age_between(then: Instant, now: Instant) -> float | None:
    """Seconds from `then` to `now`; None where no trustworthy clock relates the two."""
    if then.boot_id == now.boot_id:
        return now.boottime - then.boottime
    if then.synced and now.synced:
        return now.wall - then.wall
    return None
