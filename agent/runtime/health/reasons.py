"""Why a kiosk is not fine, as values; and how a status is read whose parts may be missing.

Contract: values, and pure functions that answer None, or something empty, where the status does not say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Part = Mapping[str, Any]


class Verdict(Enum):
    """How a kiosk is; the words that machines read."""

    FINE = "fine"
    DEGRADED = "degraded"
    FAILING = "failing"

    @property
    def rank(self) -> int:
        """The larger, the worse."""
        return tuple(Verdict).index(self)


class Kind(Enum):
    """What can be wrong, the worst first; the words that machines read, and a label of the metrics."""

    NO_PLAYER = "no-player"
    NOT_PLAYING = "not-playing"
    FROZEN = "frozen"
    STALLED = "stalled"
    DARK_SCREEN = "dark-screen"
    STORE = "store"
    DISK_FULL = "disk-full"
    HELD = "held"
    SESSION = "session"
    SAFE_MODE = "safe-mode"
    BOOKS = "books"
    QUEUE_NEAR_BOUND = "queue-near-bound"
    PAUSED = "paused"
    STOPPED = "stopped"
    PLAYER_RESTARTS = "player-restarts"
    OFFLINE = "offline"
    DEAD_LETTERS = "dead-letters"
    VOLATILE = "volatile"
    CLOCK = "clock"
    BROKER = "broker"
    DUPLICATE = "duplicate-identity"
    CONFIGURATION = "configuration"
    INTAKE = "intake"
    UNDER_VOLTAGE = "under-voltage"
    HOT = "hot"
    LITTLE_DISK = "little-disk"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong. `remedy`: what a person can do about it, whole sentences or a command."""

    verdict: Verdict
    kind: Kind
    text: str
    remedy: str


def failing(kind: Kind, text: str, remedy: str) -> Reason:
    return Reason(Verdict.FAILING, kind, text, remedy)


def degraded(kind: Kind, text: str, remedy: str) -> Reason:
    return Reason(Verdict.DEGRADED, kind, text, remedy)


def part(tree: Part, name: str) -> Part:
    """The table `name`."""
    found = tree.get(name)
    return found if isinstance(found, Mapping) else {}


def parts(tree: Part, name: str) -> list[Part]:
    """The tables in the list `name`."""
    found = tree.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list | tuple) else []


def number(tree: Part, name: str) -> float | None:
    """The number `name`."""
    found = tree.get(name)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def text(tree: Part, name: str) -> str | None:
    """The text `name`, where it says something."""
    found = tree.get(name)
    return found if isinstance(found, str) and found else None


def duration(seconds: float) -> str:
    """How long, in one unit: `40 s`, `3 min`, `5 h`, `2 days`."""
    for unit, name in ((172_800.0, "days"), (7_200.0, "h"), (120.0, "min")):
        if seconds >= unit:
            return f"{seconds / {'days': 86_400, 'h': 3_600, 'min': 60}[name]:.0f} {name}"
    return f"{max(seconds, 0.0):.0f} s"
