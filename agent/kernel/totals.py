"""Adds plays up.

Contract: `Totals` of plays add to the `Totals` of all of them, in any order and over any slicing; `Grouped` holds them
by any of the `By`s that it was made for. Pure values in, values out.
Rules: times are whole milliseconds inside, since only integers add up exactly. Each play counts once, on the local day
on which it began, also where it went on past midnight. It ended in exactly one way: completed, where the end of its
content was reached by playing, whatever came after; else ended (live, or a part only), stopped, interrupted, skipped or
failed. `delivered`: all of its destinations have all of it; by destination besides.
Reasons: the sum of the parts must equal the whole, on a device and over a fleet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from operator import add, attrgetter
from typing import Any, Final

from agent.kernel.display import Shown
from agent.kernel.events import Ending
from agent.kernel.plays import Play


class By(Enum):
    """What plays are told apart by. SITE and DEVICE: over a fleet, which adds them to what each device tells."""

    ENTRY = "entry"
    ITEM = "item"
    DAY = "day"
    DISPLAY = "display"
    SITE = "site"
    DEVICE = "device"


OF_A_DEVICE: Final = (By.ENTRY, By.ITEM, By.DAY, By.DISPLAY)

Key = tuple[str | None, ...]
"""One text for each `By`; None: the play has none, as an item that is not reported has no entry."""

_OUTCOMES: Mapping[Ending, str] = {
    Ending.COMPLETED: "ended",
    Ending.STOPPED: "stopped",
    Ending.INTERRUPTED: "interrupted",
    Ending.SKIPPED: "skipped",
    Ending.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of plays, and milliseconds. `ms`: of media that were watched; `dark_ms`: while the screen was seen off.

    `started`: there was a picture. `estimated`: the time is bounded and not known. `display_off`: the screen was seen
    off all the while. `left_out`: no destination was told, by the policy for dark screens. `sinks`: delivered to each.
    """

    plays: int = 0
    started: int = 0
    completed: int = 0
    ended: int = 0
    stopped: int = 0
    interrupted: int = 0
    skipped: int = 0
    failed: int = 0
    ms: int = 0
    estimated: int = 0
    display_off: int = 0
    dark_ms: int = 0
    left_out: int = 0
    delivered: int = 0
    sinks: Mapping[str, int] = field(default_factory=dict, kw_only=True)

    def __add__(self, other: "Totals") -> "Totals":
        sinks = dict(self.sinks)
        for name, count in other.sinks.items():
            sinks[name] = sinks.get(name, 0) + count
        return Totals(*map(add, _numbers(self), _numbers(other)), sinks=sinks)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The values of `COLUMNS`."""
        found: tuple[int, ...] = _numbers(self)
        return found


COLUMNS: Final = tuple(each.name for each in fields(Totals) if each.name != "sinks")
_numbers = attrgetter(*COLUMNS)
NOTHING: Final = Totals()
# Far beyond any ledger, in milliseconds too: a number of a hostile device's that is larger is none.
_MOST = 1 << 53
_MOST_SINKS = 16
LONGEST_NAME: Final = 500
"""Of an item in a report: an address may be longer than what anybody reads."""


def _counts(play: Play) -> list[int]:
    """The values of `COLUMNS`."""
    facts = play.facts
    outcome = "completed" if facts.is_complete else _OUTCOMES[facts.ending]
    named = {
        "plays": 1,
        "started": int(facts.is_started),
        outcome: 1,
        "ms": _ms(facts.played),
        "estimated": int(play.is_estimated),
        "display_off": int(facts.shown is Shown.OFF),
        "dark_ms": _ms(facts.dark_s),
        "left_out": int(facts.is_left_out),
        "delivered": int(bool(play.delivered) and all(each.at is not None for each in play.delivered)),
    }
    return [named.get(name, 0) for name in COLUMNS]


def key_of(play: Play, by: Iterable[By], day: str) -> Key:
    """Where the play is counted; an item by the beginning of its name. `day`: the local day on which it began."""
    values = {
        By.ENTRY: play.facts.entry_id,
        By.ITEM: play.facts.item[:LONGEST_NAME],
        By.DAY: day,
        By.DISPLAY: play.facts.shown.value,
    }
    return tuple(values[each] for each in by)


class Grouped:
    """Totals by the keys `by`."""

    def __init__(self, by: Iterable[By]) -> None:
        self.by = tuple(by)
        # A list a row, added to in place: a ledger has a million lines.
        self._sums: dict[Key, tuple[list[int], dict[str, int]]] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._sums

    def __len__(self) -> int:
        return len(self._sums)

    @property
    def rows(self) -> dict[Key, Totals]:
        """All of them."""
        return {key: Totals(*numbers, sinks=sinks) for key, (numbers, sinks) in self._sums.items()}

    @property
    def whole(self) -> Totals:
        """Their sum."""
        return sum(self.rows.values(), NOTHING)

    def add(self, key: Key, totals: Totals) -> None:
        """Count them there."""
        self._add(key, totals.numbers, totals.sinks)

    def add_play(self, key: Key, play: Play) -> None:
        """Count one play there."""
        self._add(key, _counts(play), {each.sink: int(each.at is not None) for each in play.delivered})

    def ordered(self) -> list[tuple[Key, Totals]]:
        """The rows in the order of their keys; what has none first."""
        return sorted(self.rows.items(), key=lambda row: [each or "" for each in row[0]])

    def plain(self) -> list[Any]:
        """As it travels; `read_grouped` is the inverse."""
        return [[list(key), list(numbers), dict(sinks)] for key, (numbers, sinks) in self._sums.items()]

    def _add(self, key: Key, numbers: Iterable[int], sinks: Mapping[str, int]) -> None:
        found = self._sums.get(key)
        if found is None:
            self._sums[key] = (list(numbers), dict(sinks))
            return
        found[0][:] = map(add, found[0], numbers)
        for name, count in sinks.items():
            found[1][name] = found[1].get(name, 0) + count


def read_grouped(by: Iterable[By], rows: Any) -> Grouped:
    """What `Grouped.plain` made, from whoever sent it. Raises ValueError for anything else."""
    found = Grouped(by)
    if not isinstance(rows, list):
        raise ValueError("no rows")
    for row in rows:
        if not isinstance(row, list) or len(row) != 3:
            raise ValueError("no row")
        key, numbers, sinks = row
        if not isinstance(key, list) or len(key) != len(found.by) or not all(_is_text(each) for each in key):
            raise ValueError("a key of other columns")
        if tuple(key) in found:
            raise ValueError("a key that stands there twice")
        found.add(tuple(key), _read_totals(numbers, sinks))
    return found


def _read_totals(numbers: Any, sinks: Any) -> Totals:
    """One row's numbers. Raises ValueError for anything else."""
    if not isinstance(numbers, list) or len(numbers) != len(COLUMNS) or not all(map(_is_count, numbers)):
        raise ValueError("other columns")
    if not isinstance(sinks, dict) or len(sinks) > _MOST_SINKS or not all(map(_is_count, sinks.values())):
        raise ValueError("no destinations")
    return Totals(*numbers, sinks=dict(sinks))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


def _is_text(value: object) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= LONGEST_NAME)


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))
